"""No answer of NATS can be directed into a book: what permissions on subjects alone would not prevent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest
from nats.aio.msg import Msg

from landbuch.local.nats import NatsServers
from landbuch.local.nats_accounts import SERVICES
from tests.integration.local_nats import Server

SETTLE_S = 0.3


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with NatsServers(tmp_path_factory.mktemp("nats")) as servers:
        yield Server(servers)


# The server sends an answer to any subject that a request names, whatever the asker may publish. In one account with
# the books that would be a way around every permission; see nats_accounts.py.

ATTACKS: dict[str, Callable[[str], tuple[str, bytes]]] = {
    "an answer of JetStream": lambda _: ("$JS.API.STREAM.NAMES", b""),
    "a message read by position": lambda canton: (f"$JS.API.DIRECT.GET.BOOK-{canton}", b'{"seq":1}'),
    "a message pulled": lambda canton: (f"$JS.API.CONSUMER.MSG.NEXT.BOOK-{canton}.durable", b'{"batch":1}'),
    "an acknowledgement": lambda canton: (f"book.{canton}._.agreements.X", b"x"),
    "an answer of a service": lambda _: ("query.ledger.BL.head", b"{}"),
}


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("under", SERVICES)
async def test_no_answer_can_be_directed_into_a_book(server: Server, attack: str, under: str) -> None:
    source, target = await _two_books(server)
    subject, payload = ATTACKS[attack](source)
    async with server.as_user("agreements") as attacker, server.as_user("ledger") as ledger:

        async def answer(message: Msg) -> None:
            await message.respond(b"{}")

        await ledger.nc.subscribe("query.ledger.>", cb=answer)
        await ledger.nc.flush()
        durable = {"stream_name": f"BOOK-{source}", "config": {"durable_name": "durable", "ack_policy": "none"}}
        await attacker.ask(f"$JS.API.CONSUMER.DURABLE.CREATE.BOOK-{source}.durable", durable)
        await attacker.nc.publish(subject, payload, reply=f"book.{target}._.{under}.Forged")
        await attacker.nc.flush()
        await asyncio.sleep(SETTLE_S)
    assert await server.stored(target) == []


async def test_no_consumer_delivers_into_a_book(server: Server) -> None:
    source, target = await _two_books(server)
    async with server.as_user("reader") as attacker:
        config = {"deliver_subject": f"book.{target}._.ledger.Forged", "ack_policy": "none", "deliver_policy": "all"}
        await attacker.ask(
            f"$JS.API.CONSUMER.CREATE.BOOK-{source}", {"stream_name": f"BOOK-{source}", "config": config}
        )
        await asyncio.sleep(SETTLE_S)
    assert await server.stored(target) == []


async def test_a_clients_command_cannot_make_a_service_answer_into_a_book(server: Server) -> None:
    canton = await server.book()
    async with server.as_user("client") as attacker, server.as_user("ledger") as ledger:

        async def answer(message: Msg) -> None:
            await message.respond(b"{}")

        await ledger.nc.subscribe("command.ledger.>", cb=answer)
        await ledger.nc.flush()
        await attacker.nc.publish("command.ledger.BL.X", b"{}", reply=f"book.{canton}._.ledger.Forged")
        await attacker.nc.flush()
        await asyncio.sleep(SETTLE_S)
    assert await server.stored(canton) == []


_books: list[tuple[str, str]] = []


async def _two_books(server: Server) -> tuple[str, str]:
    """A book with one entry, and an empty one; shared by attacks, as none may succeed."""
    if not _books:
        _books.append((await server.book(), await server.book()))
        async with server.as_user("ledger") as ledger:
            await ledger.nc.jetstream().publish(f"book.{_books[0][0]}._.ledger.X", b"forged")
    return _books[0]
