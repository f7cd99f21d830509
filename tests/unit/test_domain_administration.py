"""Founding, roles, acts of two persons, programmes, approval rules, information, booking days."""

from __future__ import annotations

from typing import Any

import pytest

from landbuch.contracts.acts.programme import (
    ActProposed,
    ActRejected,
    ApprovalRulesAdopted,
    ConfirmAct,
    FoundBook,
    GrantRole,
    InformationRecorded,
    ProgrammeOpened,
    ProposedCommand,
    RecordInformation,
    RejectAct,
    RevokeRole,
    RoleGranted,
    RoleRevoked,
)
from landbuch.contracts.refusals import Code
from landbuch.contracts.vocabulary import Order
from landbuch.sdk.testing.given import Happened, Said, saying
from tests.scenes import (
    ADMINISTRATORS,
    CLERK,
    FINANCE,
    FIRST,
    FOUND,
    FOUNDED,
    OPEN,
    RULES,
    SECOND,
    allocate,
    draft,
    given,
    grant,
    order,
    programme,
    propose,
    sign,
)

PROPOSED_GRANT = FIRST(GrantRole(person="p-new", role="viewer"))
AT = len(given(*FOUNDED).events) + 1


def test_founding_names_administrators_and_services_in_one_batch() -> None:
    given().when(FOUND).then(
        RoleGranted(person="p-admin1", role="administrator"),
        RoleGranted(person="p-admin2", role="administrator"),
        RoleGranted(person="s-ledger", role="service"),
    )


def test_the_events_of_one_command_follow_each_other_by_a_microsecond_and_have_ids_of_their_own() -> None:
    written = given().when(FOUND).written
    assert [one.event.time[-7:] for one in written] == ["000000Z", "000001Z", "000002Z"]
    assert len({one.event.id for one in written}) == 3
    assert len({one.event.commandid for one in written}) == 1


def test_a_founder_must_be_one_of_the_administrators() -> None:
    found = FoundBook(administrators=("p-admin1", "p-admin2"))
    given().when(FIRST(found)).then(
        *[RoleGranted(person=person, role="administrator") for person in found.administrators]
    )
    given().when(CLERK.within("_")(found)).refused(Code.ROLE_MISSING, "p-admin1 and p-admin2")


def test_rubbish_before_the_founding_does_not_hinder_it() -> None:
    book = given()
    book.state.voids.set(1, "not_canonical")
    assert len(book.when(FOUND).records) == 3


def test_an_act_of_two_persons_is_first_a_proposal() -> None:
    given(*FOUNDED).when(PROPOSED_GRANT).then(saying(ActProposed, act="GrantRole")).books()


def test_another_person_s_confirmation_writes_the_event_and_names_the_proposal() -> None:
    book = given(*FOUNDED, PROPOSED_GRANT)
    outcome = book.when(SECOND(ConfirmAct(proposal=AT)))
    outcome.then(RoleGranted(person="p-new", role="viewer", proposal=AT))
    event = outcome.written[0].event
    assert (event.actor, event.causationid) == ("p-admin2", book.events[AT - 1].id)


def test_a_confirmation_is_decided_afresh() -> None:
    history = (*FOUNDED, PROPOSED_GRANT, grant("p-new", "viewer"))
    given(*history).when(SECOND(ConfirmAct(proposal=AT))).refused(Code.ROLE_ALREADY_GRANTED)


def test_who_confirms_needs_the_role_of_the_act() -> None:
    given(*FOUNDED, PROPOSED_GRANT).when(Said(ConfirmAct(proposal=AT), ("p-clerk",))).refused(
        Code.ROLE_MISSING, "p-clerk is not administrator"
    )


def test_an_author_who_has_lost_the_role_has_still_proposed() -> None:
    history = (
        *FOUNDED,
        grant("p-admin3", "administrator"),
        Said(GrantRole(person="p-new", role="viewer"), ("p-admin3",)),
    )
    at = len(given(*history).events)
    revoked = (*history, ADMINISTRATORS(RevokeRole(person="p-admin3", role="administrator")))
    given(*revoked).when(SECOND(ConfirmAct(proposal=at))).then(RoleGranted(person="p-new", role="viewer", proposal=at))


@pytest.mark.parametrize("speaker", [FIRST, SECOND])
def test_a_proposal_is_rejected_by_another_or_withdrawn_by_its_author(speaker: object) -> None:
    assert callable(speaker)
    rejected = speaker(RejectAct(proposal=AT, reason="Not now"))
    given(*FOUNDED, PROPOSED_GRANT).when(rejected).then(ActRejected(proposal=AT, reason="Not now"))


