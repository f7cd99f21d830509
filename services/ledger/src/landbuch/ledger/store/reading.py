"""Reading what the projection wrote: each answer from one snapshot, so that position and figures belong together."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from landbuch.contracts.canonical import parse
from landbuch.contracts.entry import GENESIS, Entry
from landbuch.contracts.merkle import EMPTY_ROOT
from landbuch.ledger.store import tables
from landbuch.sdk.projection import answering

PROJECTION = "ledger"
"""Name of the cursor that moves with these tables."""

Balances = dict[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Head:
    """The last copied entry of a book: position, leaf there, root over all leaves (hex), last recorded time."""

    position: int = 0
    leaf: str = GENESIS
    root: str = EMPTY_ROOT.hex()
    time: str | None = None


@dataclass(frozen=True, slots=True)
class Extent:
    """Which lines count: those up to a position, and when ``as_of`` is given those booked on that day or before."""

    position: int
    as_of: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Programme:
    """What ``ProgrammeOpened`` says that a query needs."""

    position: int
    label: str
    areas: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Copied:
    """An entry of the copy, with the leaf that was noted when it was copied."""

    position: int
    entry: Entry
    leaf: bytes


@dataclass(frozen=True, slots=True)
class Told:
    """An entry of the copy, and reason and detail when it counts for nothing."""

    copied: Copied
    void: tuple[str, str] | None


@contextmanager
def snapshot(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Open one read-only transaction that sees one state of all tables; raises ``UnavailableError``."""
    with answering(), engine.connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


def head_of_copy(engine: sa.Engine, canton: str) -> dict[str, Any]:
    """Give ``{"position", "leaf", "root"}`` of the ledger's copy: independent evidence of what a book holds.

    The root is that of RFC 6962 over the leaves 1 to ``position``; of an empty copy: position 0, 64 zeros, and the root
    of no leaves. Raises ``UnavailableError``.
    """
    with snapshot(engine) as connection:
        found = head(connection, canton) or Head()
    return {"position": found.position, "leaf": found.leaf, "root": found.root}


def head(connection: sa.Connection, book: str) -> Head | None:
    """Give the head of one book's copy, ``None`` when the ledger does not know the book."""
    return heads(connection, book).get(book)


def heads(connection: sa.Connection, book: str | None = None) -> dict[str, Head]:
    """Give the heads of all copies, or of one."""
    table = tables.projection
    query = sa.select(table).where(table.c.name == PROJECTION).order_by(table.c.book)
    if book is not None:
        query = query.where(table.c.book == book)
    return {
        row.book: Head(row.position, bytes(row.leaf).hex(), bytes(row.root).hex(), row.time)
        for row in connection.execute(query)
    }


def position_known_at(connection: sa.Connection, book: str, time: str, last: int) -> int:
    """Give the last position that the book had at a recorded time: the one before the first later event."""
    event = tables.event
    first_later = connection.execute(
        sa.select(sa.func.min(event.c.position)).where(event.c.book == book, event.c.time > time)
    ).scalar()
    return last if first_later is None else int(first_later) - 1


def head_at(connection: sa.Connection, book: str, position: int) -> tuple[str, str | None]:
    """Give the leaf at a position and the recorded time up to there."""
    if position == 0:
        return GENESIS, None
    entry, event = tables.entry, tables.event
    leaf = connection.execute(
        sa.select(entry.c.leaf).where(entry.c.book == book, entry.c.position == position)
    ).scalar_one()
    time = connection.execute(
        sa.select(sa.func.max(event.c.time)).where(event.c.book == book, event.c.position <= position)
    ).scalar()
    return bytes(leaf).hex(), time


