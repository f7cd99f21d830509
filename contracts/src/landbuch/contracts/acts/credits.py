"""Credits: proposed, decided, challenged, in force, allocated, reduced (owned by the ledger)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from landbuch.contracts.money import LARGEST, chf
from landbuch.contracts.vocabulary import (
    Amount,
    AmountOrZero,
    AreaCode,
    BasisPoints,
    Count,
    Day,
    Fact,
    Frozen,
    Name,
    ObjectId,
    Order,
    Position,
    Record,
    Share,
    Source,
    SourceAmount,
    Text,
    type_list,
)  # fmt: skip

SourceAmounts = Annotated[tuple[SourceAmount, ...], Field(min_length=1, max_length=5), BeforeValidator(type_list)]


def _demand_once(keys: list[object], what: str) -> None:
    if len(set(keys)) != len(keys):
        message = f"each {what} may be named once"
        raise ValueError(message)


class CreditTerms(Fact):
    """A credit as it is put forward; new (free to decide) and bound spending add up to it."""

    credit: ObjectId
    term: Name
    amounts: SourceAmounts
    new: AmountOrZero
    bound: AmountOrZero
    supplement_to: ObjectId | None = None
    proposed_by: Name | None = None

    def demand(self) -> None:
        """Raise ``ValueError`` when the terms contradict each other."""
        _demand_once([part.source for part in self.amounts], "source")
        total = sum(part.amount for part in self.amounts)
        if self.new + self.bound != total:
            message = f"new {self.new} + bound {self.bound} = {self.new + self.bound} Rappen, but the credit is {total}"
            raise ValueError(message)


class ProposeCredit(CreditTerms, Order):
    """Put a credit forward to the body that decides."""


class CreditProposed(CreditTerms, Record):
    """A credit waits for a decision."""


class WithdrawalTerms(Fact):
    """Why a proposal is withdrawn."""

    credit: ObjectId
    reason: Text


class WithdrawCreditProposal(WithdrawalTerms, Order):
    """Withdraw a proposal that is not decided."""


class CreditProposalWithdrawn(WithdrawalTerms, Record):
    """A proposal is withdrawn."""


class DecisionTerms(Fact):
    """What a body decided, with its counts when they are known."""

    credit: ObjectId
    body: Literal["parliament", "assembly", "executive"]
    body_name: Name
    method: Literal["vote", "show_of_hands", "executive"]
    votes_for: Count | None = None
    votes_against: Count | None = None
    abstentions: Count | None = None
    outcome: Literal["accepted", "rejected", "returned"]
    amounts: SourceAmounts | None = None

    def demand(self) -> None:
        """Raise ``ValueError`` when the terms contradict each other."""
        if (self.votes_for is None) != (self.votes_against is None):
            message = "give the votes for and against together, or neither"
            raise ValueError(message)
        _demand_once([part.source for part in self.amounts or ()], "source")


class RecordCreditDecision(DecisionTerms, Order):
    """Record what parliament, assembly or executive decided; amounts left out mean: as proposed."""


class CreditDecided(DecisionTerms, Record):
    """A credit is decided; ``rules`` names the version of the approval rules it was tested against."""

    rules: ObjectId | None = None


class PublicationTerms(Fact):
    """Where and when a decision was published."""

    credit: ObjectId
    gazette: Name
    published_on: Day


class RecordPublication(PublicationTerms, Order):
    """Record that a decision was published, which opens the referendum window."""


class DecisionPublished(PublicationTerms, Record):
    """A decision is published; the window ends on the last day on which a referendum can be filed, if rules tell."""

    window_ends: Day | None = None


class ReferendumTerms(Fact):
    """Who called a referendum; ``occurred_on`` is the day of filing."""

    credit: ObjectId
    by: Name
    signatures: Count | None = None


class RecordReferendum(ReferendumTerms, Order):
    """Record that a referendum was called."""


class ReferendumCalled(ReferendumTerms, Record):
    """A referendum is called: the credit waits for the people."""


class NotQualifiedTerms(Fact):
    """Why a referendum does not take place."""

    credit: ObjectId
    reason: Literal["late", "signatures"]


class RecordReferendumNotQualified(NotQualifiedTerms, Order):
    """Record that a called referendum does not take place."""


class ReferendumNotQualified(NotQualifiedTerms, Record):
    """A called referendum does not take place; the credit goes on."""


class ExpiryTerms(Fact):
    """Which credit's referendum window is over."""

    credit: ObjectId


class RecordReferendumExpiry(ExpiryTerms, Order):
    """Record that the window passed without a referendum."""


class ReferendumExpired(ExpiryTerms, Record):
    """The window passed without a referendum."""


class PopularVoteTerms(Fact):
    """How the people voted."""

    credit: ObjectId
    yes: Count | None = None
    no: Count | None = None
    yes_share: BasisPoints | None = None
    turnout: BasisPoints | None = None
    outcome: Literal["accepted", "rejected"]
    provisional: bool = False

    def demand(self) -> None:
        """Raise ``ValueError`` when the terms contradict each other."""
        if (self.yes is None) != (self.no is None):
            message = "give yes and no together, or neither"
            raise ValueError(message)


