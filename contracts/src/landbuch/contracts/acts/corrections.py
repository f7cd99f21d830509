"""Corrections and audit: reversals, opening balances, reconciliation with the bank (owned by the ledger)."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

from landbuch.contracts.vocabulary import (
    Day,
    Fact,
    Line,
    ObjectId,
    Order,
    Position,
    Record,
    Sha256,
    SignedAmount,
    Text,
    Uuid,
    type_list,
)  # fmt: skip


class ReversalTerms(Fact):
    """Which event is reversed, by position and id, and why."""

    position: Position
    event: Uuid
    reason: Text


class ReverseEntry(ReversalTerms, Order):
    """Reverse an event, two persons; newest first, for what later events depend on cannot be reversed."""


class EntryReversed(ReversalTerms, Record):
    """All lines of an event are negated, and its object is again what it was before."""


_OPENED = (
    r"finance:(?:100|1014:(?!recovery:)[0-9A-Z-]+:[a-z_]+|(?:204|209):[0-9A-Z-]+:[a-z_]+|2004:[0-9A-Z-]+)"
    r"|credit:(?:available|blocked|lapsed):(?:[A-Z]{2,4}|_):[a-z_]+"
    r"|budget:(?:free|blocked|lapsed):[12][0-9]{3}"
)


class OpeningTerms(Fact):
    """What a programme brings along from another ledger: balances of free accounts, none of agreements."""

    as_of: Day
    balances: Annotated[tuple[Line, ...], Field(min_length=1, max_length=150), BeforeValidator(type_list)]

    def demand(self) -> None:
        """Raise ``ValueError`` when the terms contradict each other."""
        accounts = [account for account, _ in self.balances]
        if len(set(accounts)) != len(accounts):
            message = "each account may be named once"
            raise ValueError(message)
        for account, amount in self.balances:
            if re.fullmatch(_OPENED, account) is None:
                message = (
                    f"{account} cannot be opened: contra accounts follow, agreements are recorded with their events"
                )
                raise ValueError(message)
            if amount == 0 or (amount < 0 and not account.startswith("finance:")):
                message = f"{account} cannot be opened with {amount} Rappen"
                raise ValueError(message)


class ImportOpeningBalance(OpeningTerms, Order):
    """Import what a programme brings along, once, two persons."""


class OpeningBalanceImported(OpeningTerms, Record):
    """A programme has its opening balance."""


class ReconciliationTerms(Fact):
    """What the bank says the account holds."""

    statement_date: Day
    statement_balance: SignedAmount
    document: Sha256 | None = None


class CompleteReconciliation(ReconciliationTerms, Order):
    """Declare that bank and book agree, up to discrepancies that are recorded."""


class ReconciliationCompleted(ReconciliationTerms, Record):
    """Bank and book agree; ``book_balance`` is that of the bank account over all programmes."""

    book_balance: SignedAmount


class DiscrepancyTerms(Fact):
    """By how much the bank's balance is above the book's, negative when below."""

    discrepancy: ObjectId
    amount: SignedAmount
    statement_date: Day
    description: Text


class RecordDiscrepancy(DiscrepancyTerms, Order):
    """Record that bank and book differ: a fact."""


class DiscrepancyRecorded(DiscrepancyTerms, Record):
    """Bank and book differ."""


class ExplanationTerms(Fact):
    """Why bank and book differed."""

    discrepancy: ObjectId
    explanation: Text


class ExplainDiscrepancy(ExplanationTerms, Order):
    """Explain a discrepancy; what was missing is booked by then."""


class DiscrepancyExplained(ExplanationTerms, Record):
    """A discrepancy is explained and counts no more."""
