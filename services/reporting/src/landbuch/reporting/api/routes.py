"""Questions over HTTP: read only, each answered from one snapshot, with the position as its ETag."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from landbuch.reporting import asking
from landbuch.reporting.api import answering, answers, asked, shaping
from landbuch.reporting.api.answering import Lag
from landbuch.reporting.problems import Problem, Unanswerable
from landbuch.reporting.store import event_index, questions
from landbuch.reporting.store.engine import snapshot
from landbuch.reporting.store.reading import Extent
from landbuch.sdk.errors import UnavailableError

PROBLEM_JSON = "application/problem+json"
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": answers.ProblemAnswer, "content": {PROBLEM_JSON: {}}} for status in (404, 422, 503)
}
Answer = Callable[[sa.Connection, Extent], answers.Shape]


class ProblemRoute(APIRoute):
    """Answers everything that goes wrong with problem+json (RFC 9457)."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the handler."""
        handle = super().get_route_handler()

        async def handle_or_explain(request: Request) -> Response:
            try:
                return await handle(request)
            except Unanswerable as error:
                return problem(error)
            except RequestValidationError as error:
                found = "; ".join(f"{'.'.join(map(str, part['loc'][1:]))}: {part['msg']}" for part in error.errors())
                return problem(Unanswerable(Problem.MALFORMED, found))
            except UnavailableError as error:
                return problem(Unanswerable(Problem.UNAVAILABLE, str(error)))

        return handle_or_explain


def problem(error: Unanswerable) -> Response:
    """Give the response that tells a problem."""
    what = error.problem
    shape = answers.ProblemAnswer(
        type=f"urn:landbuch:problem:{what.code}", title=what.title, status=what.status, detail=error.detail,
        code=what.code, remedy=what.remedy,
    )  # fmt: skip
    headers = {"Retry-After": "1"} if what is Problem.UNAVAILABLE else None
    return Response(shape.model_dump_json(), what.status, media_type=PROBLEM_JSON, headers=headers)


Ask = Callable[[Request, asked.Asked, Answer], Awaitable[Response]]


def router(engine: sa.Engine, lag: Lag) -> APIRouter:
    """Give the routes; ``engine`` connects as the service's role."""
    routes = APIRouter(prefix=shaping.PREFIX, tags=["queries"], route_class=ProblemRoute, responses=_PROBLEMS)

    async def ask(request: Request, of: asked.Asked, answer: Answer) -> Response:
        def from_snapshot() -> tuple[Extent, answers.Shape | None]:
            with snapshot(engine) as connection:
                within = asking.extent_of(connection, of.canton, of.as_of, of.at)
                known = f'"{within.position}"' in request.headers.get("If-None-Match", "")
                return within, None if known else answer(connection, within)

        within, shape = await run_in_threadpool(from_snapshot)
        headers = {"ETag": f'"{within.position}"', "Cache-Control": "no-cache"}
        if shape is None:
            return Response(status_code=304, headers=headers)
        return Response(shape.model_dump_json(exclude_none=True), media_type="application/json", headers=headers)

    @routes.get("/books", response_model=answers.Books)
    async def books() -> Response:
        """List the books, and how far the tables are."""
        shape = await run_in_threadpool(answering.books, engine, lag)
        return Response(shape.model_dump_json(exclude_none=True), media_type="application/json")

    @routes.get("/compare", response_model=answers.Comparison)
    async def compare(of: Annotated[asked.AskedComparison, Query()]) -> Response:
        """Compare a figure in two states, per area and source, with the events that explain each difference."""
        shape = await run_in_threadpool(answering.compare, engine, of)
        headers = {"ETag": f'"{shape.first.position}-{shape.second.position}"', "Cache-Control": "no-cache"}
        return Response(shape.model_dump_json(exclude_none=True), media_type="application/json", headers=headers)

    _add_figures(routes, ask)
    _add_objects(routes, ask)
    _add_events(routes, ask)
    return routes


