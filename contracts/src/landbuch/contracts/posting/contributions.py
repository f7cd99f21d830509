"""Posting rules of contributions."""

from __future__ import annotations

from landbuch.contracts import accounts as at
from landbuch.contracts.accounts import Lines, transfer
from landbuch.contracts.acts import contributions
from landbuch.contracts.posting.cut import cut
from landbuch.contracts.posting.rule import Rule
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record


def _gives_authority(state: BookState, phase: str, terms: contributions.PledgeTerms) -> bool:
    return terms.binding and state.programmes[phase].policies.basis == "net"


def _pledge_target(state: BookState, phase: str, pledge: str, source: str) -> str:
    return at.unallocated(pledge, source) if state.base_in_force(phase) else at.pending(pledge, source)


def _pledged(state: BookState, phase: str, record: contributions.ContributionPledged) -> Lines:
    if not _gives_authority(state, phase, record):
        return ()
    target = _pledge_target(state, phase, record.pledge, record.source)
    return transfer(target, at.authority(record.pledge, record.source), record.amount)


def _pledge_amended(state: BookState, phase: str, record: contributions.ContributionPledgeAmended) -> Lines:
    pledge = state.pledges[record.pledge]
    if not _gives_authority(state, phase, pledge.terms):
        return ()
    source, difference = pledge.terms.source, record.amount - pledge.amount
    authority = at.authority(record.pledge, source)
    if difference >= 0:
        return transfer(_pledge_target(state, phase, record.pledge, source), authority, difference)
    taken = min(-difference, -state.balance(phase, authority))
    return ((authority, taken), *cut(state, phase, source, taken, record.pledge))


RULES: dict[type[Record], Rule] = {
    contributions.ContributionPledged: _pledged,
    contributions.ContributionPledgeAmended: _pledge_amended,
}
