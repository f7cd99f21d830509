"""The legal road of a credit, from the proposal to its entry into force, and what courts and payers take back."""

from __future__ import annotations

from typing import Any

import pytest

from landbuch.contracts.acts.credits import (
    CreditDecided,
    CreditEnteredIntoForce,
    CreditProposalWithdrawn,
    CreditProposed,
    DecisionAnnulled,
    DecisionPublished,
    PopularVoteHeld,
    RecordAnnulment,
    RecordReferendumExpiry,
    RecordReferendumNotQualified,
    ReferendumCalled,
    ReferendumExpired,
    ReferendumNotQualified,
    WithdrawCreditProposal,
)
from landbuch.contracts.refusals import Code
from landbuch.contracts.vocabulary import SourceAmount
from landbuch.sdk.testing.given import Said, saying
from tests.scenes import (
    ACCEPTED,
    ADMINISTRATORS,
    ALLOCATED,
    CLERK,
    FOUNDED,
    IN_FORCE,
    OPEN,
    OPEN_WITHOUT_RULES,
    RULES,
    SIGNED,
    call,
    decide,
    draft,
    enter,
    given,
    programme,
    propose,
    publish,
    vote,
)

AMOUNT = 500_000_00
PENDING = (("credit:pending:C:canton", AMOUNT), ("credit:authority:C:canton", -AMOUNT))
UNDONE = (("credit:authority:C:canton", AMOUNT), ("credit:pending:C:canton", -AMOUNT))
EFFECTIVE = (("credit:unallocated:C:canton", AMOUNT), ("credit:pending:C:canton", -AMOUNT))
EXPIRE = CLERK(RecordReferendumExpiry(credit="C"))


def fail(reason: Any = "late", **more: Any) -> Said:
    """The clerk records that a called referendum does not take place."""
    return CLERK(RecordReferendumNotQualified(credit="C", reason=reason, **more))


def annul(credit: str = "C", **more: Any) -> Said:
    """The clerk records that a court annulled the decision."""
    return CLERK(RecordAnnulment(credit=credit, court="Kantonsgericht", reference="810 24 1", **more))


def test_a_proposal_books_nothing() -> None:
    given(*OPEN).when(propose()).then(saying(CreditProposed, credit="C")).books()


def test_on_a_gross_basis_a_credit_may_cover_every_source_of_the_programme() -> None:
    policies = {"basis": "gross", "recovery_restores_credit": True}
    gross = (*FOUNDED, ADMINISTRATORS.within("KIP3")(programme(policies=policies)))
    parts = [{"source": "canton", "amount": 5}, {"source": "federal", "amount": 7}]
    proposed = propose(amounts=parts, new=12)
    given(*gross, proposed).when(decide()).books(
        ("credit:pending:C:canton", 5), ("credit:authority:C:canton", -5),
        ("credit:pending:C:federal", 7), ("credit:authority:C:federal", -7),
    )  # fmt: skip
    given(*gross).when(propose(amounts=[{"source": "third", "amount": 5}], new=5)).refused(Code.SOURCE_UNKNOWN)


def test_a_supplement_names_a_credit_of_the_same_phase() -> None:
    given(*ACCEPTED).when(propose("S", supplement_to="C")).books()
    other = (*ACCEPTED, ADMINISTRATORS.within("KIP4")(programme()))
    elsewhere = propose("S", supplement_to="C")
    given(*other).when(Said(elsewhere.order, elsewhere.by, "KIP4")).refused(Code.CREDIT_UNKNOWN, "it belongs to KIP3")


def test_what_waits_may_be_withdrawn() -> None:
    withdrawn = CLERK(WithdrawCreditProposal(credit="C", reason="Again next year"))
    given(*OPEN, propose()).when(withdrawn).then(CreditProposalWithdrawn(credit="C", reason="Again next year"))
    given(*OPEN, propose(), decide(outcome="returned")).when(withdrawn).books()
    given(*ACCEPTED).when(withdrawn).refused(Code.CREDIT_ALREADY_DECIDED, "C is accepted")


def test_an_accepted_credit_is_pending_and_names_the_rules_of_its_day() -> None:
    given(*OPEN, propose()).when(decide(votes_for=61, votes_against=22)).then(
        saying(CreditDecided, rules="R-1", amounts=(SourceAmount(source="canton", amount=AMOUNT),))
    ).books(*PENDING).warns()


