"""Founding, roles, acts of two persons, information, programmes, approval rules (owned by the ledger)."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field

from landbuch.contracts.vocabulary import (
    Amount,
    AreaCode,
    Count,
    Day,
    Fact,
    Figure,
    Frozen,
    Name,
    ObjectId,
    Order,
    Person,
    Phase,
    Position,
    Record,
    Source,
    Text,
    Uuid,
    type_list,
)  # fmt: skip

Role = Literal[
    "administrator", "clerk", "finance", "approver", "treasurer", "agreement_manager", "auditor", "service", "viewer",
]  # fmt: skip
ROLES: tuple[Role, ...] = get_args(Role)


class FoundBook(Order):
    """Found the book: at least two administrators and the services. Written once, at position 1."""

    administrators: Annotated[tuple[Person, ...], Field(min_length=2, max_length=20), BeforeValidator(type_list)]
    services: Annotated[tuple[Person, ...], Field(max_length=20), BeforeValidator(type_list)] = ()

    def demand(self) -> None:
        """Raise ``ValueError`` when the terms contradict each other."""
        people = [*self.administrators, *self.services]
        if len(set(people)) != len(people):
            message = "each person may be named once: two administrators must be two persons"
            raise ValueError(message)


class RoleTerms(Fact):
    """Who may do what, up to which amount, in which phases, from when."""

    person: Person
    role: Role
    limit: Amount | None = None
    scope: Annotated[tuple[Phase, ...], Field(min_length=1, max_length=20), BeforeValidator(type_list)] | None = None
    valid_from: Day | None = None


class GrantRole(RoleTerms, Order):
    """Give a role to a person; two administrators."""


class RoleGranted(RoleTerms, Record):
    """A person has a role."""


class RevocationTerms(Fact):
    """Whose role ends."""

    person: Person
    role: Role
    reason: Text | None = None


class RevokeRole(RevocationTerms, Order):
    """Take a role from a person; two administrators. Two administrators always remain."""


class RoleRevoked(RevocationTerms, Record):
    """A person no longer has a role."""


class ProposedCommand(Frozen):
    """The command that waits for a second person."""

    commandid: Uuid
    data: dict[str, Any]


class ActProposed(Record):
    """The first of two persons has proposed an act; somebody else confirms or rejects it."""

    act: Name
    command: ProposedCommand


class ConfirmAct(Order):
    """Confirm a proposed act as the second person. It is decided afresh and writes the act's own event."""

    proposal: Position


class RejectAct(Order):
    """Reject a proposed act, or withdraw one's own."""

    proposal: Position
    reason: Text


class ActRejected(Record):
    """A proposed act will not be done; ``proposal`` names it."""

    reason: Text


class InformationTerms(Fact):
    """What is known but cannot be booked."""

    about: Name
    topic: Name
    statement: Text
    figures: Annotated[tuple[Figure, ...], Field(min_length=1, max_length=50), BeforeValidator(type_list)] | None = None
    conflicts_with: Text | None = None


class RecordInformation(InformationTerms, Order):
    """Record rounded amounts, announcements, contradictions between sources: without lines."""


class InformationRecorded(InformationTerms, Record):
    """Something is known that is not booked."""


class Names(Frozen):
    """A name in the four languages; only German is always known."""

    de: Name
    fr: Name | None = None
    it: Name | None = None
    en: Name | None = None


class Area(Frozen):
    """A funding area of one area set, with the areas of the former set that went into it."""

    code: AreaCode
    number: Annotated[int, Field(ge=1, le=99)]
    names: Names
    pillar: Annotated[int, Field(ge=1, le=3)] | None = None
    predecessors: (
        Annotated[tuple[AreaCode, ...], Field(min_length=1, max_length=40), BeforeValidator(type_list)] | None
    ) = None


class AreaSet(Frozen):
    """The funding areas of a phase."""

    code: ObjectId
    areas: Annotated[tuple[Area, ...], Field(min_length=1, max_length=40), BeforeValidator(type_list)]

    def demand(self) -> None:
        """Raise ``ValueError`` when the terms contradict each other."""
        codes = [area.code for area in self.areas]
        numbers = [area.number for area in self.areas]
        if len(set(codes)) != len(codes) or len(set(numbers)) != len(numbers):
            message = "each area code and each number may occur once in an area set"
            raise ValueError(message)


class SourceTerms(Frozen):
    """How a funding source behaves in a programme: must it be matched, does it stay usable in the tail."""

    source: Source
    matching: bool
    tail: bool


class Policies(Frozen):
    """How a programme is booked.

    ``net``: credits cover the canton's share and binding contributions add authority; ``gross``: credits cover all.
    """

    basis: Literal["net", "gross"]
    recovery_restores_credit: bool
    longest_agreement_months: Annotated[int, Field(ge=1, le=240)] | None = None


class ProgrammeTerms(Fact):
    """A canton's integration programme in one phase; the phase code stands in the envelope."""

    label: Name
    start: Day
    end: Day
    tail_end: Day | None = None
    area_set: AreaSet
    sources: Annotated[tuple[SourceTerms, ...], Field(min_length=1, max_length=5), BeforeValidator(type_list)]
    office: Name | None = None
    policies: Policies

    def demand(self) -> None:
        """Raise ``ValueError`` when the terms contradict each other."""
        self.area_set.demand()
        if not self.start <= self.end <= (self.tail_end or self.end):
            message = f"dates out of order: start {self.start}, end {self.end}, tail end {self.tail_end or 'none'}"
            raise ValueError(message)
        sources = [terms.source for terms in self.sources]
        if len(set(sources)) != len(sources):
            message = "each funding source may occur once in a programme"
            raise ValueError(message)


class OpenProgramme(ProgrammeTerms, Order):
    """Open the programme of a phase; two administrators."""


class ProgrammeOpened(ProgrammeTerms, Record):
    """A programme is open, self-contained: a book can be replayed alone."""


class ApprovalRulesTerms(Fact):
    """How a canton approves credits from a day on. What is not known is left out, never guessed."""

    version: ObjectId
    valid_from: Day
    deciding_body: Literal["parliament", "assembly", "executive"]
    executive_limit_once: Amount | None = None
    executive_limit_yearly: Amount | None = None
    referendum: Literal["none", "optional", "mandatory"] | None = None
    signatures: Count | None = None
    days: Annotated[int, Field(ge=1, le=400)] | None = None
    method: Name | None = None


class AdoptApprovalRules(ApprovalRulesTerms, Order):
    """Adopt a version of the approval rules; two administrators."""


class ApprovalRulesAdopted(ApprovalRulesTerms, Record):
    """A version of the approval rules holds from a day on, until a later version does."""
