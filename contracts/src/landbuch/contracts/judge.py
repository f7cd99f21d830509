"""The void rule: what an entry must be to count as an event.

A guard is voluntary, so a stolen credential could append rubbish. An entry that breaks a rule of this module is
*void*: a leaf of the tree without effect, counted, shown, and listed by ``verify``; everybody goes on behind it.

A ``prevhash`` that does not fit is judged last and has a reason of its own, because it can also mean that the entry
*before* was altered: whoever judges must settle with other evidence which of the two it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from landbuch.contracts.accounts import unbalanced_layer
from landbuch.contracts.canonical import NotCanonicalError, parse
from landbuch.contracts.catalogue import EVENTS, WRITERS
from landbuch.contracts.entry import MAX_EVENT_BYTES, Entry, book_subject
from landbuch.contracts.envelope import AnyEvent, Unknown, event_model
from landbuch.contracts.money import chf
from landbuch.contracts.vocabulary import Frozen, Record

VoidReason = Literal[
    "too_large", "not_canonical", "bad_envelope", "bad_schema", "foreign_subject", "wrong_position", "unbalanced",
    "wrong_predecessor",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Void:
    """An entry without effect, and why."""

    reason: VoidReason
    detail: str


Verdict = AnyEvent | Unknown | Void

_ADAPTERS: dict[str, TypeAdapter[Any]] = {type_: TypeAdapter(event_model(model)) for type_, model in EVENTS.items()}
_UNKNOWN: TypeAdapter[Unknown] = TypeAdapter(Unknown)


class _Lines(Frozen):
    data: Record


_LINES: TypeAdapter[_Lines] = TypeAdapter(_Lines)


def judge(entry: Entry, position: int, prevhash: str) -> Verdict:
    """Judge the entry at a position behind an entry whose leaf is ``prevhash`` (64 hex digits)."""
    if len(entry.payload) > MAX_EVENT_BYTES:
        return Void("too_large", f"{len(entry.payload)} bytes; an event has at most {MAX_EVENT_BYTES}")
    try:
        value = parse(entry.payload)
    except (NotCanonicalError, UnicodeError) as error:
        return Void("not_canonical", str(error))
    event = _validated(value)
    if isinstance(event, Void):
        return event
    expected = book_subject(event.canton, event.phase, event.service, event.name)
    if entry.subject != expected or event.source != f"urn:landbuch:{event.canton}:{event.service}":
        return Void("foreign_subject", f"stored under {entry.subject}, but the event belongs under {expected}")
    if event.service not in WRITERS.get(event.name, (event.service,)):
        return Void("foreign_subject", f"{event.name} is not an event that {event.service} may write")
    if event.position != position:
        return Void("wrong_position", f"says position {event.position}, stands at {position}")
    lines = event.lines if isinstance(event, Unknown) else event.data.lines or ()
    unbalanced = unbalanced_layer(lines)
    if unbalanced is not None:
        name, total = unbalanced
        return Void("unbalanced", f"the lines of layer {name} sum to {chf(total)}, not to 0.00")
    if event.prevhash != prevhash:
        return Void("wrong_predecessor", f"names {event.prevhash} as its predecessor, which is {prevhash}")
    return event


def _validated(value: object) -> AnyEvent | Unknown | Void:
    """Bring a JSON value into its model, or say what is wrong with it."""
    if not isinstance(value, dict) or "specversion" not in value:
        return Void("bad_envelope", "specversion: an event is an object that names its CloudEvents version")
    adapter = _ADAPTERS.get(str(value.get("type")))
    try:
        if adapter is not None:
            known: AnyEvent = adapter.validate_python(value)
            return known
        unknown = _UNKNOWN.validate_python(value)
        _demand_lines(unknown)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        around = [problem for problem in problems if problem["loc"][:1] != ("data",)]
        first = (around or problems)[0]
        where = ".".join(str(part) for part in first["loc"])
        return Void("bad_envelope" if around else "bad_schema", f"{where}: {first['msg']}")
    else:
        return unknown


def _demand_lines(unknown: Unknown) -> None:
    """Check the lines of an event of unknown type: they are written alike in every version."""
    _LINES.validate_python({"data": {"lines": unknown.data["lines"]} if "lines" in unknown.data else {}})
