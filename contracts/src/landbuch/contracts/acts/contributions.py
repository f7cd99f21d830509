"""Contributions: money that Confederation, communes and others pay in (owned by the ledger); so far the pledges."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from landbuch.contracts.vocabulary import (
    Amount,
    AmountOrZero,
    Fact,
    ObjectId,
    Order,
    Record,
    Source,
    Text,
    Year,
    type_list,
)


class PledgeTerms(Fact):
    """Who pays how much of which source, for which years; only a binding pledge can give authority."""

    pledge: ObjectId
    source: Source
    payer: ObjectId
    amount: Amount
    years: Annotated[tuple[Year, ...], Field(min_length=1, max_length=20), BeforeValidator(type_list)]
    binding: bool

    def demand(self) -> None:
        """Raise ``ValueError`` when the terms contradict each other."""
        if len(set(self.years)) != len(self.years):
            message = "each year may be named once"
            raise ValueError(message)


class RecordContributionPledge(PledgeTerms, Order):
    """Record a pledge."""


class ContributionPledged(PledgeTerms, Record):
    """A payer has pledged a contribution."""


class PledgeAmendmentTerms(Fact):
    """The new total of a pledge."""

    pledge: ObjectId
    amount: AmountOrZero
    reason: Text


class RecordContributionPledgeAmendment(PledgeAmendmentTerms, Order):
    """Record that the payer changed a pledge: a fact, never refused for lack of money."""


class ContributionPledgeAmended(PledgeAmendmentTerms, Record):
    """A pledge has a new total; a cut moves only authority that this pledge gave."""
