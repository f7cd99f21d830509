"""The life of an agreement, folded from the events as the book will hold them: payments, milestones, recoveries."""

from __future__ import annotations

from typing import Any

from landbuch.reporting.domain.agreement import Agreement, agreements_of, owned
from landbuch.reporting.domain.told import Told

ITEMS = [
    {"area": "SP", "source": "canton", "year": 2024, "amount": 60_000_00},
    {"area": "SP", "source": "canton", "year": 2025, "amount": 40_000_00},
]
DRAFTED: tuple[str, dict[str, Any]] = (
    "AgreementDrafted",
    {
        "agreement": "A-1", "partner": "P-1", "form": "contract", "start": "2024-01-01", "end": "2025-12-31",
        "ceiling": 100_000_00, "items": ITEMS,
    },
)  # fmt: skip
SIGNED = ("AgreementSigned", {"agreement": "A-1", "signed_on": "2024-02-01", "signatories": ["p-1"]})
REQUESTED = (
    "DisbursementRequested",
    {"disbursement": "D-1", "agreement": "A-1", "amount": 50_000_00, "kind": "instalment", "tranche": 1},
)
PLANNED = (
    "MilestonePlanned",
    {"milestone": "M-1", "title": "Zwischenbericht", "due": "2024-06-30", "agreement": "A-1"},
)


def told(*events: tuple[str, dict[str, Any]], reversed_at: dict[int, int] | None = None) -> list[Told]:
    """Put events one behind the other."""
    return [
        Told(
            at, f"id-{at}", name, "KIP3", "2024-03-28", "2024-03-28T08:00:00.000000Z", "p-1", data,
            reversed_at=(reversed_at or {}).get(at),
        )
        for at, (name, data) in enumerate(events, start=1)
    ]  # fmt: skip


def folded(*events: tuple[str, dict[str, Any]], reversed_at: dict[int, int] | None = None) -> Agreement:
    """Fold events to the one agreement."""
    (found,) = agreements_of(told(*events, reversed_at=reversed_at)).values()
    return found


def of(name: str, **data: Any) -> tuple[str, dict[str, Any]]:
    """Name an event of the disbursement."""
    return name, {"disbursement": "D-1", **data}


def test_a_draft_plans_and_promises_nothing() -> None:
    found = folded(DRAFTED)
    assert (found.state, found.signed_on, found.ceiling) == ("drafted", None, 100_000_00)
    assert found.years() == (2024, 2025)
    assert (found.planned(year=2025), found.planned("SP", "canton"), found.planned("ZP")) == (
        40_000_00, 100_000_00, None,
    )  # fmt: skip


def test_a_payment_goes_from_request_to_paid_to_returned() -> None:
    paid = of("DisbursementPaid", amount=50_000_00, bank_reference="B-1", occurred_on="2024-03-27")
    steps = [REQUESTED, of("DisbursementApproved"), of("PaymentInstructed"), paid]
    steps.append(of("DisbursementReturned", amount=20_000_00, bank_reference="B-2"))
    states = [folded(DRAFTED, SIGNED, *steps[:count]).disbursements["D-1"].state for count in range(1, 6)]
    assert states == ["requested", "approved", "instructed", "paid", "returned"]
    one = folded(DRAFTED, SIGNED, *steps).disbursements["D-1"]
    assert (one.paid, one.returned, one.paid_on, one.tranche) == (50_000_00, 20_000_00, "2024-03-27", 1)


def test_a_reversed_payment_does_not_count() -> None:
    paid = of("DisbursementPaid", amount=50_000_00, bank_reference="B-1")
    one = folded(DRAFTED, SIGNED, REQUESTED, paid, reversed_at={4: 5}).disbursements["D-1"]
    assert (one.state, one.paid) == ("requested", 0)


