"""Balances of one area set seen in the areas of a later one: a convention of presentation, n:1, that books nothing.

Each area of the later set names its predecessors; a balance in a later area is the sum of its predecessors' (I7).
"""

from __future__ import annotations

from collections.abc import Mapping

from landbuch.contracts.acts.programme import AreaSet

_AREA_SEGMENT = 2
_OF_AREA = {"available": 4, "blocked": 4, "lapsed": 4, "open": 5, "released": 5, "used": 5, "recovered": 5}
"""Segments of the accounts of the credit layer that are keyed by area."""
_SPENDING_SEGMENTS = 5
"""Segments of the accounts of the finance layer that are keyed by area: advances, expense, refunds."""


def crosswalk(later: AreaSet) -> dict[str, str]:
    """Tell into which later area each former area went."""
    return {former: area.code for area in later.areas for former in area.predecessors or ()}


def flaws(former: AreaSet, later: AreaSet) -> list[str]:
    """Say why the later set cannot stand for the former: areas left out, unknown, or in two later areas."""
    named = [name for area in later.areas for name in area.predecessors or ()]
    known = [area.code for area in former.areas]
    found = [f"{name} of {former.code} has no successor in {later.code}" for name in known if name not in named]
    found += [f"{name} has two successors in {later.code}" for name in sorted(set(named)) if named.count(name) > 1]
    return found + [f"{later.code} comes from {name}, which {former.code} lacks" for name in named if name not in known]


def seen_in(balances: Mapping[str, int], walk: Mapping[str, str]) -> dict[str, int]:
    """Give the accounts of one phase in later areas; accounts without an area stay as they are."""
    seen: dict[str, int] = {}
    for account, amount in balances.items():
        path = account.split(":")
        if _keyed_by_area(path):
            path[_AREA_SEGMENT] = walk.get(path[_AREA_SEGMENT], path[_AREA_SEGMENT])
        name = ":".join(path)
        seen[name] = seen.get(name, 0) + amount
    return {name: amount for name, amount in seen.items() if amount}


def _keyed_by_area(path: list[str]) -> bool:
    if path[0] == "credit":
        return len(path) == _OF_AREA.get(path[1])
    return path[0] == "finance" and len(path) == _SPENDING_SEGMENTS
