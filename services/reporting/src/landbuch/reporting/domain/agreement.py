"""An agreement from draft to closing with its payments and milestones, told by the events that speak of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from landbuch.reporting.domain.told import Told

Item = tuple[str, str, int, int]
"""Area, source, year, Rappen."""


@dataclass(frozen=True, slots=True)
class Tranche:
    """A planned payment in Rappen, and the milestones that gate it."""

    number: int
    due: str
    amount: int
    milestones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Milestone:
    """What shall be reached by when; state ``planned``, ``due``, ``reached``, ``missed`` or ``waived``."""

    id: str
    title: str
    due: str
    state: str = "planned"

    def late(self, day: str) -> bool:
        """Tell whether its day has passed without it."""
        return self.state in {"planned", "due", "missed"} and self.due < day


@dataclass(frozen=True, slots=True)
class Disbursement:
    """A payment in Rappen; state ``requested`` … ``paid``, ``returned``, ``cancelled``."""

    id: str
    position: int
    kind: str
    amount: int
    tranche: int | None
    state: str = "requested"
    paid: int = 0
    returned: int = 0
    paid_on: str | None = None


@dataclass(frozen=True, slots=True)
class Recovery:
    """A claim for money back, in Rappen without interest."""

    id: str
    position: int
    ground: str
    claimed: int
    received: int = 0
    waived: int = 0


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agreement: what it plans and where it stands."""

    id: str
    phase: str
    position: int
    partner: str
    form: str
    title: str | None
    start: str
    end: str
    ceiling: int
    items: tuple[Item, ...]
    terms_at: int
    """Position of the event that set ceiling and items."""
    state: str = "drafted"
    signed_on: str | None = None
    signed_at: int | None = None
    tranches: tuple[Tranche, ...] = ()
    illustration: bool = False
    milestones: Mapping[str, Milestone] = field(default_factory=dict)
    disbursements: Mapping[str, Disbursement] = field(default_factory=dict)
    recoveries: Mapping[str, Recovery] = field(default_factory=dict)

    def years(self) -> tuple[int, ...]:
        """Give the years of the plan."""
        return tuple(sorted({year for _, _, year, _ in self.items}))

    def shares(self) -> tuple[tuple[str, str], ...]:
        """Give the areas and sources of the plan in its order."""
        return tuple(dict.fromkeys((area, source) for area, source, _, _ in self.items))

    def planned(self, area: str | None = None, source: str | None = None, year: int | None = None) -> int | None:
        """Add up the plan; ``None`` where nothing is planned."""
        found = [
            amount
            for of_area, of_source, of_year, amount in self.items
            if area in (None, of_area) and source in (None, of_source) and year in (None, of_year)
        ]
        return sum(found) if found else None


STATES = {
    "AgreementSigned": "signed",
    "AgreementSuspended": "suspended",
    "AgreementResumed": "signed",
    "AgreementTerminated": "terminated",
    "AgreementSettled": "settled",
    "AgreementClosed": "closed",
}
_MILESTONES = {
    "MilestoneBecameDue": "due",
    "MilestoneReached": "reached",
    "MilestoneMissed": "missed",
    "MilestoneWaived": "waived",
}
_DISBURSEMENTS = {
    "DisbursementApproved": "approved",
    "DisbursementRejected": "rejected",
    "DisbursementWithdrawn": "withdrawn",
    "ApprovalRevoked": "revoked",
    "PaymentInstructed": "instructed",
    "DisbursementPaid": "paid",
    "DisbursementReturned": "returned",
    "DisbursementCancelled": "cancelled",
}
OWNERS = {
    "MilestonePlanned": "milestone",
    "DisbursementRequested": "disbursement",
    "RecoveryClaimed": "recovery",
    "ReportSubmitted": "report",
    "EvaluationCommissioned": "evaluation",
}
"""Events that tie another object to an agreement, and the field with that object's id."""


def owned(events: Iterable[Told]) -> set[str]:
    """Name the objects that belong to the agreements of these events: their events tell the agreement's life too."""
    return {
        event.data[OWNERS[event.name]]
        for event in events
        if event.known and event.name in OWNERS and "agreement" in event.data
    }


