"""Orders of the life of agreements, money and corrections that break two rules: the code is that of the first."""

from __future__ import annotations

from landbuch.contracts.catalogue import CONFIRM
from landbuch.contracts.refusals import Code
from tests.acting import Acting, approved, draft, in_force, partnered, requested, settlement, signed
from tests.refusals.life import (
    ADVANCED,
    APPROVED,
    CLAIMED,
    CLEARING,
    DISCREPANCY,
    EVALUATED,
    FINDING,
    GATED,
    INSTRUCTED,
    OPENING,
    PAID,
    REPORT,
    REQUESTED,
    SETTLED,
    SUSPENDED,
    TRANCHE,
    WAIVED,
    LifeCase,
    after,
    amendment,
    assignment,
    claim,
    did,
    limited,
    proposed,
    request,
    two_did,
    without_details,
)

_PAUSED = did("SuspendAgreement", agreement="A-1", reason="Inquiry")
_POOR = did("BlockBudget", year=2024, amount=45_000_000, reason="Savings")
_APPROVE: tuple[str, dict[str, str]] = ("ApproveDisbursement", {"disbursement": "D-1"})


def _two_requested() -> Acting:
    """A-1 has all of its 200'000.00 requested twice, and half of it is released."""
    book = signed()
    requested(book, amount=20_000_000)
    approved(book, "D-2", 10_000_000)
    return book


