"""Reads the data set and tells it as commands, in an order in which each rule holds.

Facts and what belongs between them stand in ``<CANTON>.json``; the life that follows, invented and labelled, in
``<CANTON>.illustration.json``. Command ids derive from canton and place in the story, so that what is told twice is
written once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from importlib import resources
from typing import Any

from landbuch.contracts.acts.milestones import RecordMilestoneDue
from landbuch.contracts.catalogue import COMMANDS
from landbuch.contracts.envelope import timed_command_id
from landbuch.contracts.money import parse_chf
from landbuch.contracts.vocabulary import NO_PHASE
from landbuch.local.history.course import ADMINISTRATORS, PEOPLE, Step

CANTONS = ("BL", "BS", "GL", "VS")
"""The cantons of the data set."""

_SERVICES = {"ledger": "svc-ledger", "agreements": "svc-agreements"}
_AMOUNTS = frozenset({"amount", "ceiling", "new", "bound", "interest", "limit", "eligible_costs", "own_funds"})
_USUAL = ("clerk", "finance", "agreement_manager", "approver", "treasurer", "auditor")
"""Who gives a command when the data set names nobody: the first whose role may."""


def steps(canton: str, *, facts_only: bool = False) -> list[Step]:
    """Give the story of one canton: founding, roles, programmes, the facts and, unless left out, the illustration."""
    book = _read(f"{canton}.json")
    told = [*_founding(canton), *_programmes(canton, book["office"])]
    sources = _read("sources.json")
    for number, row in enumerate(book["steps"]):
        if not (facts_only and row.get("illustration")):
            told.append(_step(canton, row, _evidence(sources, row["source"]), f"step {number}"))
    if not facts_only:
        told += _illustrated(canton, _evidence(sources, ["ILLUSTRATION"]))
    return told


def _illustrated(canton: str, evidence: list[Any]) -> list[Step]:
    """The invented life of agreements and payments, where the canton has a credit that allows one."""
    name = f"{canton}.illustration.json"
    if not resources.files(__package__).joinpath(name).is_file():
        return []
    rows = _read(name)["steps"]
    return [
        _step(canton, row | {"illustration": True}, evidence, f"illustration {number}")
        for number, row in enumerate(rows)
    ]


def _step(canton: str, row: dict[str, Any], evidence: list[Any], place: str) -> Step:
    data = _rappen(row["data"]) | {"evidence": evidence}
    if "on" in row:
        data |= {"occurred_on": row["on"], "booked_on": "fact"}
    step = Step(
        row["do"],
        canton,
        row.get("phase", NO_PHASE),
        data,
        PEOPLE[row["by"]] if "by" in row else _actor(row["do"]),
        _id(canton, place),
        bool(row.get("illustration")),
        row.get("refused"),
        row.get("why"),
        row.get("alone"),
        row.get("name"),
        row.get("reverses"),
    )
    return _as_the_clock_says(step, row["due"]) if step.command == RecordMilestoneDue.__name__ else step


def _as_the_clock_says(step: Step, due: str) -> Step:
    """Give the command that the service would give by itself, word for word: whoever comes first, it stands once."""
    data = {"milestone": step.data["milestone"]}
    commandid = timed_command_id(step.canton, step.command, data["milestone"], due)
    return replace(step, data=data, actor=_SERVICES["agreements"], commandid=commandid)


def _founding(canton: str) -> list[Step]:
    people = [("clerk", "clerk"), ("finance", "finance"), ("agreement_manager", "agreement_manager")]
    people.append(("drafter", "agreement_manager"))
    founding = {"administrators": list(ADMINISTRATORS), "services": list(_SERVICES.values())}
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
            "evidence": _evidence(sources, row["source"]),
        }
        told.append(
            Step(
                "OpenProgramme", canton, row["phase"], data, ADMINISTRATORS[0], _id(canton, f"programme {row['phase']}")
            )
        )
    return told


def _actor(command: str) -> str:
    """Drafts and reports come from the drafter, so that another manager can sign and accept them."""
    if command in {"DraftAgreement", "SubmitReport"}:
        return PEOPLE["drafter"]
    roles = COMMANDS[command].roles
    if "administrator" in roles and len(roles) == 1:
        return ADMINISTRATORS[0]
    return next(PEOPLE[role] for role in _USUAL if role in roles)


def _id(canton: str, place: str) -> str:
    return timed_command_id(canton, "history", place, "2026")


def _evidence(sources: dict[str, Any], names: Sequence[str]) -> list[Any]:
    return [sources[name] for name in names]


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
