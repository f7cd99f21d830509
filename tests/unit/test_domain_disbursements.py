from __future__ import annotations

from typing import Any

import pytest

from landbuch.contracts.command import MalformedError
from landbuch.contracts.refusals import Code
from tests.acting import Acting, approved, draft, partnered, requested, settlement, sign, signed

OPEN = "credit:open:SP:canton:A-1"
RELEASED = "credit:released:SP:canton:A-1"
EXPENSE = "finance:3636:SP:canton:A-1"


def two_areas(first: int, second: int) -> Acting:
    book = partnered()
    items = [
        {"area": area, "source": "canton", "amount": amount, "year": 2024}
        for area, amount in (("SP", first), ("FK", second))
    ]
    draft(book, amount=first + second, items=items)
    sign(book)
    return book


# --- requested --------------------------------------------------------------------------------------------------


def test_all_that_is_open_can_be_requested() -> None:
    book = signed()
    requested(book, amount=20_000_000)
    assert book.balance(OPEN) == 20_000_000


def test_a_rappen_more_than_is_open_is_refused() -> None:
    order = {"disbursement": "D-1", "agreement": "A-1", "amount": 20_000_001, "kind": "instalment"}
    assert "0.01 too much" in signed().refused(Code.COMMITMENT_EXCEEDED, "RequestDisbursement", order)


def test_a_named_share_is_within_what_its_area_has_open() -> None:
    book = two_areas(100, 200)
    shares = [{"area": "SP", "source": "canton", "amount": 101}]
    order: dict[str, Any] = {"disbursement": "D-1", "agreement": "A-1", "amount": 101, "kind": "instalment"}
    book.refused(Code.COMMITMENT_EXCEEDED, "RequestDisbursement", order, shares=shares)


def test_shares_add_up_to_the_amount() -> None:
    with pytest.raises(MalformedError, match="add up"):
        requested(signed(), amount=2, shares=[{"area": "SP", "source": "canton", "amount": 1}])


def test_the_same_request_twice_is_refused_while_the_first_is_open() -> None:
    book = signed()
    requested(book)
    order = {"disbursement": "D-2", "agreement": "A-1", "amount": 5_000_000, "kind": "instalment"}
    book.refused(Code.DISBURSEMENT_DUPLICATE, "RequestDisbursement", order)
    book.do("WithdrawDisbursement", disbursement="D-1", reason="doppelt")
    book.do("RequestDisbursement", order)


def test_another_amount_is_no_duplicate() -> None:
    book = signed()
    requested(book)
    requested(book, "D-2", 5_000_001)
    assert book.state.disbursements["D-2"].in_flight


def test_nothing_is_requested_under_a_suspended_agreement() -> None:
    book = signed()
    book.do("SuspendAgreement", agreement="A-1", reason="Prüfung")
    order = {"disbursement": "D-1", "agreement": "A-1", "amount": 1, "kind": "instalment"}
    book.refused(Code.AGREEMENT_SUSPENDED, "RequestDisbursement", order)


def test_nothing_is_requested_under_a_draft() -> None:
    book = partnered()
    draft(book)
    order = {"disbursement": "D-1", "agreement": "A-1", "amount": 1, "kind": "instalment"}
    book.refused(Code.AGREEMENT_NOT_RUNNING, "RequestDisbursement", order)


def test_what_is_owed_under_a_terminated_agreement_is_paid() -> None:
    book = signed()
    book.do("TerminateAgreement", agreement="A-1", reason="aufgelöst")
    approved(book)
    assert book.balance(RELEASED) == 5_000_000


@pytest.mark.parametrize(("amount", "refused"), [(2_000_000, False), (2_000_001, True)])
def test_advances_stay_within_their_cap(amount: int, *, refused: bool) -> None:
    book = signed(advance_cap=1_000)
    order = {"disbursement": "D-1", "agreement": "A-1", "amount": amount, "kind": "advance"}
    if refused:
        assert "0.01 too much" in book.refused(Code.ADVANCE_CAP_EXCEEDED, "RequestDisbursement", order)
    else:
        book.do("RequestDisbursement", order)


# --- tranches and milestones ------------------------------------------------------------------------------------


def gated() -> Acting:
    book = signed()
    book.do("PlanMilestone", milestone="M-1", title="Kurse begonnen", due="2024-03-01")
    tranche = {"number": 1, "due": "2024-03-01", "amount": 8_000_000, "milestones": ["M-1"]}
    book.do("ScheduleTranches", agreement="A-1", tranches=[tranche])
    return book


