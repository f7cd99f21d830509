"""Orders of the first road that are refused: each with its history, its code, and words of the detail."""

from __future__ import annotations

import asyncio
import datetime
from typing import Any, NamedTuple

from landbuch.contracts.acts.budgets import BlockBudget, RecordBudgetSupplement, RecordBudgetVote
from landbuch.contracts.acts.credits import (
    BlockCredit,
    CoverShortfall,
    RecordReferendumExpiry,
    RecordReferendumNotQualified,
    WithdrawCreditProposal,
)
from landbuch.contracts.acts.programme import (
    ConfirmAct,
    FoundBook,
    GrantRole,
    RecordInformation,
    RejectAct,
    RevokeRole,
)
from landbuch.contracts.command import read_command
from landbuch.contracts.refusals import Code, Refused
from landbuch.contracts.state import BookState
from landbuch.ledger.domain.desk import DESK as LEDGER
from landbuch.sdk.testing.given import Happened, Said
from landbuch.sdk.worker.answers import Rejected
from landbuch.sdk.worker.group import Job, decide_group
from tests.scenes import (
    ACCEPTED,
    ADMINISTRATORS,
    ALLOCATED,
    CLERK,
    DRAFTED,
    FINANCE,
    FIRST,
    FOUND,
    FOUNDED,
    IN_FORCE,
    NOBODY,
    OPEN,
    PARTNER,
    PROGRAMME_AGREEMENT,
    RULES,
    SECOND,
    SHORT,
    SHORTFALL_AT,
    SIGNED,
    allocate,
    amend,
    call,
    decide,
    draft,
    enter,
    given,
    grant,
    order,
    pledge,
    programme,
    propose,
    publish,
    sign,
    vote,
)

PROPOSED_GRANT = FIRST(GrantRole(person="p-new", role="viewer"))
"""One administrator alone: this writes a proposal."""
AT = len(given(*FOUNDED).events) + 1
"""The position of a proposal behind the founding."""


NOON = datetime.datetime(2024, 3, 28, 11, tzinfo=datetime.UTC)


class Case(NamedTuple):
    """A history, an order, and the code that refuses it, with words of its detail."""

    code: Code
    history: tuple[Said | Happened, ...]
    said: Said
    words: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """The command that is refused."""
        return type(self.said.order).__name__

    def refusal(self) -> Refused | None:
        """What the rules answer; ``None`` when they accept."""
        return given(*self.history).when(self.said).refusal


def revoke(person: str, role: str) -> Said:
    """Two administrators revoke a role."""
    return ADMINISTRATORS(order(RevokeRole, person=person, role=role))


def cover(amount: int, *, at: int = SHORTFALL_AT, credit: str = "PL", source: str = "federal") -> Said:
    """Finance covers a shortfall from unallocated money."""
    parts = [{"credit": credit, "amount": amount}]
    return FINANCE(order(CoverShortfall, source=source, covers=[at], from_unallocated=parts))


def block(amount: int, area: str = "SP", source: str = "canton") -> Said:
    """Finance blocks available money."""
    return FINANCE(order(BlockCredit, area=area, source=source, amount=amount, reason="Audit"))


def budget(amount: int, ground: str | None = None) -> Said:
    """The clerk records the budget of 2024, or a supplement to it."""
    data: dict[str, Any] = {"year": 2024, "amount": amount, "decided_by": "Landrat"}
    return CLERK(order(RecordBudgetSupplement, ground=ground, **data) if ground else order(RecordBudgetVote, **data))


def withdraw(credit: str = "C") -> Said:
    """The clerk withdraws a proposal."""
    return CLERK(WithdrawCreditProposal(credit=credit, reason="Not needed"))


def tell(**more: Any) -> Said:
    """The clerk records something."""
    return CLERK(order(RecordInformation, about="KIP3", topic="news", statement="Something", **more))


HUGE = [{"name": "\U0001d11e" * 200, "value": 1, "unit": "\U0001d11e" * 40, "precision": "derived"}] * 50
HUGE_EVIDENCE = [{"kind": "press", "title": "\U0001d11e" * 200, "publisher": "\U0001d11e" * 200}] * 20

