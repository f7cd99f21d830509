"""From what is asked to what counts: the book, the two clocks, the phase, the area and the source."""

from __future__ import annotations

import datetime
import re

import sqlalchemy as sa

from landbuch.contracts.dates import ZURICH, recorded
from landbuch.contracts.figures import NO_AREA, headline
from landbuch.contracts.vocabulary import CANTONS, SOURCES
from landbuch.reporting.domain.explained import FIGURES
from landbuch.reporting.domain.programme import Programme
from landbuch.reporting.problems import Problem, Unanswerable
from landbuch.reporting.store import reading
from landbuch.reporting.store.reading import Extent

_LAST_MOMENT = datetime.time(23, 59, 59, 999_999)


def extent_of(connection: sa.Connection, canton: str, as_of: str | None, at: str | None) -> Extent:
    """Tell which entries count; raises ``Unanswerable``."""
    if canton not in CANTONS:
        raise Unanswerable(
            Problem.UNKNOWN_CANTON,
            f"{canton!r} is not the code of a Swiss canton.",
            f"«{canton}» ist kein Kürzel eines Kantons.",
        )
    heads = reading.heads(connection)
    head = heads.get(canton)
    if head is None:
        known = ", ".join(heads)
        raise Unanswerable(
            Problem.BOOK_MISSING,
            f"There is no book of {canton}; there are: {known or 'none'}.",
            f"Es gibt kein Buch von {canton}; vorhanden: {known or 'keines'}.",
        )
    position = None if at is None else _position(connection, canton, head.position, at)
    if position == head.position and at is not None and not at.isdecimal():
        position = None  # what is known at a time that may not have passed yet can still grow
    return reading.extent(connection, canton, head, position, None if as_of is None else _day("as_of", as_of))


def demand_phase(programmes: dict[str, Programme], canton: str, phase: str) -> Programme:
    """Find the programme of a phase; raises ``Unanswerable``."""
    if phase not in programmes:
        known = ", ".join(sorted(programmes))
        raise Unanswerable(
            Problem.PHASE_UNKNOWN,
            f"{canton} has no programme {phase!r} in this state; opened: {known or 'none'}.",
            f"{canton} hat in diesem Stand kein Programm «{phase}»; eröffnet: {known or 'keines'}.",
        )
    return programmes[phase]


def demand_area_and_source(
    connection: sa.Connection, within: Extent, programme: Programme, area: str | None, source: str | None
) -> None:
    """Raise ``Unanswerable`` where area or source are none. An area that only a forged event names can be asked for."""
    if area not in (None, *programme.area_codes()) and area not in _booked_areas(connection, within, programme.phase):
        known = ", ".join(code for code in programme.area_codes() if code != NO_AREA)
        raise Unanswerable(
            Problem.AREA_UNKNOWN,
            f"{area!r} is no funding area of {programme.phase}; there are: {known}.",
            f"«{area}» ist kein Förderbereich von {programme.label}; es gibt: {known}.",
        )
    if source is not None and source not in SOURCES:
        known = ", ".join(SOURCES)
        raise Unanswerable(
            Problem.SOURCE_UNKNOWN,
            f"{source!r} is no funding source; there are: {known}.",
            f"«{source}» ist keine Finanzierungsquelle; es gibt: {known}.",
        )


def _booked_areas(connection: sa.Connection, within: Extent, phase: str) -> set[str]:
    return {area for area, _ in headline(dict.fromkeys(reading.sums(connection, within, phase), 1))}


def demand_figure(figure: str) -> str:
    """Give the figure; raises ``Unanswerable`` where there is none of that name."""
    if figure not in FIGURES:
        known = ", ".join(FIGURES)
        raise Unanswerable(
            Problem.MALFORMED,
            f"figure: {figure!r} is none; there are: {known}.",
            f"«{figure}» ist keine Kennzahl; es gibt: {known}.",
        )
    return figure


def _day(name: str, text: str) -> datetime.date:
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise Unanswerable(
            Problem.MALFORMED,
            f"{name}: {text!r} is not a day; write YYYY-MM-DD.",
            f"«{text}» ist kein Tag; schreiben Sie zum Beispiel 2026-03-31.",
        )
    return day


def _position(connection: sa.Connection, canton: str, last: int, at: str) -> int:
    """Read ``at``: a position, a moment, or a day, which ends at midnight in Zurich."""
    if re.fullmatch(r"[0-9]{1,16}", at):
        if int(at) > last:
            raise Unanswerable(
                Problem.BEYOND_HEAD,
                f"Book {canton} ends at position {last}; {at} is not known yet.",
                f"Das Buch {canton} endet bei Position {last}.",
            )
        return int(at)
    try:
        moment = datetime.datetime.fromisoformat(at)
        if len(at) == len("2026-11-22"):
            moment = datetime.datetime.combine(moment.date(), _LAST_MOMENT)
        # Without a zone it is meant as the clock on the wall in Zurich.
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=ZURICH)
        time = recorded(moment)
    except (ValueError, OverflowError) as error:
        raise Unanswerable(
            Problem.MALFORMED,
            f"at: {at!r} is neither a position nor a time; write 1042, 2026-11-22 or 2026-11-22T10:00:00Z "
            "(a plus sign in an address is written %2B).",
            f"«{at}» ist weder eine Position noch eine Zeit; schreiben Sie 1042, 2026-11-22 oder 2026-11-22T10:00.",
        ) from error
    return reading.position_known_at(connection, canton, time, last)