@pytest.mark.parametrize("outcome", ["rejected", "returned"])
def test_a_decision_that_does_not_accept_books_nothing_and_may_be_followed_by_one_that_does(outcome: str) -> None:
    given(*OPEN, propose()).when(decide(outcome=outcome)).books()
    given(*OPEN, propose(), decide(outcome=outcome)).when(decide()).books(*PENDING)


def test_a_body_may_decide_another_amount_than_was_proposed() -> None:
    lower = [{"source": "canton", "amount": 400_000_00}]
    given(*OPEN, propose()).when(decide(amounts=lower)).books(
        ("credit:pending:C:canton", 400_000_00), ("credit:authority:C:canton", -400_000_00)
    )


@pytest.mark.parametrize(("votes", "accepted"), [((51, 50), True), ((50, 50), False), ((50, 51), False)])
def test_the_votes_decide_the_outcome_where_they_are_known(votes: tuple[int, int], accepted: bool) -> None:  # noqa: FBT001 - a table
    counts: dict[str, Any] = {"votes_for": votes[0], "votes_against": votes[1]}
    right, wrong = ("accepted", "rejected") if accepted else ("rejected", "accepted")
    given(*OPEN, propose()).when(decide(outcome=right, **counts)).warns()
    given(*OPEN, propose()).when(decide(outcome=wrong, **counts)).refused(Code.OUTCOME_CONTRADICTS_VOTES)


def test_a_show_of_hands_needs_no_counts() -> None:
    assembly = decide(body="assembly", body_name="Landsgemeinde", method="show_of_hands")
    given(*OPEN, propose()).when(assembly).books(*PENDING)


def test_what_returns_to_its_author_may_have_any_votes() -> None:
    given(*OPEN, propose()).when(decide(outcome="returned", votes_for=61, votes_against=22)).books()


@pytest.mark.parametrize(
    ("day", "version", "warnings"),
    [
        ("2019-12-31", None, ("no_approval_rules",)),
        ("2020-01-01", "R-1", ()),
        ("2020", "R-1", ()),
        ("2019", None, ("no_approval_rules",)),
    ],
)
def test_a_decision_is_tested_against_the_rules_of_its_day(
    day: str, version: str | None, warnings: tuple[str, ...]
) -> None:
    outcome = given(*OPEN, propose()).when(decide(occurred_on=day)).warns(*warnings)
    assert outcome.records[0].model_dump().get("rules") == version


EXECUTIVE = {"body": "executive", "body_name": "Regierungsrat", "method": "executive"}


@pytest.mark.parametrize(("new", "warnings"), [(50_000_00, ()), (50_000_01, ("beyond_executive_limit",))])
def test_an_executive_that_decides_beyond_its_limit_is_recorded_with_a_warning_and_not_in_force(
    new: int, warnings: tuple[str, ...]
) -> None:
    history = (*OPEN, propose(new=new, bound=AMOUNT - new))
    given(*history).when(decide(**EXECUTIVE)).warns(*warnings).books(*PENDING)
    entered = given(*history, decide(**EXECUTIVE)).when(enter(trigger="executive"))
    if warnings:
        entered.refused(Code.TRIGGER_UNPROVEN, "beyond its limit")
        given(*history, decide(**EXECUTIVE)).when(enter()).refused(Code.TRIGGER_UNPROVEN)
    else:
        entered.books(*EFFECTIVE)


def test_a_limit_is_asked_of_the_executive_only() -> None:
    given(*OPEN, propose()).when(decide()).warns()


def test_a_publication_opens_a_window_of_thirty_days() -> None:
    given(*ACCEPTED).when(publish(day="2024-01-20")).then(
        DecisionPublished(credit="C", gazette="Amtsblatt", published_on="2024-01-20", window_ends="2024-02-19")
    ).warns()


def test_a_publication_without_rules_leaves_the_window_open_to_doubt() -> None:
    given(*OPEN_WITHOUT_RULES, propose(), decide()).when(publish()).warns("window_undecidable")


def test_a_publication_lies_on_or_after_the_decision() -> None:
    decided = (*OPEN, propose(), decide(occurred_on="2024-01-20"))
    given(*decided).when(publish(day="2024-01-20")).warns()
    given(*decided).when(publish(day="2024-01-19")).refused(Code.DATES_OUT_OF_ORDER)


