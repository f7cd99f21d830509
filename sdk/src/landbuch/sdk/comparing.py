"""Two states of a book: which figures differ, and the events that explain each difference, of which it is the sum.

Pure: feed it the judged entries of a book in their order. An event explains a difference when one state counts it and
the other does not: the other did not know it yet (learned later), or counts to an earlier booking day (booked later).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from landbuch.contracts.envelope import AnyEvent, Unknown
from landbuch.contracts.figures import DEFINITIONS, AreaSource, Figures, total
from landbuch.contracts.judge import Verdict
from landbuch.sdk.explaining import Cited, Clocks, Horizon, cite, contributions, events_of

Why = Literal["booked_later", "learned_later", "booked_and_learned_later"]
Key = tuple[str, str, str]
"""Phase, area and source."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What one event adds to a difference, in Rappen, and why only one of the states counts it.

    ``of_second``: whether the second state counts the event; otherwise the first one does, and what it gives is taken
    away.
    """

    event: Cited
    why: Why
    of_second: bool
    amount: int


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure that the two states show differently, in Rappen; ``amount`` is the sum of its causes."""

    phase: str
    area: str
    source: str
    figure: str
    before: int
    after: int
    causes: tuple[Cause, ...]

    @property
    def amount(self) -> int:
        """After less before."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both states' figures per phase, area and source, and the differences between them.

    ``first_position`` and ``second_position``: the last positions that the states know; ``None``: all that was read.
    """

    before: Mapping[Key, Figures]
    after: Mapping[Key, Figures]
    differences: tuple[Difference, ...]
    first_position: int | None
    second_position: int | None

    def programme(self, phase: str) -> tuple[Figures, Figures]:
        """Give a programme's figures in the first and in the second state."""
        return _total(self.before, phase), _total(self.after, phase)


def _total(found: Mapping[Key, Figures], phase: str) -> Figures:
    return total({(area, source): parts for (of, area, source), parts in found.items() if of == phase})


@dataclass(frozen=True, slots=True)
class _Moved:
    """An event that only one of the states counts, with the figures that it gives one area and source."""

    event: Cited
    why: Why
    of_second: bool
    figures: Figures


class Comparing:
    """The fold: feed entries in order, then ask for the comparison."""

    def __init__(
        self,
        first: Clocks,
        second: Clocks,
        phase: str | None = None,
        area: str | None = None,
        source: str | None = None,
    ) -> None:
        """Compare two states; of one phase, area or source when they are given."""
        self._first, self._second = Horizon(first), Horizon(second)
        self._wanted = (phase, area, source)
        self._before: dict[Key, Figures] = {}
        self._after: dict[Key, Figures] = {}
        self._moved: dict[Key, list[_Moved]] = {}

    def feed(self, verdicts: Iterable[Verdict]) -> None:
        """Look at the next entries."""
        for event in events_of(verdicts):
            in_first, in_second = self._first.counts(event), self._second.counts(event)
            if not in_first and not in_second:
                continue
            given = self._given(event)
            for key, figures in given.items():
                if in_first:
                    self._before[key] = self._before.get(key, Figures()) + figures
                if in_second:
                    self._after[key] = self._after.get(key, Figures()) + figures
            if in_first != in_second and given:
                why = _why(self._first if in_second else self._second, event)
                cited = cite(event)
                for key, figures in given.items():
                    self._moved.setdefault(key, []).append(_Moved(cited, why, in_second, figures))

    def _given(self, event: AnyEvent | Unknown) -> dict[Key, Figures]:
        """What an event gives to each phase, area and source that is asked for."""
        given: dict[Key, Figures] = {}
        for _, of, figures in contributions(event):
            key = (event.phase, *of)
            if all(wanted in (None, part) for wanted, part in zip(self._wanted, key, strict=True)):
                given[key] = given.get(key, Figures()) + figures
        return given

    def comparison(self) -> Comparison:
        """End, and give the differences."""
        differences = [
            Difference(*key, figure, before, after, _causes(self._moved.get(key, []), figure))
            for key in sorted(self._before | self._after)
            for figure in DEFINITIONS
            for before, after in [(_of(self._before, key, figure), _of(self._after, key, figure))]
            if before != after
        ]
        return Comparison(self._before, self._after, tuple(differences), self._first.last, self._second.last)


def compare(
    verdicts: Iterable[Verdict],
    first: Clocks,
    second: Clocks,
    *,
    phase: str | None = None,
    area: str | None = None,
    source: str | None = None,
) -> Comparison:
    """Compare two states of a book; each difference is the sum of the events that it lists."""
    comparing = Comparing(first, second, phase, area, source)
    comparing.feed(verdicts)
    return comparing.comparison()


def _of(found: Mapping[Key, Figures], key: Key, figure: str) -> int:
    parts = found.get(key)
    return 0 if parts is None else int(getattr(parts, figure))


def _why(other: Horizon, event: AnyEvent | Unknown) -> Why:
    """Why the other state does not count an event."""
    if other.knows(event):
        return "booked_later"
    return "learned_later" if other.books(event) else "booked_and_learned_later"


def _causes(moved: Iterable[_Moved], figure: str) -> tuple[Cause, ...]:
    found = []
    for one in moved:
        amount = getattr(one.figures, figure)
        if amount:
            found.append(Cause(one.event, one.why, one.of_second, amount if one.of_second else -amount))
    return tuple(found)


def areas_and_sources(comparison: Comparison, phase: str) -> tuple[AreaSource, ...]:
    """List the areas and sources of a phase in which something differs."""
    found = ((one.area, one.source) for one in comparison.differences if one.phase == phase)
    return tuple(dict.fromkeys(found))
