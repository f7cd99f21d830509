"""The first road of the example book: it is founded, a credit comes into force, an agreement is signed."""

from __future__ import annotations

from typing import Any

from landbuch.contracts.publish.steps.step import (
    ADMINISTRATORS,
    CLERK,
    DRAFTER,
    FINANCE,
    INVENTED,
    LEAVER,
    PHASE,
    SIGNER,
    Step,
    role,
    share,
    step,
)
from landbuch.contracts.warn import Warn


def _canton(amount: int) -> list[dict[str, Any]]:
    return [{"source": "canton", "amount": amount}]


def _credit(credit: str, amount: int, **more: object) -> Step:
    terms = {"credit": credit, "term": "Verpflichtungskredit", "amounts": _canton(amount), "new": amount, "bound": 0}
    return Step(CLERK, "ProposeCredit", {**terms, **more})


def _accepted(credit: str, amount: int, day: str, **more: object) -> Step:
    data = {"credit": credit, "body": "parliament", "body_name": "Grosser Rat", "method": "vote", "outcome": "accepted"}
    votes = {"votes_for": 61, "votes_against": 22, "abstentions": 3}
    derived = {"rules": "RULES-2020", "amounts": _canton(amount)}
    return Step(CLERK, "RecordCreditDecision", {**data, **votes, "occurred_on": day, **more}, derived=derived)


def _published(credit: str, day: str, window_ends: str) -> Step:
    data = {"credit": credit, "gazette": "Amtsblatt", "published_on": day}
    return Step(CLERK, "RecordPublication", data, derived={"window_ends": window_ends})


FOUNDING = (
    Step(ADMINISTRATORS[:1], "FoundBook", {"administrators": ADMINISTRATORS, "services": ["s-ledger"]}, "_"),
    role(CLERK[0], "clerk"),
    role(FINANCE[0], "finance", limit=500_000_00, scope=[PHASE], valid_from="2024-01-01"),
    role(DRAFTER[0], "agreement_manager"),
    role(SIGNER[0], "agreement_manager"),
    role(LEAVER, "viewer"),
    Step(ADMINISTRATORS, "RevokeRole", {"person": LEAVER, "role": "viewer", "reason": "Left the office"}, "_"),
    Step(ADMINISTRATORS[:1], "GrantRole", {"person": LEAVER, "role": "auditor"}, "_"),
    Step(ADMINISTRATORS[1:], "RejectAct", {"proposal": 16, "reason": "Nobody of this key works here any more"}, "_"),
    Step(
        ADMINISTRATORS,
        "AdoptApprovalRules",
        {
            "version": "RULES-2020",
            "valid_from": "2020-01-01",
            "deciding_body": "parliament",
            "executive_limit_once": 50_000_00,
            "executive_limit_yearly": 20_000_00,
            "referendum": "optional",
            "signatures": 500,
            "days": 30,
            "method": "Signatures of voters",
            "evidence": INVENTED,
        },
        "_",
    ),
    Step(
        ADMINISTRATORS,
        "OpenProgramme",
        {
            "label": "Beispielprogramm 2022–2025",
            "start": "2022-01-01",
            "end": "2025-12-31",
            "tail_end": "2027-12-31",
            "area_set": {
                "code": "EX-TWO",
                "areas": [
                    {
                        "code": "SP",
                        "number": 1,
                        "names": {"de": "Sprache", "fr": "Langue", "it": "Lingua"},
                        "pillar": 2,
                    },
                    {"code": "ZP", "number": 2, "names": {"de": "Zusammenleben"}, "predecessors": ["SI"]},
                ],
            },
            "sources": [
                {"source": "canton", "matching": False, "tail": False},
                {"source": "federal", "matching": True, "tail": True},
            ],
            "office": "Fachstelle Integration",
            "policies": {"basis": "net", "recovery_restores_credit": True, "longest_agreement_months": 48},
            "evidence": INVENTED,
        },
    ),
    step(
        CLERK,
        "RecordInformation",
        about="EX1",
        topic="total",
        statement="About 1.5 million of the canton and 0.6 million of the Confederation.\nRounded, so not booked.",
        figures=[
            {"name": "canton", "value": 1_500_000, "unit": "CHF", "precision": "approximate", "source": "canton"},
            {"name": "share", "value": 71, "unit": "%", "precision": "derived"},
        ],
        conflicts_with="the exact credit of the decision",
        occurred_on="2021-07",
        evidence=INVENTED,
    ),
)

CREDIT = (
    _credit("EX1-BASE", 1_500_000_00, new=1_200_000_00, bound=300_000_00, proposed_by="Standeskommission"),
    _credit("EX1-DROPPED", 10_000_00),
    step(CLERK, "WithdrawCreditProposal", credit="EX1-DROPPED", reason="Part of the base credit"),
    _accepted("EX1-BASE", 1_500_000_00, "2022-01-20", booked_on="2022-01-20", evidence=INVENTED),
    step(
        CLERK, "RecordContributionPledge", pledge="EX1-FED", source="federal", payer="SEM", amount=600_000_00,
        years=[2022, 2023, 2024, 2025], binding=True,
    ),
    _published("EX1-BASE", "2022-01-27", "2022-02-26"),
    step(CLERK, "RecordReferendum", credit="EX1-BASE", by="Komitee", signatures=612, occurred_on="2022-02-10"),
    step(
        CLERK, "RecordPopularVote", credit="EX1-BASE", yes_share=5891, outcome="accepted", provisional=True,
        occurred_on="2022-05-15",
    ),
    step(
        CLERK, "RecordPopularVote", credit="EX1-BASE", yes=3021, no=2107, turnout=4210, outcome="accepted",
        occurred_on="2022-05-15",
    ),
    step(CLERK, "RecordEntryIntoForce", credit="EX1-BASE", trigger="vote", occurred_on="2022-05-15"),
)  # fmt: skip

