"""Parity: canton and communes put in at least as much of their own as the Confederation gives to be matched.

AIG art. 58 para. 3 with the programme agreements: own money is at least the matched federal money, not equal to it.
Flat rates (art. 58 para. 2) need no match.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from landbuch.contracts.figures import AreaSource, Figures

Measure = Literal["decided", "in_force", "approved", "committed", "disbursed"]
OWN = frozenset({"canton", "communes"})
"""The sources that are own money."""
DEFINITION = "own money (canton, communes) is at least the federal money that must be matched"


@dataclass(frozen=True, slots=True)
class Parity:
    """Own and matched money in Rappen, by one headline figure."""

    own: int
    matched: int

    @property
    def missing(self) -> int:
        """How much own money is missing, in Rappen; 0 when parity holds."""
        return max(self.matched - self.own, 0)

    @property
    def holds(self) -> bool:
        """Tell whether there is parity."""
        return self.own >= self.matched


def parity(figures: Mapping[AreaSource, Figures], matching: Collection[str], measure: Measure) -> Parity:
    """Compare own with matched money; ``matching`` are the sources that the programme says must be matched."""
    own, matched = 0, 0
    for (_, source), figure in figures.items():
        amount: int = getattr(figure, measure)
        own += amount if source in OWN else 0
        matched += amount if source in matching else 0
    return Parity(own, matched)
