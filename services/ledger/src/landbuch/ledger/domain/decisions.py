"""The legal road of a credit: proposed, decided, published, challenged, voted, annulled, in force."""

from __future__ import annotations

from collections.abc import Sequence

from landbuch.contracts.acts.credits import (
    CreditDecided,
    CreditEnteredIntoForce,
    CreditProposalWithdrawn,
    CreditProposed,
    DecisionAnnulled,
    DecisionPublished,
    PopularVoteHeld,
    ProposeCredit,
    RecordAnnulment,
    RecordCreditDecision,
    RecordEntryIntoForce,
    RecordPopularVote,
    RecordPublication,
    RecordReferendum,
    RecordReferendumExpiry,
    RecordReferendumNotQualified,
    ReferendumCalled,
    ReferendumExpired,
    ReferendumNotQualified,
    SourceAmounts,
    WithdrawCreditProposal,
)  # fmt: skip
from landbuch.contracts.acts.programme import ApprovalRulesTerms
from landbuch.contracts.dates import add_days, first_day
from landbuch.contracts.demands import credit_of, demand_free_id, demand_order, demand_sources
from landbuch.contracts.money import chf
from landbuch.contracts.recording import recorded
from landbuch.contracts.refusals import Code, Refused
from landbuch.contracts.rows import Credit
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record, SourceAmount
from landbuch.contracts.warn import Warn
from landbuch.sdk.deciding import Case

OWN_SOURCE = "canton"
"""The only source of a credit on a net basis."""


def propose_credit(state: BookState, order: ProposeCredit, case: Case) -> Sequence[Record]:
    """Put a credit forward; a supplement names a credit of the same programme."""
    demand_free_id(state, order.credit)
    if order.supplement_to is not None:
        credit_of(state, case.phase, order.supplement_to)
    _demand_basis(state, case.phase, order.amounts)
    return [recorded(CreditProposed, order)]


def withdraw_credit_proposal(state: BookState, order: WithdrawCreditProposal, case: Case) -> Sequence[Record]:
    """Withdraw what waits for a decision."""
    _demand_undecided(order.credit, credit_of(state, case.phase, order.credit))
    return [recorded(CreditProposalWithdrawn, order)]


def record_credit_decision(state: BookState, order: RecordCreditDecision, case: Case) -> Sequence[Record]:
    """Record a decision, test it against the rules of its day, and name their version."""
    credit = credit_of(state, case.phase, order.credit)
    amounts = order.amounts or tuple(SourceAmount.model_validate({"source": s, "amount": a}) for s, a in credit.amounts)
    _demand_basis(state, case.phase, amounts)
    demand_order(credit.proposed_on, order.occurred_on, first="the proposal", then="the decision")
    _demand_undecided(order.credit, credit)
    if order.outcome != "returned":
        _demand_outcome(order.votes_for, order.votes_against, accepted=order.outcome == "accepted")
    rules = state.rules_on(first_day(order.occurred_on) if order.occurred_on else case.booked_on)
    warnings = set() if rules else {Warn.NO_APPROVAL_RULES}
    if rules and order.body == "executive" and _beyond_limit(rules, credit, amounts):
        warnings.add(Warn.BEYOND_EXECUTIVE_LIMIT)
    return [
        recorded(
            CreditDecided,
            order,
            warnings,
            rules=rules.version if rules else None,
            amounts=amounts if order.outcome == "accepted" else order.amounts,
        )
    ]


def _beyond_limit(rules: ApprovalRulesTerms, credit: Credit, amounts: SourceAmounts) -> bool:
    """New spending above the one-off limit is beyond the executive; bound spending does not count."""
    limit = rules.executive_limit_once
    total = sum(part.amount for part in amounts)
    return limit is not None and min(credit.new, total) > limit


def record_publication(state: BookState, order: RecordPublication, case: Case) -> Sequence[Record]:
    """Record the publication; the window ends ``days`` after it, by the rules the decision was tested against."""
    credit = credit_of(state, case.phase, order.credit)
    demand_order(credit.decided_on, order.published_on, first="the decision", then="the publication")
    _demand_accepted(order.credit, credit)
    if credit.published_on is not None:
        raise Refused(Code.ALREADY_PUBLISHED, f"{order.credit} was published on {credit.published_on}.")
    rules = state.rules.get(credit.rules or "")
    days = rules.days if rules else None
    window_ends = add_days(order.published_on, days) if days else None
    return [recorded(DecisionPublished, order, () if days else {Warn.WINDOW_UNDECIDABLE}, window_ends=window_ends)]


