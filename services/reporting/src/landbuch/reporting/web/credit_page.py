"""A credit: what was decided and how, where it stands in law, and what it was used for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from landbuch.reporting.domain.credit import Credit
from landbuch.reporting.domain.explained import Wanted, terms
from landbuch.reporting.problems import Problem, Unanswerable
from landbuch.reporting.store import questions
from landbuch.reporting.web import words
from landbuch.reporting.web.format import day
from landbuch.reporting.web.view import View


def credit(connection: sa.Connection, view: View, name: str) -> dict[str, Any]:
    """Gather what the page shows; raises ``Unanswerable``."""
    found, events = questions.story_of(connection, view.within, name)
    if found is None:
        raise Unanswerable(
            Problem.OBJECT_UNKNOWN,
            f"credit {name!r}",
            f"Einen Kredit «{name[:40]}» kennt das Buch {view.canton} in diesem Stand nicht.",
        )
    view = replace(view, programme=view.programmes.get(found.phase))
    held = questions.amounts(connection, view.within, found.phase)
    rests = []
    for figure in ("pending", "unallocated"):
        wanted = Wanted(figure, object=name)
        accounts = terms(wanted, held)
        if accounts and (figure == "unallocated" or any(accounts.values())):
            rests.append((words.FIGURES[figure][0], sum(accounts.values()), view.proof(wanted)))
    allocated: dict[tuple[str, str], int] = {}
    for told in events:
        if told.name == "CreditAllocated" and told.counts and told.data["credit"] == name:
            for part in told.data["allocations"]:
                key = (part["area"], part["source"])
                allocated[key] = allocated.get(key, 0) + part["amount"]
    return {
        "view": view,
        "credit": found,
        "state": _state(found),
        "rests": rests,
        "allocated": [
            (area, _name(view, area), source, amount, view.proof(Wanted("approved", area, source)))
            for (area, source), amount in allocated.items()
        ],
        "events": events,
    }


def _name(view: View, code: str) -> str:
    area = None if view.programme is None else view.programme.area(code)
    return code if area is None else area.name


def _state(found: Credit) -> str:
    """Say in a sentence where a credit stands in law."""
    stage = words.STAGES[found.stage]
    if found.stage == "in_force" and found.force is not None:
        trigger = words.TRIGGERS[found.force.data["trigger"]]
        when = f" seit {day(found.force.occurred_on)}" if found.force.occurred_on else ", der Tag ist nicht bekannt"
        return f"{stage.capitalize()} {trigger}{when}."
    if found.referendum_runs:
        return (
            "Beschlossen, aber nicht rechtskräftig: Das Referendum ist ergriffen, das Volk hat noch nicht entschieden."
        )
    if found.stage == "pending" and found.window_ends is not None and found.referendum is None:
        return f"Beschlossen, aber nicht rechtskräftig: Die Referendumsfrist läuft bis {day(found.window_ends)}."
    return f"{stage[0].upper()}{stage[1:]}."
