"""Milestones, evaluations, findings."""

from __future__ import annotations

from collections.abc import Sequence

from landbuch.contracts.acts.milestones import (
    CommissionEvaluation,
    EvaluationCommissioned,
    EvaluationDelivered,
    EvaluationPublished,
    FindingRaised,
    FindingResolved,
    MilestoneBecameDue,
    MilestoneMissed,
    MilestonePlanned,
    MilestoneReached,
    MilestoneRescheduled,
    MilestoneWaived,
    PlanMilestone,
    RaiseFinding,
    RecordEvaluationDelivery,
    RecordEvaluationPublication,
    RecordMilestoneDue,
    RecordMilestoneMissed,
    RecordMilestoneReached,
    RescheduleMilestone,
    ResolveFinding,
    WaiveMilestone,
)  # fmt: skip
from landbuch.contracts.demands import agreement_of, demand_free_id, milestone_of, partner_of
from landbuch.contracts.recording import recorded
from landbuch.contracts.refusals import Code, Refused
from landbuch.contracts.rows import Evaluation, Milestone
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record
from landbuch.sdk.deciding import Case


def plan_milestone(state: BookState, order: PlanMilestone, case: Case) -> Sequence[Record]:
    """Plan a milestone of the programme or of one agreement."""
    demand_free_id(state, order.milestone)
    if order.agreement is not None:
        agreement_of(state, case.phase, order.agreement)
    return [recorded(MilestonePlanned, order)]


def reschedule_milestone(state: BookState, order: RescheduleMilestone, case: Case) -> Sequence[Record]:
    """Move a milestone that is neither reached nor waived."""
    _pending(state, case.phase, order.milestone)
    return [recorded(MilestoneRescheduled, order)]


def record_milestone_due(state: BookState, order: RecordMilestoneDue, case: Case) -> Sequence[Record]:
    """Record that a planned milestone's day has come."""
    milestone = _pending(state, case.phase, order.milestone)
    if milestone.stage != "planned":
        raise Refused(Code.MILESTONE_OVER, f"{order.milestone} is {milestone.stage} already.")
    if milestone.due > case.today:
        raise Refused(Code.MILESTONE_NOT_DUE, f"{order.milestone} is due on {milestone.due}; today is {case.today}.")
    return [recorded(MilestoneBecameDue, order)]


def record_milestone_reached(state: BookState, order: RecordMilestoneReached, case: Case) -> Sequence[Record]:
    """Record that a milestone is reached, late or not."""
    _pending(state, case.phase, order.milestone)
    return [recorded(MilestoneReached, order)]


def record_milestone_missed(state: BookState, order: RecordMilestoneMissed, case: Case) -> Sequence[Record]:
    """Record that a milestone's day has passed without it."""
    milestone = _pending(state, case.phase, order.milestone)
    if milestone.stage == "missed":
        raise Refused(Code.MILESTONE_OVER, f"{order.milestone} is missed already.")
    if milestone.due >= case.today:
        raise Refused(
            Code.MILESTONE_NOT_DUE, f"{order.milestone} can be reached until {milestone.due}; today is {case.today}."
        )
    return [recorded(MilestoneMissed, order)]


def waive_milestone(state: BookState, order: WaiveMilestone, case: Case) -> Sequence[Record]:
    """Waive a milestone; what it gates is not paid yet, for it was neither reached nor waived."""
    _pending(state, case.phase, order.milestone)
    return [recorded(MilestoneWaived, order)]


def _pending(state: BookState, phase: str, name: str) -> Milestone:
    milestone = milestone_of(state, phase, name)
    if milestone.passed:
        raise Refused(Code.MILESTONE_OVER, f"{name} is {milestone.stage} already.")
    return milestone


def commission_evaluation(state: BookState, order: CommissionEvaluation, case: Case) -> Sequence[Record]:
    """Commission an evaluation or a study, with or without a known partner or agreement."""
    demand_free_id(state, order.evaluation)
    if order.partner is not None:
        partner_of(state, order.partner)
    if order.agreement is not None:
        agreement_of(state, case.phase, order.agreement)
    return [recorded(EvaluationCommissioned, order)]


def record_evaluation_delivery(state: BookState, order: RecordEvaluationDelivery, case: Case) -> Sequence[Record]:
    """Record the delivery of what was commissioned."""
    _demand_stage(order.evaluation, _evaluation_of(state, case.phase, order.evaluation), "commissioned")
    return [recorded(EvaluationDelivered, order)]


def record_evaluation_publication(state: BookState, order: RecordEvaluationPublication, case: Case) -> Sequence[Record]:
    """Record the publication of what was delivered."""
    _demand_stage(order.evaluation, _evaluation_of(state, case.phase, order.evaluation), "delivered")
    return [recorded(EvaluationPublished, order)]


def _evaluation_of(state: BookState, phase: str, name: str) -> Evaluation:
    evaluation = state.evaluations.get(name)
    if evaluation is None or evaluation.phase != phase:
        raise Refused(Code.EVALUATION_UNKNOWN, f"There is no evaluation {name} in {phase}.")
    return evaluation


def _demand_stage(name: str, evaluation: Evaluation, stage: str) -> None:
    if evaluation.stage != stage:
        raise Refused(Code.EVALUATION_OUT_OF_ORDER, f"{name} is {evaluation.stage}, not {stage}.")


def raise_finding(state: BookState, order: RaiseFinding, case: Case) -> Sequence[Record]:
    """Raise a finding under an id of its own."""
    demand_free_id(state, order.finding)
    return [recorded(FindingRaised, order)]


def resolve_finding(state: BookState, order: ResolveFinding, case: Case) -> Sequence[Record]:
    """Resolve a finding of the same programme, once."""
    finding = state.findings.get(order.finding)
    if finding is None or finding.phase != case.phase:
        raise Refused(Code.FINDING_UNKNOWN, f"There is no finding {order.finding} in {case.phase}.")
    if finding.resolved:
        raise Refused(Code.FINDING_IS_RESOLVED, f"{order.finding} is resolved.")
    return [recorded(FindingResolved, order)]
