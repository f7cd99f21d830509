"""The headline figures per canton, phase, area and source: one definition, shown beside each figure.

Per programme "approved" is the authority in force; per area it is what was allocated to the area.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

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


_COMMITTED = frozenset({"open", "released", "used", "recovered"})
_OF_AREA = _COMMITTED | {"available", "blocked", "lapsed"}
_SEGMENTS = {"pending": 3, "unallocated": 3, "shortfall": 2, "available": 3, "blocked": 3, "lapsed": 3} | dict.fromkeys(
    _COMMITTED, 4
)
_SINGLE = {"used": "disbursed", "recovered": "recovered", "available": "available", "blocked": "blocked"}
NO_AREA = "_"


def headline(balances: Mapping[str, int]) -> dict[AreaSource, Figures]:
    """Give the figures per (area, source) from the accounts of one phase; area ``_`` holds what has no area."""
    found: dict[AreaSource, Figures] = {}
    for account, amount in balances.items():
        layer, _, path = account.partition(":")
        if layer == "credit":
            key, figures = _of_account(path.split(":"), amount)
            if figures is not None:
                found[key] = found.get(key, Figures()) + figures
    return dict(sorted(found.items()))


def _of_account(path: list[str], amount: int) -> tuple[AreaSource, Figures | None]:
    """The figures that an account counts in; ``None`` for authority and for what only a forged event can name."""
    kind = path[0]
    if len(path) != _SEGMENTS.get(kind):
        return (NO_AREA, path[-1]), None
    if kind in _OF_AREA and path[1] != NO_AREA:
        names = {"approved", "in_force", "decided"}
        names |= {"committed"} if kind in _COMMITTED else set()
        names |= {_SINGLE[kind]} if kind in _SINGLE else set()
        names |= {"lapsed"} if kind == "lapsed" else set()
        return (path[1], path[2]), Figures(**dict.fromkeys(names, amount))
    match kind:
        case "pending":
            return (NO_AREA, path[2]), Figures(decided=amount, pending=amount)
        case "unallocated":
            return (NO_AREA, path[2]), Figures(decided=amount, in_force=amount, unallocated=amount)
        case "lapsed":
            return (NO_AREA, path[2]), Figures(decided=amount, in_force=amount, lapsed=amount)
        case "shortfall":
            return (NO_AREA, path[1]), Figures(decided=amount, in_force=amount, shortfall=amount)
        case _:
            return (NO_AREA, path[-1]), None


def total(figures: Mapping[AreaSource, Figures]) -> Figures:
    """Add up all areas and sources: the programme's figures; ``approved`` is then the authority in force."""
    summed = sum(figures.values(), Figures())
    parts = {part.name: getattr(summed, part.name) for part in fields(summed)}
    return Figures(**(parts | {"approved": summed.in_force}))
