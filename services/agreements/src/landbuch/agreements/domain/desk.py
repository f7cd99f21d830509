"""The desk of the agreements service: which rule decides which order."""

from __future__ import annotations

from landbuch.agreements.domain import partners, signing
from landbuch.contracts.acts import agreements, programme
from landbuch.sdk.deciding import Desk, rejection

DESK = Desk(
    service="agreements",
    rules={
        agreements.RecordProgrammeAgreement: partners.record_programme_agreement,
        agreements.RegisterPartner: partners.register_partner,
        agreements.DraftAgreement: signing.draft_agreement,
        agreements.SignAgreement: signing.sign_agreement,
        programme.RejectAct: rejection("agreements"),
    },
)
