"""``landbuch export``: a book in the formats of other people's tools."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TextIO

import typer

from landbuch.contracts.accounts import LAYERS
from landbuch.contracts.judge import Verdict
from landbuch.sdk.cli import output
from landbuch.sdk.cli.options import Canton, Stack, connection_of, run
from landbuch.sdk.cli.output import number
from landbuch.sdk.cli.reading import read_book
from landbuch.sdk.explaining import Clocks
from landbuch.sdk.journal_export import JournalExport

app = typer.Typer(help="Write a book in the formats of other people's tools.", no_args_is_help=True)
CHECKS = {"hledger": "hledger -f {} check", "beancount": "bean-check {}"}


class Tool(StrEnum):
    """Whose journal is written."""

    HLEDGER = "hledger"
    BEANCOUNT = "beancount"


class Layer(StrEnum):
    """Which layer's lines are written."""

    FINANCE = "finance"
    CREDIT = "credit"
    BUDGET = "budget"
    ALL = "all"


@app.callback()
def export() -> None:
    """Write a book in the formats of other people's tools."""


@app.command()
def journal(
    canton: Canton,
    tool: Annotated[Tool, typer.Option("--format", help="Whose journal.")],
    layer: Annotated[
        Layer,
        typer.Option("--layer", help="finance is the money, credit the power to commit, budget the power to pay."),
    ] = Layer.ALL,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to; left out: to standard output.")
    ] = None,
    stack: Stack = None,
) -> None:
    """Write the journal for hledger or beancount: one transaction for each event, and what each account comes to.

    Read from the book itself; its chain is checked on the way. The file ends with an assertion for each account, so
    that `hledger check` and `bean-check` recompute every balance.
    """
    made = JournalExport(canton, tool.value, LAYERS if layer is Layer.ALL else (layer.value,))
    with _opened(out) as file:

        def take(verdicts: Iterable[Verdict]) -> None:
            file.writelines(made.feed(verdicts))

        file.write(made.head())
        reading = run(read_book(connection_of(stack), canton, [Clocks()], take))
        file.write(made.end())
    if out is not None:
        told = f"{number(made.transactions)} transactions, {number(len(made.balances))} accounts written to {out}."
        output.margin().print(f"{told} Check it: {CHECKS[tool.value].format(out)}", soft_wrap=True)
        output.margin().print(reading.sentence(), style="dim", soft_wrap=True)


@contextmanager
def _opened(out: Path | None) -> Iterator[TextIO]:
    """Open what becomes the file, or goes to standard output, only when it is whole."""
    if out is None:
        with tempfile.TemporaryFile("w+", encoding="utf-8") as spool:
            yield spool
            spool.seek(0)
            shutil.copyfileobj(spool, sys.stdout)
            sys.stdout.flush()
        return
    part = out.with_name(f".{out.name}.part")
    try:
        with part.open("w", encoding="utf-8") as file:
            yield file
        part.replace(out)
    except OSError as error:
        raise typer.BadParameter(f"{out} cannot be written: {error}.", param_hint="--out") from error
    finally:
        part.unlink(missing_ok=True)
