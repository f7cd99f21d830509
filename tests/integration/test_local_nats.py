"""What each NATS user of the local stack may and may not do, tried against the real server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import nats
import pytest
from nats.aio.msg import Msg
from nats.errors import NoRespondersError
from nats.js.errors import BadRequestError

from landbuch.local.errors import StackError
from landbuch.local.nats import NatsServers, create_turns, write_configuration
from landbuch.local.nats_accounts import SERVICES, USERS
from tests.integration.local_nats import BOOK, Server

DESTRUCTIVE = {
    "update": ("$JS.API.STREAM.UPDATE.{book}", {"max_msgs": 1, "discard": "old"}),
    "delete": ("$JS.API.STREAM.DELETE.{book}", None),
    "purge": ("$JS.API.STREAM.PURGE.{book}", None),
    "delete a message": ("$JS.API.STREAM.MSG.DELETE.{book}", {"seq": 1}),
    "restore over it": ("$JS.API.STREAM.RESTORE.{book}", {}),
    "move its leader": ("$JS.API.STREAM.LEADER.STEPDOWN.{book}", None),
    "delete the bucket of turns": ("$JS.API.STREAM.DELETE.KV_TURNS", None),
    "purge the account": ("$JS.API.ACCOUNT.PURGE.BOOKS", None),
    "ask the system account": ("$SYS.REQ.SERVER.PING", None),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with NatsServers(tmp_path_factory.mktemp("nats")) as servers:
        yield Server(servers)


async def test_the_operator_creates_a_book_and_cannot_change_it_by_creating_it_again(server: Server) -> None:
    canton = await server.book()
    async with server.as_user("operator") as operator:
        name = f"BOOK-{canton}"
        loosened = BOOK | {"name": name, "subjects": [f"book.{canton}.>"], "deny_delete": False, "max_msgs": 1}
        answer = await operator.ask(f"$JS.API.STREAM.CREATE.{name}", loosened)
        assert answer["error"]["err_code"] == 10058
        info = await operator.ask(f"$JS.API.STREAM.INFO.{name}")
        assert (info["config"]["deny_delete"], info["config"]["max_msgs"]) == (True, -1)


@pytest.mark.parametrize("deed", DESTRUCTIVE)
@pytest.mark.parametrize("user", USERS)
async def test_nobody_may_destroy_anything(server: Server, user: str, deed: str) -> None:
    subject, body = DESTRUCTIVE[deed]
    async with server.as_user(user) as somebody:
        assert await somebody.is_forbidden(subject.format(book="BOOK-XX"), body)


@pytest.mark.parametrize("user", [user for user in USERS if user != "operator"])
async def test_only_the_operator_creates_streams(server: Server, user: str) -> None:
    async with server.as_user(user) as somebody:
        assert await somebody.is_forbidden("$JS.API.STREAM.CREATE.BOOK-XX", BOOK)


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_appends_under_its_own_name_only(server: Server, service: str) -> None:
    canton = await server.book()
    (other,) = set(SERVICES) - {service}
    async with server.as_user(service) as writer:
        await writer.nc.jetstream().publish(f"book.{canton}.KIP3.{service}.CreditApproved", b"own")
        assert await writer.is_forbidden(f"book.{canton}.KIP3.{other}.CreditApproved")
        assert await writer.is_forbidden(f"book.{canton}.KIP3.{service}.Credit.Approved")
    assert await server.stored(canton) == [(f"book.{canton}.KIP3.{service}.CreditApproved", b"own")]


async def test_an_append_is_stored_without_headers_of_the_servers(server: Server) -> None:
    canton = await server.book()
    async with server.as_user("ledger") as ledger:
        stream = ledger.nc.jetstream()
        await stream.publish(f"book.{canton}._.ledger.X", b"x")
        assert (await stream.get_msg(f"BOOK-{canton}", 1)).headers is None


@pytest.mark.parametrize("user", ["operator", "client", "reader", "reporting"])
async def test_others_append_nothing(server: Server, user: str) -> None:
    async with server.as_user(user) as somebody:
        for service in (*SERVICES, user):
            assert await somebody.is_forbidden(f"book.BL._.{service}.CreditApproved")


@pytest.mark.parametrize("user", ["operator", "client", "reader", "reporting"])
async def test_only_services_touch_the_turns(server: Server, user: str) -> None:
    async with server.as_user(user) as somebody:
        assert await somebody.is_forbidden("$KV.TURNS.BL")


@pytest.mark.parametrize("user", ["operator", "reader", "reporting"])
async def test_who_reads_or_operates_commands_nothing(server: Server, user: str) -> None:
    async with server.as_user(user) as somebody:
        assert await somebody.is_forbidden("command.ledger.BL.ApproveCredit")
        assert await somebody.is_forbidden("query.ledger.BL.head")


async def test_a_service_asks_others_but_commands_nobody(server: Server) -> None:
    async with server.as_user("agreements") as agreements:
        assert await agreements.is_forbidden("command.ledger.BL.ApproveCredit")
        assert not await agreements.is_forbidden("query.ledger.BL.head")


@pytest.mark.parametrize("user", USERS)
async def test_nobody_hears_what_is_meant_for_others(server: Server, user: str) -> None:
    foreign = {
        "operator": "command.ledger.>",
        "client": "command.ledger.>",
        "reader": "command.ledger.>",
        "reporting": "command.ledger.>",
        "ledger": "command.agreements.>",
        "agreements": "command.ledger.>",
    }
    other = "ledger" if user != "ledger" else "client"
    async with server.as_user(user) as somebody:
        for subject in (foreign[user], f"_INBOX_{other}.>", ">", "$SYS.>"):
            somebody.complaints.clear()
            await somebody.nc.subscribe(subject)
            await somebody.nc.flush()
            await asyncio.sleep(0.05)
            assert any("permissions violation for subscription" in said for said in somebody.complaints), subject


@pytest.mark.parametrize("given", [{}, {"user": "ledger", "password": "guessed"}, {"user": "sys", "password": ""}])
async def test_who_has_no_pass_word_is_not_let_in(server: Server, given: dict[str, str]) -> None:
    async def quiet(_: Exception) -> None: ...

    with pytest.raises(nats.errors.Error, match="Authorization Violation"):
        await nats.connect(server.servers.urls, allow_reconnect=False, error_cb=quiet, **given)


async def test_a_client_commands_and_the_service_answers(server: Server) -> None:
    async with server.as_user("client") as client, server.as_user("ledger") as ledger:
        with pytest.raises(NoRespondersError):  # at once, not after a time limit
            await client.nc.request("command.ledger.BL.ApproveCredit", b"{}", timeout=5)

        async def answer(message: Msg) -> None:
            await message.respond(b'{"outcome":"accepted"}')

        await ledger.nc.subscribe("command.ledger.>", queue="ledger", cb=answer)
        await ledger.nc.flush()
        assert await client.ask("command.ledger.BL.ApproveCredit", {}) == {"outcome": "accepted"}


@pytest.mark.parametrize("user", ["ledger", "agreements", "reader"])
async def test_books_are_read_by_position_in_batches_and_by_consumers(server: Server, user: str) -> None:
    canton = await server.book()
    async with server.as_user("ledger") as ledger:
        for i in range(3):
            await ledger.nc.jetstream().publish(f"book.{canton}._.ledger.X", str(i).encode())
    async with server.as_user(user) as somebody:
        stream = somebody.nc.jetstream()
        assert (await stream.get_msg(f"BOOK-{canton}", 2)).data == b"1"
        assert (await stream.get_msg(f"BOOK-{canton}", 2, direct=True)).data == b"1"

        inbox = somebody.nc.new_inbox()
        batch = await somebody.nc.subscribe(inbox)
        wanted = {"seq": 1, "batch": 10, "next_by_subj": ">"}
        await somebody.nc.publish(f"$JS.API.DIRECT.GET.BOOK-{canton}", json.dumps(wanted).encode(), reply=inbox)
        assert [(await batch.next_msg(timeout=5)).data for _ in range(4)] == [b"0", b"1", b"2", b""]

        pulled = await stream.pull_subscribe(f"book.{canton}.>", stream=f"BOOK-{canton}")
        assert [message.data for message in await pulled.fetch(3, timeout=5)] == [b"0", b"1", b"2"]

        pushed = await stream.subscribe(f"book.{canton}.>", stream=f"BOOK-{canton}", ordered_consumer=True)
        assert [(await pushed.next_msg(timeout=5)).data for _ in range(3)] == [b"0", b"1", b"2"]
        assert somebody.complaints == []


async def test_a_batch_is_appended_atomically_and_guarded(server: Server) -> None:
    canton = await server.book()
    async with server.as_user("ledger") as ledger:

        async def append(identity: str, guard: int) -> dict[str, Any]:
            answers = []
            for i in (1, 2, 3):
                headers = {"Nats-Batch-Id": identity, "Nats-Batch-Sequence": str(i)}
                headers |= {"Nats-Expected-Last-Sequence": str(guard)} if i == 1 else {}
                headers |= {"Nats-Batch-Commit": "1"} if i == 3 else {}
                answers.append(await ledger.nc.request(f"book.{canton}._.ledger.X", b"x", headers=headers, timeout=5))
            said: dict[str, Any] = json.loads(answers[-1].data)
            return said

        assert (await append("one", 0))["seq"] == 3
        assert (await append("two", 0))["error"]["err_code"] == 10071
    assert len(await server.stored(canton)) == 3


async def test_turns_are_passed_between_services_and_watched(server: Server) -> None:
    async with server.as_user("ledger") as ledger, server.as_user("agreements") as agreements:
        hers = await ledger.nc.jetstream().key_value("TURNS")
        his = await agreements.nc.jetstream().key_value("TURNS")
        watched = await his.watch("XX")
        revision = await hers.put("XX", b"ledger")
        assert (await his.get("XX")).value == b"ledger"
        await his.update("XX", b"agreements", last=revision)
        with pytest.raises(BadRequestError):
            await hers.update("XX", b"ledger", last=revision)
        seen: list[bytes | None] = []
        async with asyncio.timeout(5):
            while len(seen) < 2:
                entry = await watched.updates(timeout=5)  # type: ignore[no-untyped-call]
                if entry is not None:
                    seen.append(entry.value)
        assert seen == [b"ledger", b"agreements"]


def test_every_append_reaches_the_disk_before_it_is_acknowledged(server: Server) -> None:
    (node,) = server.servers.nodes.values()
    said = httpx.get(f"{node.monitor_url}/varz").json()
    assert said["jetstream"]["config"]["sync_always"] is True
    assert (said["host"], said["max_payload"]) == ("127.0.0.1", 8 * 1024 * 1024)


def test_a_configuration_that_the_server_does_not_like_is_refused_with_its_words(server: Server) -> None:
    (node,) = server.servers.nodes.values()
    words = dict.fromkeys((*USERS, "cluster"), "")
    no_port: Any = "ninety"
    broken = type(node)("broken", server.servers.places.nats / "broken", no_port, node.monitor_port)
    with pytest.raises(StackError, match="nats-server refuses its configuration"):
        write_configuration([broken], words)


def test_configuration_and_pass_words_are_readable_by_their_owner_alone(server: Server) -> None:
    (node,) = server.servers.nodes.values()
    for path in (node.config, server.servers.places.secrets):
        assert path.stat().st_mode & 0o077 == 0, path


async def test_what_was_acknowledged_and_the_bucket_of_turns_outlive_a_kill(server: Server) -> None:
    canton = await server.book()
    async with server.as_user("ledger") as ledger:
        turns = await ledger.nc.jetstream().key_value("TURNS")
        await turns.put(canton, b"mine")
        for _ in range(20):
            await ledger.nc.jetstream().publish(f"book.{canton}._.ledger.X", b"kept")
        before = server.servers.pid()
        server.servers.kill()
        server.servers.start()
        server.servers.wait_ready()
        assert server.servers.pid() != before
        assert len(await server.stored(canton)) == 20
        assert (await turns.get(canton)).value == b"mine"


def test_creating_the_bucket_again_changes_nothing_and_another_one_is_refused(server: Server) -> None:
    operator = server.servers.credentials("operator")
    create_turns(server.servers.urls, operator, 1)
    with pytest.raises(StackError, match="a bucket TURNS with other settings"):
        create_turns(server.servers.urls, operator, 3, timeout_s=1)


def test_a_server_that_cannot_start_says_why(server: Server, tmp_path_factory: pytest.TempPathFactory) -> None:
    (running,) = server.servers.nodes.values()
    servers = NatsServers(tmp_path_factory.mktemp("second"))
    (node,) = servers.nodes.values()
    taken = type(node)(node.name, node.directory, running.port, node.monitor_port)
    servers.nodes[node.name] = taken
    write_configuration([taken], dict.fromkeys((*USERS, "cluster"), "word"))
    servers.start()
    try:
        with pytest.raises(StackError, match="address already in use"):
            servers.wait_ready(timeout_s=10)
    finally:
        servers.stop_all()
