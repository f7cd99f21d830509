"""The rows of a book's state: frozen; a change sets another row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from landbuch.contracts.acts.contributions import PledgeTerms
from landbuch.contracts.entry import GENESIS
from landbuch.contracts.mentions import Token
from landbuch.contracts.parts import Parts, total
from landbuch.contracts.vocabulary import YearShare


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry: position, leaf hash, and the last recorded time of an event."""

    position: int = 0
    leaf: str = GENESIS
    time: str | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """A role of a person: up to which amount, in which phases (``None``: all), from which day."""

    limit: int | None
    scope: tuple[str, ...] | None
    valid_from: str | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """An act that waits for a second person, or no longer."""

    service: str
    act: str
    phase: str
    data: Mapping[str, Any]
    author: str
    event: str
    open: bool = True


CreditStage = Literal["proposed", "withdrawn", "returned", "rejected", "accepted", "voted_down", "in_force", "annulled"]


@dataclass(frozen=True, slots=True)
class Credit:
    """A credit and where it stands between proposal and force."""

    phase: str
    amounts: tuple[tuple[str, int], ...]
    new: int
    supplement_to: str | None
    stage: CreditStage = "proposed"
    proposed_on: str | None = None
    decided_on: str | None = None
    body: str | None = None
    rules: str | None = None
    beyond_limit: bool = False
    published_on: str | None = None
    window_ends: str | None = None
    referendum: Literal["called", "not_qualified", "expired"] | None = None
    filed_on: str | None = None
    vote: Literal["accepted", "rejected"] | None = None
    voted_on: str | None = None

    @property
    def challenged(self) -> bool:
        """Whether a referendum is called on which nobody has voted."""
        return self.referendum == "called" and self.vote is None


@dataclass(frozen=True, slots=True)
class Pledge:
    """A contribution that somebody pledged; ``claimed`` is what is asked for and not received."""

    phase: str
    terms: PledgeTerms
    amount: int
    claimed: int = 0
    received: int = 0
    recognised: int = 0


@dataclass(frozen=True, slots=True)
class Budget:
    """One year: whether a budget was voted, and what was supplemented while there was none."""

    voted: bool = False
    without_vote: int = 0


@dataclass(frozen=True, slots=True)
class Cut:
    """What an event left as shortfall of one source, and how much of it is uncovered."""

    phase: str
    uncovered: int


@dataclass(frozen=True, slots=True)
class BankDetails:
    """What stands for a bank account number, and who proposed it."""

    commitment: str
    author: str


@dataclass(frozen=True, slots=True)
class Partner:
    """Who delivers services; ``proposed`` bank details wait for a second person, ``confirmed`` ones are paid to."""

    kind: str
    name: str | None
    suspended: bool = False
    proposed: BankDetails | None = None
    confirmed: BankDetails | None = None


AgreementStage = Literal["drafted", "signed", "suspended", "terminated", "settled", "closed"]


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agreement between draft and closing; ``former`` are areas and sources that an amendment may have left out."""

    phase: str
    partner: str
    drafter: str
    start: str
    end: str
    ceiling: int
    items: tuple[YearShare, ...]
    stage: AgreementStage = "drafted"
    form: str = "contract"
    advance_cap: int | None = None
    reserve_cap: int | None = None
    former: tuple[tuple[str, str], ...] = ()

    def shares(self) -> tuple[tuple[str, str, int], ...]:
        """What the items come to per area and source, bytewise: (area, source, Rappen)."""
        sums: dict[tuple[str, str], int] = dict.fromkeys(self.former, 0)
        for item in self.items:
            sums[item.area, item.source] = sums.get((item.area, item.source), 0) + item.amount
        return tuple((area, source, sums[area, source]) for area, source in sorted(sums))


@dataclass(frozen=True, slots=True)
class Report:
    """A partner's report."""

    agreement: str
    submitter: str
    stage: Literal["submitted", "accepted", "rejected"] = "submitted"


@dataclass(frozen=True, slots=True)
class Milestone:
    """What shall be reached by when."""

    phase: str
    due: str
    agreement: str | None
    stage: Literal["planned", "due", "reached", "missed", "waived"] = "planned"

    @property
    def passed(self) -> bool:
        """Tell whether what it gates may be paid."""
        return self.stage in ("reached", "waived")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """An evaluation or a study."""

    phase: str
    stage: Literal["commissioned", "delivered", "published"] = "commissioned"


@dataclass(frozen=True, slots=True)
class Finding:
    """What an auditor found."""

    phase: str
    resolved: bool = False


DisbursementStage = Literal[
    "requested", "rejected", "withdrawn", "approved", "revoked", "instructed", "paid", "returned", "cancelled",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Disbursement:
    """A payment: what was asked for, and what of it is released and used per area and source.

    ``year`` is that of the approval, whose budget pays.
    """

    phase: str
    agreement: str
    tranche: int | None
    amount: int
    kind: str
    requester: str
    asked: Parts
    stage: DisbursementStage = "requested"
    year: int = 0
    released: Parts = ()
    used: Parts = ()

    @property
    def in_flight(self) -> bool:
        """Tell whether it is asked for or approved and has not come to an end."""
        return self.stage in ("requested", "approved", "instructed") or bool(self.released)

    @property
    def live(self) -> int:
        """What it asks for, has released or has used, in Rappen."""
        return self.amount if self.stage == "requested" else total(self.released) + total(self.used)


@dataclass(frozen=True, slots=True)
class Recovery:
    """A claim for money back: what was claimed, and what of principal and interest is outstanding."""

    phase: str
    agreement: str
    claimed: Parts
    principal: Parts
    interest: int


@dataclass(frozen=True, slots=True)
class Movement:
    """A bank line that was booked: its effect on the bank account; in clearing until it is known what for."""

    position: int
    phase: str
    amount: int
    clearing: bool
    occurred_on: str | None


@dataclass(frozen=True, slots=True)
class Opening:
    """What a programme brought along: its bank balance in Rappen, and whether it brought authority."""

    bank: int
    credit: bool


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """By how much bank and book differ, until it is explained."""

    amount: int
    explained: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """What is remembered of an event so that it can be reversed.

    ``own`` are the objects and rows that it is about; ``mentions`` names all that it carries, each with the position of
    the event that carried it before (0: none); ``former`` are the rows that it changed, as they were.
    """

    name: str
    id: str
    phase: str
    lines: tuple[tuple[str, int], ...]
    own: tuple[Token, ...]
    mentions: tuple[tuple[Token, int], ...]
    former: tuple[tuple[str, Any, Any], ...]
    reversed: bool = False
