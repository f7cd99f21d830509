"""The state of a book: tables with an undo log, and the fold that never refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbuch.contracts import trial
from landbuch.contracts.accounts import layer
from landbuch.contracts.canonical import canonical
from landbuch.contracts.entry import Entry, leaf_of
from landbuch.contracts.envelope import Unknown
from landbuch.contracts.evolve import evolve
from landbuch.contracts.judge import Void, judge
from landbuch.contracts.publish.book import example_book
from landbuch.contracts.state import BookState
from landbuch.sdk.testing.given import tables

BOOK = example_book()
CHANGES = st.lists(st.tuples(st.sampled_from(["set", "drop", "mark", "undo"]), st.integers(0, 5), st.integers(0, 9)))
ENTRY_COUNTS = st.integers(0, len(BOOK))


def folded(count: int) -> BookState:
    """The state after so many entries of the example book."""
    state = BookState("AI")
    for line in BOOK[:count]:
        evolve(state, line.event, line.event.position, line.leaf)
    return state


@given(CHANGES)
def test_undoing_gives_back_exactly_the_state_at_the_mark(changes: list[tuple[str, int, int]]) -> None:
    state = BookState("AI")
    marks: list[tuple[int, dict[str, dict[Any, Any]]]] = []
    for change, key, value in changes:
        match change:
            case "set":
                state.balances.set(("KIP3", f"finance:{key}"), value)
                state.voids.set(key, str(value))
            case "drop":
                state.balances.drop(("KIP3", f"finance:{key}"))
            case "mark":
                marks.append((state.mark(), tables(state)))
            case _ if marks:
                mark, before = marks.pop()
                state.undo(mark)
                assert tables(state) == before
            case _:
                assert state.mark() >= 0
    for mark, before in reversed(marks):
        state.undo(mark)
        assert tables(state) == before


@given(ENTRY_COUNTS, ENTRY_COUNTS)
def test_events_that_are_undone_leave_no_trace(first: int, second: int) -> None:
    kept, undone = sorted((first, second))
    state = folded(kept)
    mark = state.mark()
    for line in BOOK[kept:undone]:
        evolve(state, line.event, line.event.position, line.leaf)
    state.undo(mark)
    assert tables(state) == tables(folded(kept))
    assert trial.root(state.balances) == trial.root(folded(kept).balances)


def test_what_is_settled_stays() -> None:
    state = folded(30)
    before = tables(state)
    state.settle()
    assert state.mark() == 0
    state.undo(0)
    assert tables(state) == before


def test_an_account_that_comes_to_zero_is_no_row() -> None:
    state = BookState("AI")
    state.book("KIP3", "finance:100", 5)
    state.book("KIP3", "finance:100", -5)
    assert dict(state.balances) == {}


def test_accounts_are_listed_bytewise_and_by_phase() -> None:
    state = BookState("AI")
    for phase, account in (("B", "credit:b"), ("A", "credit:c"), ("A", "credit:a"), ("A", "budget:free:2024")):
        state.book(phase, account, 1)
    assert state.accounts("A", "credit:") == (("credit:a", 1), ("credit:c", 1))


def test_the_rules_of_a_day_are_the_last_that_began_before() -> None:
    state = folded(len(BOOK))
    assert state.rules_on("2019-12-31") is None
    rules = state.rules_on("2020-01-01")
    assert rules is not None
    assert rules.version == "RULES-2020"


def test_a_void_entry_moves_the_head_and_nothing_else() -> None:
    state = folded(40)
    before = tables(state)
    evolve(state, Void("not_canonical", "rubbish"), 41, "ab" * 32)
    after = tables(state)
    assert after.pop("voids") == {41: "not_canonical"}
    assert (state.head.position, state.head.leaf, state.head.time) == (41, "ab" * 32, BOOK[39].event.time)
    assert {name for name, rows in after.items() if rows != before[name]} == {"_head"}


def test_an_unknown_type_books_its_lines_and_is_remembered() -> None:
    state = folded(40)
    value = json.loads(BOOK[40].entry.payload)
    value |= {"type": "landbuch.CreditDoubled.v1", "data": {"lines": [["finance:1", 5], ["finance:2", -5]]}}
    entry = Entry("book.AI.EX1.ledger.CreditDoubled", canonical(value))
    verdict = judge(entry, 41, state.head.leaf)
    assert isinstance(verdict, Unknown)
    evolve(state, verdict, 41, leaf_of(entry).hex())
    assert (state.balance("EX1", "finance:1"), state.balance("EX1", "finance:2")) == (5, -5)
    assert dict(state.unknown_types) == {"landbuch.CreditDoubled.v1": 41}


@pytest.mark.parametrize("line", BOOK, ids=lambda line: f"{line.event.position}-{line.event.name}")
def test_every_event_can_be_the_first_of_a_book(line: Any) -> None:
    state = BookState("AI")
    evolve(state, line.event, line.event.position, line.leaf)
    booked = {account: amount for (_, account), amount in state.balances.items()}
    assert booked == dict(line.event.data.lines or ())
    assert {layer(account) for account in booked} <= {"credit", "budget", "finance"}


def test_a_time_that_only_a_forger_writes_does_not_stop_the_clock() -> None:
    state = folded(10)
    forged = BOOK[10].event.model_copy(update={"time": "2999-12-31T23:59:59.999999Z"})
    evolve(state, forged, 11, "ab" * 32)
    assert state.head.time == BOOK[9].event.time


def test_a_time_before_the_last_does_not_turn_the_clock_back() -> None:
    state = folded(10)
    evolve(state, BOOK[10].event.model_copy(update={"time": "2001-01-01T00:00:00.000000Z"}), 11, "ab" * 32)
    assert state.head.time == BOOK[9].event.time


@given(st.permutations(range(len(BOOK))))
def test_in_whatever_order_events_stand_the_fold_goes_on_and_the_sums_agree(order: list[int]) -> None:
    state = BookState("AI")
    for position, index in enumerate(order, start=1):
        evolve(state, BOOK[index].event, position, BOOK[index].leaf)
    assert trial.root(state.balances) == BOOK[-1].trial_root
