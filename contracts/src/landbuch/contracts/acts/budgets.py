"""Budgets: the power to pay within one year (owned by the ledger)."""

from __future__ import annotations

from typing import Literal

from landbuch.contracts.vocabulary import Amount, Fact, Name, Order, Record, Text, Year


class BudgetDecisionTerms(Fact):
    """What a body voted for one year."""

    year: Year
    amount: Amount
    decided_by: Name


class RecordBudgetVote(BudgetDecisionTerms, Order):
    """Record the budget of a year; it replaces supplements of ground ``no_budget``."""


class BudgetVoted(BudgetDecisionTerms, Record):
    """A year has a budget."""


class SupplementTerms(BudgetDecisionTerms):
    """A supplement, and on what ground it was given."""

    ground: Literal["regular", "overrun", "urgent", "no_budget"]


class RecordBudgetSupplement(SupplementTerms, Order):
    """Record a supplement to a year's budget."""


class BudgetSupplemented(SupplementTerms, Record):
    """A year's budget is larger."""


class BudgetMoveTerms(Fact):
    """An amount of one year's budget, and why it moves."""

    year: Year
    amount: Amount
    reason: Text


class BlockBudget(BudgetMoveTerms, Order):
    """Block free budget."""


class BudgetBlocked(BudgetMoveTerms, Record):
    """Free budget is blocked."""


class UnblockBudget(BudgetMoveTerms, Order):
    """Set blocked budget free."""


class BudgetUnblocked(BudgetMoveTerms, Record):
    """Blocked budget is free again."""


class CarryOverBudget(BudgetDecisionTerms, Order):
    """Carry free budget of a year over to the next."""


class BudgetCarriedOver(BudgetDecisionTerms, Record):
    """Free budget of a year belongs to the next year."""


class LapseBudget(BudgetMoveTerms, Order):
    """Let free budget lapse."""


class BudgetLapsed(BudgetMoveTerms, Record):
    """Free budget has lapsed."""
