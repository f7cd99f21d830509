"""``landbuch compare``: two states of a book, and the events that explain each difference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.console import Console

from landbuch.contracts.figures import DEFINITIONS, NO_AREA, Figures
from landbuch.contracts.money import chf, decimal
from landbuch.sdk.cli import exits, output
from landbuch.sdk.cli.balance import Area, Phase, Source
from landbuch.sdk.cli.explain import event_cells, event_json, figure_name
from landbuch.sdk.cli.options import Canton, Stack, connection_of, run
from landbuch.sdk.cli.output import Format, RowFormat, day, number
from landbuch.sdk.cli.reading import Reading, clocks_of, read_book
from landbuch.sdk.comparing import Cause, Comparing, Comparison, Difference

WORDS = {
    "booked_later": "booked later",
    "learned_later": "learned later",
    "booked_and_learned_later": "booked and learned later",
}

FromAsOf = Annotated[
    str | None, typer.Option("--from-as-of", metavar="YYYY-MM-DD", help="First state: last booking day that counts.")
]
FromAt = Annotated[
    str | None, typer.Option("--from-at", metavar="POSITION|TIME", help="First state: what the book knew then.")
]
ToAsOf = Annotated[
    str | None, typer.Option("--to-as-of", metavar="YYYY-MM-DD", help="Second state: last booking day that counts.")
]
ToAt = Annotated[
    str | None, typer.Option("--to-at", metavar="POSITION|TIME", help="Second state: what the book knew then.")
]
OneFigure = Annotated[
    str | None, typer.Option("--figure", metavar="FIGURE", help="Only this figure.", callback=figure_name)
]
Written = Annotated[
    RowFormat | None, typer.Option("--format", help="Left out: a table on a terminal, else JSON.", show_default=False)
]


def compare(  # noqa: PLR0913  # each is an option of the command line
    canton: Canton,
    *,
    from_as_of: FromAsOf = None,
    from_at: FromAt = None,
    to_as_of: ToAsOf = None,
    to_at: ToAt = None,
    phase: Phase = None,
    area: Area = None,
    source: Source = None,
    figure: OneFigure = None,
    written: Written = None,
    stack: Stack = None,
) -> None:
    """Compare two states of a book, and show the events that explain each difference.

    A state counts what was booked up to a day and known at a position or time; what is left out counts everything. An
    event explains a difference because it was booked later, or because the book learned of it later. The events are
    read from the book itself, and its chain is checked on the way. Exit code 0: equal. 1: the states differ.
    """
    first, second = clocks_of(from_as_of, from_at, "from-"), clocks_of(to_as_of, to_at, "to-")
    if first == second:
        raise typer.BadParameter(
            "say in which way the two states differ: --from-as-of, --from-at, --to-as-of, --to-at."
        )
    comparing = Comparing(first, second, phase, area, source)
    reading = run(read_book(connection_of(stack), canton, [first, second], comparing.feed))
    comparison = comparing.comparison()
    differences = [one for one in comparison.differences if figure in (None, one.figure)]
    states = [
        {"as_of": clocks.as_of, "position": reading.position if position is None else position}
        for clocks, position in ((first, comparison.first_position), (second, comparison.second_position))
    ]
    end = {"canton": canton, "from": states[0], "to": states[1], "equal": not differences, "book": reading.as_json()}
    match output.chosen(written):
        case Format.TABLE:
            show(canton, states, comparison, differences, reading, whole=figure is None)
        case Format.JSON:
            output.write_json({**end, "differences": [as_json(one) for one in differences]})
        case _:
            output.write_lines(map(as_json, differences), end)
    if differences:
        raise typer.Exit(exits.ExitCode.REFUSED)


def as_json(difference: Difference) -> dict[str, Any]:
    """Give a difference as a JSON object; amounts are decimal strings in francs."""
    return {
        "phase": difference.phase,
        "area": difference.area,
        "source": difference.source,
        "figure": difference.figure,
        "before": decimal(difference.before),
        "after": decimal(difference.after),
        "difference": decimal(difference.amount),
        "events": [
            {
                **event_json(cause.event),
                "why": cause.why,
                "counted_by": "second" if cause.of_second else "first",
                "amount": decimal(cause.amount),
            }
            for cause in difference.causes
        ],
    }


def show(
    canton: str,
    states: Sequence[dict[str, Any]],
    comparison: Comparison,
    differences: Sequence[Difference],
    reading: Reading,
    *,
    whole: bool,
) -> None:
    """Write a comparison for people: the differences of each phase, then the events that explain them.

    ``whole``: all figures are shown, so the programme's sums are shown beneath.
    """
    console = output.terminal()
    console.print(f"\nBook of {canton}: {_state(states[0])} → {_state(states[1])}", style="bold")
    if not differences:
        console.print("Equal: every figure is the same in both states.", style="green")
    for phase in dict.fromkeys(one.phase for one in differences):
        of_phase = [one for one in differences if one.phase == phase]
        console.print(f"\n{canton} {phase} · CHF", style="bold")
        _differences(console, of_phase, comparison.programme(phase) if whole else None)
        console.print()
        _events(console, of_phase)
    console.print(f"\n{reading.sentence()}", style="dim")


def _state(state: dict[str, Any]) -> str:
    booked = f"booked up to {day(state['as_of'])}, " if state["as_of"] else ""
    return f"{booked}known until position {number(state['position'])}"


def _differences(
    console: Console, differences: Sequence[Difference], programme: tuple[Figures, Figures] | None
) -> None:
    heads = ("Area", "Source", "Figure", "Before", "After", "Difference")
    made = output.table(*heads, right=heads[3:])
    shown: tuple[str, str] | None = None
    for one in differences:
        key = (one.area, one.source)
        if key != shown and shown is not None:
            made.add_section()
        names = ("", "") if key == shown else (_area(one.area), one.source.replace("_", " "))
        made.add_row(*names, one.figure.replace("_", " "), chf(one.before), chf(one.after), signed(one.amount))
        shown = key
    if programme is not None:
        made.add_section()
        sums = [(name, getattr(programme[0], name), getattr(programme[1], name)) for name in DEFINITIONS]
        for index, (name, before, after) in enumerate(one for one in sums if one[1] != one[2]):
            cells = ("" if index else "Programme", "", name.replace("_", " "), chf(before), chf(after))
            made.add_row(*cells, signed(after - before), style="bold")
    output.put(console, made)


def _events(console: Console, differences: Sequence[Difference]) -> None:
    """Each event once, with what it moves in which figure."""
    heads = ("Position", "Booked", "Recorded (UTC)", "Event", "About", "Why", "Moves", "CHF")
    made = output.table(*heads, right=["Position", "CHF"], fold=["About"])
    found = [(cause, one) for one in differences for cause in one.causes]
    last: Cause | None = None
    for cause, one in sorted(found, key=lambda pair: pair[0].event.position):
        new = last is None or last.event.position != cause.event.position
        if new and last is not None:
            made.add_section()
        position, booked, _, recorded, name, about, _ = event_cells(cause.event)
        cells = (position, booked, recorded, name, about, _why(cause)) if new else ("",) * 6
        moved = f"{_area(one.area)} {one.source} {one.figure}".replace("_", " ")
        made.add_row(*cells, moved, signed(cause.amount))
        last = cause
    output.put(console, made)


def _why(cause: Cause) -> str:
    return WORDS[cause.why] if cause.of_second else f"{WORDS[cause.why]}; taken away"


def _area(area: str) -> str:
    return "no area" if area == NO_AREA else area


def signed(amount: int) -> str:
    """Write an amount with its sign, a plus too."""
    return f"+{chf(amount)}" if amount > 0 else chf(amount)
