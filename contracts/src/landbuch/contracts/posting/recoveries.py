"""Posting rules of bank entries in clearing and of recoveries."""

from __future__ import annotations

from landbuch.contracts import accounts as at
from landbuch.contracts.accounts import Lines, transfer
from landbuch.contracts.acts import bank, recoveries
from landbuch.contracts.parts import Parts, split_over, total
from landbuch.contracts.posting.agreements import freed
from landbuch.contracts.posting.disbursements import expense
from landbuch.contracts.posting.rule import Rule
from landbuch.contracts.rows import Recovery
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record


def _entry_recorded(state: BookState, phase: str, record: bank.BankEntryRecorded) -> Lines:
    return transfer(at.BANK, at.CLEARING, record.amount)


def _entry_assigned(state: BookState, phase: str, record: bank.BankEntryAssigned) -> Lines:
    return transfer(at.CLEARING, at.BANK, state.movements[record.bank_reference].amount)


def _claimed(state: BookState, phase: str, record: recoveries.RecoveryClaimed) -> Lines:
    name = record.agreement
    claim = at.recovery_claim(name)
    lines: Lines = ()
    for part in record.parts:
        lines += transfer(claim, _gave(state, name, part), part.amount)
    return (*lines, *transfer(claim, at.INTEREST, record.interest))


def _gave(state: BookState, agreement: str, part: recoveries.RecoveryPart) -> str:
    """The account that carries what is claimed back."""
    if part.of == "advance":
        return at.advance(part.area, part.source, agreement)
    if part.of == "earlier_year":
        return at.spending(at.REFUNDS, part.area, part.source, agreement)
    return expense(state, agreement, part.area, part.source)


def satisfied(recovery: Recovery, amount: int) -> tuple[int, Parts, int]:
    """What an amount does to a claim: interest first, then principal in proportion, then what is beyond the claim."""
    interest = min(amount, recovery.interest)
    principal = min(amount - interest, total(recovery.principal))
    return interest, split_over(principal, recovery.principal), amount - interest - principal


def _received(state: BookState, phase: str, record: recoveries.RecoveryReceived) -> Lines:
    recovery = state.recoveries[record.recovery]
    name = recovery.agreement
    _, principal, excess = satisfied(recovery, record.amount)
    credit: Lines = ()
    if state.programmes[phase].policies.recovery_restores_credit:
        for area, source, amount in principal:
            credit += transfer(freed(area, source), at.recovered(area, source, name), amount)
    return (
        *transfer(at.BANK, at.recovery_claim(name), record.amount - excess),
        *transfer(at.BANK, at.owed_back(state.agreements[name].partner), excess),
        *credit,
    )


def _waived(state: BookState, phase: str, record: recoveries.RecoveryWaived) -> Lines:
    return transfer(at.LOSSES, at.recovery_claim(state.recoveries[record.recovery].agreement), record.amount)


RULES: dict[type[Record], Rule] = {
    bank.BankEntryRecorded: _entry_recorded,
    bank.BankEntryAssigned: _entry_assigned,
    recoveries.RecoveryClaimed: _claimed,
    recoveries.RecoveryReceived: _received,
    recoveries.RecoveryWaived: _waived,
}
