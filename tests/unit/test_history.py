"""The story of the demo: facts and illustration are told apart, and it is the same on every day."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from landbuch.contracts.canonical import parse
from landbuch.contracts.state import BookState
from landbuch.local.history.course import Step
from landbuch.local.history.story import CANTONS, steps
from tests.told_books import told, told_history

LIFE = {
    "AgreementAmended", "AgreementClosed", "AgreementSettled", "TranchesScheduled", "ReportAccepted",
    "MilestonePlanned", "MilestoneBecameDue", "MilestoneReached", "EvaluationCommissioned", "FindingRaised",
    "FindingResolved", "BudgetVoted", "PartnerBankDetailsProposed", "PartnerBankDetailsConfirmed",
    "DisbursementRequested", "DisbursementApproved", "PaymentInstructed", "DisbursementPaid", "DisbursementReturned",
    "AdvanceSettled", "RecoveryClaimed", "RecoveryReceived", "ContributionPledged", "ContributionClaimed",
    "ContributionReceived", "ContributionRecognised", "EntryReversed", "BankEntryRecorded", "BankEntryAssigned",
}  # fmt: skip
REFUSALS = {"credit_not_in_force", "credit_exceeded", "second_person_required", "milestone_outstanding"}


@cache
def story() -> tuple[list[Any], BookState]:
    """The events of BL as they are written, and the state."""
    entries, state = told_history("BL")
    return [parse(entry.payload) for entry in entries], state


def name(event: Any) -> str:
    return str(event["type"].split(".")[1])


def evidence(event: Any) -> set[str]:
    """The kinds of evidence of an event; of a proposal those of the proposed command."""
    data = event["data"]
    given = data.get("command", {}).get("data", data)
    return {one["kind"] for one in given.get("evidence", ())}


def test_the_story_holds_a_whole_life() -> None:
    assert LIFE - {name(event) for event in story()[0]} == set()


def test_the_story_shows_what_rules_do_not_let_through() -> None:
    told_alone = {"second_person_required" for step in steps("BL") if step.alone}
    assert {step.refused for step in steps("BL") if step.refused} | told_alone == REFUSALS


def test_everything_invented_is_labelled() -> None:
    shown = str([step.data for step in steps("BL", facts_only=True)])
    assert "DEMO-" not in shown
    assert "Illustration" not in shown
    for event in story()[0]:
        if "DEMO-" in str(event["data"]) and name(event) != "MilestoneBecameDue":
            assert evidence(event) == {"illustration"}, event


@pytest.mark.parametrize("canton", CANTONS)
def test_facts_alone_can_be_told_and_nobody_is_paid(canton: str) -> None:
    facts = steps(canton, facts_only=True)
    _, state = told(canton, facts)
    assert not any(step.illustration for step in facts)
    assert {account.split(":")[0] for _, account in state.balances} <= {"credit"}


def test_nothing_in_the_story_waits_for_a_day_to_come() -> None:
    assert {milestone.stage for milestone in story()[1].milestones.values()} == {"due", "reached"}


def test_every_command_of_the_story_has_an_id_of_its_own() -> None:
    ids = [step.commandid for canton in CANTONS for step in _with_halves(canton)]
    assert len(set(ids)) == len(ids)


def _with_halves(canton: str) -> list[Step]:
    halves = [step.confirmation(1) for step in steps(canton) if step.two_persons]
    return [*steps(canton), *halves, *(step.alone_again(1) for step in steps(canton) if step.alone)]
