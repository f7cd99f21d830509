"""Three NATS servers of the local stack: the same rights on each, and nothing lost when the leader is killed."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import TypeVar

import nats
import pytest
from nats.aio.client import Client

from landbuch.local.nats import NatsServers

T = TypeVar("T")


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServers]:
    began = time.monotonic()
    with NatsServers(tmp_path_factory.mktemp("cluster"), nodes=3) as three:
        print(f"three servers were ready after {time.monotonic() - began:.1f} s")
        yield three


async def connect(servers: NatsServers, user: str, to: str | None = None) -> Client:
    async def quiet(_: Exception) -> None: ...

    who = servers.credentials(user)
    return await nats.connect(
        servers.urls if to is None else [servers.nodes[to].url],
        user=who.user,
        password=who.password,
        inbox_prefix=who.inbox_prefix.encode(),
        error_cb=quiet,
        reconnect_time_wait=0.1,
        max_reconnect_attempts=-1,
    )


async def insist(ask: Callable[[], Awaitable[T]], *, timeout_s: float = 60) -> T:
    """Ask until there is an answer: each stream elects a leader of its own when one dies."""
    async with asyncio.timeout(timeout_s):
        while True:
            try:
                return await ask()
            except (nats.errors.Error, nats.js.errors.ServiceUnavailableError, nats.js.errors.NoStreamResponseError):
                await asyncio.sleep(0.1)


async def test_each_server_takes_appends_and_the_leaders_death_loses_nothing(servers: NatsServers) -> None:
    operator = await connect(servers, "operator")
    book = {"name": "BOOK-BL", "subjects": ["book.BL.>"], "num_replicas": 3, "allow_direct": True}
    created = json.loads((await operator.request("$JS.API.STREAM.CREATE.BOOK-BL", json.dumps(book).encode(), 10)).data)
    assert "error" not in created, created
    turns = json.loads((await operator.request("$JS.API.STREAM.INFO.KV_TURNS", b"", 10)).data)
    assert turns["config"]["num_replicas"] == 3
    leader = created["cluster"]["leader"]
    await operator.close()

    appended = 0
    for name in servers.nodes:
        through = await connect(servers, "ledger", name)
        for _ in range(10):
            acknowledged = await through.jetstream().publish("book.BL._.ledger.X", b"x", timeout=5)
            appended += 1
            assert acknowledged.seq == appended
        inbox = through.new_inbox()
        batch = await through.subscribe(inbox)
        await through.publish("$JS.API.DIRECT.GET.BOOK-BL", b'{"seq":1,"batch":10,"next_by_subj":">"}', reply=inbox)
        assert [(await batch.next_msg(timeout=5)).data for _ in range(10)] == [b"x"] * 10
        board = await through.jetstream().key_value("TURNS")
        await board.put("BL", name.encode())
        await through.close()

    servers.kill(leader)
    began = time.monotonic()
    survivor = next(name for name in servers.nodes if name != leader)
    ledger = await connect(servers, "ledger", survivor)
    stream = ledger.jetstream()
    position = (await insist(lambda: stream.publish("book.BL._.ledger.X", b"after", timeout=1))).seq
    print(f"the leader was killed; written again after {time.monotonic() - began:.1f} s")
    assert position > appended
    last = (await insist(lambda: stream.stream_info("BOOK-BL"))).state.last_seq
    found = [(await insist(partial(stream.get_msg, "BOOK-BL", i))).data for i in range(1, last + 1)]
    assert found[:appended] == [b"x"] * appended
    assert set(found[appended:]) == {b"after"}
    board = await insist(lambda: stream.key_value("TURNS"))
    assert (await insist(lambda: board.get("BL"))).value == b"nats-3"
    await ledger.close()

    servers.start(leader)
    servers.wait_ready()
