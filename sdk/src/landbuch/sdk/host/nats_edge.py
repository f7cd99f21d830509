"""Commands and queries over NATS: each request is answered, also the one that nobody can read."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import nats
import orjson
import structlog
from faststream.nats import NatsBroker, NatsMessage
from faststream.security import SASLPlaintext
from nats.aio.client import Client
from nats.aio.subscription import Subscription

from landbuch.contracts.vocabulary import CANTONS, Service
from landbuch.sdk.configuration import Configuration
from landbuch.sdk.errors import FailedError
from landbuch.sdk.host.edge import Edge
from landbuch.sdk.host.problems import Failure, Problem
from landbuch.sdk.host.requests import BATCH
from landbuch.sdk.worker.answers import Failed

Query = Callable[[str], Awaitable[dict[str, Any]]]
"""Answers a question about a canton's book with a JSON object; raises ``FailedError`` and ``Failure``."""

T = TypeVar("T")

HANDLERS = 16_384
"""Requests in hand at once: more than the queue of a book holds, so that a full queue is answered at once."""
_TOKENS = len(("command", "service", "canton", "name"))

_log = structlog.get_logger(__name__)


class NatsEdge:
    """The subscriptions of one service, in a queue group of its name."""

    def __init__(
        self, service: Service, configuration: Configuration, edge: Edge, queries: Mapping[str, Query]
    ) -> None:
        """Prepare, without connecting."""
        self._service = service
        self._configuration = configuration
        self._edge = edge
        self._queries = queries
        self._in_hand = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = asyncio.Event()
        self.broker = self._broker()

    def _broker(self) -> NatsBroker:
        service, configuration = self._service, self._configuration

        async def on_close() -> None:
            self._closed.set()

        broker = NatsBroker(
            configuration.servers(),
            **connection_options(service, configuration, "commands"),
            closed_cb=on_close,
            security=_security(service, configuration),
            decoder=_as_it_came,
            apply_types=False,
            graceful_timeout=configuration.drain_s,
            logger=logging.getLogger("faststream"),
            log_level=logging.DEBUG,
        )
        handlers = {"command": self._on_command} | ({"query": self._on_query} if self._queries else {})
        for kind, handler in handlers.items():
            broker.subscriber(f"{kind}.{service}.>", queue=service, max_workers=HANDLERS)(handler)
        return broker

    @property
    def trouble(self) -> str | None:
        """Why no commands come in over NATS; ``None`` when they do."""
        connection = self.broker._connection  # noqa: SLF001  # FastStream does not show it otherwise
        if connection is None or not connection.is_connected:
            return "NATS is not connected: no commands come in that way."
        return None

    async def run(self) -> None:
        """Connect, however long it takes, subscribe, and begin anew should the server close the connection for good."""
        while True:
            await _until_connected(self.broker.start, "commands")
            await self._closed.wait()
            _log.critical("nats.closed", purpose="commands")
            self._closed.clear()
            self.broker = self._broker()

    async def stop(self, drain_s: float) -> None:
        """Take no more requests, answer those that are in hand, disconnect."""
        for subscriber in self.broker.subscribers:
            subscription = getattr(subscriber, "subscription", None)
            if isinstance(subscription, Subscription):
                # FastStream drops what was delivered and not begun when it stops: nothing may be left by then.
                await _quietly(subscription.drain())  # type: ignore[no-untyped-call]  # nats-py leaves it untyped
                subscriber.subscription = None  # type: ignore[attr-defined]  # it is ended already
        await asyncio.sleep(0)
        await _quietly(asyncio.wait_for(self._idle.wait(), drain_s), drain_s + 1)
        await _quietly(self.broker.stop())

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self._in_hand += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._in_hand -= 1
            if not self._in_hand:
                self._idle.set()

    async def _on_command(self, message: NatsMessage) -> bytes:
        with self._counted():
            parts = message.raw_message.subject.split(".")
            if len(parts) != _TOKENS:
                detail = f"A command goes to command.{self._service}.<CANTON>.<Command>."
                return orjson.dumps(Failed(None, Problem.UNKNOWN_COMMAND, detail).body())
            canton, name = parts[2:]
            if name == BATCH:
                return orjson.dumps(await self._edge.batch(canton, message.body))
            return orjson.dumps((await self._edge.message(canton, name, message.body)).body())

    async def _on_query(self, message: NatsMessage) -> bytes:
        with self._counted():
            return orjson.dumps(await self._query_body(message.raw_message.subject))

    async def _query_body(self, subject: str) -> dict[str, Any]:
        try:
            return await self._answer_query(subject)
        except Failure as failure:
            return Failed(None, failure.problem, failure.detail).body()
        except FailedError as error:
            return Failed(None, Problem.UNAVAILABLE, str(error)).body()
        except Exception as error:  # noqa: BLE001  # a fault of ours; the asker must hear of it
            _log.exception("query.fault")
            detail = f"The service failed because of a fault ({type(error).__name__})."
            return Failed(None, Problem.INTERNAL, detail).body()

    async def _answer_query(self, subject: str) -> dict[str, Any]:
        parts = subject.split(".")
        query = self._queries.get(parts[-1])
        if len(parts) != _TOKENS or query is None:
            known = ", ".join(sorted(self._queries))
            raise Failure(Problem.UNKNOWN_COMMAND, f"{self._service} answers these queries about a canton: {known}.")
        if parts[2] not in CANTONS:
            raise Failure(Problem.UNKNOWN_CANTON, f"{parts[2]!r} is not the code of a Swiss canton.")
        return await query(parts[2])


