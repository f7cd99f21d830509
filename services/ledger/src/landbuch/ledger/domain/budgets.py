"""The yearly budget: voted, supplemented, blocked, carried over, lapsed."""

from __future__ import annotations

from collections.abc import Sequence

from landbuch.contracts import accounts as at
from landbuch.contracts.acts.budgets import (
    BlockBudget,
    BudgetBlocked,
    BudgetCarriedOver,
    BudgetLapsed,
    BudgetSupplemented,
    BudgetUnblocked,
    BudgetVoted,
    CarryOverBudget,
    LapseBudget,
    RecordBudgetSupplement,
    RecordBudgetVote,
    UnblockBudget,
)  # fmt: skip
from landbuch.contracts.demands import demand_budget
from landbuch.contracts.posting.budgets import replaceable
from landbuch.contracts.recording import recorded
from landbuch.contracts.refusals import Code, Refused
from landbuch.contracts.rows import Budget
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record
from landbuch.contracts.warn import Warn
from landbuch.sdk.deciding import Case


def record_budget_vote(state: BookState, order: RecordBudgetVote, case: Case) -> Sequence[Record]:
    """Record a year's budget, once; supplements given while there was none are replaced as far as they are free."""
    known = state.budgets.get((case.phase, order.year), Budget())
    _demand_no_vote(known, case.phase, order.year)
    left = known.without_vote - replaceable(state, case.phase, order.year, order.amount)
    return [recorded(BudgetVoted, order, {Warn.SUPPLEMENT_IN_USE} if left else ())]


def record_budget_supplement(state: BookState, order: RecordBudgetSupplement, case: Case) -> Sequence[Record]:
    """Record a supplement; the ground ``no_budget`` holds only while no budget is voted."""
    if order.ground == "no_budget":
        _demand_no_vote(state.budgets.get((case.phase, order.year), Budget()), case.phase, order.year)
    return [recorded(BudgetSupplemented, order)]


def block_budget(state: BookState, order: BlockBudget, case: Case) -> Sequence[Record]:
    """Block free budget."""
    _demand(state, case.phase, "free", order.year, order.amount, act="this block")
    return [recorded(BudgetBlocked, order)]


def unblock_budget(state: BookState, order: UnblockBudget, case: Case) -> Sequence[Record]:
    """Set blocked budget free."""
    _demand(state, case.phase, "blocked", order.year, order.amount, act="this release")
    return [recorded(BudgetUnblocked, order)]


def carry_over_budget(state: BookState, order: CarryOverBudget, case: Case) -> Sequence[Record]:
    """Carry free budget over to the next year."""
    _demand(state, case.phase, "free", order.year, order.amount, act="this carry-over")
    return [recorded(BudgetCarriedOver, order)]


def lapse_budget(state: BookState, order: LapseBudget, case: Case) -> Sequence[Record]:
    """Let free budget lapse."""
    _demand(state, case.phase, "free", order.year, order.amount, act="this lapse")
    return [recorded(BudgetLapsed, order)]


def _demand_no_vote(budget: Budget, phase: str, year: int) -> None:
    if budget.voted:
        raise Refused(Code.BUDGET_ALREADY_VOTED, f"{phase} has its budget of {year}.")


def _demand(  # the arithmetic needs its words
    state: BookState, phase: str, kind: str, year: int, amount: int, *, act: str
) -> None:
    demand_budget(state, phase, at.budget(kind, year), amount, where=f"{phase} budget {year} {kind}", act=act)
