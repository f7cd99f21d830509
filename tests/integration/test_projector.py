"""The loop on a real PostgreSQL: catch-up, live, two at once, rows that fail, and every place where it can break."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from landbuch.contracts import merkle, trial
from landbuch.contracts.entry import Entry, leaf_of
from landbuch.contracts.evolve import evolve
from landbuch.contracts.state import BookState
from landbuch.ledger.migrate import migrate
from landbuch.ledger.projection import LEDGER
from landbuch.ledger.store import reading
from landbuch.ledger.store.engine import open_engine
from landbuch.sdk import projection as writing
from landbuch.sdk.book.api import Mark, Stored
from landbuch.sdk.errors import ChainBrokenError, GapError, UnavailableError
from landbuch.sdk.projection import Cursor, CursorBehindError, Rows, load, write
from tests.databases import Database, Postgres
from tests.projecting import counts, project_to, projecting, root_of, until
from tests.told_books import folded, memory_book, shifts, stored_of, told_history, unknown_event

SHIFTS = list(shifts(Mark(), 3000))


@pytest.mark.parametrize("batch", [1, 7, 1000])
async def test_a_rebuild_in_any_batches_gives_the_root_of_the_fold(engine: sa.Engine, batch: int) -> None:
    entries, state = told_history("BL")
    await project_to(memory_book("BL", entries), engine, len(entries), batch)
    assert root_of(engine, "BL") == trial.root(state.balances)
    head = reading.head_of_copy(engine, "BL")
    leaves = [part.leaf for part in await stored_of(memory_book("BL", entries))]
    assert head == {"position": len(entries), "leaf": leaves[-1].hex(), "root": merkle.root(leaves).hex()}


@pytest.mark.parametrize("canton", ["BS", "GL", "VS"])
async def test_the_history_of_each_canton_comes_out_as_its_fold(engine: sa.Engine, canton: str) -> None:
    entries, state = told_history(canton)
    await project_to(memory_book(canton, entries), engine, len(entries))
    assert root_of(engine, canton) == trial.root(state.balances)


async def test_the_journal_sums_to_the_balances_at_every_position(engine: sa.Engine) -> None:
    entries, _ = told_history("BL")
    await project_to(memory_book("BL", entries), engine, len(entries))
    state = BookState("BL")
    for part in await stored_of(memory_book("BL", entries)):
        evolve(state, part.verdict, part.position, part.leaf.hex())
        assert root_of(engine, "BL", part.position) == trial.root(state.balances)
    assert root_of(engine, "BL") == root_of(engine, "BL", len(entries))


async def test_books_do_not_mix(engine: sa.Engine) -> None:
    told = {canton: told_history(canton) for canton in ("BL", "GL")}
    for canton, (entries, _) in told.items():
        await project_to(memory_book(canton, entries), engine, len(entries))
    for canton, (_, state) in told.items():
        assert root_of(engine, canton) == trial.root(state.balances)


async def test_what_arrives_live_is_committed_at_once_in_small_batches(engine: sa.Engine) -> None:
    book = memory_book("BL", SHIFTS[:10])
    async with projecting(book, engine) as progress:
        await until(lambda: progress.position == 10)
        for position in range(10, 30):
            await book.append([SHIFTS[position]], position)
            await until(lambda: progress.position == progress.head == position + 1, 2)  # noqa: B023  # awaited at once
        assert progress.batches >= 21
        assert progress.problem is None


async def test_a_catch_up_takes_large_batches(engine: sa.Engine) -> None:
    async with projecting(memory_book("BL", SHIFTS), engine) as progress:
        await until(lambda: progress.position == len(SHIFTS))
        assert progress.batches <= 6


async def test_stopping_and_starting_writes_nothing_twice(engine: sa.Engine) -> None:
    book = memory_book("BL", SHIFTS[:100])
    await project_to(book, engine, 100)
    before = counts(engine)
    await project_to(book, engine, 100)
    assert counts(engine) == before
    book.stored.extend(SHIFTS[100:150])
    await project_to(book, engine, 150)
    assert counts(engine)["entry"] == counts(engine)["event"] == 150


async def test_two_instances_at_once_write_each_entry_once(database: Database) -> None:
    book = memory_book("BL", SHIFTS[:500])
    first, second = open_engine(database.service), open_engine(database.service)
    async with projecting(book, first, 50) as one, projecting(book, second, 70) as other:
        for position in range(500, 1500, 20):
            await book.append(SHIFTS[position : position + 20], position)
            await asyncio.sleep(0.002)
        await until(lambda: one.position == other.position == 1500)
        assert (one.failure, other.failure) == (None, None)
    assert counts(first)["entry"] == counts(first)["event"] == 1500
    assert counts(first)["journal_line"] == 3000
    stored = await stored_of(book)
    assert root_of(first, "BL") == trial.root(folded(stored).balances)
    assert reading.head_of_copy(first, "BL")["root"] == merkle.root(part.leaf for part in stored).hex()
    first.dispose()
    second.dispose()


@pytest.mark.parametrize("step", ["_fresh", "_copy", "_add_up", "_move"])
async def test_a_crash_at_any_step_leaves_whole_batches_and_the_next_start_goes_on(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    original, calls = getattr(writing, step), 0

    def crash(*given: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > 10:
            raise RuntimeError("cut off")
        return original(*given)

    book = memory_book("BL", SHIFTS[:300])
    with monkeypatch.context() as patched:
        patched.setattr(writing, step, crash)
        async with projecting(book, engine, 20) as progress:
            await until(lambda: progress.failure)
    found = counts(engine)
    assert found["entry"] == found["event"] == progress.position < 300
    assert found["entry"] % 20 == 0
    await project_to(book, engine, 300)
    assert counts(engine)["entry"] == 300
    assert root_of(engine, "BL") == trial.root(folded(await stored_of(book)).balances)


async def test_a_commit_whose_answer_is_lost_is_recognised(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    lost = 0

    def write_and_lose(*given: Any) -> Cursor:
        nonlocal lost
        cursor = write(*given)
        if lost < 5:
            lost += 1
            raise UnavailableError("the answer was lost")
        return cursor

    monkeypatch.setattr("landbuch.sdk.projector.write", write_and_lose)
    book = memory_book("BL", SHIFTS[:100])
    await project_to(book, engine, 100, 10)
    assert lost == 5
    assert counts(engine)["entry"] == 100
    assert root_of(engine, "BL") == trial.root(folded(await stored_of(book)).balances)


async def test_a_row_that_cannot_be_written_stops_the_projection_loudly(
    engine: sa.Engine, caplog: pytest.LogCaptureFixture
) -> None:
    def apply(canton: str, stored: Stored) -> Rows:
        rows = LEDGER.apply(canton, stored)
        return {**rows, "balance": [("BL", "KIP3", "nonsense", 1)]} if stored.position == 25 else rows

    book = memory_book("BL", SHIFTS[:40])
    async with projecting(book, engine, 10, replace(LEDGER, apply=apply)) as progress:
        await until(lambda: progress.failure)
        await asyncio.sleep(0.1)
        assert progress.problem is not None
        assert "stopped behind position 20: IntegrityError" in progress.problem
        assert progress.lag == 20
    assert counts(engine)["entry"] == counts(engine)["event"] == 20
    (record,) = [record for record in caplog.records if record.levelno == logging.CRITICAL]
    assert "balance_account_has_a_layer" in record.getMessage()
    await project_to(book, engine, 40)
    assert counts(engine)["entry"] == 40


async def test_rubbish_is_copied_and_listed_and_the_book_goes_on(engine: sa.Engine) -> None:
    rubbish = Entry("book.BL._.agreements.RoleGranted", b"\x00\xff rubbish")
    book = memory_book("BL", [*SHIFTS[:3], rubbish])
    mark = Mark(4, (await stored_of(book))[-1].leaf.hex())
    book.stored.extend(shifts(mark, 2))
    await project_to(book, engine, 6)
    found = counts(engine)
    assert (found["entry"], found["event"], found["void_entry"]) == (6, 5, 1)
    with reading.snapshot(engine) as connection:
        (told,) = reading.entries(connection, "BL", 3, 1)
    assert (told.copied.entry, told.void and told.void[0]) == (rubbish, "not_canonical")


async def test_an_entry_that_names_a_wrong_predecessor_while_we_watch_is_void(engine: sa.Engine) -> None:
    book = memory_book("BL", SHIFTS[:3])
    async with projecting(book, engine) as progress:
        await until(lambda: progress.position == 3)
        await book.append([unknown_event(Mark(3, "ab" * 32), [])], 3)
        await until(lambda: progress.position == 4)
    assert counts(engine)["void_entry"] == 1


async def test_lines_of_an_unknown_type_are_booked(engine: sa.Engine) -> None:
    book = memory_book(
        "BL", [unknown_event(Mark(), [("credit:pending:X:canton", 7), ("credit:authority:X:canton", -7)])]
    )
    await project_to(book, engine, 1)
    with reading.snapshot(engine) as connection:
        assert reading.balances(connection, "BL") == {
            ("KIP3", "credit:pending:X:canton"): 7,
            ("KIP3", "credit:authority:X:canton"): -7,
        }


async def test_forged_sums_beyond_every_real_amount_stop_nothing(engine: sa.Engine) -> None:
    largest, book, mark = 10**13, memory_book("BL", []), Mark()
    lines = [("credit:pending:X:canton", largest)] * 200 + [("credit:authority:X:canton", -largest)] * 200
    for _ in range(5):
        entry = unknown_event(mark, lines)
        book.stored.append(entry)
        mark = Mark(mark.position + 1, leaf_of(entry).hex())
    await project_to(book, engine, 5)
    # As if there had been ten thousand such events: more than 63 bits hold.
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE ledger.balance SET amount = amount * 2000"))
    book.stored.append(unknown_event(mark, lines))
    await project_to(book, engine, 6)
    with reading.snapshot(engine) as connection:
        found = reading.balances(connection, "BL")
    assert found["KIP3", "credit:pending:X:canton"] == 200 * largest * (5 * 2000 + 1) > 2**63


async def test_a_stream_whose_entry_at_the_cursor_was_altered_stops_the_projection_at_its_start(
    engine: sa.Engine, caplog: pytest.LogCaptureFixture
) -> None:
    book = memory_book("BL", SHIFTS[:5])
    await project_to(book, engine, 5)
    entry = SHIFTS[4]
    book.stored[4] = Entry(entry.subject, entry.payload.replace(b"Regierungsrat", b"Regierungsrot"))
    async with projecting(book, engine) as progress:
        await until(lambda: progress.failure)
    assert isinstance(progress.failure, ChainBrokenError)
    assert any(record.levelno == logging.CRITICAL for record in caplog.records)


async def test_a_stream_that_lost_its_end_stops_the_projection(engine: sa.Engine) -> None:
    book = memory_book("BL", SHIFTS[:5])
    await project_to(book, engine, 5)
    del book.stored[3:]
    async with projecting(book, engine) as progress:
        await until(lambda: progress.failure)
    assert isinstance(progress.failure, GapError)


async def test_rows_from_another_stream_are_never_mixed_in(engine: sa.Engine) -> None:
    await project_to(memory_book("BL", SHIFTS[:5]), engine, 5)
    other = await stored_of(memory_book("BL", list(shifts(Mark(), 8, lines=4))))
    for behind, batch in ((bytes(32), other), (other[4].leaf, other[5:])):
        with pytest.raises(ChainBrokenError, match="position 5"):
            write(engine, LEDGER, "BL", behind, batch)
    assert counts(engine)["entry"] == 5


async def test_a_batch_ahead_of_the_cursor_is_not_written(engine: sa.Engine) -> None:
    stored = await stored_of(memory_book("BL", SHIFTS[:5]))
    load(engine, LEDGER, "BL")
    with pytest.raises(CursorBehindError):
        write(engine, LEDGER, "BL", stored[1].leaf, stored[2:])
    assert counts(engine)["entry"] == 0


async def test_a_book_that_is_still_empty_is_known(engine: sa.Engine) -> None:
    async with projecting(memory_book("BL", []), engine) as progress:
        await until(lambda: progress.started)
        assert (progress.problem, progress.lag) == (None, 0)
    with reading.snapshot(engine) as connection:
        assert reading.heads(connection) == {"BL": reading.Head()}


async def test_lag_is_visible_while_another_holds_the_cursor(engine: sa.Engine, database: Database) -> None:
    book = memory_book("BL", SHIFTS[:5])
    async with projecting(book, engine) as progress:
        await until(lambda: progress.position == 5)
        with psycopg.connect(database.superuser.replace("+psycopg", "")) as other:
            other.execute("SELECT 1 FROM ledger.projection FOR UPDATE")
            await book.append(SHIFTS[5:9], 5)
            await until(lambda: progress.lag == 4)
            await asyncio.sleep(0.05)
            assert progress.lag_s >= 0.05
        await until(lambda: progress.lag == 0)
        assert progress.lag_s == 0.0


async def test_a_head_beyond_a_reader_that_hangs_shows_as_lag(engine: sa.Engine) -> None:
    book = memory_book("BL", SHIFTS[:5])
    async with projecting(book, engine) as progress:
        await until(lambda: progress.position == 5)
        book.stored.extend(SHIFTS[5:8])  # nobody rings
        await until(lambda: progress.lag == 3, 3)


async def test_a_database_without_tables_is_waited_for_and_the_reason_is_told(postgres: Postgres) -> None:
    empty = postgres.empty()
    engine = open_engine(empty.service)
    async with projecting(memory_book("BL", SHIFTS[:5]), engine) as progress:
        await until(lambda: progress.waiting)
        assert "Run the migrations" in str(progress.problem)
        await asyncio.to_thread(migrate, empty.owner, empty.role)
        await until(lambda: progress.position == 5)
        assert progress.problem is None
    engine.dispose()


async def test_a_cancelled_projection_can_be_started_again_at_once(engine: sa.Engine) -> None:
    book = memory_book("BL", SHIFTS[:1000])
    for _ in range(10):
        async with projecting(book, engine, 10):
            await asyncio.sleep(0.03)
    await project_to(book, engine, 1000)
    assert counts(engine)["entry"] == 1000
    assert root_of(engine, "BL") == trial.root(folded(await stored_of(book)).balances)
