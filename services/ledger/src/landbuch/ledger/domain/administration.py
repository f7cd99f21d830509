"""Founding the book, roles, programmes, approval rules, information."""

from __future__ import annotations

from collections.abc import Sequence

from landbuch.contracts.acts.programme import (
    AdoptApprovalRules,
    ApprovalRulesAdopted,
    FoundBook,
    GrantRole,
    InformationRecorded,
    OpenProgramme,
    ProgrammeOpened,
    RecordInformation,
    RevokeRole,
    Role,
    RoleGranted,
    RoleRevoked,
)  # fmt: skip
from landbuch.contracts.recording import recorded
from landbuch.contracts.refusals import Code, Refused
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Record
from landbuch.sdk.deciding import Case

LEAST_ADMINISTRATORS = 2
"""So many remain at any time, because their acts need two persons."""


def found_book(state: BookState, order: FoundBook, case: Case) -> Sequence[Record]:
    """Found the book: the first grants, written in one batch from position 1."""
    if state.founding is not None:
        raise Refused(Code.BOOK_ALREADY_FOUNDED, f"The book of {state.canton} was founded at position 1.")
    if case.actor not in order.administrators:
        names = " and ".join(order.administrators)
        raise Refused(Code.ROLE_MISSING, f"{case.actor} is none of the first administrators, {names}.")
    founding: list[tuple[str, Role]] = [(person, "administrator") for person in order.administrators]
    founding += [(person, "service") for person in order.services]
    return [
        RoleGranted(person=person, role=role, occurred_on=order.occurred_on, evidence=order.evidence)
        for person, role in founding
    ]


def grant_role(state: BookState, order: GrantRole, case: Case) -> Sequence[Record]:
    """Give a role that the person does not have."""
    if (order.person, order.role) in state.grants:
        raise Refused(Code.ROLE_ALREADY_GRANTED, f"{order.person} is {order.role} already.")
    return [recorded(RoleGranted, order)]


def revoke_role(state: BookState, order: RevokeRole, case: Case) -> Sequence[Record]:
    """Take a role away; two administrators remain."""
    if (order.person, order.role) not in state.grants:
        raise Refused(Code.ROLE_NOT_GRANTED, f"{order.person} is not {order.role}.")
    administrators = [person for person, role in state.grants if role == "administrator"]
    if order.role == "administrator" and len(administrators) <= LEAST_ADMINISTRATORS:
        left = len(administrators) - 1
        raise Refused(Code.LAST_ADMINISTRATORS, f"{left} administrator would remain; {LEAST_ADMINISTRATORS} must.")
    return [recorded(RoleRevoked, order)]


def open_programme(state: BookState, order: OpenProgramme, case: Case) -> Sequence[Record]:
    """Open a programme, once per phase."""
    if case.phase in state.programmes:
        raise Refused(Code.PROGRAMME_ALREADY_OPEN, f"{state.canton} has its programme {case.phase}.")
    return [recorded(ProgrammeOpened, order)]


def adopt_approval_rules(state: BookState, order: AdoptApprovalRules, case: Case) -> Sequence[Record]:
    """Adopt a version of the rules that overlaps no other."""
    for version, rules in state.rules.items():
        if version == order.version or rules.valid_from == order.valid_from:
            raise Refused(Code.RULES_OVERLAP, f"Version {version} holds from {rules.valid_from} already.")
    return [recorded(ApprovalRulesAdopted, order)]


def record_information(state: BookState, order: RecordInformation, case: Case) -> Sequence[Record]:
    """Record what is known but not booked: never refused by a rule of its own."""
    return [recorded(InformationRecorded, order)]
