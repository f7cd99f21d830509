"""From bytes to an answer, whichever way the bytes came: read, authenticate, hand to the book's worker, log, count.

Every request gets an answer: a fault of ours is answered ``internal`` and goes to the log.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import structlog

from landbuch.contracts.vocabulary import Service
from landbuch.sdk.host.books import Books
from landbuch.sdk.host.metrics import Metrics
from landbuch.sdk.host.problems import Failure, Problem
from landbuch.sdk.host.requests import (
    ask_of,
    commandid_in,
    demand_canton,
    demand_command,
    demand_commandid,
    read_batch,
    read_body,
    read_item,
    read_message,
    shown_id,
)
from landbuch.sdk.tokens import Tokens
from landbuch.sdk.worker.answers import Accepted, Answer, Failed
from landbuch.sdk.worker.terms import Ask

_log = structlog.get_logger(__name__)

_BREATH = 50
"""After so many commands of a batch others may run for a moment."""


@dataclass(frozen=True, slots=True)
class HttpCommand:
    """A command over HTTP: what stands in the path and the headers, and the body."""

    canton: str
    name: str
    commandid: str | None
    token: str | None
    payload: bytes


@dataclass(slots=True)
class Edge:
    """Takes commands of one service."""

    service: Service
    books: Books
    tokens: Tokens
    metrics: Metrics

    async def message(self, canton: str, name: str, payload: bytes) -> Answer:
        """Answer a single command that came over NATS."""

        async def read() -> Ask:
            demand_canton(canton)
            demand_command(self.service, canton, name)
            message = read_message(payload)
            return ask_of(name, canton, message.commandid, await self.tokens.actor(message.token), message)

        return await self._single(canton, name, read, lambda: _commandid(payload))

    async def http(self, command: HttpCommand) -> Answer:
        """Answer a single command that came over HTTP."""
        canton, name = command.canton, command.name

        async def read() -> Ask:
            demand_canton(canton)
            demand_command(self.service, canton, name)
            actor = await self.tokens.actor(command.token)
            body = read_body(command.payload)
            return ask_of(name, canton, demand_commandid(command.commandid), actor, body)

        return await self._single(canton, name, read, lambda: shown_id(command.commandid))

    async def batch(self, canton: str, payload: bytes) -> dict[str, Any]:
        """Answer up to 1000 commands that came in one message: ``{"outcomes": [...]}``, in order.

        What is wrong with the whole is one failed answer; what is wrong with one command fails that one alone.
        """
        began = time.monotonic()
        try:
            demand_canton(canton)
            batch = read_batch(payload)
            actor = await self.tokens.actor(batch.token)
            worker = await self.books.worker(canton)
            read: list[Ask | Failed] = []
            for index, item in enumerate(batch.commands, start=1):
                read.append(self._read_item(canton, actor, item))
                if index % _BREATH == 0:
                    await asyncio.sleep(0)
            asks = [one for one in read if isinstance(one, Ask)]
            decided = iter(await worker.submit(asks) if asks else [])
            answers = [one if isinstance(one, Failed) else next(decided) for one in read]
        except Failure as failure:
            failed = Failed(None, failure.problem, failure.detail)
            self._note(canton, "_batch", None, failed, began)
            return failed.body()
        except Exception as error:  # noqa: BLE001  # a fault of ours; the asker must hear of it
            _log.exception("edge.fault", canton=canton, command="_batch")
            return _fault(None, error).body()
        self._note_all(canton, read, answers, began)
        return {"outcomes": [answer.body() for answer in answers]}

    def _read_item(self, canton: str, actor: str, item: object) -> Ask | Failed:
        try:
            return read_item(self.service, canton, actor, item)
        except Failure as failure:
            return Failed(commandid_in(item), failure.problem, failure.detail)

    async def _single(
        self,
        canton: str,
        name: str,
        read: Callable[[], Awaitable[Ask]],
        commandid: Callable[[], str | None],
    ) -> Answer:
        began = time.monotonic()
        ask: Ask | None = None
        answer: Answer
        try:
            ask = await read()
            worker = await self.books.worker(canton)
            (answer,) = await worker.submit([ask])
        except Failure as failure:
            answer = Failed(ask.command.commandid if ask else commandid(), failure.problem, failure.detail)
        except Exception as error:  # noqa: BLE001  # a fault of ours; the asker must hear of it
            _log.exception("edge.fault", canton=canton[:2], commandid=ask.command.commandid if ask else None)
            answer = _fault(ask.command.commandid if ask else commandid(), error)
        self._note(canton, name, ask, answer, began)
        return answer

    def _note_all(self, canton: str, read: Sequence[Ask | Failed], answers: Sequence[Answer], began: float) -> None:
        for one, answer in zip(read, answers, strict=True):
            ask = one if isinstance(one, Ask) else None
            self._note(canton, ask.command.name if ask else "unknown", ask, answer, began)

    def _note(self, canton: str, name: str, ask: Ask | None, answer: Answer, began: float) -> None:
        """Log and count an answer: ids, position and duration; neither payload nor token nor what the detail quotes."""
        took_s = time.monotonic() - began
        self.metrics.answered(canton, name, answer)
        self.metrics.took(took_s)
        position = answer.position if isinstance(answer, Accepted) else None
        _log.info(
            "command",
            canton=canton[:8],
            command=name[:80],
            commandid=answer.commandid,
            correlationid=ask.command.correlationid if ask else None,
            outcome=answer.outcome,
            code=None if isinstance(answer, Accepted) else str(answer.code),
            position=position,
            dry_run=ask.dry_run if ask else False,
            ms=round(took_s * 1000, 2),
        )


def _commandid(payload: bytes) -> str | None:
    """Find the command id in a message that could not be taken."""
    try:
        return commandid_in(orjson.loads(payload))
    except ValueError:
        return None


def _fault(commandid: str | None, error: Exception) -> Failed:
    return Failed(commandid, Problem.INTERNAL, f"The service failed because of a fault ({type(error).__name__}).")
