"""How far a projection is: for readiness, for metrics, and for whoever asks."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

_MOST_HEADS = 10_000
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Progress:
    """How far the projection of one book is."""

    canton: str
    projection: str = ""
    position: int = 0
    """Last position whose rows are committed."""
    head: int = 0
    """Last position that the book is known to have."""
    batches: int = 0
    """Transactions so far."""
    started: bool = False
    """Whether the cursor was read: only then does ``position`` say anything."""
    waiting: str | None = None
    """What the projection waits for, while something is away."""
    failure: Exception | None = None
    """What stopped the projection for good."""
    _heads: deque[tuple[int, float]] = field(default_factory=deque)

    @property
    def lag(self) -> int:
        """How many entries are in the book but not in the tables."""
        return self.head - self.position

    @property
    def lag_s(self) -> float:
        """For how many seconds the oldest such entry has been known; 0 when there is none."""
        return time.monotonic() - self._heads[0][1] if self._heads else 0.0

    @property
    def problem(self) -> str | None:
        """Why the tables cannot be trusted to keep up with the book, in a sentence; ``None`` when they can."""
        name = f"The projection {self.projection} of book {self.canton}"
        if self.failure is not None:
            what = str(self.failure).strip().partition("\n")[0]
            return f"{name} stopped behind position {self.position}: {type(self.failure).__name__}: {what}"
        if self.waiting is not None:
            return f"{name} waits behind position {self.position}: {self.waiting}"
        return None if self.started else f"{name} has not begun yet."

    def stop(self, error: Exception) -> None:
        """Note what stopped the projection for good, and say it so loudly that somebody looks."""
        self.failure = error
        _log.critical("%s. Nothing is skipped: it goes on when this is mended.", self.problem, exc_info=error)

    def saw(self, head: int) -> None:
        """Note how long the book is."""
        if head > self.head:
            self.head = head
            if len(self._heads) < _MOST_HEADS:
                self._heads.append((head, time.monotonic()))

    def reached(self, position: int) -> None:
        """Note up to where rows are committed."""
        self.position, self.started, self.waiting = position, True, None
        self.head = max(self.head, position)
        while self._heads and self._heads[0][0] <= position:
            self._heads.popleft()
        if self.lag and not self._heads:  # the cursor was set back
            self._heads.append((self.head, time.monotonic()))


class ProgressCollector(Collector):
    """Gives the progress of projections to Prometheus; register it once with the function that lists them."""

    def __init__(self, progresses: Callable[[], Iterable[Progress]]) -> None:
        """Ask ``progresses`` at each scrape."""
        self._progresses = progresses

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Give the gauges, labelled by book and projection."""
        labels = ("book", "projection")
        gauges = {
            "position": GaugeMetricFamily("landbuch_projection_position", "Last position with rows", labels=labels),
            "head": GaugeMetricFamily("landbuch_projection_head", "Last position of the book", labels=labels),
            "lag": GaugeMetricFamily("landbuch_projection_lag_entries", "Entries without rows", labels=labels),
            "lag_s": GaugeMetricFamily("landbuch_projection_lag_seconds", "Age of the lag", labels=labels),
            "healthy": GaugeMetricFamily("landbuch_projection_healthy", "1 unless it waits or stopped", labels=labels),
        }
        for progress in self._progresses():
            key = (progress.canton, progress.projection)
            gauges["position"].add_metric(key, progress.position)
            gauges["head"].add_metric(key, progress.head)
            gauges["lag"].add_metric(key, progress.lag)
            gauges["lag_s"].add_metric(key, progress.lag_s)
            gauges["healthy"].add_metric(key, progress.problem is None)
        yield from gauges.values()
