"""Tables are caches: they can be lost, damaged or old, and come out of the copy as they were."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

import pytest
import sqlalchemy as sa

from landbuch.contracts import trial
from landbuch.ledger.rebuild import Rebuilt, rebuild
from landbuch.sdk.book.api import Mark
from landbuch.sdk.errors import ChainBrokenError
from tests.databases import Database
from tests.projecting import counts, project_to, projecting, root_of, until
from tests.told_books import folded, memory_book, shifts, stored_of, told_history

BL, STATE = told_history("BL")
ROOT = trial.root(STATE.balances)


@pytest.fixture
async def told(engine: sa.Engine) -> None:
    """Project the history of two cantons."""
    await project_to(memory_book("BL", BL), engine, len(BL))
    gl, _ = told_history("GL")
    await project_to(memory_book("GL", gl), engine, len(gl))


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("batch", [1, 7, 1000])
async def test_a_rebuild_gives_the_same_tables(database: Database, engine: sa.Engine, batch: int) -> None:
    before = counts(engine)
    bl, gl = await rebuild(database.owner, database.role, batch)
    assert (bl.canton, bl.position, bl.root, bl.before) == ("BL", len(BL), ROOT, ROOT)
    assert gl.canton == "GL"
    # An account at zero has a row or none, depending on the batches; both mean the same.
    assert counts(engine) | {"balance": 0} == before | {"balance": 0}
    assert root_of(engine, "BL") == root_of(engine, "BL", len(BL)) == ROOT


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE ledger.balance SET amount = amount + 1",
        "TRUNCATE ledger.balance, ledger.journal_line, ledger.event, ledger.void_entry",
        "DROP TABLE ledger.balance, ledger.journal_line, ledger.event, ledger.void_entry CASCADE",
    ],
)
async def test_what_was_damaged_is_whole_again(database: Database, engine: sa.Engine, damage: str) -> None:
    database.execute(damage, url=database.owner)
    bl, _ = await rebuild(database.owner, database.role)
    assert bl.before != bl.root == ROOT
    assert root_of(engine, "BL") == root_of(engine, "BL", len(BL)) == ROOT
    lines = database.execute("SELECT count(*) FROM ledger.journal WHERE book = 'BL'", url=database.service)
    assert lines == [(counts(engine)["journal_line"],)]


@pytest.mark.usefixtures("told")
async def test_nothing_but_the_rows_is_different_afterwards(database: Database) -> None:
    query = (
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'ledger'::regnamespace UNION ALL "
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'ledger' UNION ALL "
        "SELECT relname, relacl::text, obj_description(oid) FROM pg_class WHERE relnamespace = 'ledger'::regnamespace "
        "UNION ALL SELECT 'journal', pg_get_viewdef('ledger.journal'), '' ORDER BY 1, 2, 3"
    )
    before = database.execute(query)
    await rebuild(database.owner, database.role)
    assert database.execute(query) == before
    assert database.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'ledger_fresh'") == []


async def test_the_service_goes_on_while_its_tables_are_rebuilt(database: Database, engine: sa.Engine) -> None:
    entries = list(shifts(Mark(), 2000))
    book = memory_book("BL", entries[:500])
    async with projecting(book, engine) as progress:
        await until(lambda: progress.position == 500)
        rebuilding = asyncio.create_task(asyncio.to_thread(_rebuild, database))
        for position in range(500, 2000, 10):
            await book.append(entries[position : position + 10], position)
            await asyncio.sleep(0.002)
        (bl,) = await rebuilding
        await until(lambda: progress.position == 2000)
        assert progress.problem is None
    assert 500 <= bl.position <= 2000
    assert bl.before == bl.root
    assert counts(engine)["event"] == 2000
    assert root_of(engine, "BL") == trial.root(folded(await stored_of(book)).balances)


def _rebuild(database: Database) -> list[Rebuilt]:
    return asyncio.run(rebuild(database.owner, database.role))


@pytest.mark.usefixtures("told")
async def test_a_copy_that_contradicts_itself_changes_nothing(database: Database, engine: sa.Engine) -> None:
    database.execute("ALTER TABLE ledger.entry DISABLE TRIGGER ALL")
    database.execute("DELETE FROM ledger.entry WHERE book = 'BL' AND position = 30")
    with pytest.raises(ChainBrokenError):
        await rebuild(database.owner, database.role)
    assert root_of(engine, "BL") == ROOT


@pytest.mark.usefixtures("told")
def test_the_command_says_for_each_book_what_came_out(database: Database) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LANDBUCH_")}
    settings = {"LANDBUCH_DATABASE_OWNER_URL": database.owner, "LANDBUCH_DATABASE_SERVICE_ROLE": database.role}
    done = subprocess.run(
        [sys.executable, "-m", "landbuch.ledger.rebuild"],
        env=kept | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert f"BL: {len(BL)} entries, trial balance root {ROOT} (as before)\n" in done.stdout
