"""The list of entries with its filter, and the page of one entry with its bytes, neighbours and causes."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from landbuch.contracts.canonical import parse
from landbuch.contracts.entry import GENESIS
from landbuch.contracts.money import chf
from landbuch.reporting.domain.told import Told
from landbuch.reporting.problems import Problem, Unanswerable
from landbuch.reporting.store import event_index
from landbuch.reporting.store.event_index import Filter, Shown
from landbuch.reporting.web import event_words, field_words
from landbuch.reporting.web.format import day, number, percent
from landbuch.reporting.web.view import View

LENGTH = 50
_AMOUNTS = frozenset(
    {
        "amount", "ceiling", "new", "bound", "limit", "eligible_costs", "own_funds", "surplus", "reserve",
        "recovery_due", "interest", "statement_balance", "book_balance", "executive_limit_once",
        "executive_limit_yearly",
    }
)  # fmt: skip
_SHARES = frozenset({"turnout", "yes_share", "advance_cap", "reserve_cap"})
_COUNTS = frozenset({"yes", "no", "votes_for", "votes_against", "abstentions", "signatures", "value"})
_DAYS = re.compile(r"[12][0-9]{3}-[01][0-9](?:-[0-3][0-9])?")
_PAGES = {"credit": "kredit", "supplement_to": "kredit", "agreement": "vereinbarung"}
_APART = frozenset({"lines", "evidence"})
"""Parts of the data that the page shows in tables of their own."""


def listed(connection: sa.Connection, view: View) -> dict[str, Any]:
    """Gather what the list shows; raises ``Unanswerable``."""
    own = view.own
    wanted = Filter(own.get("type"), own.get("phase"), own.get("object"))
    known = event_index.names(connection, view.canton)
    if wanted.name is not None and wanted.name not in known:
        raise Unanswerable(Problem.EVENT_TYPE_UNKNOWN, wanted.name, f"Im Buch steht keine Art «{wanted.name[:60]}».")
    before, after = _cursor(own.get("before")), _cursor(own.get("after"))
    found = event_index.page(connection, view.within, wanted, LENGTH + 1, before=before, after=after)
    page, more = found[:LENGTH], len(found) > LENGTH
    if after is not None:
        page.reverse()
    older = more or after is not None
    newer = (more and after is not None) or before is not None
    return {
        "view": view,
        "wanted": wanted,
        "shown": page,
        "names": sorted(((event_words.name(name), name) for name in known), key=lambda pair: pair[0].lower()),
        "older": view.here(before=str(page[-1].kept.position), after=None) if page and older else None,
        "newer": view.here(after=str(page[0].kept.position), before=None) if page and newer else None,
    }


def _cursor(text: str | None) -> int | None:
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,16}", text):
        raise Unanswerable(Problem.MALFORMED, f"cursor {text!r}", f"«{text[:40]}» ist keine Position.")
    return int(text)


def one(connection: sa.Connection, view: View, text: str) -> dict[str, Any]:
    """Gather what the page of an entry shows; raises ``Unanswerable``."""
    position = _cursor(text) or 0
    shown = event_index.one(connection, view.canton, position) if position <= view.within.position else None
    if shown is None:
        raise Unanswerable(
            Problem.BEYOND_HEAD,
            f"position {position}",
            f"Das Buch {view.canton} reicht in diesem Stand von Position 1 bis {view.within.position}.",
        )
    before = event_index.one(connection, view.canton, position - 1) if position > 1 else None
    told = shown.told
    return {
        "view": view,
        "shown": shown,
        "told": told,
        "envelope": parse(shown.kept.payload) if told is not None else None,
        "before": GENESIS if before is None else before.kept.leaf,
        "following": position + 1 if position < view.within.position else None,
        "facts": [] if told is None else list(_facts(view, told)),
        "lines": [] if told is None else told.data.get("lines", []),
        "text": _readable(shown),
        "subject": shown.kept.subject.encode("utf-8", "replace").decode(),
        "causes": [] if told is None else _causes(connection, view, shown, told),
        "referring": event_index.referring(connection, view.canton, position, view.within.position),
    }


def _readable(shown: Shown) -> str:
    return shown.kept.payload.decode("utf-8", "backslashreplace")


def _causes(connection: sa.Connection, view: View, shown: Shown, told: Told) -> list[tuple[str, int]]:
    """Name what an event answers: the proposal it confirms, the event it reverses, the one that caused it."""
    found = []
    envelope: Any = parse(shown.kept.payload)
    if isinstance(told.data.get("proposal"), int):
        found.append(("Antrag der ersten Person", told.data["proposal"]))
    if told.name == "EntryReversed" and isinstance(told.data.get("position"), int):
        found.append(("stornierte Buchung", told.data["position"]))
    if "causationid" in envelope:
        position = event_index.position_of(connection, view.canton, envelope["causationid"])
        if position is not None:
            found.append(("verursachendes Ereignis", position))
    return found


def _facts(view: View, told: Told, limit: int = 60) -> list[tuple[str, str, str | None]]:
    """Give the event's data as rows of name, text and address."""
    rows: list[tuple[str, str, str | None]] = []
    for key, value in told.data.items():
        if key not in _APART:
            rows += _rows(view, _field(key), key, value)
    return rows[:limit]


def _rows(view: View, path: str, key: str, value: object) -> list[tuple[str, str, str | None]]:
    match value:
        case dict():
            return [row for name, part in value.items() for row in _rows(view, f"{path} · {_field(name)}", name, part)]
        case list():
            return [row for at, part in enumerate(value, 1) for row in _rows(view, f"{path} {at}", key, part)]
        case _:
            return [(path, _text(key, value), _address(view, key, value))]


def _text(key: str, value: object) -> str:
    """Write a value by what its field holds."""
    match value:
        case bool():
            return "ja" if value else "nein"
        case int() if key in _AMOUNTS:
            return chf(value)
        case int() if key in _SHARES:
            return percent(value)
        case int() if key in _COUNTS:
            return number(value)
        case str() if _DAYS.fullmatch(value):
            return day(value)
        case str():
            return field_words.CODES.get(key, {}).get(value, value)
        case _:
            return str(value)


def _address(view: View, key: str, value: object) -> str | None:
    """Give the address of the page that shows what a value names."""
    if key in _PAGES:
        return view.url(f"/{_PAGES[key]}/{value}")
    return view.url(f"/ereignisse/{value}") if key in {"proposal", "position", "covers"} else None


def _field(name: str) -> str:
    return field_words.FIELDS.get(name, name)