def balances(
    connection: sa.Connection,
    book: str,
    extent: Extent | None = None,
    phase: str | None = None,
    layer: str | None = None,
) -> Balances:
    """Give all accounts that are not zero, in Rappen, by (phase, account).

    Without an extent they are read from the table of balances, otherwise they are summed from the journal.
    """
    table = tables.balance if extent is None else tables.journal_line
    amount = table.c.amount if extent is None else sa.func.sum(table.c.amount)
    query = sa.select(table.c.phase, table.c.account, amount.label("amount")).where(table.c.book == book)
    if phase is not None:
        query = query.where(table.c.phase == phase)
    if layer is not None:
        query = query.where(table.c.account.startswith(f"{layer}:", autoescape=True))
    if extent is None:
        query = query.where(amount != 0)
    else:
        query = query.where(table.c.position <= extent.position)
        query = query.where(table.c.bookedon <= extent.as_of) if extent.as_of is not None else query
        query = query.group_by(table.c.phase, table.c.account).having(amount != 0)
    return {(row.phase, row.account): int(row.amount) for row in connection.execute(query)}


def first_booking(connection: sa.Connection, book: str, phase: str | None) -> datetime.date | None:
    """Give the first day on which anything was booked."""
    line = tables.journal_line
    query = sa.select(sa.func.min(line.c.bookedon)).where(line.c.book == book)
    return connection.execute(query if phase is None else query.where(line.c.phase == phase)).scalar()


def programmes(connection: sa.Connection, book: str) -> dict[str, Programme]:
    """Give the opened programmes by phase, as their events tell."""
    event, entry = tables.event, tables.entry
    query = (
        sa.select(event.c.position, event.c.phase, entry.c.payload)
        .join(entry, sa.and_(entry.c.book == event.c.book, entry.c.position == event.c.position))
        .where(event.c.book == book, _of_type("ProgrammeOpened"))
        .order_by(event.c.position)
    )
    found: dict[str, Programme] = {}
    for row in connection.execute(query):
        value: Any = parse(bytes(row.payload))
        codes = tuple(area["code"] for area in value["data"]["area_set"]["areas"])
        found[row.phase] = Programme(row.position, value["data"]["label"], codes)
    return found


def knows_type(connection: sa.Connection, book: str, name: str) -> bool:
    """Tell whether the book holds an event of this name, in any version."""
    query = sa.select(sa.literal(1)).where(tables.event.c.book == book, _of_type(name)).limit(1)
    return connection.execute(query).scalar() is not None


def entries(connection: sa.Connection, book: str, after: int, limit: int, type_name: str | None = None) -> list[Told]:
    """Give entries behind a position, in order; with a type name only events of that type."""
    entry, void, event = tables.entry, tables.void_entry, tables.event
    same_void = sa.and_(void.c.book == entry.c.book, void.c.position == entry.c.position)
    query = _entries(book, after, limit).add_columns(void.c.reason, void.c.detail).join(void, same_void, isouter=True)
    if type_name is not None:
        same_event = sa.and_(event.c.book == entry.c.book, event.c.position == entry.c.position)
        query = query.join(event, same_event).where(_of_type(type_name), event.c.book == book, event.c.position > after)
    return [
        Told(_copied(row), None if row.reason is None else (row.reason, row.detail))
        for row in connection.execute(query)
    ]


def copied_entries(connection: sa.Connection, book: str, after: int, limit: int) -> list[Copied]:
    """Give entries behind a position, in order, from the copy alone."""
    return [_copied(row) for row in connection.execute(_entries(book, after, limit))]


def _entries(book: str, after: int, limit: int) -> sa.Select[Any]:
    entry = tables.entry
    behind = sa.select(entry).where(entry.c.book == book, entry.c.position > after)
    return behind.order_by(entry.c.position).limit(limit)


def _copied(row: sa.Row[Any]) -> Copied:
    return Copied(row.position, Entry(bytes(row.subject).decode(), bytes(row.payload)), bytes(row.leaf))


def _of_type(name: str) -> sa.ColumnElement[bool]:
    return tables.event.c.type.startswith(f"landbuch.{name}.v", autoescape=True)
