"""A projection: a pure function from entries to rows, and the one transaction that writes a batch of them.

The cursor row says up to where a projection has come. It is locked before anything is written and moves in the same
transaction as the rows, so a crash between any two lines, two instances at once and a lost answer to a commit all end
the same way: each entry has its effect once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.copy import LibpqWriter
from sqlalchemy.dialects.postgresql import ARRAY, insert

from landbuch.contracts.entry import GENESIS
from landbuch.contracts.judge import Void
from landbuch.contracts.merkle import Frontier
from landbuch.sdk.book.api import Mark, Start, Stored
from landbuch.sdk.errors import ChainBrokenError, FailedError, UnavailableError

_FLUSH_BYTES = 16 * 1024 * 1024
"""How much of a COPY may wait in memory: each flush gives up the interpreter's lock, and getting it back takes time."""

Row = tuple[Any, ...]
Rows = Mapping[str, Sequence[Row]]
"""Rows by table name, each in the order of its table's columns."""


class CursorBehindError(FailedError):
    """The cursor stands before what was read: the database was set back. Read again from the cursor."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Up to where a projection has come: position, leaf there, peaks of the tree so far, last recorded time."""

    position: int = 0
    leaf: bytes = bytes.fromhex(GENESIS)
    peaks: tuple[bytes, ...] = ()
    time: str | None = None

    @property
    def frontier(self) -> Frontier:
        """The tree over all leaves up to here, to go on with."""
        return Frontier(self.position, self.peaks)

    @property
    def start(self) -> Start:
        """Where a reader goes on: it demands that the stream still holds this leaf at this position."""
        return Start(Mark(self.position, self.leaf.hex()), self.frontier)

    def advanced(self, batch: Iterable[Stored]) -> Cursor:
        """Give the cursor behind a batch that follows this one."""
        frontier, leaf, time = self.frontier, self.leaf, self.time
        for stored in batch:
            frontier.append(stored.leaf)
            leaf = stored.leaf
            if not isinstance(stored.verdict, Void):
                time = max(stored.verdict.time, time or "")
        return Cursor(frontier.size, leaf, frontier.peaks, time)


@dataclass(frozen=True, slots=True)
class Projection:
    """What is projected where.

    ``apply`` turns one entry of a canton's book into rows, purely. Rows of a ``copied`` table are added as they are;
    rows of a ``summed`` table are added up: the last column is an amount, the columns before it are the primary key.
    """

    name: str
    cursors: sa.Table
    copied: tuple[sa.Table, ...]
    summed: tuple[sa.Table, ...]
    apply: Callable[[str, Stored], Rows]


