from __future__ import annotations

from typing import Any

import pytest

from landbuch.contracts.refusals import Code
from tests.acting import approved, opened, paid, register, requested, returned, settlement, signed

OPEN = "credit:open:SP:canton:A-1"
RELEASED = "credit:released:SP:canton:A-1"
USED = "credit:used:SP:canton:A-1"
EXPENSE = "finance:3636:SP:canton:A-1"
ADVANCED = "finance:1013:SP:canton:A-1"
BANK = "finance:100"


def test_the_worked_example_of_kip_2bis_comes_out_to_the_rappen() -> None:
    book = opened(phase="KIP2BIS", start="2022-01-01", end="2023-12-31", tail_end="2025-12-31")
    register(book, "P-1")
    there: dict[str, Any] = {"phase": "KIP2BIS"}
    amounts = [{"source": "canton", "amount": 149_818_800}]
    credit: dict[str, Any] = {"credit": "K-1", "term": "Ausgabenbewilligung", "new": 149_818_800, "bound": 0}
    book.do("ProposeCredit", credit, amounts=amounts, **there)
    decision: dict[str, Any] = {
        "body": "parliament",
        "body_name": "Landrat",
        "method": "vote",
        "votes_for": 61,
        "votes_against": 22,
    }
    book.do("RecordCreditDecision", credit="K-1", outcome="accepted", occurred_on="2021-05-20", **decision, **there)
    assert book.balance("credit:pending:K-1:canton", "KIP2BIS") == 149_818_800
    book.do("RecordReferendum", {"credit": "K-1", "by": "Komitee", "occurred_on": "2021-07"}, **there)
    items = [{"area": "SP", "source": "canton", "amount": 20_000_000, "year": 2022}]
    terms: dict[str, Any] = {
        "form": "contract",
        "start": "2022-01-01",
        "end": "2022-12-31",
        "ceiling": 20_000_000,
        "items": items,
    }
    book.do("DraftAgreement", by="p-man-a", agreement="A-1", partner="P-1", **terms, **there)
    signing: dict[str, Any] = {"agreement": "A-1", "signed_on": "2022-01-20", "signatories": ["p-man-b"]}
    book.refused(Code.CREDIT_NOT_IN_FORCE, "SignAgreement", by="p-man-b", **signing, **there)
    vote = {"yes": 62_957, "no": 43_908, "outcome": "accepted", "occurred_on": "2021-11-28"}
    book.do("RecordPopularVote", vote, credit="K-1", **there)
    book.do("RecordEntryIntoForce", credit="K-1", trigger="vote", occurred_on="2021-11-28", **there)
    book.do("RecordBudgetVote", year=2022, amount=5_000_000, decided_by="Landrat", **there)
    allocation = [{"area": "SP", "source": "canton", "amount": 50_000_000}]
    book.do("AllocateCredit", credit="K-1", allocations=allocation, **there)
    book.do("SignAgreement", by="p-man-b", **signing, **there)
    assert book.balance("credit:available:SP:canton", "KIP2BIS") == 30_000_000
    request: dict[str, Any] = {"disbursement": "D-1", "agreement": "A-1", "amount": 5_000_000, "kind": "instalment"}
    book.do("RequestDisbursement", by="p-clerk-a", **request, **there)
    book.two("ApproveDisbursement", disbursement="D-1", booked_on="2022-03-01", **there)
    book.do("RecordPayment", disbursement="D-1", amount=5_000_000, bank_reference="out-1", **there)
    assert (book.balance(USED, "KIP2BIS"), book.balance(OPEN, "KIP2BIS")) == (5_000_000, 15_000_000)
    book.do("RecordReturn", disbursement="D-1", amount=5_000_000, bank_reference="back-1", **there)
    assert (book.balance(RELEASED, "KIP2BIS"), book.balance(USED, "KIP2BIS")) == (5_000_000, 0)
    for layer in ("credit", "budget", "finance"):
        assert sum(amount for _, amount in book.state.accounts("KIP2BIS", f"{layer}:")) == 0


