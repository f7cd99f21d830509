"""Commands, health, metrics and the description of both over HTTP; everything that goes wrong is problem+json."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any

import orjson
import structlog
from fastapi import APIRouter, FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException

from landbuch.contracts.catalogue import commands_of
from landbuch.contracts.refusals import Code
from landbuch.contracts.vocabulary import Service
from landbuch.sdk.host.edge import Edge, HttpCommand
from landbuch.sdk.host.openapi import complete, operation
from landbuch.sdk.host.problems import LARGEST_COMMAND_BYTES, Failure, Problem
from landbuch.sdk.host.requests import demand_size, shown_id
from landbuch.sdk.worker.answers import Accepted, Answer, Failed, Rejected

PROBLEM_JSON = "application/problem+json"
_REFUSED = 409
_CREATED = 201
_OK = 200
_NOT_READY = 503

_log = structlog.get_logger(__name__)

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def application(
    service: Service,
    edge: Edge,
    lifespan: Lifespan,
    readiness: Callable[[], dict[str, Any]],
    routers: Iterable[APIRouter],
) -> FastAPI:
    """Give the HTTP application of a service; ``readiness`` gives ``{"ready": bool, ...}``."""
    app = FastAPI(
        title=f"Landbuch {service}",
        version="1",
        description=f"Commands that the {service} service answers, and what it is asked.",
        lifespan=lifespan,
        # Its pages would load scripts from strangers; the description itself is at /openapi.json.
        docs_url=None,
        redoc_url=None,
    )
    _add_commands(app, service, edge)
    _add_health(app, readiness, edge)
    for router in routers:
        app.include_router(router)
    _add_catch_all(app, edge)
    complete(app, commands_of(service))
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, _on_fault)
    return app


def respond(answer: Answer) -> Response:
    """Give the HTTP response of an answer."""
    match answer:
        case Accepted():
            return Response(
                orjson.dumps(answer.body()), _OK if answer.dry_run else _CREATED, media_type="application/json"
            )
        case Rejected(code=code):
            return _problem(answer.body(), _REFUSED, f"urn:landbuch:refusal:{code}", _words(code))
        case Failed(problem=problem):
            return _problem(answer.body(), problem.status, problem.urn, problem.words)


def _add_commands(app: FastAPI, service: Service, edge: Edge) -> None:
    for name in commands_of(service):
        app.add_api_route(
            f"/v1/{{canton}}/commands/{name}",
            _endpoint(edge, name),
            methods=["POST"],
            openapi_extra=operation(name),
            status_code=_CREATED,
            response_class=Response,
        )


def _add_catch_all(app: FastAPI, edge: Edge) -> None:
    @app.post("/v1/{canton}/commands/{command}", include_in_schema=False)
    async def unknown(request: Request, canton: str, command: str) -> Response:
        return await _answer(edge, canton, command, request)


def _endpoint(edge: Edge, name: str) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        return await _answer(edge, request.path_params["canton"], name, request)

    return endpoint


async def _answer(edge: Edge, canton: str, name: str, request: Request) -> Response:
    commandid = request.headers.get("idempotency-key")
    try:
        payload = await _payload(request)
    except Failure as failure:
        return respond(Failed(shown_id(commandid), failure.problem, failure.detail))
    command = HttpCommand(canton, name, commandid, _token(request), payload)
    return respond(await edge.http(command))


async def _payload(request: Request) -> bytes:
    """Read a body, but never more of it than a command may have."""
    payload = bytearray()
    stream: AsyncIterator[bytes] = request.stream()
    async for part in stream:
        payload += part
        if len(payload) > LARGEST_COMMAND_BYTES:
            declared = request.headers.get("content-length", "")
            demand_size(max(int(declared) if declared.isdecimal() else 0, len(payload)))
    return bytes(payload)


def _token(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _add_health(app: FastAPI, readiness: Callable[[], dict[str, Any]], edge: Edge) -> None:
    @app.get("/health/live", tags=["health"])
    async def live() -> dict[str, str]:
        """Say that the process answers."""
        return {"status": "live"}

    @app.get(
        "/health/ready", tags=["health"], responses={_NOT_READY: {"description": "Something is wrong; it says what"}}
    )
    async def ready(response: Response) -> dict[str, Any]:
        """Say whether commands are decided: each book with position, lag and what is wrong."""
        body = readiness()
        if not body["ready"]:
            response.status_code = _NOT_READY
        return body

    @app.get("/metrics", tags=["health"], response_class=Response)
    async def metrics() -> Response:
        """Give the figures for Prometheus."""
        return Response(generate_latest(edge.metrics.registry), media_type=CONTENT_TYPE_LATEST)


async def _on_http_error(request: Request, error: Exception) -> Response:
    """What no route answers, after RFC 9457."""
    assert isinstance(error, HTTPException)
    detail = f"{request.method} {request.url.path[:200]}: {error.detail}. /openapi.json lists what there is."
    body = {"outcome": "failed", "code": "http", "detail": detail, "remedy": "Correct the path or the method."}
    response = _problem(body, error.status_code, "about:blank", str(error.detail))
    response.headers.update(error.headers or {})
    return response


async def _on_fault(request: Request, error: Exception) -> Response:
    _log.error("http.fault", path=request.url.path[:200], exc_info=error)
    return respond(Failed(None, Problem.INTERNAL, f"The service failed because of a fault ({type(error).__name__})."))


def _problem(body: dict[str, Any], status: int, type_: str, title: str) -> Response:
    shown = {"type": type_, "title": title, "status": status, **body}
    headers = {}
    if status == Problem.UNAUTHENTICATED.status:
        headers["WWW-Authenticate"] = 'Bearer realm="landbuch"'
    if status == Problem.BUSY.status:
        headers["Retry-After"] = "1"
    return Response(orjson.dumps(shown), status, headers, media_type=PROBLEM_JSON)


def _words(code: Code) -> str:
    return str(code).replace("_", " ").capitalize()
