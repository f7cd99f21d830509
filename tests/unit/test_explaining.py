"""Explaining a figure: the sum of the events is the figure, on both clocks, for any filter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbuch.contracts.figures import DEFINITIONS, terms
from landbuch.contracts.judge import Verdict
from landbuch.sdk.explaining import Clocks, Explaining, Question, events_of, explain, read_clocks
from tests.judged_books import books, figures_of, known

PHASES = ("KIP3", "KIP2BIS", "KIP4")
AREAS = st.sampled_from((None, "_", "SP", "FK", "ZP", "SB", "XX"))
SOURCES = st.sampled_from((None, "canton", "federal", "third"))


@st.composite
def states(draw: st.DrawFn, verdicts: tuple[Verdict, ...]) -> Clocks:
    """A state of a book: any booking day of it, any position or recorded time, or everything."""
    events = list(events_of(verdicts))
    as_of = draw(st.none() | st.sampled_from([event.bookedon for event in events]))
    at = draw(st.none() | st.sampled_from(events))
    if at is None:
        return Clocks(as_of)
    return Clocks(as_of, at.position if draw(st.booleans()) else at.time)


@given(st.data())
def test_the_sum_of_the_explained_events_is_the_figure(data: st.DataObject) -> None:
    verdicts = data.draw(st.sampled_from(books()))
    clocks = data.draw(states(verdicts))
    phase, area, source = data.draw(st.sampled_from(PHASES)), data.draw(AREAS), data.draw(SOURCES)
    for figure in DEFINITIONS:
        found = explain(verdicts, Question(figure, phase, area, source, clocks))
        expected = getattr(figures_of(known(verdicts, clocks), phase, area, source), figure)
        assert found.amount == sum(part.amount for part in found.parts) == expected
        assert sum(term.amount for term in found.terms) == expected


@given(st.data())
def test_the_accounts_of_an_explanation_are_those_of_the_book(data: st.DataObject) -> None:
    verdicts = data.draw(st.sampled_from(books()))
    clocks = data.draw(states(verdicts))
    balances = known(verdicts, clocks)
    found = explain(verdicts, Question("decided", "KIP3", clocks=clocks))
    listed = {account: amount for term in found.terms for account, amount in term.accounts}
    assert all(balances["KIP3", account] == amount for account, amount in listed.items())


def test_the_histories_move_every_figure() -> None:
    moved = set()
    for verdicts in books():
        for phase in PHASES:
            whole = figures_of(known(verdicts, Clocks()), phase)
            moved |= {figure for figure in DEFINITIONS if getattr(whole, figure)}
    assert moved >= {"decided", "in_force", "unallocated", "approved", "committed", "disbursed", "available"}


def test_it_does_not_matter_in_which_batches_the_entries_come() -> None:
    verdicts = books()[2]
    question = Question("committed", "KIP3", clocks=Clocks(at=verdicts[50].position))  # type: ignore[union-attr]
    explaining = Explaining(question)
    for first in range(0, len(verdicts), 7):
        explaining.feed(verdicts[first : first + 7])
    assert explaining.explanation() == explain(verdicts, question)


def test_an_event_is_cited_with_all_its_dates_and_documents() -> None:
    found = explain(books()[0], Question("decided", "KIP2BIS"))
    decided = next(part for part in found.parts if part.event.type == "CreditDecided")
    assert decided.amount == 149_818_800
    assert (decided.event.about, decided.event.occurred_on) == ("LR-2021-KIP2BIS", "2021-05-20")
    assert decided.event.bookedon == "2021-05-20"
    assert decided.event.time > "2026"


def test_a_state_before_the_first_booking_has_no_events() -> None:
    found = explain(books()[0], Question("decided", "KIP2BIS", clocks=Clocks("2021-05-19")))
    assert (found.parts, found.amount) == ((), 0)
    assert explain(books()[0], Question("decided", "KIP2BIS", clocks=Clocks("2021-05-20"))).amount == 149_818_800


def test_what_was_recorded_at_the_time_itself_is_known() -> None:
    event = next(event for event in events_of(books()[0]) if event.name == "CreditDecided")
    counted = explain(books()[0], Question("decided", event.phase, clocks=Clocks(at=event.time)))
    assert [part.event.position for part in counted.parts] == [event.position]
    assert counted.position == event.position
    before = event.time[:-2] + "0Z"
    assert before < event.time
    assert explain(books()[0], Question("decided", event.phase, clocks=Clocks(at=before))).parts == ()


def test_what_only_moves_within_a_figure_is_not_listed() -> None:
    types = {part.event.type for part in explain(books()[2], Question("committed", "KIP3")).parts}
    assert "AgreementSigned" in types
    assert "DisbursementApproved" not in types


@pytest.mark.parametrize(
    ("figure", "area", "kinds"),
    [
        ("committed", None, ["open", "released", "used", "recovered"]),
        ("approved", "SP", ["available", "blocked", "open", "released", "used", "recovered", "lapsed"]),
        ("approved", "_", ["unallocated", "lapsed", "shortfall"]),
        ("pending", "SP", []),
        ("lapsed", None, ["lapsed", "lapsed"]),
    ],
)
def test_the_terms_of_a_figure_are_accounts(figure: str, area: str | None, kinds: list[str]) -> None:
    assert [shape.split(":")[1] for shape in terms(figure, area)] == kinds


@pytest.mark.parametrize(
    ("as_of", "at", "clocks"),
    [
        (None, None, Clocks()),
        ("2024-02-29", "1042", Clocks("2024-02-29", 1042)),
        (None, "2026-11-22T11:00:00+01:00", Clocks(at="2026-11-22T10:00:00.000000Z")),
    ],
)
def test_clocks_are_read_as_people_type_them(as_of: str | None, at: str | None, clocks: Clocks) -> None:
    assert read_clocks(as_of, at) == clocks


@pytest.mark.parametrize(
    ("as_of", "at", "sentence"),
    [
        ("2023-02-29", None, "write YYYY-MM-DD"),
        ("20240101", None, "write YYYY-MM-DD"),
        (None, "-1", "neither a position nor a time"),
        (None, "2026-11-22T10:00:00", "neither a position nor a time"),
        (None, "0001-01-01T00:00:00+23:00", "neither a position nor a time"),
    ],
)
def test_a_clock_that_cannot_be_read_says_what_to_write(as_of: str | None, at: str | None, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        read_clocks(as_of, at)
