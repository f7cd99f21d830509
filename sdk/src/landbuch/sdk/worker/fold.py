"""What a writer knows of its book: the state, the tree and the command ids, all kept current by reading."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Protocol

from landbuch.contracts.canonical import parse
from landbuch.contracts.entry import Entry, leaf_of
from landbuch.contracts.envelope import AnyEvent, Unknown
from landbuch.contracts.evolve import evolve
from landbuch.contracts.judge import Void, judge
from landbuch.contracts.merkle import Frontier
from landbuch.contracts.state import BookState
from landbuch.sdk.book.api import Book, Evidence, Mark, Start, Stored
from landbuch.sdk.book.reading import PAGE
from landbuch.sdk.deciding import Written
from landbuch.sdk.seen import Seen
from landbuch.sdk.worker.answers import Accepted, accepted

_BEHIND = 16
"""Entries read beyond a command's first event: most commands have one."""
_BREATH = 100


class PagedBook(Book, Protocol):
    """A book that also gives entries at any place, as they are stored."""

    async def page(self, first: int, last: int) -> Sequence[Entry]:
        """Give the entries from ``first`` on: at least one, without a gap, none behind ``last``."""


class Fold:
    """State, tree and command ids of a book up to one position."""

    def __init__(self, book: PagedBook) -> None:
        """Begin before the first entry."""
        self._book = book
        self.state = BookState(book.canton)
        self.frontier = Frontier()
        self.seen = Seen()
        self.head = 0
        """The leader's last position when it was last asked, or our own last append."""

    @property
    def position(self) -> int:
        """The last position that is known."""
        return self.state.head.position

    async def catch_up(self, evidence: Evidence | None = None) -> bool:
        """Read up to the leader's head, verified; tell whether anything was new. The state must not be tentative.

        ``evidence`` is heeded when reading from the beginning. Raises what ``Book.head`` and ``Book.read`` raise.
        """
        begin = self.position
        if await self.is_current() and (evidence is None or evidence.size <= begin):
            return False
        start = Start(Mark(begin, self.state.head.leaf), evidence=evidence if begin == 0 else None)
        async for batch in self._book.read(start):
            for index, stored in enumerate(batch, start=1):
                self._admit(stored)
                if index % _BREATH == 0:
                    await asyncio.sleep(0)
            self.state.settle()
            self.head = max(self.head, self.position)
        return self.position > begin

    async def is_current(self) -> bool:
        """Ask the leader whether the book ends where we stand; raises what ``Book.head`` raises."""
        self.head = await self._book.head()
        return self.head == self.position

    def keep(self, written: Iterable[Written]) -> None:
        """Make our own events, which are stored now, final."""
        self.state.settle()
        self.head = max(self.head, self.position)
        for one in written:
            self.frontier.append(bytes.fromhex(one.leaf))
            self.seen.note(one.event.commandid, one.event.position)

    def undo(self) -> None:
        """Go back to what is stored."""
        self.state.undo(0)

    async def first_answers(self, commandids: Iterable[str]) -> dict[str, tuple[str, Accepted]]:
        """Give, for each command id that the book holds, the command's hash and its first answer, as the book says."""
        places = {commandid: at for commandid in commandids if (at := self.seen.positions(commandid))}
        if not places:
            return {}
        entries = await self._entries(sorted({position for at in places.values() for position in at}))
        found: dict[str, tuple[str, Accepted]] = {}
        for commandid, at in places.items():
            for position in at:
                events = await self._events(entries, commandid, position)
                if events:
                    found[commandid] = events[0][0].commandhash, accepted(commandid, events)
                    break
        return found

    def _admit(self, stored: Stored) -> None:
        evolve(self.state, stored.verdict, stored.position, stored.leaf.hex())
        self.frontier.append(stored.leaf)
        if not isinstance(stored.verdict, Void):
            self.seen.note(stored.verdict.commandid, stored.position)

    async def _entries(self, positions: Sequence[int]) -> dict[int, Entry]:
        """Read the entries at some positions (ascending), and some behind each; neighbours come in one page."""
        entries: dict[int, Entry] = {}
        for position in positions:
            if position not in entries:
                last = positions[bisect_left(positions, position + PAGE - _BEHIND) - 1] + _BEHIND
                page = await self._book.page(position, min(last, self.position))
                entries.update(enumerate(page, start=position))
        return entries

    async def _events(
        self, entries: dict[int, Entry], commandid: str, position: int
    ) -> list[tuple[AnyEvent | Unknown, str]]:
        """Give a command's adjacent events from a position on, with their leaves; none if it is another's."""
        events: list[tuple[AnyEvent | Unknown, str]] = []
        while position <= self.position:
            if position not in entries:
                page = await self._book.page(position, min(position + _BEHIND, self.position))
                entries.update(enumerate(page, start=position))
            event = _event(entries[position], position)
            if event is None or event.commandid != commandid or (events and event.service != events[0][0].service):
                break
            events.append((event, leaf_of(entries[position]).hex()))
            position += 1
        return events


def _event(entry: Entry, position: int) -> AnyEvent | Unknown | None:
    """Read an entry that was verified when it was folded: its predecessor is the one that it names."""
    try:
        envelope = parse(entry.payload)
    except ValueError:
        return None
    prevhash = envelope.get("prevhash") if isinstance(envelope, dict) else None
    verdict = judge(entry, position, str(prevhash))
    return None if isinstance(verdict, Void) else verdict
