"""What reporting projects: each entry, its place in the event index, its lines, and the objects that it speaks of."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from landbuch.contracts.canonical import parse
from landbuch.contracts.envelope import Unknown
from landbuch.contracts.judge import Void
from landbuch.reporting.store import tables
from landbuch.sdk.book.api import Stored
from landbuch.sdk.projection import Projection, Rows

_LONGEST_DETAIL = 1000
_LONGEST_NAME = 200
OBJECT_FIELDS = frozenset(
    {
        "credit", "supplement_to", "pledge", "partner", "agreement", "disbursement", "recovery", "milestone",
        "milestones", "evaluation", "report", "finding", "discrepancy", "target", "about",
    }
)  # fmt: skip
"""Fields of an event's data that hold the id of an object; no two objects of a book have the same."""
POSITION_FIELDS = frozenset({"proposal", "covers"})
"""Fields that name earlier entries by their position."""


def apply(canton: str, stored: Stored) -> Rows:
    """Turn one entry into rows. A void one is kept and listed; an event of unknown type is taken in like any other."""
    position, verdict = stored.position, stored.verdict
    kept = (
        canton,
        position,
        stored.entry.subject.encode("utf-8", "surrogateescape"),
        stored.entry.payload,
        stored.leaf,
    )
    if isinstance(verdict, Void):
        void = (canton, position, verdict.reason, _storable(verdict.detail)[:_LONGEST_DETAIL])
        return {"entry": (kept,), "void_entry": (void,)}
    value: Any = parse(stored.entry.payload)
    data: dict[str, Any] = value["data"]
    bookedon = datetime.date.fromisoformat(verdict.bookedon)
    invented, known = is_illustration(data), not isinstance(verdict, Unknown)
    event = (
        canton, position, verdict.id, verdict.name, verdict.phase, bookedon, verdict.time, verdict.actor, invented,
        known,
    )  # fmt: skip
    lines = verdict.lines if isinstance(verdict, Unknown) else verdict.data.lines or ()
    return {
        "entry": (kept,),
        "event": (event,),
        "line": [
            (canton, position, number, verdict.phase, account, amount, bookedon, invented)
            for number, (account, amount) in enumerate(lines, start=1)
        ],
        "mention": [(canton, name, position) for name in sorted(set(mentions(verdict.name, data)))],
    }


def is_illustration(data: Mapping[str, Any]) -> bool:
    """Tell whether an event's evidence says that it is invented."""
    evidence = data.get("evidence")
    parts = evidence if isinstance(evidence, list) else ()
    return any(isinstance(part, dict) and part.get("kind") == "illustration" for part in parts)


def mentions(name: str, data: Mapping[str, Any]) -> Iterator[str]:
    """Name every object that an event speaks of; an entry as ``#position``."""
    if name == "EntryReversed" and isinstance(data.get("position"), int):
        yield f"#{data['position']}"
    yield from _within(data)


def _within(value: object, field: str | None = None) -> Iterator[str]:
    match value:
        case dict():
            for key, part in value.items():
                yield from _within(part, key)
        case list():
            for part in value:
                yield from _within(part, field)
        case str() if field in OBJECT_FIELDS and len(value) <= _LONGEST_NAME:
            yield _storable(value)
        case int() if field in POSITION_FIELDS and not isinstance(value, bool):
            yield f"#{value}"
        case _:
            pass


def _storable(text: str) -> str:
    """PostgreSQL's text holds every character but one."""
    return text.replace("\x00", "\N{SYMBOL FOR NULL}")


REPORTING = Projection(
    name="reporting",
    cursors=tables.projection,
    copied=(tables.entry, tables.event, tables.line, tables.mention, tables.void_entry),
    summed=(),
    apply=apply,
)
