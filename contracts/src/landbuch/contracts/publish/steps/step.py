"""What one command of the example book is made of, and who lives in it. Everything is invented, and says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from landbuch.contracts.warn import Warn

CANTON, PHASE = "AI", "EX1"
ADMINISTRATORS = ("p-01aa", "p-02bb")
CLERK, FINANCE, DRAFTER, SIGNER, LEAVER = ("p-03cc",), ("p-04dd",), ("p-05ee",), ("p-06ff",), "p-07aa"
MANAGERS = (*DRAFTER, *SIGNER)
APPROVERS, TREASURERS = ("p-10aa", "p-11bb"), ("p-12cc", "p-13dd")
AUDITOR, SECOND, CLOCK = ("p-14ee",), "p-15ff", ("s-clock",)
INVENTED = [{"kind": "illustration", "title": "Invented for the example book"}]
DOCUMENT = "3c9683017f9e4bf33d0fbedd26bf143fd72de9b9dd145441b75f0604047ea28e"


@dataclass(frozen=True, slots=True)
class Also:
    """A record that follows in the same append, perhaps in another phase."""

    event: str
    data: Mapping[str, Any]
    phase: str = PHASE


@dataclass(frozen=True, slots=True)
class Step:
    """One command: who (two persons where two must agree; the first alone only proposes), what, where.

    ``derived`` is what the service's rule adds to the terms, ``warnings`` what it finds remarkable, ``then`` what it
    writes besides.
    """

    by: tuple[str, ...]
    command: str
    data: Mapping[str, Any]
    phase: str = PHASE
    derived: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[Warn, ...] = ()
    then: tuple[Also, ...] = ()


def step(who: tuple[str, ...], order: str, /, **data: object) -> Step:
    """A step of the programme without anything derived."""
    return Step(who, order, data)


def of_book(who: tuple[str, ...], order: str, /, **data: object) -> Step:
    """A step that concerns the whole book."""
    return Step(who, order, data, "_")


def role(person: str, name: str, **more: object) -> Step:
    """Two administrators grant a role."""
    return of_book(ADMINISTRATORS, "GrantRole", person=person, role=name, **more)


def share(area: str, source: str, amount: int) -> dict[str, Any]:
    """An amount of one area and source."""
    return {"area": area, "source": source, "amount": amount}
