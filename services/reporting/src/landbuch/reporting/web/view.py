"""What every page knows: the book, the state that was asked for, and how to link to others without losing the state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from landbuch.contracts.dates import zurich_day
from landbuch.reporting.domain.explained import Wanted
from landbuch.reporting.domain.programme import Programme
from landbuch.reporting.store.reading import Extent
from landbuch.reporting.web import words

_QUARTER_ENDS = ("03-31", "06-30", "09-30", "12-31")
_PRESETS = 5


@dataclass(frozen=True, slots=True)
class Freshness:
    """How far the tables are behind the book: seconds, and what keeps them from catching up. Unknown is ``None``."""

    lag: int | None = None
    lag_s: int | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class View:
    """A page's state. ``as_of`` and ``at`` stand as they were asked for."""

    path: str
    within: Extent
    programmes: Mapping[str, Programme]
    as_of: str | None
    at: str | None
    freshness: Freshness
    programme: Programme | None = None
    own: Mapping[str, str] = field(default_factory=dict)
    """The page's own parameters, such as a filter."""

    @property
    def canton(self) -> str:
        """The canton's code."""
        return self.within.book

    @property
    def canton_name(self) -> str:
        """The canton's name."""
        return words.CANTONS[self.within.book]

    @property
    def fixed(self) -> bool:
        """Whether the address shows the same for ever."""
        return self.within.fixed

    @property
    def day(self) -> str | None:
        """The day for which the page stands: the last booking day that counts, else the last recorded one."""
        if self.within.as_of is not None:
            return self.within.as_of.isoformat()
        return None if self.within.time is None else zurich_day(self.within.time)

    def clocks(self) -> dict[str, str]:
        """Give both clocks as parameters, as they were asked for."""
        given = {"as_of": self.as_of, "at": self.at}
        return {name: value for name, value in given.items() if value is not None}

    def url(self, path: str, **parameters: str | int | None) -> str:
        """Give the address of a page about the same state; ``path`` begins behind the canton."""
        chosen = {name: str(value) for name, value in parameters.items() if value is not None}
        return _address(f"/de/{self.canton}{quote(path)}", {**chosen, **self.clocks()})

    def proof(self, wanted: Wanted, phase: str | None = None) -> str:
        """Give the address of a figure's proof."""
        of_phase = phase or (self.programme.phase if self.programme is not None else "")
        return self.url(
            f"/{of_phase}/nachweis",
            figure=wanted.figure,
            area=wanted.area,
            source=wanted.source,
            object=wanted.object,
        )

    def here(self, **changed: str | None) -> str:
        """Give the address of this page in another state; ``None`` takes a parameter away."""
        parameters = {**self.own, **self.clocks(), **changed}
        return _address(self.path, {name: value for name, value in parameters.items() if value is not None})

    def presets(self) -> Iterator[tuple[str, str]]:
        """Give days at which people close their books, and the addresses: ends of years, and of the last quarter.

        They follow from the programme and the last recorded day, not from a clock, so a fixed address never changes.
        """
        if self.programme is None or self.within.time is None:
            return
        today = zurich_day(self.within.time)
        quarters = [
            f"{year}-{end}"
            for year in range(int(self.programme.start[:4]), int(self.programme.end[:4]) + 1)
            for end in _QUARTER_ENDS
        ]
        past = [day for day in quarters if day < today]
        chosen = [day for day in past if day.endswith("12-31") or day == past[-1]]
        for day in chosen[-_PRESETS:]:
            yield day, self.here(as_of=day)


def _address(path: str, parameters: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(parameters)}" if parameters else path