CASES = (
    Case(Code.BOOK_NOT_FOUNDED, (), propose(), ("no administrators",)),
    Case(Code.BOOK_ALREADY_FOUNDED, (FOUND,), FOUND),
    Case(Code.ROLE_MISSING, OPEN, NOBODY(propose().order), ("p-nobody is not clerk or finance for KIP3",)),
    Case(Code.ROLE_MISSING, (), SECOND(FoundBook(administrators=("p-admin1", "p-admin3"))), ("p-admin2",)),
    Case(Code.ROLE_MISSING, OPEN, CLERK(allocate().order), ("p-clerk is not finance",)),
    Case(Code.PHASE_REQUIRED, OPEN, CLERK.within("_")(propose().order), ("ProposeCredit",)),
    Case(Code.PHASE_NOT_APPLICABLE, OPEN, CLERK(PARTNER.order), ("RegisterPartner", "KIP3")),
    Case(Code.PHASE_UNKNOWN, OPEN, CLERK.within("KIP9")(propose().order), ("KIP9", "open so far: KIP3")),
    Case(Code.BOOKED_IN_FUTURE, OPEN, propose(booked_on="2024-03-29"), ("2024-03-29", "2024-03-28")),
    Case(Code.OCCURRED_IN_FUTURE, OPEN, propose(occurred_on="2024-03-29"), ("2024-03-29",)),
    Case(Code.OCCURRED_IN_FUTURE, OPEN, propose(occurred_on="2024-04"), ("2024-04",)),
    Case(Code.OCCURRED_IN_FUTURE, DRAFTED, sign(day="2024-03-29"), ("2024-03-29",)),
    Case(Code.PROPOSAL_UNKNOWN, (*FOUNDED, PROPOSED_GRANT), SECOND(ConfirmAct(proposal=AT + 1)), (str(AT + 1),)),
    Case(Code.PROPOSAL_UNKNOWN, FOUNDED, SECOND(RejectAct(proposal=1, reason="No"))),
    Case(
        Code.PROPOSAL_CLOSED,
        (*FOUNDED, PROPOSED_GRANT, SECOND(ConfirmAct(proposal=AT))),
        SECOND(ConfirmAct(proposal=AT)),
    ),
    Case(
        Code.PROPOSAL_CLOSED,
        (*FOUNDED, PROPOSED_GRANT, SECOND(RejectAct(proposal=AT, reason="No"))),
        SECOND(ConfirmAct(proposal=AT)),
    ),
    Case(
        Code.PROPOSAL_CLOSED,
        (*FOUNDED, PROPOSED_GRANT, SECOND(ConfirmAct(proposal=AT))),
        SECOND(RejectAct(proposal=AT, reason="No")),
    ),
    Case(Code.SECOND_PERSON_REQUIRED, (*FOUNDED, PROPOSED_GRANT), FIRST(ConfirmAct(proposal=AT)), ("p-admin1",)),
    Case(
        Code.SECOND_PERSON_REQUIRED,
        (*DRAFTED, grant("p-drafter", "clerk")),
        Said(sign().order, ("p-drafter",), "KIP3"),
        ("p-drafter drafted A-1",),
    ),
    Case(Code.ID_TAKEN, (*OPEN, propose()), propose(), ("C is the id of a credit",)),
    Case(Code.ID_TAKEN, (*OPEN, propose()), pledge("C"), ("C is the id of a credit",)),
    Case(Code.ID_TAKEN, (*OPEN, pledge("C")), propose(), ("C is the id of a pledge",)),
    Case(Code.ID_TAKEN, (*OPEN, propose("P-1")), PARTNER, ("P-1 is the id of a credit",)),
    Case(Code.ID_TAKEN, DRAFTED, draft("A-1"), ("A-1 is the id of a agreement",)),
    Case(Code.PROGRAMME_ALREADY_OPEN, OPEN, ADMINISTRATORS.within("KIP3")(programme())),
    Case(Code.RULES_OVERLAP, OPEN, ADMINISTRATORS(RULES)),
    Case(Code.RULES_OVERLAP, OPEN, ADMINISTRATORS(RULES.model_copy(update={"version": "R-2"}))),
    Case(Code.RULES_OVERLAP, OPEN, ADMINISTRATORS(RULES.model_copy(update={"valid_from": "2021-01-01"}))),
    Case(Code.ROLE_ALREADY_GRANTED, FOUNDED, grant("p-clerk", "clerk"), ("p-clerk is clerk already",)),
    Case(Code.ROLE_NOT_GRANTED, FOUNDED, revoke("p-clerk", "finance"), ("p-clerk is not finance",)),
    Case(Code.LAST_ADMINISTRATORS, FOUNDED, revoke("p-admin1", "administrator"), ("1 administrator would remain",)),
    Case(Code.CREDIT_UNKNOWN, OPEN, decide("X"), ("no credit X in KIP3",)),
    Case(Code.CREDIT_UNKNOWN, OPEN, propose(supplement_to="X"), ("no credit X",)),
    Case(Code.CREDIT_UNKNOWN, IN_FORCE, allocate(credit="X"), ("no credit X",)),
    Case(Code.PLEDGE_UNKNOWN, OPEN, amend(5, "X"), ("no pledge X in KIP3",)),
    Case(Code.PARTNER_UNKNOWN, OPEN, draft(), ("no partner P-1",)),
    Case(Code.AGREEMENT_UNKNOWN, OPEN, sign("X"), ("no agreement X in KIP3",)),
    Case(Code.CUT_UNKNOWN, SHORT, cover(5, at=SHORTFALL_AT - 1), ("left no shortfall",)),
    Case(Code.CUT_UNKNOWN, SHORT, cover(5, credit="C", source="canton"), ("left no shortfall of KIP3 canton",)),
    Case(Code.SOURCE_UNKNOWN, OPEN, pledge(source="third"), ("no source third",)),
    Case(Code.SOURCE_UNKNOWN, IN_FORCE, allocate(source="third")),
    Case(Code.SOURCE_UNKNOWN, IN_FORCE, block(5, source="third")),
    Case(Code.SOURCE_OUTSIDE_BASIS, OPEN, propose(amounts=[{"source": "federal", "amount": 500_000_00}])),
    Case(Code.SOURCE_OUTSIDE_BASIS, OPEN, pledge(source="canton"), ("the canton's own money",)),
    Case(Code.AREA_UNKNOWN, IN_FORCE, allocate(area="XX"), ("no area XX; it has SP, ZP",)),
    Case(Code.AREA_UNKNOWN, ALLOCATED, block(5, area="XX")),
    Case(Code.AREA_UNKNOWN, (*OPEN, PARTNER), draft(area="XX")),
    Case(
        Code.DATES_OUT_OF_ORDER,
        (*OPEN, propose(occurred_on="2024-02")),
        decide(occurred_on="2024-01-31"),
        ("the decision is dated 2024-01-31, before the proposal of 2024-02",),
    ),
    Case(Code.CREDIT_NOT_PROPOSED, (*OPEN, propose(), withdraw()), withdraw()),
    Case(Code.CREDIT_NOT_PROPOSED, (*OPEN, propose(), withdraw()), decide()),
    Case(Code.CREDIT_ALREADY_DECIDED, ACCEPTED, decide()),
    Case(Code.CREDIT_ALREADY_DECIDED, IN_FORCE, withdraw()),
    Case(Code.CREDIT_NOT_ACCEPTED, (*OPEN, propose()), enter(), ("proposed, not accepted",)),
    Case(Code.CREDIT_NOT_ACCEPTED, (*OPEN, propose(), decide(outcome="rejected")), enter()),
    Case(Code.ALREADY_IN_FORCE, IN_FORCE, enter()),
    Case(Code.ALREADY_IN_FORCE, IN_FORCE, vote()),
    Case(Code.ALREADY_PUBLISHED, (*ACCEPTED, publish()), publish()),
    Case(Code.OUTCOME_CONTRADICTS_VOTES, (*OPEN, propose()), decide(votes_for=22, votes_against=61)),
    Case(Code.OUTCOME_CONTRADICTS_VOTES, ACCEPTED, vote(yes=100, no=100)),
    Case(Code.OUTCOME_CONTRADICTS_VOTES, ACCEPTED, vote(yes_share=5000)),
    Case(Code.REFERENDUM_ALREADY_CALLED, (*ACCEPTED, call()), call()),
    Case(
        Code.REFERENDUM_NOT_CALLED, ACCEPTED, CLERK(RecordReferendumNotQualified(credit="C", reason="late"))
    ),
    Case(Code.REFERENDUM_PENDING, (*ACCEPTED, call()), enter()),
    Case(Code.REFERENDUM_PENDING, (*ACCEPTED, publish(), call()), CLERK(RecordReferendumExpiry(credit="C"))),
    Case(Code.WINDOW_UNKNOWN, ACCEPTED, CLERK(RecordReferendumExpiry(credit="C"))),
    Case(
        Code.WINDOW_OPEN,
        (*ACCEPTED, publish(day="2024-02-27")),
        CLERK(RecordReferendumExpiry(credit="C")),
        ("ends on 2024-03-28",),
    ),
    Case(Code.WINDOW_OPEN, (*ACCEPTED, publish(day="2024-02-27")), enter(trigger="final")),
    Case(Code.ALREADY_VOTED, (*ACCEPTED, vote()), vote()),
    Case(Code.ALREADY_VOTED, (*ACCEPTED, vote()), call()),
    Case(Code.TRIGGER_UNPROVEN, ACCEPTED, enter(trigger="vote")),
    Case(Code.TRIGGER_UNPROVEN, ACCEPTED, enter(trigger="expired")),
    Case(Code.EVIDENCE_MISSING, ACCEPTED, enter(evidence=None)),
    Case(Code.CREDIT_NOT_IN_FORCE, (*ACCEPTED, call(), PARTNER, draft()), sign(), ("C is waiting for the people",)),
    Case(Code.CREDIT_NOT_IN_FORCE, ACCEPTED, allocate(), ("500'000.00 that is not in force",)),
    Case(Code.PROGRAMME_AGREEMENT_EXISTS, (*OPEN, PROGRAMME_AGREEMENT), PROGRAMME_AGREEMENT),
    Case(Code.AGREEMENT_NOT_DRAFTED, SIGNED, sign(), ("A-1 is signed",)),
    Case(Code.OUTSIDE_TERM, (*OPEN, PARTNER), draft(start="2023-12-31")),
    Case(Code.SHORTFALL_OPEN, (*SHORT, draft("A-2", 5, source="federal")), sign("A-2"), ("30'000.00",)),
    Case(Code.SHORTFALL_EXCEEDED, (*SHORT, amend(200_000_00)), cover(30_000_01), ("0.01 too much",)),
    Case(
        Code.CREDIT_EXCEEDED,
        (*ALLOCATED, PARTNER, draft(amount=320_000_00)),
        sign(),
        ("KIP3 SP canton has 300'000.00 available", "needs 320'000.00", "20'000.00 too much"),
    ),
    Case(Code.BUDGET_ALREADY_VOTED, (*OPEN, budget(5)), budget(5)),
    Case(Code.BUDGET_ALREADY_VOTED, (*OPEN, budget(5)), budget(5, "no_budget")),
    Case(
        Code.BUDGET_EXCEEDED,
        (*OPEN, budget(5)),
        FINANCE(BlockBudget(year=2024, amount=6, reason="Audit")),
        ("KIP3 budget 2024 free has 0.05", "needs 0.06", "0.01 too much"),
    ),
    Case(Code.EVENT_TOO_LARGE, OPEN, tell(figures=HUGE, evidence=HUGE_EVIDENCE), ("60000 are allowed",)),
)  # fmt: skip

