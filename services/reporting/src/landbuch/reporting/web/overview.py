"""The overview of a programme: four big figures, the same per area and source, alerts, credits and agreements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from markupsafe import Markup

from landbuch.contracts.figures import NO_AREA, Figures
from landbuch.contracts.money import chf
from landbuch.reporting.domain.explained import Wanted, terms
from landbuch.reporting.domain.programme import Programme
from landbuch.reporting.store import questions, reading
from landbuch.reporting.store.questions import Balances, Position
from landbuch.reporting.web import alerts, bars, words
from landbuch.reporting.web.bars import Bar
from landbuch.reporting.web.format import day, number, share
from landbuch.reporting.web.view import View


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure with the address of its proof. Without an amount it is unknown, and ``note`` says why."""

    amount: int | None
    href: str
    note: str = ""
    label: str = ""
    illustration: bool = False
    grave: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table: one area and source, or what has no area."""

    area: str
    name: str
    source: str
    cells: tuple[Cell | None, ...]
    bar: Markup
    rare: tuple[Cell, ...] = ()
    illustration: bool = False
    first: bool = True
    note: str = ""


COLUMNS = ("approved", "committed", "disbursed", "available")
_RARE = ("blocked", "lapsed", "recovered")


def overview(connection: sa.Connection, view: View, programme: Programme) -> dict[str, Any]:
    """Gather what the page shows."""
    within, phase = view.within, programme.phase
    found = questions.balances(connection, within, phase)
    credits = questions.credits(connection, within, phase)
    agreements = questions.agreements(connection, within, phase)
    held = {account: part.amount for account, part in found.sums.items()}
    return {
        "view": view,
        "programme": programme,
        "reason": None if found.booked else _why_nothing(connection, view, programme),
        "big": _big(view, found),
        "pending": _cell(view, Wanted("pending"), found.total.pending) if found.total.pending else None,
        "rows": list(_rows(view, programme, found)),
        "outside": list(_outside(view, found)),
        "totals": list(_totals(view, found)),
        "columns": [words.FIGURES["in_force"][0], *(words.FIGURES[name][0] for name in COLUMNS[1:])],
        "alerts": [
            *alerts.of_the_book(connection, view),
            *alerts.of_money(view, found, credits.values()),
            *alerts.of_milestones(view, agreements.values()),
        ],
        "credits": list(credits.values()),
        "agreements": [
            (
                one,
                _object_cell(view, "committed", one.id, held) if one.signed_on else None,
                _object_cell(view, "disbursed", one.id, held) if one.signed_on else None,
            )
            for one in agreements.values()
        ],
        "partners": questions.partners(connection, within),
        "information": [
            one for one in reading.by_name(connection, within, ("InformationRecorded",), phase) if one.counts
        ],
        "invented": any(row.illustration for row in found.rows),
    }


def _cell(view: View, wanted: Wanted, amount: int, found: Balances | None = None) -> Cell:
    invented = found is not None and found.illustrated(wanted)
    # What is recovered is a credit balance by its nature; anything else below zero is an overdraft.
    grave = amount < 0 and wanted.figure != "recovered"
    label = words.FIGURES[wanted.figure][0]
    return Cell(amount, view.proof(wanted), label=label, illustration=invented, grave=grave)


def _object_cell(view: View, figure: str, name: str, held: dict[str, int]) -> Cell:
    wanted = Wanted(figure, object=name)
    return Cell(sum(terms(wanted, held).values()), view.proof(wanted))


def _big(view: View, found: Balances) -> list[tuple[str, Cell, str]]:
    """Name, figure and what stands below it."""
    total = found.total
    of_areas = sum(row.figures.approved for row in found.rows)
    below = {
        "approved": f"davon zugeteilt {chf(of_areas)}",
        "committed": _part(total.committed, total.approved, "des Bewilligten"),
        "disbursed": _part(total.disbursed, total.committed, "des Gebundenen") if total.disbursed else _unpaid(found),
        "available": f"dazu nicht zugeteilt {chf(total.unallocated)}",
    }
    shown = []
    for name in COLUMNS:
        wanted = Wanted(name)
        title = words.FIGURES["in_force" if name == "approved" else name][0]
        cell = _cell(view, wanted, getattr(total, name), found)
        shown.append(
            (title, cell if found.booked else Cell(None, view.proof(wanted)), below[name] if found.booked else "")
        )
    return shown


def _part(amount: int, whole: int, of: str) -> str:
    part = share(amount, whole)
    return "" if part is None else f"{part} {of}"


def _unpaid(found: Balances) -> str:
    paid = any(account.startswith("credit:used:") for account in found.sums)
    return "nichts mehr ausbezahlt" if paid else "noch keine Zahlung gebucht"


def _rows(view: View, programme: Programme, found: Balances) -> Iterator[Row]:
    full = max((row.figures.approved for row in found.rows if row.area != NO_AREA), default=0)
    for area in programme.areas:
        of_area = [row for row in found.rows if row.area == area.code]
        if not of_area:
            yield Row(area.code, area.name, "", (), Markup(""), note="noch nichts zugeteilt")
        for number_of_row, row in enumerate(of_area):
            yield _row(view, row, area.name, full, first=number_of_row == 0)
    known = {area.code for area in programme.areas} | {NO_AREA}
    for row in found.rows:
        if row.area not in known:  # only a forged event can book on it; the figure counts all the same
            yield _row(view, row, "unbekannter Bereich", full, first=True)


def _row(view: View, row: Position, name: str, full: int, *, first: bool) -> Row:
    part = row.figures
    bar = Bar(part.approved, part.committed, part.disbursed, part.available, full)
    rare = tuple(
        _cell(view, Wanted(figure, row.area, row.source), getattr(part, figure))
        for figure in _RARE
        if getattr(part, figure)
    )
    cells = tuple(_cell(view, Wanted(figure, row.area, row.source), getattr(part, figure)) for figure in COLUMNS)
    svg = bars.svg(bar, row.area, f"{row.area}-{row.source}")
    return Row(row.area, name, words.SOURCES.get(row.source, row.source), cells, svg, rare, row.illustration, first)


def _outside(view: View, found: Balances) -> Iterator[tuple[str, str, Cell]]:
    """What is in force but belongs to no area: name, source, amount."""
    titles = {"unallocated": "noch nicht zugeteilt", "lapsed": "verfallen", "shortfall": "Fehlbetrag"}
    for row in found.rows:
        if row.area == NO_AREA:
            for figure, title in titles.items():
                if getattr(row.figures, figure):
                    cell = _cell(view, Wanted(figure, NO_AREA, row.source), getattr(row.figures, figure))
                    yield title, words.SOURCES.get(row.source, row.source), cell


def _totals(view: View, found: Balances) -> Iterator[tuple[str, tuple[Cell, ...]]]:
    """One row per source where there are several, and one for all."""
    sources = sorted({row.source for row in found.rows}, key=list(words.SOURCES).index)
    for source in sources if len(sources) > 1 else ():
        part = sum((row.figures for row in found.rows if row.source == source), Figures())
        amounts = (part.in_force, part.committed, part.disbursed, part.available)
        wanted = [Wanted(name, source=source) for name in COLUMNS]
        yield words.SOURCES[source], tuple(_cell(view, *pair) for pair in zip(wanted, amounts, strict=True))
    if found.booked:
        cells = tuple(_cell(view, Wanted(name), getattr(found.total, name)) for name in COLUMNS)
        yield "Alle Quellen" if len(sources) > 1 else "Total", cells


def _why_nothing(connection: sa.Connection, view: View, programme: Programme) -> str:
    first = reading.first_booking(connection, view.canton, programme.phase)
    if first is None:
        return f"Für {programme.label} ist noch nichts gebucht. Was bekannt ist, steht unten."
    if view.within.as_of is not None and view.within.as_of < first:
        until = day(view.within.as_of.isoformat())
        return f"Bis zum {until} war noch nichts gebucht. Die erste Buchung ist vom {day(first.isoformat())}."
    return f"Bei Position {number(view.within.position)} war noch nichts gebucht."
