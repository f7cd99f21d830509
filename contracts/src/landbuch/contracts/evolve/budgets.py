"""What the yearly budget changes."""

from __future__ import annotations

from dataclasses import replace

from landbuch.contracts.acts import budgets
from landbuch.contracts.envelope import AnyEvent
from landbuch.contracts.evolve.change import Change
from landbuch.contracts.rows import Budget
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record


def _budget_voted(state: BookState, event: AnyEvent, record: budgets.BudgetVoted) -> None:
    key = (event.phase, record.year)
    known = state.budgets.get(key, Budget())
    booked = sum(amount for account, amount in record.lines or () if account == f"budget:free:{record.year}")
    replaced = record.amount - booked
    state.budgets.set(key, Budget(voted=True, without_vote=known.without_vote - replaced))


def _supplemented(state: BookState, event: AnyEvent, record: budgets.BudgetSupplemented) -> None:
    if record.ground == "no_budget":
        key = (event.phase, record.year)
        known = state.budgets.get(key, Budget())
        state.budgets.set(key, replace(known, without_vote=known.without_vote + record.amount))


CHANGES: dict[type[Record], Change] = {
    budgets.BudgetVoted: _budget_voted,
    budgets.BudgetSupplemented: _supplemented,
}