class RecordPopularVote(PopularVoteTerms, Order):
    """Record a popular vote; a provisional result changes nothing."""


class PopularVoteHeld(PopularVoteTerms, Record):
    """The people have voted."""


class AnnulmentTerms(Fact):
    """Which court annulled the decision on a credit."""

    credit: ObjectId
    court: Name
    reference: Name


class RecordAnnulment(AnnulmentTerms, Order):
    """Record that a court annulled a decision: a fact, never refused for lack of money."""


class DecisionAnnulled(AnnulmentTerms, Record):
    """A court has annulled a decision; what cannot be taken from free money is a shortfall."""


class EntryIntoForceTerms(Fact):
    """What brought a credit into force."""

    credit: ObjectId
    trigger: Literal["expired", "vote", "executive", "final", "documented"]


class RecordEntryIntoForce(EntryIntoForceTerms, Order):
    """Record that a credit entered into force; ``documented`` needs evidence."""


class CreditEnteredIntoForce(EntryIntoForceTerms, Record):
    """A credit is in force and can be allocated."""


class AllocationTerms(Fact):
    """What goes from one credit or pledge to areas."""

    credit: ObjectId
    allocations: Annotated[tuple[Share, ...], Field(min_length=1, max_length=100), BeforeValidator(type_list)]

    def demand(self) -> None:
        """Raise ``ValueError`` when the terms contradict each other."""
        _demand_once([(part.area, part.source) for part in self.allocations], "area and source")


class AllocateCredit(AllocationTerms, Order):
    """Give money of a credit or a pledge to areas."""


class CreditAllocated(AllocationTerms, Record):
    """Areas have money."""


class ShiftTerms(Fact):
    """What moves from one area to another, by whose decision."""

    source: Source
    from_area: AreaCode
    to_area: AreaCode
    amount: Amount
    decided_by: Name
    reference: Name | None = None

    def demand(self) -> None:
        """Raise ``ValueError`` when the terms contradict each other."""
        if self.from_area == self.to_area:
            message = "a shift needs two different areas"
            raise ValueError(message)


class ShiftAllocation(ShiftTerms, Order):
    """Move available money between areas of one source."""


class AllocationShifted(ShiftTerms, Record):
    """Available money has moved between areas."""


class CreditPart(Frozen):
    """An amount out of a credit's or pledge's unallocated money."""

    credit: ObjectId
    amount: Amount


class AreaPart(Frozen):
    """An amount out of an area's available money."""

    area: AreaCode
    amount: Amount


class CoverTerms(Fact):
    """Which cuts are covered, and from what; one funding source."""

    source: Source
    covers: Annotated[tuple[Position, ...], Field(min_length=1, max_length=50), BeforeValidator(type_list)]
    from_unallocated: Annotated[tuple[CreditPart, ...], Field(max_length=50), BeforeValidator(type_list)] = ()
    from_available: Annotated[tuple[AreaPart, ...], Field(max_length=50), BeforeValidator(type_list)] = ()

    @property
    def total(self) -> int:
        """What is covered in all, in Rappen."""
        unallocated = sum(part.amount for part in self.from_unallocated)
        return unallocated + sum(part.amount for part in self.from_available)

    def demand(self) -> None:
        """Raise ``ValueError`` when the terms contradict each other."""
        if not self.from_unallocated and not self.from_available:
            message = "name what the shortfall is covered from"
            raise ValueError(message)
        if self.total > LARGEST:
            message = f"{chf(self.total)} at once is too much: a line holds at most {chf(LARGEST)}"
            raise ValueError(message)
        _demand_once(list(self.covers), "cut")
        _demand_once([part.credit for part in self.from_unallocated], "credit")
        _demand_once([part.area for part in self.from_available], "area")


class CoverShortfall(CoverTerms, Order):
    """Cover a shortfall from new authority, so that signing can go on."""


class ShortfallCovered(CoverTerms, Record):
    """A shortfall is covered."""


class ReductionTerms(Fact):
    """What a credit loses: unallocated money, or with an area its available money."""

    credit: ObjectId
    source: Source
    amount: Amount
    area: AreaCode | None = None
    reason: Text


class ReduceCredit(ReductionTerms, Order):
    """Reduce a credit by money that is not committed."""


class CreditReduced(ReductionTerms, Record):
    """A credit is smaller."""


class ShareTerms(Fact):
    """An amount of one area and source, and why it moves."""

    area: AreaCode
    source: Source
    amount: Amount
    reason: Text


class BlockCredit(ShareTerms, Order):
    """Block available money."""


class CreditBlocked(ShareTerms, Record):
    """Available money is blocked."""


class UnblockCredit(ShareTerms, Order):
    """Set blocked money free."""


class CreditUnblocked(ShareTerms, Record):
    """Blocked money is available again."""


class LapseCredit(ShareTerms, Order):
    """Let available money lapse."""


class CreditLapsed(ShareTerms, Record):
    """Available money has lapsed."""
