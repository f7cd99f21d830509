"""What milestones, evaluations and findings change."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from landbuch.contracts.acts import milestones
from landbuch.contracts.envelope import AnyEvent
from landbuch.contracts.evolve.change import Change
from landbuch.contracts.rows import Evaluation, Finding, Milestone
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record


def _planned(state: BookState, event: AnyEvent, record: milestones.MilestonePlanned) -> None:
    state.objects.set(record.milestone, "milestone")
    state.milestones.set(record.milestone, Milestone(event.phase, record.due, record.agreement))


def _rescheduled(state: BookState, event: AnyEvent, record: milestones.MilestoneRescheduled) -> None:
    known = state.milestones.get(record.milestone)
    if known is not None:
        state.milestones.set(record.milestone, replace(known, due=record.due, stage="planned"))


def _becomes(stage: Literal["due", "reached", "missed", "waived"]) -> Change:
    def change(state: BookState, event: AnyEvent, record: milestones.MilestoneTerms) -> None:
        known = state.milestones.get(record.milestone)
        if known is not None:
            state.milestones.set(record.milestone, replace(known, stage=stage))

    return change


def _commissioned(state: BookState, event: AnyEvent, record: milestones.EvaluationCommissioned) -> None:
    state.objects.set(record.evaluation, "evaluation")
    state.evaluations.set(record.evaluation, Evaluation(event.phase))


def _delivered(state: BookState, event: AnyEvent, record: milestones.EvaluationDelivered) -> None:
    known = state.evaluations.get(record.evaluation)
    if known is not None:
        state.evaluations.set(record.evaluation, replace(known, stage="delivered"))


def _published(state: BookState, event: AnyEvent, record: milestones.EvaluationPublished) -> None:
    known = state.evaluations.get(record.evaluation)
    if known is not None:
        state.evaluations.set(record.evaluation, replace(known, stage="published"))


def _raised(state: BookState, event: AnyEvent, record: milestones.FindingRaised) -> None:
    state.objects.set(record.finding, "finding")
    state.findings.set(record.finding, Finding(event.phase))


def _resolved(state: BookState, event: AnyEvent, record: milestones.FindingResolved) -> None:
    known = state.findings.get(record.finding)
    if known is not None:
        state.findings.set(record.finding, replace(known, resolved=True))


CHANGES: dict[type[Record], Change] = {
    milestones.MilestonePlanned: _planned,
    milestones.MilestoneRescheduled: _rescheduled,
    milestones.MilestoneBecameDue: _becomes("due"),
    milestones.MilestoneReached: _becomes("reached"),
    milestones.MilestoneMissed: _becomes("missed"),
    milestones.MilestoneWaived: _becomes("waived"),
    milestones.EvaluationCommissioned: _commissioned,
    milestones.EvaluationDelivered: _delivered,
    milestones.EvaluationPublished: _published,
    milestones.FindingRaised: _raised,
    milestones.FindingResolved: _resolved,
}
