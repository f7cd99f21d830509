"""The subcommands `landbuch up`, `down` and `doctor`."""

from __future__ import annotations

import json
import signal
import sys
import threading
import types
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from landbuch.local import description, endings
from landbuch.local.demo import demo
from landbuch.local.doctor import Verdict, examine
from landbuch.local.errors import AlreadyRunning, StackError
from landbuch.local.places import DEFAULT_DIRECTORY, Places
from landbuch.local.programs import SERVICES
from landbuch.local.stack import LocalStack

FAILED = 1
COLOURS = {Verdict.OK: "green", Verdict.WARN: "yellow", Verdict.FAIL: "red"}

Directory = Annotated[Path, typer.Option("--dir", help="Where the stack keeps its data.")]


def register(app: typer.Typer) -> None:
    """Add the subcommands of the local stack to the command line `landbuch`."""
    app.command()(up)
    app.command()(down)
    app.command()(doctor)
    app.command()(demo)


def up(
    directory: Directory = DEFAULT_DIRECTORY,
    *,
    detach: Annotated[bool, typer.Option("--detach", help="Return when everything runs; stop it by `down`.")] = False,
    services: Annotated[str, typer.Option(help="Which services, separated by commas, or `none`.")] = ",".join(SERVICES),
) -> None:
    """Start NATS, PostgreSQL, the development token issuer and the services; Ctrl-C stops them."""
    wanted = () if services == "none" else tuple(name.strip() for name in services.split(","))
    stack = LocalStack(directory, services=wanted, usual_ports=True, owned=not detach, tell=typer.echo)
    stopping = threading.Event()
    _hear(stopping, interrupt=True)
    try:
        stack.start()
        _hear(stopping, interrupt=False)
    except AlreadyRunning as error:
        typer.echo(error.args[0])
        _print_addresses(stack.places)
        typer.echo(error.remedy)
        return
    except KeyboardInterrupt:
        stack.stop()  # it may just have been ready
        typer.echo("Stopped before everything ran; nothing is left running.")
        raise typer.Exit(FAILED) from None
    except StackError as error:
        raise _failure(error) from None
    typer.echo("Everything runs:")
    _print_addresses(stack.places)
    if detach:
        typer.echo(f"Users and pass words are in {stack.places.description}. Stop it: {stack.places.cli('down')}")
        return
    typer.echo(f"Users and pass words are in {stack.places.description}. Stop with Ctrl-C.")
    _stay(stack, stopping)


def _stay(stack: LocalStack, stopping: threading.Event) -> None:
    """Report what dies and comes back until somebody wants to stop, then stop everything."""
    failure: StackError | None = None
    try:
        if not stack.watch(typer.echo, stopping.is_set):
            typer.echo("The stack was stopped from elsewhere.")
            return
    except StackError as error:
        failure = error
    typer.echo("Stopping everything; a moment.")
    try:
        stack.stop()
    except StackError as error:
        raise _failure(error) from None
    if failure is not None:
        raise _failure(failure)
    typer.echo("Stopped; nothing is left running.")


def down(directory: Directory = DEFAULT_DIRECTORY) -> None:
    """Stop the stack, and what an earlier one that was killed has left."""
    try:
        was_running, left = endings.down(directory)
    except StackError as error:
        raise _failure(error) from None
    for process in left:
        typer.echo(f"Ended {process}, left over from a stack whose supervisor had died.")
    if was_running:
        typer.echo(f"Stopped the stack in {Places.below(directory).root}; nothing is left running.")
    elif not left:
        typer.echo(f"No stack runs in {Places.below(directory).root}.")


def doctor(
    directory: Directory = DEFAULT_DIRECTORY,
    *,
    form: Annotated[str, typer.Option("--format", help="`text` or `json`.")] = "text",
) -> None:
    """Look for what keeps the local stack from running; exit status 1 where something does."""
    if form not in ("text", "json"):
        raise typer.BadParameter(f"`{form}` is neither text nor json.", param_hint="--format")
    findings = list(examine(directory))
    if form == "json":
        typer.echo(json.dumps([finding._asdict() for finding in findings], indent=2))
    elif sys.stdout.isatty():
        table = Table("", "what", "found", "what to do")
        for verdict, *words in findings:
            table.add_row(f"[{COLOURS[verdict]}]{verdict}[/]", *words)
        Console().print(table)
    else:
        for verdict, about, found, remedy in findings:
            typer.echo(f"{verdict:<4}  {about}: {found}" + (f" -- {remedy}" if remedy else ""))
    if any(finding.verdict is Verdict.FAIL for finding in findings):
        raise typer.Exit(FAILED)


def _hear(stopping: threading.Event, *, interrupt: bool) -> None:
    """Take note of SIGINT, SIGTERM and SIGHUP instead of dying; with `interrupt` the first also breaks off what runs.

    Only the first: a second Ctrl-C must not break off the stopping and leave half of the stack running.
    """

    def on_signal(_number: int, _frame: types.FrameType | None) -> None:
        first = not stopping.is_set()
        stopping.set()
        if first and interrupt:
            raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, on_signal)


def _print_addresses(places: Places) -> None:
    described = description.running(places)
    if described is None:
        return
    for name, address in description.addresses(described):
        typer.echo(f"  {name:<11} {address}")


def _failure(error: StackError) -> typer.Exit:
    typer.echo(f"{error.args[0]}\n{error.remedy}", err=True)
    return typer.Exit(FAILED)
