"""Arguments and options that several commands share."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from landbuch.contracts.vocabulary import CANTONS
from landbuch.sdk.connection import Connection, find

T = TypeVar("T")


def canton_code(typed: str) -> str:
    """Read a canton's code in any case; raises a usage error for anything else."""
    code = typed.upper()
    if code not in CANTONS:
        raise typer.BadParameter(f"{typed!r} is not the code of a Swiss canton; write two letters such as BL.")
    return code


Canton = Annotated[
    str, typer.Argument(metavar="CANTON", help="Two-letter code of the canton, such as BL.", callback=canton_code)
]
Stack = Annotated[
    Path | None,
    typer.Option(
        "--stack",
        metavar="DIR",
        help="Directory of the stack. Left out: LANDBUCH_*_URL, else LANDBUCH_STACK, else ./var.",
    ),
]


def connection_of(stack: Path | None) -> Connection:
    """Find the stack that a command speaks to."""
    return find(stack, os.environ)


def token() -> str | None:
    """Give the token that the environment holds, if it does."""
    return os.environ.get("LANDBUCH_TOKEN") or None


def run(doing: Coroutine[Any, Any, T]) -> T:
    """Run a command's work to its end."""
    return asyncio.run(doing)
