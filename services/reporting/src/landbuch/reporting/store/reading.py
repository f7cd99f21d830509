"""Reading what the projection wrote: each answer from one snapshot, on both clocks."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from landbuch.contracts.canonical import parse
from landbuch.contracts.entry import GENESIS
from landbuch.reporting.domain.programme import Programme, programme_of
from landbuch.reporting.domain.told import Told
from landbuch.reporting.store import tables

PROJECTION = "reporting"
"""Name of the cursor that moves with these tables."""


@dataclass(frozen=True, slots=True)
class Head:
    """Up to where the tables have come: position, leaf there (hex), last recorded time."""

    position: int = 0
    leaf: str = GENESIS
    time: str | None = None


@dataclass(frozen=True, slots=True)
class Extent:
    """What counts: entries up to a position, and of them, when ``as_of`` is given, those booked by that day.

    ``leaf`` and ``time`` are those at the position; ``fixed`` tells that the position was asked for, so that the answer
    never changes.
    """

    book: str
    position: int
    as_of: datetime.date | None
    leaf: str
    time: str | None
    fixed: bool


@dataclass(frozen=True, slots=True)
class Sum:
    """What an account holds in Rappen, and how much of it comes from illustrations."""

    amount: int
    invented: int


@dataclass(frozen=True, slots=True)
class Line:
    """A journal line with the event that caused it."""

    position: int
    account: str
    amount: int


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry with its bytes; ``void`` holds reason and detail when it counts for nothing."""

    position: int
    subject: str
    payload: bytes
    leaf: str
    void: tuple[str, str] | None


def heads(connection: sa.Connection) -> dict[str, Head]:
    """Give up to where the tables of each book have come."""
    table = tables.projection
    query = sa.select(table).where(table.c.name == PROJECTION).order_by(table.c.book)
    return {row.book: Head(row.position, bytes(row.leaf).hex(), row.time) for row in connection.execute(query)}


def extent(
    connection: sa.Connection, book: str, head: Head, position: int | None, as_of: datetime.date | None
) -> Extent:
    """Put an extent together; without a position it ends at the head."""
    if position is None or position == head.position:
        return Extent(book, head.position, as_of, head.leaf, head.time, fixed=position is not None)
    if position == 0:
        return Extent(book, 0, as_of, GENESIS, None, fixed=True)
    entry, event = tables.entry, tables.event
    at = sa.and_(entry.c.book == book, entry.c.position == position)
    leaf = connection.execute(sa.select(entry.c.leaf).where(at)).scalar_one()
    until = sa.select(sa.func.max(event.c.time)).where(event.c.book == book, event.c.position <= position)
    return Extent(book, position, as_of, bytes(leaf).hex(), connection.execute(until).scalar(), fixed=True)


def position_known_at(connection: sa.Connection, book: str, time: str, last: int) -> int:
    """Give the last position that the book had at a recorded time: the one before the first later event."""
    event = tables.event
    later = sa.select(sa.func.min(event.c.position)).where(event.c.book == book, event.c.time > time)
    first_later = connection.execute(later).scalar()
    return last if first_later is None else int(first_later) - 1


def first_booking(connection: sa.Connection, book: str, phase: str) -> datetime.date | None:
    """Give the first day on which anything was booked in a phase."""
    line = tables.line
    query = sa.select(sa.func.min(line.c.bookedon)).where(line.c.book == book, line.c.phase == phase)
    return connection.execute(query).scalar()


def programmes(connection: sa.Connection, within: Extent) -> dict[str, Programme]:
    """Give the programmes that were known, by phase. When they begin and end is no matter of the booking day."""
    found = _told(connection, _events(within.book, within.position, ("ProgrammeOpened",)))
    return {told.phase: programme_of(told.phase, told.position, told.data) for told in found if told.known}


def sums(
    connection: sa.Connection, within: Extent, phase: str, layers: Collection[str] = ("credit",)
) -> dict[str, Sum]:
    """Give every account of a phase that was ever booked, also those that are zero again."""
    line = tables.line
    invented = sa.func.coalesce(sa.func.sum(line.c.amount).filter(line.c.illustration), 0)
    layer = sa.func.split_part(line.c.account, ":", 1)
    query = (
        sa.select(line.c.account, sa.func.sum(line.c.amount), invented)
        .where(_inside(line, within), line.c.phase == phase, layer.in_(tuple(layers)))
        .group_by(line.c.account)
        .order_by(line.c.account)
    )
    return {account: Sum(int(amount), int(of_it)) for account, amount, of_it in connection.execute(query)}


