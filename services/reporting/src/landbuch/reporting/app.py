"""The reporting service put together: it follows the books, answers questions, and shows pages."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import sqlalchemy as sa
import structlog
import uvicorn
from fastapi import FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.exceptions import HTTPException

from landbuch.reporting.api import routes
from landbuch.reporting.books import NAME, Books
from landbuch.reporting.problems import Problem, Unanswerable
from landbuch.reporting.store.engine import open_engine
from landbuch.reporting.web import pages
from landbuch.reporting.web.security import HEADERS, harden
from landbuch.sdk import logs
from landbuch.sdk.configuration import Configuration
from landbuch.sdk.progress import ProgressCollector

_NOT_READY = 503
_log = structlog.get_logger(__name__)


def build(configuration: Configuration) -> FastAPI:
    """Put the service together without starting it; raises ``ValueError`` without a database address."""
    if configuration.database_url is None:
        message = "LANDBUCH_DATABASE_URL is not set; reporting keeps its read models in PostgreSQL"
        raise ValueError(message)
    engine = open_engine(configuration.database_url)
    return application(engine, Books(configuration, engine))


def application(engine: sa.Engine, books: Books) -> FastAPI:
    """Give the HTTP application, whose lifespan starts and stops the reading of the books."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        following = asyncio.create_task(books.follow(), name="follow books")
        try:
            yield
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following
            engine.dispose()

    app = FastAPI(
        title="Landbuch reporting",
        version="1",
        description="Figures, each with its proof. Read only: this service cannot append to any book.",
        lifespan=lifespan,
        # Its pages would load scripts from strangers; the description itself is at /openapi.json.
        docs_url=None,
        redoc_url=None,
    )
    harden(app)
    _add_health(app, books)
    app.include_router(routes.router(engine, books.lag))
    pages.add(app, engine, books)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, _on_fault)
    return app


def _add_health(app: FastAPI, books: Books) -> None:
    registry = CollectorRegistry()
    registry.register(ProgressCollector(books.progresses.values))

    @app.get("/health/live", tags=["health"])
    async def live() -> dict[str, str]:
        """Say that the process answers."""
        return {"status": "live"}

    @app.get(
        "/health/ready", tags=["health"], responses={_NOT_READY: {"description": "Something is wrong; it says what"}}
    )
    async def ready(response: Response) -> dict[str, Any]:
        """Say whether every book is followed: position, lag and what is wrong."""
        body = books.readiness()
        if not body["ready"]:
            response.status_code = _NOT_READY
        return body

    @app.get("/metrics", tags=["health"], response_class=Response)
    async def metrics() -> Response:
        """Give the figures for Prometheus."""
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


async def _on_http_error(request: Request, error: Exception) -> Response:
    """What no route answers: a page for people, problem+json below /api."""
    assert isinstance(error, HTTPException)
    path = request.url.path[:200]
    what = Unanswerable(Problem.NOT_FOUND, f"{request.method} {path}: {error.detail}", f"«{path}» gibt es nicht.")
    response = routes.problem(what) if path.startswith("/api/") else pages.problem_page(what)
    response.status_code = error.status_code
    response.headers.update(error.headers or {})
    return response


async def _on_fault(request: Request, error: Exception) -> Response:
    path = request.url.path[:200]
    _log.error("http.fault", path=path, exc_info=error)
    what = Unanswerable(
        Problem.INTERNAL, f"{path} failed ({type(error).__name__}).", f"«{path}» ist nicht darstellbar."
    )
    response = routes.problem(what) if path.startswith("/api/") else pages.problem_page(what)
    response.headers.update(HEADERS)  # this answer does not pass through the middleware
    return response


def serve() -> None:
    """Serve as the environment says until told to stop by SIGTERM or SIGINT; ends the process with status 0 then."""
    # uvicorn raises a signal again when it has stopped; without this the process would seem to have been killed.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    configuration = Configuration()
    logs.configure(NAME, configuration.log_level)
    uvicorn.run(
        build(configuration),
        host=configuration.http_host,
        port=configuration.http_port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=round(configuration.drain_s) + 1,
    )
