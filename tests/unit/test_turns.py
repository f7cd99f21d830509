"""Turns on a board in memory: who waits longest is next, a dead holder is passed over, a lost board blocks nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from landbuch.sdk.errors import UnavailableError
from landbuch.sdk.turns import Lease, Pace, Taken, Turn

QUICK = Pace(
    work_s=0.05, dead_s=0.3, beat_s=0.05, look_s=0.0, poll_s=0.005, limit_s=2.0, without_s=0.2
)  # fmt: skip
BOOK = "BL"


class MemoryBoard:
    """A board that may be away; it counts what is put on it."""

    def __init__(self) -> None:
        self.lease = Lease()
        self.revision = 0
        self.away = False
        self.puts = 0
        self.told = True

    async def get(self, _canton: str) -> tuple[Lease, int]:
        await asyncio.sleep(0)
        self._answer()
        return self.lease, self.revision

    async def put(self, _canton: str, lease: Lease, revision: int) -> int | None:
        await asyncio.sleep(0)
        self._answer()
        if revision != self.revision:
            return None
        self.puts += 1
        self.lease, self.revision = lease, self.revision + 1
        return self.revision

    async def news(self, _canton: str, revision: int, timeout_s: float) -> tuple[Lease, int] | None:
        await asyncio.sleep(min(timeout_s, 0.005))
        self._answer()
        return self.heard(_canton, revision)

    def heard(self, _canton: str, revision: int) -> tuple[Lease, int] | None:
        return (self.lease, self.revision) if self.told and self.revision > revision else None

    def _answer(self) -> None:
        if self.away:
            raise UnavailableError("the board is away")


def has(turn: Turn) -> bool:
    """Whether a writer has the lease now."""
    return turn.held


@asynccontextmanager
async def writers(board: MemoryBoard, *names: str) -> AsyncIterator[tuple[list[Turn], list[tuple[str, Taken]]]]:
    """Give writers, and the list of turns that begin."""
    taken: list[tuple[str, Taken]] = []

    def turn(name: str) -> Turn:
        return Turn(board, BOOK, name, pace=QUICK, on_taken=lambda one: taken.append((name, one)))

    turns = [turn(name) for name in names]
    try:
        yield turns, taken
    finally:
        for one in turns:
            await one.lay_down()


async def test_a_free_lease_is_taken_at_once_and_others_may_not_have_written_before() -> None:
    async with writers(MemoryBoard(), "one") as ((one,), taken):
        assert await one.take() is True  # nobody knows who wrote before the first turn
        await one.lay_down()
        assert await one.take() is False  # nobody had a turn since ours
    assert [(name, turn.turn) for name, turn in taken] == [("one", 1), ("one", 2)]


async def test_a_holder_that_is_alone_writes_nothing_on_the_board_for_its_work() -> None:
    board = MemoryBoard()
    async with writers(board, "one") as ((one,), _):
        await one.take()
        for _ in range(100):
            assert await one.take() is False
            await one.give(more=True)
        assert board.puts == 1


async def test_whoever_waits_longest_is_next() -> None:
    async with writers(MemoryBoard(), "a", "b", "c") as ((a, b, c), taken):
        await a.take()
        second = asyncio.create_task(b.take())
        await asyncio.sleep(0.02)
        third = asyncio.create_task(c.take())
        await asyncio.sleep(0.02)
        await a.look()
        await a.give(more=False)
        assert await second is True
        await b.give(more=False)
        assert await third is True
    assert [name for name, _ in taken] == ["a", "b", "c"]
    assert [turn.turn for _, turn in taken] == [1, 2, 3]


async def test_a_busy_holder_works_a_moment_longer_and_then_waits_in_its_turn() -> None:
    async with writers(MemoryBoard(), "busy", "quiet") as ((busy, quiet), taken):
        await busy.take()
        waiting = asyncio.create_task(quiet.take())
        await asyncio.sleep(0.02)
        await busy.look()
        await busy.give(more=True)
        assert has(busy), "its time is not up"
        await asyncio.sleep(0.04)
        await busy.give(more=True)
        assert not has(busy)
        await waiting
        back = asyncio.create_task(busy.take())
        await asyncio.sleep(0.01)
        await quiet.give(more=False)
        assert await back is True
    assert [name for name, _ in taken] == ["busy", "quiet", "busy"]


async def test_a_holder_without_a_sign_of_life_is_passed_over() -> None:
    board = MemoryBoard()
    board.lease = Lease(turn=7, holder="dead")
    async with writers(board, "living") as ((living,), taken):
        assert await living.take() is True
    ((_, turn),) = taken
    assert turn.turn == 8
    assert QUICK.dead_s <= turn.waited_s < QUICK.dead_s + 0.3


async def test_a_busy_holder_is_not_taken_for_dead() -> None:
    board = MemoryBoard()
    async with writers(board, "slow", "eager") as ((slow, eager), taken):
        await slow.take()
        waiting = asyncio.create_task(eager.take())
        await asyncio.sleep(3 * QUICK.dead_s)  # one long append
        assert not waiting.done()
        assert slow.held
        await slow.give(more=False)
        await waiting
    assert [name for name, _ in taken] == ["slow", "eager"]


async def test_a_holder_that_was_passed_over_notices() -> None:
    board = MemoryBoard()
    async with writers(board, "one") as ((one,), _):
        await one.take()
        board.lease, board.revision = Lease(turn=9, holder="another"), board.revision + 1
        await one.look()
        assert not one.held


async def test_a_lost_board_blocks_nobody() -> None:
    board = MemoryBoard()
    board.away = True
    async with writers(board, "one") as ((one,), taken):
        assert await one.take() is True
        assert not has(one)
        await one.give(more=True)
        board.away = False
        await asyncio.sleep(QUICK.without_s)
        assert await one.take() is True
        assert has(one)
        board.away = True
        await one.look()
        assert not has(one)
    assert len(taken) == 1


async def test_a_holder_that_never_passes_on_blocks_nobody_for_ever() -> None:
    board = MemoryBoard()
    stubborn, waiting = (Turn(board, BOOK, name, pace=Pace(beat_s=0.01, poll_s=0.01, limit_s=0.2)) for name in "ab")
    await stubborn.take()
    assert await waiting.take() is True
    assert not waiting.held
    await stubborn.lay_down()


async def test_rubbish_in_the_waiting_list_is_passed_over() -> None:
    board = MemoryBoard()
    async with writers(board, "a", "b") as ((a, b), taken):
        await a.take()
        board.lease = Lease(board.lease.turn, "a", None, 0, ("gone",))
        board.revision += 1
        waiting = asyncio.create_task(b.take())
        await asyncio.sleep(0.02)
        await a.look()
        await a.give(more=False)
        await waiting
        assert board.lease.holder == "b"
    assert [name for name, _ in taken] == ["a", "b"]


async def test_a_writer_that_no_longer_wants_its_turn_leaves_the_waiting_list() -> None:
    board = MemoryBoard()
    async with writers(board, "a", "b") as ((a, b), _):
        await a.take()
        waiting = asyncio.create_task(b.take())
        await asyncio.sleep(0.02)
        await a.look()
        await asyncio.sleep(QUICK.work_s)
        await a.give(more=True)
        await waiting
        assert (a.held, a.engaged, list(board.lease.waiting)) == (False, True, ["a"])
        await a.lay_down()
        assert (a.engaged, list(board.lease.waiting)) == (False, [])


def standing(board: MemoryBoard) -> tuple[str | None, tuple[str, ...]]:
    """Who has the lease and who waits."""
    return board.lease.holder, board.lease.waiting


async def test_a_turn_that_comes_too_late_is_passed_on() -> None:
    board = MemoryBoard()
    async with writers(board, "a", "b") as ((a, b), _):
        await a.take()
        waiting = asyncio.create_task(b.take())
        await asyncio.sleep(0.02)
        await a.look()
        await asyncio.sleep(QUICK.work_s)
        await a.give(more=True)
        await waiting
        await b.lay_down()
        assert (a.held, standing(board)) == (False, ("a", ()))
        await a.lay_down()
        assert standing(board) == (None, ())