def test_who_could_not_confirm_cannot_reject() -> None:
    given(*FOUNDED, PROPOSED_GRANT).when(CLERK.within("_")(RejectAct(proposal=AT, reason="No"))).refused(
        Code.ROLE_MISSING, "GrantRole needs"
    )


def test_a_rejected_act_may_be_proposed_again() -> None:
    history = (*FOUNDED, PROPOSED_GRANT, SECOND(RejectAct(proposal=AT, reason="Not now")))
    given(*history, ADMINISTRATORS(GrantRole(person="p-new", role="viewer")))


@pytest.mark.parametrize(
    ("service", "act", "data"),
    [
        ("agreements", "GrantRole", {"person": "p-new", "role": "viewer"}),
        ("ledger", "SignAgreement", {"agreement": "A-1", "signed_on": "2024-01-01", "signatories": ["p-1"]}),
        ("ledger", "ProposeCredit", {}),
        ("ledger", "ConfirmAct", {"proposal": 1}),
        ("ledger", "Nonsense", {}),
        ("ledger", "GrantRole", {"person": "p-new"}),
        ("ledger", "GrantRole", {"person": "p-new", "role": "emperor"}),
    ],
)
@pytest.mark.parametrize("said", [ConfirmAct(proposal=AT), RejectAct(proposal=AT, reason="No")], ids=type)
def test_a_forged_proposal_that_nobody_can_do_is_none(
    service: Any, act: str, data: dict[str, Any], said: Order
) -> None:
    command = ProposedCommand(commandid="0b54ac1f-6a1c-5b3f-8a52-3c0d6a2f1e77", data=data)
    forged = Happened(ActProposed(act=act, command=command), "p-admin1", service=service)
    given(*FOUNDED, forged).when(SECOND(said)).refused(Code.PROPOSAL_UNKNOWN)


def test_a_role_counts_from_the_moment_it_is_granted() -> None:
    given(*OPEN).when(Said(propose().order, ("p-new",), "KIP3")).refused(Code.ROLE_MISSING)
    given(*OPEN, grant("p-new", "clerk")).when(Said(propose().order, ("p-new",), "KIP3")).books()


@pytest.mark.parametrize(("first_day", "allowed"), [("2024-03-28", True), ("2024-03-29", False)])
def test_a_role_counts_from_its_first_day(first_day: str, allowed: bool) -> None:  # noqa: FBT001 - a table
    outcome = given(*OPEN, grant("p-new", "clerk", valid_from=first_day)).when(
        Said(propose().order, ("p-new",), "KIP3")
    )
    assert (outcome.refusal is None) is allowed


@pytest.mark.parametrize(("scope", "allowed"), [(["KIP3"], True), (["KIP2", "KIP3"], True), (["KIP2"], False)])
def test_a_role_counts_in_its_phases(scope: list[str], allowed: bool) -> None:  # noqa: FBT001 - a table
    outcome = given(*OPEN, grant("p-new", "clerk", scope=scope)).when(Said(propose().order, ("p-new",), "KIP3"))
    assert (outcome.refusal is None) is allowed


def test_a_revoked_role_counts_no_longer() -> None:
    revoke = ADMINISTRATORS(RevokeRole(person="p-clerk", role="clerk"))
    given(*OPEN).when(revoke).then(RoleRevoked(person="p-clerk", role="clerk"))
    given(*OPEN, revoke).when(propose()).refused(Code.ROLE_MISSING)


def test_of_three_administrators_one_may_go_and_no_more() -> None:
    three = (*FOUNDED, grant("p-admin3", "administrator"))
    gone = ADMINISTRATORS(RevokeRole(person="p-admin3", role="administrator"))
    given(*three).when(gone).then(RoleRevoked(person="p-admin3", role="administrator"))
    given(*three, gone).when(ADMINISTRATORS(RevokeRole(person="p-admin2", role="administrator"))).refused(
        Code.LAST_ADMINISTRATORS
    )


def test_a_programme_is_opened_in_its_phase_and_another_beside_it() -> None:
    open_kip3 = ADMINISTRATORS.within("KIP3")(programme())
    given(*FOUNDED).when(open_kip3).then(saying(ProgrammeOpened, label="KIP 3"))
    given(*FOUNDED, open_kip3, ADMINISTRATORS.within("KIP4")(programme(label="KIP 4")))


def test_a_programme_needs_a_phase() -> None:
    given(*FOUNDED).when(ADMINISTRATORS(programme())).refused(Code.PHASE_REQUIRED)


