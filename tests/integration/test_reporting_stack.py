"""Reporting as a process of the local stack: it keeps up, comes back, and can neither append nor see others' tables."""

from __future__ import annotations

import asyncio
import html
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpx
import nats
import pytest
import sqlalchemy as sa
from nats.errors import Error as NatsError

from landbuch.contracts.entry import leaf_of
from landbuch.local.history.telling import open_books, tell
from landbuch.local.stack import LocalStack
from landbuch.sdk.book.jetstream import JetStreamBook
from landbuch.sdk.book.setup import stream_name
from landbuch.sdk.client import Client
from landbuch.sdk.connection import read
from landbuch.sdk.errors import PermissionDeniedError
from tests.told_books import told_history


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """Give a stack that was told the history of BL."""
    with LocalStack(tmp_path_factory.mktemp("stack"), keep=False) as stack:
        with ThreadPoolExecutor(1) as apart:  # the caller's thread may have a loop running
            apart.submit(asyncio.run, _told(stack)).result()
        yield stack


async def _told(stack: LocalStack) -> None:
    connection = read(stack.places.root)
    await open_books(connection, ("BL",))
    async with Client(connection, patience_s=30.0) as client:
        told = await tell(client, "BL", facts_only=False, progress=lambda _done, _of: None)
        await client.wait_for("BL", told.last)
    _wait_for(stack, told.last)


def _wait_for(stack: LocalStack, position: int) -> dict[str, object]:
    """Wait until reporting has the position in its tables."""
    until = time.monotonic() + 30
    while True:
        books = httpx.get(f"{stack.http('reporting')}/api/v1/books").json()["books"]
        if books and books[0]["position"] >= position:
            found: dict[str, object] = books[0]
            return found
        assert time.monotonic() < until, f"reporting stands at {books}, not at {position}"
        time.sleep(0.05)


def test_it_is_ready_and_shows_the_ledgers_figures_at_the_ledgers_leaf(stack: LocalStack) -> None:
    assert httpx.get(f"{stack.http('reporting')}/health/ready").json()["ready"] is True
    ours = httpx.get(f"{stack.http('reporting')}/api/v1/balances", params={"canton": "BL", "phase": "KIP3"}).json()
    theirs = httpx.get(f"{stack.http('ledger')}/v1/BL/balances", params={"phase": "KIP3"}).json()
    assert (ours["position"], ours["leaf"]) == (theirs["position"], theirs["head_leaf"])
    shown = {name: money["amount"] for name, money in ours["total"].items()}
    assert shown == theirs["phases"][0]["total"]
    page = html.unescape(httpx.get(f"{stack.http('reporting')}/de/BL/KIP3").text)
    assert "3'392'068.00" in page
    assert "Rückstand 0 s" in page


def test_after_a_kill_it_goes_on_where_it_stood_and_counts_nothing_twice(stack: LocalStack) -> None:
    before = httpx.get(f"{stack.http('reporting')}/api/v1/balances", params={"canton": "BL", "phase": "KIP3"}).json()
    stack.wait_replaced("reporting", stack.kill("reporting"))
    _wait_for(stack, before["position"])
    after = httpx.get(f"{stack.http('reporting')}/api/v1/balances", params={"canton": "BL", "phase": "KIP3"}).json()
    assert after == before


@pytest.mark.parametrize("table", ["entry", "event", "journal_line", "balance", "projection"])
def test_its_role_cannot_read_the_ledgers_tables(stack: LocalStack, table: str) -> None:
    engine = sa.create_engine(stack.database_url_of("landbuch_reporting"), poolclass=sa.NullPool)
    with (
        engine.connect() as connection,
        pytest.raises(sa.exc.ProgrammingError, match="permission denied for schema ledger"),
    ):
        connection.execute(sa.text(f"SELECT * FROM ledger.{table}"))  # noqa: S608  # names of ours


@pytest.mark.parametrize("deed", ["UPDATE reporting.line SET amount = 1", "DELETE FROM reporting.entry"])
def test_its_role_cannot_alter_what_it_has_written(stack: LocalStack, deed: str) -> None:
    engine = sa.create_engine(stack.database_url_of("landbuch_reporting"), poolclass=sa.NullPool)
    with engine.connect() as connection, pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        connection.execute(sa.text(deed))


def test_the_ledgers_role_cannot_read_its_tables(stack: LocalStack) -> None:
    engine = sa.create_engine(stack.database_url, poolclass=sa.NullPool)
    with engine.connect() as connection, pytest.raises(sa.exc.ProgrammingError, match="permission denied for schema"):
        connection.execute(sa.text("SELECT * FROM reporting.entry"))


async def test_its_nats_user_can_append_to_no_book(stack: LocalStack) -> None:
    who = stack.credentials("reporting")
    seen: list[Exception] = []

    async def note(error: Exception) -> None:
        seen.append(error)

    connect = partial(nats.connect, stack.nats_url, user=who.user, password=who.password, error_cb=note)
    nc = await connect(inbox_prefix=who.inbox_prefix.encode())
    try:
        book = JetStreamBook(nc, "BL", stream_name("BL"), settle_limit_s=2.0)
        head = await book.head()
        entry = told_history("BL")[0][0]
        with pytest.raises(PermissionDeniedError):
            await book.append([entry], head)
        for subject in (entry.subject, "command.ledger.BL.FoundBook", "$JS.API.STREAM.PURGE.BOOK-BL"):
            with pytest.raises(NatsError):
                await nc.request(subject, b"{}", timeout=0.5)
        assert await book.head() == head
        assert [str(error).lower().count("permissions violation") for error in seen] == [1] * len(seen)
        assert len(seen) >= 3
        stored = [one async for batch in book.read() for one in batch]
        assert stored[0].leaf == leaf_of(stored[0].entry)
    finally:
        await nc.close()
