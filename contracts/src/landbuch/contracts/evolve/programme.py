"""What founding, roles, proposals, programmes and approval rules change."""

from __future__ import annotations

from pydantic import ValidationError

from landbuch.contracts.acts import programme
from landbuch.contracts.catalogue import COMMANDS
from landbuch.contracts.envelope import AnyEvent
from landbuch.contracts.evolve.change import Change
from landbuch.contracts.rows import Grant, Proposal
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record


def _role_granted(state: BookState, event: AnyEvent, record: programme.RoleGranted) -> None:
    if state.founding is None:
        state.found(event.commandid)
    state.grants.set((record.person, record.role), Grant(record.limit, record.scope, record.valid_from))


def _role_revoked(state: BookState, event: AnyEvent, record: programme.RoleRevoked) -> None:
    state.grants.drop((record.person, record.role))


def _act_proposed(state: BookState, event: AnyEvent, record: programme.ActProposed) -> None:
    """Remember what can be confirmed; what this service does not do, or nobody can read, cannot."""
    act = COMMANDS.get(record.act)
    if act is None or not act.two_persons or act.service not in (event.service, None):
        return
    try:
        act.order.model_validate(record.command.data)
    except ValidationError:
        return
    proposal = Proposal(event.service, record.act, event.phase, record.command.data, event.actor, event.id)
    state.proposals.set(event.position, proposal)


def _programme_opened(state: BookState, event: AnyEvent, record: programme.ProgrammeOpened) -> None:
    state.programmes.set(event.phase, record)


def _rules_adopted(state: BookState, event: AnyEvent, record: programme.ApprovalRulesAdopted) -> None:
    state.rules.set(record.version, record)


CHANGES: dict[type[Record], Change] = {
    programme.RoleGranted: _role_granted,
    programme.RoleRevoked: _role_revoked,
    programme.ActProposed: _act_proposed,
    programme.ProgrammeOpened: _programme_opened,
    programme.ApprovalRulesAdopted: _rules_adopted,
}
