"""What disbursements change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from landbuch.contracts.acts import disbursements
from landbuch.contracts.envelope import AnyEvent
from landbuch.contracts.evolve.change import Change
from landbuch.contracts.parts import gathered, less, split_over
from landbuch.contracts.rows import Disbursement, DisbursementStage, Movement
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record


def moved(state: BookState, event: AnyEvent, reference: str, amount: int, *, clearing: bool = False) -> None:
    """Note a bank line by its reference."""
    row = Movement(event.position, event.phase, amount, clearing, event.data.occurred_on)
    state.movements.set(reference, row)


def _requested(state: BookState, event: AnyEvent, record: disbursements.DisbursementRequested) -> None:
    state.objects.set(record.disbursement, "disbursement")
    state.index(state.disbursements_of, record.agreement, record.disbursement)
    asked = gathered((share.area, share.source, share.amount) for share in record.shares or ())
    state.disbursements.set(
        record.disbursement,
        Disbursement(
            event.phase, record.agreement, record.tranche, record.amount, record.kind, event.actor, asked
        ),
    )  # fmt: skip


def _amend(state: BookState, name: str, **changes: Any) -> None:  # noqa: ANN401  # dataclasses.replace is untyped
    known = state.disbursements.get(name)
    if known is not None:
        state.disbursements.set(name, replace(known, **changes))


def _approved(state: BookState, event: AnyEvent, record: disbursements.DisbursementApproved) -> None:
    released = gathered((share.area, share.source, share.amount) for share in record.shares)
    _amend(state, record.disbursement, stage="approved", year=record.year, released=released)


def _ends(stage: DisbursementStage) -> Change:
    def change(state: BookState, event: AnyEvent, record: disbursements.ReasonTerms) -> None:
        _amend(state, record.disbursement, stage=stage, released=())

    return change


def _instructed(state: BookState, event: AnyEvent, record: disbursements.PaymentInstructed) -> None:
    state.end_to_end.set(record.end_to_end_id, record.disbursement)
    _amend(state, record.disbursement, stage="instructed")


def _paid(state: BookState, event: AnyEvent, record: disbursements.DisbursementPaid) -> None:
    moved(state, event, record.bank_reference, -record.amount)
    known = state.disbursements.get(record.disbursement)
    if known is not None:
        used = gathered((*known.used, *known.released))
        state.disbursements.set(record.disbursement, replace(known, stage="paid", used=used, released=()))


def _returned(state: BookState, event: AnyEvent, record: disbursements.DisbursementReturned) -> None:
    moved(state, event, record.bank_reference, record.amount)
    known = state.disbursements.get(record.disbursement)
    if known is not None:
        back = split_over(record.amount, known.used)
        released, used = gathered((*known.released, *back)), less(known.used, back)
        state.disbursements.set(
            record.disbursement, replace(known, stage="returned", released=released, used=used)
        )  # fmt: skip


def _cancelled(state: BookState, event: AnyEvent, record: disbursements.DisbursementCancelled) -> None:
    """What was not returned stays paid."""
    known = state.disbursements.get(record.disbursement)
    if known is not None:
        stage: DisbursementStage = "paid" if known.used else "cancelled"
        state.disbursements.set(record.disbursement, replace(known, stage=stage, released=()))


CHANGES: dict[type[Record], Change] = {
    disbursements.DisbursementRequested: _requested,
    disbursements.DisbursementApproved: _approved,
    disbursements.DisbursementRejected: _ends("rejected"),
    disbursements.DisbursementWithdrawn: _ends("withdrawn"),
    disbursements.ApprovalRevoked: _ends("revoked"),
    disbursements.PaymentInstructed: _instructed,
    disbursements.DisbursementPaid: _paid,
    disbursements.DisbursementReturned: _returned,
    disbursements.DisbursementCancelled: _cancelled,
}