def cursor_table(metadata: sa.MetaData, name: str = "projection") -> sa.Table:
    """Describe the table of cursors: one row per book and projection."""
    text = sa.Text(collation="C")
    return sa.Table(
        name,
        metadata,
        sa.Column("book", text, primary_key=True),
        sa.Column("name", text, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("leaf", sa.LargeBinary, nullable=False),
        sa.Column("peaks", ARRAY(sa.LargeBinary), nullable=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("time", text),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.CheckConstraint("position >= 0", name="position_counts_from_0"),
        sa.CheckConstraint("octet_length(leaf) = 32 AND octet_length(root) = 32", name="hashes_have_32_bytes"),
        sa.CheckConstraint("cardinality(peaks) = bit_count(position::bit(64))", name="peaks_fit_the_position"),
        comment="Up to where the tables have come, per book; moves with the rows.",
    )


@contextmanager
def answering() -> Iterator[None]:
    """Turn what says that PostgreSQL is away into ``UnavailableError``; everything else passes unchanged."""
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError, psycopg.OperationalError) as error:
        raise UnavailableError(f"PostgreSQL does not answer: {_first_line(error)}") from error
    except (sa.exc.DBAPIError, psycopg.Error) as error:
        if _sqlstate(error) in _NOT_READY or getattr(error, "connection_invalidated", False):
            raise UnavailableError(f"PostgreSQL is not ready: {_first_line(error)}") from error
        raise


_NOT_READY = {
    "25006",  # read-only transaction: a standby that is not promoted yet
}
_NOT_MIGRATED = {
    "3F000",  # no such schema
    "42P01",  # no such table
    "42703",  # no such column
    "42501",  # no grant yet
}


def load(engine: sa.Engine, projection: Projection, canton: str) -> Cursor:
    """Read a cursor, and begin one when there is none yet: from now on the book is known, if only as empty.

    Raises ``UnavailableError`` when PostgreSQL is away or the migrations have not run.
    """
    try:
        with answering(), engine.begin() as connection:
            return _locked(connection, projection, canton)
    except sa.exc.ProgrammingError as error:
        if _sqlstate(error) not in _NOT_MIGRATED:
            raise
        message = f"The database is not prepared ({_first_line(error)}). Run the migrations as its owner."
        raise UnavailableError(message) from error


def write(engine: sa.Engine, projection: Projection, canton: str, behind: bytes, batch: Sequence[Stored]) -> Cursor:
    """Write what a batch adds, all or nothing, and give the cursor, which may lie farther on: others write too.

    ``behind`` is the leaf that the reader saw before the batch. Raises ``UnavailableError``; ``CursorBehindError``;
    ``ChainBrokenError`` when the rows were written from a book that differs from the one just read.
    """
    with answering(), engine.begin() as connection:
        before = _locked(connection, projection, canton)
        fresh = _fresh(before, behind, batch)
        if not fresh:
            return before
        after = before.advanced(fresh)
        _add(connection, projection, [projection.apply(canton, stored) for stored in fresh])
        _move(connection, projection, canton, after)
    return after


def _fresh(before: Cursor, behind: bytes, batch: Sequence[Stored]) -> Sequence[Stored]:
    """Give the part of a batch that lies behind the cursor, and demand that both speak of one book."""
    first = batch[0].position
    if before.position < first - 1:
        raise CursorBehindError(f"The cursor stands at position {before.position}, but {first - 1} was written before.")
    done = before.position - first + 1
    if done <= len(batch):
        seen = batch[done - 1].leaf if done else behind
        if seen != before.leaf:
            raise ChainBrokenError(
                before.position,
                f"the stream holds the leaf {seen.hex()}, but the rows were written from {before.leaf.hex()}. "
                "A stored entry was altered. Stop writing, and restore from the copy.",
            )
    return batch[done:]


def _locked(connection: sa.Connection, projection: Projection, canton: str) -> Cursor:
    found = _cursor(connection, projection, canton)
    if found is None:
        # Of two who begin at once the second waits here for the first one's commit.
        values = _values(Cursor()) | {"book": canton, "name": projection.name}
        connection.execute(insert(projection.cursors).values(values).on_conflict_do_nothing())
        found = _cursor(connection, projection, canton)
    assert found is not None, "a cursor row was there or was inserted, and nobody may delete it"
    return found


def _cursor(connection: sa.Connection, projection: Projection, canton: str) -> Cursor | None:
    table = projection.cursors
    query = sa.select(table.c.position, table.c.leaf, table.c.peaks, table.c.time).where(
        table.c.book == canton, table.c.name == projection.name
    )
    row = connection.execute(query.with_for_update()).one_or_none()
    return None if row is None else Cursor(row.position, bytes(row.leaf), tuple(map(bytes, row.peaks)), row.time)


def _move(connection: sa.Connection, projection: Projection, canton: str, to: Cursor) -> None:
    table = projection.cursors
    update = sa.update(table).where(table.c.book == canton, table.c.name == projection.name)
    connection.execute(update.values(_values(to) | {"updated_at": sa.func.now()}))


def _values(cursor: Cursor) -> dict[str, Any]:
    return {
        "position": cursor.position,
        "leaf": cursor.leaf,
        "peaks": list(cursor.peaks),
        "root": cursor.frontier.root(),
        "time": cursor.time,
    }


def _add(connection: sa.Connection, projection: Projection, applied: Sequence[Rows]) -> None:
    for table in projection.copied:
        rows = [row for rows in applied for row in rows.get(table.name, ())]
        if rows:
            _copy(connection, table, rows)
    for table in projection.summed:
        sums: dict[Row, int] = {}
        for one in applied:
            for *key, amount in one.get(table.name, ()):
                at = tuple(key)
                sums[at] = sums.get(at, 0) + amount
        _add_up(connection, table, sums)


def _copy(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    names = ", ".join(column.name for column in table.columns)
    types = [column.type.compile(connection.dialect).split(" ")[0].lower() for column in table.columns]
    statement = f"COPY {table.fullname} ({names}) FROM STDIN (FORMAT BINARY)"
    with (
        driver.cursor() as cursor,
        cursor.copy(statement, writer=LibpqWriter(cursor, flush_threshold=_FLUSH_BYTES)) as copy,
    ):
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


def _add_up(connection: sa.Connection, table: sa.Table, sums: Mapping[Row, int]) -> None:
    # Sorted, so that whoever else adds to the same keys locks them in the same order.
    rows = [(*key, amount) for key, amount in sorted(sums.items()) if amount]
    if not rows:
        return
    columns = list(table.columns)
    arrays = [
        sa.bindparam(None, list(values), type_=ARRAY(column.type))
        for column, values in zip(columns, zip(*rows, strict=True), strict=True)
    ]
    names = [column.name for column in columns]
    given = sa.func.unnest(*arrays).table_valued(*names, name="given").render_derived()
    added = insert(table).from_select(names, sa.select(given))
    total = columns[-1] + added.excluded[names[-1]]
    connection.execute(added.on_conflict_do_update(constraint=table.primary_key, set_={names[-1]: total}))


def _sqlstate(error: BaseException) -> str | None:
    return getattr(getattr(error, "orig", error), "sqlstate", None)


def _first_line(error: BaseException) -> str:
    return str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
