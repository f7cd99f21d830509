"""Posting rules of the yearly budget."""

from __future__ import annotations

from landbuch.contracts import accounts as at
from landbuch.contracts.accounts import Lines, transfer
from landbuch.contracts.acts import budgets
from landbuch.contracts.money import LARGEST
from landbuch.contracts.posting.rule import Rule
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record


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


RULES: dict[type[Record], Rule] = {
    budgets.BudgetVoted: _budget_voted,
    budgets.BudgetSupplemented: _budget_supplemented,
    budgets.BudgetBlocked: _budget_move("blocked", "free"),
    budgets.BudgetUnblocked: _budget_move("free", "blocked"),
    budgets.BudgetLapsed: _budget_move("lapsed", "free"),
    budgets.BudgetCarriedOver: _carried_over,
}