PUBLISHED = (*ACCEPTED, publish(day="2024-01-20"))
"""The window ends on 19 February."""
JUST_PUBLISHED = (*ACCEPTED, publish(day="2024-03-20"))
"""The window ends on 19 April, still to come."""


@pytest.mark.parametrize(
    ("filed", "warnings"), [("2024-02-19", ()), ("2024-02-20", ("outside_window",)), ("2024-02", ())]
)
def test_a_referendum_outside_the_window_is_a_fact_with_a_warning(filed: str, warnings: tuple[str, ...]) -> None:
    given(*PUBLISHED).when(call(occurred_on=filed)).then(
        ReferendumCalled(credit="C", by="Komitee", occurred_on=filed)
    ).warns(*warnings).books()


def test_a_referendum_before_any_publication_is_a_fact_with_a_warning() -> None:
    given(*ACCEPTED).when(call()).warns("window_undecidable")


def test_a_called_referendum_suspends_the_credit_until_it_fails() -> None:
    called = (*PUBLISHED, call(occurred_on="2024-02-01"))
    for trigger in ("documented", "final", "expired", "vote"):
        given(*called).when(enter(trigger=trigger)).refused(Code.REFERENDUM_PENDING)
    given(*called).when(fail(occurred_on="2024-02-01")).then(
        ReferendumNotQualified(credit="C", reason="late", occurred_on="2024-02-01")
    )
    given(*called).when(fail(occurred_on="2024-01-31")).refused(Code.DATES_OUT_OF_ORDER)
    given(*called, fail()).when(enter(trigger="expired")).books(*EFFECTIVE)


def test_a_referendum_that_failed_may_be_called_again_and_then_fail_again() -> None:
    given(*PUBLISHED, call(), fail()).when(fail()).refused(Code.REFERENDUM_NOT_CALLED)
    given(*PUBLISHED, call(), fail(), call()).when(fail("signatures")).books()


def test_a_window_expires_on_the_day_after_its_end() -> None:
    given(*JUST_PUBLISHED).on("2024-04-19").when(EXPIRE).refused(Code.WINDOW_OPEN, "ends on 2024-04-19")
    given(*JUST_PUBLISHED).on("2024-04-20").when(EXPIRE).then(ReferendumExpired(credit="C"))


def test_a_window_expires_once() -> None:
    given(*PUBLISHED, EXPIRE).when(EXPIRE).refused(Code.TRIGGER_UNPROVEN, "recorded already")


def test_a_provisional_result_changes_nothing_whatever_it_is() -> None:
    provisional = vote(outcome="rejected", provisional=True)
    given(*ACCEPTED).when(provisional).then(PopularVoteHeld(credit="C", outcome="rejected", provisional=True)).books()
    given(*ACCEPTED, provisional, provisional).when(vote()).books()
    given(*ACCEPTED, call(), provisional).when(enter()).refused(Code.REFERENDUM_PENDING)


def test_a_rejected_vote_takes_the_authority_back() -> None:
    given(*ACCEPTED).when(vote(outcome="rejected", yes=1, no=2)).books(*UNDONE)
    given(*ACCEPTED, vote(outcome="rejected")).when(enter(trigger="vote")).refused(
        Code.CREDIT_NOT_ACCEPTED, "voted down"
    )


@pytest.mark.parametrize(
    ("counts", "accepted"),
    [
        ({"yes": 62_957, "no": 43_908}, True),
        ({"yes": 5, "no": 5}, False),
        ({"yes_share": 5001}, True),
        ({"yes_share": 5000}, False),
    ],
    ids=str,
)
def test_the_people_s_votes_decide_the_outcome_where_they_are_known(
    counts: dict[str, Any],
    accepted: bool,  # noqa: FBT001 - a table
) -> None:
    right, wrong = ("accepted", "rejected") if accepted else ("rejected", "accepted")
    given(*ACCEPTED).when(vote(outcome=right, **counts)).warns()
    given(*ACCEPTED).when(vote(outcome=wrong, **counts)).refused(Code.OUTCOME_CONTRADICTS_VOTES)


def test_a_vote_lies_on_or_after_the_filing() -> None:
    called = (*PUBLISHED, call(occurred_on="2024-02-01"))
    given(*called).when(vote(occurred_on="2024-02-01")).warns()
    given(*called).when(vote(occurred_on="2024-01-31")).refused(Code.DATES_OUT_OF_ORDER)
    given(*called).when(vote(occurred_on="2024")).warns()


