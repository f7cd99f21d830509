"""What contributions change."""

from __future__ import annotations

from dataclasses import replace

from landbuch.contracts.acts import contributions
from landbuch.contracts.envelope import AnyEvent
from landbuch.contracts.evolve.change import Change
from landbuch.contracts.rows import Pledge
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record


def _pledged(state: BookState, event: AnyEvent, record: contributions.ContributionPledged) -> None:
    state.objects.set(record.pledge, "pledge")
    state.pledges.set(record.pledge, Pledge(event.phase, record, record.amount))


def _pledge_amended(state: BookState, event: AnyEvent, record: contributions.ContributionPledgeAmended) -> None:
    known = state.pledges.get(record.pledge)
    if known is not None:
        state.pledges.set(record.pledge, replace(known, amount=record.amount))


CHANGES: dict[type[Record], Change] = {
    contributions.ContributionPledged: _pledged,
    contributions.ContributionPledgeAmended: _pledge_amended,
}
