"""The one fold: how each event changes the state of a book. It never refuses: what is in the book is believed.

An event may break a rule (a stolen credential, an older version); then the fold still goes on: it books the lines and
changes only rows that are there.
"""

from __future__ import annotations

from dataclasses import replace

from landbuch.contracts.acts.corrections import EntryReversed
from landbuch.contracts.envelope import AnyEvent, Unknown
from landbuch.contracts.evolve import (
    agreements,
    budgets,
    contributions,
    corrections,
    credits,
    disbursements,
    milestones,
    partners,
    programme,
    recoveries,
)  # fmt: skip
from landbuch.contracts.evolve.change import Change
from landbuch.contracts.judge import Verdict, Void
from landbuch.contracts.mentions import NEVER_REVERSED, mentions, own
from landbuch.contracts.rows import Cut, Head, Past
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
    **corrections.CHANGES,
}
"""What each record changes beside the balances; records that are not named change only balances."""


_NEVER_PUT_BACK = frozenset({"balances", "disbursements_of", "recoveries_of"})
"""Balances are reversed by lines; the lists of an agreement may name what is no more."""
_SHARED = frozenset({"budgets", "cuts", "programme_agreements", "openings"})
"""Tables whose rows several events change without carrying an object's id."""


def evolve(state: BookState, verdict: Verdict, position: int, leaf: str) -> None:
    """Add the entry at a position, with its leaf hash (64 hex digits), to the state."""
    if isinstance(verdict, Void):
        state.voids.set(position, verdict.reason)
        state.head = replace(state.head, position=position, leaf=leaf)
        return
    if isinstance(verdict, Unknown):
        state.unknown_types.set(verdict.type, position)
        _book(state, verdict.phase, position, verdict.lines)
    elif isinstance(verdict.data, EntryReversed):
        CHANGES[EntryReversed](state, verdict, verdict.data)
        for account, amount in verdict.data.lines or ():
            state.book(verdict.phase, account, amount)
        _remember(state, verdict, position, state.mark())
        _close_proposal(state, verdict.data.proposal)
    else:
        mark = state.mark()
        change = CHANGES.get(type(verdict.data))
        if change is not None:
            change(state, verdict, verdict.data)
        _book(state, verdict.phase, position, verdict.data.lines or ())
        _remember(state, verdict, position, mark)
        _close_proposal(state, verdict.data.proposal)
    state.head = Head(position, leaf, _later(state.head.time, verdict.time))


def _later(last: str | None, time: str) -> str | None:
    """The later time; one that only a forger writes does not move the clock, or nobody could write behind it."""
    return last if time >= NEVER else max(time, last or "")


def _remember(state: BookState, event: AnyEvent, position: int, mark: int) -> None:
    """Keep what it takes to reverse the event: its lines, what it carries, and the rows that it changed."""
    if event.name in NEVER_REVERSED:
        state.past.set(position, Past(event.name, event.id, event.phase, (), (), (), ()))
        return
    former = tuple(change for change in state.changes(mark) if change[0] not in _NEVER_PUT_BACK)
    rows = tuple((table, key) for table, key, _ in former if table in _SHARED)
    about = own(event.data, event.phase)
    carried = dict.fromkeys((*mentions(event.data, event.phase), *rows))
    linked = tuple((token, state.mentioned.get(token, 0)) for token in carried)
    for token in carried:
        state.mentioned.set(token, position)
    owned = rows if about is None else (about, *rows)
    past = Past(event.name, event.id, event.phase, event.data.lines or (), owned, linked, former)
    state.past.set(position, past)


def _book(state: BookState, phase: str, position: int, lines: tuple[tuple[str, int], ...]) -> None:
    for account, amount in lines:
        state.book(phase, account, amount)
        if account.startswith(SHORTFALL) and amount < 0:
            state.cuts.set((position, account.removeprefix(SHORTFALL)), Cut(phase, -amount))


def _close_proposal(state: BookState, position: int | None) -> None:
    proposal = state.proposals.get(position) if position is not None else None
    if position is not None and proposal is not None:
        state.proposals.set(position, replace(proposal, open=False))
