"""What pages and API both ask: figures, explanations, comparisons, credits, agreements, partners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from landbuch.contracts import figures
from landbuch.contracts.accounts import below_zero
from landbuch.contracts.figures import AreaSource, Figures
from landbuch.reporting.domain import agreement, credit, explained, partner
from landbuch.reporting.domain.agreement import Agreement
from landbuch.reporting.domain.credit import Credit
from landbuch.reporting.domain.explained import Contribution, Wanted
from landbuch.reporting.domain.partner import Partner
from landbuch.reporting.domain.told import Told
from landbuch.reporting.store import reading
from landbuch.reporting.store.reading import Extent, Sum

_SHOWN = ("approved", "committed", "disbursed", "available")


@dataclass(frozen=True, slots=True)
class Position:
    """The figures of one area and source, and whether an illustration has a part in them."""

    area: str
    source: str
    figures: Figures
    illustration: bool


@dataclass(frozen=True, slots=True)
class Balances:
    """The figures of a phase, the accounts they come from, and the accounts that are below zero though none may be."""

    sums: Mapping[str, Sum]
    rows: tuple[Position, ...]
    overdrawn: tuple[str, ...]

    @property
    def booked(self) -> bool:
        """Whether anything was booked at all."""
        return bool(self.sums)

    @property
    def total(self) -> Figures:
        """The programme's figures; ``approved`` is what is in force."""
        return figures.total({(row.area, row.source): row.figures for row in self.rows})

    def illustrated(self, wanted: Wanted) -> bool:
        """Tell whether a figure would be another without the illustrations."""
        return _illustrated(self.sums, wanted)


@dataclass(frozen=True, slots=True)
class Explanation:
    """A figure in Rappen, the accounts that it is the sum of, and what each event added.

    Where nothing at all was ``booked`` for its area, source and object, the figure is not nought but unknown.
    """

    amount: int
    terms: Mapping[str, int]
    parts: Sequence[tuple[Contribution, Told]]
    booked: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure of one area and source in two states, and the events that explain the difference.

    Each event stands with what it adds to the difference, and whether it lies in the second state (else in the first).
    """

    area: str
    source: str
    first: int
    second: int
    parts: Sequence[tuple[Contribution, Told, bool]]


def balances(connection: sa.Connection, within: Extent, phase: str) -> Balances:
    """Answer what a phase's figures are."""
    sums = reading.sums(connection, within, phase, ("credit", "budget"))
    held = {account: part.amount for account, part in sums.items()}
    of_credit = {account: part for account, part in sums.items() if account.startswith("credit:")}
    rows = tuple(
        Position(area, source, row, any(_illustrated(of_credit, Wanted(name, area, source)) for name in _SHOWN))
        for (area, source), row in figures.headline(held).items()
    )
    overdrawn = tuple(account for account in sorted(held) if below_zero(held, account))
    return Balances(of_credit, rows, overdrawn)


def _illustrated(sums: Mapping[str, Sum], wanted: Wanted) -> bool:
    return sum(part.invented for account, part in sums.items() if wanted.counts(account)) != 0


def amounts(connection: sa.Connection, within: Extent, phase: str) -> dict[str, int]:
    """Give what each account of the credit layer holds, in Rappen."""
    return {account: part.amount for account, part in reading.sums(connection, within, phase).items()}


def explain(connection: sa.Connection, within: Extent, phase: str, wanted: Wanted) -> Explanation:
    """Take a figure apart."""
    held = amounts(connection, within, phase)
    terms = explained.terms(wanted, held)
    lines = [(line.position, line.account, line.amount) for line in reading.lines(connection, within, phase, terms)]
    parts = explained.contributions(lines)
    told = {one.position: one for one in reading.by_position(connection, within, [part.position for part in parts])}
    booked = any(wanted.concerns(account) for account in held)
    return Explanation(sum(terms.values()), terms, [(part, told[part.position]) for part in parts], booked)


