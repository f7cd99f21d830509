"""The tables: who may do what, what the database itself refuses, and the copy as evidence."""

from __future__ import annotations

import asyncio
import functools
import os
import subprocess
import sys

import pytest
import sqlalchemy as sa
from sqlalchemy.schema import CreateSchema

from landbuch.contracts import merkle
from landbuch.contracts.entry import Entry
from landbuch.ledger import projection
from landbuch.ledger.migrate import GRANTS, migrate
from landbuch.ledger.store import tables
from landbuch.ledger.store.copy import Comparison, Difference, compare_copy, patrol, read_copy
from landbuch.ledger.store.engine import open_engine
from landbuch.ledger.store.reading import head_of_copy
from landbuch.sdk.book.api import Evidence, Mark, Start
from landbuch.sdk.book.memory import MemoryBook
from landbuch.sdk.errors import ChainBrokenError, FailedError, PermissionDeniedError, UnavailableError
from landbuch.sdk.progress import Progress
from tests.databases import Database, Postgres
from tests.projecting import project_to, until
from tests.told_books import memory_book, shifts, stored_of, unknown_event

SHIFTS = list(shifts(Mark(), 20))
CHANGES = (
    "UPDATE ledger.entry SET payload = 'x'",
    "DELETE FROM ledger.entry",
    "TRUNCATE ledger.entry",
    "INSERT INTO ledger.entry TABLE ledger.entry ON CONFLICT (book, position) DO UPDATE SET leaf = excluded.leaf",
)

ALTERED = "UPDATE ledger.entry SET payload = payload || 'x' WHERE position = 7"
ALTERED_WELL = (
    "UPDATE ledger.entry SET payload = payload || 'x', "
    r"leaf = sha256('\x00'::bytea || subject || '\x0a'::bytea || payload || 'x') WHERE position = 7"
)


@pytest.fixture
async def book(engine: sa.Engine) -> MemoryBook:
    """Give a book of twenty entries that has been copied."""
    book = memory_book("BL", SHIFTS)
    await project_to(book, engine, 20)
    return book


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize(
    "statement", [*CHANGES, "DROP TABLE ledger.entry", "ALTER TABLE ledger.entry DISABLE TRIGGER ALL"]
)
def test_the_service_may_not_change_the_copy(database: Database, statement: str) -> None:
    with pytest.raises(sa.exc.ProgrammingError, match=r"permission denied|must be owner"):
        database.execute(statement, url=database.service)


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize("statement", CHANGES)
def test_the_owner_may_not_change_the_copy_either(database: Database, statement: str) -> None:
    with pytest.raises(sa.exc.ProgrammingError, match="entry are only ever added"):
        database.execute(statement, url=database.owner)


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize("statement", CHANGES)
def test_nor_may_a_superuser_that_plays_the_part_of_a_replica(database: Database, statement: str) -> None:
    with pytest.raises(sa.exc.ProgrammingError, match="entry are only ever added"):
        database.execute(f"SET session_replication_role = replica; {statement}")


@pytest.mark.usefixtures("book")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger.journal_line SET amount = 0",
        "DELETE FROM ledger.journal_line",
        "DELETE FROM ledger.balance",
        "UPDATE ledger.event SET phase = 'X'",
        "DELETE FROM ledger.void_entry",
        "DELETE FROM ledger.projection",
        "CREATE TABLE ledger.mine (x int)",
    ],
)
def test_the_service_may_only_add_to_the_journal(database: Database, statement: str) -> None:
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        database.execute(statement, url=database.service)


def test_the_service_is_granted_exactly_what_it_needs(database: Database) -> None:
    rows = database.execute(
        "SELECT table_name, privilege_type FROM information_schema.role_table_grants "
        "WHERE table_schema = 'ledger' AND grantee <> grantor ORDER BY 1, 2"
    )
    assert rows == sorted((table, right) for table, rights in GRANTS.items() for right in rights.split(", "))


def test_a_leaf_that_is_not_the_hash_of_the_bytes_is_refused(database: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="entry_leaf_is_the_hash_of_the_bytes"):
        database.execute(
            "INSERT INTO ledger.entry VALUES ('BL', 1, 'book.BL._.ledger.X', '{}', sha256('{}'))", url=database.service
        )


