"""Servers and processes that die while a book is projected: nothing is lost, nothing is written twice."""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from nats.aio.client import Client

from landbuch.contracts import trial
from landbuch.ledger.store import reading
from landbuch.ledger.store.copy import compare_copy
from landbuch.ledger.store.engine import open_engine
from landbuch.local.stack import LocalStack
from landbuch.sdk.book.api import Mark
from landbuch.sdk.book.jetstream import JetStreamBook
from landbuch.sdk.book.setup import open_book
from tests.databases import Database, Postgres, postgres_wheel
from tests.projecting import counts, project_to, projecting, root_of, until
from tests.servers import Nats, nats_wheel
from tests.told_books import folded, memory_book, shifts, stored_of

SHIFTS = list(shifts(Mark(), 3000))
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """Give a PostgreSQL server that may be killed."""
    with postgres_wheel(tmp_path_factory.mktemp("mortal")) as server:
        yield server


@pytest.fixture
def stack(mortal: Postgres) -> Iterator[LocalStack]:
    """Give the stack that runs it, and leave it running."""
    assert mortal.stack is not None
    yield mortal.stack
    if mortal.stack.states()["postgres"] == "STOPPED":
        mortal.stack.start_program("postgres")
    mortal.stack.wait_ready("postgres")


@pytest.fixture
def doomed(mortal: Postgres) -> Iterator[sa.Engine]:
    """Give connections to a database on it."""
    engine = open_engine(mortal.fresh().service)
    yield engine
    engine.dispose()


async def test_postgresql_killed_in_the_middle_costs_nothing_but_time(stack: LocalStack, doomed: sa.Engine) -> None:
    book = memory_book("BL", SHIFTS[:200])
    async with projecting(book, doomed, 100) as progress:
        for killed_at in (600, 1800):
            for position in range(len(book.stored), killed_at, 50):
                await book.append(SHIFTS[position : position + 50], position)
                await asyncio.sleep(0.001)
            pid = await asyncio.to_thread(stack.kill, "postgres")
            await book.append(SHIFTS[killed_at : killed_at + 100], killed_at)
            await until(lambda: progress.waiting)
            assert "PostgreSQL" in str(progress.problem)
            await asyncio.to_thread(stack.wait_replaced, "postgres", pid)
        await until(lambda: progress.position == 1900, 30)
        assert progress.problem is None
    assert counts(doomed)["entry"] == counts(doomed)["event"] == 1900
    assert root_of(doomed, "BL") == trial.root(folded(await stored_of(book)).balances)


async def test_postgresql_away_at_the_start_is_waited_for(stack: LocalStack, doomed: sa.Engine) -> None:
    await asyncio.to_thread(stack.stop_program, "postgres")
    book = memory_book("BL", SHIFTS[:50])
    async with projecting(book, doomed) as progress:
        await until(lambda: progress.waiting)
        await book.append(SHIFTS[50:60], 50)
        await asyncio.to_thread(stack.start_program, "postgres")
        await until(lambda: progress.position == 60, 30)
    assert counts(doomed)["entry"] == 60


async def test_a_projector_killed_again_and_again_writes_each_entry_once(database: Database, engine: sa.Engine) -> None:
    program = (
        "import asyncio, sys\n"
        "from landbuch.ledger import projection\n"
        "from landbuch.ledger.store.engine import open_engine\n"
        "from landbuch.sdk import projector\n"
        "from landbuch.sdk.book.api import Mark\n"
        "from landbuch.sdk.progress import Progress\n"
        "from tests.told_books import memory_book, shifts\n"
        "book = memory_book('BL', list(shifts(Mark(), 3000)))\n"
        "print('begun', flush=True)\n"
        "asyncio.run(projector.run(book, projection.LEDGER, open_engine(sys.argv[1]), Progress('BL'), 7))\n"
    )
    chance = random.Random(2026)
    seen = []
    for _ in range(4):
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, database.service, cwd=ROOT, stdout=asyncio.subprocess.PIPE
        )
        assert child.stdout is not None
        await child.stdout.readline()
        await asyncio.sleep(chance.uniform(0.2, 0.5))
        child.kill()
        await child.wait()
        seen.append(counts(engine)["entry"])
    assert any(0 < found < 3000 for found in seen), seen
    book = memory_book("BL", SHIFTS)
    await project_to(book, engine, 3000)
    assert counts(engine)["entry"] == counts(engine)["event"] == 3000
    assert root_of(engine, "BL") == trial.root(folded(await stored_of(book)).balances)


async def test_a_real_stream_is_projected_from_its_beginning_and_live(nats: Nats, engine: sa.Engine) -> None:
    canton = nats.fresh_canton()
    async with await nats.connect("operator") as operator, await nats.connect("ledger") as client:
        await _project_a_stream(nats, canton, engine, operator, client)


async def _project_a_stream(nats: Nats, canton: str, engine: sa.Engine, operator: Client, client: Client) -> None:
    await open_book(operator, canton, nats.replicas)
    book = JetStreamBook(client, canton)
    entries = list(shifts(Mark(), 500, canton))
    await book.append(entries[:300], 0)
    async with projecting(book, engine) as progress:
        await until(lambda: progress.position == 300)
        for position in range(300, 500, 10):
            await book.append(entries[position : position + 10], position)
        await until(lambda: progress.position == 500)
    assert (await compare_copy(book, engine)).same == 500
    assert root_of(engine, canton) == trial.root(folded(await stored_of(book), canton).balances)


async def test_nats_killed_in_the_middle_costs_nothing_but_time(tmp_path: Path, engine: sa.Engine) -> None:
    with nats_wheel(tmp_path) as nats:
        assert nats.own is not None
        async with await nats.connect("operator") as operator, await nats.connect("ledger") as client:
            await open_book(operator, "BL", 1)
            book = JetStreamBook(client, "BL")
            await book.append(SHIFTS[:300], 0)
            async with projecting(book, engine, 20) as progress:
                await until(lambda: progress.position >= 100)
                nats.own.kill()
                await asyncio.sleep(0.5)
                nats.own.start()
                await asyncio.to_thread(nats.own.wait_ready)
                await book.append(SHIFTS[300:400], 300)
                await until(lambda: progress.position == 400, 30)
                assert progress.problem is None
            with reading.snapshot(engine) as connection:
                assert reading.heads(connection)["BL"].position == 400
