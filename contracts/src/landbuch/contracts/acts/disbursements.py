"""Disbursements: requested, approved by two, instructed, paid, returned, cancelled; advances (owned by the ledger)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from landbuch.contracts.acts.agreement_life import TrancheNumber
from landbuch.contracts.money import chf
from landbuch.contracts.vocabulary import (
    Amount,
    Fact,
    ObjectId,
    Order,
    Person,
    Record,
    Sha256,
    Share,
    Text,
    Year,
    type_list,
)  # fmt: skip

Shares = Annotated[tuple[Share, ...], Field(min_length=1, max_length=100), BeforeValidator(type_list)]
BankReference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9./:_-]{0,63}$")]
"""The bank's reference of one booked line, with its index where a batch has several: counted once in the book (I6)."""
EndToEndId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9./:_-]{0,34}$")]
"""End-to-end identification of a payment, at most 35 characters (ISO 20022 pain.001)."""


class RequestTerms(Fact):
    """What is asked for: from which agreement, for which tranche, how much; shares left out are split when approved."""

    disbursement: ObjectId
    agreement: ObjectId
    tranche: TrancheNumber | None = None
    amount: Amount
    kind: Literal["advance", "instalment", "final"]
    shares: Shares | None = None

    def demand(self) -> None:
        """Raise ``ValueError`` when the terms contradict each other."""
        keys = [(share.area, share.source) for share in self.shares or ()]
        if len(set(keys)) != len(keys):
            message = "each area and source may be named once"
            raise ValueError(message)
        total = sum(share.amount for share in self.shares or ())
        if self.shares is not None and total != self.amount:
            message = f"the shares add up to {chf(total)}, but the amount is {chf(self.amount)}"
            raise ValueError(message)


class RequestDisbursement(RequestTerms, Order):
    """Request a payment under an agreement."""


class DisbursementRequested(RequestTerms, Record):
    """A payment is requested; nothing moves."""


class DisbursementTerms(Fact):
    """Which disbursement."""

    disbursement: ObjectId


class ApproveDisbursement(DisbursementTerms, Order):
    """Approve a request: two approvers, neither of them the requester, each within their limit."""


class DisbursementApproved(DisbursementTerms, Record):
    """A payment is approved: its shares and the year of its budget are fixed."""

    approvers: Annotated[tuple[Person, ...], Field(min_length=2, max_length=2), BeforeValidator(type_list)]
    shares: Shares
    year: Year


class ReasonTerms(DisbursementTerms):
    """Which disbursement, and why."""

    reason: Text


class RejectDisbursement(ReasonTerms, Order):
    """Reject a request."""


class DisbursementRejected(ReasonTerms, Record):
    """A request is rejected."""


class WithdrawDisbursement(ReasonTerms, Order):
    """Withdraw one's own request."""


class DisbursementWithdrawn(ReasonTerms, Record):
    """A request is withdrawn."""


class RevokeApproval(ReasonTerms, Order):
    """Take an approval back before payment is instructed."""


class ApprovalRevoked(ReasonTerms, Record):
    """An approval is taken back; ``year`` is the year in which that is booked."""

    year: Year


class InstructionTerms(DisbursementTerms):
    """How a payment was instructed: batch, end-to-end id, hash of the payment file."""

    batch: ObjectId
    end_to_end_id: EndToEndId
    pain_sha256: Sha256 | None = None


class InstructPayment(InstructionTerms, Order):
    """Instruct the bank to pay."""


class PaymentInstructed(InstructionTerms, Record):
    """The bank is instructed."""


class BankMovementTerms(DisbursementTerms):
    """What the bank booked for a disbursement."""

    amount: Amount
    bank_reference: BankReference


class RecordPayment(BankMovementTerms, Order):
    """Record that the bank paid; the amount is what was released."""


class DisbursementPaid(BankMovementTerms, Record):
    """Money went out."""


class RecordReturn(BankMovementTerms, Order):
    """Record that the bank returned money."""


class DisbursementReturned(BankMovementTerms, Record):
    """Money came back."""


class CancelDisbursement(ReasonTerms, Order):
    """Cancel what is still released after a return."""


class DisbursementCancelled(ReasonTerms, Record):
    """What was released is open again; booked in a later ``year`` than the approval, it is income of that year."""

    year: Year


class AdvanceTerms(Fact):
    """How much of an agreement's paid advances is accounted for."""

    agreement: ObjectId
    amount: Amount


class SettleAdvance(AdvanceTerms, Order):
    """Settle an advance: from now on it is an expense."""


class AdvanceSettled(AdvanceTerms, Record):
    """An advance is an expense."""
