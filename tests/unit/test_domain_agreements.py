"""Programme agreements, partners, agreements: drafted, and signed as far as credit is in force and available."""

from __future__ import annotations

import pytest

from landbuch.contracts.acts.agreements import (
    AgreementDrafted,
    AgreementSigned,
    PartnerRegistered,
    ProgrammeAgreementSigned,
    RegisterPartner,
)
from landbuch.contracts.acts.credits import RecordAnnulment
from landbuch.contracts.refusals import Code
from landbuch.sdk.testing.given import Said, saying
from tests.scenes import (
    ACCEPTED,
    ADMINISTRATORS,
    ALLOCATED,
    CLERK,
    DRAFTED,
    DRAFTER,
    IN_FORCE,
    OPEN,
    PARTNER,
    PROGRAMME_AGREEMENT,
    SHORT,
    SIGNED,
    allocate,
    call,
    decide,
    draft,
    enter,
    given,
    grant,
    order,
    pledge,
    programme,
    propose,
    sign,
    vote,
)

SP = "credit:available:SP:canton"
WITH_PARTNER = (*ALLOCATED, PARTNER)
"""300'000.00 are available in SP."""


def test_a_programme_agreement_is_recorded_once_per_programme() -> None:
    given(*OPEN).when(PROGRAMME_AGREEMENT).then(
        ProgrammeAgreementSigned(counterparty="SEM", signed_by="Regierungsrat")
    ).books()
    history = (*OPEN, PROGRAMME_AGREEMENT, ADMINISTRATORS.within("KIP4")(programme()))
    given(*history).when(PROGRAMME_AGREEMENT).refused(Code.PROGRAMME_AGREEMENT_EXISTS)
    given(*history).when(DRAFTER.within("KIP4")(PROGRAMME_AGREEMENT.order)).books()


def test_a_partner_is_registered_for_the_whole_book() -> None:
    given(*OPEN).when(PARTNER).then(PartnerRegistered(partner="P-1", kind="ngo", name="Verein Beispiel"))
    given(*OPEN).when(DRAFTER(PARTNER.order)).refused(Code.PHASE_NOT_APPLICABLE)


def test_a_private_person_is_registered_without_a_name() -> None:
    given(*OPEN).when(CLERK.within("_")(order(RegisterPartner, partner="P-2", kind="private_person"))).then(
        PartnerRegistered(partner="P-2", kind="private_person")
    )


def test_a_draft_promises_nothing_even_where_no_credit_is() -> None:
    given(*OPEN, PARTNER).when(draft(amount=10**9)).then(saying(AgreementDrafted, agreement="A-1")).books()


@pytest.mark.parametrize(
    ("start", "end", "inside"),
    [
        ("2024-01-01", "2025-12-31", True),
        ("2023-12-31", "2024-12-31", False),
        ("2028-01-01", "2029-12-31", True),
        ("2028-01-02", "2030-01-01", False),
        ("2024-02-01", "2026-01-31", True),
        ("2024-02-01", "2026-02-01", False),
        ("2024-01-31", "2026-01-30", True),
        ("2024-01-31", "2026-01-31", False),
    ],
)
def test_an_agreement_lies_inside_the_phase_or_its_tail_and_the_longest_term(
    start: str,
    end: str,
    inside: bool,  # noqa: FBT001 - a table
) -> None:
    item = {"area": "SP", "source": "canton", "year": int(start[:4]), "amount": 5}
    outcome = given(*OPEN, PARTNER).when(draft(start=start, end=end, items=[item], ceiling=5))
    if inside:
        outcome.books()
    else:
        outcome.refused(Code.OUTSIDE_TERM)


def test_without_a_tail_the_phase_ends_the_agreement_and_without_a_longest_term_nothing_else_does() -> None:
    policies = {"basis": "net", "recovery_restores_credit": True}
    opened = (*OPEN, ADMINISTRATORS.within("KIP4")(programme(tail_end=None, policies=policies)), PARTNER)
    whole = draft(start="2024-01-01", end="2027-12-31")
    given(*opened).when(DRAFTER.within("KIP4")(whole.order)).books()
    given(*opened).when(DRAFTER.within("KIP4")(draft(end="2028-01-01").order)).refused(Code.OUTSIDE_TERM)


def test_a_draft_names_areas_and_sources_of_the_phase() -> None:
    given(*OPEN, PARTNER).when(draft(area="XX")).refused(Code.AREA_UNKNOWN)
    given(*OPEN, PARTNER).when(draft(source="third")).refused(Code.SOURCE_UNKNOWN)


@pytest.mark.parametrize("amount", [1, 300_000_00])
def test_signing_commits_up_to_the_last_rappen_that_is_available(amount: int) -> None:
    given(*WITH_PARTNER, draft(amount=amount)).when(sign()).then(saying(AgreementSigned, agreement="A-1")).books(
        ("credit:open:SP:canton:A-1", amount), (SP, -amount)
    )


