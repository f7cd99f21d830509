"""Amounts per area and source: added, subtracted, split by the largest remainder, always in bytewise order."""

from __future__ import annotations

from collections.abc import Iterable

from landbuch.contracts.money import split

Part = tuple[str, str, int]
Parts = tuple[Part, ...]
"""(area, source, Rappen), bytewise by area and source, none of them zero."""


def gathered(parts: Iterable[Part]) -> Parts:
    """Bring parts into order; parts of the same area and source become one, those of zero are left out."""
    sums: dict[tuple[str, str], int] = {}
    for area, source, amount in parts:
        sums[area, source] = sums.get((area, source), 0) + amount
    return tuple((area, source, sums[area, source]) for area, source in sorted(sums) if sums[area, source])


def total(parts: Iterable[Part]) -> int:
    """Add up."""
    return sum(amount for _, _, amount in parts)


def less(parts: Parts, taken: Parts) -> Parts:
    """Subtract part by part."""
    return gathered((*parts, *((area, source, -amount) for area, source, amount in taken)))


def split_over(amount: int, parts: Parts) -> Parts:
    """Split an amount in proportion to parts, by the largest remainder, ties bytewise.

    Up to the total of the parts, no share is larger than its part. Parts below zero, which only a book that broke a
    rule can have, get nothing; where there is nothing to split over, there are no shares.
    """
    weights = [max(weight, 0) for _, _, weight in parts]
    if not any(weights):
        return ()
    shares = split(amount, weights)
    return gathered((area, source, share) for (area, source, _), share in zip(parts, shares, strict=True))
