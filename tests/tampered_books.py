"""Books as somebody with power over the server could leave them, and authors who go on writing behind rubbish."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from landbuch.agreements.domain.desk import DESK as AGREEMENTS
from landbuch.contracts.canonical import canonical, parse
from landbuch.contracts.catalogue import COMMANDS
from landbuch.contracts.command import read_command
from landbuch.contracts.dates import next_time
from landbuch.contracts.entry import Entry, leaf_of
from landbuch.contracts.evolve import evolve
from landbuch.contracts.judge import judge
from landbuch.contracts.merkle import root
from landbuch.contracts.state import BookState
from landbuch.ledger.domain.desk import DESK as LEDGER
from landbuch.sdk.book.api import Evidence
from landbuch.sdk.deciding import decide
from tests.told_books import NOW, told_history

ZEROS = "0" * 64


LENGTH = 49
"""Enough for every kind of tampering, at every place."""


@cache
def history() -> tuple[Entry, ...]:
    """Give the first entries of BL's history as its services wrote them: from the founding to signed agreements."""
    return tuple(told_history()[0][:LENGTH])


def copied(entries: Sequence[Entry]) -> Evidence:
    """Say what the ledger would say of these entries."""
    return Evidence(len(entries), root(leaf_of(entry) for entry in entries))


def flipped(entries: Sequence[Entry], position: int, offset: int) -> list[Entry]:
    """Flip the lowest bit of one byte of the event at a position."""
    entry = entries[position - 1]
    payload = bytearray(entry.payload)
    payload[offset] ^= 1
    return [*entries[: position - 1], Entry(entry.subject, bytes(payload)), *entries[position:]]


def without(entries: Sequence[Entry], position: int) -> list[Entry]:
    """Remove the event at a position; the later ones move up."""
    return [*entries[: position - 1], *entries[position:]]


def swapped(entries: Sequence[Entry], position: int) -> list[Entry]:
    """Swap the events at a position and behind it."""
    first, second = entries[position - 1 : position + 1]
    return [*entries[: position - 1], second, first, *entries[position + 1 :]]


def edited(entry: Entry, edit: Callable[[dict[str, Any]], None]) -> Entry:
    """Give an entry whose event somebody has edited, in canonical bytes."""
    value = parse(entry.payload)
    assert isinstance(value, dict)
    edit(value)
    return Entry(entry.subject, canonical(value))


def with_wrong_predecessor(entries: Sequence[Entry], position: int) -> list[Entry]:
    """Let the event at a position name a predecessor that never was."""
    entry = edited(entries[position - 1], lambda value: value.update(prevhash="ab" * 32))
    return [*entries[: position - 1], entry, *entries[position:]]


def rewritten(entries: Sequence[Entry], position: int, edit: Callable[[dict[str, Any]], None]) -> list[Entry]:
    """Edit the event at a position and chain everything behind it anew, as somebody with the whole server could."""
    kept = list(entries[: position - 1])
    leaf = leaf_of(kept[-1]).hex() if kept else ZEROS
    for place, entry in enumerate(entries[position - 1 :], start=position):
        change = edit if place == position else lambda _value: None

        def chain(value: dict[str, Any], leaf: str = leaf, change: Callable[..., None] = change) -> None:
            change(value)
            value["prevhash"] = leaf

        kept.append(edited(entry, chain))
        leaf = leaf_of(kept[-1]).hex()
    return kept


class Author:
    """Writes on in a book as the services would, and lets others write rubbish into it."""

    def __init__(self, entries: Sequence[Entry] = ()) -> None:
        """Begin behind these entries."""
        self.entries: list[Entry] = []
        self.state = BookState("BL")
        for entry in entries:
            self.rubbish(entry)

    def rubbish(self, entry: Entry) -> None:
        """Let an entry stand at the end of the book, whatever it is."""
        position, leaf = len(self.entries) + 1, leaf_of(entry).hex()
        evolve(self.state, judge(entry, position, self.state.head.leaf), position, leaf)
        self.state.settle()
        self.entries.append(entry)

    def order(self, name: str, actor: str, phase: str = "_", **data: Any) -> None:
        """Decide a command as its owner would, and write its events."""
        desk = AGREEMENTS if COMMANDS[name].service == "agreements" else LEDGER
        commandid = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{len(self.entries)} {name}"))
        command = read_command(name=name, canton="BL", phase=phase, commandid=commandid, actor=actor, data=data)
        written = decide(desk, self.state, command, next_time(NOW, self.state.head.time))
        self.state.settle()
        self.entries += [one.entry for one in written]

    def tell(self, topic: str = "on") -> None:
        """Write one harmless event, as a clerk would."""
        self.order("RecordInformation", "p-b3c9", about="BL", topic=topic, statement="The book goes on.")

    def next_event(self, edit: Callable[[dict[str, Any]], None] = lambda _value: None) -> Entry:
        """Give the event that a clerk would write next, edited, without writing it."""
        ahead = Author(self.entries)
        ahead.tell("next")
        return edited(ahead.entries[-1], edit)
