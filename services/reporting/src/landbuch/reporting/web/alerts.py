"""What somebody should look at: a book that is not read, void entries, referendums, shortfalls, late milestones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from landbuch.contracts.money import chf
from landbuch.reporting.domain.agreement import Agreement
from landbuch.reporting.domain.credit import Credit
from landbuch.reporting.domain.explained import Wanted
from landbuch.reporting.store import reading
from landbuch.reporting.store.questions import Balances
from landbuch.reporting.web.format import day, number
from landbuch.reporting.web.view import View


@dataclass(frozen=True, slots=True)
class Alert:
    """What somebody should look at; ``grave`` is an error or an overdraft."""

    title: str
    text: str
    href: str
    grave: bool = False


def of_the_book(connection: sa.Connection, view: View) -> Iterator[Alert]:
    """What is the matter with the book or its reading."""
    events = view.url("/ereignisse")
    fresh = view.freshness
    if fresh.problem is not None and not view.fixed:
        yield Alert("Die Anzeige steht still", fresh.problem, events, grave=True)
    elif fresh.lag and not view.fixed:
        yield Alert("Rückstand", f"{number(fresh.lag)} Einträge des Buchs fehlen hier noch.", events)
    voids = reading.voids(connection, view.within)
    if voids:
        many = "nichtiger Eintrag" if voids == 1 else "nichtige Einträge"
        yield Alert(
            f"{number(voids)} {many} im Buch",
            "Sie zählen für nichts, doch jemand hat sie geschrieben.",
            events,
            grave=True,
        )
    unknown = reading.unknown(connection, view.within)
    if unknown:
        text = "Ihre Buchungen zählen, ihre Bedeutung kennt diese Version nicht."
        yield Alert(f"{number(unknown)} Ereignisse einer neueren Version", text, events)


def of_money(view: View, found: Balances, credits: Iterable[Credit]) -> Iterator[Alert]:
    """What is the matter with the programme's money."""
    for one in credits:
        if one.referendum_runs:
            text = f"Bis zum Entscheid darf nichts versprochen werden: {chf(one.amount)} sind noch nicht rechtskräftig."
            yield Alert(f"Referendum hängig gegen {one.id}", text, view.url(f"/kredit/{one.id}"))
    if found.total.shortfall:
        gone = chf(-found.total.shortfall)
        text = f"{gone} fielen weg, obwohl sie nicht mehr frei waren. Bis zur Deckung wird nichts unterzeichnet."
        yield Alert("Fehlbetrag", text, view.proof(Wanted("shortfall")), grave=True)
    for account in found.overdrawn:
        yield Alert("Konto überzogen", account, view.url("/ereignisse"), grave=True)


def of_milestones(view: View, agreements: Iterable[Agreement]) -> Iterator[Alert]:
    """Which milestones are late on the day of the page."""
    for one in agreements:
        for milestone in one.milestones.values():
            if view.day is not None and milestone.late(view.day):
                text = f"{milestone.title}: fällig seit {day(milestone.due)}."
                yield Alert(f"Meilenstein überfällig in {one.id}", text, view.url(f"/vereinbarung/{one.id}"))