def test_a_cursor_whose_tree_does_not_fit_its_position_is_refused(database: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="projection_peaks_fit_the_position"):
        database.execute(
            "INSERT INTO ledger.projection VALUES ('BL', 'x', 3, sha256(''), ARRAY[sha256('')], sha256(''), NULL)",
            url=database.service,
        )


def test_the_migrations_make_the_tables_that_the_code_describes(postgres: Postgres, database: Database) -> None:
    described = postgres.empty()
    with sa.create_engine(described.owner).begin() as connection:
        connection.execute(CreateSchema(tables.SCHEMA))
        tables.metadata.create_all(connection)
    columns = (
        "SELECT table_name, column_name, data_type, is_nullable, column_default, collation_name, ordinal_position "
        "FROM information_schema.columns WHERE table_schema = 'ledger' "
        "AND table_name NOT IN ('migration', 'journal') ORDER BY table_name, ordinal_position"
    )
    constraints = (
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'ledger'::regnamespace AND conrelid::regclass::text <> 'ledger.migration' ORDER BY 1, 2"
    )
    indexes = (
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'ledger' AND tablename <> 'migration' ORDER BY 1"
    )
    comments = (
        "SELECT relname, obj_description(oid) FROM pg_class WHERE relnamespace = 'ledger'::regnamespace "
        "AND relkind = 'r' AND relname <> 'migration' ORDER BY 1"
    )
    for query in (columns, constraints, indexes, comments):
        assert database.execute(query) == described.execute(query)


def test_migrating_again_changes_nothing(database: Database) -> None:
    query = "SELECT relname, relacl::text FROM pg_class WHERE relnamespace = 'ledger'::regnamespace ORDER BY 1"
    before = database.execute(query)
    assert migrate(database.owner, database.role) == migrate(database.owner, database.role) == "0001"
    assert database.execute(query) == before


def test_a_service_may_not_migrate(postgres: Postgres) -> None:
    empty = postgres.empty()
    with pytest.raises(PermissionDeniedError, match="Use the owner's URL"):
        migrate(empty.service, empty.role)


def test_the_owner_must_not_be_the_service(postgres: Postgres) -> None:
    empty = postgres.empty()
    with pytest.raises(FailedError, match="must not own the tables"):
        migrate(empty.owner, empty.role.replace("_service", "_owner"))


def test_a_role_that_is_missing_is_named(postgres: Postgres) -> None:
    with pytest.raises(FailedError, match="There is no role nobody_of_that_name"):
        migrate(postgres.empty().owner, "nobody_of_that_name")


def test_a_database_that_does_not_answer_is_waited_for_but_not_for_ever() -> None:
    with pytest.raises(UnavailableError, match="PostgreSQL does not answer"):
        migrate("postgresql+psycopg://a:b@127.0.0.1:1/c", wait_s=0.6)


