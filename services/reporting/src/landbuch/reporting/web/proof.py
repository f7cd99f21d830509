"""The proof of a figure: what it means, what it is the sum of, and each event with what it added."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from landbuch.contracts.figures import NO_AREA
from landbuch.reporting import asking
from landbuch.reporting.domain.explained import Wanted, defined
from landbuch.reporting.problems import Problem, Unanswerable
from landbuch.reporting.store import questions, reading
from landbuch.reporting.web import words
from landbuch.reporting.web.format import day
from landbuch.reporting.web.view import View

LONGEST = 500
"""Events on one page; the API gives the rest."""


def proof(connection: sa.Connection, view: View) -> dict[str, Any]:
    """Gather what the page shows; raises ``Unanswerable``."""
    programme = view.programme
    assert programme is not None, "a proof belongs to a programme"
    own = view.own
    if "figure" not in own:
        raise Unanswerable(Problem.MALFORMED, "figure is missing", "Die Adresse nennt keine Kennzahl (figure=…).")
    wanted = Wanted(asking.demand_figure(own["figure"]), own.get("area"), own.get("source"), own.get("object"))
    asking.demand_area_and_source(connection, view.within, programme, wanted.area, wanted.source)
    found = questions.explain(connection, view.within, programme.phase, wanted)
    title, definition = words.FIGURES[defined(wanted)]
    running, parts = 0, []
    for part, told in found.parts:
        running += part.amount
        parts.append((part, told, running))
    return {
        "view": view,
        "programme": programme,
        "wanted": wanted,
        "title": title,
        "where": _where(view, wanted),
        "definition": definition,
        "amount": found.amount if found.booked else None,
        "reason": None if found.booked else _why_nothing(connection, view, programme.phase),
        "terms": [(account, _account(account), amount) for account, amount in found.terms.items()],
        "parts": parts[-LONGEST:],
        "left_out": max(len(parts) - LONGEST, 0),
        "total": running,
        "invented": any(told.illustration for _, told, _ in parts),
        "command": _command(view, programme.phase, wanted),
        "api": _api(view, programme.phase, wanted),
    }


def _where(view: View, wanted: Wanted) -> list[str]:
    """Say in words what the figure is limited to."""
    found = []
    if wanted.area == NO_AREA:
        found.append(words.NO_AREA)
    elif wanted.area is not None and view.programme is not None:
        area = view.programme.area(wanted.area)
        found.append(f"{wanted.area} {area.name if area is not None else ''}".strip())
    if wanted.source is not None:
        found.append(words.SOURCES[wanted.source])
    if wanted.object is not None:
        found.append(wanted.object)
    return found or ["alle Förderbereiche, alle Quellen"]


def _account(account: str) -> str:
    """Describe an account of the credit layer in words."""
    kind, *rest = account.removeprefix("credit:").split(":")
    named = [words.SOURCES.get(part, words.NO_AREA if part == NO_AREA else part) for part in rest]
    return f"{words.ACCOUNTS.get(kind, kind)}: {', '.join(named)}"


def _why_nothing(connection: sa.Connection, view: View, phase: str) -> str:
    first = reading.first_booking(connection, view.canton, phase)
    if first is not None and view.within.as_of is not None and view.within.as_of < first:
        return f"Bis zum {day(str(view.within.as_of))} war nichts gebucht; die erste Buchung ist vom {day(str(first))}."
    return "In diesem Stand hat kein Ereignis zu dieser Zahl beigetragen."


def _command(view: View, phase: str, wanted: Wanted) -> str:
    """Give the command line that shows the figure again."""
    words_of_it = ["landbuch", "balance", view.canton, "--phase", phase]
    for option, value in (("--area", wanted.area), ("--source", wanted.source), ("--as-of", view.as_of)):
        words_of_it += [option, value] if value is not None else []
    return " ".join([*words_of_it, "--at", str(view.within.position)])


def _api(view: View, phase: str, wanted: Wanted) -> str:
    parameters = {
        "canton": view.canton, "phase": phase, "figure": wanted.figure, "area": wanted.area, "source": wanted.source,
        "object": wanted.object, "as_of": view.as_of, "at": str(view.within.position),
    }  # fmt: skip
    return f"/api/v1/explain?{urlencode({name: value for name, value in parameters.items() if value is not None})}"
