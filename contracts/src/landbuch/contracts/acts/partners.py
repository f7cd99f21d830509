"""What happens to a partner after registration: amended, suspended, reinstated, bank details (agreements service)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from landbuch.contracts.acts.agreements import Uid, demand_check_digit
from landbuch.contracts.iban import demand_iban
from landbuch.contracts.vocabulary import Fact, Name, ObjectId, Order, Record, Sha256, Text

Iban = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$")]
"""A bank account number as machines write it, without spaces."""
Salt = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""32 random bytes from whoever proposes, so that nobody can try out numbers against the book."""


class PartnerAmendmentTerms(Fact):
    """What is written differently about a partner from now on; its kind never changes."""

    partner: ObjectId
    name: Name | None = None
    uid: Uid | None = None
    bfs_number: Annotated[int, Field(ge=1, le=9999)] | None = None
    reason: Text

    def demand(self) -> None:
        """Raise ``ValueError`` when the terms contradict each other."""
        if self.name is None and self.uid is None and self.bfs_number is None:
            message = "name what changes: the name, the UID or the BFS number"
            raise ValueError(message)
        if self.uid is not None:
            demand_check_digit(self.uid)


class AmendPartner(PartnerAmendmentTerms, Order):
    """Correct what is written about a partner."""


class PartnerAmended(PartnerAmendmentTerms, Record):
    """A partner is described differently."""


class PartnerReasonTerms(Fact):
    """Which partner, and why."""

    partner: ObjectId
    reason: Text


class SuspendPartner(PartnerReasonTerms, Order):
    """Suspend a partner: nothing more is promised or paid to it."""


class PartnerSuspended(PartnerReasonTerms, Record):
    """A partner is suspended."""


class ReinstatePartner(PartnerReasonTerms, Order):
    """End a partner's suspension."""


class PartnerReinstated(PartnerReasonTerms, Record):
    """A partner is no longer suspended."""


class BankDetailsTerms(Fact):
    """Whose bank details."""

    partner: ObjectId


class ProposePartnerBankDetails(BankDetailsTerms, Order):
    """Propose where a partner is paid. Number and salt stay outside the book."""

    iban: Iban
    salt: Salt

    def demand(self) -> None:
        """Raise ``ValueError`` when the check digits do not fit."""
        demand_iban(self.iban)


class PartnerBankDetailsProposed(BankDetailsTerms, Record):
    """Bank details wait for a second person; ``commitment`` stands for the number."""

    commitment: Sha256
    kind: Literal["iban", "qr_iban"]
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class BankDetailsConfirmationTerms(BankDetailsTerms):
    """Which proposed details the second person has compared with the partner's own letter."""

    commitment: Sha256


class ConfirmPartnerBankDetails(BankDetailsConfirmationTerms, Order):
    """Confirm proposed bank details as a second person."""


class PartnerBankDetailsConfirmed(BankDetailsConfirmationTerms, Record):
    """A partner can be paid."""
