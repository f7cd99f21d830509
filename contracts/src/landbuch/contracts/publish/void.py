"""Entries that count and entries that are void, each with the reason: a table that any language can test against."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from landbuch.contracts.canonical import canonical
from landbuch.contracts.entry import Entry, leaf_of
from landbuch.contracts.envelope import Unknown
from landbuch.contracts.judge import Void, judge
from landbuch.contracts.publish.book import Line, example_book

Changed = dict[str, Any]
_DECOMPOSED = '"evidence":[{"kind":"press","title":"e\u0301"}]'.encode()


def void_cases() -> list[dict[str, Any]]:
    """Judge each entry at its position; ``reason`` is left out where the entry counts."""
    found = []
    for name, entry, line in _cases():
        verdict = judge(entry, line.event.position, line.event.prevhash)
        judged = "void" if isinstance(verdict, Void) else "unknown" if isinstance(verdict, Unknown) else "event"
        reason = {"reason": verdict.reason} if isinstance(verdict, Void) else {}
        found.append(
            {
                "name": name,
                "position": line.event.position,
                "prevhash": line.event.prevhash,
                "subject": entry.subject,
                "payload_hex": entry.payload.hex(),
                "leaf": leaf_of(entry).hex(),
                "judged": judged,
                **reason,
            }
        )
    return found


def _cases() -> Iterator[tuple[str, Entry, Line]]:
    line = next(line for line in example_book() if line.event.name == "CreditAllocated")
    subject, payload = line.entry.subject, line.entry.payload
    yield "an event", line.entry, line
    for name, content in (
        ("no JSON", b"rubbish"),
        ("nothing", b""),
        ("bytes that are no text", payload.replace(b"EX1-BASE", b"EX1\xff")),
        ("white space", payload.replace(b":", b": ", 1)),
        ("unsorted", json.dumps(dict(reversed(json.loads(payload).items())), separators=(",", ":")).encode()),
        ("a float", payload.replace(b'"position":', b'"position":1.0,"q":')),
        ("a null", payload.replace(b'"phase":"EX1"', b'"phase":null')),
        ("too large", payload + b" " * 60_000),
        ("a list", b"[]"),
        ("text not in NFC, which counts", payload.replace(b'"lines":', _DECOMPOSED + b',"lines":')),
    ):
        yield name, Entry(subject, content), line
    for name, change in _CHANGES.items():
        value: Changed = json.loads(payload)
        change(value)
        yield name, Entry(subject, canonical(value)), line
    yield "another canton's subject", Entry(subject.replace("book.AI.", "book.BL."), payload), line
    yield "another phase's subject", Entry(subject.replace(".EX1.", "._."), payload), line
    yield "a subject beyond ASCII", Entry(f"{subject}\ufffd\ufffd", payload), line
    yield "another event's subject", Entry(subject.replace("CreditAllocated", "CreditReduced"), payload), line
    yield from _of_other_types(line)


def _of_other_types(line: Line) -> Iterator[tuple[str, Entry, Line]]:
    """Types of a newer writer, and services that write what is not theirs."""
    subject, payload = line.entry.subject, line.entry.payload
    for name, old, new in (
        ("a type to come", "CreditAllocated", "CreditDoubled"),
        ("a later version", ".v1", ".v2"),
        ("a later version by a foreign service", ".v1", ".v2"),
        ("a foreign service", ":ledger", ":agreements"),
        ("a type to come by a service to come", "CreditAllocated", "CreditDoubled"),
    ):
        value: Changed = json.loads(payload)
        value["type"] = value["type"].replace(old, new)
        under = subject.replace(old, new) if new == "CreditDoubled" else subject
        service = "agreements" if "foreign" in name else "planning" if "service to come" in name else "ledger"
        value["source"] = f"urn:landbuch:AI:{service}"
        yield name, Entry(under.replace(".ledger.", f".{service}."), canonical(value)), line
    value = json.loads(payload)
    value["type"], value["data"] = "landbuch.CreditDoubled.v1", {"lines": [["credit:available:SP:canton", 5]]}
    yield "unbalanced, of a type to come", Entry(subject.replace("Allocated", "Doubled"), canonical(value)), line


def _set(*path: str | int, to: object) -> Callable[[Changed], None]:
    def change(value: Changed) -> None:
        inner: Any = value
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = to

    return change


def _drop(*path: str) -> Callable[[Changed], None]:
    def change(value: Changed) -> None:
        inner: Any = value
        for step in path[:-1]:
            inner = inner[step]
        del inner[path[-1]]

    return change


_CHANGES: dict[str, Callable[[Changed], None]] = {
    "no version of CloudEvents": _drop("specversion"),
    "another version of CloudEvents": _set("specversion", to="0.3"),
    "no id": _drop("id"),
    "a field that envelopes do not have": _set("dataschema", to="x"),
    "a type outside the namespace": _set("type", to="CreditAllocated"),
    "a canton that is none": _set("canton", to="XX"),
    "a source of another canton": _set("source", to="urn:landbuch:BL:ledger"),
    "a thirteenth month": _set("time", to="2024-13-01T00:00:00.000000Z"),
    "digits that are not ASCII": _set("time", to="\u0662\u0660\u0662\u0664-03-28T08:12:44.120391Z"),
    "time without microseconds": _set("time", to="2024-03-28T08:12:44Z"),
    "a hash in capitals": _set("commandhash", to="A" * 64),
    "no data": _drop("data"),
    "a field that the data does not have": _set("data", "note", to="x"),
    "an amount as text": _set("data", "allocations", 0, "amount", to="5"),
    "an amount of nothing": _set("data", "allocations", 0, "amount", to=0),
    "a source that is none": _set("data", "allocations", 0, "source", to="lottery"),
    "the thirtieth of February": _set("data", "occurred_on", to="2024-02-30"),
    "a layer that is none": _set("data", "lines", 0, 0, to="gold:100"),
    "no lines, but the key": _set("data", "lines", to=[]),
    "a control character": _set("data", "evidence", to=[{"kind": "press", "title": "a\u0007b"}]),
    "terms that contradict each other, which counts": _set(
        "data", "allocations", to=[{"area": "SP", "source": "canton", "amount": 5}] * 2
    ),
    "a wrong position": _set("position", to=1),
    "unbalanced lines": _set("data", "lines", 0, 1, to=5),
    "lines that balance over layers only": _set(
        "data", "lines", to=[["credit:pending:X:canton", 5], ["finance:100", -5]]
    ),
    "a wrong predecessor": _set("prevhash", to="ab" * 32),
    "no lines at all, which counts": _drop("data", "lines"),
    "a wrong position and predecessor": lambda value: value.update(position=1, prevhash="ab" * 32),
    "a wrong predecessor and unbalanced lines": lambda value: value.update(
        prevhash="ab" * 32, data=value["data"] | {"lines": [["finance:100", 5]]}
    ),
}
