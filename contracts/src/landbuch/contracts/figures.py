"""The headline figures per canton, phase, area and source: one definition, shown beside each figure.

Per programme "approved" is the authority in force; per area it is what was allocated to the area.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

AreaSource = tuple[str, str]

DEFINITIONS: dict[str, str] = {
    "decided": "pending + in force",
    "pending": "decided, not yet in force",
    "in_force": "unallocated + approved of all areas + lapsed without area + shortfall",
    "unallocated": "in force, not given to an area",
    "approved": "available + blocked + committed + lapsed of the area",
    "committed": "open + released + used + recovered",
    "disbursed": "used (paid less returned)",
    "recovered": "recovered and given back to available",
    "available": "free for agreements",
    "blocked": "blocked",
    "lapsed": "no longer usable",
    "shortfall": "taken away beyond what was free",
}
"""Each figure in words."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Headline figures in Rappen. ``recovered`` and ``shortfall`` are 0 or below: credit balances."""

    decided: int = 0
    pending: int = 0
    in_force: int = 0
    unallocated: int = 0
    approved: int = 0
    committed: int = 0
    disbursed: int = 0
    recovered: int = 0
    available: int = 0
    blocked: int = 0
    lapsed: int = 0
    shortfall: int = 0

    def __add__(self, other: Figures) -> Figures:
        """Add figure by figure."""
        return Figures(*(getattr(self, part.name) + getattr(other, part.name) for part in fields(self)))


NO_AREA = "_"
_IN_FORCE = ("decided", "in_force")
_OF_AREA = (*_IN_FORCE, "approved")
COUNTED: dict[str, tuple[str, ...]] = {
    "credit:pending:<credit>:<source>": ("decided", "pending"),
    "credit:unallocated:<credit>:<source>": (*_IN_FORCE, "unallocated"),
    "credit:available:<area>:<source>": (*_OF_AREA, "available"),
    "credit:blocked:<area>:<source>": (*_OF_AREA, "blocked"),
    "credit:open:<area>:<source>:<agreement>": (*_OF_AREA, "committed"),
    "credit:released:<area>:<source>:<agreement>": (*_OF_AREA, "committed"),
    "credit:used:<area>:<source>:<agreement>": (*_OF_AREA, "committed", "disbursed"),
    "credit:recovered:<area>:<source>:<agreement>": (*_OF_AREA, "committed", "recovered"),
    "credit:lapsed:<area>:<source>": (*_OF_AREA, "lapsed"),
    "credit:lapsed:_:<source>": (*_IN_FORCE, "lapsed"),
    "credit:shortfall:<source>": (*_IN_FORCE, "shortfall"),
}
"""The accounts that count, by their shape, and the figures in which each counts with its balance."""

_AREA_AT = 2
_SHAPES = {
    (path[1], path[_AREA_AT] == "<area>"): (len(path), path.index("<source>"), names)
    for path, names in ((shape.split(":"), names) for shape, names in COUNTED.items())
}


def headline(balances: Mapping[str, int]) -> dict[AreaSource, Figures]:
    """Give the figures per (area, source) from the accounts of one phase; area ``_`` holds what has no area."""
    found: dict[AreaSource, Figures] = {}
    for account, amount in balances.items():
        counted = contribution(account, amount)
        if counted is not None:
            key, figures = counted
            found[key] = found.get(key, Figures()) + figures
    return dict(sorted(found.items()))


def contribution(account: str, amount: int) -> tuple[AreaSource, Figures] | None:
    """Give what an amount on an account adds to the figures, and of which area and source.

    ``None`` for authority, for the other layers, and for what only a forged event can name.
    """
    path = account.split(":")
    if path[0] != "credit" or len(path) <= _AREA_AT:
        return None
    area = path[_AREA_AT] if (path[1], True) in _SHAPES else NO_AREA
    length, source_at, names = _SHAPES.get((path[1], area != NO_AREA), (0, 0, ()))
    if len(path) != length:
        return None
    return (area, path[source_at]), Figures(**dict.fromkeys(names, amount))


def terms(figure: str, area: str | None = None) -> tuple[str, ...]:
    """Name the shapes of the accounts that a figure adds up; in an area, only those that an area has."""
    name = "in_force" if figure == "approved" else figure
    shapes = [shape for shape, names in COUNTED.items() if name in names]
    return tuple(shape for shape in shapes if area is None or ("<area>" in shape) == (area != NO_AREA))


def definition(figure: str, area: str | None = None) -> str:
    """Give a figure in words; what is approved of a programme is what is in force."""
    return DEFINITIONS["in_force" if figure == "approved" and area in (None, NO_AREA) else figure]


def total(figures: Mapping[AreaSource, Figures]) -> Figures:
    """Add up all areas and sources: the programme's figures; ``approved`` is then the authority in force."""
    return of_programme(sum(figures.values(), Figures()))


def of_programme(figures: Figures) -> Figures:
    """Count as approved what is in force, as a programme does; in an area both are the same."""
    return replace(figures, approved=figures.in_force)
