"""The books of a service: found on JetStream, each with a worker and whatever else runs beside it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from nats.aio.client import Client

from landbuch.sdk.book.api import Evidence
from landbuch.sdk.book.jetstream import JetStreamBook
from landbuch.sdk.book.setup import check_stream, find_books, stream_info
from landbuch.sdk.clock import BrokerClock, Clock, system_clock
from landbuch.sdk.configuration import Configuration
from landbuch.sdk.deciding import Desk
from landbuch.sdk.errors import CorruptError, FailedError
from landbuch.sdk.host.problems import Failure, Problem, problem_of
from landbuch.sdk.turn_board import NatsBoard
from landbuch.sdk.turns import Taken, Turn
from landbuch.sdk.worker.known_head import HeadFile
from landbuch.sdk.worker.terms import Limits, Surroundings
from landbuch.sdk.worker.timekeeper import Due, Timekeeper, Timekeeping, key_of
from landbuch.sdk.worker.worker import Worker

_log = structlog.get_logger(__name__)

Independent = Callable[[str], Awaitable[Evidence | None]]
"""Gives what the ledger's copy says of a canton's book; ``None`` when it cannot be had."""
Companion = Callable[[JetStreamBook], Awaitable[None]]
"""What runs beside each book for ever, such as a projector."""


@dataclass(slots=True)
class Kept:
    """One book with what runs for it."""

    book: JetStreamBook
    worker: Worker
    timekeeper: Timekeeper | None = None
    tasks: list[asyncio.Task[None]] = field(default_factory=list)


class Books:
    """Finds books every second and keeps a worker for each."""

    def __init__(
        self,
        desk: Desk,
        configuration: Configuration,
        writer: str,
        independent: Independent,
        *,
        companion: Companion | None = None,
        due: Due | None = None,
        clock: Clock = system_clock,
        on_turn: Callable[[str, Taken], None] = lambda *_: None,
    ) -> None:
        """``writer`` names this process among all writers."""
        self._desk = desk
        self._configuration = configuration
        self._writer = writer
        self._independent = independent
        self._companion = companion
        actor = configuration.actor or key_of(desk.service)
        self._timekeeping = None if due is None else Timekeeping(due, actor, configuration.clock_s)
        self._clock = clock
        self._on_turn = on_turn
        self._nc: Client | None = None
        self._kept: dict[str, Kept] = {}
        self._clock_stream = ""
        self._looked = asyncio.Condition()
        self._rounds = 0
        self.trouble: Failure | None = Failure(Problem.UNAVAILABLE, "NATS has not answered yet.")
        """Why books cannot be found; ``None`` when they can."""
        self.broker_clock = BrokerClock(self._broker_time, clock)

    @property
    def workers(self) -> Mapping[str, Worker]:
        """The workers by canton."""
        return {canton: kept.worker for canton, kept in sorted(self._kept.items())}

    def untimely(self, canton: str) -> str | None:
        """Say why what time makes true is not written into a book; ``None`` when it is."""
        kept = self._kept.get(canton)
        return None if kept is None or kept.timekeeper is None else kept.timekeeper.trouble

    async def worker(self, canton: str) -> Worker:
        """Give a book's worker, looking once more for a book that is not known yet; raises ``Failure``."""
        kept = self._kept.get(canton)
        if kept is None:
            kept = await self._look_again(canton)
        return kept.worker

    async def watch(self, nc: Client) -> None:
        """Look for books as long as the connection lives, which is for ever unless the server refuses it for good."""
        self._nc = nc
        self._board = NatsBoard(nc)
        while not nc.is_closed:
            try:
                found = await find_books(nc)
                if found:
                    await self._compare_clocks(next(iter(found.values())))
                await self._keep(nc, found)
                self.trouble = None
            except (FailedError, CorruptError) as error:
                trouble = Failure(problem_of(error), str(error))
                if self.trouble is None or self.trouble.problem is not trouble.problem:
                    _log.warning("books.trouble", why=str(error))
                self.trouble = trouble
            except Exception as error:  # noqa: BLE001  # a fault of ours must not end the search for books
                _log.exception("books.fault")
                self.trouble = Failure(Problem.INTERNAL, f"Books cannot be looked for ({type(error).__name__}).")
            async with self._looked:
                self._rounds += 1
                self._looked.notify_all()
            await asyncio.sleep(self._configuration.discover_s)

    async def stop(self, drain_s: float) -> None:
        """Let the workers answer what waits, within the time to drain; then stop everything and forget the books."""
        kept = list(self._kept.values())
        self._kept.clear()
        for one in kept:
            one.worker.stop()
        working = [one.tasks[0] for one in kept]
        if working:
            await asyncio.wait(working, timeout=drain_s)
        for one in kept:
            await self._end(one)

    async def _look_again(self, canton: str) -> Kept:
        async with self._looked:
            # The round that is under way may have asked before the book was opened: the one after it counts.
            wanted = self._rounds + 2
            try:
                async with asyncio.timeout(2 * self._configuration.discover_s + 1.0):
                    await self._looked.wait_for(lambda: canton in self._kept or self._rounds >= wanted)
            except TimeoutError:
                pass
        kept = self._kept.get(canton)
        if kept is not None:
            return kept
        if self.trouble is not None:
            raise self.trouble
        raise Failure(Problem.BOOK_MISSING, f"There is no book for {canton}.")

    async def _keep(self, nc: Client, found: Mapping[str, str]) -> None:
        """Begin with new books, and begin anew with a book that lies in another stream now."""
        for canton, stream in found.items():
            kept = self._kept.get(canton)
            if kept is not None and kept.book.stream != stream:
                _log.warning("book.moved", canton=canton, stream=stream)
                kept.worker.stop()
                await self._end(self._kept.pop(canton))
                kept = None
            if kept is None:
                _log.info("book.found", canton=canton, stream=stream)
                self._kept[canton] = self._begin(nc, canton, stream)

    def _begin(self, nc: Client, canton: str, stream: str) -> Kept:
        patience_s = self._configuration.patience_s
        # How long a loss is not believed has nothing to do with how long a client waits: the default holds.
        book = JetStreamBook(nc, canton, stream, settle_limit_s=patience_s)
        turn = Turn(self._board, canton, self._writer, on_taken=lambda taken: self._on_turn(canton, taken))
        limits = Limits(queue=self._configuration.queue, patience_s=patience_s, inspect_s=self._configuration.inspect_s)
        worker = Worker(book, self._desk, turn, self._surroundings(nc, book), limits)
        kept = Kept(book, worker)
        kept.tasks.append(asyncio.create_task(worker.run(), name=f"worker {canton}"))
        if self._companion is not None:
            kept.tasks.append(asyncio.create_task(self._accompany(book), name=f"companion {canton}"))
        if self._timekeeping is not None:
            kept.timekeeper = Timekeeper(worker, self._timekeeping, self._clock)
            kept.tasks.append(asyncio.create_task(kept.timekeeper.run(), name=f"timekeeper {canton}"))
        return kept

    def _surroundings(self, nc: Client, book: JetStreamBook) -> Surroundings:
        head_file = HeadFile(self._configuration.state_dir, book.canton)

        async def evidence() -> Evidence | None:
            """The ledger's copy or our own memory, whichever reaches farther."""
            known = [one for one in (await self._independent(book.canton), head_file.read()) if one is not None]
            return max(known, key=lambda one: one.size, default=None)

        async def inspect() -> None:
            check_stream(await stream_info(nc, book.stream), self._configuration.replicas)

        return Surroundings(
            clock=self._clock,
            jitter=random.SystemRandom().random,
            evidence=evidence,
            inspect=inspect,
            objection=self._objection,
            remember=head_file.write,
        )

    def _objection(self) -> Failure | None:
        skew = self.broker_clock.skew
        return None if skew is None else Failure(Problem.CLOCK_SKEWED, skew)

    async def _accompany(self, book: JetStreamBook) -> None:
        assert self._companion is not None
        try:
            await self._companion(book)
        except Exception:  # noqa: BLE001  # whatever stops a companion must not stop the worker; readiness shows it
            _log.exception("companion.stopped", canton=book.canton)

    async def _end(self, kept: Kept) -> None:
        for task in kept.tasks:
            task.cancel()
        await asyncio.gather(*kept.tasks, return_exceptions=True)
        kept.worker.abandon()

    async def _compare_clocks(self, stream: str) -> None:
        every_s = self._configuration.inspect_s if self.broker_clock.skew is None else self._configuration.discover_s
        if not self.broker_clock.due(every_s):
            return
        self._clock_stream = stream
        await self.broker_clock.check()
        if self.broker_clock.skew is not None:
            _log.error("clock.skewed", why=self.broker_clock.skew)

    async def _broker_time(self) -> datetime:
        assert self._nc is not None
        answer: dict[str, Any] = await stream_info(self._nc, self._clock_stream)
        return datetime.fromisoformat(answer["ts"])
