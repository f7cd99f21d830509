"""The stream of commands that is going on when something is killed: drawn from a seed, for both services."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from landbuch.contracts.vocabulary import NO_PHASE
from landbuch.local.history.course import PEOPLE
from tests.doors import Answer, Door, service_of

AREAS = ("IB", "SP", "FK")
"""Of KIP3, with money in the history that is told first."""
Kind = tuple[Door, int]
"""A client's door, and how many commands it sends in one message."""
MIXED: tuple[Kind, ...] = (("http", 1), ("nats", 1), ("nats", 20)) * 2
BULK: tuple[Kind, ...] = (("nats", 500),) * 4


@dataclass(slots=True)
class Errand:
    """One command, and what its client knows of it."""

    command: str
    actor: str
    phase: str
    data: dict[str, Any]
    commandid: str
    sent: int = 0
    begun_at: float = 0.0
    """When it was sent the last time, in seconds since 1970."""
    unknown: int = 0
    """How often it was sent without an answer that says what became of it."""
    answer: Answer | None = None

    @property
    def receipts(self) -> list[tuple[int, str]]:
        """Position and leaf of each event that was acknowledged."""
        if self.answer is None or not self.answer.accepted:
            return []
        return [(event["position"], event["leaf"]) for event in self.answer.body["events"]]


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes out together: one command, or a batch of one person's commands for one service."""

    service: str
    errands: tuple[Errand, ...]


@dataclass(frozen=True, slots=True)
class Round:
    """Everything that one client sends, in order, through one door."""

    name: str
    door: Door
    batched: bool
    parcels: tuple[Parcel, ...]


@dataclass(slots=True)
class _Desk:
    """Draws the commands of one client."""

    draw: random.Random
    client: int
    drafts: list[str] = field(default_factory=list)
    count: int = 0

    def parcel(self, size: int) -> Parcel:
        """Draw one person and what this person orders."""
        kind = self.draw.choices((self._of_finance, self._of_clerk, self._of_drafter, self._of_signatory), (5, 1, 2, 2))
        errands = tuple(kind[0]() for _ in range(size))
        return Parcel(service_of(errands[0].command), errands)

    def _errand(self, command: str, person: str, data: dict[str, Any], phase: str = "KIP3") -> Errand:
        commandid = str(uuid.UUID(int=self.draw.getrandbits(128), version=4))
        return Errand(command, PEOPLE[person], phase, data, commandid)

    def _of_finance(self) -> Errand:
        """Shifts, which are refused now and then for lack of money."""
        source, to = self.draw.sample(AREAS, 2)
        amount = 10**11 if self.draw.random() < 0.05 else self.draw.randint(1, 5_000)
        data = {"source": "canton", "from_area": source, "to_area": to, "amount": amount, "decided_by": "Regierungsrat"}
        return self._errand("ShiftAllocation", "finance", data)

    def _of_clerk(self) -> Errand:
        data = {"about": "programme", "topic": "durability", "statement": "x" * self.draw.randint(1, 1_500)}
        return self._errand("RecordInformation", "clerk", data, NO_PHASE)

    def _of_drafter(self) -> Errand:
        self.count += 1
        name = f"A-{self.client}-{self.count}"
        self.drafts.append(name)
        amount = self.draw.randint(1, 2_000)
        item = {"area": self.draw.choice(AREAS), "source": "canton", "year": 2025, "amount": amount}
        data = {
            "agreement": name,
            "partner": "ALD-BL",
            "form": "contract",
            "start": "2025-01-01",
            "end": "2025-12-31",
            "ceiling": amount,
            "items": [item],
        }
        return self._errand("DraftAgreement", "drafter", data)

    def _of_signatory(self) -> Errand:
        """Sign what was drafted before, else register a partner."""
        if self.drafts:
            data = {"agreement": self.drafts.pop(0), "signed_on": "2025-01-05", "signatories": [PEOPLE["drafter"]]}
            return self._errand("SignAgreement", "agreement_manager", data)
        self.count += 1
        data = {"partner": f"P-{self.client}-{self.count}", "kind": "ngo", "name": f"Verein {self.count}"}
        return self._errand("RegisterPartner", "agreement_manager", data, NO_PHASE)


def rounds(seed: int, count: int, kinds: Sequence[Kind] = MIXED) -> list[Round]:
    """Draw about ``count`` commands for these clients, as many for each."""
    found: list[Round] = []
    for client, (door, size) in enumerate(kinds):
        desk = _Desk(random.Random(f"{seed} {client}"), client)
        parcels = tuple(desk.parcel(size) for _ in range(max(1, count // len(kinds) // size)))
        found.append(Round(f"client {client} over {door}", door, size > 1, parcels))
    return found


def errands_of(sent: Sequence[Round]) -> list[Errand]:
    """List every command of some rounds."""
    return [errand for one in sent for parcel in one.parcels for errand in parcel.errands]
