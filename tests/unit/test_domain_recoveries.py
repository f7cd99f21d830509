from __future__ import annotations

from typing import Any

import pytest

from landbuch.contracts.command import MalformedError
from landbuch.contracts.refusals import Code
from tests.acting import Acting, claimed, draft, paid, partnered, returned, settlement, sign, signed

CLAIM = "finance:1014:recovery:A-1"
EXPENSE = "finance:3636:SP:canton:A-1"
RECOVERED = "credit:recovered:SP:canton:A-1"
AVAILABLE = "credit:available:SP:canton"


def spent(**more: Any) -> Acting:
    """A book in which 50'000 francs of A-1 are paid."""
    book = signed(**more)
    paid(book)
    return book


def receive(book: Acting, amount: int, reference: str = "in-1") -> None:
    book.do("RecordRecoveryReceipt", recovery="R-1", amount=amount, bank_reference=reference)


def order(amount: int, of: str = "this_year") -> dict[str, Any]:
    parts = [{"area": "SP", "source": "canton", "amount": amount, "of": of}]
    return {"recovery": "R-1", "agreement": "A-1", "ground": "unused", "parts": parts}


def test_all_that_is_used_can_be_claimed_back() -> None:
    book = spent()
    claimed(book, 5_000_000)
    assert (book.balance(CLAIM), book.balance(EXPENSE)) == (5_000_000, 0)


def test_a_rappen_more_than_is_used_cannot_be_claimed() -> None:
    assert "0.01 too much" in spent().refused(Code.RECOVERY_EXCEEDED, "ClaimRecovery", order(5_000_001))


def test_what_is_claimed_already_is_not_claimed_again() -> None:
    book = spent()
    claimed(book, 3_000_000, "R-2")
    book.refused(Code.RECOVERY_EXCEEDED, "ClaimRecovery", order(2_000_001))
    claimed(book, 2_000_000)


def test_a_claim_on_an_earlier_year_is_booked_as_a_refund() -> None:
    book = spent()
    claimed(book, 1_000, of="earlier_year")
    assert (book.balance(EXPENSE), book.balance("finance:426:SP:canton:A-1")) == (5_000_000, -1_000)


def test_a_paid_advance_can_be_claimed_back() -> None:
    book = signed()
    paid(book, kind="advance")
    book.do("SettleAdvance", agreement="A-1", amount=4_000_000)
    book.refused(Code.ADVANCE_EXCEEDED, "ClaimRecovery", order(1_000_001, of="advance"))
    claimed(book, 1_000_000, of="advance")
    assert book.balance("finance:1013:SP:canton:A-1") == 0


def test_interest_is_income() -> None:
    book = spent()
    claimed(book, 1_000, interest=50)
    assert (book.balance(CLAIM), book.balance("finance:440")) == (1_050, -50)


def test_each_part_is_named_once() -> None:
    parts = [{"area": "SP", "source": "canton", "amount": 1, "of": "this_year"}] * 2
    with pytest.raises(MalformedError, match="once"):
        spent().do("ClaimRecovery", recovery="R-1", agreement="A-1", ground="unused", parts=parts)


def test_interest_is_paid_first_and_principal_restores_credit() -> None:
    book = spent()
    claimed(book, 1_000, interest=50)
    receive(book, 60)
    assert (book.balance(CLAIM), book.balance(RECOVERED), book.balance(AVAILABLE)) == (990, -10, 30_000_010)


def test_where_policy_does_not_restore_credit_nothing_becomes_available() -> None:
    book = spent(restores=False)
    claimed(book, 1_000)
    receive(book, 1_000)
    assert (book.balance(RECOVERED), book.balance(AVAILABLE)) == (0, 30_000_000)


def test_what_comes_in_beyond_a_claim_is_owed_back() -> None:
    book = spent()
    claimed(book, 1_000, interest=50)
    receive(book, 1_051)
    assert (book.balance(CLAIM), book.balance("finance:2004:P-1")) == (0, -1)
    receive(book, 5, "in-2")
    assert book.balance("finance:2004:P-1") == -6


def test_principal_comes_back_in_proportion_over_areas() -> None:
    book = partnered()
    items = [
        {"area": area, "source": "canton", "amount": amount, "year": 2024}
        for area, amount in (("SP", 200), ("FK", 100))
    ]
    draft(book, amount=300, items=items)
    sign(book)
    paid(book, amount=300)
    parts = [
        {"area": area, "source": "canton", "amount": amount, "of": "this_year"}
        for area, amount in (("SP", 100), ("FK", 50))
    ]
    book.do("ClaimRecovery", recovery="R-1", agreement="A-1", ground="unused", parts=parts)
    receive(book, 100)
    assert (book.balance("credit:recovered:FK:canton:A-1"), book.balance(RECOVERED)) == (-33, -67)
    receive(book, 50, "in-2")
    assert (book.balance("credit:recovered:FK:canton:A-1"), book.balance(RECOVERED)) == (-50, -100)


def test_two_give_a_claim_up() -> None:
    book = spent()
    claimed(book, 1_000, interest=50)
    waiver = {"recovery": "R-1", "reason": "Konkurs"}
    assert "0.01 too much" in book.refused(Code.RECOVERY_EXCEEDED, "WaiveRecovery", waiver, amount=1_051)
    book.two("WaiveRecovery", waiver, amount=1_050)
    assert (book.balance(CLAIM), book.balance("finance:3181"), book.balance(RECOVERED)) == (0, 1_050, 0)


def test_an_unknown_recovery_is_refused() -> None:
    spent().refused(Code.RECOVERY_UNKNOWN, "RecordRecoveryReceipt", recovery="R-1", amount=1, bank_reference="x")


def test_an_assigned_recovery_is_booked_on_its_claim() -> None:
    book = spent()
    claimed(book, 1_000)
    book.do("RecordBankEntry", bank_reference="x", amount=1_000)
    book.two("AssignBankEntry", {"bank_reference": "x", "programme": "KIP3", "purpose": "recovery", "target": "R-1"})
    assert book.balance(CLAIM) == 0


def test_an_agreement_with_an_open_claim_is_not_closed() -> None:
    book = spent()
    claimed(book, 1_000)
    book.do("SettleAgreement", settlement())
    book.refused(Code.BALANCE_OUTSTANDING, "CloseAgreement", agreement="A-1")
    receive(book, 1_000)
    book.do("CloseAgreement", agreement="A-1")


def test_an_amendment_down_counts_what_was_recovered() -> None:
    book = signed(amount=5_000_000)
    paid(book)
    claimed(book, 1_000_000)
    receive(book, 1_000_000)
    items = [{"area": "SP", "source": "canton", "amount": 4_000_000, "year": 2024}]
    book.two("AmendAgreement", agreement="A-1", ceiling=4_000_000, items=items, reason="weniger")
    assert (book.balance("credit:open:SP:canton:A-1"), book.balance(AVAILABLE)) == (0, 46_000_000)


def test_what_was_returned_cannot_be_claimed_back() -> None:
    book = spent()
    returned(book, amount=1)
    book.refused(Code.RECOVERY_EXCEEDED, "ClaimRecovery", order(5_000_000))
    claimed(book, 4_999_999)