def _add_figures(routes: APIRouter, ask: Ask) -> None:
    @routes.get("/balances", response_model=answers.Balances)
    async def balances(request: Request, of: Annotated[asked.AskedBalances, Query()]) -> Response:
        """Give the headline figures of a phase per area and source, each with the address of its explanation."""
        return await ask(request, of, lambda connection, within: answering.balances(connection, within, of))

    @routes.get("/explain", response_model=answers.Explanation)
    async def explain(request: Request, of: Annotated[asked.AskedExplanation, Query()]) -> Response:
        """Take a figure apart: definition, accounts, and every event with what it added; they sum to the figure."""
        return await ask(request, of, lambda connection, within: answering.explain(connection, within, of))


def _add_objects(routes: APIRouter, ask: Ask) -> None:
    @routes.get("/credits", response_model=answers.Credits)
    async def credits(request: Request, of: Annotated[asked.AskedList, Query()]) -> Response:
        """List the credits with their legal state."""

        def answer(connection: sa.Connection, within: Extent) -> answers.Shape:
            found = questions.credits(connection, within, of.phase)
            listed = [shaping.credit(within, one) for one in found.values()]
            return answers.Credits.model_validate(shaping.state(within) | {"credits": listed})

        return await ask(request, of, answer)

    @routes.get("/credits/{credit}", response_model=answers.CreditAnswer)
    async def one_credit(credit: str, request: Request, of: Annotated[asked.Asked, Query()]) -> Response:
        """Give one credit, and the positions of everything that speaks of it."""

        def answer(connection: sa.Connection, within: Extent) -> answers.Shape:
            found, events = questions.story_of(connection, within, credit)
            return shaping.credit(within, answering.known(found, credit), events)

        return await ask(request, of, answer)

    @routes.get("/agreements", response_model=answers.Agreements)
    async def agreements(request: Request, of: Annotated[asked.AskedList, Query()]) -> Response:
        """List the agreements."""

        def answer(connection: sa.Connection, within: Extent) -> answers.Shape:
            found = questions.agreements(connection, within, of.phase)
            listed = [shaping.agreement(within, one) for one in found.values()]
            return answers.Agreements.model_validate(shaping.state(within) | {"agreements": listed})

        return await ask(request, of, answer)

    @routes.get("/agreements/{agreement}", response_model=answers.AgreementAnswer)
    async def one_agreement(agreement: str, request: Request, of: Annotated[asked.Asked, Query()]) -> Response:
        """Give one agreement with plan, committed, paid, milestones and payments."""
        return await ask(request, of, lambda connection, within: answering.agreement(connection, within, agreement))

    @routes.get("/partners", response_model=answers.Partners)
    async def partners(request: Request, of: Annotated[asked.Asked, Query()]) -> Response:
        """List the partners."""

        def answer(connection: sa.Connection, within: Extent) -> answers.Shape:
            listed = [shaping.partner(one) for one in questions.partners(connection, within).values()]
            return answers.Partners.model_validate(shaping.state(within) | {"partners": listed})

        return await ask(request, of, answer)


def _add_events(routes: APIRouter, ask: Ask) -> None:
    @routes.get("/events", response_model=answers.Events)
    async def events(request: Request, of: Annotated[asked.AskedEvents, Query()]) -> Response:
        """List events in the order of the book; a cursor stays good for ever."""
        return await ask(request, of, lambda connection, within: answering.events(connection, within, of))

    @routes.get("/events/{position}", response_model=answers.EventAnswer)
    async def event(position: int, request: Request, of: Annotated[asked.Asked, Query()]) -> Response:
        """Give one entry with its bytes: leaf = SHA-256(0x00, subject, newline, payload)."""

        def answer(connection: sa.Connection, within: Extent) -> answers.Shape:
            found = event_index.one(connection, within.book, position) if 1 <= position <= within.position else None
            if found is None:
                detail = f"Book {within.book} begins at 1 and ends at {within.position}."
                raise Unanswerable(Problem.BEYOND_HEAD, detail)
            return shaping.event(found, whole=True)

        return await ask(request, of, answer)
