"""``landbuch verify``: read the book itself, check everything that it promises, and compare with what is shown."""

from __future__ import annotations

import dataclasses
import os
import sys
from dataclasses import dataclass, replace
from typing import Annotated, Any

import typer
from nats.aio.client import Client as NatsClient
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from landbuch.contracts.entry import leaf_of
from landbuch.sdk.book.api import Evidence
from landbuch.sdk.book.jetstream import JetStreamBook
from landbuch.sdk.book.setup import differences, find_books, stream_info
from landbuch.sdk.cli import output
from landbuch.sdk.cli.options import Canton, Stack, connection_of, run
from landbuch.sdk.cli.output import Format, TreeFormat, moment, number, short
from landbuch.sdk.client import Client
from landbuch.sdk.connection import Connection, connected, named_user
from landbuch.sdk.errors import BookMissingError, GapError
from landbuch.sdk.findings import TITLES, Check, Live, Report
from landbuch.sdk.replies import QueryError
from landbuch.sdk.tampering import Damage, first_difference
from landbuch.sdk.verifying import PAGE, Verification, read_into

PATIENCE_S = 5.0
"""How long a missing entry is asked for again: a replica may lag behind its leader for a moment."""
COLOURS = {"✔": "green", "✘": "red"}
SHOWN = 20
"""Findings of one kind that a person reads; JSON holds all of them."""

NoCopy = Annotated[
    bool,
    typer.Option("--no-copy", help="Look at the stream alone; ask the ledger for nothing."),
]
NatsUrl = Annotated[
    str | None,
    typer.Option("--nats-url", metavar="URL", help="Read the book from this NATS server instead."),
]
Stream = Annotated[
    str | None,
    typer.Option(
        "--stream",
        metavar="NAME",
        help="Read this stream; left out: the one that holds the canton's subjects.",
    ),
]
Written = Annotated[
    TreeFormat | None, typer.Option("--format", help="Left out: a table on a terminal, else JSON.", show_default=False)
]


@dataclass(frozen=True, slots=True)
class Copy:
    """What the ledger says: the head of its copy, and the root of the balances that it shows."""

    evidence: Evidence
    live: Live


def verify(
    canton: Canton,
    *,
    no_copy: NoCopy = False,
    nats_url: NatsUrl = None,
    stream: Stream = None,
    written: Written = None,
    stack: Stack = None,
) -> None:
    """Replay a book from position 1 and check everything that it promises.

    Bytes, chain, schema, balanced lines, posting rules, identities, roles and four eyes; then the balances that the
    ledger shows and its independent copy are compared with the replay.

    Exit code 0: all well. 1: void entries, breaches of a rule, or figures that differ. 3: corrupt or not verifiable.
    """
    connection = connection_of(stack)
    reading = _elsewhere(connection, nats_url) if nats_url is not None else connection
    copy, report = run(verified(connection, reading, canton, stream, with_copy=not no_copy))
    if output.chosen(written) is Format.JSON:
        output.write_json(as_json(report, copy))
    else:
        show(report, copy)
    if report.exit_code:
        raise typer.Exit(report.exit_code)


def _elsewhere(connection: Connection, nats_url: str) -> Connection:
    """Point at another server, as the user that the environment names: the stack's users mean nothing there."""
    user = named_user(os.environ)
    return replace(connection, origin="--nats-url", nats_url=nats_url, users={} if user is None else {"reader": user})


async def verified(
    connection: Connection, reading: Connection, canton: str, stream: str | None = None, *, with_copy: bool = True
) -> tuple[Copy | None, Report]:
    """Read a whole book and check it; gives what the ledger says of it (if asked) and the report.

    ``connection``: where the ledger is; ``reading``: where the book is read. Raises as ``Client`` and ``find_books``.
    """
    async with Client(connection) as client, connected(reading, "reader") as nc:
        name = stream or await _stream(nc, canton)
        book = JetStreamBook(nc, canton, name, patience_s=PATIENCE_S)
        info = await stream_info(nc, name)
        copy = await _copy(client, canton) if with_copy else None
        report = await _replayed(book, canton, copy)
        report = report.with_settings(differences(info["config"]))
        if copy is None:
            return None, report
        report = report.compared(copy.live)
        if report.corrupt_at is not None:
            damage = await _located(client, book, canton, copy.evidence.size)
            report = report.located(damage) if damage is not None else report
        return copy, report


async def _stream(nc: NatsClient, canton: str) -> str:
    books = await find_books(nc)
    if canton not in books:
        known = ", ".join(books) or "none"
        raise BookMissingError(
            f"There is no book of {canton} here (there are: {known}). Open it with `landbuch book open {canton}`, or "
            "name its stream with --stream."
        )
    return books[canton]


async def _copy(client: Client, canton: str) -> Copy:
    """Ask the ledger for its balances, then for the head of its copy, which is no shorter."""
    try:
        shown = await client.trial_balance(canton)
        head = await client.head(canton)
    except QueryError as error:
        if error.code != "book_missing":
            raise
        raise BookMissingError(f"{error} Or leave the ledger out with --no-copy.") from error
    evidence = Evidence(int(head["position"]), bytes.fromhex(head["root"]))
    return Copy(evidence, Live(int(shown["position"]), str(shown["root"])))


