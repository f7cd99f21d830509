"""A programme as its opening tells it: name, time, areas and sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from landbuch.contracts.figures import NO_AREA


@dataclass(frozen=True, slots=True)
class Area:
    """A funding area: code, number and German name; ``former`` are the areas that went into it."""

    code: str
    number: int
    name: str
    former: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Programme:
    """A canton's programme in one phase."""

    phase: str
    position: int
    label: str
    start: str
    end: str
    tail_end: str | None
    office: str | None
    areas: tuple[Area, ...]
    sources: tuple[str, ...]

    def area(self, code: str) -> Area | None:
        """Find an area by its code."""
        return next((area for area in self.areas if area.code == code), None)

    def area_codes(self) -> tuple[str, ...]:
        """Give the codes in the order of the areas' numbers; last what has no area."""
        return (*(area.code for area in self.areas), NO_AREA)


def programme_of(phase: str, position: int, data: Mapping[str, Any]) -> Programme:
    """Read the data of ``ProgrammeOpened``."""
    areas = tuple(
        Area(part["code"], part["number"], part["names"]["de"], tuple(part.get("predecessors") or ()))
        for part in data["area_set"]["areas"]
    )
    return Programme(
        phase,
        position,
        data["label"],
        data["start"],
        data["end"],
        data.get("tail_end"),
        data.get("office"),
        tuple(sorted(areas, key=lambda area: area.number)),
        tuple(part["source"] for part in data["sources"]),
    )
