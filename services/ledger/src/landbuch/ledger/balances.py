"""From accounts to the headline figures that people ask for, on either clock."""

from __future__ import annotations

import datetime
import re
from dataclasses import fields

import sqlalchemy as sa

from landbuch.contracts import figures
from landbuch.contracts.dates import recorded, zurich_day
from landbuch.contracts.figures import DEFINITIONS, NO_AREA, AreaSource, Figures
from landbuch.contracts.money import decimal
from landbuch.contracts.vocabulary import SOURCES
from landbuch.ledger import answers
from landbuch.ledger.problems import Problem, Unanswerable
from landbuch.ledger.store import reading
from landbuch.ledger.store.reading import Balances, Extent, Head, Programme


def balances_of(
    connection: sa.Connection,
    canton: str,
    now: Head,
    *,
    phase: str | None,
    area: str | None,
    source: str | None,
    as_of: str | None,
    at: str | None,
) -> answers.BalancesAnswer:
    """Answer what a book's figures are; raises ``Unanswerable``."""
    opened = reading.programmes(connection, canton)
    extent = extent_of(connection, canton, now, as_of, at)
    last_day = None if extent is None else extent.as_of
    booked = reading.balances(connection, canton, extent, phase, layer="credit")
    _demand_known(canton, opened, booked, phase, area, source)
    position = now.position if extent is None else extent.position
    leaf, time = (now.leaf, now.time) if extent is None else reading.head_at(connection, canton, position)
    there = {found for found, _ in booked} | {found for found, of in opened.items() if of.position <= position}
    phases = sorted(there) if phase is None else [phase]
    return answers.BalancesAnswer(
        canton=canton,
        position=position,
        head_leaf=leaf,
        recorded_at=time,
        as_of=str(last_day) if last_day is not None else zurich_day(time) if time is not None else None,
        phases=[_phase(name, opened.get(name), booked, area, source) for name in phases],
        note=None if booked else _why_nothing(connection, canton, phase, last_day, position),
        definitions=DEFINITIONS,
    )


def extent_of(connection: sa.Connection, canton: str, now: Head, as_of: str | None, at: str | None) -> Extent | None:
    """Tell which lines count; ``None`` when all do. Raises ``Unanswerable``."""
    if as_of is None and at is None:
        return None
    return Extent(now.position if at is None else _position(connection, canton, now, at), _day(as_of))


def _day(as_of: str | None) -> datetime.date | None:
    if as_of is None:
        return None
    try:
        day = datetime.date.fromisoformat(as_of)
    except ValueError:
        day = None
    if day is None or day.isoformat() != as_of:
        raise Unanswerable(Problem.MALFORMED, f"as_of: {as_of!r} is not a day; write YYYY-MM-DD.")
    return day


def _position(connection: sa.Connection, canton: str, now: Head, at: str) -> int:
    """Read ``at``, which is a position or a recorded time."""
    if re.fullmatch(r"[0-9]{1,16}", at):
        if int(at) > now.position:
            raise Unanswerable(
                Problem.BEYOND_HEAD, f"Book {canton} ends at position {now.position}; {at} is not known yet."
            )
        return int(at)
    try:
        moment = datetime.datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError(at)
        time = recorded(moment)
    except (ValueError, OverflowError) as error:
        message = (
            f"at: {at!r} is neither a position nor a time with its zone; write 1042 or 2026-11-22T10:00:00Z "
            "(a plus sign in an address is written %2B)."
        )
        raise Unanswerable(Problem.MALFORMED, message) from error
    return reading.position_known_at(connection, canton, time, now.position)


def _demand_known(
    canton: str, opened: dict[str, Programme], booked: Balances, phase: str | None, area: str | None, source: str | None
) -> None:
    if phase is not None and phase not in opened and not booked:
        known = ", ".join(sorted(opened)) or "none"
        raise Unanswerable(Problem.PHASE_UNKNOWN, f"{canton} has no programme {phase!r}; opened so far: {known}.")
    asked = opened if phase is None else {phase: opened[phase]} if phase in opened else {}
    areas = sorted({code for programme in asked.values() for code in programme.areas})
    if area is not None and area not in {NO_AREA, *areas}:
        raise Unanswerable(
            Problem.AREA_UNKNOWN,
            f"{area!r} is no funding area of {phase or 'any phase'}; there are: {', '.join(areas) or 'none'}.",
        )
    if source is not None and source not in SOURCES:
        raise Unanswerable(Problem.SOURCE_UNKNOWN, f"{source!r} is no funding source; there are: {', '.join(SOURCES)}.")


def _phase(
    phase: str, programme: Programme | None, booked: Balances, area: str | None, source: str | None
) -> answers.PhaseFigures:
    everything = figures.headline({account: amount for (of, account), amount in booked.items() if of == phase})
    shown = {
        (in_area, of_source): part
        for (in_area, of_source), part in everything.items()
        if area in (None, in_area) and source in (None, of_source)
    }
    return answers.PhaseFigures(
        phase=phase,
        label=None if programme is None else programme.label,
        rows=[answers.AreaFigures(area=a, source=s, **_strings(part)) for (a, s), part in shown.items()],
        sources=[
            answers.SourceFigures(source=name, **_strings(figures.total(_of_source(shown, name))))
            for name in sorted({name for _, name in shown})
        ],
        total=answers.FigureStrings(**_strings(figures.total(shown))),
    )


def _of_source(shown: dict[AreaSource, Figures], source: str) -> dict[AreaSource, Figures]:
    return {key: part for key, part in shown.items() if key[1] == source}


def _strings(part: Figures) -> dict[str, str]:
    return {figure.name: decimal(getattr(part, figure.name)) for figure in fields(part)}


def _why_nothing(
    connection: sa.Connection, canton: str, phase: str | None, last_day: datetime.date | None, position: int
) -> str:
    where = f"{canton} {phase}" if phase is not None else canton
    first = reading.first_booking(connection, canton, phase)
    if first is None:
        return f"Nothing is booked for {where} yet."
    if last_day is not None and last_day < first:
        return f"Nothing was booked for {where} on or before {last_day}; the first booking day is {first}."
    return f"Nothing was booked for {where} up to position {position}."
