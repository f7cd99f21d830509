"""The catalogue: which order writes which record, who owns it, who may give it, and whether two persons must."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from landbuch.contracts.acts import (
    agreement_life,
    agreements,
    bank,
    budgets,
    contributions,
    corrections,
    credits,
    disbursements,
    milestones,
    partners,
    programme,
    recoveries,
)  # fmt: skip
from landbuch.contracts.acts.programme import ActProposed, ActRejected, Role
from landbuch.contracts.envelope import event_type
from landbuch.contracts.vocabulary import SERVICES, Order, Record, Service

Scope = Literal["book", "programme", "either"]


@dataclass(frozen=True, slots=True)
class Act:
    """One row: an order and its record.

    ``scope``: ``programme`` needs the phase of an opened programme (``OpenProgramme`` names a new one), ``book`` none.
    ``then``: records that may follow in the same append, written by whoever may do this act.
    """

    order: type[Order]
    record: type[Record]
    service: Service | None
    roles: frozenset[Role]
    two_persons: bool = False
    scope: Scope = "programme"
    then: tuple[type[Record], ...] = ()

    @property
    def command(self) -> str:
        """The command's name on the wire."""
        return self.order.__name__

    @property
    def event(self) -> str:
        """The event's name."""
        return self.record.__name__


_ADMINISTRATOR: frozenset[Role] = frozenset({"administrator"})
_RECORDING: frozenset[Role] = frozenset({"clerk", "finance"})
_FINANCE: frozenset[Role] = frozenset({"finance"})
_AGREEMENTS: frozenset[Role] = frozenset({"agreement_manager"})
_PARTNERS: frozenset[Role] = _AGREEMENTS | _RECORDING
_APPROVER: frozenset[Role] = frozenset({"approver"})
_TREASURER: frozenset[Role] = frozenset({"treasurer"})
_AUDITOR: frozenset[Role] = frozenset({"auditor"})
_SERVICE: frozenset[Role] = frozenset({"service"})
_ANY_WRITER: frozenset[Role] = frozenset(
    {"administrator", "clerk", "finance", "approver", "agreement_manager", "treasurer"}
)


def _recorded(order: type[Order], record: type[Record]) -> Act:
    return Act(order, record, "ledger", _RECORDING)


def _financial(order: type[Order], record: type[Record]) -> Act:
    return Act(order, record, "ledger", _FINANCE)


def _requested(order: type[Order], record: type[Record]) -> Act:
    return Act(order, record, "ledger", _RECORDING | _AGREEMENTS)


def _banked(order: type[Order], record: type[Record]) -> Act:
    return Act(order, record, "ledger", _TREASURER)


def _agreed(order: type[Order], record: type[Record], *, two_persons: bool = False) -> Act:
    return Act(order, record, "agreements", _AGREEMENTS, two_persons=two_persons)


def _of_partner(order: type[Order], record: type[Record]) -> Act:
    return Act(order, record, "agreements", _PARTNERS, scope="book")


def _audited(order: type[Order], record: type[Record]) -> Act:
    return Act(order, record, "agreements", _AUDITOR, scope="either")


