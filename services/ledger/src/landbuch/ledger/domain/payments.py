"""Disbursements after approval: instructed, paid, returned, cancelled; advances settled."""

from __future__ import annotations

from collections.abc import Sequence

from landbuch.contracts import accounts as at
from landbuch.contracts.acts.disbursements import (
    AdvanceSettled,
    CancelDisbursement,
    DisbursementCancelled,
    DisbursementPaid,
    DisbursementReturned,
    InstructPayment,
    PaymentInstructed,
    RecordPayment,
    RecordReturn,
    SettleAdvance,
)  # fmt: skip
from landbuch.contracts.demands import agreement_of, demand_reference, disbursement_of
from landbuch.contracts.money import chf
from landbuch.contracts.parts import total
from landbuch.contracts.posting.disbursements import paid_advances
from landbuch.contracts.recording import recorded
from landbuch.contracts.refusals import Code, Refused
from landbuch.contracts.rows import Disbursement
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record
from landbuch.sdk.deciding import Case


def instruct_payment(state: BookState, order: InstructPayment, case: Case) -> Sequence[Record]:
    """Instruct the bank to pay what is approved, or again what it returned; each end-to-end id once."""
    payment = disbursement_of(state, case.phase, order.disbursement)
    if payment.stage not in ("approved", "returned"):
        raise Refused(Code.DISBURSEMENT_NOT_APPROVED, f"{order.disbursement} is {payment.stage}, not approved.")
    taken = state.end_to_end.get(order.end_to_end_id)
    if taken is not None:
        raise Refused(Code.END_TO_END_ID_TAKEN, f"{order.end_to_end_id} stands for {taken}.")
    return [recorded(PaymentInstructed, order)]


def record_payment(state: BookState, order: RecordPayment, case: Case) -> Sequence[Record]:
    """Record that the bank paid exactly what is released; any other bank line waits in clearing."""
    payment = disbursement_of(state, case.phase, order.disbursement)
    demand_reference(state, order.bank_reference)
    released = total(payment.released)
    if not released:
        raise Refused(Code.DISBURSEMENT_NOT_RELEASED, f"{order.disbursement} is {payment.stage}; nothing is released.")
    if order.amount != released:
        raise Refused(
            Code.PAYMENT_DIFFERS,
            f"{order.disbursement} has {chf(released)} released; the bank line is {chf(order.amount)}, "
            f"{chf(order.amount - released)} beside it.",
        )
    return [recorded(DisbursementPaid, order)]


def record_return(state: BookState, order: RecordReturn, case: Case) -> Sequence[Record]:
    """Record that the bank returned money, at most what is paid; also after the agreement is closed."""
    payment = disbursement_of(state, case.phase, order.disbursement)
    demand_reference(state, order.bank_reference)
    paid = total(payment.used)
    if order.amount > paid:
        raise Refused(
            Code.RETURN_EXCEEDED,
            f"{order.disbursement} has {chf(paid)} paid; {chf(order.amount)} is {chf(order.amount - paid)} too much.",
        )
    return [recorded(DisbursementReturned, order)]


def cancel_disbursement(state: BookState, order: CancelDisbursement, case: Case) -> Sequence[Record]:
    """Cancel what the bank returned; not while an advance of it is settled."""
    payment = disbursement_of(state, case.phase, order.disbursement)
    if payment.stage != "returned":
        raise Refused(Code.DISBURSEMENT_NOT_RETURNED, f"{order.disbursement} is {payment.stage}, not returned.")
    if payment.kind == "advance":
        _demand_unsettled(state, case.phase, order.disbursement, payment)
    return [recorded(DisbursementCancelled, order, year=case.year)]


def _demand_unsettled(state: BookState, phase: str, name: str, payment: Disbursement) -> None:
    for area, source, amount in payment.released:
        advanced = state.balance(phase, at.advance(area, source, payment.agreement))
        if amount > advanced:
            raise Refused(
                Code.ADVANCE_IS_SETTLED,
                f"{payment.agreement} {area} {source} has {chf(advanced)} advanced and not settled; {name} had "
                f"{chf(amount)}.",
            )


def settle_advance(state: BookState, order: SettleAdvance, case: Case) -> Sequence[Record]:
    """Account for an advance: from now on it is an expense."""
    agreement_of(state, case.phase, order.agreement)
    most = sum(amount for _, _, amount in paid_advances(state, case.phase, order.agreement) if amount > 0)
    if order.amount > most:
        raise Refused(
            Code.ADVANCE_EXCEEDED,
            f"{order.agreement} has {chf(most)} advanced, paid and not settled; {chf(order.amount)} is "
            f"{chf(order.amount - most)} too much.",
        )
    return [recorded(AdvanceSettled, order)]
