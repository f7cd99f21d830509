"""``landbuch book``: open a canton's book, list the books, look at a head."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from landbuch.contracts.canonical import NotCanonicalError, parse
from landbuch.contracts.entry import GENESIS, leaf_of
from landbuch.sdk.book.jetstream import JetStreamBook
from landbuch.sdk.book.setup import find_book, find_books, open_book
from landbuch.sdk.cli import output
from landbuch.sdk.cli.options import Canton, Stack, connection_of, run
from landbuch.sdk.cli.output import Format, TreeFormat, moment, number, short
from landbuch.sdk.client import Client
from landbuch.sdk.connection import Connection, connected
from landbuch.sdk.errors import UnavailableError
from landbuch.sdk.replies import QueryError

app = typer.Typer(help="Open a canton's book, list the books, look at a head.", no_args_is_help=True)

Written = Annotated[
    TreeFormat | None, typer.Option("--format", help="Left out: a table on a terminal, else JSON.", show_default=False)
]


@app.command("open")
def open_(
    canton: Canton,
    replicas: Annotated[
        int | None,
        typer.Option("--replicas", min=1, max=5, help="Copies of the stream; left out: as the stack has servers."),
    ] = None,
    written: Written = None,
    stack: Stack = None,
) -> None:
    """Open a canton's book: create its stream, or confirm that it is set up as it must be.

    For the operator. Doing it twice changes nothing.
    """
    connection = connection_of(stack)

    async def opened() -> tuple[str, bool]:
        async with connected(connection, "operator") as nc:
            already = canton in await find_books(nc)
            return await open_book(nc, canton, replicas or connection.replicas), already

    name, already = run(opened())
    if output.chosen(written) is Format.JSON:
        output.write_json({"canton": canton, "stream": name, "created": not already})
    elif already:
        typer.echo(f"The book of {canton} is open already; its stream {name} is set up as it must be.")
    else:
        typer.echo(
            f"The book of {canton} is open (stream {name}). Found it next: "
            f"landbuch do FoundBook {canton} --administrators p-…,p-… --actor p-…"
        )


@app.command("list")
def list_(written: Written = None, stack: Stack = None) -> None:
    """List all books, with the position that each has reached."""
    connection = connection_of(stack)

    async def heads() -> list[dict[str, Any]]:
        async with connected(connection, "reader") as nc:
            books = await find_books(nc)
            return [
                {"canton": canton, "stream": name, "position": await (await find_book(nc, canton)).head()}
                for canton, name in books.items()
            ]

    rows = run(heads())
    if output.chosen(written) is Format.JSON:
        output.write_json({"books": rows})
    elif not rows:
        typer.echo("There is no book yet. Open one with `landbuch book open <CANTON>`.")
    else:
        made = output.table("Canton", "Stream", "Position", right=["Position"])
        for row in rows:
            made.add_row(row["canton"], row["stream"], number(row["position"]))
        output.put(output.terminal(), made)


@app.command("head")
def head(canton: Canton, written: Written = None, stack: Stack = None) -> None:
    """Show the last entry of a canton's book, and how far the ledger's copy has come."""
    found = run(_head(connection_of(stack), canton))
    if output.chosen(written) is Format.JSON:
        output.write_json(found)
        return
    made = output.table("", "Position", "Leaf", "Recorded", right=["Position"])
    made.add_row("book", *_told(found))
    copy = found["copy"]
    if copy is not None:
        made.add_row("ledger's copy", *_told(copy))
    output.put(output.terminal(), made)
    typer.echo(f"Lag: {number(found['lag'])} entries." if copy is not None else found["copy_missing"])


def _told(head: dict[str, Any]) -> tuple[str, str, str]:
    leaf = short(head["leaf"]) if head["position"] else output.UNKNOWN
    return number(head["position"]), leaf, moment(head.get("recorded_at"))


async def _head(connection: Connection, canton: str) -> dict[str, Any]:
    async with connected(connection, "reader") as nc:
        position, leaf, time = await _last(await find_book(nc, canton))
    found: dict[str, Any] = {"canton": canton, "position": position, "leaf": leaf, "recorded_at": time, "copy": None}
    async with Client(connection) as client:
        try:
            copy = await client.head(canton)
        except (UnavailableError, QueryError) as error:
            return {**found, "lag": None, "copy_missing": str(error)}
    return {**found, "copy": copy, "lag": max(0, position - int(copy["position"]))}


async def _last(book: JetStreamBook) -> tuple[int, str, str | None]:
    """Give position, leaf and recorded time of the last entry, as the leader has it."""
    position = await book.head()
    entry = await book.entry(position) if position else None
    if entry is None:
        return position, GENESIS, None
    try:
        value = parse(entry.payload)
    except (NotCanonicalError, UnicodeError):
        value = None
    time = value.get("time") if isinstance(value, dict) else None
    return position, leaf_of(entry).hex(), time if isinstance(time, str) else None
