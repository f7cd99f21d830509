"""Kill −9 in the middle of a stream of commands: what was acknowledged stands in the book, once and as it was told."""

from __future__ import annotations

import asyncio
import random
import signal
import time

import pytest

from landbuch.local.nats_accounts import SERVICES
from landbuch.local.stack import LocalStack
from tests.doors import doors_of, entries_of, head_of, history_told
from tests.durability.proof import demand_nothing_lost, persisted
from tests.durability.sending import Blow, answered, run
from tests.durability.stream import errands_of, rounds

pytestmark = pytest.mark.timeout(600)

PROGRAMS = ("ledger", "agreements", "nats", "postgres")
SEED = 20_211_128


def killing(*names: str) -> Blow:
    """Kill these programs at one moment, and wait until the supervisor has brought them back."""

    async def blow(stack: LocalStack) -> None:
        began = time.monotonic()
        pids = {name: stack.kill(name) for name in names}
        for name, pid in pids.items():
            await asyncio.to_thread(stack.wait_replaced, name, pid)
        print(f"killed {', '.join(names)}: all ready again after {time.monotonic() - began:.1f} s")

    return blow


async def told(stack: LocalStack, canton: str) -> int:
    """Open a book with a history."""
    async with doors_of(stack) as doors:
        return await history_told(doors, canton)


@pytest.mark.parametrize(
    "victims",
    [("ledger",), ("agreements",), ("nats",), ("postgres",), ("ledger", "agreements")],
    ids=" and ".join,
)
async def test_what_was_acknowledged_survives_the_kill_of(
    victims: tuple[str, ...], stack: LocalStack, canton: str, count: int
) -> None:
    before = await told(stack, canton)
    sent = rounds(SEED, count)
    await run(stack, canton, sent, blows=[(0.4, killing(*victims))])
    if victims == ("postgres",):
        assert not any(errand.unknown for errand in errands_of(sent)), "to decide commands no database is needed"
    await demand_nothing_lost(stack, canton, sent, told=before)


async def test_services_killed_between_append_and_answer_answer_the_repeated_commands_from_the_book(
    stack: LocalStack, canton: str, count: int
) -> None:
    before = await told(stack, canton)
    sent = rounds(SEED + 3, count)

    async def unanswered(stack: LocalStack) -> bool:
        """Whether the book holds events that were not acknowledged, once every answer on its way has arrived."""
        await asyncio.sleep(0.1)
        acknowledged = sum(len(errand.receipts) for errand in errands_of(sent))
        return await head_of(stack, canton) > before + acknowledged

    async def blow(stack: LocalStack) -> None:
        for name in SERVICES:
            stack.kill(name, signal.SIGSTOP)
        attempts = 1
        while not await unanswered(stack):
            assert answered(errands_of(sent)) < len(errands_of(sent)), "the stream was over before the blow fell"
            for name in SERVICES:
                stack.kill(name, signal.SIGCONT)
            await asyncio.sleep(0.03)
            for name in SERVICES:
                stack.kill(name, signal.SIGSTOP)
            attempts += 1
        print(f"stopped both services {attempts} times until an append was stored and not answered")
        await killing(*SERVICES)(stack)

    await run(stack, canton, sent, blows=[(0.2, blow)])
    await demand_nothing_lost(stack, canton, sent, told=before)
    assert persisted(await entries_of(stack, canton), errands_of(sent)) > 0


async def test_every_program_may_be_killed_one_after_the_other_while_the_stream_goes_on(
    stack: LocalStack, canton: str, count: int
) -> None:
    seed = SEED + 2
    draw = random.Random(seed)
    before = await told(stack, canton)
    sent = rounds(seed, 2 * count)
    order = draw.sample(PROGRAMS, len(PROGRAMS))
    blows = [(share, killing(name)) for share, name in zip((0.1, 0.25, 0.4, 0.55), order, strict=True)]
    await run(stack, canton, sent, blows=blows)
    print(f"seed {seed}")
    await demand_nothing_lost(stack, canton, sent, told=before)
