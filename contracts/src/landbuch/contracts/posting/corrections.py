"""Posting rules of reversals and opening balances."""

from __future__ import annotations

from landbuch.contracts import accounts as at
from landbuch.contracts.accounts import Lines
from landbuch.contracts.acts import corrections
from landbuch.contracts.posting.rule import Rule
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record


def _reversed(state: BookState, phase: str, record: corrections.EntryReversed) -> Lines:
    """All lines of the event in their order, negated."""
    return tuple((account, -amount) for account, amount in state.past[record.position].lines)


def _opened(state: BookState, phase: str, record: corrections.OpeningBalanceImported) -> Lines:
    """Each balance against its contra account: 299, the authority of the opening by source, the budget's by year."""
    layers: dict[str, Lines] = {"finance": (), "credit": (), "budget": ()}
    for account, amount in record.balances:
        layers[at.layer(account)] += ((account, amount),)
    lines: Lines = ()
    for opened in layers.values():
        lines += (*opened, *((_contra(account), -amount) for account, amount in opened))
    return lines


def _contra(account: str) -> str:
    layer, last = at.layer(account), account.rpartition(":")[2]
    if layer == "finance":
        return at.OPENING
    return f"credit:authority:opening:{last}" if layer == "credit" else at.budget("authority", int(last))


RULES: dict[type[Record], Rule] = {
    corrections.EntryReversed: _reversed,
    corrections.OpeningBalanceImported: _opened,
}
