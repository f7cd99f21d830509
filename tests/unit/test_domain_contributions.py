from __future__ import annotations

from typing import Any

import pytest

from landbuch.contracts.command import MalformedError
from landbuch.contracts.refusals import Code
from tests.acting import Acting, draft, in_force, paid, register, sign

CLAIMED = "finance:1014:SEM:federal"
DEFERRED = "finance:204:SEM:federal"
INCOME = "finance:4630:SEM:federal"


def pledged(amount: int = 1_000, source: str = "federal") -> Acting:
    book = in_force()
    terms = {"pledge": "PL-1", "source": source, "payer": "SEM", "years": [2024], "binding": True}
    book.do("RecordContributionPledge", terms, amount=amount)
    return book


def receive(book: Acting, amount: int, reference: str = "in-1") -> Any:
    return book.do("RecordContributionReceipt", pledge="PL-1", amount=amount, bank_reference=reference)


def spent(amount: int = 1_000, *, kind: str = "instalment") -> Acting:
    """A book in which the whole pledge is allocated, committed to A-1 and paid."""
    book = pledged(amount)
    book.do("AllocateCredit", credit="PL-1", allocations=[{"area": "SP", "source": "federal", "amount": amount}])
    register(book, "P-1")
    draft(book, amount=amount, items=[{"area": "SP", "source": "federal", "amount": amount, "year": 2024}])
    sign(book)
    paid(book, amount=amount, kind=kind)
    return book


def test_what_is_pledged_can_be_claimed_to_the_rappen() -> None:
    book = pledged()
    assert "0.01 too much" in book.refused(Code.CLAIM_EXCEEDED, "ClaimContribution", pledge="PL-1", amount=1_001)
    book.do("ClaimContribution", pledge="PL-1", amount=1_000)
    assert (book.balance(CLAIMED), book.balance(DEFERRED)) == (1_000, -1_000)


def test_what_was_received_is_not_claimed() -> None:
    book = pledged()
    receive(book, 400)
    book.refused(Code.CLAIM_EXCEEDED, "ClaimContribution", pledge="PL-1", amount=601)
    book.do("ClaimContribution", pledge="PL-1", amount=600)


def test_money_in_settles_the_claim_first_and_the_rest_is_deferred() -> None:
    book = pledged()
    book.do("ClaimContribution", pledge="PL-1", amount=600)
    receive(book, 700)
    assert (book.balance(CLAIMED), book.balance(DEFERRED), book.balance("finance:100")) == (0, -700, 700)


def test_more_than_was_pledged_is_received_all_the_same() -> None:
    book = pledged()
    receive(book, 5_000)
    assert book.balance(DEFERRED) == -5_000
    book.refused(Code.CLAIM_EXCEEDED, "ClaimContribution", pledge="PL-1", amount=1)


def test_a_bank_line_pays_one_contribution() -> None:
    book = pledged()
    receive(book, 1)
    book.refused(Code.BANK_REFERENCE_USED, "RecordContributionReceipt", pledge="PL-1", amount=1, bank_reference="in-1")


def test_a_flat_rate_is_earmarked() -> None:
    book = pledged(source="federal_flat")
    receive(book, 5)
    assert book.balance("finance:209:SEM:federal_flat") == -5


def test_a_cut_takes_back_claims_above_the_new_pledge() -> None:
    book = pledged()
    book.do("ClaimContribution", pledge="PL-1", amount=900)
    receive(book, 300)
    book.do("RecordContributionPledgeAmendment", pledge="PL-1", amount=500, reason="gekürzt")
    assert (book.balance(CLAIMED), book.balance(DEFERRED)) == (200, -500)
    assert book.balance("credit:unallocated:PL-1:federal") == 500


def test_a_cut_below_what_was_received_takes_the_whole_claim_back_and_no_more() -> None:
    book = pledged()
    book.do("ClaimContribution", pledge="PL-1", amount=900)
    receive(book, 300)
    book.do("RecordContributionPledgeAmendment", pledge="PL-1", amount=0, reason="gestrichen")
    assert (book.balance(CLAIMED), book.balance(DEFERRED)) == (0, -300)


def test_a_higher_pledge_leaves_claims_alone() -> None:
    book = pledged()
    book.do("ClaimContribution", pledge="PL-1", amount=900)
    book.do("RecordContributionPledgeAmendment", pledge="PL-1", amount=1_200, reason="erhöht")
    assert book.balance(CLAIMED) == 900


def test_income_is_what_was_spent_and_deferred() -> None:
    book = spent()
    receive(book, 999)
    detail = book.refused(Code.RECOGNITION_EXCEEDED, "RecogniseContribution", pledge="PL-1", amount=1_000)
    assert "0.01 too much" in detail
    book.do("RecogniseContribution", pledge="PL-1", amount=999)
    assert (book.balance(DEFERRED), book.balance(INCOME)) == (0, -999)


def test_what_was_not_spent_is_no_income() -> None:
    book = spent()
    receive(book, 2_000)
    book.refused(Code.RECOGNITION_EXCEEDED, "RecogniseContribution", pledge="PL-1", amount=1_001)
    book.do("RecogniseContribution", pledge="PL-1", amount=1_000)
    book.refused(Code.RECOGNITION_EXCEEDED, "RecogniseContribution", pledge="PL-1", amount=1)


def test_an_advance_is_no_eligible_spending_until_it_is_settled() -> None:
    book = spent(kind="advance")
    receive(book, 1_000)
    book.refused(Code.RECOGNITION_EXCEEDED, "RecogniseContribution", pledge="PL-1", amount=1)
    book.do("SettleAdvance", agreement="A-1", amount=1)
    book.do("RecogniseContribution", pledge="PL-1", amount=1)


def test_income_is_taken_back_up_to_what_was_recognised() -> None:
    book = spent()
    receive(book, 1_000)
    book.do("RecogniseContribution", pledge="PL-1", amount=1_000)
    book.refused(Code.RECOGNITION_EXCEEDED, "RecogniseContribution", pledge="PL-1", amount=-1_001)
    book.do("RecogniseContribution", pledge="PL-1", amount=-1_000)
    assert (book.balance(DEFERRED), book.balance(INCOME)) == (-1_000, 0)


def test_nothing_is_no_income() -> None:
    with pytest.raises(MalformedError, match="no income"):
        pledged().do("RecogniseContribution", pledge="PL-1", amount=0)


def test_a_deferral_on_the_wrong_side_is_an_alarm_and_no_refusal() -> None:
    book = spent()
    book.do("ClaimContribution", pledge="PL-1", amount=1_000)
    book.do("RecogniseContribution", pledge="PL-1", amount=1_000)
    (event,) = book.do("RecordContributionPledgeAmendment", pledge="PL-1", amount=0, reason="gestrichen")
    assert event.data.warnings == ("shortfall", "wrong_side")
    assert book.balance(DEFERRED) == 1_000


def test_an_assigned_contribution_is_booked_on_its_pledge() -> None:
    book = pledged()
    book.do("RecordBankEntry", bank_reference="x", amount=40)
    assignment = {"bank_reference": "x", "programme": "KIP3", "purpose": "contribution", "target": "PL-1"}
    book.two("AssignBankEntry", assignment)
    assert book.balance(DEFERRED) == -40


def test_an_agreement_of_federal_money_spends_federal_money_only() -> None:
    book = spent()
    assert book.balance("credit:used:SP:federal:A-1") == 1_000
    assert book.balance("credit:available:SP:canton") == 50_000_000
    assert book.balance("finance:3636:SP:federal:A-1") == 1_000
