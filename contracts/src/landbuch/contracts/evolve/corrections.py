"""What reversals, opening balances and reconciliations change."""

from __future__ import annotations

from dataclasses import replace

from landbuch.contracts.accounts import BANK
from landbuch.contracts.acts import corrections
from landbuch.contracts.envelope import AnyEvent
from landbuch.contracts.evolve.change import Change
from landbuch.contracts.rows import Discrepancy, Opening
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record


def _reversed(state: BookState, event: AnyEvent, record: corrections.EntryReversed) -> None:
    """Give every row that the event changed its former value again."""
    past = state.past.get(record.position)
    if past is None or past.reversed:
        return
    for table, key, former in reversed(past.former):
        state.table(table).put_back(key, former)
    state.past.set(record.position, replace(past, reversed=True))


def _opened(state: BookState, event: AnyEvent, record: corrections.OpeningBalanceImported) -> None:
    bank = sum(amount for account, amount in record.balances if account == BANK)
    credit = any(account.startswith("credit:") for account, _ in record.balances)
    state.openings.set(event.phase, Opening(bank, credit))


def _discrepancy(state: BookState, event: AnyEvent, record: corrections.DiscrepancyRecorded) -> None:
    state.objects.set(record.discrepancy, "discrepancy")
    state.discrepancies.set(record.discrepancy, Discrepancy(record.amount))


def _explained(state: BookState, event: AnyEvent, record: corrections.DiscrepancyExplained) -> None:
    known = state.discrepancies.get(record.discrepancy)
    if known is not None:
        state.discrepancies.set(record.discrepancy, replace(known, explained=True))


CHANGES: dict[type[Record], Change] = {
    corrections.EntryReversed: _reversed,
    corrections.OpeningBalanceImported: _opened,
    corrections.DiscrepancyRecorded: _discrepancy,
    corrections.DiscrepancyExplained: _explained,
}
