"""The clock of a writer, and how far it is from the broker's.

Recorded times come from the writer. One whose clock is wrong would write times that no other clock confirms, so a
writer farther than five seconds from the broker's clock does not write.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

TOLERANCE = timedelta(seconds=5)
"""How far a writer's clock may be from the broker's."""

Clock = Callable[[], datetime]
"""Gives the present moment in UTC."""


def system_clock() -> datetime:
    """Give the present moment of this machine."""
    return datetime.now(UTC)


class BrokerClock:
    """Compares a clock with the broker's, by a question whose answer holds the broker's time."""

    def __init__(self, ask: Callable[[], Awaitable[datetime]], clock: Clock = system_clock) -> None:
        """``ask`` gives the broker's time; it is compared with the midpoint between question and answer."""
        self._ask = ask
        self._clock = clock
        self.ahead: timedelta | None = None
        """How far our clock is ahead of the broker's (negative: behind); ``None`` before the first comparison."""
        self._checked: float | None = None

    def due(self, every_s: float) -> bool:
        """Tell whether the last comparison is older than ``every_s``."""
        return self._checked is None or time.monotonic() - self._checked > every_s

    async def check(self) -> None:
        """Compare; raises what ``ask`` raises."""
        before = self._clock()
        began = time.monotonic()
        broker = await self._ask()
        half = timedelta(seconds=(time.monotonic() - began) / 2)
        # From `before` and a monotonic span, not from two clock readings: the clock may be set in between.
        self.ahead = before + half - broker
        self._checked = time.monotonic()

    @property
    def skew(self) -> str | None:
        """Say in a sentence that the clocks are too far apart; ``None`` when they are not."""
        if self.ahead is None or abs(self.ahead) <= TOLERANCE:
            return None
        direction = "ahead of" if self.ahead > timedelta(0) else "behind"
        return (
            f"This machine's clock is {abs(self.ahead).total_seconds():.1f} s {direction} the broker's; "
            f"{TOLERANCE.total_seconds():.0f} s are allowed."
        )
