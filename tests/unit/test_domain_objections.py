"""What a replay finds when somebody wrote around the rules: the event counts, and the breach is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from landbuch.contracts.envelope import AnyEvent
from landbuch.contracts.evolve import evolve
from landbuch.contracts.identities import breaches_of_event, breaches_of_state
from tests.acting import Acting, claimed, paid, requested, settlement, signed
from tests.whole_life import whole_life


def proposed() -> Acting:
    """A book in which p-app-a has proposed to approve D-1."""
    book = signed()
    requested(book)
    book.do("ApproveDisbursement", by="p-app-a", disbursement="D-1")
    return book


def spent() -> Acting:
    """A book in which 50'000 francs of A-1 are paid."""
    book = signed()
    paid(book)
    return book


def approval() -> AnyEvent:
    book = proposed()
    (event,) = book.do("ConfirmAct", by="p-app-b", proposal=book.state.head.position)
    return event


def forged(event: AnyEvent, actor: str | None = None, **changes: Any) -> AnyEvent:
    data = event.data.model_copy(update=changes)
    return event.model_copy(update={"data": data, "actor": actor or event.actor})


def objections(before: Acting, event: AnyEvent) -> list[str]:
    return [breach.detail for breach in breaches_of_event(before.state, event) if breach.identity == "I10"]


def test_an_honest_approval_is_no_breach() -> None:
    assert breaches_of_event(proposed().state, approval()) == []


def test_an_approval_by_the_requester_is_shown() -> None:
    event = forged(approval(), approvers=("p-clerk-a", "p-app-b"))
    assert "p-clerk-a requested and approved D-1" in objections(proposed(), event)


def test_approvers_who_did_not_approve_are_shown() -> None:
    event = forged(approval(), approvers=("p-app-b", "p-app-a"))
    assert objections(proposed(), event) == [
        "p-app-a and p-app-b approved, but p-app-b and p-app-a are named"
    ]  # fmt: skip


def test_an_approval_without_a_proposal_is_shown() -> None:
    assert "names no open proposal" in objections(proposed(), forged(approval(), proposal=None))[0]


def test_an_approval_beyond_a_limit_is_shown() -> None:
    book = proposed()
    grant = book.state.grants["p-app-a", "approver"]
    book.state.grants.set(("p-app-a", "approver"), replace(grant, limit=4_999_999))
    assert objections(book, approval()) == ["p-app-a may approve up to 49'999.99; A-1 comes to 50'000.00"]


def test_lines_beside_the_rule_are_shown() -> None:
    lines = (("finance:3635:SP:canton:A-1", 5_000_000), ("finance:200:A-1", -5_000_000))
    shown = breaches_of_event(proposed().state, forged(approval(), lines=lines))
    assert [breach.identity for breach in shown] == ["posting"]


def test_who_submitted_and_accepted_a_report_is_shown() -> None:
    def submitted() -> Acting:
        book = signed()
        period = {"period_start": "2024-01-01", "period_end": "2024-01-31"}
        book.do("SubmitReport", period, by="p-man-a", report="R-1", agreement="A-1", kind="interim")
        return book

    (event,) = submitted().do("AcceptReport", by="p-man-b", report="R-1")
    assert objections(submitted(), event) == []
    assert objections(submitted(), forged(event, actor="p-man-a")) == [
        "p-man-a submitted and accepted alone"
    ]  # fmt: skip


def test_who_proposed_and_confirmed_bank_details_is_shown() -> None:
    def waiting() -> Acting:
        book = signed()
        details = {"partner": "P-1", "iban": "DE89370400440532013000", "salt": "00" * 32}
        book.do("ProposePartnerBankDetails", details, by="p-man-a")
        return book

    book = waiting()
    details = book.state.partners["P-1"].proposed
    assert details is not None
    (event,) = book.do("ConfirmPartnerBankDetails", by="p-man-b", partner="P-1", commitment=details.commitment)
    assert objections(waiting(), forged(event, actor="p-man-a")) == [
        "p-man-a proposed and confirmed alone"
    ]  # fmt: skip


def test_a_finance_person_may_leave_the_bank_line_of_a_reversal() -> None:
    book = spent()
    payment = next(past for past in book.state.past.items() if past[1].name == "DisbursementPaid")
    order = {"position": payment[0], "event": payment[1].id, "reason": "falsch"}
    (proposal,) = book.do("ReverseEntry", order, by="p-fin-a", phase="KIP3")
    _, entry = book.do("ConfirmAct", by="p-fin-b", proposal=proposal.position)
    assert entry.name == "BankEntryRecorded"
    assert objections(spent(), entry) == []
    assert "no role" in objections(spent(), forged(entry, actor="p-aud-a"))[0]


def folded(build: Callable[[], Acting], event: AnyEvent, **changes: Any) -> list[str]:
    """The identities that do not hold after an event, forged or not, was added."""
    book = build()
    evolve(book.state, forged(event, **changes), event.position, "00" * 32)
    return [breach.identity for breach in breaches_of_state(book.state)]


def test_a_bank_line_without_its_money_breaks_the_identities() -> None:
    (event,) = spent().do("RecordReturn", disbursement="D-1", amount=7, bank_reference="back-1")
    without = tuple(line for line in event.data.lines if not line[0].startswith("finance:"))
    assert folded(spent, event) == []
    assert folded(spent, event, lines=without) == ["I6", "I11"]


def test_a_claim_without_its_lines_breaks_the_identity_of_spending() -> None:
    part = {"area": "SP", "source": "canton", "amount": 7, "of": "this_year"}
    (event,) = spent().do("ClaimRecovery", recovery="R-1", agreement="A-1", ground="unused", parts=[part])
    assert folded(spent, event) == []
    assert folded(spent, event, lines=None) == ["I11"]


def test_the_fold_goes_on_behind_events_that_name_nothing() -> None:
    book = spent()
    claimed(book, 7)
    (receipt,) = book.do("RecordRecoveryReceipt", recovery="R-1", amount=7, bank_reference="in-1")
    (settled,) = book.do("SettleAgreement", settlement())
    other = signed()
    for event in (forged(receipt, lines=None), forged(settled, agreement="A-9", lines=None)):
        evolve(other.state, event, other.state.head.position + 1, "00" * 32)
    assert (other.state.agreements["A-1"].stage, dict(other.state.recoveries)) == ("signed", {})


def test_the_fold_survives_a_whole_life_told_backwards() -> None:
    events = [event for event, _ in whole_life().told]
    state = Acting().state
    for event in (*reversed(events), *events, *reversed(events)):
        evolve(state, event, state.head.position + 1, "00" * 32)
    assert state.head.position == 3 * len(events)
