"""The command line ``landbuch``: what belongs to a book, and what installed packages add to it (``up``, ``demo``)."""

from __future__ import annotations

import importlib.metadata
import os
import sys
from typing import Annotated

import typer

from landbuch.sdk.cli import balance, book, compare, do, events, exits, explain, export, output, tail, verify

EXTENSIONS = "landbuch.cli"
"""Entry-point group: each is a callable that takes the Typer application and adds its commands."""

DISTRIBUTION = "landbuch-sdk"


def _version(wanted: bool) -> None:  # noqa: FBT001  # called by Typer
    if wanted:
        typer.echo(f"landbuch {importlib.metadata.version(DISTRIBUTION)}")
        raise typer.Exit


def build() -> typer.Typer:
    """Make the application with everything that is installed."""
    app = typer.Typer(
        name="landbuch",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown" if sys.stdout.isatty() else None,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": output.PLAIN_WIDTH},
    )

    @app.callback()
    def landbuch(
        *,
        version: Annotated[
            bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and end.")
        ] = False,
    ) -> None:
        """The grant ledger a canton can prove.

        Exit codes: 0 done or equal; 1 refused, different or void entries; 2 usage; 3 corrupt or not verifiable;
        4 no answer, or the outcome is unknown: repeat with the same id.
        """

    for extension in importlib.metadata.entry_points(group=EXTENSIONS):
        extension.load()(app)
    app.command()(balance.balance)
    app.command()(explain.explain)
    app.command()(compare.compare)
    app.command()(events.events)
    app.command()(tail.tail)
    app.command()(verify.verify)
    app.add_typer(do.application(), name="do")
    app.add_typer(book.app, name="book")
    app.add_typer(export.app, name="export")
    return app


def main() -> None:
    """Run the command line; every error is a sentence and an exit code, never a traceback."""
    try:
        build()()
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    except Exception as error:
        if os.environ.get("LANDBUCH_DEBUG"):
            raise
        output.margin().print(exits.sentence(error), style="red", soft_wrap=True)
        raise SystemExit(exits.of_error(error)) from None
