"""What keeps a worker from writing: a wrong clock, a newer version, a loosened stream, a book that is corrupt."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from landbuch.contracts.canonical import canonical, parse
from landbuch.contracts.entry import Entry, leaf_of
from landbuch.sdk.book.api import Evidence, Mark
from landbuch.sdk.clock import BrokerClock, system_clock
from landbuch.sdk.errors import (
    StreamDiffersError,
)
from landbuch.sdk.host.problems import Failure, Problem
from landbuch.sdk.testing.events import information
from landbuch.sdk.worker.known_head import HeadFile
from tests.workers import (
    CANTON,
    QUICK,
    PagedFaultyBook,
    book,
    code,
    found,
    founded,
    submit,
    surroundings,
    tell,
    working,
)


def head(on: PagedFaultyBook) -> Mark:
    """The mark at the end of a book."""
    last = on.memory.stored[-1] if on.memory.stored else None
    return Mark() if last is None else Mark(len(on.memory.stored), leaf_of(last).hex())


# -- what forbids writing -------------------------------------------------------------------------------------------


async def test_a_skewed_clock_is_answered_and_nothing_is_written() -> None:
    on = book()
    now = system_clock()

    async def broker() -> datetime:
        return now - timedelta(seconds=8)

    clock = BrokerClock(broker, lambda: now)
    await clock.check()

    def objection() -> Failure | None:
        return None if clock.skew is None else Failure(Problem.CLOCK_SKEWED, clock.skew)

    async with working(on, around=surroundings(objection=objection)) as worker:
        (answer,) = await submit(worker, found())
        assert not worker.status().ready
    assert code(answer) == "clock_skewed"
    assert "8.0 s ahead" in answer.body()["detail"]
    assert on.memory.stored == []


@pytest.mark.parametrize(("seconds", "skewed"), [(4.99, False), (-4.99, False), (5.01, True), (-5.01, True)])
async def test_the_clocks_may_be_five_seconds_apart(seconds: float, *, skewed: bool) -> None:
    now = system_clock()

    async def broker() -> datetime:
        return now - timedelta(seconds=seconds)

    clock = BrokerClock(broker, lambda: now)
    assert clock.due(30)
    await clock.check()
    assert not clock.due(30)
    assert (clock.skew is not None) == skewed


async def test_an_event_of_a_newer_version_stops_writing_and_says_so() -> None:
    on = book()
    value = parse(information(Mark(), canton=CANTON).payload)
    assert isinstance(value, dict)
    value["type"] = "landbuch.SomethingNewer.v1"
    entry = Entry(f"book.{CANTON}._.ledger.SomethingNewer", canonical(value))
    await on.memory.append([entry], 0)
    async with working(on) as worker:
        (answer,) = await submit(worker, found())
        status = worker.status()
    assert (code(answer), status.ready, status.wrong) == ("upgrade_needed", False, "upgrade_needed")
    assert "landbuch.SomethingNewer.v1" in answer.body()["detail"]
    assert len(on.memory.stored) == 1


async def test_a_stream_that_differs_is_not_written_to_until_it_is_set_right() -> None:
    on, differs = book(), True

    async def inspect() -> None:
        if differs:
            raise StreamDiffersError("max_msgs is 5; it must be -1")

    limits = replace(QUICK, standing_by_s=0.02)
    async with working(on, limits=limits, around=surroundings(inspect=inspect)) as worker:
        (answer,) = await submit(worker, found())
        assert (code(answer), worker.status().wrong) == ("stream_differs", "stream_differs")
        assert on.memory.stored == []
        differs = False
        await asyncio.sleep(0.1)
        await founded(worker)


async def test_a_stream_that_is_loosened_later_is_noticed() -> None:
    on, differs = book(), False

    async def inspect() -> None:
        if differs:
            raise StreamDiffersError("deny_delete is False; it must be True")

    limits = replace(QUICK, inspect_s=0.0)
    async with working(on, limits=limits, around=surroundings(inspect=inspect)) as worker:
        await founded(worker)
        differs = True
        (answer,) = await submit(worker, tell("not written"))
    assert code(answer) == "stream_differs"
    assert len(on.memory.stored) == 3


# -- corruption -----------------------------------------------------------------------------------------------------


async def corrupt(on: PagedFaultyBook, position: int) -> None:
    """Alter a stored entry."""
    entry = on.memory.stored[position - 1]
    assert entry is not None
    on.memory.stored[position - 1] = Entry(entry.subject, entry.payload.replace(b"ledger", b"ladger"))


async def test_a_book_that_cannot_be_trusted_is_not_written_to() -> None:
    on = book()
    async with working(on) as worker:
        await founded(worker)
        root, size = worker.fold.frontier.root(), worker.fold.position
    await corrupt(on, 2)

    async def evidence() -> Evidence:
        return Evidence(size, root)

    async with working(on, around=surroundings(evidence=evidence)) as worker:
        answers = await submit(worker, tell("never"), tell("never"))
        later = await submit(worker, tell("never"))
        assert (worker.status().ready, worker.status().wrong) == (False, "corrupt")
    assert {code(answer) for answer in (*answers, *later)} == {"corrupt"}
    assert len(on.memory.stored) == 3


async def test_a_book_that_lost_its_end_is_not_written_to(tmp_path: Path) -> None:
    on, file = book(), HeadFile(tmp_path, CANTON)
    async with working(on, around=surroundings(remember=file.write)) as worker:
        await founded(worker)
        await asyncio.sleep(1.1)
        await submit(worker, tell("remembered"))
    known = file.read()
    assert known is not None
    assert known.size >= 3
    del on.memory.stored[1:]

    async def evidence() -> Evidence | None:
        return file.read()

    async with working(on, around=surroundings(evidence=evidence)) as worker:
        (answer,) = await submit(worker, tell("never"))
    assert code(answer) == "corrupt"
    assert "position 1" in answer.body()["detail"]


async def test_a_book_that_is_altered_behind_a_living_worker_is_noticed_when_it_reads_on() -> None:
    on = book()
    async with working(on) as worker:
        await founded(worker)
        await corrupt(on, 3)
        await on.memory.append([information(head(on), canton=CANTON)], 3)
        (answer,) = await submit(worker, tell("never"))
    assert code(answer) == "corrupt"


def test_a_damaged_head_file_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / "head-BL.json").write_text("{")
    assert HeadFile(tmp_path, CANTON).read() is None