async def connect(service: str, configuration: Configuration) -> Client:
    """Connect to NATS for reading and writing books, however long it takes."""

    async def attempt() -> Client:
        return await nats.connect(
            configuration.servers(),
            user=configuration.user_of(service),
            password=configuration.nats_password,
            **connection_options(service, configuration, "books"),
        )

    return await _until_connected(attempt, "books")


def connection_options(service: str, configuration: Configuration, purpose: str) -> dict[str, Any]:
    """What both connections of a service have in common: they never give up, and what goes wrong is logged."""

    async def on_error(error: Exception) -> None:
        _log.warning("nats.error", purpose=purpose, why=str(error) or type(error).__name__)

    async def on_disconnect() -> None:
        _log.warning("nats.disconnected", purpose=purpose)

    async def on_reconnect() -> None:
        _log.info("nats.reconnected", purpose=purpose)

    user = configuration.user_of(service)
    options: dict[str, Any] = {
        "name": f"landbuch {service} {purpose}",
        "error_cb": on_error,
        "disconnected_cb": on_disconnect,
        "reconnected_cb": on_reconnect,
        "connect_timeout": 2,
        "reconnect_time_wait": 0.2,
        "max_reconnect_attempts": -1,
    }
    return options if user is None else {**options, "inbox_prefix": f"_INBOX_{user}".encode()}


def _security(service: Service, configuration: Configuration) -> SASLPlaintext | None:
    user = configuration.user_of(service)
    if user is None:
        return None
    return SASLPlaintext(username=user, password=configuration.nats_password or "", use_ssl=False)


async def _as_it_came(message: NatsMessage) -> NatsMessage:
    """Leave the bytes alone: they are read by our own strict parser."""
    return message


async def _until_connected(attempt: Callable[[], Awaitable[T]], purpose: str) -> T:
    while True:
        try:
            return await attempt()
        except Exception as error:  # noqa: BLE001  # refused, unreachable, no such user: the operator mends it, we wait
            _log.warning("nats.unreachable", purpose=purpose, why=str(error) or type(error).__name__)
            await asyncio.sleep(0.5)


async def _quietly(ending: Awaitable[object], timeout_s: float = 5.0) -> None:
    """End something that may be broken already; what goes wrong is logged and changes nothing."""
    try:
        await asyncio.wait_for(ending, timeout_s)
    except Exception as error:  # noqa: BLE001  # stopping goes on
        _log.warning("nats.stop", why=str(error) or type(error).__name__)
