"""The identities: each kind of breach is found on a constructed example, and a good book has none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from landbuch.contracts.acts.programme import ProposedCommand
from landbuch.contracts.envelope import AnyEvent, Unknown, event_id
from landbuch.contracts.evolve import evolve
from landbuch.contracts.identities import Breach, breaches_of_accounts, breaches_of_event, breaches_of_state
from landbuch.contracts.publish.book import first_road
from landbuch.contracts.state import BookState

BOOK = first_road()


def before(event: AnyEvent) -> BookState:
    """The state of the example book's first road before one of its events."""
    state = BookState("AI")
    for line in BOOK[: event.position - 1]:
        evolve(state, line.event, line.event.position, line.leaf)
    return state


def event_of(name: str, last: int = 10**6) -> AnyEvent:
    """The last event of a type up to a position."""
    return [line.event for line in BOOK if line.event.name == name and line.event.position <= last][-1]


def saying(event: AnyEvent, **changes: Any) -> AnyEvent:
    """The event with other data."""
    return event.model_copy(update={"data": event.data.model_copy(update=changes)})


def breaches(event: AnyEvent, changed: AnyEvent | Unknown) -> set[tuple[str, str]]:
    """What is found when an event stands changed in its place."""
    return {(breach.identity, breach.detail) for breach in breaches_of_event(before(event), changed)}


def kinds(found: Iterable[Breach] | set[tuple[str, str]]) -> set[str]:
    """The identities that do not hold."""
    return {breach.identity if isinstance(breach, Breach) else breach[0] for breach in found}


def standing(*balances: tuple[str, int], phase: str = "EX1") -> BookState:
    """The first road, at whose end nothing is paid, with some accounts changed."""
    state = BookState("AI")
    for line in BOOK:
        evolve(state, line.event, line.event.position, line.leaf)
    for account, amount in balances:
        state.book(phase, account, amount)
    return state


DECIDED = event_of("CreditDecided", 30)


def test_a_good_event_breaks_nothing() -> None:
    assert breaches(DECIDED, DECIDED) == set()


def test_i1_lines_that_do_not_sum_to_zero() -> None:
    found = breaches(DECIDED, saying(DECIDED, lines=(("credit:pending:EX1-BASE:canton", 5),)))
    assert ("I1", "layer credit sums to 0.05") in found


def test_posting_lines_that_the_rule_does_not_demand() -> None:
    found = breaches(DECIDED, saying(DECIDED, lines=None))
    assert kinds(found) == {"posting"}
    assert "should book credit:pending:EX1-BASE:canton 1'500'000.00" in next(iter(found))[1]


def test_posting_lines_of_something_that_the_book_does_not_know() -> None:
    signed = event_of("AgreementSigned")
    assert "posting" in kinds(breaches(signed, saying(signed, agreement="A-999")))


def test_i9_pending_money_that_leaves_by_another_door() -> None:
    allocated = event_of("CreditAllocated")
    lines = (("credit:available:SP:canton", 5), ("credit:pending:EX1-SUP:canton", -5))
    assert ("I9", "CreditAllocated takes 0.05 out of credit:pending:EX1-SUP:canton") in breaches(
        allocated, saying(allocated, lines=lines)
    )


def test_i10_an_actor_without_a_role() -> None:
    found = breaches(DECIDED, DECIDED.model_copy(update={"actor": "p-nobody"}))
    assert found == {("I10", "p-nobody had no role for RecordCreditDecision")}


def test_i10_an_act_of_two_persons_by_one() -> None:
    opened = event_of("ProgrammeOpened")
    proposer = BOOK[opened.position - 2].event.actor
    assert breaches(opened, opened.model_copy(update={"actor": proposer})) == {
        ("I10", f"{proposer} proposed and confirmed alone")
    }


@pytest.mark.parametrize("proposal", [None, 1, 18])
def test_i10_an_act_of_two_persons_without_its_open_proposal(proposal: int | None) -> None:
    opened = event_of("ProgrammeOpened")
    assert breaches(opened, saying(opened, proposal=proposal)) == {
        ("I10", "OpenProgramme needs two persons, but the event names no open proposal")
    }


def test_i10_a_role_that_one_administrator_grants() -> None:
    granted = event_of("RoleGranted")
    assert breaches(granted, saying(granted, proposal=None)) == {("I10", f"{granted.actor} granted a role alone")}