SUPPLEMENTS = (
    _credit("EX1-SUP", 100_000_00, supplement_to="EX1-BASE"),
    _accepted("EX1-SUP", 100_000_00, "2023-03-02"),
    _published("EX1-SUP", "2023-03-09", "2023-04-08"),
    step(CLERK, "RecordReferendumExpiry", credit="EX1-SUP"),
    step(CLERK, "RecordEntryIntoForce", credit="EX1-SUP", trigger="expired", occurred_on="2023-04-09"),
    _credit("EX1-SUP2", 80_000_00, supplement_to="EX1-BASE"),
    _accepted("EX1-SUP2", 80_000_00, "2023-06"),
    _published("EX1-SUP2", "2023-07-06", "2023-08-05"),
    step(CLERK, "RecordReferendum", credit="EX1-SUP2", by="Komitee", occurred_on="2023-08-01"),
    step(CLERK, "RecordReferendumNotQualified", credit="EX1-SUP2", reason="signatures", occurred_on="2023-08-20"),
    step(CLERK, "RecordEntryIntoForce", credit="EX1-SUP2", trigger="expired"),
    step(
        CLERK, "RecordAnnulment", credit="EX1-SUP2", court="Kantonsgericht", reference="EX 2023 1", occurred_on="2023"
    ),
    _credit("EX1-LOST", 40_000_00, supplement_to="EX1-BASE"),
    _accepted("EX1-LOST", 40_000_00, "2023-09-04"),
    step(
        CLERK, "RecordPopularVote", credit="EX1-LOST", yes=1804, no=2950, outcome="rejected", occurred_on="2023-11-26"
    ),
)

MONEY = (
    Step(
        FINANCE,
        "AllocateCredit",
        {"credit": "EX1-BASE", "allocations": [share("SP", "canton", 500_000_00), share("ZP", "canton", 300_000_00)]},
    ),
    step(FINANCE, "AllocateCredit", credit="EX1-FED", allocations=[share("SP", "federal", 600_000_00)]),
    step(
        FINANCE, "ShiftAllocation", source="canton", from_area="SP", to_area="ZP", amount=50_000_00,
        decided_by="Standeskommission", reference="EX 2024 2",
    ),
    step(FINANCE, "BlockCredit", **share("ZP", "canton", 30_000_00), reason="Audit"),
    step(FINANCE, "UnblockCredit", **share("ZP", "canton", 10_000_00), reason="Audit, first part done"),
    step(FINANCE, "LapseCredit", **share("ZP", "canton", 5_000_00), reason="No longer needed"),
    step(FINANCE, "ReduceCredit", credit="EX1-BASE", source="canton", amount=25_000_00, reason="Savings"),
    step(
        FINANCE, "ReduceCredit", credit="EX1-BASE", **share("SP", "canton", 1_000_00), reason="Savings in one area"
    ),
    step(
        CLERK, "RecordProgrammeAgreement", counterparty="Staatssekretariat für Migration",
        signed_by="Standeskommission", occurred_on="2021-12",
    ),
    Step(
        CLERK,
        "RegisterPartner",
        {"partner": "P-001", "kind": "ngo", "name": "Verein Beispiel", "uid": "CHE-109.322.551"},
        "_",
    ),
    step(
        DRAFTER, "DraftAgreement", agreement="A-001", partner="P-001", form="contract", title="Deutschkurse",
        start="2024-01-01", end="2025-12-31", ceiling=700_000_00, advance_cap=3000, vat="exempt",
        items=[
            {**share("SP", "canton", 120_000_00), "year": 2024}, {**share("SP", "canton", 80_000_00), "year": 2025},
            {**share("SP", "federal", 500_000_00), "year": 2024},
        ],
    ),
    step(
        SIGNER, "SignAgreement", agreement="A-001", signed_on="2024-03-25", signatories=["p-06ff", "p-9f2c"],
        document="3c9683017f9e4bf33d0fbedd26bf143fd72de9b9dd145441b75f0604047ea28e",
    ),
    Step(
        CLERK,
        "RecordContributionPledgeAmendment",
        {"pledge": "EX1-FED", "amount": 300_000_00, "reason": "Federal savings", "occurred_on": "2024-02"},
        warnings=(Warn.SHORTFALL,),
    ),
    step(CLERK, "RecordContributionPledgeAmendment", pledge="EX1-FED", amount=600_000_00, reason="Restored"),
    step(
        FINANCE, "CoverShortfall", source="federal", covers=[60],
        from_unallocated=[{"credit": "EX1-FED", "amount": 200_000_00}],
    ),
)  # fmt: skip

BUDGET = (
    step(
        CLERK, "RecordBudgetSupplement", year=2024, amount=20_000_00, decided_by="Standeskommission", ground="no_budget"
    ),
    step(CLERK, "RecordBudgetVote", year=2024, amount=100_000_00, decided_by="Grosser Rat", occurred_on="2024-02-05"),
    step(FINANCE, "BlockBudget", year=2024, amount=10_000_00, reason="Audit"),
    step(FINANCE, "UnblockBudget", year=2024, amount=5_000_00, reason="Audit, first part done"),
    step(FINANCE, "CarryOverBudget", year=2024, amount=15_000_00, decided_by="Standeskommission"),
    step(FINANCE, "LapseBudget", year=2024, amount=1_000_00, reason="No longer needed"),
)

FIRST = (*FOUNDING, *CREDIT, *SUPPLEMENTS, *MONEY, *BUDGET)
