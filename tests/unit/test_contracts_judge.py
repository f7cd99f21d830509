"""The void rule: each reason, which of two is given, and what counts although it is strange."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from landbuch.contracts.canonical import canonical
from landbuch.contracts.entry import GENESIS, MAX_EVENT_BYTES, Entry, leaf_of
from landbuch.contracts.envelope import Event, Unknown
from landbuch.contracts.evolve import evolve
from landbuch.contracts.judge import Verdict, Void, judge
from landbuch.contracts.publish.book import example_book
from landbuch.contracts.state import BookState

LINE = next(line for line in example_book() if line.event.name == "CreditDecided")
POSITION, BEFORE = LINE.event.position, LINE.event.prevhash


def changed(change: Callable[[dict[str, Any]], object], subject: str = LINE.entry.subject) -> Verdict:
    """Judge the decision with something changed."""
    value = json.loads(LINE.entry.payload)
    change(value)
    return judge(Entry(subject, canonical(value)), POSITION, BEFORE)


def reason(verdict: Verdict) -> str:
    """The reason of a void entry."""
    assert isinstance(verdict, Void), verdict
    return verdict.reason


def test_a_good_entry_is_the_event_that_was_written() -> None:
    assert judge(LINE.entry, POSITION, BEFORE) == LINE.event


def test_too_many_bytes_are_void_and_one_less_is_read() -> None:
    assert reason(judge(Entry(LINE.entry.subject, b"[" * (MAX_EVENT_BYTES + 1)), POSITION, BEFORE)) == "too_large"
    assert reason(judge(Entry(LINE.entry.subject, b"[" * MAX_EVENT_BYTES), POSITION, BEFORE)) == "not_canonical"


def test_rubbish_is_void() -> None:
    assert reason(judge(Entry(LINE.entry.subject, b"rubbish"), POSITION, BEFORE)) == "not_canonical"


@pytest.mark.parametrize("levels", [33, 900, 20_000])
def test_a_payload_nested_beyond_any_stack_is_void_and_stops_nobody(levels: int) -> None:
    payload = b"[" * levels + b"]" * levels
    assert reason(judge(Entry(LINE.entry.subject, payload), POSITION, BEFORE)) == "not_canonical"


def test_a_wrong_envelope_is_void() -> None:
    assert reason(changed(lambda event: event.pop("actor"))) == "bad_envelope"


def test_a_stranger_in_the_envelope_is_not_taken_for_one_in_the_data() -> None:
    assert reason(changed(lambda event: event.update(dataschema="x"))) == "bad_envelope"


def test_wrong_data_is_void() -> None:
    assert reason(changed(lambda event: event["data"].pop("credit"))) == "bad_schema"


def test_a_wrong_envelope_is_told_before_wrong_data() -> None:
    assert reason(changed(lambda event: event.update(data={}, actor="?"))) == "bad_envelope"


@pytest.mark.parametrize(
    "subject",
    [
        "book.BL.EX1.ledger.CreditDecided", "book.AI._.ledger.CreditDecided", "book.AI.EX1.agreements.CreditDecided",
        "book.AI.EX1.ledger.CreditProposed", "book.AI.EX1.ledger.CreditDecided.x", "book.AI.EX1.ledger", "",
    ],
)  # fmt: skip
def test_canton_phase_service_and_type_must_be_those_of_the_subject(subject: str) -> None:
    assert reason(judge(Entry(subject, LINE.entry.payload), POSITION, BEFORE)) == "foreign_subject"


def test_another_canton_s_source_is_void() -> None:
    assert reason(changed(lambda event: event.update(source="urn:landbuch:BL:ledger"))) == "foreign_subject"


def test_an_event_of_a_foreign_service_is_void() -> None:
    verdict = changed(
        lambda event: event.update(source="urn:landbuch:AI:agreements"), "book.AI.EX1.agreements.CreditDecided"
    )
    assert reason(verdict) == "foreign_subject"


def test_a_later_version_belongs_to_the_same_service() -> None:
    verdict = changed(
        lambda event: event.update(source="urn:landbuch:AI:agreements", type="landbuch.CreditDecided.v2"),
        "book.AI.EX1.agreements.CreditDecided",
    )
    assert reason(verdict) == "foreign_subject"


def test_both_services_write_proposals() -> None:
    proposal = next(line for line in example_book() if line.event.name == "ActProposed")
    value = json.loads(proposal.entry.payload) | {"source": "urn:landbuch:AI:agreements"}
    entry = Entry(proposal.entry.subject.replace("ledger", "agreements"), canonical(value))
    assert isinstance(judge(entry, proposal.event.position, proposal.event.prevhash), Event)


def test_a_wrong_position_is_void() -> None:
    assert reason(judge(LINE.entry, POSITION + 1, BEFORE)) == "wrong_position"


def test_unbalanced_lines_are_void_and_the_detail_shows_the_sum() -> None:
    verdict = changed(lambda event: event["data"]["lines"][0].__setitem__(1, 5))
    assert verdict == Void("unbalanced", "the lines of layer credit sum to \u22121'499'999.95, not to 0.00")


def test_lines_that_balance_over_two_layers_only_are_void() -> None:
    lines = [["finance:100", 5], ["credit:pending:X:canton", -5]]
    assert reason(changed(lambda event: event["data"].update(lines=lines))) == "unbalanced"


def test_a_wrong_predecessor_is_void() -> None:
    assert reason(judge(LINE.entry, POSITION, GENESIS)) == "wrong_predecessor"


def test_a_wrong_predecessor_is_told_last_because_it_may_mean_more() -> None:
    def spoil(event: dict[str, Any]) -> None:
        event["prevhash"] = GENESIS
        event["data"]["lines"][0][1] = 5

    assert reason(changed(spoil)) == "unbalanced"
    assert reason(judge(LINE.entry, POSITION + 1, GENESIS)) == "wrong_position"


def test_terms_that_contradict_each_other_count() -> None:
    assert isinstance(changed(lambda event: event["data"].pop("votes_for")), Event)


def test_an_event_without_lines_where_the_rule_demands_some_counts() -> None:
    assert isinstance(changed(lambda event: event["data"].pop("lines")), Event)


@pytest.mark.parametrize("type_", ["landbuch.CreditDoubled.v1", "landbuch.CreditDecided.v2"])
def test_a_type_that_is_not_known_is_unknown_and_keeps_its_lines(type_: str) -> None:
    name = type_.split(".")[1]
    verdict = changed(
        lambda event: event.update(type=type_, data={"what": "ever", "lines": [["finance:1", 5], ["finance:2", -5]]}),
        f"book.AI.EX1.ledger.{name}",
    )
    assert isinstance(verdict, Unknown)
    assert verdict.lines == (("finance:1", 5), ("finance:2", -5))


def test_an_unknown_type_by_a_service_to_come_counts() -> None:
    verdict = changed(
        lambda event: event.update(type="landbuch.PlanMade.v1", source="urn:landbuch:AI:planning"),
        "book.AI.EX1.planning.PlanMade",
    )
    assert isinstance(verdict, Unknown)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([["finance:1", 5]], "unbalanced"), ([], "bad_schema"), ("x", "bad_schema"), ([["gold:1", 5]], "bad_schema"),
        ([["finance:1", "5"]], "bad_schema"), ([["finance:1"]], "bad_schema"), ([["finance::1", 0]], "bad_schema"),
    ],
)  # fmt: skip
def test_the_lines_of_an_unknown_type_are_judged_like_all_lines(lines: Any, expected: str) -> None:
    verdict = changed(
        lambda event: event.update(type="landbuch.CreditDoubled.v1", data={"lines": lines}),
        "book.AI.EX1.ledger.CreditDoubled",
    )
    assert reason(verdict) == expected


@pytest.mark.parametrize(
    "type_", ["CreditDecided", "landbuch.CreditDecided", "landbuch.Credit.Decided.v1", "x.y.v1", 5]
)
def test_a_type_outside_the_namespace_is_void(type_: Any) -> None:
    assert reason(changed(lambda event: event.update(type=type_))) == "bad_envelope"


@pytest.mark.parametrize("lines", [(("gold:1", 5),), (("finance:1", 10**13 + 1),), ()])
def test_no_event_can_be_built_that_its_schema_refuses(lines: Any) -> None:
    fields = {name: getattr(LINE.event, name) for name in LINE.event.model_fields_set}
    model = type(LINE.event)
    assert model(**fields) == LINE.event
    with pytest.raises(ValidationError, match="lines"):
        model(**fields | {"data": LINE.event.data.model_copy(update={"lines": lines})})


@pytest.mark.parametrize("raw", [b"\xff", b"\xe2\x82", b"\xc3\xa9", b"\xf0\x9f\x92", b"a\xff\xfeb\xffc"])
def test_a_subject_of_any_bytes_has_one_leaf_however_it_is_handed_on(raw: bytes) -> None:
    subject = b"book.AI.EX1.ledger." + raw
    disguises = {
        subject.decode("utf-8", "replace"),
        subject.decode("utf-8", "surrogateescape"),
        subject.decode("latin-1"),
        "".join(chr(byte) if byte < 128 else "\ufffd" for byte in subject),
    }
    assert len({leaf_of(Entry(disguise, b"{}")) for disguise in disguises}) == 1


@given(st.binary(max_size=60), st.text(st.characters(codec=None), max_size=30))
def test_whatever_bytes_arrive_the_fold_goes_on(payload: bytes, subject: str) -> None:
    state = BookState("AI")
    entry = Entry(subject, payload)
    verdict = judge(entry, 1, GENESIS)
    evolve(state, verdict, 1, leaf_of(entry).hex())
    assert isinstance(verdict, Void)
    assert (state.head.position, dict(state.balances), dict(state.voids)) == (1, {}, {1: verdict.reason})
