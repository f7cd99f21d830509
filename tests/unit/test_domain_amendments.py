from __future__ import annotations

from typing import Any

import pytest

from landbuch.contracts.command import MalformedError
from landbuch.contracts.refusals import Code
from tests.acting import Acting, draft, partnered, signed

OPEN = "credit:open:SP:canton:A-1"
AVAILABLE = "credit:available:SP:canton"


def items(*parts: tuple[str, int], year: int = 2024) -> list[dict[str, Any]]:
    return [{"area": area, "source": "canton", "amount": amount, "year": year} for area, amount in parts]


def amend(amount: int, **more: Any) -> dict[str, Any]:
    return {
        "agreement": "A-1",
        "ceiling": amount,
        "items": items(("SP", amount)),
        "reason": "Mehr Kurse als geplant",
        **more,
    }


# --- amending ---------------------------------------------------------------------------------------------------


def test_an_amendment_up_commits_the_difference() -> None:
    book = signed()
    book.two("AmendAgreement", **amend(30_000_000))
    assert (book.balance(OPEN), book.balance(AVAILABLE)) == (30_000_000, 20_000_000)


def test_an_amendment_may_use_the_last_rappen_that_is_available() -> None:
    book = signed()
    book.two("AmendAgreement", **amend(50_000_000))
    assert book.balance(AVAILABLE) == 0


def test_an_amendment_by_one_rappen_too_much_is_refused() -> None:
    detail = signed().refused(Code.CREDIT_EXCEEDED, "AmendAgreement", **amend(50_000_001))
    assert "300'000.00 available" in detail
    assert "0.01 too much" in detail


def test_an_amendment_down_frees_what_is_open() -> None:
    book = signed()
    book.two("AmendAgreement", **amend(1))
    assert (book.balance(OPEN), book.balance(AVAILABLE)) == (1, 49_999_999)


def test_an_amendment_may_move_money_to_another_area() -> None:
    book = signed()
    book.two("AmendAgreement", **amend(20_000_000) | {"items": items(("FK", 20_000_000))})
    assert (book.balance(OPEN), book.balance("credit:open:FK:canton:A-1")) == (0, 20_000_000)


def test_an_amendment_needs_two_persons() -> None:
    book = signed()
    (proposal,) = book.do("AmendAgreement", **amend(30_000_000))
    book.confirm_refused(Code.SECOND_PERSON_REQUIRED, proposal, by="p-man-a")


def test_an_amendment_up_is_refused_while_the_partner_is_suspended() -> None:
    book = signed()
    book.do("SuspendPartner", partner="P-1", reason="Prüfung")
    book.refused(Code.PARTNER_SUSPENDED, "AmendAgreement", **amend(20_000_001))


def test_an_amendment_down_goes_while_the_partner_is_suspended() -> None:
    book = signed()
    book.do("SuspendPartner", partner="P-1", reason="Prüfung")
    book.two("AmendAgreement", **amend(19_999_999))
    assert book.balance(OPEN) == 19_999_999


def test_an_item_outside_the_new_term_is_refused() -> None:
    book = signed()
    book.refused(Code.DATES_OUT_OF_ORDER, "AmendAgreement", agreement="A-1", end="2023-12-31", reason="kürzer")


def test_an_end_after_the_tail_is_refused() -> None:
    book = signed()
    book.refused(Code.OUTSIDE_TERM, "AmendAgreement", agreement="A-1", end="2030-01-01", reason="länger")


def test_an_end_on_the_last_day_of_the_tail_is_accepted() -> None:
    book = signed()
    book.two("AmendAgreement", agreement="A-1", end="2029-12-31", reason="länger")
    assert book.state.agreements["A-1"].end == "2029-12-31"


def test_a_draft_cannot_be_amended() -> None:
    book = partnered()
    draft(book)
    book.refused(Code.AGREEMENT_NOT_RUNNING, "AmendAgreement", **amend(30_000_000))


def test_ceiling_and_items_come_together() -> None:
    with pytest.raises(MalformedError, match="together"):
        signed().do("AmendAgreement", agreement="A-1", ceiling=5, reason="halb")


def test_a_lower_ceiling_warns_when_the_tranches_are_more() -> None:
    book = signed()
    book.do("ScheduleTranches", agreement="A-1", tranches=[{"number": 1, "due": "2024-03-01", "amount": 20_000_000}])
    (event,) = book.two("AmendAgreement", **amend(19_999_999))
    assert event.data.warnings == ("tranches_beyond_ceiling",)


# --- suspended, resumed, terminated -----------------------------------------------------------------------------


def test_an_agreement_is_suspended_and_resumed() -> None:
    book = signed()
    book.do("SuspendAgreement", agreement="A-1", reason="Prüfung")
    book.refused(Code.AGREEMENT_SUSPENDED, "SuspendAgreement", agreement="A-1", reason="Prüfung")
    book.do("ResumeAgreement", agreement="A-1", reason="geprüft")
    assert book.state.agreements["A-1"].stage == "signed"


def test_only_a_suspended_agreement_is_resumed() -> None:
    signed().refused(Code.AGREEMENT_NOT_SUSPENDED, "ResumeAgreement", agreement="A-1", reason="geprüft")


