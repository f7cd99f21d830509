"""What bank entries in clearing and recoveries change."""

from __future__ import annotations

from dataclasses import replace

from landbuch.contracts.acts import bank, recoveries
from landbuch.contracts.envelope import AnyEvent
from landbuch.contracts.evolve.change import Change
from landbuch.contracts.evolve.disbursements import moved
from landbuch.contracts.parts import gathered, less
from landbuch.contracts.posting.recoveries import satisfied
from landbuch.contracts.rows import Recovery
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record


def _entry_recorded(state: BookState, event: AnyEvent, record: bank.BankEntryRecorded) -> None:
    moved(state, event, record.bank_reference, record.amount, clearing=True)


def _entry_assigned(state: BookState, event: AnyEvent, record: bank.BankEntryAssigned) -> None:
    state.movements.drop(record.bank_reference)


def _claimed(state: BookState, event: AnyEvent, record: recoveries.RecoveryClaimed) -> None:
    state.objects.set(record.recovery, "recovery")
    state.index(state.recoveries_of, record.agreement, record.recovery)
    claimed = gathered((part.area, part.source, part.amount) for part in record.parts)
    state.recoveries.set(
        record.recovery, Recovery(event.phase, record.agreement, claimed, claimed, record.interest)
    )  # fmt: skip


def _satisfied(state: BookState, name: str, amount: int) -> None:
    known = state.recoveries.get(name)
    if known is not None:
        interest, principal, _ = satisfied(known, amount)
        left = less(known.principal, principal)
        state.recoveries.set(name, replace(known, interest=known.interest - interest, principal=left))


def _received(state: BookState, event: AnyEvent, record: recoveries.RecoveryReceived) -> None:
    moved(state, event, record.bank_reference, record.amount)
    _satisfied(state, record.recovery, record.amount)


def _waived(state: BookState, event: AnyEvent, record: recoveries.RecoveryWaived) -> None:
    _satisfied(state, record.recovery, record.amount)


CHANGES: dict[type[Record], Change] = {
    bank.BankEntryRecorded: _entry_recorded,
    bank.BankEntryAssigned: _entry_assigned,
    recoveries.RecoveryClaimed: _claimed,
    recoveries.RecoveryReceived: _received,
    recoveries.RecoveryWaived: _waived,
}