def test_i10_a_role_that_one_administrator_grants_and_claims_to_confirm() -> None:
    granted = event_of("RoleGranted")
    proposer = BOOK[granted.position - 2].event.actor
    assert kinds(breaches(granted, granted.model_copy(update={"actor": proposer}))) == {"I10"}
    assert kinds(breaches(granted, saying(granted, proposal=1))) == {"I10"}


def test_i10_an_event_that_is_not_what_was_proposed() -> None:
    granted = event_of("RoleGranted")
    found = breaches(granted, saying(granted, role="administrator"))
    assert found == {("I10", f"RoleGranted is not what position {granted.position - 1} proposes")}


def test_i10_a_proposal_of_an_act_that_the_service_does_not_have() -> None:
    proposed = event_of("ActProposed")
    for act in ("SignAgreement", "Nonsense", "ConfirmAct"):
        found = breaches(proposed, saying(proposed, act=act))
        assert ("I10", f"{proposed.actor} had no role for ActProposed") in found


def test_i10_a_drafter_who_signs() -> None:
    signed, drafter = event_of("AgreementSigned"), event_of("AgreementDrafted").actor
    assert breaches(signed, signed.model_copy(update={"actor": drafter})) == {
        ("I10", f"{drafter} drafted and signed alone")
    }


def test_form_a_time_that_is_not_later_than_the_one_before() -> None:
    last = BOOK[DECIDED.position - 2].event.time
    assert kinds(breaches(DECIDED, DECIDED.model_copy(update={"time": last}))) == {"form"}


def test_form_a_booking_day_after_the_day_of_recording() -> None:
    found = breaches(DECIDED, DECIDED.model_copy(update={"bookedon": "2024-03-29"}))
    assert found == {("form", "booked on 2024-03-29, later than 2024-03-28, the day in Zurich when it was recorded")}
    assert breaches(DECIDED, DECIDED.model_copy(update={"bookedon": "2024-03-28"})) == set()


def test_form_an_id_that_does_not_derive_from_the_command() -> None:
    other = event_id("AI", "agreements", DECIDED.commandid, 0)
    assert kinds(breaches(DECIDED, DECIDED.model_copy(update={"id": other}))) == {"form"}
    later = event_id("AI", "ledger", DECIDED.commandid, 7)
    assert breaches(DECIDED, DECIDED.model_copy(update={"id": later})) == set()


@pytest.mark.parametrize("phase", ["_", "EX9"])
def test_form_a_phase_that_is_not_open(phase: str) -> None:
    assert "form" in kinds(breaches(DECIDED, DECIDED.model_copy(update={"phase": phase})))


def test_form_terms_that_contradict_each_other() -> None:
    assert breaches(DECIDED, saying(DECIDED, votes_for=None)) == {
        ("form", "its terms contradict each other: give the votes for and against together, or neither")
    }


@pytest.mark.parametrize("warnings", [("b_code", "a_code"), ("a_code", "a_code")])
def test_form_warnings_out_of_order_or_twice(warnings: tuple[str, ...]) -> None:
    assert breaches(DECIDED, saying(DECIDED, warnings=warnings)) == {
        ("form", "its warnings are not sorted, or named twice")
    }


def test_form_text_that_is_not_in_nfc() -> None:
    assert breaches(DECIDED, saying(DECIDED, body_name="Conseil d'e\u0301tat")) == {
        ("form", "its text is not in Unicode NFC")
    }


def test_form_of_an_unknown_type() -> None:
    unknown = Unknown(**(DECIDED.model_dump(exclude={"data"}) | {"type": "landbuch.CreditDoubled.v1"}), data={})
    assert breaches(DECIDED, unknown) == set()
    assert kinds(breaches(DECIDED, unknown.model_copy(update={"bookedon": "2999-01-01"}))) == {"form"}


def test_a_proposal_waits_under_the_phase_of_its_act() -> None:
    proposed = event_of("ActProposed")
    data = ProposedCommand(commandid=proposed.commandid, data={"person": "p-1", "role": "viewer"})
    assert "form" in kinds(breaches(proposed, saying(proposed, act="GrantRole", command=data)))


def test_a_good_book_breaks_nothing() -> None:
    assert breaches_of_state(standing()) == []


def test_i2_a_layer_that_does_not_sum_to_zero() -> None:
    assert Breach("I2", "EX1 layer finance sums to 0.05") in breaches_of_state(standing(("finance:100", 5)))


