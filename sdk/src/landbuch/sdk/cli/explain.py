"""``landbuch explain``: what a figure is made of, event by event, read from the book itself."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.console import Console

from landbuch.contracts.figures import DEFINITIONS, NO_AREA
from landbuch.contracts.money import chf, decimal, parse_chf
from landbuch.sdk.cli import exits, output
from landbuch.sdk.cli.balance import Area, AsOf, At, Source, Written
from landbuch.sdk.cli.options import Canton, Stack, connection_of, run
from landbuch.sdk.cli.output import UNKNOWN, Format, day, money, number
from landbuch.sdk.cli.reading import Reading, clocks_of, read_book
from landbuch.sdk.client import Client
from landbuch.sdk.connection import Connection
from landbuch.sdk.errors import FailedError, UnavailableError
from landbuch.sdk.explaining import Cited, Explaining, Explanation, Question
from landbuch.sdk.replies import QueryError

PATIENCE_S = 5.0
"""How long the ledger may take to book what the book already holds."""


def figure_name(typed: str | None) -> str | None:
    """Read the name of a figure; raises a usage error for one that there is not."""
    name = None if typed is None else typed.replace("-", "_").lower()
    if name is not None and name not in DEFINITIONS:
        raise typer.BadParameter(f"{typed!r} is no figure; there are: {', '.join(DEFINITIONS)}.")
    return name


Figure = Annotated[
    str,
    typer.Option("--figure", metavar="FIGURE", help=f"One of {', '.join(DEFINITIONS)}.", callback=figure_name),
]
OnePhase = Annotated[str, typer.Option("--phase", metavar="PHASE", help="Programme phase, such as KIP3.")]


def explain(  # noqa: PLR0913  # each is an option of the command line
    canton: Canton,
    *,
    figure: Figure,
    phase: OnePhase,
    area: Area = None,
    source: Source = None,
    as_of: AsOf = None,
    at: At = None,
    written: Written = None,
    stack: Stack = None,
) -> None:
    """Show what a figure is made of: its definition, its accounts, and each event that it counts.

    The figure is the sum of the events. They are read from the book itself, and its chain is checked on the way; what
    the ledger shows for the same state is compared. Exit code 1: they differ. 3: the book is corrupt.
    """
    question = Question(figure, phase, area, source, clocks_of(as_of, at))
    connection = connection_of(stack)
    explaining = Explaining(question)

    async def asked() -> tuple[Reading, Explanation, str | None, str | None]:
        reading = await read_book(connection, canton, [question.clocks], explaining.feed)
        explanation = explaining.explanation()
        position = reading.position if explanation.position is None else explanation.position
        return reading, explanation, *await _shown(connection, canton, question, position)

    reading, explanation, shown, why_not = run(asked())
    told = as_json(canton, reading, explanation, shown, why_not)
    match output.chosen(written):
        case Format.TABLE:
            show(told, explanation, reading)
        case Format.JSON:
            output.write_json(told)
        case Format.NDJSON:
            output.write_lines(told["events"], {name: value for name, value in told.items() if name != "events"})
        case Format.CSV:
            heads = (
                "position",
                "id",
                "type",
                "about",
                "bookedon",
                "occurred_on",
                "time",
                "actor",
                "documents",
                "amount",
            )
            output.write_csv(heads, ({**row, "documents": " ".join(row["documents"])} for row in told["events"]))
    if shown is not None and parse_chf(shown) != explanation.amount:
        raise typer.Exit(exits.ExitCode.REFUSED)


async def _shown(
    connection: Connection, canton: str, question: Question, position: int
) -> tuple[str | None, str | None]:
    """Ask the ledger for the figure of the same state; gives it, or why it was not compared.

    Raises ``QueryError`` where the ledger says that the question is wrong, such as an area that there is not.
    """
    try:
        async with Client(connection) as client:
            await client.wait_for(canton, position, timeout_s=PATIENCE_S)
            answer = await client.balances(
                canton, phase=question.phase, area=question.area, source=question.source,
                as_of=question.clocks.as_of, at=str(position),
            )  # fmt: skip
    except UnavailableError as error:
        return None, str(error)
    except QueryError as error:
        if exits.of_error(error) == exits.ExitCode.USAGE:
            raise
        return None, str(error)
    except FailedError as error:
        return None, str(error)
    return answer["phases"][0]["total"][question.figure], None


def as_json(
    canton: str, reading: Reading, explanation: Explanation, shown: str | None, why_not: str | None
) -> dict[str, Any]:
    """Give an explanation as a JSON object; amounts are decimal strings in francs."""
    asked = explanation.question
    position = reading.position if explanation.position is None else explanation.position
    ledger = {"shown": shown, "equal": shown is not None and parse_chf(shown) == explanation.amount}
    return {
        "canton": canton,
        "phase": asked.phase,
        "area": asked.area,
        "source": asked.source,
        "figure": asked.figure,
        "definition": explanation.definition,
        "currency": "CHF",
        "amount": decimal(explanation.amount),
        "as_of": asked.clocks.as_of,
        "position": position,
        "terms": [
            {
                "term": term.shape,
                "amount": decimal(term.amount),
                "accounts": [{"account": account, "amount": decimal(amount)} for account, amount in term.accounts],
            }
            for term in explanation.terms
        ],
        "events": [{**event_json(part.event), "amount": decimal(part.amount)} for part in explanation.parts],
        "book": reading.as_json(),
        "ledger": ledger if shown is not None else {"not_compared": why_not},
        "repeat": repeated(canton, asked, position),
    }


def event_json(event: Cited) -> dict[str, Any]:
    """Give a cited event as a JSON object."""
    return {
        "position": event.position,
        "id": event.id,
        "type": event.type,
        "about": event.about,
        "bookedon": event.bookedon,
        "occurred_on": event.occurred_on,
        "time": event.time,
        "actor": event.actor,
        "documents": list(event.documents),
    }


def repeated(canton: str, asked: Question, position: int) -> str:
    """Give the command line that shows the same again, whatever is written later."""
    words = ["landbuch", "explain", canton, "--figure", asked.figure, "--phase", asked.phase]
    for name, value in (("--area", asked.area), ("--source", asked.source), ("--as-of", asked.clocks.as_of)):
        words += [name, value] if value is not None else []
    return shlex.join([*words, "--at", str(position)])


def show(told: dict[str, Any], explanation: Explanation, reading: Reading) -> None:
    """Write an explanation for people."""
    console = output.terminal()
    asked = explanation.question
    where = [told["canton"], asked.phase, *(part for part in (_area(asked.area), asked.source) if part)]
    console.print(f"\n{' '.join(where).replace('_', ' ')} · {asked.figure.replace('_', ' ')} · CHF", style="bold")
    console.print(f"= {explanation.definition}\n")
    if explanation.parts:
        _terms(console, explanation)
        console.print()
        _events(console, explanation)
    else:
        console.print("No event counts in it: the figure is 0.00.")
    console.print()
    ledger = told["ledger"]
    if "not_compared" in ledger:
        console.print(f"Not compared with the ledger: {ledger['not_compared']}", style="yellow", soft_wrap=True)
    elif ledger["equal"]:
        console.print(f"The ledger shows {money(ledger['shown'])}: equal.", style="green")
    else:
        off = parse_chf(ledger["shown"]) - explanation.amount
        console.print(f"The ledger shows {money(ledger['shown'])}, {chf(off)} more than the events.", style="red")
    booked = f"Booked up to {day(asked.clocks.as_of)}, known" if asked.clocks.as_of else "Known"
    console.print(f"{booked} until position {number(told['position'])}. {reading.sentence()}", style="dim")
    console.print(f"Repeat it: {told['repeat']}", style="dim", soft_wrap=True)


def _area(area: str | None) -> str | None:
    return "without area" if area == NO_AREA else area


def _terms(console: Console, explanation: Explanation) -> None:
    """The accounts that count, by term."""
    made = output.table("", "Account", "CHF", right=["CHF"])
    for name, amount in _accounts(explanation):
        made.add_row("+", name, amount)
    made.add_section()
    made.add_row("=", explanation.question.figure.replace("_", " "), chf(explanation.amount), style="bold")
    output.put(console, made)


def _accounts(explanation: Explanation) -> Iterator[tuple[str, str]]:
    for term in explanation.terms:
        yield from ((account, chf(amount)) for account, amount in term.accounts)
        if not term.accounts:
            yield f"{term.shape.partition('<')[0]}…", UNKNOWN


def _events(console: Console, explanation: Explanation) -> None:
    """Each event that counts, with all its dates."""
    heads = ("Position", "Booked", "Occurred", "Recorded (UTC)", "Event", "About", "Actor", "CHF")
    made = output.table(*heads, right=["Position", "CHF"], fold=["About"])
    for part in explanation.parts:
        made.add_row(*event_cells(part.event), chf(part.amount))
    made.add_section()
    made.add_row("", "", "", "", "", "", "Sum", chf(explanation.amount), style="bold")
    output.put(console, made)


def event_cells(event: Cited) -> tuple[str, ...]:
    """Give the cells of a cited event: position, booked, occurred, recorded, event, about, actor."""
    booked, occurred, recorded = event.bookedon, event.occurred_on or UNKNOWN, event.time[:16].replace("T", " ")
    return number(event.position), booked, occurred, recorded, event.type, event.about or "", event.actor
