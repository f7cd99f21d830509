"""What the road of a credit changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from landbuch.contracts.acts import credits
from landbuch.contracts.envelope import AnyEvent
from landbuch.contracts.evolve.change import Change
from landbuch.contracts.rows import Credit, CreditStage
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record


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


CHANGES: dict[type[Record], Change] = {
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
}
