"""Who may do what, as the book says: roles with scope and first day, and acts of two persons.

A token only says who somebody is. Because roles are events, a replay re-checks every act.
"""

from __future__ import annotations

from landbuch.contracts.acts.agreement_life import ReportAccepted
from landbuch.contracts.acts.agreements import AgreementSigned
from landbuch.contracts.acts.partners import PartnerBankDetailsConfirmed
from landbuch.contracts.acts.programme import ActProposed, ActRejected, RoleGranted
from landbuch.contracts.catalogue import COMMANDS, Act, acts_writing
from landbuch.contracts.dates import zurich_day
from landbuch.contracts.envelope import AnyEvent
from landbuch.contracts.rows import Proposal
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import NO_PHASE, Record


def may(state: BookState, act: Act, actor: str, phase: str, today: str) -> bool:
    """Tell whether a person holds a role for an act, in this phase, on this day (Zurich)."""
    for role in act.roles:
        grant = state.grants.get((actor, role))
        if grant is None or (grant.valid_from or today) > today:
            continue
        if grant.scope is None or phase == NO_PHASE or phase in grant.scope:
            return True
    return False


def objections(state: BookState, event: AnyEvent) -> list[str]:
    """Say what was not allowed about an event, judged on the state before it; empty when all was (I10)."""
    record = event.data
    if isinstance(record, RoleGranted) and record.proposal is None:
        alone = state.founding not in (None, event.commandid)
        return [f"{event.actor} granted a role alone"] if alone else []
    acts = _acts(event)
    today = zurich_day(event.time)
    if not any(may(state, act, event.actor, event.phase, today) for act in acts):
        return [f"{event.actor} had no role for {acts[0].command if acts else event.name}"]
    if _first_person(state, record) == event.actor:
        return [f"{event.actor} did both halves of {event.name} alone"]
    if isinstance(record, ActProposed | ActRejected) or not acts[0].two_persons:
        return []
    proposal = state.proposals.get(record.proposal or 0)
    if proposal is None or not proposal.open or proposal.act not in {act.command for act in acts}:
        return [f"{acts[0].command} needs two persons, but the event names no open proposal"]
    found = [f"{event.actor} proposed and confirmed alone"] if proposal.author == event.actor else []
    return (
        found
        if _as_proposed(proposal, event)
        else [*found, f"{event.name} is not what position {record.proposal} proposes"]
    )


def _first_person(state: BookState, record: Record) -> str | None:
    """Who did the first half of an act whose halves are events of their own."""
    match record:
        case AgreementSigned():
            draft = state.agreements.get(record.agreement)
            return draft.drafter if draft else None
        case ReportAccepted():
            report = state.reports.get(record.report)
            return report.submitter if report else None
        case PartnerBankDetailsConfirmed():
            partner = state.partners.get(record.partner)
            return partner.proposed.author if partner and partner.proposed else None
        case _:
            return None


def _acts(event: AnyEvent) -> tuple[Act, ...]:
    """The acts that an event can come from; founding, which needs no role, is none of them."""
    if isinstance(event.data, ActProposed):
        act = COMMANDS.get(event.data.act)
        return (act,) if act is not None and act.service in (event.service, None) else ()
    return tuple(act for act in acts_writing(event.name) if act.roles)


def _as_proposed(proposal: Proposal, event: AnyEvent) -> bool:
    """Tell whether an event says what was proposed; the booking day stands in the envelope."""
    said = event.data.model_dump(mode="json", exclude_none=True)
    asked = {name: value for name, value in proposal.data.items() if name != "booked_on"}
    return proposal.phase == event.phase and all(said.get(name) == value for name, value in asked.items())
