"""``landbuch tail``: follow a book live, verified, as it grows."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any

import orjson
import typer

from landbuch.contracts.canonical import parse
from landbuch.contracts.entry import leaf_of
from landbuch.contracts.judge import Void
from landbuch.sdk.book.api import Mark, Start, Stored
from landbuch.sdk.book.jetstream import JetStreamBook
from landbuch.sdk.book.setup import find_book
from landbuch.sdk.cli import output
from landbuch.sdk.cli.events import about, moved
from landbuch.sdk.cli.options import Canton, Stack, connection_of, run
from landbuch.sdk.cli.output import Format, number
from landbuch.sdk.connection import Connection, connected
from landbuch.sdk.errors import BeyondHeadError, GapError

LAST = 10
"""So many entries that are there already are shown first, unless it is said where to begin."""
COLUMNS = "{:>9}  {:<10}  {:<8}  {:<27}  {:<24}  {:>15}  {}"

After = Annotated[
    int | None,
    typer.Option(
        "--after", metavar="POSITION", min=0, help=f"Begin behind this position; left out: {LAST} before the end."
    ),
]
Limit = Annotated[
    int | None, typer.Option("--limit", metavar="N", min=1, help="End after so many; left out: go on until Ctrl-C.")
]
Lines = Annotated[
    Format | None,
    typer.Option(
        "--format", metavar="table|ndjson", help="Left out: a table on a terminal, else NDJSON.", show_default=False
    ),
]


def tail(canton: Canton, after: After = None, limit: Limit = None, written: Lines = None, stack: Stack = None) -> None:
    """Follow a book: show each event as soon as it is written, until Ctrl-C.

    Read from the book itself, without a gap and each entry on top of the one before; void entries are shown too. The
    position of the last line is where a later `--after` goes on.
    """
    if written in (Format.JSON, Format.CSV):
        raise typer.BadParameter("choose table or ndjson.", param_hint="--format")
    as_table = written is Format.TABLE or (written is None and sys.stdout.isatty())
    try:
        run(_follow(connection_of(stack), canton, after, limit, as_table=as_table))
    except KeyboardInterrupt:
        if as_table:
            typer.echo()


async def _follow(connection: Connection, canton: str, after: int | None, limit: int | None, *, as_table: bool) -> None:
    shown = 0
    async with connected(connection, "reader", for_ever=True) as nc:
        book = await find_book(nc, canton)
        if as_table:
            output.terminal().print(
                COLUMNS.format("Position", "Booked", "Phase", "Event", "About", "CHF", "Actor"), style="bold"
            )
        async with aclosing(_stored(book, after)) as found:
            async for stored in found:
                _write(stored, as_table=as_table)
                shown += 1
                if shown == limit:
                    return


async def _stored(book: JetStreamBook, after: int | None) -> AsyncGenerator[Stored, None]:
    """Give the entries behind a position, and whatever follows."""
    head = await book.head()
    if after is not None and after > head:
        raise BeyondHeadError(f"Book {book.canton} ends at position {head}; there is nothing behind {after} yet.")
    begin = max(0, head - LAST) if after is None else after
    async for batch in book.follow(Start(await _mark(book, begin))):
        for stored in batch:
            yield stored


async def _mark(book: JetStreamBook, position: int) -> Mark:
    """Take the entry at a position as it stands; everything behind it must follow from it."""
    if not position:
        return Mark()
    entry = await book.entry(position)
    if entry is None:
        raise GapError(position, f"the leader of {book.stream} does not have it.")
    return Mark(position, leaf_of(entry).hex())


def _write(stored: Stored, *, as_table: bool) -> None:
    row = as_json(stored)
    if not as_table:
        sys.stdout.buffer.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
        sys.stdout.buffer.flush()
        return
    if "void" in row:
        cells, style = ("", "", f"void: {row['void']['reason']}", "", "", row["subject"]), "yellow"
    else:
        name = str(row["type"]).removeprefix("landbuch.").rpartition(".v")[0]
        phase = "" if row["phase"] == "_" else row["phase"]
        cells, style = (row["bookedon"], phase, name, about(row["data"]), moved(row["data"]), row["actor"]), ""
    line = COLUMNS.format(number(stored.position), *cells)
    output.terminal().print(line, style=style, soft_wrap=True)


def as_json(stored: Stored) -> dict[str, Any]:
    """Give an entry as ``landbuch events`` does: a void entry has a reason instead of an event."""
    where: dict[str, Any] = {
        "position": stored.position, "leaf": stored.leaf.hex(), "subject": stored.entry.subject,
    }  # fmt: skip
    if isinstance(stored.verdict, Void):
        return where | {"void": {"reason": stored.verdict.reason, "detail": stored.verdict.detail}}
    value: Any = parse(stored.entry.payload)
    return where | {key: value[key] for key in ("type", "phase", "bookedon", "time", "actor", "id", "data")}