# --- instructed and paid ----------------------------------------------------------------------------------------


def test_an_end_to_end_id_stands_for_one_payment() -> None:
    book = signed()
    approved(book, "D-1")
    approved(book, "D-2", 5_000_001)
    book.do("InstructPayment", disbursement="D-1", batch="B-1", end_to_end_id="E-1")
    order = {"disbursement": "D-2", "batch": "B-1"}
    book.refused(Code.END_TO_END_ID_TAKEN, "InstructPayment", order, end_to_end_id="E-1")
    book.do("InstructPayment", order, end_to_end_id="E-2")


def test_only_what_is_approved_is_instructed() -> None:
    book = signed()
    requested(book)
    order = {"disbursement": "D-1", "batch": "B-1", "end_to_end_id": "E-1"}
    book.refused(Code.DISBURSEMENT_NOT_APPROVED, "InstructPayment", order)


def test_an_instructed_payment_is_not_revoked() -> None:
    book = signed()
    approved(book)
    book.do("InstructPayment", disbursement="D-1", batch="B-1", end_to_end_id="E-1")
    book.refused(Code.DISBURSEMENT_NOT_APPROVED, "RevokeApproval", disbursement="D-1", reason="zu spät")


def test_a_payment_moves_released_to_used_in_the_year_of_the_approval() -> None:
    book = signed()
    approved(book)
    book.now = "2025-01-05T08:00:00.000000Z"
    book.do("RecordPayment", disbursement="D-1", amount=5_000_000, bank_reference="out-1")
    assert (book.balance(USED), book.balance(BANK)) == (5_000_000, -5_000_000)
    assert book.balance("budget:used:2024") == 5_000_000


@pytest.mark.parametrize("amount", [4_999_999, 5_000_001])
def test_a_payment_of_another_amount_waits_in_clearing(amount: int) -> None:
    book = signed()
    approved(book)
    detail = book.refused(Code.PAYMENT_DIFFERS, "RecordPayment", disbursement="D-1", amount=amount, bank_reference="x")
    assert "0.01 beside it" in detail
    book.do("RecordBankEntry", bank_reference="x", amount=-amount)
    assert book.balance("finance:1019:clearing", "_") == amount


def test_a_payment_without_approval_waits_in_clearing() -> None:
    book = signed()
    requested(book)
    order = {"disbursement": "D-1", "amount": 5_000_000, "bank_reference": "x"}
    book.refused(Code.DISBURSEMENT_NOT_RELEASED, "RecordPayment", order)


def test_a_bank_line_is_booked_once() -> None:
    book = signed()
    paid(book)
    detail = book.refused(
        Code.BANK_REFERENCE_USED, "RecordReturn", disbursement="D-1", amount=1, bank_reference="out-D-1"
    )
    assert "50'000.00" in detail


def test_an_unknown_disbursement_is_refused() -> None:
    order = {"disbursement": "D-9", "amount": 1, "bank_reference": "x"}
    signed().refused(Code.DISBURSEMENT_UNKNOWN, "RecordPayment", order)


# --- returned, cancelled ----------------------------------------------------------------------------------------


def test_a_return_is_at_most_what_was_paid() -> None:
    book = signed()
    paid(book)
    order = {"disbursement": "D-1", "bank_reference": "back-1"}
    assert "0.01 too much" in book.refused(Code.RETURN_EXCEEDED, "RecordReturn", order, amount=5_000_001)
    book.do("RecordReturn", order, amount=5_000_000)
    assert book.balance(BANK) == 0


def test_two_partial_returns_leave_nothing_used() -> None:
    book = signed()
    paid(book)
    returned(book, amount=1, reference="r-1")
    returned(book, amount=4_999_999, reference="r-2")
    assert (book.balance(USED), book.balance(RELEASED)) == (0, 5_000_000)


