"""The ledger's desk: which rule decides which order."""

from __future__ import annotations

from landbuch.contracts.acts import bank, budgets, contributions, credits, disbursements, programme, recoveries
from landbuch.ledger.domain import administration, allocation, clearing, decisions, payments, pledges, requests
from landbuch.ledger.domain import budgets as budget_rules
from landbuch.ledger.domain import recoveries as recovery_rules
from landbuch.sdk.deciding import Desk, rejection

DESK = Desk(
    service="ledger",
    rules={
        programme.FoundBook: administration.found_book,
        programme.GrantRole: administration.grant_role,
        programme.RevokeRole: administration.revoke_role,
        programme.RejectAct: rejection("ledger"),
        programme.OpenProgramme: administration.open_programme,
        programme.AdoptApprovalRules: administration.adopt_approval_rules,
        programme.RecordInformation: administration.record_information,
        credits.ProposeCredit: decisions.propose_credit,
        credits.WithdrawCreditProposal: decisions.withdraw_credit_proposal,
        credits.RecordCreditDecision: decisions.record_credit_decision,
        credits.RecordPublication: decisions.record_publication,
        credits.RecordReferendum: decisions.record_referendum,
        credits.RecordReferendumNotQualified: decisions.record_referendum_not_qualified,
        credits.RecordReferendumExpiry: decisions.record_referendum_expiry,
        credits.RecordPopularVote: decisions.record_popular_vote,
        credits.RecordAnnulment: decisions.record_annulment,
        credits.RecordEntryIntoForce: decisions.record_entry_into_force,
        credits.AllocateCredit: allocation.allocate_credit,
        credits.ShiftAllocation: allocation.shift_allocation,
        credits.CoverShortfall: allocation.cover_shortfall,
        credits.ReduceCredit: allocation.reduce_credit,
        credits.BlockCredit: allocation.block_credit,
        credits.UnblockCredit: allocation.unblock_credit,
        credits.LapseCredit: allocation.lapse_credit,
        budgets.RecordBudgetVote: budget_rules.record_budget_vote,
        budgets.RecordBudgetSupplement: budget_rules.record_budget_supplement,
        budgets.BlockBudget: budget_rules.block_budget,
        budgets.UnblockBudget: budget_rules.unblock_budget,
        budgets.CarryOverBudget: budget_rules.carry_over_budget,
        budgets.LapseBudget: budget_rules.lapse_budget,
        contributions.RecordContributionPledge: pledges.record_contribution_pledge,
        contributions.RecordContributionPledgeAmendment: pledges.record_contribution_pledge_amendment,
        disbursements.RequestDisbursement: requests.request_disbursement,
        disbursements.WithdrawDisbursement: requests.withdraw_disbursement,
        disbursements.ApproveDisbursement: requests.approve_disbursement,
        disbursements.RejectDisbursement: requests.reject_disbursement,
        disbursements.RevokeApproval: requests.revoke_approval,
        disbursements.InstructPayment: payments.instruct_payment,
        disbursements.RecordPayment: payments.record_payment,
        disbursements.RecordReturn: payments.record_return,
        disbursements.CancelDisbursement: payments.cancel_disbursement,
        disbursements.SettleAdvance: payments.settle_advance,
        bank.RecordBankEntry: clearing.record_bank_entry,
        bank.AssignBankEntry: clearing.assign_bank_entry,
        recoveries.ClaimRecovery: recovery_rules.claim_recovery,
        recoveries.RecordRecoveryReceipt: recovery_rules.record_recovery_receipt,
        recoveries.WaiveRecovery: recovery_rules.waive_recovery,
    },
)
