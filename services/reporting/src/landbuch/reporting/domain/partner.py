"""A partner as registered and amended, told by the events that speak of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from landbuch.reporting.domain.told import Told

NAMES = frozenset({"PartnerRegistered", "PartnerAmended", "PartnerSuspended", "PartnerReinstated"})


@dataclass(frozen=True, slots=True)
class Partner:
    """Who delivers services; a private person has no name here."""

    id: str
    position: int
    kind: str
    name: str | None
    uid: str | None
    suspended: bool = False
    illustration: bool = False

    @property
    def shown(self) -> str:
        """The name, or the id of a private person."""
        return self.name or self.id


def partners_of(events: Iterable[Told]) -> dict[str, Partner]:
    """Fold events, in the order of the book, to the partners by id."""
    found: dict[str, Partner] = {}
    for event in events:
        data = event.data
        if event.name not in NAMES or not event.counts:
            continue
        name = data["partner"]
        if event.name == "PartnerRegistered":
            found[name] = Partner(
                name, event.position, data["kind"], data.get("name"), data.get("uid"), illustration=event.illustration
            )
        elif name in found and event.name == "PartnerAmended":
            found[name] = replace(
                found[name], name=data.get("name", found[name].name), uid=data.get("uid", found[name].uid)
            )
        elif name in found:
            found[name] = replace(found[name], suspended=event.name == "PartnerSuspended")
    return found
