"""``python -m landbuch.ledger.rebuild``: build journal and balances anew from the copy, and put them in place.

Environment: as for ``python -m landbuch.ledger.migrate``. The service goes on meanwhile. Fresh tables are filled beside
the old ones, in a schema of their own; then writers wait for a moment, the rest is added, and the fresh tables take the
place of the old ones if they equal the fold of the same entries.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from landbuch.contracts import trial
from landbuch.contracts.evolve import evolve
from landbuch.contracts.state import BookState
from landbuch.ledger.migrate import SERVICE_ROLE, grant, settings
from landbuch.ledger.projection import LEDGER
from landbuch.ledger.store import reading, tables
from landbuch.ledger.store.copy import read_copy
from landbuch.ledger.store.engine import open_engine
from landbuch.sdk.book.api import Stored
from landbuch.sdk.errors import CorruptError, LandbuchError
from landbuch.sdk.projection import Projection, answering, load
from landbuch.sdk.projector import LARGEST_BATCH, project

FRESH = "ledger_fresh"
_CACHES = (tables.event, tables.journal_line, tables.void_entry, tables.balance)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """One book: the position it was rebuilt to, its trial balance root, and that of the old table if it was there."""

    canton: str
    position: int
    root: str
    before: str | None


async def rebuild(url: str, service_role: str = SERVICE_ROLE, largest_batch: int = LARGEST_BATCH) -> list[Rebuilt]:
    """Rebuild the tables of all books, as the owner of the schema; nothing changes unless everything fits.

    Raises ``CorruptError`` when the copy contradicts itself or the fresh tables do not equal the fold, and
    ``UnavailableError``.
    """
    engine = open_engine(url)
    try:
        fresh = _prepare(engine)
        states: dict[str, BookState] = {}
        await _catch_up(engine, fresh, states, largest_batch)
        with answering(), engine.begin() as connection:
            connection.execute(sa.text("SET LOCAL lock_timeout = '30s'"))
            # From here to the end readers go on, and the writers of all books wait.
            connection.execute(sa.text("LOCK TABLE ledger.projection IN EXCLUSIVE MODE"))
            await _catch_up(engine, fresh, states, largest_batch)
            rebuilt = [_verified(connection, fresh, state) for _, state in sorted(states.items())]
            _swap(connection, service_role)
        return rebuilt
    finally:
        engine.dispose()


def _prepare(engine: sa.Engine) -> Projection:
    """Create the fresh tables, empty, and say what goes into them: everything but the copy."""
    metadata = sa.MetaData(schema=FRESH, naming_convention=tables.metadata.naming_convention)
    fresh = {table.name: table.to_metadata(metadata, schema=FRESH) for table in (*_CACHES, tables.projection)}
    with answering(), engine.begin() as connection:
        connection.execute(sa.schema.DropSchema(FRESH, cascade=True, if_exists=True))
        connection.execute(sa.schema.CreateSchema(FRESH))
        metadata.create_all(connection)
    return replace(
        LEDGER,
        cursors=fresh["projection"],
        copied=tuple(fresh[table.name] for table in LEDGER.copied if table in _CACHES),
        summed=tuple(fresh[table.name] for table in LEDGER.summed),
    )


async def _catch_up(engine: sa.Engine, fresh: Projection, states: dict[str, BookState], largest_batch: int) -> None:
    """Project the copy of each book into the fresh tables, as far as it goes, and fold it beside."""
    with reading.snapshot(engine) as connection:
        cantons = list(reading.heads(connection))
    for canton in cantons:
        cursor = load(engine, fresh, canton)
        state = states.setdefault(canton, BookState(canton))
        source = _folding(read_copy(engine, canton, cursor.start), state)
        await project(source, cursor, fresh, engine, canton, largest_batch)


async def _folding(source: AsyncIterator[Sequence[Stored]], state: BookState) -> AsyncIterator[Sequence[Stored]]:
    async for page in source:
        for stored in page:
            evolve(state, stored.verdict, stored.position, stored.leaf.hex())
        state.settle()
        yield page


def _verified(connection: sa.Connection, fresh: Projection, state: BookState) -> Rebuilt:
    """Demand that the fresh tables of a book stand where the old ones stand, and equal the fold."""
    canton = state.canton
    cursors, balance = fresh.cursors, fresh.summed[0]
    place = sa.select(cursors.c.position, cursors.c.leaf, cursors.c.root)
    stands = connection.execute(place.where(cursors.c.book == canton)).one()
    copied = reading.head(connection, canton)
    assert copied is not None, "its cursor was listed, and cursors are never deleted"
    if (stands.position, bytes(stands.leaf).hex(), bytes(stands.root).hex()) != (
        copied.position,
        copied.leaf,
        copied.root,
    ):
        raise CorruptError(
            f"Book {canton} was rebuilt to position {stands.position}, its copy ends at {copied.position}."
        )
    amounts = connection.execute(sa.select(balance).where(balance.c.book == canton))
    found = trial.root({(row.phase, row.account): int(row.amount) for row in amounts})
    folded = trial.root(state.balances)
    if found != folded:
        raise CorruptError(f"Book {canton} was rebuilt to the root {found}, but its entries fold to {folded}.")
    there = sa.inspect(connection).has_table(tables.balance.name, tables.SCHEMA)
    before = trial.root(reading.balances(connection, canton)) if there else None
    return Rebuilt(canton, stands.position, found, before)


def _swap(connection: sa.Connection, service_role: str) -> None:
    """Put the fresh tables in the place of the old ones."""
    connection.execute(sa.text("DROP VIEW IF EXISTS ledger.journal"))
    for table in _CACHES:
        connection.execute(sa.schema.DropTable(table, if_exists=True))
        connection.execute(sa.text(f"ALTER TABLE {FRESH}.{table.name} SET SCHEMA {tables.SCHEMA}"))
    connection.execute(sa.text(tables.JOURNAL_VIEW))
    connection.execute(sa.schema.DropSchema(FRESH, cascade=True))
    grant(connection, service_role)


def main() -> int:
    """Rebuild as the environment says; the exit status."""
    try:
        rebuilt = asyncio.run(rebuild(*settings()))
    except LandbuchError as error:
        print(f"Nothing was changed: {error}", file=sys.stderr)  # noqa: T201  # a command's voice
        return 3 if isinstance(error, CorruptError) else 1
    for book in rebuilt:
        change = "as before" if book.before == book.root else f"before: {book.before or 'no table'}"
        print(f"{book.canton}: {book.position} entries, trial balance root {book.root} ({change})")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
