"""The catalogue is complete: orders, records, codes, warnings, roles; and commands are read strictly."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

from landbuch.contracts.acts.programme import ROLES, Role, RoleGranted
from landbuch.contracts.canonical import digest
from landbuch.contracts.catalogue import (
    ACTS,
    COMMANDS,
    CONFIRM,
    EVENTS,
    ORDERS,
    WRITERS,
    Act,
    acts_writing,
    commands_of,
)
from landbuch.contracts.command import Command, MalformedError, read_command
from landbuch.contracts.envelope import event_id, short_digest, timed_command_id
from landbuch.contracts.publish.book import example_book
from landbuch.contracts.recording import recorded
from landbuch.contracts.refusals import PRECEDENCE, REMEDIES, Code, Refused
from landbuch.contracts.roles import may
from landbuch.contracts.rows import Grant
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import CANTONS, SERVICES, Order, Record
from landbuch.contracts.warn import MEANINGS, Warn

COMMAND_ID = "0b54ac1f-6a1c-5b3f-8a52-3c0d6a2f1e77"
OUTSIDE = {"ProposePartnerBankDetails": {"iban", "salt"}}
"""Terms that never enter the book: a commitment stands for them."""
EXAMPLES = {line.command.name: line.command for line in example_book()}


def read(name: str, data: Any, **changes: Any) -> Command[Order]:
    """Read a command of somebody in BL."""
    around: dict[str, Any] = {"canton": "BL", "phase": "KIP3", "commandid": COMMAND_ID, "actor": "p-7f3a"}
    return read_command(name=name, data=data, **(around | changes))


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.command)
def test_every_act_has_an_order_and_a_record_that_say_what_they_are(act: Act) -> None:
    assert issubclass(act.order, Order)
    assert issubclass(act.record, Record)
    for model in (act.order, act.record):
        assert re.match(r"[A-Z].*\.$", inspect.getdoc(model) or "", re.DOTALL), model


@pytest.mark.parametrize("act", [act for act in ACTS if act.command != "FoundBook"], ids=lambda act: act.command)
def test_every_record_carries_all_terms_of_its_order(act: Act) -> None:
    terms = set(act.order.model_fields) - {"booked_on"} - OUTSIDE.get(act.command, set())
    assert terms <= set(act.record.model_fields)
    assert not OUTSIDE.get(act.command, set()) & set(act.record.model_fields)


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.command)
def test_every_act_but_the_founding_needs_a_role_that_exists(act: Act) -> None:
    assert act.roles <= set(ROLES)
    assert bool(act.roles) == (act.command != "FoundBook")


def test_no_two_acts_have_one_name() -> None:
    assert len(COMMANDS) == len(ACTS)
    assert ORDERS.keys() == COMMANDS.keys() | {CONFIRM}


@pytest.mark.parametrize("type_", EVENTS)
def test_every_event_has_a_writer_and_acts_that_write_it(type_: str) -> None:
    name = EVENTS[type_].__name__
    assert type_ == f"landbuch.{name}.v1"
    assert WRITERS[name]
    assert set(WRITERS[name]) <= set(SERVICES)
    assert acts_writing(name) or name == "ActProposed"


def test_what_two_services_write_is_proposals_and_rejections_only() -> None:
    assert {name for name, services in WRITERS.items() if len(services) > 1} == {"ActProposed", "ActRejected"}


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_answers_its_own_commands_and_those_of_two_persons(service: Any) -> None:
    own = set(commands_of(service))
    assert {"ConfirmAct", "RejectAct"} <= own
    assert {COMMANDS[name].service for name in own - {CONFIRM, "RejectAct"}} == {service}


def test_every_command_is_answered_by_somebody() -> None:
    assert {name for service in SERVICES for name in commands_of(service)} == ORDERS.keys()


@pytest.mark.parametrize("code", Code)
def test_every_refusal_code_has_a_remedy_in_a_sentence(code: Code) -> None:
    assert re.fullmatch(r"[a-z]+(?:_[a-z]+)*", code)
    assert re.fullmatch(r"[A-Z].*\.", code.remedy)


def test_there_is_no_remedy_without_a_code_and_the_order_is_that_of_the_list() -> None:
    assert set(REMEDIES) == set(Code)
    assert sorted(Code, key=PRECEDENCE.__getitem__) == list(Code)


def test_a_refusal_says_its_code_and_its_arithmetic() -> None:
    refused = Refused(Code.CREDIT_EXCEEDED, "300'000.00 available; 320'000.00 needed.")
    assert str(refused) == "credit_exceeded: 300'000.00 available; 320'000.00 needed."


@pytest.mark.parametrize("warning", Warn)
def test_every_warning_has_a_meaning_in_a_sentence(warning: Warn) -> None:
    assert re.fullmatch(r"[A-Z].*\.", warning.meaning)
    assert MEANINGS.keys() == set(Warn)


def test_there_are_twenty_six_cantons() -> None:
    assert len(CANTONS) == 26


@pytest.mark.parametrize("name", ORDERS)
def test_a_command_reads_back_what_it_says(name: str) -> None:
    data = EXAMPLES[name].data.model_dump(mode="json", exclude_unset=True)
    assert read(name, data).data == EXAMPLES[name].data


@pytest.mark.parametrize("name", ORDERS)
def test_no_command_takes_a_field_that_it_does_not_know(name: str) -> None:
    data = EXAMPLES[name].data.model_dump(mode="json", exclude_unset=True)
    with pytest.raises(MalformedError, match="stranger: Extra inputs are not permitted"):
        read(name, data | {"stranger": 1})


ALLOCATE = {"credit": "C", "allocations": [{"area": "SP", "source": "canton", "amount": 5}]}


@pytest.mark.parametrize("amount", [0, -5, 5.0, "5", True, None, 10**13 + 1, [5], float("nan")])
def test_an_amount_is_a_positive_integer_and_nothing_else(amount: Any) -> None:
    with pytest.raises(MalformedError, match=r"allocations\.0\.amount"):
        read("AllocateCredit", ALLOCATE | {"allocations": [{"area": "SP", "source": "canton", "amount": amount}]})


@pytest.mark.parametrize("amount", [1, 10**13])
def test_the_smallest_and_the_largest_amount_are_read(amount: int) -> None:
    read("AllocateCredit", ALLOCATE | {"allocations": [{"area": "SP", "source": "canton", "amount": amount}]})


@pytest.mark.parametrize("data", [None, [], "x", 5, {}])
def test_data_that_is_no_object_or_empty_is_malformed(data: Any) -> None:
    with pytest.raises(MalformedError):
        read("AllocateCredit", data)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("canton", "XX"), ("canton", "bl"), ("phase", "kip 3"), ("phase", "A.B"), ("phase", ""), ("phase", "A" * 17),
        ("commandid", COMMAND_ID.upper()), ("commandid", "1"), ("actor", "Nobody"), ("actor", "p-"), ("actor", ""),
        ("correlationid", "x"),
    ],
)  # fmt: skip
def test_what_stands_around_the_data_is_read_strictly_too(field: str, value: str) -> None:
    with pytest.raises(MalformedError, match=field):
        read("AllocateCredit", ALLOCATE, **{field: value})


def test_an_unknown_command_is_malformed() -> None:
    with pytest.raises(MalformedError, match="there is no command Allocate;"):
        read("Allocate", ALLOCATE)


def test_data_nested_beyond_any_stack_is_malformed() -> None:
    nested: Any = []
    for _ in range(5000):
        nested = [nested]
    with pytest.raises(MalformedError, match="deeper than 32"):
        read("AllocateCredit", ALLOCATE | {"allocations": nested})


def test_a_half_of_a_surrogate_pair_is_malformed() -> None:
    with pytest.raises(MalformedError, match="reason"):
        read("WithdrawCreditProposal", {"credit": "C", "reason": "\ud800"})


@pytest.mark.parametrize("text", ["", " x", "a\u0000b", "a\u0007b", "a\u202eb", "a\ufeffb", "a\u0085b", "x" * 2001])
def test_text_without_an_end_a_beginning_or_a_face_is_malformed(text: str) -> None:
    with pytest.raises(MalformedError, match="reason"):
        read("WithdrawCreditProposal", {"credit": "C", "reason": text})


def test_text_may_have_several_lines_and_a_name_may_not() -> None:
    read("WithdrawCreditProposal", {"credit": "C", "reason": "One line.\nAnother."})
    with pytest.raises(MalformedError, match="term"):
        read(
            "ProposeCredit",
            EXAMPLES["ProposeCredit"].data.model_dump(mode="json", exclude_unset=True) | {"term": "a\nb"},
        )


def test_text_is_brought_into_nfc_before_it_is_hashed() -> None:
    decomposed = read("WithdrawCreditProposal", {"credit": "C", "reason": "Zu\u0308rich"})
    composed = read("WithdrawCreditProposal", {"credit": "C", "reason": "Z\u00fcrich"})
    assert decomposed == composed


def test_an_unset_field_and_a_null_are_one_command() -> None:
    data = {"person": "p-1", "role": "viewer"}
    assert read("GrantRole", data).hash == read("GrantRole", data | {"limit": None}).hash


@pytest.mark.parametrize(
    "changes",
    [{"actor": "p-other"}, {"canton": "BS"}, {"phase": "KIP2"}, {"data": {"credit": "D", "reason": "x"}}],
    ids=str,
)
def test_the_same_id_with_anything_else_is_another_command(changes: dict[str, Any]) -> None:
    data = {"credit": "C", "reason": "x"}
    other = read(
        "WithdrawCreditProposal", changes.get("data", data), **{k: v for k, v in changes.items() if k != "data"}
    )
    assert other.hash != read("WithdrawCreditProposal", data).hash


def test_a_command_hash_leaves_out_what_does_not_change_the_act() -> None:
    data = {"credit": "C", "reason": "x"}
    first = read("WithdrawCreditProposal", data)
    assert first.hash == read("WithdrawCreditProposal", data, commandid=COMMAND_ID.replace("0", "1")).hash
    assert first.hash == read("WithdrawCreditProposal", data, correlationid=COMMAND_ID).hash
    assert first.hash == digest(
        {"actor": "p-7f3a", "canton": "BL", "data": data, "phase": "KIP3", "type": "WithdrawCreditProposal"}
    )


def test_ids_differ_by_canton_service_command_and_place() -> None:
    ids = {
        event_id(canton, service, command, index)
        for canton in ("BL", "BS")
        for service in SERVICES
        for command in (COMMAND_ID, COMMAND_ID.replace("0", "1"))
        for index in (0, 1)
    }
    assert len(ids) == 16
    assert timed_command_id("BL", "k", "o", "2024-01-01") == timed_command_id("BL", "k", "o", "2024-01-01")
    assert timed_command_id("BL", "k", "o", "2024-01-01") != timed_command_id("BL", "k", "o", "2024-01-02")
    assert 0 <= short_digest(COMMAND_ID) < 2**64


def test_a_record_takes_the_terms_that_were_set_and_nothing_about_booking() -> None:
    order = read("GrantRole", {"person": "p-1", "role": "viewer", "booked_on": "2024-01-01"}).data
    assert recorded(RoleGranted, order, (Warn.TIME_AHEAD,), proposal=5).model_dump(exclude_none=True) == {
        "person": "p-1",
        "role": "viewer",
        "warnings": ("time_ahead",),
        "proposal": 5,
    }


def holding(role: Role, grant: Grant) -> BookState:
    """A book in which one person holds one role."""
    state = BookState("BL")
    state.grants.set(("p-1", role), grant)
    return state


ALLOCATING = COMMANDS["AllocateCredit"]


@pytest.mark.parametrize("role", ROLES)
def test_only_the_roles_of_an_act_may_do_it(role: Role) -> None:
    state = holding(role, Grant(None, None, None))
    assert may(state, ALLOCATING, "p-1", "KIP3", "2024-01-01") == (role in ALLOCATING.roles)
    assert not may(state, ALLOCATING, "p-2", "KIP3", "2024-01-01")


@pytest.mark.parametrize(("today", "allowed"), [("2024-01-31", False), ("2024-02-01", True), ("2024-02-02", True)])
def test_a_role_holds_from_its_first_day(today: str, allowed: bool) -> None:  # noqa: FBT001 - a table
    assert may(holding("finance", Grant(None, None, "2024-02-01")), ALLOCATING, "p-1", "KIP3", today) is allowed


@pytest.mark.parametrize(("phase", "allowed"), [("KIP3", True), ("KIP2", False), ("_", True)])
def test_a_role_holds_in_the_phases_of_its_scope(phase: str, allowed: bool) -> None:  # noqa: FBT001 - a table
    assert may(holding("finance", Grant(None, ("KIP3",), None)), ALLOCATING, "p-1", phase, "2024-01-01") is allowed