ACTS: tuple[Act, ...] = (
    Act(programme.FoundBook, programme.RoleGranted, "ledger", frozenset(), scope="book"),
    Act(programme.GrantRole, programme.RoleGranted, "ledger", _ADMINISTRATOR, two_persons=True, scope="book"),
    Act(programme.RevokeRole, programme.RoleRevoked, "ledger", _ADMINISTRATOR, two_persons=True, scope="book"),
    Act(
        programme.AdoptApprovalRules,
        programme.ApprovalRulesAdopted,
        "ledger",
        _ADMINISTRATOR,
        two_persons=True,
        scope="book",
    ),
    Act(programme.OpenProgramme, programme.ProgrammeOpened, "ledger", _ADMINISTRATOR, two_persons=True),
    Act(programme.RejectAct, ActRejected, None, _ANY_WRITER, scope="either"),
    Act(programme.RecordInformation, programme.InformationRecorded, "ledger", _ANY_WRITER, scope="either"),
    _recorded(credits.ProposeCredit, credits.CreditProposed),
    _recorded(credits.WithdrawCreditProposal, credits.CreditProposalWithdrawn),
    _recorded(credits.RecordCreditDecision, credits.CreditDecided),
    _recorded(credits.RecordPublication, credits.DecisionPublished),
    _recorded(credits.RecordReferendum, credits.ReferendumCalled),
    _recorded(credits.RecordReferendumNotQualified, credits.ReferendumNotQualified),
    Act(credits.RecordReferendumExpiry, credits.ReferendumExpired, "ledger", _RECORDING | _SERVICE),
    _recorded(credits.RecordPopularVote, credits.PopularVoteHeld),
    _recorded(credits.RecordAnnulment, credits.DecisionAnnulled),
    _recorded(credits.RecordEntryIntoForce, credits.CreditEnteredIntoForce),
    _financial(credits.AllocateCredit, credits.CreditAllocated),
    _financial(credits.ShiftAllocation, credits.AllocationShifted),
    _financial(credits.CoverShortfall, credits.ShortfallCovered),
    _financial(credits.ReduceCredit, credits.CreditReduced),
    _financial(credits.BlockCredit, credits.CreditBlocked),
    _financial(credits.UnblockCredit, credits.CreditUnblocked),
    _financial(credits.LapseCredit, credits.CreditLapsed),
    _recorded(budgets.RecordBudgetVote, budgets.BudgetVoted),
    _recorded(budgets.RecordBudgetSupplement, budgets.BudgetSupplemented),
    _financial(budgets.BlockBudget, budgets.BudgetBlocked),
    _financial(budgets.UnblockBudget, budgets.BudgetUnblocked),
    _financial(budgets.CarryOverBudget, budgets.BudgetCarriedOver),
    _financial(budgets.LapseBudget, budgets.BudgetLapsed),
    _recorded(contributions.RecordContributionPledge, contributions.ContributionPledged),
    _recorded(contributions.RecordContributionPledgeAmendment, contributions.ContributionPledgeAmended),
    _financial(contributions.ClaimContribution, contributions.ContributionClaimed),
    _banked(contributions.RecordContributionReceipt, contributions.ContributionReceived),
    _financial(contributions.RecogniseContribution, contributions.ContributionRecognised),
    _requested(disbursements.RequestDisbursement, disbursements.DisbursementRequested),
    _requested(disbursements.WithdrawDisbursement, disbursements.DisbursementWithdrawn),
    Act(disbursements.ApproveDisbursement, disbursements.DisbursementApproved, "ledger", _APPROVER, two_persons=True),
    Act(disbursements.RejectDisbursement, disbursements.DisbursementRejected, "ledger", _APPROVER | _FINANCE),
    Act(disbursements.RevokeApproval, disbursements.ApprovalRevoked, "ledger", _APPROVER | _FINANCE),
    _financial(disbursements.InstructPayment, disbursements.PaymentInstructed),
    _banked(disbursements.RecordPayment, disbursements.DisbursementPaid),
    _banked(disbursements.RecordReturn, disbursements.DisbursementReturned),
    _financial(disbursements.CancelDisbursement, disbursements.DisbursementCancelled),
    _financial(disbursements.SettleAdvance, disbursements.AdvanceSettled),
    Act(bank.RecordBankEntry, bank.BankEntryRecorded, "ledger", _TREASURER, scope="book"),
    Act(bank.AssignBankEntry, bank.BankEntryAssigned, "ledger", _TREASURER, two_persons=True, scope="book"),
    _financial(recoveries.ClaimRecovery, recoveries.RecoveryClaimed),
    _banked(recoveries.RecordRecoveryReceipt, recoveries.RecoveryReceived),
    Act(recoveries.WaiveRecovery, recoveries.RecoveryWaived, "ledger", _FINANCE, two_persons=True),
    Act(
        corrections.ReverseEntry,
        corrections.EntryReversed,
        "ledger",
        _FINANCE | _TREASURER,
        two_persons=True,
        scope="either",
        then=(bank.BankEntryRecorded,),
    ),
    Act(corrections.ImportOpeningBalance, corrections.OpeningBalanceImported, "ledger", _FINANCE, two_persons=True),
    Act(corrections.CompleteReconciliation, corrections.ReconciliationCompleted, "ledger", _TREASURER, scope="book"),
    Act(corrections.RecordDiscrepancy, corrections.DiscrepancyRecorded, "ledger", _TREASURER, scope="book"),
    Act(
        corrections.ExplainDiscrepancy, corrections.DiscrepancyExplained, "ledger", _FINANCE | _TREASURER, scope="book"
    ),
    Act(agreements.RecordProgrammeAgreement, agreements.ProgrammeAgreementSigned, "agreements", _PARTNERS),
    _of_partner(agreements.RegisterPartner, agreements.PartnerRegistered),
    _of_partner(partners.AmendPartner, partners.PartnerAmended),
    _of_partner(partners.SuspendPartner, partners.PartnerSuspended),
    _of_partner(partners.ReinstatePartner, partners.PartnerReinstated),
    _of_partner(partners.ProposePartnerBankDetails, partners.PartnerBankDetailsProposed),
    _of_partner(partners.ConfirmPartnerBankDetails, partners.PartnerBankDetailsConfirmed),
    _agreed(agreements.DraftAgreement, agreements.AgreementDrafted),
    _agreed(agreements.SignAgreement, agreements.AgreementSigned),
    _agreed(agreement_life.AmendAgreement, agreement_life.AgreementAmended, two_persons=True),
    _agreed(agreement_life.SuspendAgreement, agreement_life.AgreementSuspended),
    _agreed(agreement_life.ResumeAgreement, agreement_life.AgreementResumed),
    _agreed(agreement_life.TerminateAgreement, agreement_life.AgreementTerminated),
    _agreed(agreement_life.ScheduleTranches, agreement_life.TranchesScheduled),
    _agreed(agreement_life.SubmitReport, agreement_life.ReportSubmitted),
    _agreed(agreement_life.AcceptReport, agreement_life.ReportAccepted),
    _agreed(agreement_life.RejectReport, agreement_life.ReportRejected),
    _agreed(agreement_life.SettleAgreement, agreement_life.AgreementSettled),
    _agreed(agreement_life.CloseAgreement, agreement_life.AgreementClosed),
    _agreed(milestones.PlanMilestone, milestones.MilestonePlanned),
    _agreed(milestones.RescheduleMilestone, milestones.MilestoneRescheduled),
    Act(milestones.RecordMilestoneDue, milestones.MilestoneBecameDue, "agreements", _AGREEMENTS | _SERVICE),
    _agreed(milestones.RecordMilestoneReached, milestones.MilestoneReached, two_persons=True),
    _agreed(milestones.RecordMilestoneMissed, milestones.MilestoneMissed),
    _agreed(milestones.WaiveMilestone, milestones.MilestoneWaived, two_persons=True),
    _agreed(milestones.CommissionEvaluation, milestones.EvaluationCommissioned),
    _agreed(milestones.RecordEvaluationDelivery, milestones.EvaluationDelivered),
    _agreed(milestones.RecordEvaluationPublication, milestones.EvaluationPublished),
    _audited(milestones.RaiseFinding, milestones.FindingRaised),
    _audited(milestones.ResolveFinding, milestones.FindingResolved),
)
"""Every act but ``ConfirmAct``, which writes the record of the act that it confirms."""

