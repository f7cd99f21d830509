"""Questions about balances and events over HTTP: read only, each answered from one snapshot of the ledger's tables."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, TypeVar

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.concurrency import run_in_threadpool

from landbuch.contracts import trial
from landbuch.contracts.canonical import parse
from landbuch.contracts.catalogue import EVENTS
from landbuch.contracts.vocabulary import CANTONS
from landbuch.ledger import answers
from landbuch.ledger.balances import balances_of, extent_of
from landbuch.ledger.problems import Problem, Unanswerable
from landbuch.ledger.store import reading
from landbuch.sdk.errors import UnavailableError

PATIENCE_S = 5.0
"""How long an answer waits for the position that ``after_position`` names."""
_LOOK_AGAIN_S = 0.01
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": answers.ProblemAnswer, "content": {"application/problem+json": {}}} for status in (404, 422, 503)
}

T = TypeVar("T", bound=answers.Shape)
Word = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=200)]
"""A parameter that PostgreSQL can look for: its text holds every character but one."""


class Asked(BaseModel):
    """Parameters of every question: unknown ones are refused, so that a misspelt one cannot give a wrong figure."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    after_position: Annotated[int | None, Field(ge=0, description="wait until this position is in the tables")] = None


class AskedNothing(BaseModel):
    """No parameters."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class AskedBalances(Asked):
    """Which figures."""

    phase: Annotated[Word | None, Field(description="programme phase such as KIP3; default: all")] = None
    area: Annotated[Word | None, Field(description="funding area; _ is what has none")] = None
    source: Word | None = None
    as_of: Annotated[Word | None, Field(description="count what was booked on this day or before, YYYY-MM-DD")] = None
    at: Annotated[Word | None, Field(description="count what was known at this position or recorded time")] = None


class AskedTrialBalance(Asked):
    """At which position."""

    at: Annotated[Word | None, Field(description="count what was known at this position or recorded time")] = None


class AskedEvents(Asked):
    """Which events."""

    after: Annotated[int, Field(ge=0, description="begin behind this position")] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    type: Annotated[Word | None, Field(description="only events of this type, such as CreditDecided")] = None


class ProblemRoute(APIRoute):
    """Answers everything that goes wrong with problem+json (RFC 9457)."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Wrap the handler."""
        handle = super().get_route_handler()

        async def handle_or_explain(request: Request) -> Response:
            try:
                return await handle(request)
            except Unanswerable as error:
                return _problem(error)
            except RequestValidationError as error:
                found = "; ".join(f"{'.'.join(map(str, part['loc'][1:]))}: {part['msg']}" for part in error.errors())
                return _problem(Unanswerable(Problem.MALFORMED, found))
            except UnavailableError as error:
                return _problem(Unanswerable(Problem.UNAVAILABLE, str(error)))

        return handle_or_explain


def router(engine: sa.Engine) -> APIRouter:
    """Give the routes below ``/v1``; ``engine`` connects as the service's role."""
    routes = APIRouter(prefix="/v1", tags=["queries"], route_class=ProblemRoute, responses=_PROBLEMS)

    @routes.get("/books", response_model=answers.BooksAnswer)
    async def books(_: Annotated[AskedNothing, Query()]) -> Response:
        """List the books that the ledger keeps, with the head of each copy."""
        return await run_in_threadpool(_books, engine)

    @routes.get("/{canton}/head", response_model=answers.HeadAnswer)
    async def head(canton: str, request: Request, asked: Annotated[Asked, Query()]) -> Response:
        """Give the head of the ledger's copy of a book."""
        return await _answer(engine, canton, request, asked, _head)

    @routes.get("/{canton}/balances", response_model=answers.BalancesAnswer)
    async def balances(canton: str, request: Request, asked: Annotated[AskedBalances, Query()]) -> Response:
        """Give the headline figures per phase, area and source."""

        def answer(connection: sa.Connection, canton: str, now: reading.Head) -> tuple[int, answers.BalancesAnswer]:
            given = balances_of(
                connection, canton, now, phase=asked.phase, area=asked.area, source=asked.source, as_of=asked.as_of,
                at=asked.at,
            )  # fmt: skip
            return given.position, given

        return await _answer(engine, canton, request, asked, answer)

    @routes.get("/{canton}/trial-balance", response_model=answers.TrialBalanceAnswer)
    async def trial_balance(canton: str, request: Request, asked: Annotated[AskedTrialBalance, Query()]) -> Response:
        """Give all accounts that are not zero, in Rappen, and the root over them."""

        def answer(connection: sa.Connection, canton: str, now: reading.Head) -> tuple[int, answers.TrialBalanceAnswer]:
            return _trial_balance(connection, canton, now, asked.at)

        return await _answer(engine, canton, request, asked, answer)

    @routes.get("/{canton}/events", response_model=answers.EventsAnswer)
    async def events(canton: str, request: Request, asked: Annotated[AskedEvents, Query()]) -> Response:
        """List events in the order of the book."""

        def answer(connection: sa.Connection, canton: str, now: reading.Head) -> tuple[int, answers.EventsAnswer]:
            return now.position, _events(connection, canton, now, asked)

        return await _answer(engine, canton, request, asked, answer)

    @routes.get("/{canton}/events/{position}", response_model=answers.EntryAnswer)
    async def event(canton: str, position: int, request: Request, asked: Annotated[Asked, Query()]) -> Response:
        """Give one entry with its bytes."""

        def answer(connection: sa.Connection, canton: str, now: reading.Head) -> tuple[int, answers.EntryAnswer]:
            return position, _entry(connection, canton, now, position)

        return await _answer(engine, canton, request, asked, answer)

    return routes


