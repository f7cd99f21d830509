"""Bank lines that match nothing: recorded, and assigned when it is known what they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from landbuch.contracts.acts.bank import AssignBankEntry, BankEntryAssigned, BankEntryRecorded, RecordBankEntry
from landbuch.contracts.acts.contributions import RecordContributionReceipt
from landbuch.contracts.acts.disbursements import RecordPayment, RecordReturn
from landbuch.contracts.acts.recoveries import RecordRecoveryReceipt
from landbuch.contracts.demands import demand_reference
from landbuch.contracts.money import chf
from landbuch.contracts.recording import recorded
from landbuch.contracts.refusals import Code, Refused
from landbuch.contracts.rows import Movement
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record
from landbuch.ledger.domain import incoming, payments, recoveries
from landbuch.sdk.deciding import Case, Decided, Elsewhere


def record_bank_entry(state: BookState, order: RecordBankEntry, case: Case) -> Sequence[Record]:
    """Record a bank line, once; whatever it is, the money moved."""
    demand_reference(state, order.bank_reference)
    return [recorded(BankEntryRecorded, order)]


def assign_bank_entry(state: BookState, order: AssignBankEntry, case: Case) -> Decided:
    """Let an entry leave clearing, and decide the ordinary event under its own rules, as if it had just arrived."""
    if order.programme not in state.programmes:
        raise Refused(Code.PHASE_UNKNOWN, f"{state.canton} has no programme {order.programme}.")
    entry = state.movements.get(order.bank_reference)
    if entry is None or not entry.clearing:
        raise Refused(Code.BANK_ENTRY_UNKNOWN, f"No bank line {order.bank_reference} waits in clearing.")
    if (order.purpose == "payment") != (entry.amount < 0):
        raise Refused(
            Code.BANK_ENTRY_WRONG_SIDE, f"{order.bank_reference} moved {chf(entry.amount)}; it is no {order.purpose}."
        )
    mark = state.mark()
    try:
        state.movements.drop(order.bank_reference)
        records = _ordinary(state, order, case, entry)
    finally:
        state.undo(mark)
    return [recorded(BankEntryAssigned, order), *(Elsewhere(order.programme, record) for record in records)]


def _ordinary(state: BookState, order: AssignBankEntry, case: Case, entry: Movement) -> Sequence[Record]:
    there = Case(case.command, order.programme, case.today, case.booked_on, case.proposer)
    terms: dict[str, Any] = {
        "amount": abs(entry.amount),
        "bank_reference": order.bank_reference,
        "occurred_on": order.occurred_on or entry.occurred_on,
        "evidence": order.evidence,
    }
    terms = {name: value for name, value in terms.items() if value is not None}
    match order.purpose:
        case "payment":
            payment = RecordPayment(disbursement=order.target, **terms)
            return payments.record_payment(state, payment, there)
        case "return":
            returned = RecordReturn(disbursement=order.target, **terms)
            return payments.record_return(state, returned, there)
        case "recovery":
            receipt = RecordRecoveryReceipt(recovery=order.target, **terms)
            return recoveries.record_recovery_receipt(state, receipt, there)
        case "contribution":
            contribution = RecordContributionReceipt(pledge=order.target, **terms)
            return incoming.record_contribution_receipt(state, contribution, there)