LIFE_PAIRS = (
    # Before every rule.
    LifeCase(Code.ROLE_MISSING, signed, "RequestDisbursement", request(), by="p-aud-a", phase="_"),
    LifeCase(Code.PHASE_REQUIRED, signed, "RequestDisbursement", request(agreement="A-9"), phase="_"),
    LifeCase(Code.PHASE_NOT_APPLICABLE, signed, "RecordBankEntry",
             {"bank_reference": "x", "amount": 5, "booked_on": "2099-01-01"}, phase="KIP9"),
    LifeCase(Code.PHASE_UNKNOWN, signed, "AssignBankEntry", assignment(programme="KIP9")),
    LifeCase(Code.BOOKED_IN_FUTURE, signed, "ReverseEntry",
             {"position": 999, "event": "00000000-0000-4000-8000-000000000000", "reason": "x",
              "booked_on": "2099-01-01"},
             phase="KIP3"),
    # Agreements.
    LifeCase(Code.OCCURRED_IN_FUTURE, signed, "SignAgreement",
             {"agreement": "A-9", "signed_on": "2024-02-02", "signatories": ["p-man-b"]}, by="p-man-b"),
    LifeCase(Code.SECOND_PERSON_REQUIRED, after(signed, did("SubmitReport", **REPORT), did("RejectReport",
             report="RP-1", reason="Incomplete")), "AcceptReport", {"report": "RP-1"}),
    LifeCase(Code.ID_TAKEN, signed, "PlanMilestone",
             {"milestone": "A-1", "title": "x", "due": "2024-03-01", "agreement": "A-9"}),
    LifeCase(Code.PARTNER_UNKNOWN, signed, "CommissionEvaluation",
             {"evaluation": "EV-1", "title": "x", "partner": "P-9", "agreement": "A-9"}),
    LifeCase(Code.AGREEMENT_UNKNOWN, signed, "ScheduleTranches",
             {"agreement": "A-9", "tranches": [TRANCHE | {"milestones": ["M-9"]}]}),
    LifeCase(Code.MILESTONE_UNKNOWN, signed, "ScheduleTranches",
             {"agreement": "A-1", "tranches": [TRANCHE | {"amount": 10**9, "milestones": ["M-9"]}]}),
    LifeCase(Code.EVALUATION_UNKNOWN, EVALUATED, "RecordEvaluationPublication", {"evaluation": "EV-2", "place": "x"}),
    LifeCase(Code.FINDING_UNKNOWN, after(signed, did("RaiseFinding", **FINDING), did("ResolveFinding", finding="F-1",
             resolution="Done")), "ResolveFinding", {"finding": "F-1", "resolution": "x"}, phase="KIP3"),
    LifeCase(Code.SOURCE_UNKNOWN, signed, "AmendAgreement",
             amendment(5, items=[{"area": "XX", "source": "third", "amount": 5, "year": 2024}])),
    LifeCase(Code.AREA_UNKNOWN, signed, "AmendAgreement",
             amendment(5, items=[{"area": "XX", "source": "canton", "amount": 5, "year": 2099}])),
    LifeCase(Code.DATES_OUT_OF_ORDER, after(signed, SETTLED), "AmendAgreement", amendment(5, end="2023-12-31")),
    LifeCase(Code.PARTNER_SUSPENDED, after(signed, SUSPENDED, SETTLED), "AmendAgreement", amendment(30_000_000)),
    LifeCase(Code.AGREEMENT_NOT_RUNNING, after(signed, SETTLED), "AmendAgreement", amendment(5, end="2099-12-31")),
    LifeCase(Code.OUTSIDE_TERM, APPROVED, "AmendAgreement", amendment(5, end="2030-01-01")),
    LifeCase(Code.BELOW_USED, APPROVED, "AmendAgreement",
             amendment(10**9, items=[{"area": "FK", "source": "canton", "amount": 10**9, "year": 2024}])),
    LifeCase(Code.CEILING_EXCEEDED, after(GATED, WAIVED, lambda book: requested(book, tranche=1)), "ScheduleTranches",
             {"agreement": "A-1", "tranches": [{"number": 2, "due": "2024-03-01", "amount": 20_000_001}]}),
    LifeCase(Code.PAYMENTS_IN_FLIGHT, REQUESTED, "SettleAgreement", settlement() | {"surplus": 5, "reserve": 5}),
    LifeCase(Code.AGREEMENT_NOT_RUNNING, after(partnered, draft), "SettleAgreement",
             settlement() | {"surplus": 5, "reserve": 5}),
    LifeCase(Code.AGREEMENT_NOT_SETTLED, CLAIMED, "CloseAgreement", {"agreement": "A-1"}),
    LifeCase(Code.MILESTONE_OVER, after(GATED, WAIVED), "RecordMilestoneDue", {"milestone": "M-1"}),
    # Payments.
    LifeCase(Code.ID_TAKEN, signed, "RequestDisbursement", request(name="P-1", agreement="A-9")),
    LifeCase(Code.AGREEMENT_UNKNOWN, signed, "RequestDisbursement", request(agreement="A-9", tranche=5)),
    LifeCase(Code.TRANCHE_UNKNOWN, after(signed, SUSPENDED), "RequestDisbursement", request(tranche=5)),
    LifeCase(Code.PARTNER_SUSPENDED, after(signed, SUSPENDED, _PAUSED), "RequestDisbursement", request()),
    LifeCase(Code.AGREEMENT_SUSPENDED, after(REQUESTED, _PAUSED), "RequestDisbursement", request(name="D-2")),
    LifeCase(Code.MILESTONE_OUTSTANDING, GATED, "RequestDisbursement", request(8_000_001, tranche=1)),
    LifeCase(Code.TRANCHE_EXCEEDED, after(GATED, WAIVED), "RequestDisbursement", request(20_000_001, tranche=1)),
    LifeCase(Code.ADVANCE_CAP_EXCEEDED, lambda: signed(advance_cap=1), "RequestDisbursement",
             request(20_000_001, kind="advance")),
    LifeCase(Code.SECOND_PERSON_REQUIRED, after(in_force, without_details, requested, two_did("GrantRole",
             person="p-clerk-a", role="approver")), *_APPROVE, by="p-clerk-a"),
    LifeCase(Code.BANK_DETAILS_UNCONFIRMED, after(in_force, without_details, requested, _PAUSED), *_APPROVE),
    LifeCase(Code.PARTNER_SUSPENDED, after(in_force, without_details, requested, SUSPENDED), *_APPROVE),
    LifeCase(Code.AGREEMENT_SUSPENDED, after(APPROVED, _PAUSED), *_APPROVE),
    LifeCase(Code.DISBURSEMENT_NOT_REQUESTED, after(APPROVED, limited), *_APPROVE),
    LifeCase(Code.LIMIT_EXCEEDED, after(REQUESTED, limited, _POOR), *_APPROVE),
    LifeCase(Code.COMMITMENT_EXCEEDED, after(_two_requested, _POOR), *_APPROVE),
    LifeCase(Code.DISBURSEMENT_NOT_APPROVED, after(INSTRUCTED, lambda book: requested(book, "D-2", 7)),
             "InstructPayment", {"disbursement": "D-2", "batch": "B-1", "end_to_end_id": "E-1"}),
    LifeCase(Code.DISBURSEMENT_NOT_RETURNED, after(ADVANCED, did("SettleAdvance", agreement="A-1", amount=1)),
             "CancelDisbursement", {"disbursement": "D-1", "reason": "x"}),
    # Bank, recoveries, contributions, corrections.
    LifeCase(Code.BANK_ENTRY_UNKNOWN, APPROVED, "AssignBankEntry", assignment(target="D-9")),
    LifeCase(Code.BANK_ENTRY_WRONG_SIDE, CLEARING, "AssignBankEntry", assignment(purpose="return", target="D-9")),
    LifeCase(Code.DISBURSEMENT_UNKNOWN, PAID, "RecordReturn",
             {"disbursement": "D-9", "amount": 1, "bank_reference": "out-D-1"}),
    LifeCase(Code.BANK_REFERENCE_USED, PAID, "RecordPayment",
             {"disbursement": "D-1", "amount": 1, "bank_reference": "out-D-1"}),
    LifeCase(Code.DISBURSEMENT_NOT_RELEASED, PAID, "RecordPayment",
             {"disbursement": "D-1", "amount": 1, "bank_reference": "x"}),
    LifeCase(Code.RECOVERY_UNKNOWN, PAID, "RecordRecoveryReceipt",
             {"recovery": "R-9", "amount": 1, "bank_reference": "out-D-1"}),
    LifeCase(Code.ID_TAKEN, PAID, "ClaimRecovery", claim(5_000_001, name="A-1")),
    LifeCase(Code.ADVANCE_EXCEEDED, PAID, "ClaimRecovery", claim(5_000_001, "advance")),
    LifeCase(Code.OCCURRED_IN_FUTURE, signed, "CompleteReconciliation",
             {"statement_date": "2024-02-02", "statement_balance": 5}),
    LifeCase(Code.AREA_UNKNOWN, after(signed, two_did("ImportOpeningBalance", **OPENING)), "ImportOpeningBalance",
             OPENING | {"balances": [["credit:available:XX:canton", 5]]}),
    LifeCase(Code.ID_TAKEN, after(signed, did("RecordDiscrepancy", **DISCREPANCY)), "RecordDiscrepancy", DISCREPANCY),
    LifeCase(Code.SECOND_PERSON_REQUIRED,
             after(REQUESTED, proposed("ApproveDisbursement", disbursement="D-1"), SUSPENDED), CONFIRM,
             lambda book: {"proposal": book.state.head.position - 1}, by="p-app-a"),
)  # fmt: skip
