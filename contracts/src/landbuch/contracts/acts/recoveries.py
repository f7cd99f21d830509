"""Recoveries: claims for money back, what came in on them, what is given up (owned by the ledger)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from landbuch.contracts.acts.disbursements import BankReference
from landbuch.contracts.vocabulary import (
    Amount,
    AmountOrZero,
    AreaCode,
    Fact,
    Frozen,
    ObjectId,
    Order,
    Record,
    Source,
    Text,
    type_list,
)  # fmt: skip


class RecoveryPart(Frozen):
    """What is claimed back of one area and source; it was an advance, or expense of this or of an earlier year."""

    area: AreaCode
    source: Source
    amount: Amount
    of: Literal["advance", "this_year", "earlier_year"]


class RecoveryTerms(Fact):
    """A claim for money back, per area and source, with interest."""

    recovery: ObjectId
    agreement: ObjectId
    ground: Literal["unused", "not_eligible", "breach", "settlement", "other"]
    parts: Annotated[tuple[RecoveryPart, ...], Field(min_length=1, max_length=100), BeforeValidator(type_list)]
    interest: AmountOrZero = 0

    def demand(self) -> None:
        """Raise ``ValueError`` when the terms contradict each other."""
        keys = [(part.area, part.source, part.of) for part in self.parts]
        if len(set(keys)) != len(keys):
            message = "each area, source and kind may be named once"
            raise ValueError(message)


class ClaimRecovery(RecoveryTerms, Order):
    """Claim money back."""


class RecoveryClaimed(RecoveryTerms, Record):
    """Money is claimed back."""


class RecoveryReceiptTerms(Fact):
    """What was paid on a claim."""

    recovery: ObjectId
    amount: Amount
    bank_reference: BankReference


class RecordRecoveryReceipt(RecoveryReceiptTerms, Order):
    """Record money that came back: interest first, the excess is owed back."""


class RecoveryReceived(RecoveryReceiptTerms, Record):
    """Money came back on a claim."""


class RecoveryWaiverTerms(Fact):
    """How much of a claim is given up, and why."""

    recovery: ObjectId
    amount: Amount
    reason: Text


class WaiveRecovery(RecoveryWaiverTerms, Order):
    """Give a claim up: two persons."""


class RecoveryWaived(RecoveryWaiverTerms, Record):
    """A claim is given up."""
