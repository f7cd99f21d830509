"""What a worker is given, and what it tells about itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from landbuch.contracts.command import Command
from landbuch.contracts.vocabulary import Order
from landbuch.sdk.book.api import Evidence
from landbuch.sdk.book.writing import LARGEST_BATCH
from landbuch.sdk.clock import Clock
from landbuch.sdk.host.problems import Failure


@dataclass(frozen=True, slots=True)
class Ask:
    """A command as it reaches the worker."""

    command: Command[Order]
    dry_run: bool = False
    after_position: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a worker takes on, and its times in seconds."""

    queue: int = 10_000
    """Commands that may wait; more are answered ``busy``."""
    group: int = LARGEST_BATCH
    """Most events stored at once."""
    group_s: float = 0.25
    """How long one group may be decided."""
    patience_s: float = 10.0
    """How long a command waits for its answer."""
    idle_s: float = 0.1
    """How long a worker without work keeps its turn."""
    tick_s: float = 1.0
    """How often an idle worker looks for what others have written."""
    parked_s: float = 0.05
    """The same while commands wait for a position."""
    inspect_s: float = 30.0
    """How often the stream's configuration is looked at again."""
    standing_by_s: float = 2.0
    """How often a worker that may not write looks whether it may again."""
    pause_s: float = 0.02
    """First pause after something failed; it doubles up to ``longest_pause_s`` and is jittered."""
    longest_pause_s: float = 1.0


class Turns(Protocol):
    """Whose turn it is to write; see ``landbuch.sdk.turns.Turn``."""

    @property
    def engaged(self) -> bool:
        """Whether it is our turn, or we wait for it."""

    async def take(self) -> bool:
        """Make sure that it is; tell whether others may have written since our last one."""

    async def look(self) -> None:
        """Look whether somebody waits."""

    async def give(self, *, more: bool) -> None:
        """Pass the turn on if it is time."""

    async def lay_down(self) -> None:
        """End our turn, or stop waiting for it."""


async def _nothing() -> None:
    """Nothing is to be done."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a worker gets from outside: clock, chance, evidence, and what forbids writing."""

    clock: Clock
    jitter: Callable[[], float]
    """Gives a number from 0 up to 1."""
    evidence: Callable[[], Awaitable[Evidence | None]] = _nothing
    """What an independent keeper says of the book; asked once, before writing."""
    inspect: Callable[[], Awaitable[None]] = _nothing
    """Raises ``StreamDiffersError`` when the stream is not set up as the law demands."""
    objection: Callable[[], Failure | None] = lambda: None
    """Why nothing may be written now, such as a skewed clock."""
    remember: Callable[[int, str, bytes], None] = lambda *_: None
    """Hears position, leaf and root of the head from time to time."""


@dataclass(slots=True)
class Counts:
    """What a worker has done since it began."""

    groups: int = 0
    events: int = 0
    conflicts: int = 0
    unknown_outcomes: int = 0


@dataclass(frozen=True, slots=True)
class Status:
    """How a worker stands: what it knows, how far behind it is, what is wrong."""

    ready: bool
    position: int
    lag: int
    """Positions that the book is known to have and that were not read yet."""
    waiting: int
    wrong: str | None = None
    detail: str | None = None