def test_later_rules_hold_beside_earlier_ones() -> None:
    later = RULES.model_copy(update={"version": "R-2", "valid_from": "2024-01-01"})
    given(*OPEN).when(ADMINISTRATORS(later)).then(saying(ApprovalRulesAdopted, version="R-2"))
    state = given(*OPEN, ADMINISTRATORS(later)).state
    versions = [state.rules_on(day) for day in ("2019-12-31", "2020-01-01", "2023-12-31", "2024-01-01")]
    assert [rules and rules.version for rules in versions] == [None, "R-1", "R-1", "R-2"]


@pytest.mark.parametrize("phase", ["_", "KIP3"])
def test_information_is_recorded_with_a_phase_or_without(phase: str) -> None:
    information = order(
        RecordInformation,
        about="VS",
        topic="total",
        statement="About 10.4 million.",
        figures=[{"name": "total", "value": 10_400_000, "unit": "CHF", "precision": "approximate"}],
    )
    given(*OPEN).when(CLERK.within(phase)(information)).then(
        InformationRecorded(about="VS", topic="total", statement="About 10.4 million.", figures=information.figures)
    ).books()


@pytest.mark.parametrize(
    ("said", "booked_on", "warnings"),
    [
        ({}, "2024-03-28", ()),
        ({"occurred_on": "2024-02"}, "2024-03-28", ()),
        ({"booked_on": "2024-03-28"}, "2024-03-28", ()),
        ({"booked_on": "2024-03-27"}, "2024-03-27", ("booked_by_convention",)),
        ({"booked_on": "2024-02-10", "occurred_on": "2024-02-10"}, "2024-02-10", ()),
        ({"booked_on": "2024-02-11", "occurred_on": "2024-02-10"}, "2024-02-11", ("booked_by_convention",)),
        ({"booked_on": "fact", "occurred_on": "2024-02-10"}, "2024-02-10", ()),
        ({"booked_on": "fact", "occurred_on": "2024-02"}, "2024-02-29", ()),
        ({"booked_on": "fact", "occurred_on": "2023"}, "2023-12-31", ()),
        ({"booked_on": "fact", "occurred_on": "2024-03"}, "2024-03-28", ()),
        ({"booked_on": "fact"}, "2024-01-01", ("booked_by_convention",)),
    ],
    ids=str,
)
def test_the_booking_day_is_today_the_day_that_is_said_or_that_of_the_fact(
    said: dict[str, Any], booked_on: str, warnings: tuple[str, ...]
) -> None:
    outcome = given(*OPEN).when(propose(**said)).warns(*warnings)
    assert outcome.written[0].event.bookedon == booked_on


def test_without_a_programme_an_unknown_fact_is_booked_today() -> None:
    information = order(RecordInformation, about="BL", topic="x", statement="y", booked_on="fact")
    outcome = given(*FOUNDED).when(Said(information, ("p-clerk",))).warns()
    assert outcome.written[0].event.bookedon == "2024-03-28"


def test_a_fact_of_this_very_month_or_today_is_not_in_the_future() -> None:
    given(*OPEN).when(propose(occurred_on="2024-03")).warns()
    given(*OPEN).when(propose(occurred_on="2024-03-28")).warns()


def test_the_day_is_that_of_zurich() -> None:
    book = given(*OPEN)
    book.now = "2024-03-28T22:59:59.999999Z"
    book.when(propose(booked_on="2024-03-29")).refused(Code.BOOKED_IN_FUTURE)
    book.now = "2024-03-28T23:00:00.000000Z"
    assert book.when(propose(booked_on="2024-03-29")).written[0].event.bookedon == "2024-03-29"


def test_a_book_whose_last_time_lies_ahead_goes_on_a_microsecond_later_with_a_warning() -> None:
    book = given(*OPEN).on("2024-04-01")
    book.tell(propose())
    book.on("2024-03-31").when(propose("D")).warns("time_ahead")
    assert book.events[-1].time == "2024-04-01T11:00:00.000001Z"


@pytest.mark.parametrize(
    ("now", "warnings"), [("11:00:05.000000", ()), ("11:00:04.999999", ()), ("10:59:59", ("time_ahead",))]
)
def test_clocks_may_differ_by_five_seconds_without_a_warning(now: str, warnings: tuple[str, ...]) -> None:
    book = given(*OPEN)
    book.now = "2024-03-28T11:00:05.000000Z"
    book.tell(propose())
    book.now = f"2024-03-28T{now if '.' in now else now + '.000000'}Z"
    book.when(propose("D")).warns(*warnings)


@pytest.mark.parametrize("said", [allocate(), draft(), sign()], ids=lambda said: type(said.order).__name__)
def test_who_holds_a_foreign_role_is_refused(said: Said) -> None:
    given(*OPEN).when(CLERK(said.order)).refused(Code.ROLE_MISSING)


def test_finance_may_record_as_a_clerk_may() -> None:
    given(*OPEN).when(FINANCE(propose().order)).books()
