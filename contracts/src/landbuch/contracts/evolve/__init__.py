"""The one fold: how each event changes the state of a book. It never refuses: what is in the book is believed.

An event may break a rule (a stolen credential, an older version); then the fold still goes on: it books the lines and
changes only rows that are there.
"""

from __future__ import annotations

from dataclasses import replace

from landbuch.contracts.envelope import Unknown
from landbuch.contracts.evolve import (
    agreements,
    budgets,
    contributions,
    credits,
    disbursements,
    milestones,
    partners,
    programme,
    recoveries,
)  # fmt: skip
from landbuch.contracts.evolve.change import Change
from landbuch.contracts.judge import Verdict, Void
from landbuch.contracts.rows import Cut, Head
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record

SHORTFALL = "credit:shortfall:"
NEVER = "2900"
"""No clock goes here: the schemas end with the year 2999, and each event is later than the one before."""

CHANGES: dict[type[Record], Change] = {
    **programme.CHANGES,
    **credits.CHANGES,
    **budgets.CHANGES,
    **contributions.CHANGES,
    **partners.CHANGES,
    **agreements.CHANGES,
    **milestones.CHANGES,
    **disbursements.CHANGES,
    **recoveries.CHANGES,
}
"""What each record changes beside the balances; records that are not named change only balances."""


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
