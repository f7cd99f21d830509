"""Recoveries: claimed, received, given up."""

from __future__ import annotations

from collections.abc import Sequence

from landbuch.contracts import accounts as at
from landbuch.contracts.acts.recoveries import (
    ClaimRecovery,
    RecordRecoveryReceipt,
    RecoveryClaimed,
    RecoveryReceived,
    RecoveryWaived,
    WaiveRecovery,
)  # fmt: skip
from landbuch.contracts.demands import agreement_of, demand_free_id, demand_reference, recovery_of
from landbuch.contracts.money import chf
from landbuch.contracts.parts import gathered, total
from landbuch.contracts.posting.disbursements import paid_advances
from landbuch.contracts.recording import recorded
from landbuch.contracts.refusals import Code, Refused
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record
from landbuch.sdk.deciding import Case


def claim_recovery(state: BookState, order: ClaimRecovery, case: Case) -> Sequence[Record]:
    """Claim back what was used and not claimed yet, per area and source; of advances what is paid and not settled."""
    phase, name = case.phase, order.agreement
    demand_free_id(state, order.recovery)
    agreement_of(state, phase, name)
    advanced = {(area, source): amount for area, source, amount in paid_advances(state, phase, name)}
    for part in order.parts:
        most = max(advanced.get((part.area, part.source), 0), 0)
        if part.of == "advance" and part.amount > most:
            raise Refused(
                Code.ADVANCE_EXCEEDED,
                f"{name} {part.area} {part.source} has {chf(most)} advanced, paid and not settled; "
                f"{chf(part.amount)} is {chf(part.amount - most)} too much.",
            )
    claimed = gathered(part for claim in state.claims(name) for part in claim.claimed)
    earlier = {(area, source): amount for area, source, amount in claimed}
    for area, source, amount in gathered((part.area, part.source, part.amount) for part in order.parts):
        most = max(state.balance(phase, at.used(area, source, name)) - earlier.get((area, source), 0), 0)
        if amount > most:
            raise Refused(
                Code.RECOVERY_EXCEEDED,
                f"{name} {area} {source} has {chf(most)} used and not claimed; {chf(amount)} is {chf(amount - most)} "
                "too much.",
            )
    return [recorded(RecoveryClaimed, order)]


def record_recovery_receipt(state: BookState, order: RecordRecoveryReceipt, case: Case) -> Sequence[Record]:
    """Record money that came back on a claim: a fact; what is beyond the claim is owed back."""
    recovery_of(state, case.phase, order.recovery)
    demand_reference(state, order.bank_reference)
    return [recorded(RecoveryReceived, order)]


def waive_recovery(state: BookState, order: WaiveRecovery, case: Case) -> Sequence[Record]:
    """Give up what is outstanding of a claim, or a part of it."""
    recovery = recovery_of(state, case.phase, order.recovery)
    most = recovery.interest + total(recovery.principal)
    if order.amount > most:
        raise Refused(
            Code.RECOVERY_EXCEEDED,
            f"{order.recovery} has {chf(most)} outstanding; {chf(order.amount)} is "
            f"{chf(order.amount - most)} too much.",
        )
    return [recorded(RecoveryWaived, order)]
