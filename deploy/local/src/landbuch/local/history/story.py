"""Reads the data set and tells it as commands, in an order in which each rule holds.

Command ids derive from canton and place in the story, so telling it twice writes it once.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from importlib import resources
from typing import Any

from landbuch.contracts.catalogue import COMMANDS, CONFIRM
from landbuch.contracts.envelope import timed_command_id
from landbuch.contracts.money import parse_chf
from landbuch.contracts.vocabulary import NO_PHASE

CANTONS = ("BL", "BS", "GL", "VS")
"""The cantons of the data set."""

ADMINISTRATORS = ("p-a7f1", "p-a8e2")
PEOPLE = {
    "clerk": "p-b3c9",
    "finance": "p-f5d0",
    "agreement_manager": "p-c4d1",
    "drafter": "p-d2e7",
}
"""Pseudonymous keys of the people in the story; the drafter is an agreement manager too."""

_AMOUNTS = frozenset({"amount", "ceiling", "new", "bound"})


@dataclass(frozen=True, slots=True)
class Step:
    """One command of the story, who gives it, and what is expected of it."""

    command: str
    canton: str
    phase: str
    data: dict[str, Any]
    actor: str
    commandid: str
    illustration: bool = False
    refused: str | None = None
    why: str | None = None

    @property
    def two_persons(self) -> bool:
        """Whether a second administrator confirms it."""
        return COMMANDS[self.command].two_persons

    def confirmation(self, position: int) -> Step:
        """The second person's half: confirm the proposal at a position."""
        commandid = str(uuid.uuid5(uuid.UUID(self.commandid), CONFIRM))
        return Step(CONFIRM, self.canton, NO_PHASE, {"proposal": position}, ADMINISTRATORS[1], commandid)


def steps(canton: str, *, facts_only: bool = False) -> list[Step]:
    """Give the story of one canton: founding, roles, programmes, the facts and, unless left out, the illustration."""
    book = _read(f"{canton}.json")
    told = [*_founding(canton), *_programmes(canton, book["office"])]
    sources = _read("sources.json")
    for number, row in enumerate(book["steps"]):
        illustration = bool(row.get("illustration"))
        if illustration and facts_only:
            continue
        data = _rappen(row["data"]) | {"evidence": [sources[name] for name in row["source"]]}
        told.append(
            Step(
                row["do"],
                canton,
                row.get("phase", NO_PHASE),
                data,
                _actor(row["do"]),
                _id(canton, f"step {number}"),
                illustration,
                row.get("refused"),
                row.get("why"),
            )
        )
    return told


def _founding(canton: str) -> list[Step]:
    people = [("clerk", "clerk"), ("finance", "finance"), ("agreement_manager", "agreement_manager")]
    people.append(("drafter", "agreement_manager"))
    founding = {"administrators": list(ADMINISTRATORS), "services": ["svc-ledger", "svc-agreements"]}
    told = [Step("FoundBook", canton, NO_PHASE, founding, ADMINISTRATORS[0], _id(canton, "founding"))]
    for person, role in people:
        data = {"person": PEOPLE[person], "role": role}
        told.append(Step("GrantRole", canton, NO_PHASE, data, ADMINISTRATORS[0], _id(canton, f"role of {person}")))
    return told


def _programmes(canton: str, office: str) -> list[Step]:
    known, sources = _read("programmes.json"), _read("sources.json")
    told = []
    for row in known["phases"]:
        data = {name: row[name] for name in ("label", "start", "end", "tail_end")}
        data |= {
            "area_set": {"code": row["area_set"], "areas": known["area_sets"][row["area_set"]]},
            "sources": known["sources"],
            "policies": known["policies"],
            "office": office,
            "evidence": [sources[name] for name in row["source"]],
        }
        told.append(
            Step(
                "OpenProgramme", canton, row["phase"], data, ADMINISTRATORS[0], _id(canton, f"programme {row['phase']}")
            )
        )
    return told


def _actor(command: str) -> str:
    """Drafts come from the drafter, so that another manager can sign them."""
    if command == "DraftAgreement":
        return PEOPLE["drafter"]
    roles = COMMANDS[command].roles
    return next(PEOPLE[role] for role in ("clerk", "finance", "agreement_manager") if role in roles)


def _id(canton: str, place: str) -> str:
    return timed_command_id(canton, "history", place, "2026")


def _rappen(value: Any) -> Any:  # noqa: ANN401  # JSON of any shape
    """Bring amounts that are written in francs into Rappen."""
    if isinstance(value, dict):
        return {
            name: parse_chf(item) if name in _AMOUNTS and isinstance(item, str) else _rappen(item)
            for name, item in value.items()
        }
    return [_rappen(item) for item in value] if isinstance(value, list) else value


def _read(name: str) -> Any:  # noqa: ANN401  # JSON of any shape
    return json.loads(resources.files(__package__).joinpath(name).read_text(encoding="utf-8"))
