"""The one fold: how each event changes the state of a book. It never refuses: what is in the book is believed.

An event may break a rule (a stolen credential, an older version); then the fold still goes on: it books the lines and
changes only rows that are there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from landbuch.contracts.acts import agreements, budgets, contributions, credits, programme
from landbuch.contracts.catalogue import COMMANDS
from landbuch.contracts.envelope import AnyEvent, Unknown
from landbuch.contracts.judge import Verdict, Void
from landbuch.contracts.state import (
    Agreement,
    BookState,
    Budget,
    Credit,
    CreditStage,
    Cut,
    Grant,
    Head,
    Partner,
    Pledge,
    Proposal,
)  # fmt: skip
from landbuch.contracts.vocabulary import Record

SHORTFALL = "credit:shortfall:"
NEVER = "2900"
"""No clock goes here: the schemas end with the year 2999, and each event is later than the one before."""

Change = Callable[[BookState, AnyEvent, Any], None]


def evolve(state: BookState, verdict: Verdict, position: int, leaf: str) -> None:
    """Add the entry at a position, with its leaf hash (64 hex digits), to the state."""
    if isinstance(verdict, Void):
        state.voids.set(position, verdict.reason)
        state.head = replace(state.head, position=position, leaf=leaf)
        return
    if isinstance(verdict, Unknown):
        state.unknown_types.set(verdict.type, position)
        _book(state, verdict.phase, position, verdict.lines)
    else:
        change = CHANGES.get(type(verdict.data))
        if change is not None:
            change(state, verdict, verdict.data)
        _book(state, verdict.phase, position, verdict.data.lines or ())
        _close_proposal(state, verdict.data.proposal)
    state.head = Head(position, leaf, _later(state.head.time, verdict.time))


def _later(last: str | None, time: str) -> str | None:
    """The later time; one that only a forger writes does not move the clock, or nobody could write behind it."""
    return last if time >= NEVER else max(time, last or "")


def _book(state: BookState, phase: str, position: int, lines: tuple[tuple[str, int], ...]) -> None:
    for account, amount in lines:
        state.book(phase, account, amount)
        if account.startswith(SHORTFALL) and amount < 0:
            state.cuts.set((position, account.removeprefix(SHORTFALL)), Cut(phase, -amount))


def _close_proposal(state: BookState, position: int | None) -> None:
    proposal = state.proposals.get(position) if position is not None else None
    if position is not None and proposal is not None:
        state.proposals.set(position, replace(proposal, open=False))


def _role_granted(state: BookState, event: AnyEvent, record: programme.RoleGranted) -> None:
    if state.founding is None:
        state.found(event.commandid)
    state.grants.set((record.person, record.role), Grant(record.limit, record.scope, record.valid_from))


def _role_revoked(state: BookState, event: AnyEvent, record: programme.RoleRevoked) -> None:
    state.grants.drop((record.person, record.role))


def _act_proposed(state: BookState, event: AnyEvent, record: programme.ActProposed) -> None:
    """Remember what can be confirmed; what this service does not do, or nobody can read, cannot."""
    act = COMMANDS.get(record.act)
    if act is None or not act.two_persons or act.service not in (event.service, None):
        return
    try:
        act.order.model_validate(record.command.data)
    except ValidationError:
        return
    proposal = Proposal(event.service, record.act, event.phase, record.command.data, event.actor, event.id)
    state.proposals.set(event.position, proposal)


def _programme_opened(state: BookState, event: AnyEvent, record: programme.ProgrammeOpened) -> None:
    state.programmes.set(event.phase, record)


def _rules_adopted(state: BookState, event: AnyEvent, record: programme.ApprovalRulesAdopted) -> None:
    state.rules.set(record.version, record)


def _credit_proposed(state: BookState, event: AnyEvent, record: credits.CreditProposed) -> None:
    state.objects.set(record.credit, "credit")
    amounts = tuple((part.source, part.amount) for part in record.amounts)
    state.credits.set(
        record.credit,
        Credit(event.phase, amounts, record.new, record.supplement_to, proposed_on=record.occurred_on),
    )


def _amend(state: BookState, credit: str, **changes: Any) -> None:  # noqa: ANN401  # dataclasses.replace is untyped
    known = state.credits.get(credit)
    if known is not None:
        state.credits.set(credit, replace(known, **changes))


def _credit_withdrawn(state: BookState, event: AnyEvent, record: credits.CreditProposalWithdrawn) -> None:
    _amend(state, record.credit, stage="withdrawn")


def _credit_decided(state: BookState, event: AnyEvent, record: credits.CreditDecided) -> None:
    stages: dict[str, CreditStage] = {"accepted": "accepted", "rejected": "rejected", "returned": "returned"}
    amounts = {"amounts": tuple((part.source, part.amount) for part in record.amounts)} if record.amounts else {}
    _amend(
        state,
        record.credit,
        stage=stages[record.outcome],
        decided_on=record.occurred_on,
        body=record.body,
        rules=record.rules,
        beyond_limit="beyond_executive_limit" in (record.warnings or ()),
        **amounts,
    )


def _published(state: BookState, event: AnyEvent, record: credits.DecisionPublished) -> None:
    _amend(state, record.credit, published_on=record.published_on, window_ends=record.window_ends)


def _referendum_called(state: BookState, event: AnyEvent, record: credits.ReferendumCalled) -> None:
    _amend(state, record.credit, referendum="called", filed_on=record.occurred_on)


def _not_qualified(state: BookState, event: AnyEvent, record: credits.ReferendumNotQualified) -> None:
    _amend(state, record.credit, referendum="not_qualified")


def _expired(state: BookState, event: AnyEvent, record: credits.ReferendumExpired) -> None:
    _amend(state, record.credit, referendum="expired")


def _vote_held(state: BookState, event: AnyEvent, record: credits.PopularVoteHeld) -> None:
    if record.provisional:
        return
    stage = {"stage": "voted_down"} if record.outcome == "rejected" else {}
    _amend(state, record.credit, vote=record.outcome, voted_on=record.occurred_on, **stage)


def _annulled(state: BookState, event: AnyEvent, record: credits.DecisionAnnulled) -> None:
    _amend(state, record.credit, stage="annulled")


def _in_force(state: BookState, event: AnyEvent, record: credits.CreditEnteredIntoForce) -> None:
    _amend(state, record.credit, stage="in_force")


def _shortfall_covered(state: BookState, event: AnyEvent, record: credits.ShortfallCovered) -> None:
    left = record.total
    for position in record.covers:
        known = state.cuts.get((position, record.source))
        if known is not None:
            covered = min(left, known.uncovered)
            left -= covered
            state.cuts.set((position, record.source), replace(known, uncovered=known.uncovered - covered))


def _budget_voted(state: BookState, event: AnyEvent, record: budgets.BudgetVoted) -> None:
    key = (event.phase, record.year)
    known = state.budgets.get(key, Budget())
    booked = sum(amount for account, amount in record.lines or () if account == f"budget:free:{record.year}")
    replaced = record.amount - booked
    state.budgets.set(key, Budget(voted=True, without_vote=known.without_vote - replaced))


def _supplemented(state: BookState, event: AnyEvent, record: budgets.BudgetSupplemented) -> None:
    if record.ground == "no_budget":
        key = (event.phase, record.year)
        known = state.budgets.get(key, Budget())
        state.budgets.set(key, replace(known, without_vote=known.without_vote + record.amount))


def _pledged(state: BookState, event: AnyEvent, record: contributions.ContributionPledged) -> None:
    state.objects.set(record.pledge, "pledge")
    state.pledges.set(record.pledge, Pledge(event.phase, record, record.amount))


def _pledge_amended(state: BookState, event: AnyEvent, record: contributions.ContributionPledgeAmended) -> None:
    known = state.pledges.get(record.pledge)
    if known is not None:
        state.pledges.set(record.pledge, replace(known, amount=record.amount))


def _programme_agreement(state: BookState, event: AnyEvent, record: agreements.ProgrammeAgreementSigned) -> None:
    state.programme_agreements.set(event.phase, event.position)


def _partner_registered(state: BookState, event: AnyEvent, record: agreements.PartnerRegistered) -> None:
    state.objects.set(record.partner, "partner")
    state.partners.set(record.partner, Partner(record.kind, record.name))


def _agreement_drafted(state: BookState, event: AnyEvent, record: agreements.AgreementDrafted) -> None:
    state.objects.set(record.agreement, "agreement")
    draft = Agreement(event.phase, record.partner, event.actor, record.start, record.end, record.ceiling, record.items)
    state.agreements.set(record.agreement, draft)


def _agreement_signed(state: BookState, event: AnyEvent, record: agreements.AgreementSigned) -> None:
    known = state.agreements.get(record.agreement)
    if known is not None:
        state.agreements.set(record.agreement, replace(known, stage="signed"))


CHANGES: dict[type[Record], Change] = {
    programme.RoleGranted: _role_granted,
    programme.RoleRevoked: _role_revoked,
    programme.ActProposed: _act_proposed,
    programme.ProgrammeOpened: _programme_opened,
    programme.ApprovalRulesAdopted: _rules_adopted,
    credits.CreditProposed: _credit_proposed,
    credits.CreditProposalWithdrawn: _credit_withdrawn,
    credits.CreditDecided: _credit_decided,
    credits.DecisionPublished: _published,
    credits.ReferendumCalled: _referendum_called,
    credits.ReferendumNotQualified: _not_qualified,
    credits.ReferendumExpired: _expired,
    credits.PopularVoteHeld: _vote_held,
    credits.DecisionAnnulled: _annulled,
    credits.CreditEnteredIntoForce: _in_force,
    credits.ShortfallCovered: _shortfall_covered,
    budgets.BudgetVoted: _budget_voted,
    budgets.BudgetSupplemented: _supplemented,
    contributions.ContributionPledged: _pledged,
    contributions.ContributionPledgeAmended: _pledge_amended,
    agreements.ProgrammeAgreementSigned: _programme_agreement,
    agreements.PartnerRegistered: _partner_registered,
    agreements.AgreementDrafted: _agreement_drafted,
    agreements.AgreementSigned: _agreement_signed,
}
"""What each record changes beside the balances; records that are not named change only balances."""
