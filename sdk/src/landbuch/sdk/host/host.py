"""One service process: its connections, books and edges, started and stopped in order."""

from __future__ import annotations

import asyncio
import secrets
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import structlog
import uvicorn
from fastapi import APIRouter, FastAPI
from nats.aio.client import Client
from prometheus_client.registry import Collector

from landbuch.sdk import logs
from landbuch.sdk.book.api import Book, Evidence
from landbuch.sdk.clock import Clock, system_clock
from landbuch.sdk.configuration import Configuration
from landbuch.sdk.deciding import Desk
from landbuch.sdk.host.books import Books
from landbuch.sdk.host.edge import Edge
from landbuch.sdk.host.http_edge import application
from landbuch.sdk.host.metrics import Metrics
from landbuch.sdk.host.nats_edge import NatsEdge, Query, connect
from landbuch.sdk.tokens import Tokens
from landbuch.sdk.turns import Taken
from landbuch.sdk.worker.terms import Status
from landbuch.sdk.worker.timekeeper import Due

_log = structlog.get_logger(__name__)

_ISSUER_RETRY_S = 5.0


async def _no_evidence(_nc: Client, _canton: str) -> Evidence | None:
    """There is nobody to ask."""
    return None


@dataclass(frozen=True, slots=True)
class Extras:
    """What a service has beside deciding commands."""

    independent: Callable[[Client, str], Awaitable[Evidence | None]] = _no_evidence
    """What the ledger's copy says of a book; ``None`` when it cannot be had."""
    companion: Callable[[Book], Awaitable[None]] | None = None
    """Runs beside each book for ever."""
    due: Due | None = None
    """What time makes true for the service's own objects; ``None`` when nothing."""
    routers: Sequence[APIRouter] = ()
    queries: Mapping[str, Query] = field(default_factory=dict)
    """What is answered on ``query.<service>.<CANTON>.<name>``, by name."""
    collectors: Sequence[Collector] = ()
    concerns: Callable[[], Mapping[str, dict[str, Any]]] = dict
    """More about each book's readiness, by canton; ``"wrong"`` in it means not ready."""
    close: Callable[[], None] = lambda: None
    """Called at the very end."""


class Host:
    """Runs a service: ``app`` is its HTTP application, whose lifespan starts and stops everything else."""

    def __init__(
        self, desk: Desk, configuration: Configuration, extras: Extras | None = None, clock: Clock = system_clock
    ) -> None:
        """Prepare a service without starting anything."""
        self.service = desk.service
        self.configuration = configuration
        self.writer = f"{desk.service}-{secrets.token_hex(4)}"
        """Names this process among all writers."""
        self._extras = extras or Extras()
        self._nc: Client | None = None
        self.tokens = Tokens(configuration.issuer_url)
        self.metrics = Metrics(lambda: self.books.workers)
        for collector in self._extras.collectors:
            self.metrics.registry.register(collector)
        self.books = Books(
            desk,
            configuration,
            self.writer,
            self._independent,
            companion=self._extras.companion,
            due=self._extras.due,
            clock=clock,
            on_turn=self._on_turn,
        )
        self.edge = Edge(desk.service, self.books, self.tokens, self.metrics)
        self._nats_edge = NatsEdge(desk.service, configuration, self.edge, self._extras.queries)
        self._tasks: list[asyncio.Task[None]] = []
        self.app = application(desk.service, self.edge, self._lifespan, self.readiness, self._extras.routers)

    def readiness(self) -> dict[str, Any]:
        """Say whether commands are decided, and what keeps them from it."""
        concerns = self._extras.concerns()
        books = {
            canton: _book(worker.status(), concerns.get(canton), self.books.untimely(canton))
            for canton, worker in self.books.workers.items()
        }
        trouble = self.books.trouble
        wrong = [text for text in (trouble and trouble.detail, self.tokens.trouble, self._nats_edge.trouble) if text]
        return {
            "service": self.service,
            "ready": not wrong and all(book["ready"] for book in books.values()),
            "wrong": wrong,
            "clock_ahead_s": None
            if self.books.broker_clock.ahead is None
            else round(self.books.broker_clock.ahead.total_seconds(), 3),
            "books": books,
        }

    async def start(self) -> None:
        """Start everything; whatever is away is waited for in the background."""
        for name, work in (
            ("issuer", self._keep_keys()),
            ("books", self._keep_books()),
            ("commands", self._nats_edge.run()),
        ):
            self._tasks.append(asyncio.create_task(work, name=name))
        _log.info("service.started", writer=self.writer)

    async def stop(self) -> None:
        """Take no more commands, answer those that are in hand, then disconnect."""
        _log.info("service.stopping")
        until = time.monotonic() + self.configuration.drain_s
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._nats_edge.stop(self.configuration.drain_s)
        await self.books.stop(max(0.0, until - time.monotonic()))
        if self._nc is not None:
            await self._nc.close()
        self._extras.close()
        _log.info("service.stopped")

    @asynccontextmanager
    async def _lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        await self.start()
        try:
            yield
        finally:
            await self.stop()

    async def _keep_books(self) -> None:
        while True:
            self._nc = await connect(self.service, self.configuration)
            await self.books.watch(self._nc)
            _log.critical("nats.closed", purpose="books")
            await self.books.stop(0.0)

    async def _keep_keys(self) -> None:
        """Fetch the issuer's keys as soon as it answers, so that readiness is true before the first command."""
        while True:
            if self.tokens.trouble is not None:
                await self.tokens.refresh()
            await asyncio.sleep(_ISSUER_RETRY_S if self.tokens.trouble is None else _ISSUER_RETRY_S / 10)

    async def _independent(self, canton: str) -> Evidence | None:
        assert self._nc is not None
        return await self._extras.independent(self._nc, canton)

    def _on_turn(self, canton: str, taken: Taken) -> None:
        self.metrics.turn(canton, taken)
        _log.debug(
            "turn.taken",
            canton=canton,
            turn=taken.turn,
            waited_ms=round(taken.waited_s * 1000, 1),
            handed=taken.handed,
            passed=taken.passed,
            writer=self.writer,
        )


def serve(host: Host) -> None:
    """Serve over HTTP and NATS until told to stop by SIGTERM or SIGINT; ends the process with status 0 then."""
    # uvicorn raises a signal again when it has stopped; without this the process would seem to have been killed.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    configuration = host.configuration
    uvicorn.run(
        host.app,
        host=configuration.http_host,
        port=configuration.http_port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=max(1, round(configuration.drain_s)),
    )


def prepare(desk: Desk) -> Configuration:
    """Read the configuration of a service process from its environment and set up its logs."""
    configuration = Configuration()
    logs.configure(desk.service, configuration.log_level)
    return configuration


def _book(status: Status, concern: dict[str, Any] | None, untimely: str | None) -> dict[str, Any]:
    body: dict[str, Any] = {
        "ready": status.ready,
        "position": status.position,
        "lag": status.lag,
        "waiting": status.waiting,
    }
    if status.wrong is not None or status.detail is not None:
        body |= {"wrong": status.wrong or "unavailable", "detail": status.detail}
    if untimely is not None:
        body["warning"] = untimely
    if concern is not None:
        body["ready"] = body["ready"] and "wrong" not in concern
        body["concern"] = concern
    return body
