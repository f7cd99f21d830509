"""``landbuch events``: what stands in a book, in its order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from landbuch.contracts.accounts import layer
from landbuch.contracts.money import chf
from landbuch.sdk.cli import output
from landbuch.sdk.cli.options import Canton, Stack, connection_of, run
from landbuch.sdk.cli.output import Format, RowFormat, day, number
from landbuch.sdk.client import Client

PAGE = 1000
_IDS = (
    "disbursement", "recovery", "report", "milestone", "evaluation", "finding", "discrepancy", "agreement", "credit",
    "pledge", "partner", "bank_reference", "version", "label", "about", "year", "position", "counterparty",
)  # fmt: skip
"""What may name what an event is about, the narrowest first."""

After = Annotated[int, typer.Option("--after", metavar="POSITION", min=0, help="Begin behind this position.")]
Limit = Annotated[int, typer.Option("--limit", metavar="N", min=1, help="Show at most so many.")]
Type = Annotated[
    str | None, typer.Option("--type", metavar="TYPE", help="Only events of this type, such as CreditDecided.")
]
Phase = Annotated[
    str | None, typer.Option("--phase", metavar="PHASE", help="Only events of this phase; _ is what has none.")
]
Written = Annotated[
    RowFormat | None, typer.Option("--format", help="Left out: a table on a terminal, else JSON.", show_default=False)
]


def events(
    canton: Canton,
    after: After = 0,
    limit: Limit = 100,
    type_: Type = None,
    phase: Phase = None,
    written: Written = None,
    stack: Stack = None,
) -> None:
    """List the events of a book, as the ledger's copy holds them; void entries are listed too."""

    async def asked() -> tuple[list[dict[str, Any]], int | None, int]:
        async with Client(connection_of(stack)) as client:
            return await _collected(client, canton, after, limit, type_, phase)

    rows, following, position = run(asked())
    end = {"canton": canton, "position": position, **({"next": following} if following is not None else {})}
    match output.chosen(written):
        case Format.TABLE:
            _show(rows)
            if following is not None:
                typer.echo(f"There is more: --after {following}")
        case Format.JSON:
            output.write_json({**end, "events": rows})
        case _:
            output.write_lines(rows, end)


async def _collected(
    client: Client, canton: str, after: int, limit: int, type_: str | None, phase: str | None
) -> tuple[list[dict[str, Any]], int | None, int]:
    """Page through the events until there are enough; give them, where to go on, and the head."""
    rows: list[dict[str, Any]] = []
    following: int | None = after
    position = 0
    while following is not None and len(rows) < limit:
        asked = min(PAGE, limit - len(rows)) if phase is None else PAGE
        page = await client.events(canton, after=following, limit=asked, type_=type_)
        position = int(page["position"])
        following = page.get("next")
        for row in page["events"]:
            if phase is not None and row.get("phase") != phase:
                continue
            if len(rows) == limit:
                return rows, int(rows[-1]["position"]), position
            rows.append(row)
    return rows, following, position


def _show(rows: list[dict[str, Any]]) -> None:
    if not rows:
        typer.echo("No event matches.")
        return
    heads = ("Position", "Booked", "Phase", "Event", "About", "CHF", "Actor")
    made = output.table(*heads, right=["Position", "Booked", "CHF"], fold=["About"])
    for row in rows:
        position = number(row["position"])
        if row.get("void"):
            made.add_row(position, "", "", f"void: {row['void']['reason']}", row["subject"], "", "", style="yellow")
            continue
        name = str(row["type"]).removeprefix("landbuch.").rpartition(".v")[0]
        phase = "" if row["phase"] == "_" else row["phase"]
        made.add_row(position, day(row["bookedon"]), phase, name, about(row["data"]), moved(row["data"]), row["actor"])
    output.put(output.terminal(), made)


def about(data: Mapping[str, Any]) -> str:
    """What the event is about: the first id or name that its data hold."""
    if "act" in data:
        return str(data["act"])
    if "person" in data:
        return f"{data['person']} {data.get('role', '')}".strip().replace("_", " ")
    return next((str(data[name]) for name in _IDS if name in data), "")


def moved(data: Mapping[str, Any]) -> str:
    """How much the event moves in the layer in which it moves most; empty when it moves nothing."""
    sums: dict[str, int] = {}
    for account, amount in data.get("lines", ()):
        sums[layer(account)] = sums.get(layer(account), 0) + max(0, amount)
    return chf(max(sums.values())) if sums else ""
