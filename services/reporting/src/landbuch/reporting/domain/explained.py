"""Any headline figure, taken apart: the accounts it is the sum of, and what each event added to it.

A figure is a sum of accounts by the one definition in ``landbuch.contracts.figures``, so each journal line has a share
in it that does not depend on any other, and the shares add up to the figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache

from landbuch.contracts.figures import AreaSource, Figures, headline

FIGURES = tuple(field.name for field in fields(Figures))
_OBJECT_AT = {"open": 4, "released": 4, "used": 4, "recovered": 4, "pending": 2, "unallocated": 2}
"""Which segment of an account of the credit layer names the agreement, or the credit."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which figure: of a programme, or of one area, source, agreement or credit in it."""

    figure: str
    area: str | None = None
    source: str | None = None
    object: str | None = None

    def counts(self, account: str) -> bool:
        """Tell whether an account is part of the figure."""
        counted: int = getattr(_unit(account)[1], defined(self))
        return counted == 1 and self.concerns(account)

    def concerns(self, account: str) -> bool:
        """Tell whether an account belongs to the area, source and object, in whatever figure it counts."""
        area, source = _unit(account)[0]
        if self.area not in (None, area) or self.source not in (None, source):
            return False
        return self.object in (None, _object_of(account))


def defined(wanted: Wanted) -> str:
    """Name the figure that defines what is wanted: of a programme "approved" is what is in force."""
    return "in_force" if wanted.figure == "approved" and wanted.area is None else wanted.figure


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one event added to a figure, and on which accounts."""

    position: int
    amount: int
    accounts: tuple[str, ...]


@cache
def _unit(account: str) -> tuple[AreaSource, Figures]:
    """The figures in which a Rappen on an account counts."""
    for key, figures in headline({account: 1}).items():
        return key, figures
    return ("", ""), Figures()


def _object_of(account: str) -> str | None:
    parts = account.split(":")
    at = _OBJECT_AT.get(parts[1]) if len(parts) > 1 else None
    return parts[at] if at is not None and at < len(parts) else None


def terms(wanted: Wanted, amounts: Mapping[str, int]) -> dict[str, int]:
    """Give the accounts that make up a figure, also those that are zero again."""
    return {account: amount for account, amount in amounts.items() if wanted.counts(account)}


def contributions(lines: Iterable[tuple[int, str, int]]) -> list[Contribution]:
    """Add up lines (position, account, amount) of a figure's accounts by event; events that cancel out fall away."""
    found: dict[int, dict[str, int]] = {}
    for position, account, amount in lines:
        accounts = found.setdefault(position, {})
        accounts[account] = accounts.get(account, 0) + amount
    return [
        Contribution(position, sum(accounts.values()), tuple(sorted(accounts)))
        for position, accounts in sorted(found.items())
        if sum(accounts.values())
    ]


def by_area_and_source(lines: Iterable[tuple[int, str, int]]) -> dict[AreaSource, list[tuple[int, str, int]]]:
    """Sort lines by the area and source that they count in."""
    found: dict[AreaSource, list[tuple[int, str, int]]] = {}
    for line in lines:
        found.setdefault(_unit(line[1])[0], []).append(line)
    return dict(sorted(found.items()))