def compare(connection: sa.Connection, first: Extent, second: Extent, phase: str, wanted: Wanted) -> list[Difference]:
    """Compare a figure in two states, per area and source; the listed events add up to each difference."""
    sums = [reading.sums(connection, one, phase) for one in (first, second)]
    accounts = sorted({account for one in sums for account in one if wanted.counts(account)})
    only = [
        [(line.position, line.account, line.amount) for line in reading.lines(connection, one, phase, accounts, other)]
        for one, other in ((first, second), (second, first))
    ]
    held = [_by_area_and_source(accounts, one) for one in sums]
    gone, come = explained.by_area_and_source(only[0]), explained.by_area_and_source(only[1])
    positions = {line[0] for one in only for line in one}
    told = {one.position: one for one in reading.by_position(connection, _wider(first, second), positions)}
    rows = []
    for key in sorted({*held[0], *held[1]}):
        parts = [(_negated(part), told[part.position], False) for part in explained.contributions(gone.get(key, ()))]
        parts += [(part, told[part.position], True) for part in explained.contributions(come.get(key, ()))]
        parts.sort(key=lambda part: part[0].position)
        rows.append(Difference(*key, held[0].get(key, 0), held[1].get(key, 0), parts))
    return rows


def _by_area_and_source(accounts: Sequence[str], sums: Mapping[str, Sum]) -> dict[AreaSource, int]:
    lines = [(0, account, sums[account].amount if account in sums else 0) for account in accounts]
    return {key: sum(line[2] for line in part) for key, part in explained.by_area_and_source(lines).items()}


def _negated(part: Contribution) -> Contribution:
    return Contribution(part.position, -part.amount, part.accounts)


def _wider(first: Extent, second: Extent) -> Extent:
    return first if first.position >= second.position else second


def credits(connection: sa.Connection, within: Extent, phase: str | None = None) -> dict[str, Credit]:
    """Give the credits by id."""
    return credit.credits_of(reading.by_name(connection, within, credit.NAMES, phase))


def agreements(connection: sa.Connection, within: Extent, phase: str | None = None) -> dict[str, Agreement]:
    """Give the agreements by id."""
    names = {*agreement.STATES, "AgreementDrafted", "AgreementAmended", "MilestonePlanned"}
    names |= {"MilestoneRescheduled", "MilestoneReached", "MilestoneWaived", "MilestoneMissed", "MilestoneBecameDue"}
    return agreement.agreements_of(reading.by_name(connection, within, names, phase))


def life_of(connection: sa.Connection, within: Extent, agreement_id: str) -> tuple[Agreement | None, list[Told]]:
    """Give an agreement and every event that tells its life, those of its payments and milestones among them."""
    own = reading.about(connection, within, {agreement_id})
    objects = agreement.owned(own)
    events = reading.about(connection, within, {agreement_id, *objects}) if objects else own
    events = sorted({one.position: one for one in [*events, *_responses(connection, within, events)]}.values(), key=_at)
    return agreement.agreements_of(events).get(agreement_id), events


def story_of(connection: sa.Connection, within: Extent, credit_id: str) -> tuple[Credit | None, list[Told]]:
    """Give a credit and every event that speaks of it."""
    own = reading.about(connection, within, {credit_id})
    events = sorted({one.position: one for one in [*own, *_responses(connection, within, own)]}.values(), key=_at)
    return credit.credits_of(events).get(credit_id), events


def _responses(connection: sa.Connection, within: Extent, events: Sequence[Told]) -> list[Told]:
    """Give what later entries say of these: rejections and reversals name them by position."""
    return reading.about(connection, within, {f"#{one.position}" for one in events}) if events else []


def _at(told: Told) -> int:
    return told.position


def partners(connection: sa.Connection, within: Extent) -> dict[str, Partner]:
    """Give the partners by id, whatever the booking day: it says nothing about when a partner is one."""
    known = Extent(within.book, within.position, None, within.leaf, within.time, within.fixed)
    return partner.partners_of(reading.by_name(connection, known, partner.NAMES))
