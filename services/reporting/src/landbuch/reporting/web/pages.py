"""The pages and their addresses. Each is read from one snapshot, and its whole state stands in its address."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse

from landbuch.reporting import asking
from landbuch.reporting.books import Books
from landbuch.reporting.problems import Problem, Unanswerable
from landbuch.reporting.store import reading
from landbuch.reporting.store.engine import snapshot
from landbuch.reporting.web import agreement_page, credit_page, event_pages, overview, proof, rendering
from landbuch.reporting.web.view import Freshness, View
from landbuch.sdk.errors import UnavailableError

_SWISS_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
Builder = Callable[[sa.Connection, View], dict[str, Any]]


def problem_page(error: Unanswerable) -> HTMLResponse:
    """Say in German what is wrong and what to do."""
    return rendering.page("problem.html", {"problem": error.problem, "angaben": error.angaben}, error.problem.status)


Show = Callable[[Request, str, str, Builder, str | None], Awaitable[Response]]


def add(app: FastAPI, engine: sa.Engine, books: Books) -> None:
    """Add the pages to an application; ``engine`` connects as the service's role."""

    async def show(request: Request, template: str, canton: str, build: Builder, phase: str | None = None) -> Response:
        """Render a page from one snapshot, or say what is wrong."""

        def render() -> Response:
            with snapshot(engine) as connection:
                view = _view(connection, request, canton, books, phase)
                return rendering.page(template, build(connection, view))

        return await _or_problem(render)

    _add_entrance(app, engine)
    _add_events(app, show)
    _add_objects(app, show)
    _add_figures(app, show)  # last: a phase may be called anything but what the others are


def _add_entrance(app: FastAPI, engine: sa.Engine) -> None:
    @app.get("/", include_in_schema=False)
    async def root() -> Response:
        return RedirectResponse("/de/")

    @app.get("/static/{name}", include_in_schema=False)
    async def static(name: str) -> Response:
        if name not in rendering.STATIC:
            return problem_page(Unanswerable(Problem.NOT_FOUND, name, f"«{name[:60]}» gibt es nicht."))
        headers = {"Cache-Control": "max-age=3600"}
        return Response(rendering.static(name), media_type=rendering.STATIC[name], headers=headers)

    @app.get("/de/", include_in_schema=False)
    async def start() -> Response:
        def render() -> Response:
            with snapshot(engine) as connection:
                return rendering.page("start.html", {"books": _books(connection)})

        return await _or_problem(render)

    @app.get("/de/{canton}", include_in_schema=False)
    async def of_canton(canton: str) -> Response:
        return RedirectResponse(f"/de/#{quote(canton[:2])}")


def _add_events(app: FastAPI, show: Show) -> None:
    @app.get("/de/{canton}/ereignisse", include_in_schema=False)
    async def events(canton: str, request: Request) -> Response:
        return await show(request, "events.html", canton, event_pages.listed, None)

    @app.get("/de/{canton}/ereignisse/{position}", include_in_schema=False)
    async def event(canton: str, position: str, request: Request) -> Response:
        return await show(request, "event.html", canton, lambda c, view: event_pages.one(c, view, position), None)


def _add_objects(app: FastAPI, show: Show) -> None:
    @app.get("/de/{canton}/kredit/{credit}", include_in_schema=False)
    async def credit(canton: str, credit: str, request: Request) -> Response:
        return await show(request, "credit.html", canton, lambda c, view: credit_page.credit(c, view, credit), None)

    @app.get("/de/{canton}/vereinbarung/{agreement}", include_in_schema=False)
    async def agreement(canton: str, agreement: str, request: Request) -> Response:
        def build(connection: sa.Connection, view: View) -> dict[str, Any]:
            return agreement_page.agreement(connection, view, agreement)

        return await show(request, "agreement.html", canton, build, None)


def _add_figures(app: FastAPI, show: Show) -> None:
    @app.get("/de/{canton}/{phase}/nachweis", include_in_schema=False)
    async def shown_proof(canton: str, phase: str, request: Request) -> Response:
        return await show(request, "proof.html", canton, proof.proof, phase)

    @app.get("/de/{canton}/{phase}", include_in_schema=False)
    async def shown_overview(canton: str, phase: str, request: Request) -> Response:
        def build(connection: sa.Connection, view: View) -> dict[str, Any]:
            assert view.programme is not None, "a view of a phase has its programme"
            return overview.overview(connection, view, view.programme)

        return await show(request, "overview.html", canton, build, phase)


async def _or_problem(render: Callable[[], Response]) -> Response:
    try:
        return await run_in_threadpool(render)
    except Unanswerable as error:
        return problem_page(error)
    except UnavailableError as error:
        return problem_page(Unanswerable(Problem.UNAVAILABLE, str(error), "Die Datenbank antwortet nicht."))


def _view(connection: sa.Connection, request: Request, canton: str, books: Books, phase: str | None) -> View:
    given = {name: value.strip() for name, value in request.query_params.items() if value.strip()}
    if any("\x00" in value for value in given.values()):
        raise Unanswerable(Problem.MALFORMED, "a parameter holds NUL", "Eine Angabe enthält ein unlesbares Zeichen.")
    as_of, at = (_iso(given.pop(name, None)) for name in ("as_of", "at"))
    within = asking.extent_of(connection, canton, as_of, at)
    programmes = reading.programmes(connection, within)
    fresh = Freshness(books.lag(canton), books.lag_s(canton), books.problem(canton))
    view = View(request.url.path, within, programmes, as_of, at, fresh, own=given)
    return view if phase is None else replace(view, programme=asking.demand_phase(programmes, canton, phase))


def _iso(text: str | None) -> str | None:
    """Bring a day as it is written here, 31.3.2026, into the form of the addresses; leave everything else alone."""
    found = None if text is None else _SWISS_DAY.fullmatch(text)
    return text if found is None else f"{found[3]}-{int(found[2]):02d}-{int(found[1]):02d}"


def _books(connection: sa.Connection) -> list[dict[str, Any]]:
    found = []
    for canton, head in reading.heads(connection).items():
        within = reading.extent(connection, canton, head, None, None)
        programmes = reading.programmes(connection, within)
        found.append(
            {"canton": canton, "head": head, "programmes": [programmes[phase] for phase in sorted(programmes)]}
        )
    return found