def record_referendum(state: BookState, order: RecordReferendum, case: Case) -> Sequence[Record]:
    """Record that a referendum was called: a fact, with a warning when it was filed outside the window."""
    credit = credit_of(state, case.phase, order.credit)
    demand_order(credit.decided_on, order.occurred_on, first="the decision", then="the referendum")
    _demand_accepted(order.credit, credit)
    if credit.referendum == "called":
        raise Refused(Code.REFERENDUM_ALREADY_CALLED, f"A referendum against {order.credit} is recorded.")
    if credit.vote is not None:
        raise Refused(Code.ALREADY_VOTED, f"The people {credit.vote} {order.credit}.")
    warnings = set()
    if credit.window_ends is None:
        warnings.add(Warn.WINDOW_UNDECIDABLE)
    elif first_day(order.occurred_on or case.booked_on) > credit.window_ends:
        warnings.add(Warn.OUTSIDE_WINDOW)
    return [recorded(ReferendumCalled, order, warnings)]


def record_referendum_not_qualified(
    state: BookState, order: RecordReferendumNotQualified, case: Case
) -> Sequence[Record]:
    """Record that a called referendum does not take place."""
    credit = credit_of(state, case.phase, order.credit)
    demand_order(credit.filed_on, order.occurred_on, first="the referendum", then="its failure")
    if credit.referendum != "called":
        raise Refused(Code.REFERENDUM_NOT_CALLED, f"No referendum against {order.credit} is recorded.")
    if credit.vote is not None:
        raise Refused(Code.ALREADY_VOTED, f"The people {credit.vote} {order.credit}.")
    return [recorded(ReferendumNotQualified, order)]


def record_referendum_expiry(state: BookState, order: RecordReferendumExpiry, case: Case) -> Sequence[Record]:
    """Record that the window is over and none was called."""
    credit = credit_of(state, case.phase, order.credit)
    _demand_accepted(order.credit, credit)
    if credit.referendum == "expired":
        raise Refused(Code.TRIGGER_UNPROVEN, f"The expiry for {order.credit} is recorded already.")
    if credit.referendum == "called":
        raise Refused(Code.REFERENDUM_PENDING, f"A referendum against {order.credit} is called.")
    if credit.window_ends is None:
        raise Refused(Code.WINDOW_UNKNOWN, f"Nothing tells when the window for {order.credit} ends.")
    if case.today <= credit.window_ends:
        raise Refused(Code.WINDOW_OPEN, f"The window for {order.credit} ends on {credit.window_ends}.")
    return [recorded(ReferendumExpired, order)]


def record_popular_vote(state: BookState, order: RecordPopularVote, case: Case) -> Sequence[Record]:
    """Record a popular vote; a provisional result changes nothing, a final one stands once."""
    credit = credit_of(state, case.phase, order.credit)
    earlier = credit.filed_on or credit.decided_on
    demand_order(earlier, order.occurred_on, first="the decision or referendum", then="the vote")
    _demand_accepted(order.credit, credit)
    _demand_outcome(order.yes, order.no, accepted=order.outcome == "accepted")
    if order.yes_share is not None and order.yes is None:
        _demand_outcome(order.yes_share, 10_000 - order.yes_share, accepted=order.outcome == "accepted")
    if credit.vote is not None:
        raise Refused(Code.ALREADY_VOTED, f"The people {credit.vote} {order.credit}.")
    return [recorded(PopularVoteHeld, order)]


def record_annulment(state: BookState, order: RecordAnnulment, case: Case) -> Sequence[Record]:
    """Record a court's annulment: what is not free becomes a shortfall."""
    credit = credit_of(state, case.phase, order.credit)
    demand_order(credit.decided_on, order.occurred_on, first="the decision", then="the annulment")
    if credit.stage not in ("accepted", "in_force"):
        raise Refused(Code.CREDIT_NOT_ACCEPTED, f"{order.credit} is {_words(credit)}; there is no decision to annul.")
    return [recorded(DecisionAnnulled, order)]


