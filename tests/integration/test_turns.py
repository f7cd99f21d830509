"""Turns between two services on a real server: the busy one does not starve the quiet one, whatever happens."""

from __future__ import annotations

import asyncio
import itertools
import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from landbuch.contracts.judge import Void
from landbuch.local.stack import LocalStack
from landbuch.sdk.turn_board import NatsBoard
from landbuch.sdk.turns import Pace, Turn
from tests.hosts import ADMINISTRATOR, Running, connected, entries, hosted, information, opened

FULL = os.environ.get("LANDBUCH_TEST_COUNTS") == "full"
FLOOD_S = 30.0 if FULL else 5.0
BOOK = "BL"


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[LocalStack]:
    with LocalStack(tmp_path / "stack", services=(), postgres=False) as running:
        yield running


async def make_clerk(ledger: Running) -> None:
    """Give the administrator the role of a clerk, as two administrators do."""
    proposed = await ledger.ask(BOOK, "GrantRole", {"person": ADMINISTRATOR, "role": "clerk"})
    second = ledger.stack.token("p-8b2c")
    confirmed = await ledger.ask(BOOK, "ConfirmAct", {"proposal": proposed["position"]}, token=second)
    assert confirmed["outcome"] == "accepted", confirmed


async def flood(ledger: Running, until: float) -> int:
    """Send batches of 1000, two at a time, and count what was accepted."""

    async def send() -> int:
        accepted = 0
        while time.monotonic() < until:
            commands = [
                {"type": "RecordInformation", "commandid": str(uuid.uuid4()), "data": information(f"number {i}")}
                for i in range(1000)
            ]
            answer = await ledger.batch(BOOK, commands)
            accepted += sum(outcome["outcome"] == "accepted" for outcome in answer["outcomes"])
        return accepted

    return sum(await asyncio.gather(send(), send()))


async def trickle(agreements: Running, until: float) -> list[float]:
    """Register a partner every few milliseconds, one after the other, and note how long each waits (seconds)."""
    waits: list[float] = []
    for number in itertools.count():
        if time.monotonic() > until:
            return waits
        began = time.monotonic()
        data = {"partner": f"P-{number}", "kind": "ngo", "name": "An organisation"}
        answer = await agreements.ask(BOOK, "RegisterPartner", data)
        waits.append(time.monotonic() - began)
        assert answer["outcome"] == "accepted", answer
        await asyncio.sleep(0.05)
    raise AssertionError


@pytest.mark.timeout(240)
async def test_turns_alternate_between_a_flood_and_a_trickle(stack: LocalStack) -> None:
    await opened(stack, BOOK)
    async with hosted(stack, "ledger") as ledger, hosted(stack, "agreements") as agreements:
        await ledger.found(BOOK)
        await make_clerk(ledger)
        with structlog.testing.capture_logs() as logged:
            until = time.monotonic() + FLOOD_S
            accepted, waits = await asyncio.gather(flood(ledger, until), trickle(agreements, until - 0.5))
        stored = await entries(stack, BOOK)
        conflicts = sum(
            worker.counts.conflicts for one in (ledger, agreements) for worker in one.host.books.workers.values()
        )
    turns = sorted((line["turn"], line["writer"].partition("-")[0]) for line in logged if line["event"] == "turn.taken")
    print(f"{accepted} commands of the flood, {len(waits)} of the trickle, {len(turns)} turns, {conflicts} conflicts")
    print(f"waits of the trickle: median {sorted(waits)[len(waits) // 2]:.3f} s, longest {max(waits):.3f} s")
    assert [number for number, _ in turns] == list(range(turns[0][0], turns[0][0] + len(turns)))
    assert_alternating([writer for _, writer in turns])
    assert len(turns) > 6
    assert max(waits) < 2.5
    assert not [one for one in stored if isinstance(one.verdict, Void)]
    assert len(stored) == accepted + len(waits) + 4
    assert len({one.verdict.id for one in stored}) == len(stored)


def assert_alternating(writers: list[str]) -> None:
    """Demand that nobody has two turns in a row while both want to write."""
    last_of_flood = len(writers) - 1 - writers[::-1].index("ledger")
    contended = writers[writers.index("ledger") : last_of_flood + 1]
    assert all(one != other for one, other in itertools.pairwise(contended)), contended


async def test_without_the_bucket_of_turns_writing_goes_on(stack: LocalStack) -> None:
    await opened(stack, BOOK)
    nc = await connected(stack, "ledger")
    lost = NatsBoard(nc)
    lost_turn = Turn(lost, "no such key: a space is no subject", "ledger-1", pace=Pace(limit_s=0.5))
    began = time.monotonic()
    assert await lost_turn.take() is True
    assert not lost_turn.held
    assert time.monotonic() - began < 2.0
    await nc.close()


async def test_the_lease_of_a_process_that_was_killed_is_taken_over(stack: LocalStack) -> None:
    first, second = await connected(stack, "ledger"), await connected(stack, "agreements")
    killed, living = (Turn(NatsBoard(nc), BOOK, name) for nc, name in ((first, "ledger-1"), (second, "agreements-1")))
    await killed.take()
    await first.close()
    await asyncio.sleep(0)
    began = time.monotonic()
    assert await living.take() is True
    waited_s = time.monotonic() - began
    print(f"taken over after {waited_s:.2f} s")
    assert living.held
    assert waited_s < 3.0
    await living.lay_down()
    await killed.lay_down()
    await second.close()


async def test_the_board_survives_rubbish(stack: LocalStack) -> None:
    nc = await connected(stack, "ledger")
    await nc.jetstream().publish(f"$KV.TURNS.{BOOK}", b"rubbish")
    turn = Turn(NatsBoard(nc), BOOK, "ledger-1")
    assert await turn.take() is True
    assert turn.held
    await turn.lay_down()
    lease, _ = await NatsBoard(nc).get(BOOK)
    assert (lease.holder, lease.last) == (None, "ledger-1")
    await nc.close()


async def test_two_writers_never_hold_the_lease_at_once(stack: LocalStack) -> None:
    connections = [await connected(stack, user) for user in ("ledger", "ledger", "agreements", "agreements")]
    pace = Pace(work_s=0.01, poll_s=0.005)
    turns = [Turn(NatsBoard(nc), BOOK, f"writer-{number}", pace=pace) for number, nc in enumerate(connections)]
    holding: list[int] = []
    counts: dict[int, int] = dict.fromkeys(range(4), 0)

    async def work(number: int, turn: Turn) -> None:
        for _ in range(20):
            await turn.take()
            assert turn.held
            assert holding == []
            holding.append(number)
            counts[number] += 1
            await asyncio.sleep(0.012)
            await turn.look()
            holding.remove(number)
            await turn.give(more=True)
        await turn.lay_down()

    began = time.monotonic()
    with structlog.testing.capture_logs() as logged:
        await asyncio.gather(*(work(number, turn) for number, turn in enumerate(turns)))
    assert logged == [], "nobody was passed over"
    print(f"80 pieces of work of four writers took {time.monotonic() - began:.2f} s")
    assert set(counts.values()) == {20}
    for nc in connections:
        await nc.close()
