"""The posting rules: which journal lines an event causes, from the state before it.

``decide`` writes these lines into the event; ``verify`` asks later whether the lines of an event are what its rule
demands. Lines stand in the order of the rule, written debit / credit as in the table of accounts.
"""

from __future__ import annotations

from landbuch.contracts.accounts import Lines, merged
from landbuch.contracts.posting import (
    agreements,
    budgets,
    contributions,
    corrections,
    credits,
    disbursements,
    recoveries,
)
from landbuch.contracts.posting.rule import Rule
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record

RULES: dict[type[Record], Rule] = {
    **credits.RULES,
    **budgets.RULES,
    **contributions.RULES,
    **agreements.RULES,
    **disbursements.RULES,
    **recoveries.RULES,
    **corrections.RULES,
}
"""The rule of each record that moves something."""


def post(state: BookState, phase: str, record: Record) -> Lines:
    """Give the lines that a record causes in a phase; empty when it moves nothing."""
    rule = RULES.get(type(record))
    return merged(rule(state, phase, record)) if rule is not None else ()