def of_tranche(amount: int, number: int = 1, name: str = "D-1") -> dict[str, Any]:
    return {"disbursement": name, "agreement": "A-1", "amount": amount, "kind": "instalment", "tranche": number}


def test_a_tranche_waits_for_its_milestone() -> None:
    book = gated()
    book.refused(Code.MILESTONE_OUTSTANDING, "RequestDisbursement", **of_tranche(1))
    book.two("RecordMilestoneReached", milestone="M-1", document="ab" * 32)
    book.do("RequestDisbursement", **of_tranche(8_000_000))


def test_a_waived_milestone_gates_nothing() -> None:
    book = gated()
    book.two("WaiveMilestone", milestone="M-1", reason="anders erreicht")
    book.do("RequestDisbursement", **of_tranche(1))


def test_a_tranche_is_not_exceeded_by_a_rappen() -> None:
    book = gated()
    book.two("WaiveMilestone", milestone="M-1", reason="anders erreicht")
    book.refused(Code.TRANCHE_EXCEEDED, "RequestDisbursement", **of_tranche(8_000_001))
    book.do("RequestDisbursement", **of_tranche(8_000_000))


def test_a_tranche_in_flight_is_not_requested_again() -> None:
    book = gated()
    book.two("WaiveMilestone", milestone="M-1", reason="anders erreicht")
    book.do("RequestDisbursement", **of_tranche(1))
    book.refused(Code.DISBURSEMENT_DUPLICATE, "RequestDisbursement", **of_tranche(2, name="D-2"))


def test_an_unknown_tranche_is_refused() -> None:
    gated().refused(Code.TRANCHE_UNKNOWN, "RequestDisbursement", **of_tranche(1, number=2))


def test_a_new_plan_keeps_what_is_requested() -> None:
    book = gated()
    book.two("WaiveMilestone", milestone="M-1", reason="anders erreicht")
    book.do("RequestDisbursement", **of_tranche(5_000_000))
    tranche = {"number": 1, "due": "2024-03-01", "amount": 4_999_999}
    book.refused(Code.TRANCHE_IN_USE, "ScheduleTranches", agreement="A-1", tranches=[tranche])
    book.do("ScheduleTranches", agreement="A-1", tranches=[tranche | {"amount": 5_000_000}])


# --- rejected, withdrawn, revoked -------------------------------------------------------------------------------


def test_a_rejected_request_is_over() -> None:
    book = signed()
    requested(book)
    book.do("RejectDisbursement", disbursement="D-1", reason="Beleg fehlt")
    book.refused(Code.DISBURSEMENT_NOT_REQUESTED, "ApproveDisbursement", disbursement="D-1")
    book.refused(Code.DISBURSEMENT_NOT_REQUESTED, "WithdrawDisbursement", disbursement="D-1", reason="egal")


def test_a_revoked_approval_is_mirrored() -> None:
    book = signed()
    before = dict(book.state.balances)
    approved(book)
    book.do("RevokeApproval", disbursement="D-1", reason="falscher Betrag")
    assert dict(book.state.balances) == before


def test_an_approval_revoked_in_a_later_year_is_income_of_that_year() -> None:
    book = signed()
    approved(book)
    book.now = "2025-01-10T08:00:00.000000Z"
    book.do("RevokeApproval", disbursement="D-1", reason="falscher Betrag")
    assert book.balance(EXPENSE) == 5_000_000
    assert book.balance("finance:426:SP:canton:A-1") == -5_000_000
    assert book.balance("budget:lapsed:2024") == 5_000_000
    assert book.balance(OPEN) == 20_000_000


def test_only_an_approval_is_revoked() -> None:
    book = signed()
    requested(book)
    book.refused(Code.DISBURSEMENT_NOT_APPROVED, "RevokeApproval", disbursement="D-1", reason="egal")


def test_an_agreement_with_a_request_is_not_settled() -> None:
    book = signed()
    requested(book)
    book.refused(Code.PAYMENTS_IN_FLIGHT, "SettleAgreement", settlement())


def test_an_amendment_does_not_go_below_what_is_released() -> None:
    book = signed()
    approved(book)
    items = [{"area": "SP", "source": "canton", "amount": 4_999_999, "year": 2024}]
    order: dict[str, Any] = {"agreement": "A-1", "ceiling": 4_999_999, "items": items, "reason": "weniger"}
    assert "0.01 too low" in book.refused(Code.BELOW_USED, "AmendAgreement", order)
    items[0]["amount"] = 5_000_000
    book.two("AmendAgreement", **(order | {"ceiling": 5_000_000}))
    assert book.balance(OPEN) == 0
