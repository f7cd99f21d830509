"""``landbuch balance``: the headline figures per phase, area and source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console

from landbuch.contracts.figures import DEFINITIONS, NO_AREA
from landbuch.sdk.cli import output
from landbuch.sdk.cli.options import Canton, Stack, connection_of, run
from landbuch.sdk.cli.output import UNKNOWN, Format, day, moment, money, number, short
from landbuch.sdk.client import Client

Figures = Mapping[str, str]

BIG = ("approved", "committed", "disbursed", "available")
RARE = ("blocked", "lapsed", "recovered", "shortfall")
"""Shown only where one of them is not zero."""
AUTHORITY = ("decided", "pending", "in_force", "unallocated")
ZERO = "0.00"

Phase = Annotated[
    str | None, typer.Option("--phase", metavar="PHASE", help="One programme phase, such as KIP3; left out: all.")
]
Area = Annotated[
    str | None, typer.Option("--area", metavar="AREA", help="One funding area, such as SP; _ is what has none.")
]
Source = Annotated[str | None, typer.Option("--source", metavar="SOURCE", help="One funding source, such as canton.")]
AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="YYYY-MM-DD", help="Count what was booked on this day or before.")
]
At = Annotated[
    str | None,
    typer.Option("--at", metavar="POSITION|TIME", help="Count what the book knew at this position or recorded time."),
]
Written = Annotated[
    Format | None, typer.Option("--format", help="Left out: a table on a terminal, else JSON.", show_default=False)
]


def balance(
    canton: Canton,
    phase: Phase = None,
    area: Area = None,
    source: Source = None,
    as_of: AsOf = None,
    at: At = None,
    written: Written = None,
    stack: Stack = None,
) -> None:
    """Show what was approved, committed, disbursed and is available, per phase, funding area and source.

    As of a booking day, and as the book knew it at a position or time. Figures come from the ledger; `landbuch verify`
    replays the book and compares.
    """

    async def asked() -> dict[str, Any]:
        async with Client(connection_of(stack)) as client:
            return await client.balances(canton, phase=phase, area=area, source=source, as_of=as_of, at=at)

    answer = run(asked())
    clocks = {"position": answer["position"], "as_of": answer.get("as_of"), "recorded_at": answer.get("recorded_at")}
    match output.chosen(written):
        case Format.TABLE:
            show(answer)
        case Format.JSON:
            output.write_json(answer)
        case Format.NDJSON:
            output.write_lines(_rows(answer), clocks)
        case Format.CSV:
            heads = ("canton", "phase", "area", "source", *DEFINITIONS, *clocks)
            output.write_csv(heads, ({**row, **clocks} for row in _rows(answer)))


def _rows(answer: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for phase in answer["phases"]:
        for row in phase["rows"]:
            yield {"canton": answer["canton"], "phase": phase["phase"], **row}


def show(answer: Mapping[str, Any]) -> None:
    """Write the figures of a book as tables, with position and both clocks beneath."""
    console = output.terminal()
    for phase in answer["phases"]:
        label = f" · {phase['label']}" if phase.get("label") else ""
        console.print(f"\n{answer['canton']} {phase['phase']}{label} · CHF", style="bold")
        if phase["rows"]:
            _figures(console, phase)
            _authority(console, phase)
        else:
            console.print("Nothing is booked.")
    if answer.get("note"):
        console.print(f"\n{answer['note']}")
    leaf = answer.get("head_leaf")
    known = f" ({moment(answer['recorded_at'])})" if answer.get("recorded_at") else ""
    seal = f", leaf {short(leaf)}" if leaf else ""
    console.print(
        f"\nBooked up to {day(answer.get('as_of'))}, known until position {number(answer['position'])}{known}{seal}.",
        style="dim",
    )


def _figures(console: Console, phase: Mapping[str, Any]) -> None:
    """The four big figures per area and source; what no area has counts in the column of what is approved."""
    rows: Sequence[Mapping[str, str]] = phase["rows"]
    columns = [*BIG, *(name for name in RARE if any(row[name] != ZERO for row in rows))]
    made = output.table("Area", "Source", *map(_title, columns), right=map(_title, columns))
    shown = ""
    for row in sorted(rows, key=lambda row: (row["area"] == NO_AREA, row["area"])):
        if row["area"] == NO_AREA and row["in_force"] == ZERO:
            continue
        area = "unallocated" if row["area"] == NO_AREA else row["area"]
        made.add_row(area if area != shown else "", _source(row["source"]), *_amounts(row, columns))
        shown = area
    made.add_section()
    if len(phase["sources"]) > 1:
        for index, row in enumerate(phase["sources"]):
            made.add_row("" if index else "All", _source(row["source"]), *(money(row[name]) for name in columns))
    made.add_row("Programme", "", *(money(phase["total"][name]) for name in columns), style="bold")
    output.put(console, made)
    console.print()


def _amounts(row: Figures, columns: Sequence[str]) -> Iterator[str]:
    for name in columns:
        if row["area"] != NO_AREA or name in {"lapsed", "shortfall"}:
            yield money(row[name])
        else:
            yield money(row["in_force"]) if name == "approved" else UNKNOWN


def _authority(console: Console, phase: Mapping[str, Any]) -> None:
    """What was decided per source: not yet in force, in force, and not given to areas."""
    made = output.table("Authority", *map(_title, AUTHORITY), right=map(_title, AUTHORITY))
    if len(phase["sources"]) > 1:
        for row in phase["sources"]:
            made.add_row(_source(row["source"]), *(money(row[name]) for name in AUTHORITY))
    made.add_section()
    name = "Programme" if len(phase["sources"]) > 1 else _source(phase["sources"][0]["source"])
    made.add_row(name, *(money(phase["total"][name]) for name in AUTHORITY), style="bold")
    output.put(console, made)


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _source(name: str) -> str:
    return name.replace("_", " ")
