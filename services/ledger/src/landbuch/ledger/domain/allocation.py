"""Money in force: allocated to areas, shifted, blocked, reduced, lapsed, shortfalls covered."""

from __future__ import annotations

from collections.abc import Sequence

from landbuch.contracts import accounts as at
from landbuch.contracts.acts.credits import (
    AllocateCredit,
    AllocationShifted,
    BlockCredit,
    CoverShortfall,
    CreditAllocated,
    CreditBlocked,
    CreditLapsed,
    CreditReduced,
    CreditUnblocked,
    LapseCredit,
    ReduceCredit,
    ShareTerms,
    ShiftAllocation,
    ShortfallCovered,
    UnblockCredit,
)  # fmt: skip
from landbuch.contracts.demands import credit_of, demand_areas, demand_free, demand_sources
from landbuch.contracts.money import chf
from landbuch.contracts.recording import recorded
from landbuch.contracts.refusals import Code, Refused
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record
from landbuch.sdk.deciding import Case


def allocate_credit(state: BookState, order: AllocateCredit, case: Case) -> Sequence[Record]:
    """Give unallocated money of one credit or pledge to areas."""
    _demand_giver(state, case.phase, order.credit)
    programme = state.programmes[case.phase]
    demand_sources(programme, case.phase, [part.source for part in order.allocations])
    demand_areas(programme, case.phase, [part.area for part in order.allocations])
    needed: dict[str, int] = {}
    for part in order.allocations:
        needed[part.source] = needed.get(part.source, 0) + part.amount
    for source, amount in needed.items():
        waiting = state.balance(case.phase, at.pending(order.credit, source))
        free = state.balance(case.phase, at.unallocated(order.credit, source))
        if waiting and amount > free:
            raise Refused(
                Code.CREDIT_NOT_IN_FORCE,
                f"{order.credit} {source} has {chf(waiting)} that is not in force, {chf(free)} free.",
            )
        where = f"{case.phase} {order.credit} {source} unallocated"
        demand_free(state, case.phase, at.unallocated(order.credit, source), amount, where=where, act="this allocation")
    return [recorded(CreditAllocated, order)]


def shift_allocation(state: BookState, order: ShiftAllocation, case: Case) -> Sequence[Record]:
    """Move available money between areas of one source."""
    programme = state.programmes[case.phase]
    demand_sources(programme, case.phase, [order.source])
    demand_areas(programme, case.phase, [order.from_area, order.to_area])
    _demand_available(state, case.phase, order.from_area, order.source, order.amount, act="this shift")
    return [recorded(AllocationShifted, order)]


def cover_shortfall(state: BookState, order: CoverShortfall, case: Case) -> Sequence[Record]:
    """Cover what named cuts left uncovered, from unallocated or available money of the same source."""
    phase, source = case.phase, order.source
    for part in order.from_unallocated:
        _demand_giver(state, phase, part.credit)
    uncovered = 0
    for position in order.covers:
        cut = state.cuts.get((position, source))
        if cut is None or cut.phase != phase:
            raise Refused(Code.CUT_UNKNOWN, f"The event at position {position} left no shortfall of {phase} {source}.")
        uncovered += cut.uncovered
    demand_areas(state.programmes[phase], phase, [part.area for part in order.from_available])
    total = order.total
    if total > uncovered:
        raise Refused(
            Code.SHORTFALL_EXCEEDED,
            f"The named cuts left {chf(uncovered)} uncovered; {chf(total)} is {chf(total - uncovered)} too much.",
        )
    for part in order.from_unallocated:
        account = at.unallocated(part.credit, source)
        demand_free(
            state, phase, account, part.amount, where=f"{phase} {part.credit} {source} unallocated", act="this cover"
        )
    for share in order.from_available:
        _demand_available(state, phase, share.area, source, share.amount, act="this cover")
    return [recorded(ShortfallCovered, order)]


def reduce_credit(state: BookState, order: ReduceCredit, case: Case) -> Sequence[Record]:
    """Take authority back that is neither committed nor more than the credit has."""
    _demand_giver(state, case.phase, order.credit)
    programme = state.programmes[case.phase]
    demand_sources(programme, case.phase, [order.source])
    demand_areas(programme, case.phase, [order.area] if order.area else [])
    given = -state.balance(case.phase, at.authority(order.credit, order.source))
    if order.amount > given:
        raise Refused(
            Code.CREDIT_EXCEEDED,
            f"{order.credit} gave {chf(given)} of {order.source}; {chf(order.amount)} is "
            f"{chf(order.amount - given)} too much.",
        )
    if order.area is not None:
        _demand_available(state, case.phase, order.area, order.source, order.amount, act="this reduction")
    else:
        account = at.unallocated(order.credit, order.source)
        where = f"{case.phase} {order.credit} {order.source} unallocated"
        demand_free(state, case.phase, account, order.amount, where=where, act="this reduction")
    return [recorded(CreditReduced, order)]


def block_credit(state: BookState, order: BlockCredit, case: Case) -> Sequence[Record]:
    """Block available money."""
    _demand_share(state, case.phase, order, act="this block")
    return [recorded(CreditBlocked, order)]


def unblock_credit(state: BookState, order: UnblockCredit, case: Case) -> Sequence[Record]:
    """Set blocked money free."""
    programme = state.programmes[case.phase]
    demand_sources(programme, case.phase, [order.source])
    demand_areas(programme, case.phase, [order.area])
    where = f"{case.phase} {order.area} {order.source} blocked"
    account = at.blocked(order.area, order.source)
    demand_free(state, case.phase, account, order.amount, where=where, act="this release")
    return [recorded(CreditUnblocked, order)]


def lapse_credit(state: BookState, order: LapseCredit, case: Case) -> Sequence[Record]:
    """Let available money lapse."""
    _demand_share(state, case.phase, order, act="this lapse")
    return [recorded(CreditLapsed, order)]


def _demand_share(state: BookState, phase: str, order: ShareTerms, *, act: str) -> None:
    programme = state.programmes[phase]
    demand_sources(programme, phase, [order.source])
    demand_areas(programme, phase, [order.area])
    _demand_available(state, phase, order.area, order.source, order.amount, act=act)


def _demand_available(  # the arithmetic needs its words
    state: BookState, phase: str, area: str, source: str, amount: int, *, act: str
) -> None:
    where = f"{phase} {area} {source} available"
    demand_free(state, phase, at.available(area, source), amount, where=where, act=act)


def _demand_giver(state: BookState, phase: str, name: str) -> None:
    """A credit or a pledge of this phase."""
    pledge = state.pledges.get(name)
    if pledge is None or pledge.phase != phase:
        credit_of(state, phase, name)
