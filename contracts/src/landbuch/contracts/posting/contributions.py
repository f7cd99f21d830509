"""Posting rules of contributions."""

from __future__ import annotations

from landbuch.contracts import accounts as at
from landbuch.contracts.accounts import Lines, transfer
from landbuch.contracts.acts import contributions
from landbuch.contracts.posting.cut import cut
from landbuch.contracts.posting.rule import Rule
from landbuch.contracts.rows import Pledge
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


def taken_back(pledge: Pledge, amount: int) -> int:
    """How much of an open claim lies above a new pledge."""
    return max(min(pledge.claimed, pledge.claimed + pledge.received - amount), 0)


def _pledge_amended(state: BookState, phase: str, record: contributions.ContributionPledgeAmended) -> Lines:
    pledge = state.pledges[record.pledge]
    payer, source = pledge.terms.payer, pledge.terms.source
    finance = transfer(at.deferred(payer, source), at.receivable(payer, source), taken_back(pledge, record.amount))
    if not _gives_authority(state, phase, pledge.terms):
        return finance
    difference = record.amount - pledge.amount
    authority = at.authority(record.pledge, source)
    if difference >= 0:
        target = _pledge_target(state, phase, record.pledge, source)
        return (*transfer(target, authority, difference), *finance)
    taken = min(-difference, -state.balance(phase, authority))
    return ((authority, taken), *cut(state, phase, source, taken, record.pledge), *finance)


def _claimed(state: BookState, phase: str, record: contributions.ContributionClaimed) -> Lines:
    terms = state.pledges[record.pledge].terms
    return transfer(at.receivable(terms.payer, terms.source), at.deferred(terms.payer, terms.source), record.amount)


def _received(state: BookState, phase: str, record: contributions.ContributionReceived) -> Lines:
    """Against the open claim; what nobody claimed is deferred."""
    pledge = state.pledges[record.pledge]
    payer, source = pledge.terms.payer, pledge.terms.source
    claimed = min(record.amount, pledge.claimed)
    return (
        *transfer(at.BANK, at.receivable(payer, source), claimed),
        *transfer(at.BANK, at.deferred(payer, source), record.amount - claimed),
    )


def _recognised(state: BookState, phase: str, record: contributions.ContributionRecognised) -> Lines:
    terms = state.pledges[record.pledge].terms
    return transfer(at.deferred(terms.payer, terms.source), at.income(terms.payer, terms.source), record.amount)


RULES: dict[type[Record], Rule] = {
    contributions.ContributionPledged: _pledged,
    contributions.ContributionPledgeAmended: _pledge_amended,
    contributions.ContributionClaimed: _claimed,
    contributions.ContributionReceived: _received,
    contributions.ContributionRecognised: _recognised,
}
