"""Posting rules of credits."""

from __future__ import annotations

from landbuch.contracts import accounts as at
from landbuch.contracts.accounts import Lines, transfer
from landbuch.contracts.acts import credits
from landbuch.contracts.posting.cut import cut
from landbuch.contracts.posting.rule import Rule
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record


def _decided(state: BookState, phase: str, record: credits.CreditDecided) -> Lines:
    if record.outcome != "accepted":
        return ()
    lines: Lines = ()
    for part in record.amounts or ():
        lines += transfer(at.pending(record.credit, part.source), at.authority(record.credit, part.source), part.amount)
    return lines


def _voted(state: BookState, phase: str, record: credits.PopularVoteHeld) -> Lines:
    if record.provisional or record.outcome == "accepted":
        return ()
    lines: Lines = ()
    for source in dict(state.credits[record.credit].amounts):
        amount = state.balance(phase, at.pending(record.credit, source))
        lines += transfer(at.authority(record.credit, source), at.pending(record.credit, source), amount)
    return lines


def _annulled(state: BookState, phase: str, record: credits.DecisionAnnulled) -> Lines:
    lines: Lines = ()
    for source in dict(state.credits[record.credit].amounts):
        amount = -state.balance(phase, at.authority(record.credit, source))
        lines += ((at.authority(record.credit, source), amount), *cut(state, phase, source, amount, record.credit))
    return lines


def _in_force(state: BookState, phase: str, record: credits.CreditEnteredIntoForce) -> Lines:
    """The credit's own money, and when it is the base credit also the pledges that waited for it."""
    waiting = [(record.credit, source) for source in dict(state.credits[record.credit].amounts)]
    if state.credits[record.credit].supplement_to is None:
        waiting += [
            (name, pledge.terms.source) for name, pledge in sorted(state.pledges.items()) if pledge.phase == phase
        ]
    lines: Lines = ()
    for name, source in dict.fromkeys(waiting):
        amount = state.balance(phase, at.pending(name, source))
        lines += transfer(at.unallocated(name, source), at.pending(name, source), amount)
    return lines


def _allocated(state: BookState, phase: str, record: credits.CreditAllocated) -> Lines:
    lines: Lines = ()
    for part in record.allocations:
        lines += transfer(at.available(part.area, part.source), at.unallocated(record.credit, part.source), part.amount)
    return lines


def _shifted(state: BookState, phase: str, record: credits.AllocationShifted) -> Lines:
    return transfer(
        at.available(record.to_area, record.source), at.available(record.from_area, record.source), record.amount
    )


def _covered(state: BookState, phase: str, record: credits.ShortfallCovered) -> Lines:
    lines: Lines = ()
    for credit in record.from_unallocated:
        lines += transfer(at.shortfall(record.source), at.unallocated(credit.credit, record.source), credit.amount)
    for area in record.from_available:
        lines += transfer(at.shortfall(record.source), at.available(area.area, record.source), area.amount)
    return lines


def _reduced(state: BookState, phase: str, record: credits.CreditReduced) -> Lines:
    taken = (
        at.unallocated(record.credit, record.source)
        if record.area is None
        else at.available(record.area, record.source)
    )
    return transfer(at.authority(record.credit, record.source), taken, record.amount)


def _blocked(state: BookState, phase: str, record: credits.CreditBlocked) -> Lines:
    return transfer(at.blocked(record.area, record.source), at.available(record.area, record.source), record.amount)


def _unblocked(state: BookState, phase: str, record: credits.CreditUnblocked) -> Lines:
    return transfer(at.available(record.area, record.source), at.blocked(record.area, record.source), record.amount)


def _lapsed(state: BookState, phase: str, record: credits.CreditLapsed) -> Lines:
    return transfer(at.lapsed(record.area, record.source), at.available(record.area, record.source), record.amount)


RULES: dict[type[Record], Rule] = {
    credits.CreditDecided: _decided,
    credits.PopularVoteHeld: _voted,
    credits.DecisionAnnulled: _annulled,
    credits.CreditEnteredIntoForce: _in_force,
    credits.CreditAllocated: _allocated,
    credits.AllocationShifted: _shifted,
    credits.ShortfallCovered: _covered,
    credits.CreditReduced: _reduced,
    credits.CreditBlocked: _blocked,
    credits.CreditUnblocked: _unblocked,
    credits.CreditLapsed: _lapsed,
}
