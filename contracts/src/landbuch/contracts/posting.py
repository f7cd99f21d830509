"""The posting rules: which journal lines an event causes, from the state before it.

``decide`` writes these lines into the event; ``verify`` asks later whether the lines of an event are what its rule
demands. Lines stand in the order of the rule, written debit / credit as in the table of accounts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from landbuch.contracts import accounts as at
from landbuch.contracts.accounts import Lines, merged, transfer
from landbuch.contracts.acts import agreements, budgets, contributions, credits
from landbuch.contracts.money import LARGEST
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record

Rule = Callable[[BookState, str, Any], Lines]


def post(state: BookState, phase: str, record: Record) -> Lines:
    """Give the lines that a record causes in a phase; empty when it moves nothing."""
    rule = RULES.get(type(record))
    return merged(rule(state, phase, record)) if rule is not None else ()


def cut(state: BookState, phase: str, source: str, amount: int, own: str) -> Lines:
    """Take authority away: own pending, own and other unallocated, available, blocked, lapsed, the rest shortfall.

    ``own`` is the credit or pledge whose authority goes. Within each step accounts go bytewise. What is not free is a
    shortfall, because facts cannot be refused.
    """
    lines: list[tuple[str, int]] = []
    for account, free in _free(state, phase, source, own):
        taken = min(free, amount)
        if taken > 0:
            lines.append((account, -taken))
            amount -= taken
    if amount:
        lines.append((at.shortfall(source), -amount))
    return tuple(lines)


def _free(state: BookState, phase: str, source: str, own: str) -> Iterable[tuple[str, int]]:
    first = (at.pending(own, source), at.unallocated(own, source))
    for account in first:
        yield account, state.balance(phase, account)
    for kind in ("unallocated", "available", "blocked", "lapsed"):
        for account, amount in state.accounts(phase, f"credit:{kind}:"):
            if account not in first and account.rpartition(":")[2] == source:
                yield account, amount


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


def replaceable(state: BookState, phase: str, year: int, voted: int) -> int:
    """How much of the supplements without a budget a voted budget replaces: nothing used, no more than a line holds."""
    free = state.balance(phase, at.budget("free", year))
    known = state.budgets.get((phase, year))
    return min(known.without_vote if known else 0, free + voted, LARGEST)


def _budget_voted(state: BookState, phase: str, record: budgets.BudgetVoted) -> Lines:
    replaced = replaceable(state, phase, record.year, record.amount)
    free, authority = at.budget("free", record.year), at.budget("authority", record.year)
    return (*transfer(free, authority, record.amount), *transfer(authority, free, replaced))


def _budget_supplemented(state: BookState, phase: str, record: budgets.BudgetSupplemented) -> Lines:
    return transfer(at.budget("free", record.year), at.budget("authority", record.year), record.amount)


def _budget_move(debit: str, credit: str) -> Rule:
    def rule(state: BookState, phase: str, record: budgets.BudgetMoveTerms) -> Lines:
        return transfer(at.budget(debit, record.year), at.budget(credit, record.year), record.amount)

    return rule


def _carried_over(state: BookState, phase: str, record: budgets.BudgetCarriedOver) -> Lines:
    year, following = record.year, record.year + 1
    return (
        *transfer(at.budget("authority", year), at.budget("free", year), record.amount),
        *transfer(at.budget("free", following), at.budget("authority", following), record.amount),
    )


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


def _signed(state: BookState, phase: str, record: agreements.AgreementSigned) -> Lines:
    lines: Lines = ()
    for area, source, amount in state.agreements[record.agreement].shares():
        lines += transfer(at.open_(area, source, record.agreement), at.available(area, source), amount)
    return lines


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
    budgets.BudgetVoted: _budget_voted,
    budgets.BudgetSupplemented: _budget_supplemented,
    budgets.BudgetBlocked: _budget_move("blocked", "free"),
    budgets.BudgetUnblocked: _budget_move("free", "blocked"),
    budgets.BudgetLapsed: _budget_move("lapsed", "free"),
    budgets.BudgetCarriedOver: _carried_over,
    contributions.ContributionPledged: _pledged,
    contributions.ContributionPledgeAmended: _pledge_amended,
    agreements.AgreementSigned: _signed,
}
"""The rule of each record that moves something."""
