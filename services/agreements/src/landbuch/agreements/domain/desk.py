"""The desk of the agreements service: which rule decides which order."""

from __future__ import annotations

from landbuch.agreements.domain import amending, partners, settling, signing
from landbuch.agreements.domain import milestones as milestone_rules
from landbuch.contracts.acts import agreement_life, agreements, milestones, programme
from landbuch.contracts.acts import partners as partner_acts
from landbuch.sdk.deciding import Desk, rejection

DESK = Desk(
    service="agreements",
    rules={
        agreements.RecordProgrammeAgreement: partners.record_programme_agreement,
        agreements.RegisterPartner: partners.register_partner,
        partner_acts.AmendPartner: partners.amend_partner,
        partner_acts.SuspendPartner: partners.suspend_partner,
        partner_acts.ReinstatePartner: partners.reinstate_partner,
        partner_acts.ProposePartnerBankDetails: partners.propose_partner_bank_details,
        partner_acts.ConfirmPartnerBankDetails: partners.confirm_partner_bank_details,
        agreements.DraftAgreement: signing.draft_agreement,
        agreements.SignAgreement: signing.sign_agreement,
        agreement_life.AmendAgreement: amending.amend_agreement,
        agreement_life.SuspendAgreement: amending.suspend_agreement,
        agreement_life.ResumeAgreement: amending.resume_agreement,
        agreement_life.TerminateAgreement: amending.terminate_agreement,
        agreement_life.ScheduleTranches: amending.schedule_tranches,
        agreement_life.SubmitReport: settling.submit_report,
        agreement_life.AcceptReport: settling.accept_report,
        agreement_life.RejectReport: settling.reject_report,
        agreement_life.SettleAgreement: settling.settle_agreement,
        agreement_life.CloseAgreement: settling.close_agreement,
        milestones.PlanMilestone: milestone_rules.plan_milestone,
        milestones.RescheduleMilestone: milestone_rules.reschedule_milestone,
        milestones.RecordMilestoneDue: milestone_rules.record_milestone_due,
        milestones.RecordMilestoneReached: milestone_rules.record_milestone_reached,
        milestones.RecordMilestoneMissed: milestone_rules.record_milestone_missed,
        milestones.WaiveMilestone: milestone_rules.waive_milestone,
        milestones.CommissionEvaluation: milestone_rules.commission_evaluation,
        milestones.RecordEvaluationDelivery: milestone_rules.record_evaluation_delivery,
        milestones.RecordEvaluationPublication: milestone_rules.record_evaluation_publication,
        milestones.RaiseFinding: milestone_rules.raise_finding,
        milestones.ResolveFinding: milestone_rules.resolve_finding,
        programme.RejectAct: rejection("agreements"),
    },
)
