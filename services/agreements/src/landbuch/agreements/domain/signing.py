"""Agreements: drafted, and signed as far as credit is in force and available."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from landbuch.contracts import accounts as at
from landbuch.contracts.acts.agreements import AgreementDrafted, AgreementSigned, DraftAgreement, SignAgreement
from landbuch.contracts.acts.programme import ProgrammeTerms
from landbuch.contracts.dates import add_months
from landbuch.contracts.demands import (
    agreement_of,
    demand_areas,
    demand_free_id,
    demand_other,
    demand_partner_active,
    demand_sources,
    partner_of,
)  # fmt: skip
from landbuch.contracts.money import chf
from landbuch.contracts.recording import recorded
from landbuch.contracts.refusals import Code, Refused
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record
from landbuch.sdk.deciding import Case


def draft_agreement(state: BookState, order: DraftAgreement, case: Case) -> Sequence[Record]:
    """Draft an agreement inside the phase or its tail; nothing is promised yet."""
    demand_free_id(state, order.agreement)
    partner_of(state, order.partner)
    programme = state.programmes[case.phase]
    demand_sources(programme, case.phase, [item.source for item in order.items])
    demand_areas(programme, case.phase, [item.area for item in order.items])
    demand_term(programme, case.phase, order.start, order.end)
    return [recorded(AgreementDrafted, order)]


def sign_agreement(state: BookState, order: SignAgreement, case: Case) -> Sequence[Record]:
    """Turn a draft into a commitment (FHG art. 21: no promise above the credit)."""
    if order.signed_on > case.today:
        raise Refused(
            Code.OCCURRED_IN_FUTURE, f"Signed on {order.signed_on}, later than today, {case.today} in Zurich."
        )
    agreement = agreement_of(state, case.phase, order.agreement)
    demand_other(agreement.drafter, case.actor, did=f"drafted {order.agreement}", must="sign it")
    demand_in_force(state, case.phase)
    demand_partner_active(agreement.partner, partner_of(state, agreement.partner))
    if agreement.stage != "drafted":
        raise Refused(
            Code.AGREEMENT_NOT_DRAFTED, f"{order.agreement} is {agreement.stage}; only a draft can be signed."
        )
    demand_cover(state, case.phase, agreement.shares())
    return [recorded(AgreementSigned, order)]


def demand_term(programme: ProgrammeTerms, phase: str, start: str, end: str) -> None:
    """Refuse dates outside the phase and its tail, or beyond the canton's longest term."""
    last = programme.tail_end or programme.end
    if start < programme.start or end > last:
        raise Refused(Code.OUTSIDE_TERM, f"{start} to {end} is not inside {phase}, {programme.start} to {last}.")
    months = programme.policies.longest_agreement_months
    if months is not None and end >= add_months(start, months):
        raise Refused(
            Code.OUTSIDE_TERM, f"{start} to {end} is longer than {months} months, the longest term of {phase}."
        )


def demand_in_force(state: BookState, phase: str) -> None:
    """Refuse a promise while no credit of the programme is in force."""
    if not state.base_in_force(phase):
        stands = [
            f"{name} is {'waiting for the people' if credit.challenged else credit.stage.replace('_', ' ')}"
            for name, credit in sorted(state.credits.items())
            if credit.phase == phase
        ]
        where = ", ".join(stands) or "none is proposed"
        raise Refused(Code.CREDIT_NOT_IN_FORCE, f"{phase} has no credit in force: {where}.")


def demand_cover(state: BookState, phase: str, shares: Iterable[tuple[str, str, int]]) -> None:
    """Refuse a promise beyond what is available, or from a source with an uncovered shortfall."""
    needed = [(area, source, amount) for area, source, amount in shares if amount > 0]
    for source in sorted({source for _, source, _ in needed}):
        missing = -state.balance(phase, at.shortfall(source))
        if missing > 0:
            raise Refused(
                Code.SHORTFALL_OPEN, f"{phase} {source} has a shortfall of {chf(missing)} that is not covered."
            )
    for area, source, amount in needed:
        free = state.balance(phase, at.available(area, source))
        if amount > free:
            raise Refused(
                Code.CREDIT_EXCEEDED,
                f"{phase} {area} {source} has {chf(free)} available; this agreement needs {chf(amount)}, "
                f"{chf(amount - free)} too much.",
            )
