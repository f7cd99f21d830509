"""What happens in the example book, step by step. Everything in it is invented, and says so in its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from landbuch.contracts.warn import Warn

CANTON, PHASE = "AI", "EX1"
ADMINISTRATORS = ("p-01aa", "p-02bb")
CLERK, FINANCE, DRAFTER, SIGNER, LEAVER = ("p-03cc",), ("p-04dd",), ("p-05ee",), ("p-06ff",), "p-07aa"
INVENTED = [{"kind": "illustration", "title": "Invented for the example book"}]


@dataclass(frozen=True, slots=True)
class Step:
    """One command: who (two persons where two must agree; the first alone only proposes), what, where.

    ``derived`` is what the service's rule adds to the terms, ``warnings`` what it finds remarkable.
    """

    by: tuple[str, ...]
    command: str
    data: Mapping[str, Any]
    phase: str = PHASE
    derived: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[Warn, ...] = ()


def _role(person: str, role: str, **more: object) -> Step:
    return Step(ADMINISTRATORS, "GrantRole", {"person": person, "role": role, **more}, "_")


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


def _step(who: tuple[str, ...], order: str, /, **data: object) -> Step:
    return Step(who, order, data)


def _share(area: str, source: str, amount: int) -> dict[str, Any]:
    return {"area": area, "source": source, "amount": amount}


FOUNDING = (
    Step(ADMINISTRATORS[:1], "FoundBook", {"administrators": ADMINISTRATORS, "services": ["s-ledger"]}, "_"),
    _role(CLERK[0], "clerk"),
    _role(FINANCE[0], "finance", limit=500_000_00, scope=[PHASE], valid_from="2024-01-01"),
    _role(DRAFTER[0], "agreement_manager"),
    _role(SIGNER[0], "agreement_manager"),
    _role(LEAVER, "viewer"),
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
    _step(
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
    _step(CLERK, "WithdrawCreditProposal", credit="EX1-DROPPED", reason="Part of the base credit"),
    _accepted("EX1-BASE", 1_500_000_00, "2022-01-20", booked_on="2022-01-20", evidence=INVENTED),
    _step(
        CLERK, "RecordContributionPledge", pledge="EX1-FED", source="federal", payer="SEM", amount=600_000_00,
        years=[2022, 2023, 2024, 2025], binding=True,
    ),
    _published("EX1-BASE", "2022-01-27", "2022-02-26"),
    _step(CLERK, "RecordReferendum", credit="EX1-BASE", by="Komitee", signatures=612, occurred_on="2022-02-10"),
    _step(
        CLERK, "RecordPopularVote", credit="EX1-BASE", yes_share=5891, outcome="accepted", provisional=True,
        occurred_on="2022-05-15",
    ),
    _step(
        CLERK, "RecordPopularVote", credit="EX1-BASE", yes=3021, no=2107, turnout=4210, outcome="accepted",
        occurred_on="2022-05-15",
    ),
    _step(CLERK, "RecordEntryIntoForce", credit="EX1-BASE", trigger="vote", occurred_on="2022-05-15"),
)  # fmt: skip

SUPPLEMENTS = (
    _credit("EX1-SUP", 100_000_00, supplement_to="EX1-BASE"),
    _accepted("EX1-SUP", 100_000_00, "2023-03-02"),
    _published("EX1-SUP", "2023-03-09", "2023-04-08"),
    _step(CLERK, "RecordReferendumExpiry", credit="EX1-SUP"),
    _step(CLERK, "RecordEntryIntoForce", credit="EX1-SUP", trigger="expired", occurred_on="2023-04-09"),
    _credit("EX1-SUP2", 80_000_00, supplement_to="EX1-BASE"),
    _accepted("EX1-SUP2", 80_000_00, "2023-06"),
    _published("EX1-SUP2", "2023-07-06", "2023-08-05"),
    _step(CLERK, "RecordReferendum", credit="EX1-SUP2", by="Komitee", occurred_on="2023-08-01"),
    _step(CLERK, "RecordReferendumNotQualified", credit="EX1-SUP2", reason="signatures", occurred_on="2023-08-20"),
    _step(CLERK, "RecordEntryIntoForce", credit="EX1-SUP2", trigger="expired"),
    _step(
        CLERK, "RecordAnnulment", credit="EX1-SUP2", court="Kantonsgericht", reference="EX 2023 1", occurred_on="2023"
    ),
    _credit("EX1-LOST", 40_000_00, supplement_to="EX1-BASE"),
    _accepted("EX1-LOST", 40_000_00, "2023-09-04"),
    _step(
        CLERK, "RecordPopularVote", credit="EX1-LOST", yes=1804, no=2950, outcome="rejected", occurred_on="2023-11-26"
    ),
)

MONEY = (
    Step(
        FINANCE,
        "AllocateCredit",
        {"credit": "EX1-BASE", "allocations": [_share("SP", "canton", 500_000_00), _share("ZP", "canton", 300_000_00)]},
    ),
    _step(FINANCE, "AllocateCredit", credit="EX1-FED", allocations=[_share("SP", "federal", 600_000_00)]),
    _step(
        FINANCE, "ShiftAllocation", source="canton", from_area="SP", to_area="ZP", amount=50_000_00,
        decided_by="Standeskommission", reference="EX 2024 2",
    ),
    _step(FINANCE, "BlockCredit", **_share("ZP", "canton", 30_000_00), reason="Audit"),
    _step(FINANCE, "UnblockCredit", **_share("ZP", "canton", 10_000_00), reason="Audit, first part done"),
    _step(FINANCE, "LapseCredit", **_share("ZP", "canton", 5_000_00), reason="No longer needed"),
    _step(FINANCE, "ReduceCredit", credit="EX1-BASE", source="canton", amount=25_000_00, reason="Savings"),
    _step(
        FINANCE, "ReduceCredit", credit="EX1-BASE", **_share("SP", "canton", 1_000_00), reason="Savings in one area"
    ),
    _step(
        CLERK, "RecordProgrammeAgreement", counterparty="Staatssekretariat für Migration",
        signed_by="Standeskommission", occurred_on="2021-12",
    ),
    Step(
        CLERK,
        "RegisterPartner",
        {"partner": "P-001", "kind": "ngo", "name": "Verein Beispiel", "uid": "CHE-109.322.551"},
        "_",
    ),
    _step(
        DRAFTER, "DraftAgreement", agreement="A-001", partner="P-001", form="contract", title="Deutschkurse",
        start="2024-01-01", end="2025-12-31", ceiling=700_000_00, advance_cap=3000, vat="exempt",
        items=[
            {**_share("SP", "canton", 120_000_00), "year": 2024}, {**_share("SP", "canton", 80_000_00), "year": 2025},
            {**_share("SP", "federal", 500_000_00), "year": 2024},
        ],
    ),
    _step(
        SIGNER, "SignAgreement", agreement="A-001", signed_on="2024-03-25", signatories=["p-06ff", "p-9f2c"],
        document="3c9683017f9e4bf33d0fbedd26bf143fd72de9b9dd145441b75f0604047ea28e",
    ),
    Step(
        CLERK,
        "RecordContributionPledgeAmendment",
        {"pledge": "EX1-FED", "amount": 300_000_00, "reason": "Federal savings", "occurred_on": "2024-02"},
        warnings=(Warn.SHORTFALL,),
    ),
    _step(CLERK, "RecordContributionPledgeAmendment", pledge="EX1-FED", amount=600_000_00, reason="Restored"),
    _step(
        FINANCE, "CoverShortfall", source="federal", covers=[60],
        from_unallocated=[{"credit": "EX1-FED", "amount": 200_000_00}],
    ),
)  # fmt: skip

BUDGET = (
    _step(
        CLERK, "RecordBudgetSupplement", year=2024, amount=20_000_00, decided_by="Standeskommission", ground="no_budget"
    ),
    _step(CLERK, "RecordBudgetVote", year=2024, amount=100_000_00, decided_by="Grosser Rat", occurred_on="2024-02-05"),
    _step(FINANCE, "BlockBudget", year=2024, amount=10_000_00, reason="Audit"),
    _step(FINANCE, "UnblockBudget", year=2024, amount=5_000_00, reason="Audit, first part done"),
    _step(FINANCE, "CarryOverBudget", year=2024, amount=15_000_00, decided_by="Standeskommission"),
    _step(FINANCE, "LapseBudget", year=2024, amount=1_000_00, reason="No longer needed"),
)

STEPS = (*FOUNDING, *CREDIT, *SUPPLEMENTS, *MONEY, *BUDGET)
