"""A stack for all tests of the command line, in which the history of BL and GL was told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from landbuch.contracts.entry import Entry
from landbuch.local.history.telling import open_books, tell
from landbuch.local.stack import LocalStack
from landbuch.sdk.book.setup import find_book
from landbuch.sdk.client import Client
from landbuch.sdk.connection import connected, read
from tests.command_line import CommandLine


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CommandLine:
    """Give the command line in an empty directory."""
    return CommandLine(capsys, monkeypatch, tmp_path)


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """Give a running stack."""
    with LocalStack(tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest.fixture(scope="package")
def book(stack: LocalStack) -> list[Entry]:
    """Tell the history of BL and GL to the services; give the entries of BL."""

    async def told() -> list[Entry]:
        connection = read(stack.places.root)
        await open_books(connection, ("BL", "GL"))
        async with Client(connection) as client:
            for canton in ("BL", "GL"):
                told = await tell(client, canton, facts_only=False, progress=lambda _done, _of: None)
                await client.wait_for(canton, told.last)
        async with connected(connection, "reader") as nc:
            found = await find_book(nc, "BL")
            return list(await found.page(1, await found.head()))

    return asyncio.run(told())


@pytest.fixture
def at(run: CommandLine, stack: LocalStack, book: list[Entry]) -> CommandLine:
    """Give the command line pointed at the stack; the history stands in its books."""
    assert book
    run.environment(stack=str(stack.places.root))
    return run
