from __future__ import annotations

from typing import Any

import pytest

from landbuch.contracts.envelope import AnyEvent
from landbuch.contracts.mentions import NEVER_REVERSED
from landbuch.contracts.refusals import Code
from tests.acting import Acting, approved, in_force, signed
from tests.whole_life import rows, whole_life


def reversal(event: AnyEvent, reason: str = "falsch erfasst") -> dict[str, Any]:
    return {"position": event.position, "event": event.id, "reason": reason}


def reverse(book: Acting, event: AnyEvent) -> list[AnyEvent]:
    (proposal,) = book.do("ReverseEntry", reversal(event), by="p-fin-a", phase=event.phase)
    return book.do("ConfirmAct", by="p-fin-b", proposal=proposal.position)


def test_every_kind_of_event_reversed_newest_first_leaves_everything_as_it_was() -> None:
    told = whole_life()
    for event, before in reversed(told.told):
        if event.name in NEVER_REVERSED:
            continue
        followers = reverse(told, event)[1:]
        for follower in reversed(followers):
            assert follower.name == "BankEntryRecorded"
            reverse(told, follower)
        assert rows(told.state) == before, event.name


def test_a_reversal_negates_the_lines_in_their_order() -> None:
    book = signed()
    event = approved(book)
    (reversed_,) = reverse(book, event)
    assert reversed_.data.lines == tuple((account, -amount) for account, amount in event.data.lines)


def test_an_event_is_reversed_once() -> None:
    book = signed()
    event = approved(book)
    reverse(book, event)
    book.refused(Code.ENTRY_ALREADY_REVERSED, "ReverseEntry", reversal(event), phase="KIP3")


def test_a_reversal_is_never_reversed() -> None:
    book = signed()
    (reversed_,) = reverse(book, approved(book))
    book.refused(Code.ENTRY_NOT_REVERSIBLE, "ReverseEntry", reversal(reversed_), phase="KIP3")


def test_a_proposal_is_rejected_not_reversed() -> None:
    book = signed()
    (proposal,) = book.do("AmendAgreement", agreement="A-1", end="2026-01-01", reason="länger")
    book.refused(Code.ENTRY_NOT_REVERSIBLE, "ReverseEntry", reversal(proposal), phase="KIP3")


def test_a_reversal_needs_two_persons() -> None:
    book = signed()
    event = approved(book)
    (proposal,) = book.do("ReverseEntry", reversal(event), by="p-fin-a", phase="KIP3")
    book.confirm_refused(Code.SECOND_PERSON_REQUIRED, proposal, by="p-fin-a")


@pytest.mark.parametrize("wrong", ["position", "event", "phase"])
def test_position_id_and_phase_name_one_event(wrong: str) -> None:
    book = signed()
    event = approved(book)
    order = reversal(event)
    if wrong == "position":
        order["position"] += 1_000
    if wrong == "event":
        order["event"] = "00000000-0000-4000-8000-000000000000"
    book.refused(Code.ENTRY_UNKNOWN, "ReverseEntry", order, phase="_" if wrong == "phase" else "KIP3")


def test_an_event_on_which_a_later_one_depends_is_not_reversed() -> None:
    book = signed()
    event = approved(book)
    (instructed,) = book.do("InstructPayment", disbursement="D-1", batch="B-1", end_to_end_id="E-1")
    detail = book.refused(Code.HAS_DEPENDANTS, "ReverseEntry", reversal(event), phase="KIP3")
    assert "PaymentInstructed" in detail
    reverse(book, instructed)
    reverse(book, event)
    assert book.balance("credit:open:SP:canton:A-1") == 20_000_000


def test_what_was_spent_meanwhile_is_not_taken_away() -> None:
    book = in_force()
    (shift,) = book.do("ShiftAllocation", source="canton", from_area="SP", to_area="ZP", amount=100, decided_by="Amt")
    book.do("BlockCredit", area="ZP", source="canton", amount=1, reason="Sparauftrag")
    detail = book.refused(Code.HAS_DEPENDANTS, "ReverseEntry", reversal(shift), phase="KIP3")
    assert "0.01" in detail
    book.do("UnblockCredit", area="ZP", source="canton", amount=1, reason="vorbei")
    reverse(book, shift)


