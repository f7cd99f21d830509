"""The proof itself: a lost, doubled, moved, altered or unasked-for event is not overlooked."""

from __future__ import annotations

import json

import pytest

from landbuch.contracts.entry import Entry, leaf_of
from tests.doors import Answer
from tests.durability.proof import demand_answered_truly
from tests.durability.stream import Errand
from tests.told_books import told_history

ENTRIES, _ = told_history()
TOLD = len(ENTRIES) - 5


def errand(entries: list[Entry], position: int) -> Errand:
    """The command behind an entry, accepted as it stands there."""
    event = json.loads(entries[position - 1].payload)
    receipt = {"position": position, "leaf": leaf_of(entries[position - 1]).hex()}
    answer = Answer({"outcome": "accepted", "events": [receipt]})
    return Errand("RecordInformation", event["actor"], "_", {}, event["commandid"], answer=answer)


@pytest.fixture
def errands() -> list[Errand]:
    """Give a command for each of the last entries."""
    return [errand(ENTRIES, position) for position in range(TOLD + 1, len(ENTRIES) + 1)]


def test_a_book_in_which_everything_stands_as_acknowledged_passes(errands: list[Errand]) -> None:
    refused = Errand("ShiftAllocation", "p-f5d0", "KIP3", {}, "another", answer=Answer({"outcome": "refused"}))
    demand_answered_truly(ENTRIES, [*errands, refused], told=TOLD)


def test_a_lost_acknowledged_event_is_noticed(errands: list[Errand]) -> None:
    with pytest.raises(AssertionError, match="1 acknowledged commands are not in the book"):
        demand_answered_truly(ENTRIES[:-1], errands, told=TOLD)


def test_an_event_that_stands_there_twice_is_noticed(errands: list[Errand]) -> None:
    with pytest.raises(AssertionError, match="an event id stands in the book twice"):
        demand_answered_truly([*ENTRIES, ENTRIES[-1]], errands, told=TOLD)


def test_events_in_another_order_than_acknowledged_are_noticed(errands: list[Errand]) -> None:
    swapped = [*ENTRIES[:-2], ENTRIES[-1], ENTRIES[-2]]
    with pytest.raises(AssertionError, match="is not in the book as acknowledged"):
        demand_answered_truly(swapped, errands, told=TOLD)


def test_other_bytes_than_acknowledged_are_noticed(errands: list[Errand]) -> None:
    altered = Entry(ENTRIES[-1].subject, ENTRIES[-1].payload.replace(b'"bookedon":"2', b'"bookedon":"1'))
    with pytest.raises(AssertionError, match="is not in the book as acknowledged"):
        demand_answered_truly([*ENTRIES[:-1], altered], errands, told=TOLD)


def test_a_refused_command_that_was_written_all_the_same_is_noticed(errands: list[Errand]) -> None:
    errands[-1].answer = Answer({"outcome": "refused", "code": "credit_exceeded"})
    with pytest.raises(AssertionError, match="is not in the book as acknowledged"):
        demand_answered_truly(ENTRIES, errands, told=TOLD)


def test_an_event_that_nobody_asked_for_is_noticed(errands: list[Errand]) -> None:
    with pytest.raises(AssertionError, match="nobody sent the commands"):
        demand_answered_truly(ENTRIES, errands[1:], told=TOLD)


def test_a_command_without_an_outcome_is_noticed(errands: list[Errand]) -> None:
    errands[0].answer = None
    with pytest.raises(AssertionError, match="1 commands have no outcome"):
        demand_answered_truly(ENTRIES, errands, told=TOLD)
