"""Deciding what waits, as one group on tentative state: all its events are stored together, or none."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from landbuch.contracts.command import Command
from landbuch.contracts.dates import recorded
from landbuch.contracts.entry import Entry
from landbuch.contracts.refusals import Code, Refused
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import Order
from landbuch.sdk.book.writing import LARGEST_BATCH
from landbuch.sdk.clock import Clock
from landbuch.sdk.deciding import Desk, Written, decide
from landbuch.sdk.host.problems import Problem
from landbuch.sdk.worker.answers import Accepted, Answer, Failed, Rejected, accepted, rejected

GROUP_BYTES = 8 * 1024 * 1024
"""Most bytes stored at once."""
_BREATH = 32
"""After so many decisions others may run for a moment."""


@dataclass(eq=False, slots=True)
class Job:
    """A command that waits for its answer."""

    command: Command[Order]
    answer: asyncio.Future[Answer]
    dry_run: bool = False
    after_position: int = 0
    storing: bool = False
    """Whether its events are in a group that is being stored: from here on it may be in the book."""
    doubt: int | None = None
    """The position behind which an append whose outcome is unknown may have stored, or may yet store, its events."""

    def settle(self, answer: Answer) -> None:
        """Answer, unless the asker has given up."""
        if not self.answer.done():
            self.answer.set_result(answer)


@dataclass(slots=True)
class Group:
    """What was decided together."""

    written: list[Written] = field(default_factory=list)
    stored: list[tuple[Job, Accepted]] = field(default_factory=list)
    """Commands whose events are to be stored, with the answer that they get then."""
    others: list[tuple[Job, Answer]] = field(default_factory=list)
    """Refusals and dry runs: true as soon as the state that they were decided on is."""
    left: list[Job] = field(default_factory=list)
    """Commands that did not fit."""
    bugs: list[tuple[Job, Exception]] = field(default_factory=list)
    size: int = 0
    """Bytes of the events to be stored."""

    @property
    def entries(self) -> list[Entry]:
        """What is to be stored, in order."""
        return [written.entry for written in self.written]


async def decide_group(
    desk: Desk, state: BookState, jobs: Sequence[Job], clock: Clock, *, limit: int, budget_s: float
) -> Group:
    """Decide commands in order until ``limit`` events or ``budget_s`` are used up; the state advances tentatively.

    A command's events are never parted. A command that alone has more than ``limit`` events is decided alone.
    """
    group = Group()
    mine: dict[str, tuple[str, Accepted]] = {}
    until = time.monotonic() + budget_s
    for index, job in enumerate(jobs):
        if job.answer.done():
            continue
        if index and index % _BREATH == 0:
            await asyncio.sleep(0)
        twin = mine.get(job.command.commandid)
        if twin is not None:
            _repeat(group, job, *twin)
            continue
        if group.written and (len(group.written) >= limit or time.monotonic() > until):
            group.left = list(jobs[index:])
            break
        mark = state.mark()
        written = _decide(group, desk, state, job, clock)
        if written is None:
            continue
        stored = [(one.event, one.leaf) for one in written]
        if job.dry_run:
            state.undo(mark)
            group.others.append((job, accepted(job.command.commandid, stored, dry_run=True)))
        elif group.written and not _fits(group, written, limit):
            state.undo(mark)
            group.left = list(jobs[index:])
            break
        else:
            answer = accepted(job.command.commandid, stored)
            mine[job.command.commandid] = job.command.hash, answer
            job.storing = True
            group.written.extend(written)
            group.size += _size(written)
            group.stored.append((job, answer))
    return group


def _fits(group: Group, more: Sequence[Written], limit: int) -> bool:
    if len(group.written) + len(more) > min(limit, LARGEST_BATCH):
        return False
    return group.size + _size(more) <= GROUP_BYTES


def _size(written: Sequence[Written]) -> int:
    return sum(len(one.entry.payload) for one in written)


def reused(command: Command[Order], position: int) -> Rejected:
    """Refuse a command whose id stands in the book for something else."""
    return Rejected(
        command.commandid,
        Code.COMMAND_ID_REUSED,
        f"{command.commandid} stands at position {position} for a command with another content, phase or actor.",
    )


def _repeat(group: Group, job: Job, known: str, answer: Accepted) -> None:
    """The same id stands in this group already: the same content gets the same answer."""
    if job.command.hash == known:
        group.stored.append((job, answer))
    else:
        group.others.append((job, reused(job.command, answer.events[0].position)))


def _decide(group: Group, desk: Desk, state: BookState, job: Job, clock: Clock) -> list[Written] | None:
    """Decide one command; a bug in a rule fails this command alone."""
    try:
        return decide(desk, state, job.command, recorded(clock()))
    except Refused as refusal:
        group.others.append((job, rejected(job.command.commandid, refusal)))
    except Exception as error:  # noqa: BLE001  # any bug: the state is as before, and the command must get an answer
        group.bugs.append((job, error))
        detail = f"{job.command.name} could not be decided because of a fault ({type(error).__name__})."
        group.others.append((job, Failed(job.command.commandid, Problem.INTERNAL, detail)))
    return None


def waiting(jobs: Iterable[Job]) -> list[Job]:
    """Give those whose asker still waits."""
    return [job for job in jobs if not job.answer.done()]