def agreements_of(events: Iterable[Told]) -> dict[str, Agreement]:
    """Fold events, in the order of the book, to agreements by id. Those of owned objects must be among the events."""
    found: dict[str, Agreement] = {}
    owner: dict[str, str] = {}
    for event in events:
        if not event.counts:
            continue
        field_of_owned = OWNERS.get(event.name)
        if field_of_owned is not None and "agreement" in event.data:
            owner[event.data[field_of_owned]] = event.data["agreement"]
        if event.name == "AgreementDrafted":
            found[event.data["agreement"]] = _drafted(event)
            continue
        name = event.data.get("agreement") or next(
            (owner[event.data[key]] for key in OWNERS.values() if event.data.get(key) in owner), None
        )
        if name in found:
            found[name] = replace(found[name], **_change(found[name], event))
    return found


def _drafted(event: Told) -> Agreement:
    data = event.data
    return Agreement(
        data["agreement"], event.phase, event.position, data["partner"], data["form"], data.get("title"), data["start"],
        data["end"], data["ceiling"], _items(data["items"]), event.position, illustration=event.illustration,
    )  # fmt: skip


def _change(agreement: Agreement, event: Told) -> dict[str, Any]:
    data = event.data
    if event.name == "AgreementSigned":
        return {"state": "signed", "signed_on": data["signed_on"], "signed_at": event.position}
    if event.name in STATES:
        return {"state": STATES[event.name]}
    if event.name == "AgreementAmended":
        return {
            "end": data.get("end", agreement.end),
            "ceiling": data.get("ceiling", agreement.ceiling),
            "items": _items(data["items"]) if data.get("items") else agreement.items,
            "terms_at": event.position if data.get("items") else agreement.terms_at,
        }
    if event.name == "TranchesScheduled":
        return {
            "tranches": tuple(
                Tranche(part["number"], part["due"], part["amount"], tuple(part.get("milestones", ())))
                for part in data["tranches"]
            )
        }
    if event.name.startswith("Milestone"):
        return {"milestones": _milestones(agreement.milestones, event)}
    if event.name == "DisbursementRequested" or event.name in _DISBURSEMENTS:
        return {"disbursements": _disbursements(agreement.disbursements, event)}
    if event.name.startswith("Recovery"):
        return {"recoveries": _recoveries(agreement.recoveries, event)}
    return {}


def _items(items: Iterable[Any]) -> tuple[Item, ...]:
    return tuple((item["area"], item["source"], item["year"], item["amount"]) for item in items)


def _milestones(known: Mapping[str, Milestone], event: Told) -> Mapping[str, Milestone]:
    name, data = event.data["milestone"], event.data
    if event.name == "MilestonePlanned":
        return {**known, name: Milestone(name, data["title"], data["due"])}
    if name not in known:
        return known
    if event.name == "MilestoneRescheduled":
        return {**known, name: replace(known[name], due=data["due"], state="planned")}
    return {**known, name: replace(known[name], state=_MILESTONES.get(event.name, known[name].state))}


def _disbursements(known: Mapping[str, Disbursement], event: Told) -> Mapping[str, Disbursement]:
    name, data = event.data["disbursement"], event.data
    if event.name == "DisbursementRequested":
        return {**known, name: Disbursement(name, event.position, data["kind"], data["amount"], data.get("tranche"))}
    if name not in known:
        return known
    before = known[name]
    changed = replace(before, state=_DISBURSEMENTS[event.name])
    if event.name == "DisbursementPaid":
        changed = replace(changed, paid=before.paid + data["amount"], paid_on=event.occurred_on or event.bookedon)
    elif event.name == "DisbursementReturned":
        changed = replace(changed, returned=before.returned + data["amount"])
    return {**known, name: changed}


def _recoveries(known: Mapping[str, Recovery], event: Told) -> Mapping[str, Recovery]:
    name, data = event.data["recovery"], event.data
    if event.name == "RecoveryClaimed":
        claimed = sum(part["amount"] for part in data["parts"])
        return {**known, name: Recovery(name, event.position, data["ground"], claimed)}
    if name not in known:
        return known
    if event.name == "RecoveryReceived":
        return {**known, name: replace(known[name], received=known[name].received + data["amount"])}
    if event.name == "RecoveryWaived":
        return {**known, name: replace(known[name], waived=known[name].waived + data["amount"])}
    return known
