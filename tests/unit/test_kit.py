"""The given/when/then kit itself: with a small desk, so that a failure points at the kit and not at a rule."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from landbuch.contracts.acts.agreements import RegisterPartner
from landbuch.contracts.acts.credits import CreditDecided, CreditProposed
from landbuch.contracts.acts.programme import FoundBook, InformationRecorded, RecordInformation, RoleGranted
from landbuch.contracts.recording import recorded
from landbuch.contracts.refusals import Code, Refused
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record, SourceAmount
from landbuch.contracts.warn import Warn
from landbuch.sdk.deciding import Case, Desk
from landbuch.sdk.testing.given import Happened, Kit, voice


def found(_state: BookState, order: FoundBook, _case: Case) -> Sequence[Record]:
    """Make every administrator one."""
    return [RoleGranted(person=person, role="administrator") for person in order.administrators]


def record(state: BookState, order: RecordInformation, _case: Case) -> Sequence[Record]:
    """Record everything but gossip."""
    if order.topic == "gossip":
        state.voids.set(1, "left behind")
        raise Refused(Code.EVIDENCE_MISSING, "Nobody saw it, 0 of 2 witnesses.")
    warnings = {Warn.WINDOW_UNDECIDABLE} if order.topic == "window" else ()
    return [recorded(InformationRecorded, order, warnings)]


KIT = Kit((Desk(service="ledger", rules={FoundBook: found, RecordInformation: record}),))
ADMINISTRATOR = voice("p-1")
FOUNDED = ADMINISTRATOR(FoundBook(administrators=("p-1", "p-2")))


def tell(topic: str) -> RecordInformation:
    """An order of the small desk."""
    return RecordInformation(about="BL", topic=topic, statement="Something")


def test_what_was_given_has_happened() -> None:
    assert [event.name for event in KIT.given(FOUNDED, ADMINISTRATOR(tell("news"))).events] == [
        "RoleGranted",
        "RoleGranted",
        "InformationRecorded",
    ]


def test_then_compares_what_the_expected_record_sets() -> None:
    outcome = KIT.given(FOUNDED).when(ADMINISTRATOR(tell("news")))
    outcome.then(InformationRecorded(about="BL", topic="news", statement="Something")).books().warns()
    with pytest.raises(AssertionError, match="'topic': 'news'"):
        outcome.then(InformationRecorded(about="BL", topic="other", statement="Something"))
    with pytest.raises(AssertionError, match="events: found"):
        outcome.then()


def test_warns_compares_the_codes() -> None:
    outcome = KIT.given(FOUNDED).when(ADMINISTRATOR(tell("window"))).warns("window_undecidable")
    with pytest.raises(AssertionError, match="warnings: found"):
        outcome.warns()


def test_refused_compares_code_and_words() -> None:
    outcome = KIT.given().when(ADMINISTRATOR(tell("news"))).refused(Code.BOOK_NOT_FOUNDED, "no administrators")
    with pytest.raises(AssertionError, match="role_missing"):
        outcome.refused(Code.ROLE_MISSING)
    with pytest.raises(AssertionError, match="words not in"):
        outcome.refused(Code.BOOK_NOT_FOUNDED, "3'000.00")


def test_a_refusal_is_not_taken_for_events_nor_events_for_a_refusal() -> None:
    with pytest.raises(AssertionError, match="refused: book_not_founded"):
        KIT.given().when(ADMINISTRATOR(tell("news"))).then()
    with pytest.raises(AssertionError, match=r"not refused: \['InformationRecorded'\]"):
        KIT.given(FOUNDED).when(ADMINISTRATOR(tell("news"))).refused(Code.ROLE_MISSING)


def test_what_was_given_must_be_accepted() -> None:
    with pytest.raises(Refused, match="book_not_founded"):
        KIT.given(ADMINISTRATOR(tell("news")))


def test_what_a_refused_rule_touched_is_as_before() -> None:
    outcome = KIT.given(FOUNDED).when(ADMINISTRATOR(tell("gossip"))).refused(Code.EVIDENCE_MISSING, "0 of 2")
    assert dict(outcome.book.state.voids) == {}


def test_events_may_be_given_that_no_rule_would_write() -> None:
    proposed = CreditProposed(
        credit="C", term="Kredit", amounts=(SourceAmount(source="canton", amount=5),), new=5, bound=0
    )
    decided = CreditDecided(
        credit="C",
        body="parliament",
        body_name="Landrat",
        method="vote",
        outcome="accepted",
        lines=(("credit:pending:C:canton", 5), ("credit:authority:C:canton", -5)),
    )
    book = KIT.given(Happened(proposed, "p-1", phase="KIP3"), Happened(decided, "p-1", phase="KIP3"))
    assert book.balance("KIP3", "credit:pending:C:canton") == 5
    assert [event.position for event in book.events] == [1, 2]


def test_the_clock_stands_still_until_it_is_set() -> None:
    book = KIT.given(FOUNDED)
    assert {event.bookedon for event in book.events} == {"2024-03-28"}
    outcome = book.on("2025-01-02").when(ADMINISTRATOR(tell("news")))
    assert outcome.written[0].event.time == "2025-01-02T11:00:00.000000Z"


def test_an_order_without_a_desk_is_a_mistake_of_the_test() -> None:
    with pytest.raises(AssertionError, match="desks of agreements: found 0"):
        KIT.given(FOUNDED).when(ADMINISTRATOR(RegisterPartner(partner="P-1", kind="private_person")))
