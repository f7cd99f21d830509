"""Cursors, and the progress that people see."""

from __future__ import annotations

import time

import pytest

from landbuch.contracts import merkle
from landbuch.contracts.entry import GENESIS, Entry
from landbuch.sdk.book.api import Mark
from landbuch.sdk.progress import Progress, ProgressCollector
from landbuch.sdk.projection import Cursor
from tests.told_books import memory_book, shifts, stored_of


def test_a_cursor_begins_before_the_first_entry() -> None:
    start = Cursor().start
    assert (start.mark, start.frontier and start.frontier.size) == (Mark(0, GENESIS), 0)


@pytest.mark.parametrize("step", [1, 3, 20])
async def test_a_cursor_keeps_the_tree_whatever_the_batches(step: int) -> None:
    stored = await stored_of(memory_book("BL", list(shifts(Mark(), 20))))
    cursor = Cursor()
    for first in range(0, 20, step):
        cursor = cursor.advanced(stored[first : first + step])
    assert cursor.position == 20
    assert cursor.leaf == stored[-1].leaf
    assert cursor.frontier.root() == merkle.root(part.leaf for part in stored)


async def test_a_void_entry_moves_the_cursor_but_not_its_time() -> None:
    (shift,) = shifts(Mark(), 1)
    stored = await stored_of(memory_book("BL", [shift, Entry("book.BL._.ledger.X", b"rubbish")]))
    cursor = Cursor().advanced(stored)
    assert (cursor.position, cursor.time) == (2, "2026-11-22T08:00:00.000001Z")


def test_a_projection_that_has_not_begun_is_a_problem() -> None:
    assert Progress("BL", "ledger").problem == "The projection ledger of book BL has not begun yet."


def test_lag_is_the_distance_to_the_head_and_has_an_age() -> None:
    progress = Progress("BL", "ledger")
    progress.reached(3)
    progress.saw(10)
    time.sleep(0.01)
    assert progress.lag == 7
    assert progress.lag_s >= 0.01
    progress.reached(10)
    assert (progress.lag, progress.lag_s, progress.problem) == (0, 0.0, None)


def test_the_age_of_lag_is_that_of_its_oldest_entry_not_of_the_last_time_there_was_none() -> None:
    progress = Progress("BL", "ledger")
    progress.saw(1)
    time.sleep(0.02)
    progress.saw(2)
    progress.reached(1)
    assert progress.lag == 1
    assert progress.lag_s < 0.02


def test_a_cursor_that_was_set_back_shows_lag_again() -> None:
    progress = Progress("BL", "ledger")
    progress.saw(10)
    progress.reached(10)
    progress.reached(4)
    assert progress.lag == 6
    assert progress.lag_s > 0


def test_what_is_waited_for_is_a_problem_until_something_is_committed() -> None:
    progress = Progress("BL", "ledger", waiting="PostgreSQL does not answer")
    assert progress.problem == "The projection ledger of book BL waits behind position 0: PostgreSQL does not answer"
    progress.reached(1)
    assert progress.problem is None


def test_metrics_show_position_head_lag_and_health() -> None:
    progress = Progress("BL", "ledger")
    progress.reached(3)
    progress.saw(5)
    collector = ProgressCollector(lambda: [progress, Progress("GL", "ledger")])
    samples = {
        (sample.name, sample.labels["book"]): sample.value
        for metric in collector.collect()
        for sample in metric.samples
    }
    assert samples["landbuch_projection_position", "BL"] == 3
    assert samples["landbuch_projection_head", "BL"] == 5
    assert samples["landbuch_projection_lag_entries", "BL"] == 2
    assert samples["landbuch_projection_lag_seconds", "BL"] > 0
    assert (samples["landbuch_projection_healthy", "BL"], samples["landbuch_projection_healthy", "GL"]) == (1, 0)
