from __future__ import annotations

from landbuch.contracts.refusals import Code
from tests.acting import Acting, signed

DOCUMENT = "ab" * 32


def planned(due: str = "2024-02-02") -> Acting:
    book = signed()
    book.do("PlanMilestone", milestone="M-1", title="Kurse begonnen", due=due, agreement="A-1")
    return book


def test_a_milestone_becomes_due_on_its_day() -> None:
    book = planned("2024-02-02")
    book.refused(Code.MILESTONE_NOT_DUE, "RecordMilestoneDue", milestone="M-1")
    book.now = "2024-02-02T08:00:00.000000Z"
    book.do("RecordMilestoneDue", by="s-clock", milestone="M-1")
    book.refused(Code.MILESTONE_OVER, "RecordMilestoneDue", milestone="M-1")


def test_a_milestone_is_missed_the_day_after() -> None:
    book = planned("2024-02-01")
    book.refused(Code.MILESTONE_NOT_DUE, "RecordMilestoneMissed", milestone="M-1", reason="kein Raum")
    book.now = "2024-02-02T08:00:00.000000Z"
    book.do("RecordMilestoneMissed", milestone="M-1", reason="kein Raum")
    book.refused(Code.MILESTONE_OVER, "RecordMilestoneMissed", milestone="M-1", reason="kein Raum")


def test_a_milestone_is_verified_by_another_person() -> None:
    book = planned()
    (proposal,) = book.do("RecordMilestoneReached", by="p-man-a", milestone="M-1", document=DOCUMENT)
    assert not book.state.milestones["M-1"].passed
    book.confirm_refused(Code.SECOND_PERSON_REQUIRED, proposal, by="p-man-a")
    book.do("ConfirmAct", by="p-man-b", proposal=proposal.position)
    assert book.state.milestones["M-1"].passed


def test_a_missed_milestone_can_still_be_reached() -> None:
    book = planned("2024-01-31")
    book.do("RecordMilestoneMissed", milestone="M-1", reason="kein Raum")
    book.two("RecordMilestoneReached", milestone="M-1", document=DOCUMENT)
    assert book.state.milestones["M-1"].stage == "reached"


def test_a_reached_milestone_is_over() -> None:
    book = planned()
    book.two("RecordMilestoneReached", milestone="M-1", document=DOCUMENT)
    book.refused(Code.MILESTONE_OVER, "WaiveMilestone", milestone="M-1", reason="egal")
    book.refused(Code.MILESTONE_OVER, "RescheduleMilestone", milestone="M-1", due="2024-05-01", reason="später")


def test_a_milestone_is_waived_by_two() -> None:
    book = planned()
    book.two("WaiveMilestone", milestone="M-1", reason="anders erreicht")
    assert book.state.milestones["M-1"].stage == "waived"


def test_a_rescheduled_milestone_is_planned_again() -> None:
    book = planned("2024-01-31")
    book.do("RecordMilestoneDue", milestone="M-1")
    book.do("RescheduleMilestone", milestone="M-1", due="2024-05-01", reason="später")
    assert (book.state.milestones["M-1"].stage, book.state.milestones["M-1"].due) == ("planned", "2024-05-01")


def test_a_milestone_names_a_known_agreement() -> None:
    planned().refused(
        Code.AGREEMENT_UNKNOWN, "PlanMilestone", milestone="M-2", title="x", due="2024-03-01", agreement="A-2"
    )


def test_an_unknown_milestone_is_refused() -> None:
    planned().refused(Code.MILESTONE_UNKNOWN, "WaiveMilestone", milestone="M-2", reason="egal")


def test_an_evaluation_is_commissioned_delivered_and_published_in_this_order() -> None:
    book = signed()
    book.do("CommissionEvaluation", evaluation="E-1", title="Evaluation KIP 3", partner="P-1", agreement="A-1")
    book.refused(Code.EVALUATION_OUT_OF_ORDER, "RecordEvaluationPublication", evaluation="E-1", place="bl.ch")
    book.do("RecordEvaluationDelivery", evaluation="E-1", document=DOCUMENT)
    book.refused(Code.EVALUATION_OUT_OF_ORDER, "RecordEvaluationDelivery", evaluation="E-1", document=DOCUMENT)
    book.do("RecordEvaluationPublication", evaluation="E-1", place="bl.ch")
    assert book.state.evaluations["E-1"].stage == "published"


def test_an_unknown_evaluation_is_refused() -> None:
    signed().refused(Code.EVALUATION_UNKNOWN, "RecordEvaluationDelivery", evaluation="E-1", document=DOCUMENT)


def test_only_an_auditor_raises_a_finding() -> None:
    book = signed()
    finding = {"finding": "F-1", "about": "A-1", "statement": "Beleg fehlt", "weight": "high"}
    book.refused(Code.ROLE_MISSING, "RaiseFinding", by="p-fin-a", **finding)
    book.do("RaiseFinding", phase="KIP3", **finding)
    book.refused(Code.FINDING_UNKNOWN, "ResolveFinding", finding="F-1", resolution="nachgereicht")
    book.do("ResolveFinding", phase="KIP3", finding="F-1", resolution="nachgereicht")
    book.refused(Code.FINDING_IS_RESOLVED, "ResolveFinding", phase="KIP3", finding="F-1", resolution="nochmals")
