"""What several rules ask of a book before they decide: known objects, areas, sources, order of dates, free money."""

from __future__ import annotations

from collections.abc import Iterable

from landbuch.contracts.acts.programme import ProgrammeTerms
from landbuch.contracts.dates import surely_before
from landbuch.contracts.money import chf
from landbuch.contracts.refusals import Code, Refused
from landbuch.contracts.rows import (
    Agreement,
    AgreementStage,
    Credit,
    Disbursement,
    Milestone,
    Partner,
    Pledge,
    Recovery,
)
from landbuch.contracts.state import BookState


def demand_free_id(state: BookState, thing: str) -> None:
    """Refuse an id that anything in the book has already."""
    kind = state.objects.get(thing)
    if kind is not None:
        raise Refused(Code.ID_TAKEN, f"{thing} is the id of a {kind} in the book of {state.canton}.")


def credit_of(state: BookState, phase: str, name: str) -> Credit:
    """Give a credit of a phase, or refuse."""
    credit = state.credits.get(name)
    if credit is None or credit.phase != phase:
        where = f"it belongs to {credit.phase}" if credit else "nothing has this id"
        raise Refused(Code.CREDIT_UNKNOWN, f"There is no credit {name} in {phase}: {where}.")
    return credit


def pledge_of(state: BookState, phase: str, name: str) -> Pledge:
    """Give a pledge of a phase, or refuse."""
    pledge = state.pledges.get(name)
    if pledge is None or pledge.phase != phase:
        raise Refused(Code.PLEDGE_UNKNOWN, f"There is no pledge {name} in {phase}.")
    return pledge


def agreement_of(state: BookState, phase: str, name: str) -> Agreement:
    """Give an agreement of a phase, or refuse."""
    agreement = state.agreements.get(name)
    if agreement is None or agreement.phase != phase:
        raise Refused(Code.AGREEMENT_UNKNOWN, f"There is no agreement {name} in {phase}.")
    return agreement


def partner_of(state: BookState, name: str) -> Partner:
    """Give a partner, or refuse."""
    partner = state.partners.get(name)
    if partner is None:
        raise Refused(Code.PARTNER_UNKNOWN, f"There is no partner {name} in the book of {state.canton}.")
    return partner


def milestone_of(state: BookState, phase: str, name: str) -> Milestone:
    """Give a milestone of a phase, or refuse."""
    milestone = state.milestones.get(name)
    if milestone is None or milestone.phase != phase:
        raise Refused(Code.MILESTONE_UNKNOWN, f"There is no milestone {name} in {phase}.")
    return milestone


def disbursement_of(state: BookState, phase: str, name: str) -> Disbursement:
    """Give a disbursement of a phase, or refuse."""
    payment = state.disbursements.get(name)
    if payment is None or payment.phase != phase:
        raise Refused(Code.DISBURSEMENT_UNKNOWN, f"There is no disbursement {name} in {phase}.")
    return payment


def recovery_of(state: BookState, phase: str, name: str) -> Recovery:
    """Give a recovery of a phase, or refuse."""
    recovery = state.recoveries.get(name)
    if recovery is None or recovery.phase != phase:
        raise Refused(Code.RECOVERY_UNKNOWN, f"There is no recovery {name} in {phase}.")
    return recovery


def demand_reference(state: BookState, reference: str) -> None:
    """Refuse to book a bank line a second time."""
    movement = state.movements.get(reference)
    if movement is not None:
        raise Refused(
            Code.BANK_REFERENCE_USED,
            f"The bank line {reference} over {chf(movement.amount)} is booked at position {movement.position}.",
        )


def demand_other(first: str, case_actor: str, *, did: str, must: str) -> None:
    """Refuse when the person who did the first half does the second half too."""
    if first == case_actor:
        raise Refused(Code.SECOND_PERSON_REQUIRED, f"{case_actor} {did}; somebody else must {must}.")


def demand_running(name: str, agreement: Agreement, *, also: tuple[AgreementStage, ...] = ()) -> None:
    """Refuse an act on an agreement that is neither signed nor in one of the further stages."""
    if agreement.stage == "suspended" and "suspended" not in also:
        raise Refused(Code.AGREEMENT_SUSPENDED, f"{name} is suspended.")
    if agreement.stage not in ("signed", *also):
        raise Refused(Code.AGREEMENT_NOT_RUNNING, f"{name} is {agreement.stage}.")


def demand_partner_active(name: str, partner: Partner) -> None:
    """Refuse to promise or pay anything to a suspended partner."""
    if partner.suspended:
        raise Refused(Code.PARTNER_SUSPENDED, f"{name} is suspended.")


def demand_sources(programme: ProgrammeTerms, phase: str, sources: Iterable[str]) -> None:
    """Refuse a funding source that the programme does not have."""
    known = [terms.source for terms in programme.sources]
    for source in sources:
        if source not in known:
            raise Refused(Code.SOURCE_UNKNOWN, f"{phase} has no source {source}; it has {', '.join(known)}.")


def demand_areas(programme: ProgrammeTerms, phase: str, areas: Iterable[str]) -> None:
    """Refuse a funding area that the phase's area set does not have."""
    known = [area.code for area in programme.area_set.areas]
    for area in areas:
        if area not in known:
            raise Refused(Code.AREA_UNKNOWN, f"{phase} has no area {area}; it has {', '.join(known)}.")


def demand_order(earlier: str | None, later: str | None, *, first: str, then: str) -> None:
    """Refuse dates that are certainly the wrong way round; unknown dates are never out of order."""
    if surely_before(later, earlier):
        raise Refused(Code.DATES_OUT_OF_ORDER, f"{then} is dated {later}, before {first} of {earlier}.")


def demand_free(state: BookState, phase: str, account: str, amount: int, *, where: str, act: str) -> None:
    """Refuse to take more from an account of the credit layer than it has."""
    _demand(state, phase, account, amount, code=Code.CREDIT_EXCEEDED, where=where, act=act)


def demand_budget(state: BookState, phase: str, account: str, amount: int, *, where: str, act: str) -> None:
    """Refuse to take more from an account of the budget layer than it has."""
    _demand(state, phase, account, amount, code=Code.BUDGET_EXCEEDED, where=where, act=act)


def _demand(  # the arithmetic needs its words
    state: BookState, phase: str, account: str, amount: int, *, code: Code, where: str, act: str
) -> None:
    free = state.balance(phase, account)
    if amount > free:
        raise Refused(code, f"{where} has {chf(free)}; {act} needs {chf(amount)}, {chf(amount - free)} too much.")
