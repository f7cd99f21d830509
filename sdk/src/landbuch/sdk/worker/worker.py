"""The worker of one book: takes what waits, decides it on tentative state, stores it in one append, answers.

However many workers of however many services write into a book, only one append wins at each position: the guard is
what is safe. A worker that loses takes its state back, catches up and decides again.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence

import structlog

from landbuch.contracts.command import Command
from landbuch.contracts.vocabulary import Order
from landbuch.sdk.book.writing import LARGEST_BATCH
from landbuch.sdk.deciding import Desk
from landbuch.sdk.errors import (
    BookMissingError,
    ConflictError,
    CorruptError,
    FailedError,
    OutcomeUnknownError,
    PermissionDeniedError,
    StreamDiffersError,
    TooLargeError,
)
from landbuch.sdk.host.problems import Failure, Problem, problem_of
from landbuch.sdk.worker.answers import Answer, Failed
from landbuch.sdk.worker.fold import Fold, PagedBook
from landbuch.sdk.worker.group import Group, Job, decide_group, reused, waiting
from landbuch.sdk.worker.terms import Ask, Counts, Limits, Status, Surroundings, Turns

_log = structlog.get_logger(__name__)

_NOTHING_STORED = (ConflictError, TooLargeError, PermissionDeniedError, BookMissingError)


class Worker:
    """Decides and stores the commands of one service for one book; ``run`` works, ``submit`` hands in."""

    def __init__(self, book: PagedBook, desk: Desk, turn: Turns, around: Surroundings, limits: Limits) -> None:
        """Know nothing of the book yet."""
        self.book = book
        self.desk = desk
        self.turn = turn
        self.around = around
        self.limits = limits
        self.counts = Counts()
        self._fold = Fold(book)
        self._queue: deque[Job] = deque()
        self._parked: list[Job] = []
        self._work = asyncio.Event()
        self._open = False
        """Whether the book was read from its beginning."""
        self._current = False
        """Whether we stood at the leader's head the last time, and hold nothing that speaks against it."""
        self._limit = limits.group
        self._stopping = False
        self._wrong: Failure | None = None
        """What was wrong at the last attempt."""
        self._barred: Failure | None = None
        """Why every command fails until somebody does something."""
        self._doubts: dict[str, int] = {}
        """Commands that an append behind this position may have stored, or may yet store, also when nobody waits."""
        self._failures = 0
        self._inspected = 0.0

    @property
    def fold(self) -> Fold:
        """What the worker knows of the book."""
        return self._fold

    def status(self) -> Status:
        """Say how the worker stands."""
        wrong = self._barred or self._objection() or self._wrong
        detail = None if wrong is None else wrong.detail
        if wrong is None and not self._open:
            detail = "The book is being read."
        return Status(
            ready=self._open and wrong is None,
            position=self._fold.position,
            lag=max(0, self._fold.head - self._fold.position),
            waiting=self._waiting(),
            wrong=None if wrong is None else str(wrong.problem),
            detail=detail,
        )

    async def submit(self, asks: Sequence[Ask]) -> list[Answer]:
        """Hand in commands and wait for their answers, in order; always answers within about ``limits.patience_s``."""
        if self._barred is not None:
            return [_failed(ask.command, self._barred) for ask in asks]
        if self._waiting() + len(asks) > self.limits.queue:
            self._queue = deque(waiting(self._queue))
        waits = self._waiting()
        if waits + len(asks) > self.limits.queue:
            detail = f"{waits} commands for {self.book.canton} wait already; at most {self.limits.queue} may."
            return [_failed(ask.command, Failure(Problem.BUSY, detail)) for ask in asks]
        if self._stopping:
            return [_failed(ask.command, Failure(Problem.UNAVAILABLE, "The service is stopping.")) for ask in asks]
        loop = asyncio.get_running_loop()
        jobs = [
            Job(ask.command, loop.create_future(), ask.dry_run, ask.after_position, doubt=self._doubt_about(ask))
            for ask in asks
        ]
        self._queue.extend(jobs)
        self._work.set()
        await asyncio.wait([job.answer for job in jobs], timeout=self.limits.patience_s)
        for job in jobs:
            if not job.answer.done():
                self._give_up(job)
        return [job.answer.result() for job in jobs]

    async def run(self) -> None:
        """Work until stopped, or until the book turns out to be corrupt."""
        while not (self._stopping and not self._queue):
            try:
                await self._begin()
                await self._serve()
            except StreamDiffersError as error:
                await self._stand_by(error)
            except CorruptError as error:
                _log.critical("book.corrupt", canton=self.book.canton, why=str(error))
                self._bar(error)
                break
            except FailedError as error:
                await self._pause(error)
            except Exception:  # noqa: BLE001  # a fault of ours: it goes to the log, and every command gets an answer
                _log.exception("worker.fault", canton=self.book.canton)
                self._wrong = Failure(Problem.INTERNAL, "The worker failed because of a fault and begins anew.")
                await asyncio.sleep(self.limits.longest_pause_s)
        await self.turn.lay_down()

    def _doubt_about(self, ask: Ask) -> int | None:
        return None if ask.dry_run else self._doubts.get(ask.command.commandid)

    def _waiting(self) -> int:
        return len(self._queue) + len(self._parked)

    def stop(self) -> None:
        """Take no more commands; ``run`` ends when those that wait are answered."""
        self._stopping = True
        for job in self._parked:
            self._give_up(job)
        self._work.set()

    def abandon(self) -> None:
        """Answer what still waits when the time to stop is up."""
        for job in (*self._queue, *self._parked):
            self._give_up(job)

    async def _begin(self) -> None:
        """Read the book from the beginning, and demand that it holds what an independent keeper knows of it."""
        self._open = self._current = False
        self._fold = Fold(self.book)
        await self._inspect(0.0)
        await self._fold.catch_up(await self.around.evidence())
        self._barred = self._wrong = None
        self._open = True
        self._failures = 0
        self._remember()
        _log.info("book.read", canton=self.book.canton, position=self._fold.position)

    async def _serve(self) -> None:
        while not (self._stopping and not self._queue):
            await self._next()
            jobs = self._take()
            try:
                await self._inspect(self.limits.inspect_s)
                if jobs:
                    await self._round(jobs)
                else:
                    await self._fold.catch_up()
                self._failures, self._wrong = 0, None
                if self._doubts:
                    self._doubts = {known: at for known, at in self._doubts.items() if at >= self._fold.position}
                self._remember()
            except BaseException as error:
                self._fold.undo()
                self._current = False
                for job in jobs:
                    job.storing = False
                self._queue.extendleft(reversed(waiting(jobs)))
                if not isinstance(error, FailedError):
                    raise
                await self._pause(error)

    async def _inspect(self, every_s: float) -> None:
        """Look whether the stream is set up as the law demands, unless that was done a while ago."""
        if time.monotonic() - self._inspected >= every_s:
            await self.around.inspect()
            self._inspected = time.monotonic()

    async def _next(self) -> None:
        """Wait for work, lay an idle turn down, or go on after a while to look for what others have written."""
        if self._queue:
            return
        self._work.clear()
        pause_s = self.limits.parked_s if self._parked else self.limits.tick_s
        if self.turn.engaged:
            if await self._worked_within(self.limits.idle_s):
                return
            await self.turn.lay_down()
        await self._worked_within(pause_s)

    async def _worked_within(self, timeout_s: float) -> bool:
        try:
            async with asyncio.timeout(timeout_s):
                await self._work.wait()
        except TimeoutError:
            return False
        return True

    def _take(self) -> list[Job]:
        """Take what may be decided now, in order; what waits for a position is parked."""
        position = self._fold.position
        ready = [job for job in self._parked if job.after_position <= position]
        self._parked = [job for job in waiting(self._parked) if job.after_position > position]
        while self._queue and len(ready) < LARGEST_BATCH:
            job = self._queue.popleft()
            (ready if job.after_position <= position else self._parked).append(job)
        return waiting(ready)

    async def _round(self, jobs: list[Job]) -> None:
        """Decide and store one group; raises what keeps it from being stored."""
        jobs = self._object(await self._answer_known(jobs))
        if not jobs:
            return
        fresh = False
        if any(not job.dry_run for job in jobs):
            fresh = await self.turn.take()
        reached = fresh or not self._current
        if reached and await self._fold.catch_up():
            jobs = self._object(await self._answer_known(jobs))
        limits = self.limits
        group = await decide_group(
            self.desk, self._fold.state, jobs, self.around.clock, limit=self._limit, budget_s=limits.group_s
        )
        for job, bug in group.bugs:
            _log.error("rule.fault", command=job.command.name, commandid=job.command.commandid, exc_info=bug)
        if group.written:
            await self._store(group)
        elif not reached and not await self._fold.is_current():
            # Refused or tried on a state that is no longer the book's.
            self._current = False
            self._queue.extendleft(reversed(waiting(jobs)))
            return
        self._answer(group)
        self._queue.extendleft(reversed(group.left))
        self._current = True
        await self.turn.give(more=bool(self._queue))

    async def _store(self, group: Group) -> None:
        """Append the group's events behind what is stored, and let the state advance."""
        entries = group.entries
        expected = group.written[0].event.position - 1
        jobs = [job for job, _ in group.stored]
        looking = asyncio.ensure_future(self.turn.look())
        try:
            await self.book.append(entries, expected)
        except _NOTHING_STORED as error:
            if isinstance(error, ConflictError | TooLargeError):
                self.counts.conflicts += 1
                self._limit = max(1, len(entries) // 2)
                _log.info("append.conflict", canton=self.book.canton, expected=expected, events=len(entries))
            if isinstance(error, PermissionDeniedError):
                for job in jobs:  # trying again does not help: somebody must mend it
                    job.settle(_failed(job.command, Failure(Problem.UNAVAILABLE, str(error))))
            raise
        except BaseException:
            for job in jobs:
                job.doubt = self._doubts[job.command.commandid] = expected
            self.counts.unknown_outcomes += 1
            _log.warning("append.unknown", canton=self.book.canton, expected=expected, events=len(entries))
            raise
        finally:
            await looking
        self._limit = min(self.limits.group, max(self._limit, len(entries) * 2))
        self._fold.keep(group.written)
        self.counts.groups += 1
        self.counts.events += len(entries)

    def _answer(self, group: Group) -> None:
        """Answer a group whose events are stored, and whose refusals are true."""
        for job, accepted in group.stored:
            job.settle(accepted)
        unsettled: list[Job] = []
        for job, answer in group.others:
            if job.doubt is not None and self._fold.position <= job.doubt:
                # An earlier append may still store this command: nobody may be told that it was refused.
                unsettled.append(job)
            else:
                job.settle(answer)
        if unsettled:
            raise OutcomeUnknownError(f"the append behind position {self._fold.position} is not settled yet")

    async def _answer_known(self, jobs: list[Job]) -> list[Job]:
        """Answer commands whose ids the book holds; give the others."""
        known = await self._fold.first_answers({job.command.commandid for job in jobs})
        for job in jobs:
            first = known.get(job.command.commandid)
            if first is not None:
                commandhash, answer = first
                same = commandhash == job.command.hash
                job.settle(answer if same else reused(job.command, answer.events[0].position))
            elif job.doubt is not None and self._fold.position > job.doubt:
                job.doubt = None  # another append has won that place: this one will never be stored there
        return waiting(jobs)

    def _object(self, jobs: list[Job]) -> list[Job]:
        """Fail what may not be written now; give the others."""
        objection = self._objection()
        if objection is None:
            return jobs
        for job in jobs:
            job.settle(_failed(job.command, objection))
        return []

    def _objection(self) -> Failure | None:
        """Say why nothing may be written into this book now."""
        if self._fold.state.unknown_types:
            types = ", ".join(sorted(self._fold.state.unknown_types))
            detail = f"The book holds events that this version does not understand: {types}."
            return Failure(Problem.UPGRADE_NEEDED, detail)
        return self.around.objection()

    def _remember(self) -> None:
        head = self._fold.state.head
        self.around.remember(head.position, head.leaf, self._fold.frontier.root())

    def _give_up(self, job: Job) -> None:
        """Answer a command for which the time is up, as exactly as can be said."""
        job.settle(_failed(job.command, self._why(job)))

    def _why(self, job: Job) -> Failure:
        if job.storing or job.doubt is not None:
            return Failure(Problem.OUTCOME_UNKNOWN, "The broker did not say in time whether the command was stored.")
        if self._open and job.after_position > self._fold.position:
            return Failure(
                Problem.POSITION_NOT_REACHED,
                f"The book of {self.book.canton} stands at {self._fold.position}, before {job.after_position}.",
            )
        if self._stopping:
            return Failure(Problem.UNAVAILABLE, "The service is stopping.")
        if self._wrong is not None:
            return self._wrong
        if not self._open:
            return Failure(
                Problem.UNAVAILABLE,
                f"The book of {self.book.canton} is being read: position {self._fold.position} so far.",
            )
        detail = f"The command was not decided within {self.limits.patience_s:g} s; {self._waiting()} commands wait."
        return Failure(Problem.BUSY, detail)

    async def _pause(self, error: FailedError) -> None:
        """Wait a little longer each time something fails, so that several writers do not fail in step."""
        if not isinstance(error, ConflictError):
            failure = Failure(problem_of(error), str(error))
            if self._wrong is None or self._wrong.problem is not failure.problem:
                _log.warning("book.unavailable", canton=self.book.canton, why=str(error))
            self._wrong = failure
        limits = self.limits
        longest_s = min(limits.longest_pause_s, limits.pause_s * 2**self._failures)
        self._failures = min(self._failures + 1, 10)
        await asyncio.sleep(longest_s * (0.5 + self.around.jitter() / 2))

    async def _stand_by(self, error: StreamDiffersError) -> None:
        """Answer everything with what is wrong until the stream is as the law demands."""
        if self._barred is None:
            _log.critical("stream.differs", canton=self.book.canton, why=str(error))
        self._bar(error)
        await asyncio.sleep(self.limits.standing_by_s)

    def _bar(self, error: CorruptError) -> None:
        self._open = False
        self._barred = Failure(problem_of(error), str(error))
        for job in (*self._queue, *self._parked):
            # Not even a command in doubt can be settled any more; its asker must not take it for undone.
            doubtful = job.storing or job.doubt is not None
            job.settle(_failed(job.command, self._why(job) if doubtful else self._barred))
        self._queue.clear()
        self._parked.clear()


def _failed(command: Command[Order], failure: Failure) -> Failed:
    return Failed(command.commandid, failure.problem, failure.detail)
