"""``landbuch demo``: the real decisions of four cantons, through a fresh stack, as balances, replayed."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import time
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from landbuch.contracts.money import decimal
from landbuch.contracts.vocabulary import NO_PHASE
from landbuch.contracts.warn import MEANINGS, Warn
from landbuch.local import endings
from landbuch.local.errors import StackError
from landbuch.local.history.story import CANTONS
from landbuch.local.history.telling import Refusal, Told, open_books, tell
from landbuch.local.stack import LocalStack
from landbuch.sdk.cli import balance, output
from landbuch.sdk.cli import verify as verifying
from landbuch.sdk.client import Client
from landbuch.sdk.connection import Connection, read
from landbuch.sdk.findings import TITLES, Report

DIRECTORY = Path("var/demo")
FAILED = 1

FactsOnly = Annotated[bool, typer.Option("--facts-only", help="Leave the labelled illustration out.")]
Directory = Annotated[Path, typer.Option("--dir", help="A directory of the demo's own; it is emptied first.")]


def demo(*, facts_only: FactsOnly = False, directory: Directory = DIRECTORY) -> None:
    """Tell the real history to a fresh local stack, show the balances, and replay every book from position 1."""
    console = output.terminal()
    began = time.monotonic()
    try:
        endings.delete(directory)
        with LocalStack(directory, tell=lambda text: console.print(text, style="dim")) as stack:
            reports = asyncio.run(_show(console, read(stack.places.root), facts_only=facts_only))
    except StackError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(FAILED) from None
    worst = max(report.exit_code for report in reports)
    if worst:
        console.print("\nNot all is well: see above.", style="bold red")
        raise typer.Exit(worst)
    console.print(f"\nDone in {time.monotonic() - began:.0f} s; everything was stopped.", style="bold green")
    console.print(f"Look at these books yourself:  {_typed()} up --dir {directory}")


def _typed() -> str:
    """The command as it can be typed here: its name, or where it lies when it is not on the path."""
    return "landbuch" if shutil.which("landbuch") else os.path.relpath(sys.argv[0])


async def _show(console: Console, connection: Connection, *, facts_only: bool) -> list[Report]:
    await open_books(connection, CANTONS)
    async with Client(connection, patience_s=30.0) as client:
        told = await _told(console, client, facts_only=facts_only)
        for canton in CANTONS:
            answer = await client.balances(canton)
            booked = [phase for phase in answer["phases"] if phase["rows"]]
            if booked:
                balance.show({**answer, "phases": booked})
            else:
                console.print(f"\n{canton} · no exact amount is known: recorded, not booked", style="bold")
                console.print(f"{_typed()} events {canton} --type InformationRecorded", style="dim")
    if not facts_only:
        console.print(
            "\nAllocations and everything named DEMO-… are an illustration and labelled as such; all else is fact.",
            style="dim",
        )
    for refusal in (refusal for one in told.values() for refusal in one.refusals):
        _refused(console, refusal)
    for canton, one in told.items():
        _life(console, canton, one)
    return await _replayed(console, connection)


async def _told(console: Console, client: Client, *, facts_only: bool) -> dict[str, Told]:
    """Send the story of every canton, and wait until the ledger has booked it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    told: dict[str, Told] = {}
    with Progress(*columns, console=output.margin(), transient=True, disable=not sys.stderr.isatty()) as bar:
        for canton in CANTONS:
            task = bar.add_task(f"Telling the history of {canton}", total=None)
            told[canton] = await tell(
                client,
                canton,
                facts_only=facts_only,
                progress=partial(_advance, bar, task),
            )
            await client.wait_for(canton, told[canton].last)
            console.print(f"{canton}: {told[canton].last} events recorded.")
    return told


def _advance(bar: Progress, task: TaskID, done: int, total: int) -> None:
    bar.update(task, completed=done, total=total)


def _refused(console: Console, refusal: Refusal) -> None:
    """Show what a rule did not let through, with its arithmetic."""
    step, reply = refusal.step, refusal.reply
    where = step.canton if step.phase == NO_PHASE else f"{step.canton} {step.phase}"
    console.print(f"\nRefused: {step.about} in {where}", style="bold")
    console.print(f"  {reply.code}: {reply.detail}", style="yellow")
    console.print(f"  Because {step.why}.")


def _life(console: Console, canton: str, told: Told) -> None:
    """Show what money moved, and what the services found remarkable without refusing it."""
    if told.moved:
        console.print(f"\nThe bank moved for {canton}", style="bold")
        made = output.table("What", "Times", "Amount", right=("Times", "Amount"))
        for what, amounts in told.moved.items():
            made.add_row(what, output.number(len(amounts)), output.money(decimal(sum(amounts))))
        output.put(console, made)
    warnings = [(code, count) for code, count in sorted(told.warnings.items()) if told.moved]
    if warnings:
        console.print(f"\nWarnings in {canton}", style="bold")
    for code, count in warnings:
        console.print(f"  {code} ({count}): {MEANINGS[Warn(code)]}")


async def _replayed(console: Console, connection: Connection) -> list[Report]:
    """Verify every book from position 1 and put live and replayed roots one above the other."""
    console.print("\nReplay from position 1", style="bold")
    console.print(", ".join(TITLES.values()) + ".", style="dim")
    reports: list[Report] = []
    for canton in CANTONS:
        copy, report = await verifying.verified(connection, connection, canton)
        assert copy is not None  # it was asked for
        replayed = report.trial_roots.get(copy.live.position, "not reached")
        console.print(f"\n{canton}  {output.number(report.entries)} entries; root of the trial balance")
        console.print(f"    live    {copy.live.root}\n    replay  {replayed}")
        equal = replayed == copy.live.root
        console.print("    equal" if equal else "    DIFFERENT", style="green" if equal else "bold red")
        reports.append(report)
        if report.exit_code:
            verifying.show(report, copy)
    return reports
