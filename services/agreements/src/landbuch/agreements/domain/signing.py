"""Agreements: drafted, and signed as far as credit is in force and available."""

from __future__ import annotations

from collections.abc import Sequence

from landbuch.contracts import accounts as at
from landbuch.contracts.acts.agreements import AgreementDrafted, AgreementSigned, DraftAgreement, SignAgreement
from landbuch.contracts.dates import add_months
from landbuch.contracts.demands import agreement_of, demand_areas, demand_free_id, demand_sources
from landbuch.contracts.money import chf
from landbuch.contracts.recording import recorded
from landbuch.contracts.refusals import Code, Refused
from landbuch.contracts.rows import Agreement
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record
from landbuch.sdk.deciding import Case


def draft_agreement(state: BookState, order: DraftAgreement, case: Case) -> Sequence[Record]:
    """Draft an agreement inside the phase or its tail; nothing is promised yet."""
    demand_free_id(state, order.agreement)
    if order.partner not in state.partners:
        raise Refused(Code.PARTNER_UNKNOWN, f"There is no partner {order.partner} in the book of {state.canton}.")
    programme = state.programmes[case.phase]
    demand_sources(programme, case.phase, [item.source for item in order.items])
    demand_areas(programme, case.phase, [item.area for item in order.items])
    last = programme.tail_end or programme.end
    if order.start < programme.start or order.end > last:
        raise Refused(
            Code.OUTSIDE_TERM, f"{order.start} to {order.end} is not inside {case.phase}, {programme.start} to {last}."
        )
    months = programme.policies.longest_agreement_months
    if months is not None and order.end >= add_months(order.start, months):
        raise Refused(
            Code.OUTSIDE_TERM,
            f"{order.start} to {order.end} is longer than {months} months, the longest term of {case.phase}.",
        )
    return [recorded(AgreementDrafted, order)]


def sign_agreement(state: BookState, order: SignAgreement, case: Case) -> Sequence[Record]:
    """Turn a draft into a commitment (FHG art. 21: no promise above the credit)."""
    agreement = agreement_of(state, case.phase, order.agreement)
    if order.signed_on > case.today:
        raise Refused(
            Code.OCCURRED_IN_FUTURE, f"Signed on {order.signed_on}, later than today, {case.today} in Zurich."
        )
    if agreement.drafter == case.actor:
        raise Refused(
            Code.SECOND_PERSON_REQUIRED, f"{case.actor} drafted {order.agreement}; somebody else must sign it."
        )
    if not state.base_in_force(case.phase):
        raise Refused(
            Code.CREDIT_NOT_IN_FORCE, f"{case.phase} has no credit in force: {_where_credits_stand(state, case.phase)}."
        )
    if agreement.stage != "drafted":
        raise Refused(
            Code.AGREEMENT_NOT_DRAFTED, f"{order.agreement} is {agreement.stage}; only a draft can be signed."
        )
    _demand_cover(state, case.phase, agreement)
    return [recorded(AgreementSigned, order)]


def _demand_cover(state: BookState, phase: str, agreement: Agreement) -> None:
    shares = agreement.shares()
    for source in sorted({source for _, source, _ in shares}):
        missing = -state.balance(phase, at.shortfall(source))
        if missing > 0:
            raise Refused(
                Code.SHORTFALL_OPEN, f"{phase} {source} has a shortfall of {chf(missing)} that is not covered."
            )
    for area, source, amount in shares:
        free = state.balance(phase, at.available(area, source))
        if amount > free:
            raise Refused(
                Code.CREDIT_EXCEEDED,
                f"{phase} {area} {source} has {chf(free)} available; this agreement needs {chf(amount)}, "
                f"{chf(amount - free)} too much.",
            )


def _where_credits_stand(state: BookState, phase: str) -> str:
    stands = [
        f"{name} is {'waiting for the people' if credit.challenged else credit.stage.replace('_', ' ')}"
        for name, credit in sorted(state.credits.items())
        if credit.phase == phase
    ]
    return ", ".join(stands) or "none is proposed"