def test_a_suspended_agreement_can_be_terminated_once() -> None:
    book = signed()
    book.do("SuspendAgreement", agreement="A-1", reason="Prüfung")
    book.do("TerminateAgreement", agreement="A-1", reason="Verein aufgelöst")
    book.refused(Code.AGREEMENT_NOT_RUNNING, "TerminateAgreement", agreement="A-1", reason="Verein aufgelöst")


# --- tranches ---------------------------------------------------------------------------------------------------


def test_tranches_up_to_the_ceiling_are_planned() -> None:
    book = signed()
    book.do("ScheduleTranches", agreement="A-1", tranches=[{"number": 1, "due": "2024-03-01", "amount": 20_000_000}])
    assert book.state.tranches["A-1"][0].amount == 20_000_000


def test_tranches_beyond_the_ceiling_are_refused() -> None:
    tranches = [{"number": number, "due": "2024-03-01", "amount": 10_000_000 + number} for number in (0 + 1, 2)]
    detail = signed().refused(Code.CEILING_EXCEEDED, "ScheduleTranches", agreement="A-1", tranches=tranches)
    assert "0.03 too much" in detail


def test_a_tranche_names_milestones_that_are_planned() -> None:
    tranches = [{"number": 1, "due": "2024-03-01", "amount": 1, "milestones": ["M-1"]}]
    signed().refused(Code.MILESTONE_UNKNOWN, "ScheduleTranches", agreement="A-1", tranches=tranches)


def test_a_tranche_number_occurs_once() -> None:
    tranches = [{"number": 1, "due": "2024-03-01", "amount": 1}] * 2
    with pytest.raises(MalformedError, match="once"):
        signed().do("ScheduleTranches", agreement="A-1", tranches=tranches)


# --- reports ----------------------------------------------------------------------------------------------------


def reported() -> Acting:
    book = signed()
    report = {"report": "R-1", "agreement": "A-1", "kind": "interim"}
    book.do("SubmitReport", by="p-man-a", period_start="2024-01-01", period_end="2024-01-31", **report)
    return book


def test_a_report_is_accepted_by_somebody_else() -> None:
    book = reported()
    book.refused(Code.SECOND_PERSON_REQUIRED, "AcceptReport", by="p-man-a", report="R-1")
    book.do("AcceptReport", by="p-man-b", report="R-1")
    assert book.state.reports["R-1"].stage == "accepted"


def test_a_rejected_report_is_not_accepted() -> None:
    book = reported()
    book.do("RejectReport", report="R-1", reason="unvollständig")
    book.refused(Code.REPORT_NOT_SUBMITTED, "AcceptReport", by="p-man-b", report="R-1")


def test_an_unknown_report_is_refused() -> None:
    reported().refused(Code.REPORT_UNKNOWN, "AcceptReport", report="R-2")


def test_a_period_ends_after_it_starts() -> None:
    with pytest.raises(MalformedError, match="out of order"):
        signed().do(
            "SubmitReport",
            report="R-1",
            agreement="A-1",
            kind="final",
            period_start="2024-02-01",
            period_end="2024-01-31",
        )


# --- settled, closed --------------------------------------------------------------------------------------------


def settlement(**more: int) -> dict[str, Any]:
    zero = dict.fromkeys(("eligible_costs", "own_funds", "surplus", "reserve", "recovery_due"), 0)
    return {"agreement": "A-1", **zero, **more}


def test_settling_frees_all_that_is_open() -> None:
    book = signed()
    book.do("SettleAgreement", **settlement())
    assert (book.balance(OPEN), book.balance(AVAILABLE)) == (0, 50_000_000)


@pytest.mark.parametrize(("reserve", "refused"), [(1_000_000, False), (1_000_001, True)])
def test_a_reserve_is_kept_up_to_its_cap(reserve: int, *, refused: bool) -> None:
    book = signed(reserve_cap=500)
    order = settlement(surplus=2_000_000, reserve=reserve)
    if refused:
        assert "0.01 too much" in book.refused(Code.RESERVE_EXCEEDED, "SettleAgreement", **order)
    else:
        book.do("SettleAgreement", **order)


def test_without_a_cap_there_is_no_reserve() -> None:
    signed().refused(Code.RESERVE_EXCEEDED, "SettleAgreement", **settlement(surplus=1, reserve=1))


def test_reserve_and_recovery_come_out_of_the_surplus() -> None:
    with pytest.raises(MalformedError, match="more than the surplus"):
        signed().do("SettleAgreement", **settlement(surplus=1, reserve=1, recovery_due=1))


def test_a_settled_agreement_on_which_nothing_is_outstanding_is_closed() -> None:
    book = signed()
    book.refused(Code.AGREEMENT_NOT_SETTLED, "CloseAgreement", agreement="A-1")
    book.do("SettleAgreement", **settlement())
    book.do("CloseAgreement", agreement="A-1")
    assert book.state.agreements["A-1"].stage == "closed"


def test_a_settled_agreement_is_not_amended() -> None:
    book = signed()
    book.do("SettleAgreement", **settlement())
    book.refused(Code.AGREEMENT_NOT_RUNNING, "AmendAgreement", **amend(30_000_000))
