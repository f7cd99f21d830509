"""What a service tells Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from landbuch.contracts.catalogue import ORDERS
from landbuch.contracts.vocabulary import CANTONS
from landbuch.sdk.turns import Taken
from landbuch.sdk.worker.answers import Accepted, Answer
from landbuch.sdk.worker.worker import Worker

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)


class Metrics:
    """The figures of one service process."""

    def __init__(self, workers: Callable[[], Mapping[str, Worker]]) -> None:
        """``workers`` gives the workers by canton at each scrape."""
        self.registry = CollectorRegistry()
        self._commands = Counter(
            "landbuch_commands", "Answered commands", ("canton", "command", "outcome", "code"), registry=self.registry
        )
        self._seconds = Histogram(
            "landbuch_command_seconds", "From reading a message to its answer", buckets=_SECONDS, registry=self.registry
        )
        self._waits = Histogram(
            "landbuch_turn_wait_seconds", "Waiting for a turn", ("canton",), buckets=_SECONDS, registry=self.registry
        )
        self.registry.register(_Workers(workers))

    def answered(self, canton: str, command: str, answer: Answer) -> None:
        """Count an answer. What strangers make up does not become a label."""
        labels = (
            canton if canton in CANTONS else "unknown",
            command if command in ORDERS else "unknown",
            answer.outcome,
            "" if isinstance(answer, Accepted) else str(answer.code),
        )
        self._commands.labels(*labels).inc()

    def took(self, seconds: float) -> None:
        """Note how long a message took."""
        self._seconds.observe(seconds)

    def turn(self, canton: str, taken: Taken) -> None:
        """Note how long a worker waited for its turn."""
        self._waits.labels(canton).observe(taken.waited_s)


class _Workers(Collector):
    """How the workers stand, asked at each scrape."""

    def __init__(self, workers: Callable[[], Mapping[str, Worker]]) -> None:
        self._workers = workers

    def collect(self) -> Iterator[Metric]:
        gauges = {
            "position": GaugeMetricFamily("landbuch_book_position", "Last known position", labels=("canton",)),
            "lag": GaugeMetricFamily("landbuch_book_lag", "Positions not read yet", labels=("canton",)),
            "waiting": GaugeMetricFamily("landbuch_commands_waiting", "Commands that wait", labels=("canton",)),
            "ready": GaugeMetricFamily("landbuch_book_ready", "1 when commands are decided", labels=("canton",)),
        }
        counters = {
            "groups": CounterMetricFamily("landbuch_groups", "Appends that succeeded", labels=("canton",)),
            "events": CounterMetricFamily("landbuch_events", "Events appended", labels=("canton",)),
            "conflicts": CounterMetricFamily("landbuch_conflicts", "Appends that lost", labels=("canton",)),
            "unknown_outcomes": CounterMetricFamily(
                "landbuch_unknown_outcomes", "Appends whose answer was lost", labels=("canton",)
            ),
        }
        for canton, worker in self._workers().items():
            status = worker.status()
            for name, gauge in gauges.items():
                gauge.add_metric((canton,), float(getattr(status, name)))
            for name, counter in counters.items():
                counter.add_metric((canton,), float(getattr(worker.counts, name)))
        yield from gauges.values()
        yield from counters.values()
