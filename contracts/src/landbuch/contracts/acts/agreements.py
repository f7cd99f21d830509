"""Programme agreements, partners, agreements (owned by the agreements service)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from landbuch.contracts.money import chf
from landbuch.contracts.vocabulary import (
    Amount,
    BasisPoints,
    Day,
    Fact,
    Name,
    ObjectId,
    Order,
    Person,
    Record,
    Sha256,
    YearShare,
    type_list,
)  # fmt: skip

_UID_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4)


def demand_check_digit(uid: str) -> None:
    """Refuse a UID whose last digit does not fit (Federal Statistical Office, UID, modulo 11)."""
    digits = [int(digit) for digit in uid if digit.isdigit()]
    check = 11 - sum(weight * digit for weight, digit in zip(_UID_WEIGHTS, digits, strict=False)) % 11
    if check == 10 or check % 11 != digits[-1]:  # noqa: PLR2004  # ten is never issued
        message = f"{uid} has a wrong check digit: compare it with the UID register"
        raise ValueError(message)


Uid = Annotated[str, StringConstraints(pattern=r"^CHE-[0-9]{3}\.[0-9]{3}\.[0-9]{3}$")]
"""The federal enterprise number as it is written: ``CHE-109.322.551``."""


YearShares = Annotated[tuple[YearShare, ...], Field(min_length=1, max_length=200), BeforeValidator(type_list)]


def demand_items(ceiling: int, items: tuple[YearShare, ...]) -> None:
    """Raise ``ValueError`` unless the items add up to the ceiling and name each area, source and year once."""
    total = sum(item.amount for item in items)
    if total != ceiling:
        message = f"the items add up to {chf(total)}, but the ceiling is {chf(ceiling)}"
        raise ValueError(message)
    keys = [(item.area, item.source, item.year) for item in items]
    if len(set(keys)) != len(keys):
        message = "each area, source and year may be named once"
        raise ValueError(message)


class ProgrammeAgreementTerms(Fact):
    """Who signed the programme agreement between canton and Confederation."""

    counterparty: Name
    signed_by: Name
    document: Sha256 | None = None


class RecordProgrammeAgreement(ProgrammeAgreementTerms, Order):
    """Record that canton and Confederation (SEM) signed a programme agreement."""


class ProgrammeAgreementSigned(ProgrammeAgreementTerms, Record):
    """The programme agreement is signed; once per programme."""


class PartnerTerms(Fact):
    """Who delivers services. A private person's name never stands in the book."""

    partner: ObjectId
    kind: Literal["ngo", "commune", "cantonal_unit", "company", "church", "private_person"]
    name: Name | None = None
    uid: Uid | None = None
    bfs_number: Annotated[int, Field(ge=1, le=9999)] | None = None

    def demand(self) -> None:
        """Raise ``ValueError`` when the terms contradict each other."""
        if self.kind == "private_person" and self.name is not None:
            message = "the name of a private person stands outside the book; leave the name out"
            raise ValueError(message)
        if self.kind != "private_person" and self.name is None:
            message = "give the organisation's name"
            raise ValueError(message)
        if self.kind == "commune" and self.bfs_number is None:
            message = "a commune needs its BFS number (official register of communes)"
            raise ValueError(message)
        if self.uid is not None:
            demand_check_digit(self.uid)


class RegisterPartner(PartnerTerms, Order):
    """Register a partner."""


class PartnerRegistered(PartnerTerms, Record):
    """A partner is known."""


class AgreementTerms(Fact):
    """A draft of an agreement: the items say what it plans per area, source and year, and add up to the ceiling."""

    agreement: ObjectId
    partner: ObjectId
    form: Literal["contract", "ruling"]
    title: Name | None = None
    start: Day
    end: Day
    ceiling: Amount
    items: YearShares
    advance_cap: BasisPoints | None = None
    reserve_cap: BasisPoints | None = None
    vat: Literal["exempt", "inclusive", "exclusive"] | None = None

    def demand(self) -> None:
        """Raise ``ValueError`` when the terms contradict each other."""
        if self.start > self.end:
            message = f"dates out of order: start {self.start}, end {self.end}"
            raise ValueError(message)
        demand_items(self.ceiling, self.items)
        outside = [item.year for item in self.items if not int(self.start[:4]) <= item.year <= int(self.end[:4])]
        if outside:
            message = f"dates out of order: item of {outside[0]} in an agreement from {self.start} to {self.end}"
            raise ValueError(message)


class DraftAgreement(AgreementTerms, Order):
    """Draft an agreement with a partner."""


class AgreementDrafted(AgreementTerms, Record):
    """An agreement is drafted; nothing is promised."""


class SignatureTerms(Fact):
    """When an agreement was signed and by whom."""

    agreement: ObjectId
    signed_on: Day
    signatories: Annotated[tuple[Person, ...], Field(min_length=1, max_length=10), BeforeValidator(type_list)]
    document: Sha256 | None = None


class SignAgreement(SignatureTerms, Order):
    """Sign a draft: a promise, only as far as credit is in force and available (FHG art. 21)."""


class AgreementSigned(SignatureTerms, Record):
    """An agreement is signed; its ceiling is committed."""
