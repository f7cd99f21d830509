"""The life of the agreement in the example book: its partner, its milestones and reports, amended, settled, closed."""

from __future__ import annotations

from landbuch.contracts.publish.steps.step import (
    APPROVERS,
    AUDITOR,
    CLERK,
    CLOCK,
    DOCUMENT,
    DRAFTER,
    FINANCE,
    MANAGERS,
    SECOND,
    SIGNER,
    TREASURERS,
    Step,
    of_book,
    role,
    share,
    step,
)
from landbuch.contracts.warn import Warn

_COMMITMENT = "8fabebc4e2ad67675efdd8f2e6093093e4c12f85b373ed940cda5ea8b15a7454"

PARTNERS = (
    *(role(person, "approver", limit=200_000_00) for person in APPROVERS),
    *(role(person, "treasurer") for person in TREASURERS),
    role(AUDITOR[0], "auditor"),
    role(SECOND, "finance"),
    role(CLOCK[0], "service"),
    of_book(
        CLERK, "AmendPartner", partner="P-001", name="Verein Beispiel und Nachbarn", uid="CHE-109.322.551",
        reason="Merger",
    ),
    of_book(CLERK, "SuspendPartner", partner="P-001", reason="Accounts are late"),
    of_book(CLERK, "ReinstatePartner", partner="P-001", reason="Accounts are here"),
    Step(
        CLERK,
        "ProposePartnerBankDetails",
        {"partner": "P-001", "iban": "CH9300762011623852957", "salt": "5a" * 32},
        "_",
        derived={"commitment": _COMMITMENT, "kind": "iban", "country": "CH"},
    ),
    of_book(FINANCE, "ConfirmPartnerBankDetails", partner="P-001", commitment=_COMMITMENT),
)  # fmt: skip

RUNNING = (
    step(DRAFTER, "PlanMilestone", milestone="M-001", title="Kurse begonnen", due="2024-03-01", agreement="A-001"),
    step(CLOCK, "RecordMilestoneDue", milestone="M-001"),
    step(MANAGERS, "RecordMilestoneReached", milestone="M-001", document=DOCUMENT, occurred_on="2024-03-01"),
    step(DRAFTER, "PlanMilestone", milestone="M-002", title="Bericht der Begleitgruppe", due="2024-02-29"),
    step(DRAFTER, "RescheduleMilestone", milestone="M-002", due="2024-03-20", reason="The group meets later"),
    step(DRAFTER, "RecordMilestoneMissed", milestone="M-002", reason="The group did not meet"),
    step(MANAGERS, "WaiveMilestone", milestone="M-002", reason="The canton asks the group directly"),
    step(
        DRAFTER, "ScheduleTranches", agreement="A-001",
        tranches=[
            {"number": 1, "due": "2024-04-01", "amount": 30_000_00, "milestones": ["M-001", "M-002"]},
            {"number": 2, "due": "2024-10-01", "amount": 670_000_00},
        ],
    ),
    Step(
        MANAGERS,
        "AmendAgreement",
        {
            "agreement": "A-001", "end": "2026-06-30", "ceiling": 650_000_00,
            "items": [
                {**share("SP", "canton", 130_000_00), "year": 2024}, {**share("SP", "canton", 80_000_00), "year": 2025},
                {**share("SP", "federal", 440_000_00), "year": 2024},
            ],
            "reason": "More of the canton, less of the Confederation", "document": DOCUMENT,
        },
        warnings=(Warn.TRANCHES_BEYOND_CEILING,),
    ),
    step(DRAFTER, "SuspendAgreement", agreement="A-001", reason="Teacher is missing"),
    step(DRAFTER, "ResumeAgreement", agreement="A-001", reason="Teacher is found"),
    step(
        DRAFTER, "SubmitReport", report="RP-001", agreement="A-001", kind="interim", period_start="2024-01-01",
        period_end="2024-02-29",
    ),
    step(SIGNER, "RejectReport", report="RP-001", reason="Number of participants is missing"),
    step(
        DRAFTER, "SubmitReport", report="RP-002", agreement="A-001", kind="interim", period_start="2024-01-01",
        period_end="2024-02-29", document=DOCUMENT,
    ),
    step(SIGNER, "AcceptReport", report="RP-002"),
    step(
        DRAFTER, "CommissionEvaluation", evaluation="EV-001", title="Wirkung der Deutschkurse", partner="P-001",
        agreement="A-001", due="2024-12-31",
    ),
    step(DRAFTER, "RecordEvaluationDelivery", evaluation="EV-001", document=DOCUMENT),
    step(DRAFTER, "RecordEvaluationPublication", evaluation="EV-001", place="Website of the canton"),
    step(
        AUDITOR, "RaiseFinding", finding="F-001", about="A-001", statement="Attendance lists are not signed",
        weight="medium",
    ),
    step(AUDITOR, "ResolveFinding", finding="F-001", resolution="Signed lists are here"),
)  # fmt: skip

ENDING = (
    step(DRAFTER, "TerminateAgreement", agreement="A-001", reason="The association stops its courses"),
    step(
        DRAFTER, "SettleAgreement", agreement="A-001", eligible_costs=29_000_00, own_funds=0, surplus=1_000_00,
        reserve=0, recovery_due=1_000_00,
    ),
    step(DRAFTER, "CloseAgreement", agreement="A-001"),
)  # fmt: skip
