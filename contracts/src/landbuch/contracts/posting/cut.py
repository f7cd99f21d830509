"""The order in which authority that is taken away leaves the accounts."""

from __future__ import annotations

from collections.abc import Iterable

from landbuch.contracts import accounts as at
from landbuch.contracts.accounts import Lines
from landbuch.contracts.state import BookState


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
