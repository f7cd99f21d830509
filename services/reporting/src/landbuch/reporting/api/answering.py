"""The longer answers: balances, explanation, comparison, one agreement, a page of events, all books."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa

from landbuch.contracts import figures
from landbuch.contracts.money import decimal
from landbuch.reporting import asking
from landbuch.reporting.api import answers, asked, shaping
from landbuch.reporting.domain import explained
from landbuch.reporting.domain.explained import Wanted
from landbuch.reporting.problems import Problem, Unanswerable
from landbuch.reporting.store import event_index, questions, reading
from landbuch.reporting.store.engine import snapshot
from landbuch.reporting.store.reading import Extent

Lag = Callable[[str], int | None]
"""How many entries a book has that are not in the tables; ``None`` when nobody knows."""
T = TypeVar("T")


def books(engine: sa.Engine, lag: Lag) -> answers.Books:
    """List the books."""
    with snapshot(engine) as connection:
        found = []
        for canton, head in reading.heads(connection).items():
            within = reading.extent(connection, canton, head, None, None)
            phases = sorted(reading.programmes(connection, within))
            found.append(
                answers.Book(
                    canton=canton, position=head.position, leaf=head.leaf, recorded_at=head.time, phases=phases,
                    lag=lag(canton),
                )
            )  # fmt: skip
    return answers.Books(books=found)


def balances(connection: sa.Connection, within: Extent, of: asked.AskedBalances) -> answers.Balances:
    """Give the figures of a phase."""
    programme = asking.demand_phase(reading.programmes(connection, within), within.book, of.phase)
    asking.demand_area_and_source(connection, within, programme, of.area, of.source)
    found = questions.balances(connection, within, of.phase)
    shown = {
        (row.area, row.source): row
        for row in found.rows
        if of.area in (None, row.area) and of.source in (None, row.source)
    }
    total = figures.total({key: row.figures for key, row in shown.items()})
    first = None if found.booked else reading.first_booking(connection, within.book, of.phase)
    note = f"Nothing was booked for {within.book} {of.phase} in this state." if not found.booked else None
    return answers.Balances.model_validate(
        shaping.state(within)
        | {
            "phase": of.phase,
            "label": programme.label,
            "rows": [
                answers.Row(
                    area=area, source=source, illustration=row.illustration,
                    figures=shaping.figures(within, of.phase, row.figures, area, source),
                )
                for (area, source), row in shown.items()
            ],
            "total": shaping.figures(within, of.phase, total, of.area, of.source),
            "note": note if first is None else f"{note} The first booking day is {first}.",
            "definitions": figures.DEFINITIONS,
        }
    )  # fmt: skip


def explain(connection: sa.Connection, within: Extent, of: asked.AskedExplanation) -> answers.Explanation:
    """Take a figure apart."""
    programme = asking.demand_phase(reading.programmes(connection, within), within.book, of.phase)
    asking.demand_area_and_source(connection, within, programme, of.area, of.source)
    wanted = Wanted(asking.demand_figure(of.figure), of.area, of.source, of.object)
    found = questions.explain(connection, within, of.phase, wanted)
    behind = [(part, told) for part, told in found.parts if part.position > of.after]
    page = behind[: of.limit]
    return answers.Explanation.model_validate(
        shaping.state(within)
        | {
            "phase": of.phase,
            "figure": of.figure,
            "area": of.area,
            "source": of.source,
            "object": of.object,
            "definition": figures.DEFINITIONS[explained.defined(wanted)],
            "terms": [answers.Term(account=account, amount=decimal(amount)) for account, amount in found.terms.items()],
            "events": [shaping.contribution(within, part, told) for part, told in page],
            "count": len(found.parts),
            "sum": answers.Money(amount=decimal(found.amount)),
            "next": page[-1][0].position if len(behind) > len(page) else None,
        }
    )


def compare(engine: sa.Engine, of: asked.AskedComparison) -> answers.Comparison:
    """Compare two states."""
    with snapshot(engine) as connection:
        first = asking.extent_of(connection, of.canton, of.first_as_of, of.first_at)
        second = asking.extent_of(connection, of.canton, of.second_as_of, of.second_at)
        known = reading.programmes(connection, first) | reading.programmes(connection, second)
        programme = asking.demand_phase(known, of.canton, of.phase)
        asking.demand_area_and_source(connection, second, programme, of.area, of.source)
        wanted = Wanted(asking.demand_figure(of.figure), of.area, of.source)
        rows = questions.compare(connection, first, second, of.phase, wanted)
    return answers.Comparison(
        canton=of.canton,
        phase=of.phase,
        figure=of.figure,
        first=answers.State.model_validate(shaping.state(first)),
        second=answers.State.model_validate(shaping.state(second)),
        rows=[shaping.difference(first, second, row) for row in rows],
        difference=decimal(sum(row.second - row.first for row in rows)),
    )


def agreement(connection: sa.Connection, within: Extent, name: str) -> answers.AgreementAnswer:
    """Describe an agreement with its figures."""
    found, events = questions.life_of(connection, within, name)
    one = known(found, name)
    shape = shaping.agreement(within, one, events)
    money = {
        figure: answers.Money(
            amount=decimal(
                sum(
                    explained.terms(
                        Wanted(figure, object=name), questions.amounts(connection, within, one.phase)
                    ).values()
                )
            ),
            explain=shaping.address(within, "explain", phase=one.phase, figure=figure, object=name),
        )
        for figure in ("committed", "disbursed")
    }
    return shape.model_copy(update=money)


def events(connection: sa.Connection, within: Extent, of: asked.AskedEvents) -> answers.Events:
    """Give a page of events."""
    if of.type is not None and of.type not in event_index.names(connection, within.book):
        raise Unanswerable(Problem.EVENT_TYPE_UNKNOWN, f"Book {within.book} holds no event {of.type!r}.")
    wanted = event_index.Filter(of.type, of.phase, of.object)
    found = event_index.page(connection, within, wanted, of.limit + 1, after=of.after)
    page = found[: of.limit]
    return answers.Events.model_validate(
        shaping.state(within)
        | {
            "events": [shaping.event(shown) for shown in page],
            "next": page[-1].kept.position if len(found) > of.limit else None,
        }
    )


def known(found: T | None, name: str) -> T:
    """Give what was found; raises ``Unanswerable``."""
    if found is None:
        raise Unanswerable(
            Problem.OBJECT_UNKNOWN, f"{name!r} is not known in this state.", f"«{name}» ist in diesem Stand unbekannt."
        )
    return found
