"""Milestones, evaluations, findings (owned by the agreements service). They move no money; milestones gate it."""

from __future__ import annotations

from typing import Literal

from landbuch.contracts.vocabulary import Day, Fact, Name, ObjectId, Order, Record, Sha256, Text


class PlanTerms(Fact):
    """What shall be reached by when; for one agreement, or for the programme."""

    milestone: ObjectId
    title: Name
    due: Day
    agreement: ObjectId | None = None


class PlanMilestone(PlanTerms, Order):
    """Plan a milestone."""


class MilestonePlanned(PlanTerms, Record):
    """A milestone is planned."""


class MilestoneTerms(Fact):
    """Which milestone."""

    milestone: ObjectId


class MilestoneReasonTerms(MilestoneTerms):
    """Which milestone, and why."""

    reason: Text


class RescheduleTerms(MilestoneReasonTerms):
    """When a milestone is due now."""

    due: Day


class RescheduleMilestone(RescheduleTerms, Order):
    """Move a milestone that is not reached to another day."""


class MilestoneRescheduled(RescheduleTerms, Record):
    """A milestone has another day."""


class RecordMilestoneDue(MilestoneTerms, Order):
    """Record that a milestone's day has come; the service does so by itself."""


class MilestoneBecameDue(MilestoneTerms, Record):
    """A milestone's day has come."""


class AchievementTerms(MilestoneTerms):
    """What proves that a milestone is reached."""

    document: Sha256


class RecordMilestoneReached(AchievementTerms, Order):
    """Record that a milestone is reached: one person submits, another verifies."""


class MilestoneReached(AchievementTerms, Record):
    """A milestone is reached."""


class RecordMilestoneMissed(MilestoneReasonTerms, Order):
    """Record that a milestone's day has passed without it."""


class MilestoneMissed(MilestoneReasonTerms, Record):
    """A milestone is missed; it can still be reached, moved or waived."""


class WaiveMilestone(MilestoneReasonTerms, Order):
    """Waive a milestone, two persons: what it gates can be paid without it."""


class MilestoneWaived(MilestoneReasonTerms, Record):
    """A milestone is not asked for any more."""


class CommissionTerms(Fact):
    """What is to be evaluated, by whom."""

    evaluation: ObjectId
    title: Name
    partner: ObjectId | None = None
    agreement: ObjectId | None = None
    due: Day | None = None


class CommissionEvaluation(CommissionTerms, Order):
    """Commission an evaluation or a study."""


class EvaluationCommissioned(CommissionTerms, Record):
    """An evaluation is commissioned."""


class DeliveryTerms(Fact):
    """Which evaluation, and the hash of what was delivered."""

    evaluation: ObjectId
    document: Sha256


class RecordEvaluationDelivery(DeliveryTerms, Order):
    """Record that an evaluation was delivered."""


class EvaluationDelivered(DeliveryTerms, Record):
    """An evaluation is delivered."""


class EvaluationPublicationTerms(Fact):
    """Where an evaluation was published."""

    evaluation: ObjectId
    place: Name


class RecordEvaluationPublication(EvaluationPublicationTerms, Order):
    """Record that a delivered evaluation was published."""


class EvaluationPublished(EvaluationPublicationTerms, Record):
    """Everybody can read an evaluation."""


class FindingTerms(Fact):
    """What an auditor found, about what, and how much it weighs."""

    finding: ObjectId
    about: Name
    statement: Text
    weight: Literal["low", "medium", "high"]


class RaiseFinding(FindingTerms, Order):
    """Raise a finding; auditors only."""


class FindingRaised(FindingTerms, Record):
    """An auditor has found something."""


class ResolutionTerms(Fact):
    """What was done about a finding."""

    finding: ObjectId
    resolution: Text


class ResolveFinding(ResolutionTerms, Order):
    """Declare a finding resolved; auditors only."""


class FindingResolved(ResolutionTerms, Record):
    """A finding is resolved."""