def test_a_milestone_is_late_from_the_day_after_until_it_is_reached() -> None:
    milestone = folded(DRAFTED, PLANNED).milestones["M-1"]
    assert [milestone.late(day) for day in ("2024-06-29", "2024-06-30", "2024-07-01")] == [False, False, True]
    moved = folded(DRAFTED, PLANNED, ("MilestoneRescheduled", {"milestone": "M-1", "due": "2024-09-30", "reason": "x"}))
    assert not moved.milestones["M-1"].late("2024-07-01")
    reached = folded(DRAFTED, PLANNED, ("MilestoneReached", {"milestone": "M-1", "document": "0" * 64}))
    assert (reached.milestones["M-1"].state, reached.milestones["M-1"].late("2024-07-01")) == ("reached", False)


def test_tranches_name_what_gates_them() -> None:
    tranche = {"number": 1, "due": "2024-03-31", "amount": 50_000_00, "milestones": ["M-1"]}
    found = folded(DRAFTED, ("TranchesScheduled", {"agreement": "A-1", "tranches": [tranche]}))
    assert [(one.number, one.amount, one.milestones) for one in found.tranches] == [(1, 50_000_00, ("M-1",))]


def test_an_amendment_replaces_ceiling_items_and_end() -> None:
    item = {"area": "ZP", "source": "federal", "year": 2026, "amount": 120_000_00}
    data = {"agreement": "A-1", "end": "2026-12-31", "ceiling": 120_000_00, "items": [item], "reason": "mehr Kurse"}
    found = folded(DRAFTED, SIGNED, ("AgreementAmended", data))
    assert (found.end, found.ceiling, found.shares()) == ("2026-12-31", 120_000_00, (("ZP", "federal"),))
    assert (
        folded(DRAFTED, SIGNED, ("AgreementAmended", {"agreement": "A-1", "end": "2026-06-30"})).ceiling == 100_000_00
    )


def test_a_recovery_adds_up_what_came_in_and_what_was_given_up() -> None:
    part = {"area": "SP", "source": "canton", "amount": 10_000_00, "of": "this_year"}
    claimed = ("RecoveryClaimed", {"recovery": "R-1", "agreement": "A-1", "ground": "unused", "parts": [part]})
    received = ("RecoveryReceived", {"recovery": "R-1", "amount": 7_000_00, "bank_reference": "B-9"})
    waived = ("RecoveryWaived", {"recovery": "R-1", "amount": 3_000_00, "reason": "klein"})
    one = folded(DRAFTED, SIGNED, claimed, received, waived).recoveries["R-1"]
    assert (one.claimed, one.received, one.waived) == (10_000_00, 7_000_00, 3_000_00)


def test_the_state_follows_suspension_end_settlement_and_closing() -> None:
    states = []
    events: list[tuple[str, dict[str, Any]]] = [DRAFTED]
    for name in ("Signed", "Suspended", "Resumed", "Terminated", "Settled", "Closed"):
        events.append((f"Agreement{name}", {"agreement": "A-1", "signed_on": "2024-02-01", "reason": "x"}))
        states.append(folded(*events).state)
    assert states == ["signed", "suspended", "signed", "terminated", "settled", "closed"]


def test_an_event_of_unknown_type_changes_nothing() -> None:
    newer = Told(
        3, "id-3", "AgreementSigned", "KIP3", "2024-03-28", "2024-03-28T08:00:00.000000Z", "p-1", {}, known=False
    )
    assert agreements_of([*told(DRAFTED), newer])["A-1"].state == "drafted"


def test_payments_and_milestones_belong_to_the_agreement_that_they_name() -> None:
    assert owned(told(DRAFTED, REQUESTED, PLANNED)) == {"D-1", "M-1"}
    assert owned(told(("MilestonePlanned", {"milestone": "M-2", "title": "x", "due": "2024-01-01"}))) == set()


def test_the_terms_are_those_of_the_last_event_that_set_them() -> None:
    amended = ("AgreementAmended", {"agreement": "A-1", "ceiling": 100_000_00, "items": ITEMS, "reason": "x"})
    longer = ("AgreementAmended", {"agreement": "A-1", "end": "2026-06-30", "reason": "x"})
    assert [folded(DRAFTED, SIGNED, *more).terms_at for more in ((), (amended,), (amended, longer))] == [1, 3, 3]
