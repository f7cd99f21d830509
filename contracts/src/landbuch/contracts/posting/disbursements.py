"""Posting rules of disbursements and advances, in all three layers."""

from __future__ import annotations

from landbuch.contracts import accounts as at
from landbuch.contracts.accounts import Lines, transfer
from landbuch.contracts.acts import disbursements
from landbuch.contracts.parts import Parts, gathered, less, split_over, total
from landbuch.contracts.posting.agreements import freed
from landbuch.contracts.posting.rule import Rule
from landbuch.contracts.rows import Disbursement
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record


def expense(state: BookState, agreement: str, area: str, source: str) -> str:
    """The expense account of an agreement: it follows from the kind of partner and the form."""
    known = state.agreements[agreement]
    number = at.EXPENSES[state.partners[known.partner].kind, known.form]
    return at.spending(number, area, source, agreement)


def _charged(state: BookState, payment: Disbursement, area: str, source: str) -> str:
    """What an approval charges: an advance is not an expense until it is settled."""
    if payment.kind == "advance":
        return at.advance(area, source, payment.agreement)
    return expense(state, payment.agreement, area, source)


def _approved(state: BookState, phase: str, record: disbursements.DisbursementApproved) -> Lines:
    payment = state.disbursements[record.disbursement]
    name = payment.agreement
    credit: Lines = ()
    budget: Lines = ()
    finance: Lines = ()
    for share in record.shares:
        area, source, amount = share.area, share.source, share.amount
        credit += transfer(at.released(area, source, name), at.open_(area, source, name), amount)
        budget += transfer(at.budget("released", record.year), at.budget("free", record.year), amount)
        finance += transfer(_charged(state, payment, area, source), at.payable(name), amount)
    return (*credit, *budget, *finance)


def _given_up(
    state: BookState, phase: str, record: disbursements.ApprovalRevoked | disbursements.DisbursementCancelled
) -> Lines:
    """The mirror of the approval, as far as it is still released; a later year books income and lets budget lapse."""
    payment = state.disbursements[record.disbursement]
    name, later = payment.agreement, record.year > payment.year
    settled = state.agreements[name].stage in ("settled", "closed")
    credit: Lines = ()
    budget: Lines = ()
    finance: Lines = ()
    for area, source, amount in payment.released:
        target = freed(area, source) if settled else at.open_(area, source, name)
        income = later and payment.kind != "advance"
        back = at.spending(at.REFUNDS, area, source, name) if income else _charged(state, payment, area, source)
        credit += transfer(target, at.released(area, source, name), amount)
        left = at.budget("lapsed" if later else "free", payment.year)
        budget += transfer(left, at.budget("released", payment.year), amount)
        finance += transfer(at.payable(name), back, amount)
    return (*credit, *budget, *finance)


def _paid(state: BookState, phase: str, record: disbursements.DisbursementPaid) -> Lines:
    payment = state.disbursements[record.disbursement]
    name, year = payment.agreement, payment.year
    credit: Lines = ()
    for area, source, amount in payment.released:
        credit += transfer(at.used(area, source, name), at.released(area, source, name), amount)
    return (
        *transfer(at.payable(name), at.BANK, record.amount),
        *credit,
        *transfer(at.budget("used", year), at.budget("released", year), record.amount),
    )


def _returned(state: BookState, phase: str, record: disbursements.DisbursementReturned) -> Lines:
    payment = state.disbursements[record.disbursement]
    name, year = payment.agreement, payment.year
    credit: Lines = ()
    for area, source, amount in split_over(record.amount, payment.used):
        credit += transfer(at.released(area, source, name), at.used(area, source, name), amount)
    return (
        *transfer(at.BANK, at.payable(name), record.amount),
        *credit,
        *transfer(at.budget("released", year), at.budget("used", year), record.amount),
    )


def paid_advances(state: BookState, phase: str, agreement: str) -> Parts:
    """What of an agreement's advances is paid and not settled, per area and source."""
    shares = state.agreements[agreement].shares()
    booked = gathered(
        (area, source, state.balance(phase, at.advance(area, source, agreement))) for area, source, _ in shares
    )
    for payment in state.payments(agreement):
        if payment.kind == "advance":
            booked = less(booked, payment.released)
    return booked


def _advance_settled(state: BookState, phase: str, record: disbursements.AdvanceSettled) -> Lines:
    lines: Lines = ()
    name = record.agreement
    for area, source, amount in split_over(record.amount, paid_advances(state, phase, name)):
        lines += transfer(expense(state, name, area, source), at.advance(area, source, name), amount)
    return lines


def proportions(state: BookState, phase: str, payment: Disbursement) -> Parts:
    """How a request is split when it is approved: as asked, else in proportion to what its agreement has open."""
    if payment.asked:
        return payment.asked
    name = payment.agreement
    shares = state.agreements[name].shares()
    is_open = gathered((area, source, state.balance(phase, at.open_(area, source, name))) for area, source, _ in shares)
    return split_over(payment.amount, is_open) if payment.amount <= total(is_open) else ()


RULES: dict[type[Record], Rule] = {
    disbursements.DisbursementApproved: _approved,
    disbursements.ApprovalRevoked: _given_up,
    disbursements.DisbursementPaid: _paid,
    disbursements.DisbursementReturned: _returned,
    disbursements.DisbursementCancelled: _given_up,
    disbursements.AdvanceSettled: _advance_settled,
}
