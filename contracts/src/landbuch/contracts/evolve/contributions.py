"""What contributions change."""

from __future__ import annotations

from dataclasses import replace

from landbuch.contracts.acts import contributions
from landbuch.contracts.envelope import AnyEvent
from landbuch.contracts.evolve.change import Change
from landbuch.contracts.evolve.disbursements import moved
from landbuch.contracts.posting.contributions import taken_back
from landbuch.contracts.rows import Pledge
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record


def _pledged(state: BookState, event: AnyEvent, record: contributions.ContributionPledged) -> None:
    state.objects.set(record.pledge, "pledge")
    state.pledges.set(record.pledge, Pledge(event.phase, record, record.amount))


def _pledge_amended(state: BookState, event: AnyEvent, record: contributions.ContributionPledgeAmended) -> None:
    known = state.pledges.get(record.pledge)
    if known is not None:
        claimed = known.claimed - taken_back(known, record.amount)
        state.pledges.set(record.pledge, replace(known, amount=record.amount, claimed=claimed))


def _claimed(state: BookState, event: AnyEvent, record: contributions.ContributionClaimed) -> None:
    known = state.pledges.get(record.pledge)
    if known is not None:
        state.pledges.set(record.pledge, replace(known, claimed=known.claimed + record.amount))


def _received(state: BookState, event: AnyEvent, record: contributions.ContributionReceived) -> None:
    moved(state, event, record.bank_reference, record.amount)
    known = state.pledges.get(record.pledge)
    if known is not None:
        claimed = known.claimed - min(record.amount, known.claimed)
        received = known.received + record.amount
        state.pledges.set(record.pledge, replace(known, claimed=claimed, received=received))


def _recognised(state: BookState, event: AnyEvent, record: contributions.ContributionRecognised) -> None:
    known = state.pledges.get(record.pledge)
    if known is not None:
        state.pledges.set(record.pledge, replace(known, recognised=known.recognised + record.amount))


CHANGES: dict[type[Record], Change] = {
    contributions.ContributionPledged: _pledged,
    contributions.ContributionPledgeAmended: _pledge_amended,
    contributions.ContributionClaimed: _claimed,
    contributions.ContributionReceived: _received,
    contributions.ContributionRecognised: _recognised,
}
