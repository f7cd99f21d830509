"""What registering, amending and suspending partners changes, and their bank details."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from landbuch.contracts.acts import agreements, partners
from landbuch.contracts.envelope import AnyEvent
from landbuch.contracts.evolve.change import Change
from landbuch.contracts.rows import BankDetails, Partner
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record


def _registered(state: BookState, event: AnyEvent, record: agreements.PartnerRegistered) -> None:
    state.objects.set(record.partner, "partner")
    state.partners.set(record.partner, Partner(record.kind, record.name))


def _amend(state: BookState, partner: str, **changes: Any) -> None:  # noqa: ANN401  # dataclasses.replace is untyped
    known = state.partners.get(partner)
    if known is not None:
        state.partners.set(partner, replace(known, **changes))


def _amended(state: BookState, event: AnyEvent, record: partners.PartnerAmended) -> None:
    if record.name is not None:
        _amend(state, record.partner, name=record.name)


def _suspended(state: BookState, event: AnyEvent, record: partners.PartnerSuspended) -> None:
    _amend(state, record.partner, suspended=True)


def _reinstated(state: BookState, event: AnyEvent, record: partners.PartnerReinstated) -> None:
    _amend(state, record.partner, suspended=False)


def _details_proposed(state: BookState, event: AnyEvent, record: partners.PartnerBankDetailsProposed) -> None:
    _amend(state, record.partner, proposed=BankDetails(record.commitment, event.actor))


def _details_confirmed(state: BookState, event: AnyEvent, record: partners.PartnerBankDetailsConfirmed) -> None:
    _amend(state, record.partner, proposed=None, confirmed=BankDetails(record.commitment, event.actor))


CHANGES: dict[type[Record], Change] = {
    agreements.PartnerRegistered: _registered,
    partners.PartnerAmended: _amended,
    partners.PartnerSuspended: _suspended,
    partners.PartnerReinstated: _reinstated,
    partners.PartnerBankDetailsProposed: _details_proposed,
    partners.PartnerBankDetailsConfirmed: _details_confirmed,
}
