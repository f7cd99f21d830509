"""A signed agreement: amended, suspended, resumed, terminated, its payments planned."""

from __future__ import annotations

from collections.abc import Sequence

from landbuch.agreements.domain.signing import demand_cover, demand_in_force, demand_term
from landbuch.contracts import accounts as at
from landbuch.contracts.acts.agreement_life import (
    AgreementAmended,
    AgreementResumed,
    AgreementSuspended,
    AgreementTerminated,
    AmendAgreement,
    ResumeAgreement,
    ScheduleTranches,
    SuspendAgreement,
    TerminateAgreement,
    TranchesScheduled,
)  # fmt: skip
from landbuch.contracts.demands import (
    agreement_of,
    demand_areas,
    demand_partner_active,
    demand_running,
    demand_sources,
    milestone_of,
    partner_of,
)  # fmt: skip
from landbuch.contracts.money import chf
from landbuch.contracts.posting.agreements import differences
from landbuch.contracts.recording import recorded
from landbuch.contracts.refusals import Code, Refused
from landbuch.contracts.rows import Agreement
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record, YearShare
from landbuch.contracts.warn import Warn
from landbuch.sdk.deciding import Case


def amend_agreement(state: BookState, order: AmendAgreement, case: Case) -> Sequence[Record]:
    """Promise more, as when signing, or less, never below what is used; or move the end."""
    phase = case.phase
    agreement = agreement_of(state, phase, order.agreement)
    programme = state.programmes[phase]
    items = order.items or agreement.items
    changed = differences(agreement, items)
    end = order.end or agreement.end
    demand_sources(programme, phase, [item.source for item in items])
    demand_areas(programme, phase, [item.area for item in items])
    _demand_years(agreement.start, end, items)
    if any(difference > 0 for _, _, difference in changed):
        demand_in_force(state, phase)
        demand_partner_active(agreement.partner, partner_of(state, agreement.partner))
    demand_running(order.agreement, agreement, also=("suspended",))
    demand_term(programme, phase, agreement.start, end)
    _demand_not_below_used(state, phase, order.agreement, agreement, changed)
    demand_cover(state, phase, changed)
    planned = sum(tranche.amount for tranche in state.tranches.get(order.agreement, ()))
    beyond = planned > (order.ceiling or agreement.ceiling)
    return [recorded(AgreementAmended, order, {Warn.TRANCHES_BEYOND_CEILING} if beyond else ())]


def _demand_years(start: str, end: str, items: tuple[YearShare, ...]) -> None:
    for item in items:
        if not int(start[:4]) <= item.year <= int(end[:4]):
            raise Refused(
                Code.DATES_OUT_OF_ORDER,
                f"{item.area} {item.source} has an item of {item.year}, outside {start} to {end}.",
            )


def _demand_not_below_used(
    state: BookState, phase: str, name: str, agreement: Agreement, changed: tuple[tuple[str, str, int], ...]
) -> None:
    signed = {(area, source): amount for area, source, amount in agreement.shares()}
    for area, source, difference in changed:
        new = signed.get((area, source), 0) + difference
        accounts = (at.released(area, source, name), at.used(area, source, name), at.recovered(area, source, name))
        least = sum(state.balance(phase, account) for account in accounts)
        if new < least:
            raise Refused(
                Code.BELOW_USED,
                f"{name} {area} {source} has {chf(least)} released and used; {chf(new)} is {chf(least - new)} too low.",
            )


def suspend_agreement(state: BookState, order: SuspendAgreement, case: Case) -> Sequence[Record]:
    """Suspend a signed agreement."""
    demand_running(order.agreement, agreement_of(state, case.phase, order.agreement))
    return [recorded(AgreementSuspended, order)]


def resume_agreement(state: BookState, order: ResumeAgreement, case: Case) -> Sequence[Record]:
    """End a suspension."""
    agreement = agreement_of(state, case.phase, order.agreement)
    if agreement.stage != "suspended":
        raise Refused(Code.AGREEMENT_NOT_SUSPENDED, f"{order.agreement} is {agreement.stage}.")
    return [recorded(AgreementResumed, order)]


def terminate_agreement(state: BookState, order: TerminateAgreement, case: Case) -> Sequence[Record]:
    """End an agreement before its time."""
    demand_running(order.agreement, agreement_of(state, case.phase, order.agreement), also=("suspended",))
    return [recorded(AgreementTerminated, order)]


def schedule_tranches(state: BookState, order: ScheduleTranches, case: Case) -> Sequence[Record]:
    """Plan payments within the ceiling; each may wait for milestones of the programme."""
    agreement = agreement_of(state, case.phase, order.agreement)
    for tranche in order.tranches:
        for milestone in tranche.milestones:
            milestone_of(state, case.phase, milestone)
    demand_running(order.agreement, agreement, also=("drafted", "suspended"))
    planned = sum(tranche.amount for tranche in order.tranches)
    if planned > agreement.ceiling:
        raise Refused(
            Code.CEILING_EXCEEDED,
            f"The tranches come to {chf(planned)}; {order.agreement} has a ceiling of {chf(agreement.ceiling)}, "
            f"{chf(planned - agreement.ceiling)} too much.",
        )
    _demand_tranches_kept(state, order)
    return [recorded(TranchesScheduled, order)]


def _demand_tranches_kept(state: BookState, order: ScheduleTranches) -> None:
    """Refuse a plan without what is requested or paid already."""
    amounts = {tranche.number: tranche.amount for tranche in order.tranches}
    live: dict[int, int] = {}
    for payment in state.payments(order.agreement):
        if payment.tranche is not None:
            live[payment.tranche] = live.get(payment.tranche, 0) + payment.live
    for number, amount in live.items():
        if amount > amounts.get(number, 0):
            raise Refused(
                Code.TRANCHE_IN_USE,
                f"Tranche {number} of {order.agreement} has {chf(amount)} requested or paid, the new plan has "
                f"{chf(amounts.get(number, 0))} for it.",
            )