BOTH_BROKEN = (
    Case(Code.BOOK_NOT_FOUNDED, (), NOBODY.within("_")(propose().order)),
    Case(Code.ROLE_MISSING, OPEN, NOBODY.within("_")(propose().order)),
    Case(Code.ROLE_MISSING, OPEN, NOBODY.within("KIP9")(propose(booked_on="2024-03-29").order)),
    Case(Code.PHASE_UNKNOWN, OPEN, CLERK.within("KIP9")(propose(booked_on="2024-03-29").order)),
    Case(Code.BOOKED_IN_FUTURE, OPEN, propose(booked_on="2024-03-29", occurred_on="2024-03-29")),
    Case(Code.OCCURRED_IN_FUTURE, (*OPEN, propose()), propose(occurred_on="2024-03-29")),
    Case(
        Code.OCCURRED_IN_FUTURE,
        (*DRAFTED, grant("p-drafter", "clerk")),
        Said(sign(day="2024-03-29").order, ("p-drafter",), "KIP3"),
    ),
    Case(
        Code.ROLE_MISSING,
        (*FOUNDED, PROPOSED_GRANT, SECOND(ConfirmAct(proposal=AT))),
        Said(ConfirmAct(proposal=AT), ("p-clerk",)),
    ),
    Case(
        Code.PROPOSAL_CLOSED,
        (*FOUNDED, PROPOSED_GRANT, SECOND(ConfirmAct(proposal=AT))),
        FIRST(ConfirmAct(proposal=AT)),
    ),
    Case(Code.ID_TAKEN, (*OPEN, propose()), propose(supplement_to="X")),
    Case(Code.ID_TAKEN, (*OPEN, propose("A-1")), draft("A-1")),
    Case(Code.CREDIT_UNKNOWN, OPEN, propose(supplement_to="X", amounts=[{"source": "third", "amount": 500_000_00}])),
    Case(Code.SOURCE_UNKNOWN, OPEN, propose(amounts=[{"source": "third", "amount": 500_000_00}])),
    Case(Code.SOURCE_UNKNOWN, IN_FORCE, allocate(area="XX", source="third")),
    Case(Code.PARTNER_UNKNOWN, OPEN, draft(area="XX", source="third")),
    Case(Code.AREA_UNKNOWN, (*OPEN, PARTNER), draft(area="XX", start="2023-12-31")),
    Case(Code.AREA_UNKNOWN, ALLOCATED, block(10**9, area="XX")),
    Case(
        Code.DATES_OUT_OF_ORDER,
        (*OPEN, propose(occurred_on="2024-02"), decide(occurred_on="2024-02")),
        decide(occurred_on="2024-01"),
    ),
    Case(Code.CREDIT_ALREADY_DECIDED, ACCEPTED, decide(votes_for=1, votes_against=2)),
    Case(Code.ALREADY_IN_FORCE, IN_FORCE, vote(yes=1, no=2)),
    Case(Code.OUTCOME_CONTRADICTS_VOTES, (*ACCEPTED, vote()), vote(yes=1, no=2)),
    Case(Code.REFERENDUM_PENDING, (*ACCEPTED, call()), enter(trigger="vote")),
    Case(Code.TRIGGER_UNPROVEN, ACCEPTED, enter(trigger="vote", evidence=None)),
    Case(Code.CREDIT_NOT_IN_FORCE, (*OPEN, PARTNER, draft()), sign()),
    Case(Code.CUT_UNKNOWN, SHORT, cover(10**9, at=SHORTFALL_AT - 1)),
    Case(Code.SHORTFALL_OPEN, (*SHORT, draft("A-2", 10**9, source="federal")), sign("A-2")),
    Case(Code.SHORTFALL_EXCEEDED, SHORT, cover(30_000_01)),
)


async def reuse_an_id() -> Rejected:
    """Give two different commands one id, in one group; the second is rejected."""
    jobs = [
        Job(
            read_command(
                name="FoundBook",
                canton="BL",
                phase="_",
                commandid="0b54ac1f-6a1c-5b3f-8a52-3c0d6a2f1e77",
                actor="p-1",
                data={"administrators": ["p-1", other]},
            ),
            asyncio.get_running_loop().create_future(),
        )
        for other in ("p-2", "p-3")
    ]
    group = await decide_group(LEDGER, BookState("BL"), jobs, lambda: NOON, limit=1000, budget_s=60)
    ((job, answer),) = group.others
    assert job is jobs[1]
    assert isinstance(answer, Rejected)
    return answer
