"""An agreement: what is planned, promised and paid per area, source and year, and how it went."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from landbuch.reporting.domain.explained import Wanted, terms
from landbuch.reporting.problems import Problem, Unanswerable
from landbuch.reporting.store import questions
from landbuch.reporting.web import words
from landbuch.reporting.web.format import share
from landbuch.reporting.web.overview import Cell
from landbuch.reporting.web.view import View


@dataclass(frozen=True, slots=True)
class Share:
    """One area and source of an agreement: the plan per year, and figures with their proof; unknown before signing."""

    area: str
    name: str
    source: str
    years: tuple[int | None, ...]
    planned: int | None
    committed: Cell
    disbursed: Cell


def agreement(connection: sa.Connection, view: View, name: str) -> dict[str, Any]:
    """Gather what the page shows; raises ``Unanswerable``."""
    found, events = questions.life_of(connection, view.within, name)
    if found is None:
        raise Unanswerable(
            Problem.OBJECT_UNKNOWN,
            f"agreement {name!r}",
            f"Eine Vereinbarung «{name[:40]}» kennt das Buch {view.canton} in diesem Stand nicht.",
        )
    view = replace(view, programme=view.programmes.get(found.phase))
    held = questions.amounts(connection, view.within, found.phase)
    booked = set(found.shares()) | {
        (account.split(":")[2], account.split(":")[3]) for account in terms(Wanted("committed", object=name), held)
    }
    rows = [
        Share(
            area,
            _name(view, area),
            words.SOURCES.get(source, source),
            tuple(found.planned(area, source, year) for year in found.years()),
            found.planned(area, source),
            _cell(view, Wanted("committed", area, source, name), held),
            _cell(view, Wanted("disbursed", area, source, name), held),
        )
        for area, source in sorted(booked)
    ]
    committed, disbursed = (_cell(view, Wanted(figure, object=name), held) for figure in ("committed", "disbursed"))
    return {
        "view": view,
        "agreement": found,
        "partner": questions.partners(connection, view.within).get(found.partner),
        "years": found.years(),
        "by_year": tuple(found.planned(year=year) for year in found.years()),
        "rows": rows,
        "committed": committed,
        "disbursed": disbursed,
        "paid_share": share(disbursed.amount or 0, found.ceiling),
        "unsigned": None if found.signed_on else "nicht unterzeichnet: nichts ist versprochen",
        "events": events,
    }


def _name(view: View, code: str) -> str:
    area = None if view.programme is None else view.programme.area(code)
    return code if area is None else area.name


def _cell(view: View, wanted: Wanted, held: dict[str, int]) -> Cell:
    signed = any(Wanted("committed", object=wanted.object).concerns(account) for account in held)
    return Cell(sum(terms(wanted, held).values()) if signed else None, view.proof(wanted))