def test_what_was_returned_is_instructed_and_paid_again() -> None:
    book = signed()
    paid(book)
    returned(book, amount=2_000_000)
    book.do("InstructPayment", disbursement="D-1", batch="B-2", end_to_end_id="E-2")
    book.do("RecordPayment", disbursement="D-1", amount=2_000_000, bank_reference="again")
    assert (book.balance(USED), book.balance(RELEASED)) == (5_000_000, 0)


def test_a_cancelled_return_is_open_again() -> None:
    book = signed()
    before = dict(book.state.balances)
    paid(book)
    book.refused(Code.DISBURSEMENT_NOT_RETURNED, "CancelDisbursement", disbursement="D-1", reason="Konto zu")
    returned(book)
    book.do("CancelDisbursement", disbursement="D-1", reason="Konto zu")
    assert dict(book.state.balances) == before


def test_a_return_cancelled_in_a_later_year_is_income_and_its_budget_lapses() -> None:
    book = signed()
    paid(book)
    returned(book)
    book.now = "2025-02-01T08:00:00.000000Z"
    book.do("CancelDisbursement", disbursement="D-1", reason="Konto zu")
    assert book.balance("finance:426:SP:canton:A-1") == -5_000_000
    assert book.balance("budget:lapsed:2024") == 5_000_000
    assert (book.balance(OPEN), book.balance(EXPENSE)) == (20_000_000, 5_000_000)


def test_a_return_after_closing_is_booked_and_its_cancellation_frees_the_money() -> None:
    book = signed()
    paid(book)
    book.do("SettleAgreement", settlement())
    book.do("CloseAgreement", agreement="A-1")
    returned(book)
    book.do("CancelDisbursement", disbursement="D-1", reason="Konto zu")
    assert book.balance("credit:available:SP:canton") == 50_000_000
    assert (book.balance(OPEN), book.balance(BANK)) == (0, 0)


def test_an_agreement_that_owes_a_returned_payment_is_not_closed() -> None:
    book = signed()
    paid(book)
    book.do("SettleAgreement", settlement())
    returned(book)
    book.refused(Code.BALANCE_OUTSTANDING, "CloseAgreement", agreement="A-1")


# --- advances ---------------------------------------------------------------------------------------------------


def test_an_advance_is_no_expense_until_it_is_settled() -> None:
    book = signed()
    paid(book, kind="advance")
    assert (book.balance(ADVANCED), book.balance(EXPENSE)) == (5_000_000, 0)
    book.do("SettleAdvance", agreement="A-1", amount=3_000_000)
    assert (book.balance(ADVANCED), book.balance(EXPENSE)) == (2_000_000, 3_000_000)


def test_an_advance_is_settled_up_to_what_is_paid() -> None:
    book = signed()
    paid(book, kind="advance")
    approved(book, "D-2", 1_000_000, kind="advance")
    book.refused(Code.ADVANCE_EXCEEDED, "SettleAdvance", agreement="A-1", amount=5_000_001)
    book.do("SettleAdvance", agreement="A-1", amount=5_000_000)


def test_a_settled_advance_is_not_cancelled() -> None:
    book = signed()
    paid(book, kind="advance")
    book.do("SettleAdvance", agreement="A-1", amount=1)
    returned(book)
    book.refused(Code.ADVANCE_IS_SETTLED, "CancelDisbursement", disbursement="D-1", reason="Konto zu")


def test_an_advance_cancelled_in_a_later_year_leaves_no_income() -> None:
    book = signed()
    paid(book, kind="advance")
    returned(book)
    book.now = "2025-02-01T08:00:00.000000Z"
    book.do("CancelDisbursement", disbursement="D-1", reason="Konto zu")
    assert (book.balance(ADVANCED), book.balance("finance:426:SP:canton:A-1")) == (0, 0)


def test_an_agreement_with_an_open_advance_is_not_closed() -> None:
    book = signed()
    paid(book, kind="advance")
    book.do("SettleAgreement", settlement())
    book.refused(Code.BALANCE_OUTSTANDING, "CloseAgreement", agreement="A-1")
