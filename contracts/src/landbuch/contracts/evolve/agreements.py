"""What partners and agreements change."""

from __future__ import annotations

from dataclasses import replace

from landbuch.contracts.acts import agreements
from landbuch.contracts.envelope import AnyEvent
from landbuch.contracts.evolve.change import Change
from landbuch.contracts.rows import Agreement, Partner
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record


def _programme_agreement(state: BookState, event: AnyEvent, record: agreements.ProgrammeAgreementSigned) -> None:
    state.programme_agreements.set(event.phase, event.position)


def _partner_registered(state: BookState, event: AnyEvent, record: agreements.PartnerRegistered) -> None:
    state.objects.set(record.partner, "partner")
    state.partners.set(record.partner, Partner(record.kind, record.name))


def _agreement_drafted(state: BookState, event: AnyEvent, record: agreements.AgreementDrafted) -> None:
    state.objects.set(record.agreement, "agreement")
    draft = Agreement(event.phase, record.partner, event.actor, record.start, record.end, record.ceiling, record.items)
    state.agreements.set(record.agreement, draft)


def _agreement_signed(state: BookState, event: AnyEvent, record: agreements.AgreementSigned) -> None:
    known = state.agreements.get(record.agreement)
    if known is not None:
        state.agreements.set(record.agreement, replace(known, stage="signed"))


CHANGES: dict[type[Record], Change] = {
    agreements.ProgrammeAgreementSigned: _programme_agreement,
    agreements.PartnerRegistered: _partner_registered,
    agreements.AgreementDrafted: _agreement_drafted,
    agreements.AgreementSigned: _agreement_signed,
}