Answer = Callable[[sa.Connection, str, reading.Head], tuple[int, T]]
"""Answers a question about a canton's book from a snapshot, with the position that the answer speaks of."""


async def _answer(engine: sa.Engine, canton: str, request: Request, asked: Asked, answer: Answer[T]) -> Response:
    """Wait for the position that was asked for, then answer from one snapshot; 304 when the asker has that answer."""
    if canton not in CANTONS:
        raise Unanswerable(Problem.UNKNOWN_CANTON, f"{canton!r} is not the code of a Swiss canton.")
    until = time.monotonic() + PATIENCE_S
    while True:
        done = await run_in_threadpool(_from_snapshot, engine, canton, asked.after_position or 0, answer)
        if not isinstance(done, reading.Head):
            break
        if time.monotonic() > until:
            raise Unanswerable(
                Problem.POSITION_NOT_REACHED,
                f"The tables of book {canton} stand at position {done.position}, not yet at {asked.after_position}.",
            )
        await asyncio.sleep(_LOOK_AGAIN_S)
    position, shape = done
    tag = f'"{position}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if tag in request.headers.get("If-None-Match", ""):
        return Response(status_code=304, headers=headers)
    return Response(shape.model_dump_json(exclude_none=True), media_type="application/json", headers=headers)


def _from_snapshot(engine: sa.Engine, canton: str, after: int, answer: Answer[T]) -> tuple[int, T] | reading.Head:
    """Answer, or give the head when it lies before ``after``."""
    with reading.snapshot(engine) as connection:
        now = reading.head(connection, canton)
        if now is None:
            known = ", ".join(reading.heads(connection)) or "none"
            raise Unanswerable(Problem.BOOK_MISSING, f"The ledger has no book of {canton}; it has: {known}.")
        return now if now.position < after else answer(connection, canton, now)


def _books(engine: sa.Engine) -> Response:
    with reading.snapshot(engine) as connection:
        found = reading.heads(connection)
    shape = answers.BooksAnswer(books=[_shape(canton, now) for canton, now in found.items()])
    return Response(shape.model_dump_json(exclude_none=True), media_type="application/json")


def _head(_: sa.Connection, canton: str, now: reading.Head) -> tuple[int, answers.HeadAnswer]:
    return now.position, _shape(canton, now)


def _shape(canton: str, now: reading.Head) -> answers.HeadAnswer:
    return answers.HeadAnswer(canton=canton, position=now.position, leaf=now.leaf, root=now.root, recorded_at=now.time)


def _trial_balance(
    connection: sa.Connection, canton: str, now: reading.Head, at: str | None
) -> tuple[int, answers.TrialBalanceAnswer]:
    extent = extent_of(connection, canton, now, None, at)
    found = reading.balances(connection, canton, extent)
    position = now.position if extent is None else extent.position
    leaf, recorded_at = (now.leaf, now.time) if extent is None else reading.head_at(connection, canton, position)
    rows = trial.rows(found)
    told: list[Any] = [parse(row) for row in rows]
    return position, answers.TrialBalanceAnswer(
        canton=canton, position=position, leaf=leaf, recorded_at=recorded_at, root=trial.root_of_rows(rows),
        rows=told,
    )  # fmt: skip


def _events(connection: sa.Connection, canton: str, now: reading.Head, asked: AskedEvents) -> answers.EventsAnswer:
    name = None if asked.type is None else asked.type.removeprefix("landbuch.").partition(".v")[0]
    if name is not None and not _known(connection, canton, name):
        raise Unanswerable(Problem.EVENT_TYPE_UNKNOWN, f"{asked.type!r} is neither in the catalogue nor in the book.")
    found = reading.entries(connection, canton, asked.after, asked.limit + 1, name)
    page = [answers.EventAnswer(**_told(told)) for told in found[: asked.limit]]
    following = page[-1].position if len(found) > asked.limit else None
    return answers.EventsAnswer(canton=canton, position=now.position, events=page, next=following)


def _known(connection: sa.Connection, canton: str, name: str) -> bool:
    return f"landbuch.{name}.v1" in EVENTS or reading.knows_type(connection, canton, name)


def _entry(connection: sa.Connection, canton: str, now: reading.Head, position: int) -> answers.EntryAnswer:
    if not 1 <= position <= now.position:
        raise Unanswerable(Problem.BEYOND_HEAD, f"Book {canton} begins at position 1 and ends at {now.position}.")
    (told,) = reading.entries(connection, canton, position - 1, 1)
    payload = base64.b64encode(told.copied.entry.payload).decode()
    return answers.EntryAnswer(canton=canton, payload=payload, **_told(told))


def _told(told: reading.Told) -> dict[str, Any]:
    copied = told.copied
    where = {"position": copied.position, "leaf": copied.leaf.hex(), "subject": copied.entry.subject}
    if told.void is not None:
        reason, detail = told.void
        return where | {"void": {"reason": reason, "detail": detail}}
    value: Any = parse(copied.entry.payload)
    return where | {key: value[key] for key in ("type", "phase", "bookedon", "time", "actor", "id", "data")}


def _problem(error: Unanswerable) -> Response:
    problem = error.problem
    shape = answers.ProblemAnswer(
        type=f"urn:landbuch:problem:{problem.code}", title=problem.title, status=problem.status, detail=error.detail,
        code=problem.code, remedy=problem.remedy,
    )  # fmt: skip
    headers = (
        {"Retry-After": "1"} if problem is Problem.POSITION_NOT_REACHED or problem is Problem.UNAVAILABLE else None
    )
    return Response(shape.model_dump_json(), problem.status, media_type="application/problem+json", headers=headers)
