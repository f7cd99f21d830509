"""Turns: who of a book's writers may write now, so that a busy one does not starve a quiet one.

The guard of an append is what is safe; turns only make it fast and fair. A turn is a lease on a board that can compare
and set (a NATS key-value bucket). Who wants to write and finds the lease free takes it; otherwise it joins the waiting
list, first come first served. The holder keeps the lease while it has work and nobody waits, passes it on after about
a quarter of a second of work when somebody does, and lays it down when it has nothing to do. A holder that shows no
sign of life for two seconds is passed over. Where the board cannot be reached, writing goes on without turns.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import structlog

from landbuch.sdk.errors import FailedError

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """The times of taking turns, in seconds."""

    work_s: float = 0.25
    """How long a holder goes on while somebody waits."""
    dead_s: float = 2.0
    """After how long without a sign of life a holder is passed over."""
    beat_s: float = 0.5
    """How often a holder gives a sign of life."""
    look_s: float = 0.25
    """How often a busy holder asks whether somebody waits, should it not have been told."""
    poll_s: float = 0.25
    """How often somebody who waits asks whose turn it is, should it not have been told."""
    limit_s: float = 5.0
    """After how long of waiting a writer goes on without a turn: fairness never blocks writing for ever."""
    without_s: float = 5.0
    """How long a writer goes on without turns before it tries the board again."""


@dataclass(frozen=True, slots=True)
class Lease:
    """What stands on the board: the number of the turn, who has it, who had it last, and who waits."""

    turn: int = 0
    holder: str | None = None
    last: str | None = None
    beat: int = 0
    waiting: tuple[str, ...] = ()

    def taken(self, writer: str) -> Lease:
        """Give the lease to a writer."""
        waiting = tuple(other for other in self.waiting if other != writer)
        return Lease(self.turn + 1, writer, self.holder or self.last, 0, waiting)

    def passed_on(self, *, back: bool) -> Lease:
        """Give the lease to whoever waits longest, or to nobody; ``back``: the holder joins the waiting list."""
        rest = (*self.waiting[1:], self.holder) if back and self.holder else self.waiting[1:]
        if not self.waiting:
            return replace(self, holder=None, last=self.holder, beat=0)
        return Lease(self.turn + 1, self.waiting[0], self.holder, 0, rest)


class Board(Protocol):
    """Where leases stand; its operations raise ``FailedError`` when it cannot be reached."""

    async def get(self, canton: str) -> tuple[Lease, int]:
        """Give a book's lease and its revision; a new lease with revision 0 when none stands there."""

    async def put(self, canton: str, lease: Lease, revision: int) -> int | None:
        """Replace the lease of exactly this revision and give the new revision; ``None`` when it had changed."""

    async def news(self, canton: str, revision: int, timeout_s: float) -> tuple[Lease, int] | None:
        """Wait until the board tells of a later revision, and give it; ``None`` when it does not tell in time."""

    def heard(self, canton: str, revision: int) -> tuple[Lease, int] | None:
        """Give what the board has told of a later revision, if it has."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A turn that began: its number, after how long of waiting, and whether somebody handed it over.

    ``passed``: how many turns others had meanwhile, after the one during which the waiting began.
    """

    turn: int
    waited_s: float
    handed: bool
    passed: int


