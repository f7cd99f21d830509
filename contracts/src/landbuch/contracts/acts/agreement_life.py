"""What happens to an agreement after signing: amended, suspended, reported on, settled, closed (agreements service)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from landbuch.contracts.acts.agreements import YearShares, demand_items
from landbuch.contracts.money import chf
from landbuch.contracts.vocabulary import (
    Amount,
    AmountOrZero,
    Day,
    Fact,
    Frozen,
    ObjectId,
    Order,
    Record,
    Sha256,
    Text,
    type_list,
)  # fmt: skip

TrancheNumber = Annotated[int, Field(ge=1, le=999)]


class AmendmentTerms(Fact):
    """What changes: the end, or ceiling and items together; the items replace all former ones."""

    agreement: ObjectId
    end: Day | None = None
    ceiling: Amount | None = None
    items: YearShares | None = None
    reason: Text
    document: Sha256 | None = None

    def demand(self) -> None:
        """Raise ``ValueError`` when the terms contradict each other."""
        if (self.ceiling is None) != (self.items is None):
            message = "give ceiling and items together, or neither"
            raise ValueError(message)
        if self.end is None and self.items is None:
            message = "name what changes: the end, or ceiling and items"
            raise ValueError(message)
        if self.ceiling is not None and self.items is not None:
            demand_items(self.ceiling, self.items)


class AmendAgreement(AmendmentTerms, Order):
    """Amend a running agreement, two persons: more only as far as credit is available, less not below what is used."""


class AgreementAmended(AmendmentTerms, Record):
    """An agreement promises more or less, or ends on another day."""


class AgreementReasonTerms(Fact):
    """Which agreement, and why."""

    agreement: ObjectId
    reason: Text


class SuspendAgreement(AgreementReasonTerms, Order):
    """Suspend an agreement: nothing is paid meanwhile."""


class AgreementSuspended(AgreementReasonTerms, Record):
    """An agreement is suspended."""


class ResumeAgreement(AgreementReasonTerms, Order):
    """End the suspension of an agreement."""


class AgreementResumed(AgreementReasonTerms, Record):
    """An agreement runs again."""


class TerminateAgreement(AgreementReasonTerms, Order):
    """End an agreement before its time; what is owed is paid, then it is settled."""


class AgreementTerminated(AgreementReasonTerms, Record):
    """An agreement has ended before its time."""


class Tranche(Frozen):
    """A planned payment; milestones gate it."""

    number: TrancheNumber
    due: Day
    amount: Amount
    milestones: Annotated[tuple[ObjectId, ...], Field(max_length=20), BeforeValidator(type_list)] = ()


class TranchesTerms(Fact):
    """All planned payments of an agreement; they replace the former plan."""

    agreement: ObjectId
    tranches: Annotated[tuple[Tranche, ...], Field(min_length=1, max_length=100), BeforeValidator(type_list)]

    def demand(self) -> None:
        """Raise ``ValueError`` when the terms contradict each other."""
        numbers = [tranche.number for tranche in self.tranches]
        if len(set(numbers)) != len(numbers):
            message = "each tranche number may occur once"
            raise ValueError(message)


class ScheduleTranches(TranchesTerms, Order):
    """Plan the payments of an agreement."""


class TranchesScheduled(TranchesTerms, Record):
    """The payments of an agreement are planned."""


class ReportSubmissionTerms(Fact):
    """What a partner reports on, and for which time."""

    report: ObjectId
    agreement: ObjectId
    kind: Literal["interim", "final"]
    period_start: Day
    period_end: Day
    document: Sha256 | None = None

    def demand(self) -> None:
        """Raise ``ValueError`` when the terms contradict each other."""
        if self.period_start > self.period_end:
            message = f"dates out of order: period from {self.period_start} to {self.period_end}"
            raise ValueError(message)


class SubmitReport(ReportSubmissionTerms, Order):
    """Submit a report under an agreement."""


class ReportSubmitted(ReportSubmissionTerms, Record):
    """A report waits to be accepted."""


class ReportTerms(Fact):
    """Which report."""

    report: ObjectId


class AcceptReport(ReportTerms, Order):
    """Accept a report; not by who submitted it."""


class ReportAccepted(ReportTerms, Record):
    """A report is accepted."""


class ReportRejectionTerms(ReportTerms):
    """Which report, and why."""

    reason: Text


class RejectReport(ReportRejectionTerms, Order):
    """Reject a report; a new one has an id of its own."""


class ReportRejected(ReportRejectionTerms, Record):
    """A report is rejected."""


class SettlementTerms(Fact):
    """What the final account says: a surplus is kept as reserve, or has to come back."""

    agreement: ObjectId
    eligible_costs: AmountOrZero
    own_funds: AmountOrZero
    surplus: AmountOrZero
    reserve: AmountOrZero
    recovery_due: AmountOrZero

    def demand(self) -> None:
        """Raise ``ValueError`` when the terms contradict each other."""
        if self.reserve + self.recovery_due > self.surplus:
            message = (
                f"reserve {chf(self.reserve)} + recovery {chf(self.recovery_due)} = "
                f"{chf(self.reserve + self.recovery_due)}, more than the surplus {chf(self.surplus)}"
            )
            raise ValueError(message)


class SettleAgreement(SettlementTerms, Order):
    """Settle an agreement: nothing more is paid, what is open becomes free."""


class AgreementSettled(SettlementTerms, Record):
    """An agreement is settled."""


class ClosingTerms(Fact):
    """Which agreement."""

    agreement: ObjectId


class CloseAgreement(ClosingTerms, Order):
    """Close a settled agreement on which nothing is outstanding."""


class AgreementClosed(ClosingTerms, Record):
    """An agreement is closed; the bank may still return money."""