def test_money_that_moved_waits_in_clearing_after_the_reversal_of_its_event() -> None:
    book = signed()
    approved(book)
    (payment,) = book.do("RecordPayment", disbursement="D-1", amount=5_000_000, bank_reference="x")
    events = reverse(book, payment)
    assert [(event.name, event.phase) for event in events] == [("EntryReversed", "KIP3"), ("BankEntryRecorded", "_")]
    assert (book.balance("finance:100"), book.balance("finance:100", "_")) == (0, -5_000_000)
    assert book.state.disbursements["D-1"].stage == "approved"
    book.two("AssignBankEntry", {"bank_reference": "x", "programme": "KIP3", "purpose": "payment", "target": "D-1"})
    assert book.balance("finance:100") == -5_000_000


def test_a_reversed_assignment_waits_in_clearing_again() -> None:
    book = signed()
    approved(book)
    book.do("RecordBankEntry", bank_reference="x", amount=-5_000_000)
    assigned, payment = book.two(
        "AssignBankEntry", {"bank_reference": "x", "programme": "KIP3", "purpose": "payment", "target": "D-1"}
    )
    book.refused(Code.HAS_DEPENDANTS, "ReverseEntry", reversal(assigned))
    _, waiting = reverse(book, payment)
    reverse(book, waiting)
    reverse(book, assigned)
    assert book.balance("finance:1019:clearing", "_") == 5_000_000


def test_once_is_counted_without_what_was_reversed() -> None:
    book = in_force()
    (vote,) = book.do("RecordBudgetVote", year=2026, amount=5, decided_by="Landrat")
    book.refused(Code.BUDGET_ALREADY_VOTED, "RecordBudgetVote", year=2026, amount=6, decided_by="Landrat")
    reverse(book, vote)
    book.do("RecordBudgetVote", year=2026, amount=6, decided_by="Landrat")


def test_an_id_is_free_again_after_its_event_is_reversed() -> None:
    book = in_force()
    (registered,) = book.do("RegisterPartner", partner="P-1", kind="ngo", name="Verein")
    book.refused(Code.ID_TAKEN, "RegisterPartner", partner="P-1", kind="ngo", name="Verein")
    reverse(book, registered)
    book.do("RegisterPartner", partner="P-1", kind="ngo", name="Verein")


def test_a_programme_with_events_is_not_reversed() -> None:
    book = in_force()
    opening = book.state.past[next(p for p, past in book.state.past.items() if past.name == "ProgrammeOpened")]
    position = next(p for p, past in book.state.past.items() if past is opening)
    order = {"position": position, "event": opening.id, "reason": "falsch"}
    book.refused(Code.HAS_DEPENDANTS, "ReverseEntry", order, phase="KIP3")


def test_a_reversed_cut_leaves_no_shortfall_to_cover() -> None:
    book = signed(amount=50_000_000)
    (cut,) = book.do("RecordAnnulment", credit="K-1", court="Kantonsgericht", reference="810 24 1")
    assert book.balance("credit:shortfall:canton") == -50_000_000
    reverse(book, cut)
    assert (book.balance("credit:shortfall:canton"), dict(book.state.cuts)) == (0, {})


def test_a_reversed_cover_leaves_the_cut_uncovered_as_before() -> None:
    book = signed(amount=50_000_000)
    (cut,) = book.do("RecordAnnulment", credit="K-1", court="Kantonsgericht", reference="810 24 1")
    part = {"source": "canton", "amount": 900}
    book.do("ProposeCredit", credit="K-2", term="Ersatz", amounts=[part], new=900, bound=0)
    decision = {"body": "parliament", "body_name": "Landrat", "method": "vote", "outcome": "accepted"}
    book.do("RecordCreditDecision", decision, credit="K-2")
    evidence = [{"kind": "official", "title": "Seite des Kantons"}]
    book.do("RecordEntryIntoForce", credit="K-2", trigger="documented", evidence=evidence)
    covers = {"source": "canton", "covers": [cut.position], "from_unallocated": [{"credit": "K-2", "amount": 900}]}
    before = rows(book.state)
    (covered,) = book.do("CoverShortfall", covers)
    assert book.state.cuts[cut.position, "canton"].uncovered == 49_999_100
    book.refused(Code.HAS_DEPENDANTS, "ReverseEntry", reversal(cut), phase="KIP3")
    reverse(book, covered)
    assert rows(book.state) == before