@pytest.mark.parametrize(
    "account",
    ["credit:available:SP:canton", "credit:open:SP:canton:A-001", "budget:free:2024", "finance:1013:SP:canton:A-001"],
)
def test_i3_a_guarded_account_below_zero(account: str) -> None:
    state = standing((account, -(10**12)))
    stands = state.balance("EX1", account)
    assert stands < 0
    assert "I3" in kinds(breaches_of_accounts(state, [("EX1", account)]))
    assert "I3" in kinds(breaches_of_state(state))


def test_i3_is_asked_of_the_touched_accounts_only() -> None:
    state = standing(("credit:available:SP:canton", -(10**12)))
    assert breaches_of_accounts(state, [("EX1", "credit:available:ZP:canton")]) == []


def test_i4_more_decided_than_authority_was_given() -> None:
    found = breaches_of_state(standing(("credit:available:SP:canton", 5), ("credit:open:SP:federal:A-001", -5)))
    assert kinds(found) == {"I4"}
    assert len(found) == 2


def test_i4_money_on_an_account_that_no_figure_counts() -> None:
    found = breaches_of_state(standing(("credit:available:SP:canton", -5), ("credit:nowhere:SP:canton", 5)))
    assert kinds(found) == {"I4"}


@pytest.mark.parametrize(
    ("account", "other"),
    [
        ("credit:shortfall:canton", "credit:available:SP:canton"),
        ("credit:recovered:SP:canton:A-001", "credit:available:SP:canton"),
        ("credit:authority:EX1-BASE:canton", "credit:available:SP:canton"),
    ],
)
def test_i4_a_contra_account_on_the_wrong_side(account: str, other: str) -> None:
    amount = 10**12 if "authority" in account else 5
    assert "I4" in kinds(breaches_of_state(standing((account, amount), (other, -amount))))


def test_i4_lapsed_money_below_zero() -> None:
    state = standing(("credit:lapsed:SP:canton", -5), ("credit:available:SP:canton", 5))
    assert {"I3", "I4"} == kinds(breaches_of_state(state))


def spending(kind: str, amount: int, *, area: str = "SP", agreement: str = "A-001") -> list[tuple[str, int]]:
    """Money of an agreement that is released or used, as expense and owed, or as expense that nobody has matched."""
    owed = {"released": f"finance:200:{agreement}", "used": "finance:1019:clearing"}[kind]
    path = f"{area}:canton:{agreement}"
    return [(f"credit:{kind}:{path}", amount), (f"finance:3636:{path}", amount), (owed, -amount)]


@pytest.mark.parametrize("kind", ["released", "used"])
def test_i5_an_agreement_that_uses_more_than_was_signed(kind: str) -> None:
    signed = 200_000_00
    taken = ("credit:open:SP:canton:A-001", -signed)
    assert breaches_of_state(standing(taken, *spending(kind, signed))) == []
    beyond = ("credit:available:SP:canton", -5)
    assert breaches_of_state(standing(taken, beyond, *spending(kind, signed + 5))) == [
        Breach("I5", "A-001 SP canton uses 200'000.05 of 200'000.00 signed")
    ]


@pytest.mark.parametrize(("area", "agreement"), [("ZP", "A-001"), ("SP", "A-002")])
def test_i5_money_used_where_nothing_was_signed(area: str, agreement: str) -> None:
    taken = (f"credit:available:{area}:canton", -5)
    found = breaches_of_state(standing(taken, *spending("used", 5, area=area, agreement=agreement)))
    assert kinds(found) == {"I5"}


def test_i6_money_in_the_bank_that_no_bank_line_brought() -> None:
    found = breaches_of_state(standing(("finance:100", 5), ("finance:1019:clearing", -5)))
    assert found == [Breach("I6", "the bank account stands at 0.05, opening and bank lines come to 0.00")]


def test_i11_money_used_that_is_no_expense() -> None:
    taken = ("credit:open:SP:canton:A-001", -5)
    assert breaches_of_state(standing(taken, *spending("used", 5))) == []
    assert breaches_of_state(standing(taken, ("credit:used:SP:canton:A-001", 5))) == [
        Breach("I11", "A-001 SP canton: released and used differ from the finance layer by 0.05")
    ]


def test_i11_money_released_that_is_not_owed() -> None:
    taken = ("credit:open:SP:canton:A-001", -5)
    credit, expense, _ = spending("released", 5)
    assert breaches_of_state(standing(taken, credit, expense, ("finance:1019:clearing", -5))) == [
        Breach("I11", "A-001: released and payable differ by 0.05")
    ]
