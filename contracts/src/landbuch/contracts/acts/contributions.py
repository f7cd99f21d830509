"""Contributions: money that Confederation, communes and others pledge, pay in, and that becomes income (ledger)."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from landbuch.contracts.acts.disbursements import BankReference
from landbuch.contracts.vocabulary import (
    Amount,
    AmountOrZero,
    Fact,
    ObjectId,
    Order,
    Record,
    SignedAmount,
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


class ClaimTerms(Fact):
    """What is asked of a payer on a pledge."""

    pledge: ObjectId
    amount: Amount


class ClaimContribution(ClaimTerms, Order):
    """Claim a part of a pledge that was not yet received."""


class ContributionClaimed(ClaimTerms, Record):
    """A contribution is claimed."""


class ReceiptTerms(Fact):
    """What a payer paid on a pledge."""

    pledge: ObjectId
    amount: Amount
    bank_reference: BankReference


class RecordContributionReceipt(ReceiptTerms, Order):
    """Record a contribution that came in: a fact, never refused."""


class ContributionReceived(ReceiptTerms, Record):
    """A contribution came in."""


class RecognitionTerms(Fact):
    """How much of a pledge's money is income of spending that was eligible; negative after recoveries."""

    pledge: ObjectId
    amount: SignedAmount

    def demand(self) -> None:
        """Raise ``ValueError`` when the terms contradict each other."""
        if self.amount == 0:
            message = "0.00 is no income"
            raise ValueError(message)


class RecogniseContribution(RecognitionTerms, Order):
    """Recognise income from a contribution."""


class ContributionRecognised(RecognitionTerms, Record):
    """A contribution is income."""
