"""Bank entries that match nothing, and what they turn out to be (owned by the ledger)."""

from __future__ import annotations

from typing import Literal

from landbuch.contracts.acts.disbursements import BankReference
from landbuch.contracts.vocabulary import Day, Fact, ObjectId, Order, Phase, Record, SignedAmount


class BankEntryTerms(Fact):
    """A booked bank line that matches nothing: money in is positive, money out negative."""

    bank_reference: BankReference
    amount: SignedAmount
    value_date: Day | None = None

    def demand(self) -> None:
        """Raise ``ValueError`` when the terms contradict each other."""
        if self.amount == 0:
            message = "a bank line of 0.00 moves nothing"
            raise ValueError(message)


class RecordBankEntry(BankEntryTerms, Order):
    """Record a bank line that matches nothing: a fact, never refused; it waits in clearing."""


class BankEntryRecorded(BankEntryTerms, Record):
    """Money moved, and it is not yet known what for."""


class AssignmentTerms(Fact):
    """What a bank entry turned out to be; ``target`` is the disbursement, recovery or pledge of that phase."""

    bank_reference: BankReference
    programme: Phase
    purpose: Literal["payment", "return", "recovery", "contribution"]
    target: ObjectId


class AssignBankEntry(AssignmentTerms, Order):
    """Assign a bank entry, two persons: it leaves clearing, and the ordinary event follows at once, under its rules."""


class BankEntryAssigned(AssignmentTerms, Record):
    """A bank entry has left clearing; the event that follows says what it was."""