def test_the_worked_example_of_a_credit_that_the_people_accepted() -> None:
    voted = (*PUBLISHED, call(occurred_on="2024-02"), vote(occurred_on="2024-03-03"))
    given(*voted).when(enter(trigger="vote", occurred_on="2024-03-03")).then(
        CreditEnteredIntoForce(credit="C", trigger="vote", occurred_on="2024-03-03")
    ).books(*EFFECTIVE).warns()
    given(*voted).when(enter(trigger="vote", occurred_on="2024-03-02")).refused(Code.DATES_OUT_OF_ORDER)


@pytest.mark.parametrize(
    ("history", "trigger", "proven"),
    [
        ((*PUBLISHED, EXPIRE), "expired", True),
        (PUBLISHED, "expired", False),
        ((*PUBLISHED, vote()), "vote", True),
        (PUBLISHED, "vote", False),
        (PUBLISHED, "executive", False),
        (PUBLISHED, "final", False),
        (PUBLISHED, "documented", True),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_a_trigger_must_stand_in_the_book(history: tuple[Said, ...], trigger: str, proven: bool) -> None:  # noqa: FBT001 - a table
    outcome = given(*history).when(enter(trigger=trigger))
    if proven:
        outcome.books(*EFFECTIVE)
    else:
        outcome.refused(Code.TRIGGER_UNPROVEN)


@pytest.mark.parametrize(("day", "code"), [("2024-04-19", Code.WINDOW_OPEN), ("2024-04-20", Code.TRIGGER_UNPROVEN)])
def test_a_decision_is_not_final_while_a_referendum_is_possible(day: str, code: Code) -> None:
    given(*JUST_PUBLISHED).on(day).when(enter(trigger="final")).refused(code)


def test_a_decision_is_final_where_no_referendum_is_possible() -> None:
    final = RULES.model_copy(update={"referendum": "none", "days": None})
    history = (*FOUNDED, ADMINISTRATORS(final), ADMINISTRATORS.within("KIP3")(programme()), propose(), decide())
    given(*history).when(enter(trigger="final")).books(*EFFECTIVE)


def test_a_documented_entry_warns_where_no_window_is_known() -> None:
    given(*ACCEPTED).when(enter()).warns("window_undecidable")
    given(*PUBLISHED).when(enter()).warns()


def test_a_credit_enters_into_force_once() -> None:
    given(*IN_FORCE).when(enter()).refused(Code.ALREADY_IN_FORCE)


def test_a_court_takes_back_what_is_free_first() -> None:
    given(*ALLOCATED).when(annul()).then(
        DecisionAnnulled(credit="C", court="Kantonsgericht", reference="810 24 1")
    ).books(
        ("credit:authority:C:canton", AMOUNT),
        ("credit:unallocated:C:canton", -200_000_00),
        ("credit:available:SP:canton", -300_000_00),
    ).warns()


def test_what_is_promised_is_a_shortfall_when_a_court_takes_the_credit() -> None:
    given(*SIGNED).when(annul()).books(
        ("credit:authority:C:canton", AMOUNT),
        ("credit:unallocated:C:canton", -200_000_00),
        ("credit:available:SP:canton", -100_000_00),
        ("credit:shortfall:canton", -200_000_00),
    ).warns("shortfall")


def test_a_pending_credit_may_be_annulled_and_only_once() -> None:
    given(*ACCEPTED).when(annul()).books(*UNDONE)
    given(*ACCEPTED, annul()).when(annul()).refused(Code.CREDIT_NOT_ACCEPTED, "annulled")
    given(*OPEN, propose()).when(annul()).refused(Code.CREDIT_NOT_ACCEPTED, "proposed")


def test_an_annulled_credit_is_no_ground_to_sign_on() -> None:
    given(*SIGNED, annul(), draft("A-2", 5)).when(Said(draft("A-2", 5).order, ("p-drafter",), "KIP3")).refused(
        Code.ID_TAKEN
    )
    state = given(*SIGNED, annul()).state
    assert not state.base_in_force("KIP3")


def test_an_annulment_lies_on_or_after_the_decision() -> None:
    decided = (*OPEN, propose(), decide(occurred_on="2024-02-01"))
    given(*decided).when(annul(occurred_on="2024-02-01")).books(*UNDONE)
    given(*decided).when(annul(occurred_on="2024-01")).refused(Code.DATES_OUT_OF_ORDER)