CONFIRM = programme.ConfirmAct.__name__

COMMANDS: dict[str, Act] = {act.command: act for act in ACTS}
"""Acts by command name."""

ORDERS: dict[str, type[Order]] = {name: act.order for name, act in COMMANDS.items()} | {CONFIRM: programme.ConfirmAct}
"""The model of each command's data."""

_RECORDS: dict[type[Record], Service | None] = {act.record: act.service for act in ACTS} | {ActProposed: None}

EVENTS: dict[str, type[Record]] = {event_type(record.__name__): record for record in _RECORDS}
"""The model of each event's data, by CloudEvents type."""

WRITERS: dict[str, tuple[Service, ...]] = {
    record.__name__: (service,) if service is not None else SERVICES for record, service in _RECORDS.items()
}
"""The services that may write an event, by its name without version, so that later versions have the same writer."""


def acts_writing(event: str) -> tuple[Act, ...]:
    """Name the acts that write an event: those whose record it is first, then those that it may follow."""
    direct = tuple(act for act in ACTS if act.event == event)
    return (*direct, *(act for act in ACTS if event in {record.__name__ for record in act.then}))


def commands_of(service: Service) -> tuple[str, ...]:
    """Name the commands that a service answers, in catalogue order."""
    own = tuple(act.command for act in ACTS if act.service in (service, None))
    return (*own, CONFIRM)