def record_entry_into_force(state: BookState, order: RecordEntryIntoForce, case: Case) -> Sequence[Record]:
    """Bring a credit into force, once, with nothing outstanding and a trigger that the book proves."""
    credit = credit_of(state, case.phase, order.credit)
    for earlier, first in ((credit.decided_on, "the decision"), (credit.voted_on, "the vote")):
        demand_order(earlier, order.occurred_on, first=first, then="the entry into force")
    _demand_accepted(order.credit, credit)
    if credit.referendum == "called" and credit.vote is None:
        raise Refused(Code.REFERENDUM_PENDING, f"A referendum against {order.credit} is called; nobody has voted.")
    rules = state.rules.get(credit.rules or "")
    if order.trigger in ("final", "executive") and _challengeable(credit, rules, case):
        end = credit.window_ends or "an unknown day"
        raise Refused(Code.WINDOW_OPEN, f"{order.credit} is subject to a referendum; the window ends on {end}.")
    _demand_trigger(order, credit, rules)
    if order.trigger == "documented" and order.evidence is None:
        raise Refused(
            Code.EVIDENCE_MISSING, f"{order.credit} shall be in force as documented, but no document is named."
        )
    undecidable = credit.window_ends is None and order.trigger == "documented"
    return [recorded(CreditEnteredIntoForce, order, {Warn.WINDOW_UNDECIDABLE} if undecidable else ())]


def _challengeable(credit: Credit, rules: ApprovalRulesTerms | None, case: Case) -> bool:
    """Tell whether a referendum is still possible by the rules of the decision."""
    if rules is None or rules.referendum in (None, "none") or credit.referendum in ("expired", "not_qualified"):
        return False
    return credit.body != "executive" and (credit.window_ends is None or case.today <= credit.window_ends)


def _demand_trigger(order: RecordEntryIntoForce, credit: Credit, rules: ApprovalRulesTerms | None) -> None:
    proven = {
        "expired": credit.referendum in ("expired", "not_qualified"),
        "vote": credit.vote == "accepted",
        "executive": credit.body == "executive",
        "final": credit.body in ("parliament", "assembly") and rules is not None and rules.referendum == "none",
        "documented": True,
    }
    if credit.beyond_limit:
        raise Refused(
            Code.TRIGGER_UNPROVEN, f"The executive decided {order.credit} beyond its limit; parliament must decide."
        )
    if not proven[order.trigger]:
        raise Refused(Code.TRIGGER_UNPROVEN, f"Nothing in the book shows {order.trigger} for {order.credit}.")


def _demand_basis(state: BookState, phase: str, amounts: SourceAmounts) -> None:
    programme = state.programmes[phase]
    demand_sources(programme, phase, [part.source for part in amounts])
    for part in amounts:
        if programme.policies.basis == "net" and part.source != OWN_SOURCE:
            raise Refused(
                Code.SOURCE_OUTSIDE_BASIS,
                f"{phase} is booked net: its credits cover the source {OWN_SOURCE}, "
                f"not {part.source} {chf(part.amount)}.",
            )


def _demand_undecided(name: str, credit: Credit) -> None:
    if credit.stage in ("accepted", "in_force", "voted_down", "annulled"):
        raise Refused(Code.CREDIT_ALREADY_DECIDED, f"{name} is {_words(credit)}.")
    if credit.stage == "withdrawn":
        raise Refused(Code.CREDIT_NOT_PROPOSED, f"{name} is {_words(credit)}.")


def _demand_accepted(name: str, credit: Credit) -> None:
    if credit.stage == "in_force":
        raise Refused(Code.ALREADY_IN_FORCE, f"{name} is in force.")
    if credit.stage != "accepted":
        raise Refused(Code.CREDIT_NOT_ACCEPTED, f"{name} is {_words(credit)}, not accepted.")


def _demand_outcome(votes_for: int | None, votes_against: int | None, *, accepted: bool) -> None:
    """Refuse an outcome that the counts contradict; without counts there is nothing to compare."""
    if votes_for is None or votes_against is None:
        return
    if (votes_for > votes_against) != accepted:
        said = "accepted" if accepted else "rejected"
        raise Refused(Code.OUTCOME_CONTRADICTS_VOTES, f"{votes_for} for and {votes_against} against is not {said}.")


def _words(credit: Credit) -> str:
    return credit.stage.replace("_", " ")
