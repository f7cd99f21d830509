"""The event index: pages of entries with stable cursors, and single entries with their bytes and neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from landbuch.reporting.domain.told import Told
from landbuch.reporting.store import tables
from landbuch.reporting.store.reading import Extent, Kept, told_of


@dataclass(frozen=True, slots=True)
class Filter:
    """Which entries: of one type, one phase, about one object. Void entries appear only without a filter."""

    name: str | None = None
    phase: str | None = None
    object: str | None = None

    @property
    def empty(self) -> bool:
        """Whether everything is asked for."""
        return self.name is None and self.phase is None and self.object is None


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry of the book, and the event that it is; a void entry is none."""

    kept: Kept
    told: Told | None


def page(
    connection: sa.Connection,
    within: Extent,
    wanted: Filter,
    limit: int,
    *,
    after: int | None = None,
    before: int | None = None,
) -> list[Shown]:
    """Give at most ``limit`` entries: behind ``after`` in the book's order, else before ``before``, newest first."""
    entry, event = tables.entry, tables.event
    query = _entries(within.book).where(entry.c.position <= within.position)
    if within.as_of is not None:
        query = query.where(sa.or_(event.c.bookedon.is_(None), event.c.bookedon <= within.as_of))
    if not wanted.empty:
        query = query.where(event.c.position.is_not(None))
    if wanted.name is not None:
        query = query.where(event.c.name == wanted.name)
    if wanted.phase is not None:
        query = query.where(event.c.phase == wanted.phase)
    if wanted.object is not None:
        mention = tables.mention
        spoken = sa.select(mention.c.position).where(
            mention.c.book == within.book, mention.c.object == wanted.object, mention.c.position <= within.position
        )
        query = query.where(entry.c.position.in_(spoken))
    if after is not None:
        query = query.where(entry.c.position > after).order_by(entry.c.position)
    else:
        query = query.order_by(entry.c.position.desc())
        query = query if before is None else query.where(entry.c.position < before)
    return [_shown(row) for row in connection.execute(query.limit(limit))]


def one(connection: sa.Connection, book: str, position: int) -> Shown | None:
    """Give the entry at a position."""
    row = connection.execute(_entries(book).where(tables.entry.c.position == position)).one_or_none()
    return None if row is None else _shown(row)


def referring(connection: sa.Connection, book: str, position: int, until: int) -> list[int]:
    """Give the positions of later entries that name this one: confirmations, rejections, reversals."""
    mention = tables.mention
    query = sa.select(mention.c.position).where(
        mention.c.book == book, mention.c.object == f"#{position}", mention.c.position <= until
    )
    return [row.position for row in connection.execute(query.order_by(mention.c.position))]


def position_of(connection: sa.Connection, book: str, event_id: str) -> int | None:
    """Find an event by its id."""
    event = tables.event
    query = sa.select(event.c.position).where(event.c.book == book, event.c.id == event_id).limit(1)
    return connection.execute(query).scalar()


def names(connection: sa.Connection, book: str) -> Sequence[str]:
    """Give the names of all events that the book holds."""
    event = tables.event
    query = sa.select(event.c.name).where(event.c.book == book).distinct().order_by(event.c.name)
    return [row.name for row in connection.execute(query)]


def _entries(book: str) -> sa.Select[Any]:
    entry, event, void = tables.entry, tables.event, tables.void_entry
    same_event = sa.and_(event.c.book == entry.c.book, event.c.position == entry.c.position)
    same_void = sa.and_(void.c.book == entry.c.book, void.c.position == entry.c.position)
    return (
        sa.select(
            entry.c.position, entry.c.subject, entry.c.payload, entry.c.leaf, event.c.id, event.c.name, event.c.phase,
            event.c.bookedon, event.c.time, event.c.actor, event.c.illustration, event.c.known, void.c.reason,
            void.c.detail,
        )
        .join(event, same_event, isouter=True)
        .join(void, same_void, isouter=True)
        .where(entry.c.book == book)
    )  # fmt: skip


def _shown(row: sa.Row[Any]) -> Shown:
    void = None if row.reason is None else (row.reason, row.detail)
    subject = bytes(row.subject).decode("utf-8", "surrogateescape")
    kept = Kept(row.position, subject, bytes(row.payload), bytes(row.leaf).hex(), void)
    return Shown(kept, None if void is not None else told_of(row))
