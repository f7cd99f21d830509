"""Who may do what, as the book says: roles with scope and first day, and acts of two persons.

A token only says who somebody is. Because roles are events, a replay re-checks every act.
"""

from __future__ import annotations

from collections.abc import Iterator

from landbuch.contracts import accounts as at
from landbuch.contracts.acts.agreement_life import ReportAccepted
from landbuch.contracts.acts.agreements import AgreementSigned
from landbuch.contracts.acts.disbursements import DisbursementApproved
from landbuch.contracts.acts.partners import PartnerBankDetailsConfirmed
from landbuch.contracts.acts.programme import ActProposed, ActRejected, Role, RoleGranted
from landbuch.contracts.catalogue import COMMANDS, Act, acts_writing
from landbuch.contracts.dates import zurich_day
from landbuch.contracts.envelope import AnyEvent
from landbuch.contracts.money import chf
from landbuch.contracts.rows import Proposal
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import NO_PHASE, Record


def may(state: BookState, act: Act, actor: str, phase: str, today: str) -> bool:
    """Tell whether a person holds a role for an act, in this phase, on this day (Zurich)."""
    return any(_holds(state, actor, role, phase, today) for role in act.roles)


def _holds(state: BookState, actor: str, role: Role, phase: str, today: str) -> bool:
    grant = state.grants.get((actor, role))
    if grant is None or (grant.valid_from or today) > today:
        return False
    return grant.scope is None or phase == NO_PHASE or phase in grant.scope


def limit_of(state: BookState, act: Act, actor: str, phase: str, today: str) -> int | None:
    """Up to which total of an object a person may do an act, in Rappen; ``None`` without limit; 0 without the role."""
    limits = [state.grants[actor, role].limit for role in act.roles if _holds(state, actor, role, phase, today)]
    known = [limit for limit in limits if limit is not None]
    return None if len(known) < len(limits) else max(known, default=0)


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
    first = _first_half(state, record)
    if first is not None and first[0] == event.actor:
        return [f"{event.actor} {first[1]} alone"]
    if isinstance(record, ActProposed | ActRejected) or not acts[0].two_persons:
        return []
    proposal = state.proposals.get(record.proposal or 0)
    if proposal is None or not proposal.open or proposal.act not in {act.command for act in acts}:
        return [f"{acts[0].command} needs two persons, but the event names no open proposal"]
    found = [f"{event.actor} proposed and confirmed alone"] if proposal.author == event.actor else []
    if not _as_proposed(proposal, event):
        found.append(f"{event.name} is not what position {record.proposal} proposes")
    if isinstance(record, DisbursementApproved):
        found += _approval(state, event, record, proposal.author, today)
    return found


def _approval(state: BookState, event: AnyEvent, record: DisbursementApproved, first: str, today: str) -> Iterator[str]:
    """What is wrong with an approval: who approved, and up to which total they may."""
    payment = state.disbursements.get(record.disbursement)
    if record.approvers != (first, event.actor):
        yield f"{first} and {event.actor} approved, but {' and '.join(record.approvers)} are named"
    if payment is None:
        return
    if payment.requester in record.approvers:
        yield f"{payment.requester} requested and approved {record.disbursement}"
    reached = approved_total(state, event.phase, payment.agreement) + payment.amount
    for approver in record.approvers:
        limit = limit_of(state, COMMANDS["ApproveDisbursement"], approver, event.phase, today)
        if limit is not None and reached > limit:
            yield f"{approver} may approve up to {chf(limit)}; {payment.agreement} comes to {chf(reached)}"


def approved_total(state: BookState, phase: str, agreement: str) -> int:
    """What is released and used of an agreement so far, in Rappen."""
    known = state.agreements.get(agreement)
    return sum(
        state.balance(phase, at.released(area, source, agreement))
        + state.balance(phase, at.used(area, source, agreement))
        for area, source, _ in (known.shares() if known else ())
    )


def _first_half(state: BookState, record: Record) -> tuple[str, str] | None:
    """Who did the first half of an act whose halves are events of their own, and what both halves are."""
    match record:
        case AgreementSigned():
            draft = state.agreements.get(record.agreement)
            return (draft.drafter, "drafted and signed") if draft else None
        case ReportAccepted():
            report = state.reports.get(record.report)
            return (report.submitter, "submitted and accepted") if report else None
        case PartnerBankDetailsConfirmed():
            partner = state.partners.get(record.partner)
            return (partner.proposed.author, "proposed and confirmed") if partner and partner.proposed else None
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
