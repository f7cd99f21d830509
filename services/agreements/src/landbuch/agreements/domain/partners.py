"""Programme agreements with the Confederation, and partners."""

from __future__ import annotations

from collections.abc import Sequence

from landbuch.contracts.acts.agreements import (
    PartnerRegistered,
    ProgrammeAgreementSigned,
    RecordProgrammeAgreement,
    RegisterPartner,
)  # fmt: skip
from landbuch.contracts.acts.partners import (
    AmendPartner,
    ConfirmPartnerBankDetails,
    PartnerAmended,
    PartnerBankDetailsConfirmed,
    PartnerBankDetailsProposed,
    PartnerReinstated,
    PartnerSuspended,
    ProposePartnerBankDetails,
    ReinstatePartner,
    SuspendPartner,
)  # fmt: skip
from landbuch.contracts.demands import demand_free_id, demand_other, demand_partner_active, partner_of
from landbuch.contracts.iban import commitment, is_qr
from landbuch.contracts.recording import recorded
from landbuch.contracts.refusals import Code, Refused
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record
from landbuch.sdk.deciding import Case


def record_programme_agreement(state: BookState, order: RecordProgrammeAgreement, case: Case) -> Sequence[Record]:
    """Record that canton and Confederation signed, once per programme."""
    position = state.programme_agreements.get(case.phase)
    if position is not None:
        raise Refused(
            Code.PROGRAMME_AGREEMENT_EXISTS, f"The programme agreement of {case.phase} stands at position {position}."
        )
    return [recorded(ProgrammeAgreementSigned, order)]


def register_partner(state: BookState, order: RegisterPartner, case: Case) -> Sequence[Record]:
    """Register a partner under an id of its own."""
    demand_free_id(state, order.partner)
    return [recorded(PartnerRegistered, order)]


def amend_partner(state: BookState, order: AmendPartner, case: Case) -> Sequence[Record]:
    """Write a partner differently; a private person's name never enters the book."""
    partner = partner_of(state, order.partner)
    if partner.kind == "private_person" and order.name is not None:
        raise Refused(Code.NAME_OUTSIDE_BOOK, f"{order.partner} is a private person.")
    return [recorded(PartnerAmended, order)]


def suspend_partner(state: BookState, order: SuspendPartner, case: Case) -> Sequence[Record]:
    """Suspend a partner that is not suspended."""
    demand_partner_active(order.partner, partner_of(state, order.partner))
    return [recorded(PartnerSuspended, order)]


def reinstate_partner(state: BookState, order: ReinstatePartner, case: Case) -> Sequence[Record]:
    """End a suspension."""
    if not partner_of(state, order.partner).suspended:
        raise Refused(Code.PARTNER_NOT_SUSPENDED, f"{order.partner} is not suspended.")
    return [recorded(PartnerReinstated, order)]


def propose_partner_bank_details(state: BookState, order: ProposePartnerBankDetails, case: Case) -> Sequence[Record]:
    """Propose where a partner is paid; what stands in the book is a salted commitment to the number."""
    partner_of(state, order.partner)
    return [
        recorded(
            PartnerBankDetailsProposed,
            order,
            commitment=commitment(order.iban, order.salt),
            kind="qr_iban" if is_qr(order.iban) else "iban",
            country=order.iban[:2],
        )
    ]


def confirm_partner_bank_details(state: BookState, order: ConfirmPartnerBankDetails, case: Case) -> Sequence[Record]:
    """Confirm exactly the details that wait, as somebody else than who proposed them."""
    proposed = partner_of(state, order.partner).proposed
    if proposed is not None:
        must = "compare them with the partner's letter and confirm them"
        demand_other(proposed.author, case.actor, did=f"proposed the bank details of {order.partner}", must=must)
    if proposed is None or proposed.commitment != order.commitment:
        waits = f"{proposed.commitment} waits" if proposed else "none wait"
        raise Refused(
            Code.BANK_DETAILS_NOT_PROPOSED,
            f"{order.partner}: details {order.commitment} do not wait for a second person; {waits}.",
        )
    return [recorded(PartnerBankDetailsConfirmed, order)]