async def _replayed(book: JetStreamBook, canton: str, copy: Copy | None) -> Report:
    """Feed the whole book into a verification, with a progress bar on a terminal."""
    at = (copy.live.position,) if copy is not None else ()
    verification = Verification(canton, copy.evidence if copy is not None else None, at)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=output.margin(), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(f"Replaying {canton}", total=None)
        await read_into(
            verification,
            book,
            copy.evidence.size if copy is not None else 0,
            lambda position, head: progress.update(task, completed=position, total=head),
        )
    return verification.report()


async def _located(client: Client, book: JetStreamBook, canton: str, size: int) -> Damage | None:
    """Find the first entry in which stream and copy differ, leaf by leaf; None where what is there is the same."""
    end = min(size, await book.head())
    position = 0
    while position < end:
        try:
            entries = await book.page(position + 1, min(end, position + PAGE))
        except GapError:
            return None
        page = await client.events(canton, after=position, limit=min(PAGE, len(entries) + 1))
        theirs = [bytes.fromhex(row["leaf"]) for row in page["events"]]
        damage = first_difference([leaf_of(entry) for entry in entries], theirs, position + 1)
        if damage is not None:
            return damage
        position += len(entries)
    return None


def as_json(report: Report, copy: Copy | None) -> dict[str, Any]:
    """Give a report as a JSON object."""
    return {
        "canton": report.canton,
        "exit_code": report.exit_code,
        "entries": report.entries,
        "events": report.events,
        "void": len([finding for finding in report.findings if finding.check == "void"]),
        "corrupt_at": report.corrupt_at,
        "leaf": report.leaf,
        "recorded_at": report.time,
        "root": report.root,
        "trial_balance": {
            "position": copy.live.position if copy is not None else report.entries,
            "replayed": report.trial_roots.get(copy.live.position) if copy is not None else report.trial_root,
            "shown": copy.live.root if copy is not None else None,
        },
        "copy": None if copy is None else {"position": copy.evidence.size, "root": copy.evidence.root.hex()},
        "checks": [{"check": check, "title": TITLES[check], "status": report.status(check)} for check in TITLES],
        "findings": [dataclasses.asdict(finding) for finding in report.findings],
    }


def show(report: Report, copy: Copy | None) -> None:
    """Write a report for people: one line for each check, then what is wrong in sentences."""
    console = output.terminal()
    console.print(
        f"\nBook of {report.canton}: {number(report.entries)} entries, {number(report.events)} events, "
        f"last one recorded {moment(report.time)}",
        style="bold",
    )
    made = output.table("", "", "")
    for check, title in TITLES.items():
        mark, said = _outcome(report, check, copy)
        made.add_row(Text(mark, style=COLOURS.get(mark, "")), title, said)
    output.put(console, made)
    console.print()
    for check in TITLES:
        _sentences(console, report, check)
    console.print(
        _conclusion(report, copy), style={0: "bold green", 1: "bold yellow"}.get(report.exit_code, "bold red")
    )


def _outcome(report: Report, check: Check, copy: Copy | None) -> tuple[str, str]:
    failed = len(report.failed(check))
    match report.status(check):
        case "corrupt":
            return "✘", "see below"
        case "breached":
            return "✘", f"{number(failed)} found"
        case "not_checked":
            return "–", "not compared"
        case _ if report.corrupt_at == 1 and check != "settings":
            return "–", "not reached"
        case _ if report.corrupt_at is not None and check != "settings":
            return "✔", f"up to position {number(report.corrupt_at - 1)}"
        case _:
            return "✔", _detail(report, check, copy)


def _detail(report: Report, check: Check, copy: Copy | None) -> str:
    if check == "trial" and copy is not None:
        return f"{short(copy.live.root)}, shown = replayed at position {number(copy.live.position)}"
    if check == "trial":
        return f"{short(report.trial_root)} replayed at position {number(report.entries)}; nothing to compare"
    if check == "copy" and copy is not None:
        return f"{short(copy.evidence.root.hex())}, stream = ledger's copy up to position {number(copy.evidence.size)}"
    return ""


def _sentences(console: Console, report: Report, check: Check) -> None:
    found = [finding for finding in report.findings if finding.check == check]
    for finding in found[:SHOWN]:
        style = "red" if finding.severity == "corrupt" else "yellow"
        console.print(finding.sentence, style=style)
        console.print(Padding(finding.remedy, (0, 0, 1, 2)))
    if len(found) > SHOWN:
        console.print(f"... and {number(len(found) - SHOWN)} more; --format json lists all.")


def _conclusion(report: Report, copy: Copy | None) -> str:
    if report.exit_code == 0 and copy is None:
        return "All well, as far as the stream alone can show: its last entry is vouched for by nothing else."
    return {
        0: "All well: the book is whole, and the balances shown are those that it gives.",
        1: "The book is whole, but not everything in it, or shown of it, is right.",
    }.get(report.exit_code, "This book cannot be relied on as it stands.")
