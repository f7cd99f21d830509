"""Stacks for tests: how to start small ones, and how to see what they leave running."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import typer

from landbuch.local import cli, postgres_place
from landbuch.local.places import Places
from landbuch.local.processes import is_still, of_stack
from landbuch.local.stack import LocalStack

# The command line as `landbuch` shows it, without the commands of other packages.
PROGRAM = "import typer; from landbuch.local.cli import register; app = typer.Typer(); register(app); app()"

# A program of its own that starts a stack in the directory that it is given.
IMPORTS = "import sys, time; from landbuch.local.stack import LocalStack"
OWN_STACK = "LocalStack(sys.argv[1], services=())"


def small(directory: Path, **options: object) -> LocalStack:
    """A stack that starts in half a second: NATS and the issuer."""
    return LocalStack(directory, services=(), postgres=False, **options)  # type: ignore[arg-type]


def everything(directory: Path, **options: object) -> LocalStack:
    """All servers, no services."""
    return LocalStack(directory, services=(), **options)  # type: ignore[arg-type]


def processes(directory: Path) -> list[int]:
    """The pids of whatever runs for the stack in this directory."""
    places = Places.below(directory)
    return [process.pid for process in of_stack(places, postgres_place.data_directory(places))]


def eventually(true: Callable[[], bool], *, timeout_s: float) -> bool:
    """Whether something becomes true in time."""
    until = time.monotonic() + timeout_s
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def kill_supervisor(stack: LocalStack) -> None:
    """End the supervisor by −9 and wait until it is dead; its programs live on."""
    pid, created = stack.described["pid"], stack.described["created"]
    os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: not is_still(pid, created), timeout_s=5)


def application() -> typer.Typer:
    """The command line of this package."""
    app = typer.Typer()
    cli.register(app)
    return app