class Turn:
    """One writer's turns in one book."""

    def __init__(
        self,
        board: Board,
        canton: str,
        writer: str,
        *,
        pace: Pace = Pace(),
        on_taken: Callable[[Taken], None] = lambda _: None,
    ) -> None:
        """``writer`` is unique among all writers of all services; ``on_taken`` hears of each turn."""
        self.pace = pace
        self._board = board
        self._canton = canton
        self._writer = writer
        self._on_taken = on_taken
        self._known: tuple[Lease, int] | None = None
        self._held = False
        self._listed = False
        self._joined = 0
        """The turn during which we joined the waiting list."""
        self._began = self._looked = 0.0
        self._without_until = 0.0
        self._beating: asyncio.Task[None] | None = None
        self._one_at_a_time = asyncio.Lock()

    @property
    def held(self) -> bool:
        """Whether the lease is ours, as far as we know."""
        return self._held

    @property
    def engaged(self) -> bool:
        """Whether the lease is ours or we stand in the waiting list: then it must be laid down when work is done."""
        return self._held or self._listed

    async def take(self) -> bool:
        """Make sure that it is our turn; tell whether somebody else may have written since our last one.

        Never raises because of the board, and never waits much longer than ``pace.limit_s``: then it is as if it were
        our turn, and only the guard decides.
        """
        if self._held:
            return False
        began = time.monotonic()
        if began < self._without_until:
            return True
        try:
            async with asyncio.timeout(self.pace.limit_s):
                fresh, handed = await self._queue_up()
        except (FailedError, TimeoutError) as error:
            self._go_without(error)
            return True
        self._held, self._listed = True, False
        self._began = self._looked = time.monotonic()
        if self._beating is not None:
            self._beating.cancel()
        self._beating = asyncio.create_task(self._beat(), name=f"turn {self._canton}")
        assert self._known is not None
        number = self._known[0].turn
        self._on_taken(Taken(number, self._began - began, handed, number - self._joined - 1 if handed else 0))
        return fresh

    async def look(self) -> None:
        """Look whether somebody waits, unless that was done a moment ago; for doing beside an append."""
        if self._held and time.monotonic() - self._looked >= self.pace.look_s:
            self._looked = time.monotonic()
            await self._while_ours(None)

    async def give(self, *, more: bool) -> None:
        """Pass the turn on if somebody waits and it is time: we have no ``more`` work, or have worked long enough."""
        if self._held and self._known is None:  # a sign of life is being given at this moment
            await self._while_ours(None)
        self._listen()
        if not self._held or self._known is None or not self._known[0].waiting:
            return
        if not more or time.monotonic() - self._began >= self.pace.work_s:
            await self._end(back=more)

    async def lay_down(self) -> None:
        """End our turn, whether somebody waits or not; where we wait ourselves, leave the waiting list.

        A writer that is handed the lease and does not want it any more would hold up the others for a while.
        """
        if self._held:
            await self._end(back=False)
        elif self._listed:
            await self._leave_the_list()

    async def _queue_up(self) -> tuple[bool, bool]:
        """Wait in the list until the lease is ours, or its holder shows no sign of life.

        Tells whether others may have written since our last turn, and whether the lease was handed to us.
        """
        watched: tuple[int, int] | None = None
        since = 0.0
        while True:
            lease, revision = self._known = self._known or await self._board.get(self._canton)
            if lease.holder == self._writer:
                return True, True
            now = time.monotonic()
            if watched != (lease.turn, lease.beat):
                watched, since = (lease.turn, lease.beat), now
            if lease.holder is None or now - since > self.pace.dead_s:
                if lease.holder is not None:
                    _log.warning("turn.passed_over", canton=self._canton, holder=lease.holder)
                if await self._set(lease.taken(self._writer), revision):
                    return lease.holder is not None or lease.last != self._writer, False
            elif self._writer not in lease.waiting:
                self._listed, self._joined = True, lease.turn
                await self._set(replace(lease, waiting=(*lease.waiting, self._writer)), revision)
            else:
                self._known = await self._board.news(self._canton, revision, self.pace.poll_s)

    def _listen(self) -> None:
        """Take over what the board has told."""
        if self._known is not None and self._held:
            self._known = self._board.heard(self._canton, self._known[1]) or self._known

    async def _beat(self) -> None:
        while self._held:
            await asyncio.sleep(self.pace.beat_s)
            await self._while_ours(lambda lease: replace(lease, beat=lease.beat + 1))

    async def _end(self, *, back: bool) -> None:
        await self._while_ours(lambda lease: lease.passed_on(back=back))
        self._held = False
        self._listed = back and self._known is not None
        if self._listed and self._known is not None:
            self._joined = self._known[0].turn
        if self._beating is not None:
            self._beating.cancel()
            self._beating = None

    async def _leave_the_list(self) -> None:
        self._listed = False
        self._known = None
        try:
            while True:
                lease, revision = self._known = self._known or await self._board.get(self._canton)
                if lease.holder == self._writer:
                    left = lease.passed_on(back=False)
                elif self._writer in lease.waiting:
                    left = replace(lease, waiting=tuple(one for one in lease.waiting if one != self._writer))
                else:
                    return
                if await self._set(left, revision):
                    return
        except FailedError as error:
            self._go_without(error)

    async def _while_ours(self, change: Callable[[Lease], Lease] | None) -> None:
        """Change the lease on the board as long as it is ours; without a change only look at it."""
        async with self._one_at_a_time:
            if change is None:
                self._known = None
            try:
                while self._held:
                    lease, revision = self._known = self._known or await self._board.get(self._canton)
                    if lease.holder != self._writer:
                        _log.info("turn.lost", canton=self._canton, holder=lease.holder)
                        self._held = False
                    elif change is None or await self._set(change(lease), revision):
                        return
            except FailedError as error:
                self._go_without(error)

    async def _set(self, lease: Lease, revision: int) -> bool:
        """Put a lease on the board; where it had changed meanwhile, forget what we knew."""
        self._known = None
        new = await self._board.put(self._canton, lease, revision)
        if new is None:
            return False
        self._known = lease, new
        return True

    def _go_without(self, error: Exception) -> None:
        """Go on without turns for a while; the guard keeps it safe."""
        self._held = False
        self._known = None
        self._without_until = time.monotonic() + self.pace.without_s
        why = str(error) or "nobody passed the turn on in time"
        _log.warning("turn.without", canton=self._canton, why=why, for_s=self.pace.without_s)
