"""What is typed beside a command's data: who sends it, in which phase, under which id, by which road."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from landbuch.contracts.vocabulary import NO_PHASE
from landbuch.sdk.cli.options import Stack
from landbuch.sdk.cli.output import TreeFormat

FIELDS_PANEL = "What the command says"
SENDING_PANEL = "Who sends it, and how"

Phase = Annotated[
    str,
    typer.Option(
        "--phase",
        metavar="PHASE",
        help="Programme phase, such as KIP3.",
        rich_help_panel=SENDING_PANEL,
        show_default=False,
    ),
]
Actor = Annotated[
    str | None,
    typer.Option(
        "--actor",
        metavar="p-…",
        help="Acting person; the development issuer gives the token. Not needed where LANDBUCH_TOKEN holds one.",
        rich_help_panel=SENDING_PANEL,
    ),
]
CommandId = Annotated[
    str | None,
    typer.Option(
        "--id",
        metavar="UUID",
        help="Command id; left out: a new one. The same id is written once, however often it is sent.",
        rich_help_panel=SENDING_PANEL,
    ),
]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run", help="Ask the service what it would answer; write nothing.", rich_help_panel=SENDING_PANEL
    ),
]
AfterPosition = Annotated[
    int | None,
    typer.Option(
        "--after-position",
        metavar="N",
        min=0,
        help="Decide only when the book has reached this position.",
        rich_help_panel=SENDING_PANEL,
    ),
]
Data = Annotated[
    str | None,
    typer.Option(
        "--data",
        metavar="FILE|-",
        help="The command's data as JSON, as on the wire: amounts are integer Rappen. Options override it.",
        rich_help_panel=FIELDS_PANEL,
    ),
]
Json = Annotated[
    str | None, typer.Option("--json", metavar="JSON", help="As --data, given here.", rich_help_panel=FIELDS_PANEL)
]
Via = Annotated[
    str, typer.Option("--via", metavar="http|nats", help="Road to the service.", rich_help_panel=SENDING_PANEL)
]
Patience = Annotated[
    float,
    typer.Option(
        "--patience",
        metavar="SECONDS",
        min=0,
        help="How long to repeat the command, with the same id, while a service is busy or away.",
        rich_help_panel=SENDING_PANEL,
    ),
]
Written = Annotated[
    TreeFormat | None,
    typer.Option(
        "--format",
        help="Left out: a table on a terminal, else JSON.",
        rich_help_panel=SENDING_PANEL,
        show_default=False,
    ),
]
File = Annotated[
    Path | None,
    typer.Option("--file", metavar="FILE", help="Send the commands of this file, one JSON object a line, in order."),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="FILE",
        help="Where the outcomes go, one a line; left out: beside the file. A second run reads them and goes on.",
        show_default=False,
    ),
]
Again = Annotated[bool, typer.Option("--again", help="Send those commands of the file again, too, that were refused.")]
OPTIONS: dict[str, tuple[Any, Any]] = {
    "data": (Data, None),
    "json_": (Json, None),
    "phase": (Phase, NO_PHASE),
    "actor": (Actor, None),
    "commandid": (CommandId, None),
    "dry_run": (DryRun, False),
    "after_position": (AfterPosition, None),
    "via": (Via, "http"),
    "patience": (Patience, 10.0),
    "written": (Written, None),
    "stack": (Stack, None),
}
"""Each option with its default; the names are the parameters of the command's function."""


@dataclass(frozen=True, slots=True)
class Sending:
    """Who sends a command where, and how: what is typed beside the command's data."""

    canton: str
    phase: str
    actor: str | None
    commandid: str | None
    dry_run: bool
    after_position: int | None
    via: str
    patience: float
    written: TreeFormat | None
    stack: Path | None