def test_signing_a_rappen_more_is_refused_with_its_arithmetic() -> None:
    given(*WITH_PARTNER, draft(amount=300_000_01)).when(sign()).refused(
        Code.CREDIT_EXCEEDED,
        "KIP3 SP canton has 300'000.00 available; this agreement needs 300'000.01, 0.01 too much.",
    )


def test_two_agreements_share_what_is_available() -> None:
    history = (*SIGNED, draft("A-2", 100_000_00), draft("A-3", 100_000_01))
    given(*history).when(sign("A-3")).refused(Code.CREDIT_EXCEEDED, "has 100'000.00 available")
    given(*history).when(sign("A-2")).leaves("KIP3", available__SP__canton=0)


def test_every_area_and_source_of_an_agreement_must_be_covered() -> None:
    items = [
        {"area": area, "source": "canton", "year": year, "amount": 100_000_00}
        for area, year in (("SP", 2024), ("SP", 2025), ("ZP", 2024))
    ]
    two_areas = draft(items=items, ceiling=300_000_00, end="2025-12-31")
    given(*WITH_PARTNER, two_areas).when(sign()).refused(Code.CREDIT_EXCEEDED, "ZP canton has 0.00 available")
    given(*WITH_PARTNER, allocate("ZP", 100_000_00), two_areas).when(sign()).books(
        ("credit:open:SP:canton:A-1", 200_000_00), (SP, -200_000_00),
        ("credit:open:ZP:canton:A-1", 100_000_00), ("credit:available:ZP:canton", -100_000_00),
    )  # fmt: skip


def test_each_source_pays_its_own_part_and_never_from_a_pool() -> None:
    history = (*WITH_PARTNER, pledge(), draft(source="federal", amount=5))
    given(*history).when(sign()).refused(Code.CREDIT_EXCEEDED, "SP federal has 0.00 available")


def test_nothing_is_signed_while_no_credit_is_in_force() -> None:
    called = (*ACCEPTED, call(occurred_on="2024-02"), PARTNER, draft())
    given(*called).when(sign()).refused(Code.CREDIT_NOT_IN_FORCE, "C is waiting for the people")
    given(*called, vote()).when(sign()).refused(Code.CREDIT_NOT_IN_FORCE, "C is accepted")
    given(*called, vote(), enter(trigger="vote"), allocate()).when(sign()).books(
        ("credit:open:SP:canton:A-1", 200_000_00), (SP, -200_000_00)
    )


def test_a_supplement_in_force_is_no_ground_to_sign_on() -> None:
    supplement = (propose("S", supplement_to="C"), decide("S"), enter("S"), allocate(credit="S"))
    given(*ACCEPTED, *supplement, PARTNER, draft()).when(sign()).refused(Code.CREDIT_NOT_IN_FORCE)


def test_after_an_annulment_nothing_is_signed() -> None:
    annulled = CLERK(RecordAnnulment(credit="C", court="Gericht", reference="1"))
    given(*DRAFTED, annulled).when(sign()).refused(Code.CREDIT_NOT_IN_FORCE, "C is annulled")


def test_a_shortfall_of_one_source_stops_signing_from_that_source_only() -> None:
    history = (*SHORT, allocate(), draft("A-2", 5, source="federal"), draft("A-3", 5))
    given(*history).when(sign("A-2")).refused(Code.SHORTFALL_OPEN, "KIP3 federal has a shortfall of 30'000.00")
    given(*history).when(sign("A-3")).books(("credit:open:SP:canton:A-3", 5), (SP, -5))


def test_who_drafted_does_not_sign() -> None:
    given(*DRAFTED).when(Said(sign().order, ("p-drafter",), "KIP3")).refused(
        Code.SECOND_PERSON_REQUIRED, "p-drafter drafted A-1"
    )
    given(*DRAFTED, grant("p-third", "agreement_manager")).when(Said(sign().order, ("p-third",), "KIP3")).books(
        ("credit:open:SP:canton:A-1", 200_000_00), (SP, -200_000_00)
    )


@pytest.mark.parametrize(("day", "refused"), [("2024-03-28", False), ("2024-03-29", True)])
def test_a_signature_lies_not_in_the_future(day: str, refused: bool) -> None:  # noqa: FBT001 - a table
    outcome = given(*DRAFTED).when(sign(day=day))
    if refused:
        outcome.refused(Code.OCCURRED_IN_FUTURE)
    else:
        outcome.then(saying(AgreementSigned, signed_on=day))


def test_an_agreement_is_signed_once() -> None:
    given(*SIGNED).when(sign()).refused(Code.AGREEMENT_NOT_DRAFTED)


def test_an_agreement_of_another_phase_is_unknown_here() -> None:
    history = (*DRAFTED, ADMINISTRATORS.within("KIP4")(programme()))
    given(*history).when(Said(sign().order, ("p-signer",), "KIP4")).refused(Code.AGREEMENT_UNKNOWN, "KIP4")


def test_what_is_in_force_and_not_allocated_cannot_be_promised() -> None:
    given(*IN_FORCE, PARTNER, draft(amount=1)).when(sign()).refused(Code.CREDIT_EXCEEDED, "0.00 available")
