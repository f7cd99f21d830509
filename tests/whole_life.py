"""A story in which nearly every kind of event occurs, with the rows of the state before each."""

from __future__ import annotations

from typing import Any

from landbuch.contracts.envelope import AnyEvent
from landbuch.contracts.state import BookState
from landbuch.contracts.tables import Table
from tests.acting import Acting, approved, claimed, draft, in_force, paid, register, returned, settlement, sign

NOT_COMPARED = {"head", "past", "mentioned", "proposals", "disbursements_of", "recoveries_of"}


def rows(state: BookState) -> dict[str, dict[Any, Any]]:
    """Every table of a state but those that only remember what happened."""
    tables = [table for table in vars(state).values() if isinstance(table, Table)]
    return {table.name: dict(table) for table in tables if table.name not in NOT_COMPARED}


class Told(Acting):
    """A book that remembers each event and the rows before it."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[AnyEvent, dict[str, dict[Any, Any]]]] = []

    def do(self, name: str, more: Any = None, /, **data: Any) -> list[AnyEvent]:
        """Send one command, and note the rows before it."""
        before = rows(self.state)
        events = super().do(name, more, **data)
        if len(events) == 1:
            self.told.append((events[0], before))
        return events


def whole_life() -> Told:
    """A story in which every kind of event but those never reversed occurs at least once."""
    told = Told()
    book = in_force()
    told.state, told.witness, told.number = book.state, book.witness, book.number
    credits_move(told)
    budgets_move(told)
    agreements_begin(told)
    money_moves(told)
    agreements_end(told)
    return told


def credits_move(told: Told) -> None:
    do = told.do
    do("RecordContributionPledge", pledge="PL-1", source="federal", payer="SEM", amount=900, years=[2024], binding=True)
    do("RecordContributionPledgeAmendment", pledge="PL-1", amount=800, reason="gekürzt")
    do(
        "ProposeCredit",
        credit="K-2",
        term="Zusatz",
        amounts=[{"source": "canton", "amount": 500}],
        new=500,
        bound=0,
        supplement_to="K-1",
    )
    decision = {"body": "parliament", "body_name": "Landrat", "method": "vote", "outcome": "accepted"}
    do("RecordCreditDecision", decision, credit="K-2")
    do("RecordPublication", credit="K-2", gazette="Amtsblatt", published_on="2024-01-30")
    do("RecordReferendum", {"credit": "K-2", "by": "Komitee"})
    do("RecordPopularVote", credit="K-2", yes=2, no=1, outcome="accepted")
    do("RecordEntryIntoForce", credit="K-2", trigger="vote")
    do("AllocateCredit", credit="K-2", allocations=[{"area": "SP", "source": "canton", "amount": 400}])
    do("ShiftAllocation", source="canton", from_area="SP", to_area="FK", amount=100, decided_by="Amt")
    do("BlockCredit", area="FK", source="canton", amount=50, reason="Sparauftrag")
    do("UnblockCredit", area="FK", source="canton", amount=20, reason="vorbei")
    do("LapseCredit", area="FK", source="canton", amount=7, reason="verfallen")
    do("ReduceCredit", credit="K-2", source="canton", amount=100, reason="weniger")


def budgets_move(told: Told) -> None:
    do = told.do
    do("RecordBudgetSupplement", year=2025, amount=70, decided_by="Regierung", ground="no_budget")
    do("RecordBudgetVote", year=2025, amount=100, decided_by="Landrat")
    do("CarryOverBudget", year=2024, amount=11, decided_by="Landrat")
    do("BlockBudget", year=2024, amount=5, reason="Sparauftrag")
    do("UnblockBudget", year=2024, amount=4, reason="vorbei")
    do("LapseBudget", year=2024, amount=3, reason="verfallen")


def agreements_begin(told: Told) -> None:
    do = told.do
    do("RecordInformation", about="BL", topic="Budget", statement="rund 1,7 Millionen im Jahr")
    register(told, "P-1")
    do("AmendPartner", partner="P-1", name="Verein Neu", reason="Fusion")
    do("SuspendPartner", partner="P-1", reason="Prüfung")
    do("ReinstatePartner", partner="P-1", reason="geprüft")
    draft(told, advance_cap=9_000)
    sign(told)
    do("PlanMilestone", milestone="M-1", title="Kurse", due="2024-02-01", agreement="A-1")
    do("RecordMilestoneDue", by="s-clock", milestone="M-1")
    told.two("WaiveMilestone", milestone="M-1", reason="anders erreicht")
    tranche = {"number": 1, "due": "2024-03-01", "amount": 5_000_000, "milestones": ["M-1"]}
    do("ScheduleTranches", agreement="A-1", tranches=[tranche])
    items = [{"area": "SP", "source": "canton", "amount": 18_000_000, "year": 2024}]
    told.two("AmendAgreement", agreement="A-1", ceiling=18_000_000, items=items, reason="weniger")
    do("SuspendAgreement", agreement="A-1", reason="Prüfung")
    do("ResumeAgreement", agreement="A-1", reason="geprüft")


def money_moves(told: Told) -> None:
    do = told.do
    paid(told, tranche=1)
    returned(told, amount=2_000_000)
    do("CancelDisbursement", disbursement="D-1", reason="Konto zu")
    paid(told, "D-2", 1_000, kind="advance")
    do("SettleAdvance", agreement="A-1", amount=600)
    approved(told, "D-3", 7)
    do("RevokeApproval", disbursement="D-3", reason="falsch")
    claimed(told, 500, interest=5)
    do("RecordRecoveryReceipt", recovery="R-1", amount=100, bank_reference="in-1")
    told.two("WaiveRecovery", recovery="R-1", amount=405, reason="Konkurs")
    do("RecordBankEntry", bank_reference="x", amount=-3)
    do("ClaimContribution", pledge="PL-1", amount=500)
    do("RecordContributionReceipt", pledge="PL-1", amount=600, bank_reference="in-2")
    do("RecordDiscrepancy", discrepancy="DI-1", amount=1, statement_date="2024-01-31", description="Spesen")
    do("ExplainDiscrepancy", discrepancy="DI-1", explanation="gebucht")


def agreements_end(told: Told) -> None:
    do = told.do
    do("SubmitReport", report="RP-1", agreement="A-1", kind="final", period_start="2024-01-01", period_end="2024-01-31")
    do("AcceptReport", by="p-man-b", report="RP-1")
    do("TerminateAgreement", agreement="A-1", reason="aufgelöst")
    do("SettleAgreement", settlement())