def lines(
    connection: sa.Connection, within: Extent, phase: str, accounts: Iterable[str], without: Extent | None = None
) -> list[Line]:
    """Give the lines on some accounts in the order of the book; ``without`` leaves out what lies in that extent."""
    line = tables.line
    query = (
        sa.select(line.c.position, line.c.account, line.c.amount)
        .where(_inside(line, within), line.c.phase == phase, line.c.account.in_(tuple(accounts)))
        .order_by(line.c.position, line.c.number)
    )
    if without is not None:
        query = query.where(sa.not_(_inside(line, without)))
    return [Line(row.position, row.account, row.amount) for row in connection.execute(query)]


def by_position(connection: sa.Connection, within: Extent, positions: Collection[int]) -> list[Told]:
    """Give the events at these positions in the order of the book."""
    query = _events(within.book, within.position).where(tables.event.c.position.in_(tuple(positions)))
    return _with_reversals(connection, within, _told(connection, query))


def by_name(connection: sa.Connection, within: Extent, names: Collection[str], phase: str | None = None) -> list[Told]:
    """Give the events with these names in the order of the book."""
    query = _events(within.book, within.position, names, within.as_of)
    if phase is not None:
        query = query.where(tables.event.c.phase == phase)
    return _with_reversals(connection, within, _told(connection, query))


def about(connection: sa.Connection, within: Extent, objects: Collection[str]) -> list[Told]:
    """Give the events that speak of any of these objects, in the order of the book."""
    event, mention = tables.event, tables.mention
    spoken = sa.select(mention.c.position).where(
        mention.c.book == within.book, mention.c.object.in_(tuple(objects)), mention.c.position <= within.position
    )
    query = _events(within.book, within.position, as_of=within.as_of).where(event.c.position.in_(spoken))
    return _with_reversals(connection, within, _told(connection, query))


def unknown(connection: sa.Connection, within: Extent) -> int:
    """Count the events of types that this version does not know."""
    event = tables.event
    query = sa.select(sa.func.count()).where(_inside(event, within), sa.not_(event.c.known))
    return connection.execute(query).scalar_one()


def voids(connection: sa.Connection, within: Extent) -> int:
    """Count the void entries."""
    void = tables.void_entry
    query = sa.select(sa.func.count()).where(void.c.book == within.book, void.c.position <= within.position)
    return connection.execute(query).scalar_one()


def _with_reversals(connection: sa.Connection, within: Extent, told: list[Told]) -> list[Told]:
    """Note on each event the entry that reversed it."""
    if not told:
        return told
    mention, event = tables.mention, tables.event
    same = sa.and_(event.c.book == mention.c.book, event.c.position == mention.c.position)
    query = (
        sa.select(mention.c.object, mention.c.position)
        .join(event, same)
        .where(
            mention.c.book == within.book,
            mention.c.object.in_([f"#{one.position}" for one in told]),
            event.c.name == "EntryReversed",
            _inside(event, within),
        )
    )
    reversals = {row.object: row.position for row in connection.execute(query)}
    return [replace(one, reversed_at=reversals.get(f"#{one.position}")) for one in told]


def _events(
    book: str, position: int, names: Collection[str] | None = None, as_of: datetime.date | None = None
) -> sa.Select[Any]:
    event, entry = tables.event, tables.entry
    same = sa.and_(entry.c.book == event.c.book, entry.c.position == event.c.position)
    query = sa.select(event, entry.c.payload).join(entry, same)
    query = query.where(event.c.book == book, event.c.position <= position).order_by(event.c.position)
    if names is not None:
        query = query.where(event.c.name.in_(tuple(names)))
    return query if as_of is None else query.where(event.c.bookedon <= as_of)


def told_of(row: sa.Row[Any]) -> Told:
    """Make an event of a row of the event index with its payload."""
    value: Any = parse(bytes(row.payload))
    return Told(
        row.position, row.id, row.name, row.phase, row.bookedon.isoformat(), row.time, row.actor, value["data"],
        row.illustration, row.known,
    )  # fmt: skip


def _told(connection: sa.Connection, query: sa.Select[Any]) -> list[Told]:
    return [told_of(row) for row in connection.execute(query)]


def _inside(table: sa.Table, within: Extent) -> sa.ColumnElement[bool]:
    inside = sa.and_(table.c.book == within.book, table.c.position <= within.position)
    return inside if within.as_of is None else sa.and_(inside, table.c.bookedon <= within.as_of)