@pytest.mark.parametrize(
    ("settings", "status", "said"),
    [
        ({}, 1, "Set LANDBUCH_DATABASE_OWNER_URL"),
        (
            {"LANDBUCH_DATABASE_URL": "postgresql+psycopg://a:b@127.0.0.1:1/c", "LANDBUCH_DATABASE_WAIT_S": "0"},
            1,
            "PostgreSQL does not answer",
        ),
    ],
)
def test_the_command_says_what_is_wrong(settings: dict[str, str], status: int, said: str) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LANDBUCH_")}
    done = subprocess.run(
        [sys.executable, "-m", "landbuch.ledger.migrate"],
        env=kept | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (status, True, False)


def test_the_command_migrates(postgres: Postgres) -> None:
    empty = postgres.empty()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LANDBUCH_")}
    settings = {"LANDBUCH_DATABASE_OWNER_URL": empty.owner, "LANDBUCH_DATABASE_SERVICE_ROLE": empty.role}
    done = subprocess.run(
        [sys.executable, "-m", "landbuch.ledger.migrate"],
        env=kept | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert empty.execute("SELECT count(*) FROM ledger.entry", url=empty.service) == [(0,)]


@pytest.mark.usefixtures("database")
def test_the_head_of_a_copy_that_is_not_there_is_that_of_an_empty_book(engine: sa.Engine) -> None:
    assert head_of_copy(engine, "BL") == {"position": 0, "leaf": "0" * 64, "root": merkle.EMPTY_ROOT.hex()}


async def test_the_head_of_the_copy_is_evidence_that_a_reader_accepts(engine: sa.Engine, book: MemoryBook) -> None:
    head = head_of_copy(engine, "BL")
    evidence = Evidence(head["position"], bytes.fromhex(head["root"]))
    assert sum([len(batch) async for batch in book.read(Start(evidence=evidence))]) == 20
    book.stored[9] = Entry(SHIFTS[9].subject, SHIFTS[9].payload.replace(b"Regierungsrat", b"Regierungsrot"))
    with pytest.raises(ChainBrokenError):
        [batch async for batch in book.read(Start(evidence=evidence))]


async def test_the_copy_reads_like_the_book(engine: sa.Engine, book: MemoryBook) -> None:
    copied = [part async for batch in read_copy(engine, "BL") for part in batch]
    assert copied == await stored_of(book)


async def test_a_stream_that_equals_the_copy_is_the_same_throughout(engine: sa.Engine, book: MemoryBook) -> None:
    assert await compare_copy(book, engine) == Comparison(20, None)


async def test_a_stream_that_has_grown_since_is_compared_as_far_as_the_copy_goes(
    engine: sa.Engine, book: MemoryBook
) -> None:
    await book.append([unknown_event(Mark(20, (await stored_of(book))[-1].leaf.hex()), [])], 20)
    assert await compare_copy(book, engine) == Comparison(20, None)


@pytest.mark.parametrize("position", [1, 2, 11, 19, 20])
async def test_a_flipped_byte_is_found_where_it_is(engine: sa.Engine, book: MemoryBook, position: int) -> None:
    entry = SHIFTS[position - 1]
    book.stored[position - 1] = Entry(entry.subject, entry.payload.replace(b"Regierungsrat", b"Regierungsrot"))
    found = await compare_copy(book, engine)
    assert (found.same, found.difference and found.difference.position) == (position - 1, position)


async def test_an_altered_subject_is_found(engine: sa.Engine, book: MemoryBook) -> None:
    book.stored[4] = Entry("book.BL.KIP2.ledger.AllocationShifted", SHIFTS[4].payload)
    found = await compare_copy(book, engine)
    assert found.difference is not None
    assert found.difference.position == 5
    assert "the stream " in found.difference.what


@pytest.mark.parametrize("position", [1, 11, 20])
async def test_a_removed_entry_is_found_where_it_was(engine: sa.Engine, book: MemoryBook, position: int) -> None:
    book.stored[position - 1] = None
    found = await compare_copy(book, engine)
    assert (found.same, found.difference and found.difference.position) == (position - 1, position)


async def test_a_swapped_pair_is_found_at_the_first_of_the_two(engine: sa.Engine, book: MemoryBook) -> None:
    book.stored[7], book.stored[8] = book.stored[8], book.stored[7]
    found = await compare_copy(book, engine)
    assert found.difference is not None
    assert found.difference.position == 8


async def test_a_lost_end_of_the_stream_is_found(engine: sa.Engine, book: MemoryBook) -> None:
    del book.stored[12:]
    found = await compare_copy(book, engine)
    assert (found.same, found.difference and found.difference.position) == (12, 13)


async def test_rubbish_that_both_have_is_no_difference(engine: sa.Engine) -> None:
    book = memory_book(
        "BL", [*SHIFTS[:3], Entry("book.BL._.ledger.X", b"rubbish"), unknown_event(Mark(4, "ab" * 32), [])]
    )
    book.stored.extend(shifts(Mark(5, (await stored_in_doubt(book)).hex()), 3))
    await project_to(book, engine, 8)
    assert await compare_copy(book, engine) == Comparison(8, None)
    assert len([part async for batch in read_copy(engine, "BL") for part in batch]) == 8


async def stored_in_doubt(book: MemoryBook) -> bytes:
    """Give the leaf of the last entry of a book that only somebody who was there can believe."""
    last = book.stored[-1]
    assert last is not None
    return merkle.leaf_hash(last.bytes)


@pytest.mark.parametrize(
    ("tampering", "difference"),
    [
        (ALTERED, "bytes with the leaf"),
        (ALTERED_WELL, "the copy holds"),
        ("DELETE FROM ledger.entry WHERE position = 7", "the copy has no entry there"),
    ],
)
async def test_a_copy_that_a_superuser_altered_is_found(
    engine: sa.Engine, book: MemoryBook, database: Database, tampering: str, difference: str
) -> None:
    database.execute("ALTER TABLE ledger.entry DISABLE TRIGGER ALL")
    database.execute("ALTER TABLE ledger.entry DROP CONSTRAINT entry_leaf_is_the_hash_of_the_bytes")
    database.execute(tampering)
    found = await compare_copy(book, engine)
    assert found.same == 6
    assert found.difference is not None
    assert found.difference.position == 7
    assert difference in found.difference.what
    with pytest.raises(ChainBrokenError):
        [batch async for batch in read_copy(engine, "BL")]


async def test_a_cursor_that_was_altered_is_found(engine: sa.Engine, book: MemoryBook, database: Database) -> None:
    database.execute("UPDATE ledger.projection SET root = sha256('')")
    found = await compare_copy(book, engine)
    assert found == Comparison(20, Difference(20, found.difference.what if found.difference else ""))


def test_a_pool_with_a_dead_connection_connects_again(database: Database) -> None:
    engine = open_engine(database.service)
    with engine.connect() as connection:
        pid = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
    database.execute(f"SELECT pg_terminate_backend({pid})")
    assert head_of_copy(engine, "BL")["position"] == 0
    engine.dispose()


async def test_an_old_entry_that_is_altered_while_the_ledger_runs_stops_it(engine: sa.Engine, book: MemoryBook) -> None:
    task = asyncio.create_task(patrol(book, engine, page=2, pause_s=0.01))
    await asyncio.sleep(0.5)  # several times round
    assert not task.done()
    book.stored[2] = Entry(SHIFTS[2].subject, SHIFTS[2].payload.replace(b"Regierungsrat", b"Regierungsrot"))
    with pytest.raises(ChainBrokenError, match=r"position 3: the copy holds .*, the stream "):
        await asyncio.wait_for(task, 10)


async def test_what_the_patrol_finds_is_said_as_loudly_as_a_row_that_fails(
    engine: sa.Engine, book: MemoryBook, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("landbuch.ledger.projection.patrol", functools.partial(patrol, pause_s=0.01))
    progress = Progress("BL")
    task = asyncio.create_task(projection.run(book, engine, progress))
    await until(lambda: progress.started)
    book.stored[2] = Entry(SHIFTS[2].subject, SHIFTS[2].payload.replace(b"Regierungsrat", b"Regierungsrot"))
    with pytest.raises(ChainBrokenError):
        await asyncio.wait_for(task, 10)
    assert "stopped behind position 20: ChainBrokenError: the chain is broken at position 3" in str(progress.problem)
    assert [record.levelname for record in caplog.records].count("CRITICAL") == 1


async def test_the_ledgers_loop_ends_when_it_is_cancelled(engine: sa.Engine, book: MemoryBook) -> None:
    progress = Progress("BL")
    task = asyncio.create_task(projection.run(book, engine, progress))
    await until(lambda: progress.position == 20)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert progress.failure is None
    assert len(asyncio.all_tasks()) == 1


async def test_nothing_is_compared_before_there_are_tables(postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landbuch.ledger.projection.patrol", functools.partial(patrol, pause_s=0.01))
    empty = postgres.empty()
    engine, progress = open_engine(empty.service), Progress("BL")
    task = asyncio.create_task(projection.run(memory_book("BL", SHIFTS), engine, progress))
    await until(lambda: progress.waiting)
    await asyncio.sleep(0.3)
    assert not task.done()
    await asyncio.to_thread(migrate, empty.owner, empty.role)
    await until(lambda: progress.position == 20)
    task.cancel()
    await asyncio.wait({task})
    engine.dispose()
