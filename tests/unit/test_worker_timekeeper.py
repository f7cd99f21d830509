"""What time makes true is written by the service's own worker: on the day, once, whoever looks and however often."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from structlog.testing import capture_logs

from landbuch.agreements.domain.clocks import due
from landbuch.agreements.domain.desk import DESK
from landbuch.contracts.canonical import parse
from landbuch.contracts.entry import Entry
from landbuch.contracts.state import BookState
from landbuch.local.history.course import ADMINISTRATORS, PEOPLE, Step
from landbuch.local.history.story import steps
from landbuch.sdk.deciding import Timed
from landbuch.sdk.worker.timekeeper import Due, Timekeeper, Timekeeping, until_midnight
from landbuch.sdk.worker.worker import Worker
from tests.hosts import eventually
from tests.told_books import memory_book, told
from tests.workers import PagedFaultyBook, accepted, order, submit, surroundings, working

KEY = "svc-agreements"
DAY = datetime(2026, 12, 1, 12, tzinfo=UTC)
ONE_DAY = timedelta(days=1)


class Moments:
    """A clock that is set by hand."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@cache
def beginning() -> tuple[list[Entry], BookState]:
    """A book in which a milestone is planned for the first of December."""
    opened = 9
    data = {"milestone": "M-1", "title": "Kurse", "due": "2026-12-01"}
    plan = Step("PlanMilestone", "BL", "KIP3", data, PEOPLE["drafter"], "00000000-0000-4000-8000-000000000001")
    return told("BL", [*steps("BL")[:opened], plan])


def fresh() -> PagedFaultyBook:
    return PagedFaultyBook(memory_book("BL", beginning()[0]))


@asynccontextmanager
async def keeping(
    on: PagedFaultyBook, clock: Moments, *, asked: Due = due, actor: str = KEY, every_s: float = 60.0
) -> AsyncIterator[tuple[Worker, Timekeeper]]:
    async with working(on, desk=DESK, around=surroundings(clock=clock)) as worker:
        await eventually(lambda: worker.status().ready)
        yield worker, Timekeeper(worker, Timekeeping(asked, actor, every_s), clock)


def written(on: PagedFaultyBook) -> list[Any]:
    """The events behind those of the beginning."""
    return [parse(entry.payload) for entry in on.memory.stored[len(beginning()[0]) :] if entry is not None]


async def test_a_milestone_falls_due_on_its_day_and_not_again() -> None:
    on, clock = fresh(), Moments(DAY - ONE_DAY)
    async with keeping(on, clock) as (_, keeper):
        await keeper.look()
        assert written(on) == []
        clock.now = DAY
        await keeper.look()
        clock.now = DAY + ONE_DAY
        await keeper.look()
    (event,) = written(on)
    assert (event["type"], event["actor"]) == ("landbuch.MilestoneBecameDue.v1", KEY)


async def test_the_day_begins_at_midnight_in_zurich() -> None:
    on, clock = fresh(), Moments(datetime(2026, 11, 30, 22, 59, 59, tzinfo=UTC))
    async with keeping(on, clock) as (_, keeper):
        await keeper.look()
        assert written(on) == []
        clock.now += timedelta(seconds=1)
        await keeper.look()
    assert len(written(on)) == 1


async def test_two_instances_write_it_once() -> None:
    on, clock = fresh(), Moments(DAY)
    async with keeping(on, clock) as (one, first), keeping(on, clock) as (two, second):
        await asyncio.gather(first.look(), second.look())
        assert len(written(on)) == 1
        assert one.counts.events + two.counts.events == 1


async def test_after_a_restart_it_is_not_written_again() -> None:
    on, clock = fresh(), Moments(DAY)
    for _ in range(2):
        async with keeping(on, clock) as (_, keeper):
            await keeper.look()
    assert len(written(on)) == 1


async def test_even_asked_for_ever_it_is_written_once_and_told_once() -> None:
    on, asked = fresh(), due(beginning()[1], "2026-12-01")
    async with keeping(on, Moments(DAY), asked=lambda _state, _today: asked) as (_, keeper):
        with capture_logs() as logs:
            await keeper.look()
            await keeper.look()
    assert len(written(on)) == 1
    assert [line["event"] for line in logs] == ["time.came"]


async def test_a_refusal_is_logged_once() -> None:
    on = fresh()
    unknown = Timed("RecordMilestoneDue", "KIP3", "00000000-0000-4000-8000-000000000009", {"milestone": "M-9"})
    async with keeping(on, Moments(DAY), asked=lambda _state, _today: [unknown]) as (_, keeper):
        with capture_logs() as logs:
            await keeper.look()
            await keeper.look()
    assert [(line["event"], line["code"]) for line in logs] == [("time.not_written", "milestone_unknown")]
    assert written(on) == []


async def test_without_a_role_it_warns_once_and_writes_as_soon_as_the_role_is_granted() -> None:
    on = fresh()
    # The desk of the ledger grants roles; both write into one book.
    async with keeping(on, Moments(DAY), actor="svc-other") as (worker, keeper), working(on) as ledger:
        with capture_logs() as logs:
            await keeper.look()
            await keeper.look()
            assert "svc-other is not agreement_manager or service in the book of BL" in str(keeper.trouble)
            assert (worker.counts.events, [line["event"] for line in logs]) == (0, ["time.role_missing"])
        data = {"person": "svc-other", "role": "service"}
        (proposed,) = await submit(ledger, order("GrantRole", data, actor=ADMINISTRATORS[0]))
        confirm = {"proposal": accepted(proposed).position}
        (granted,) = await submit(ledger, order("ConfirmAct", confirm, actor=ADMINISTRATORS[1]))
        await eventually(lambda: worker.fold.position >= accepted(granted).position)
        await keeper.look()
        assert keeper.trouble is None
    assert [event["actor"] for event in written(on)[2:]] == ["svc-other"]


async def test_it_looks_again_at_every_interval_and_survives_a_fault() -> None:
    on, looks = fresh(), 0

    def counted(state: BookState, today: str) -> Sequence[Timed]:
        nonlocal looks
        looks += 1
        if looks == 1:
            raise ZeroDivisionError
        return due(state, today) if looks > 2 else []

    async with keeping(on, Moments(DAY), asked=counted, every_s=0.01) as (_, keeper):
        running = asyncio.create_task(keeper.run())
        await eventually(lambda: bool(written(on)))
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert looks >= 3


@pytest.mark.parametrize(
    ("now", "hours"),
    [
        (datetime(2026, 11, 30, 22, 0, tzinfo=UTC), 1),
        (datetime(2026, 11, 30, 23, 0, tzinfo=UTC), 24),
        (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), 23),
        (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), 25),
    ],
)
def test_midnight_in_zurich_is_waited_for_also_when_the_clocks_change(now: datetime, hours: int) -> None:
    assert until_midnight(now) == hours * 3600
