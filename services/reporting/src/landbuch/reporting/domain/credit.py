"""A credit from proposal to force, told by the events that speak of it. What was reversed does not count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from landbuch.reporting.domain.told import Told

Stage = Literal["proposed", "withdrawn", "returned", "rejected", "pending", "voted_down", "in_force", "annulled"]
Referendum = Literal["called", "not_qualified", "expired"]


@dataclass(frozen=True, slots=True)
class Credit:
    """A credit: amounts in Rappen per source as proposed, then as decided; ``decision`` and ``vote`` as recorded."""

    id: str
    phase: str
    position: int
    term: str = ""
    amounts: tuple[tuple[str, int], ...] = ()
    new: int = 0
    bound: int = 0
    proposed_by: str | None = None
    supplement_to: str | None = None
    stage: Stage = "proposed"
    decision: Told | None = None
    window_ends: str | None = None
    referendum: Referendum | None = None
    vote: Told | None = None
    force: Told | None = None
    illustration: bool = False

    @property
    def amount(self) -> int:
        """The whole credit in Rappen."""
        return sum(amount for _, amount in self.amounts)

    @property
    def referendum_runs(self) -> bool:
        """Whether the people have still to decide."""
        return self.stage == "pending" and self.referendum == "called" and self.vote is None


NAMES = frozenset(
    {
        "CreditProposed", "CreditProposalWithdrawn", "CreditDecided", "DecisionPublished", "ReferendumCalled",
        "ReferendumNotQualified", "ReferendumExpired", "PopularVoteHeld", "DecisionAnnulled", "CreditEnteredIntoForce",
        "CreditAllocated", "CreditReduced",
    }
)  # fmt: skip
"""Events that are about one credit."""


def credits_of(events: Iterable[Told]) -> dict[str, Credit]:
    """Fold events, in the order of the book, to the credits that were proposed, by id."""
    found: dict[str, Credit] = {}
    for event in events:
        name = event.data.get("credit")
        if event.name not in NAMES or not event.counts or not isinstance(name, str):
            continue
        if event.name == "CreditProposed":
            found[name] = _proposed(name, event)
        elif name in found:
            found[name] = replace(found[name], **_change(found[name], event))
    return found


def _proposed(name: str, event: Told) -> Credit:
    data = event.data
    return Credit(
        id=name,
        phase=event.phase,
        position=event.position,
        term=data["term"],
        amounts=_amounts(data["amounts"]),
        new=data["new"],
        bound=data["bound"],
        proposed_by=data.get("proposed_by"),
        supplement_to=data.get("supplement_to"),
        illustration=event.illustration,
    )


def _change(credit: Credit, event: Told) -> dict[str, Any]:
    """What an event changes about a credit."""
    data = event.data
    match event.name:
        case "CreditProposalWithdrawn":
            return {"stage": "withdrawn"}
        case "CreditDecided":
            stage = "pending" if data["outcome"] == "accepted" else data["outcome"]
            amounts = _amounts(data["amounts"]) if data.get("amounts") else credit.amounts
            return {"stage": stage, "decision": event, "amounts": amounts}
        case "DecisionPublished":
            return {"window_ends": data.get("window_ends")}
        case "ReferendumCalled":
            return {"referendum": "called"}
        case "ReferendumNotQualified":
            return {"referendum": "not_qualified"}
        case "ReferendumExpired":
            return {"referendum": "expired"}
        case "PopularVoteHeld" if not data.get("provisional"):
            return {"vote": event} if data["outcome"] == "accepted" else {"vote": event, "stage": "voted_down"}
        case "DecisionAnnulled":
            return {"stage": "annulled"}
        case "CreditEnteredIntoForce":
            return {"stage": "in_force", "force": event}
        case _:
            return {}


def _amounts(parts: Iterable[Any]) -> tuple[tuple[str, int], ...]:
    return tuple((part["source"], part["amount"]) for part in parts)
