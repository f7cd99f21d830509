"""Three workers on one erratic book: whatever fails, and whenever, answers and book agree."""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from landbuch.contracts.command import Command
from landbuch.contracts.entry import Entry
from landbuch.contracts.judge import Void
from landbuch.contracts.vocabulary import Order
from landbuch.sdk.book.memory import MemoryBook
from landbuch.sdk.errors import ConflictError, OutcomeUnknownError, UnavailableError
from landbuch.sdk.worker.answers import Accepted, Answer
from landbuch.sdk.worker.terms import Ask
from tests.workers import (
    ADMINISTRATOR,
    CANTON,
    QUICK,
    Alone,
    PagedFaultyBook,
    code,
    found,
    order,
    surroundings,
    tell,
    working,
)

FULL = os.environ.get("LANDBUCH_TEST_COUNTS") == "full"
SEEDS = [random.SystemRandom().randrange(10**9) for _ in range(300)] if FULL else list(range(12))
COMMANDS = 60


class ErraticBook(PagedFaultyBook):
    """A book that conflicts, is away, loses answers, and stores what it was asked to a little later."""

    def __init__(self, book: MemoryBook, draw: random.Random, late: set[asyncio.Task[None]]) -> None:
        super().__init__(book)
        self.draw = draw
        self.late = late
        self.erratic = True

    async def head(self) -> int:
        await asyncio.sleep(0)
        if self.erratic and self.draw.random() < 0.05:
            raise UnavailableError("made to be away")
        return await super().head()

    async def append(self, entries: Sequence[Entry], expected: int) -> None:
        await asyncio.sleep(self.draw.random() * 0.002)
        fate = self.draw.random() if self.erratic else 1.0
        if fate < 0.05:
            raise ConflictError("made to conflict with nothing")
        if fate < 0.15:
            raise OutcomeUnknownError("made to fail before storing")
        if fate < 0.25:
            await self.memory.append(entries, expected)
            raise OutcomeUnknownError("made to fail after storing")
        if fate < 0.6:
            self.late.add(asyncio.create_task(self._later(entries, expected)))
            raise OutcomeUnknownError("on its way")
        await self.memory.append(entries, expected)

    async def _later(self, entries: Sequence[Entry], expected: int) -> None:
        await asyncio.sleep(self.draw.random() * 0.05)
        try:
            await self.memory.append(entries, expected)
        except ConflictError:
            return


def orders(draw: random.Random) -> list[Command[Order]]:
    """Draw commands: some twice, some with an id that another one has, some of which only one can be accepted."""
    drawn: list[Command[Order]] = [found(), found()]
    for number in range(COMMANDS):
        kind = draw.random()
        if kind < 0.5 or len(drawn) < 4:
            drawn.append(tell(f"number {number}"))
        elif kind < 0.7:
            drawn.append(draw.choice(drawn))
        elif kind < 0.8:
            drawn.append(tell("another content", commandid=draw.choice(drawn).commandid))
        elif kind < 0.9:
            person = f"p-{draw.randrange(4)}{draw.randrange(4)}"
            drawn.append(order("GrantRole", {"person": person, "role": "clerk"}, actor=ADMINISTRATOR))
        else:
            drawn.append(order("ConfirmAct", {"proposal": draw.randrange(3, 30)}, actor="p-8b2c"))
    return drawn


@pytest.mark.parametrize("seed", SEEDS)
async def test_answers_and_book_agree_whatever_fails(seed: int) -> None:
    print(f"seed {seed}")
    draw = random.Random(seed)
    memory, late = MemoryBook(CANTON), set[asyncio.Task[None]]()
    books = [ErraticBook(memory, random.Random(seed + number), late) for number in range(3)]
    drawn = orders(draw)
    answers: list[tuple[Command[Order], Answer]] = []
    fresh = draw.random() < 0.5
    limits = replace(QUICK, patience_s=draw.choice([0.01, 0.03, 0.4]), pause_s=0.001, longest_pause_s=0.02)
    async with AsyncExitStack() as stack:
        around = surroundings(jitter=draw.random)
        workers = []
        for on in books:
            turn = Alone(fresh=fresh)
            workers.append(await stack.enter_async_context(working(on, limits=limits, around=around, turn=turn)))

        async def send(commands: list[Command[Order]]) -> None:
            await asyncio.sleep(draw.random() * 0.02)
            worker = draw.choice(workers)
            given = await worker.submit([Ask(command) for command in commands])
            answers.extend(zip(commands, given, strict=True))

        if draw.random() < 0.7:  # otherwise founding races with everything else
            await send(drawn[:1])
        hands = [drawn[start : start + 5] for start in range(0, len(drawn), 5)]
        await asyncio.gather(*(send(hand) for hand in hands))
        await asyncio.gather(*late)
        for on in books:
            on.erratic = False
        # What is unknown is repeated, as every client should. What is said to be unwritten must stay so.
        again = [command for command, answer in answers if code(answer) == "outcome_unknown"]
        workers[0].limits = QUICK
        final = await workers[0].submit([Ask(command) for command in again]) if again else []
    stored = [one async for batch in memory.read() for one in batch]
    print(f"{Counter(code(answer) for _, answer in answers)}, {len(again)} repeated, {len(stored)} entries")
    standing = Counter(one.verdict.commandid for one in stored if not isinstance(one.verdict, Void))
    assert sum(standing.values()) == len(stored), "the chain is whole"
    assert len({one.verdict.id for one in stored if not isinstance(one.verdict, Void)}) == len(stored)
    leaves = {one.position: one.leaf.hex() for one in stored}
    accepted: dict[str, Accepted] = {}
    for command, answer in (*answers, *zip(again, final, strict=True)):
        if isinstance(answer, Accepted):
            assert standing[command.commandid] == len(answer.events)
            assert all(leaves[event.position] == event.leaf for event in answer.events)
            assert accepted.setdefault(command.commandid, answer) == answer, "the first answer comes again"
    written = {(one.verdict.commandid, one.verdict.commandhash) for one in stored if not isinstance(one.verdict, Void)}
    for command, answer in answers:
        if code(answer) not in {"accepted", "outcome_unknown", "command_id_reused"}:
            known = (command.commandid, command.hash)
            assert known not in written or command.commandid in accepted, f"{code(answer)}, but it is written"
    assert not [code(answer) for answer in final if code(answer) in {"busy", "unavailable", "outcome_unknown"}]
    assert set(standing) == set(accepted), "what is written was answered"
