"""Programme agreements with the Confederation, and partners."""

from __future__ import annotations

from collections.abc import Sequence

from landbuch.contracts.acts.agreements import (
    PartnerRegistered,
    ProgrammeAgreementSigned,
    RecordProgrammeAgreement,
    RegisterPartner,
)  # fmt: skip
from landbuch.contracts.demands import demand_free_id
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
