"""One verified way to read and to follow, whoever keeps the book: never trust silence, never skip."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Protocol, TypeVar

from landbuch.contracts.entry import Entry, leaf_of
from landbuch.sdk.book.api import Mark, Start, Stored
from landbuch.sdk.book.chain import Chain, is_misfit
from landbuch.sdk.errors import BeyondHeadError, ChainBrokenError, GapError, UnavailableError

PAGE = 1000
"""Entries that are asked for at once."""

T = TypeVar("T")


class Insist(Protocol):
    """How long to ask again when a server does not answer."""

    async def __call__(self, pages: Pages, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask until there is an answer, or give up with ``UnavailableError``."""


_log = logging.getLogger(__name__)


class Bell(Protocol):
    """Tells a follower that the book has grown."""

    async def wait(self, after: int) -> int:
        """Wait until the book has grown beyond ``after`` and give the last position known; never silent for long.

        Gives less than ``after`` when the leader says that the book is shorter. Raises ``UnavailableError``.
        """


class Pages(Protocol):
    """What the verified reader needs from whoever keeps a book."""

    canton: str
    patience_s: float
    """How long to ask again when a server does not answer, or does not know yet what another one knew."""

    async def head(self) -> int:
        """Ask the leader for the last position."""

    async def page(self, first: int, last: int) -> Sequence[Entry]:
        """Give the entries from ``first`` on: at least one, without a gap, none behind ``last``.

        Raises ``GapError`` when the leader cannot give ``first``, and ``UnavailableError``.
        """

    def bell(self) -> AbstractAsyncContextManager[Bell]:
        """Give what tells that the book has grown."""


async def read(pages: Pages, start: Start, to: int | None) -> AsyncIterator[Sequence[Stored]]:
    """Read from behind ``start`` to ``to`` (default: the head now); see ``Book.read``."""
    head = await _reach(pages, start)
    if to is not None and to > head:
        raise BeyondHeadError(f"book {pages.canton} ends at position {head}; position {to} does not exist yet.")
    async for batch in _at_rest(pages, _patiently, Chain(start), start, head if to is None else to, head):
        yield batch


async def follow(pages: Pages, start: Start) -> AsyncIterator[Sequence[Stored]]:
    """Read on for ever; see ``Book.follow``."""
    head = await _for_ever(pages, partial(_reach, pages, start))
    chain = Chain(start, live_after=head)
    async for batch in _at_rest(pages, _for_ever, chain, start, head, head):
        yield batch
    async with pages.bell() as bell:
        while True:
            known = chain.mark.position
            head = await _for_ever(pages, partial(bell.wait, known))
            if head < known:
                head = await _for_ever(pages, partial(_reach, pages, Start(chain.mark)))
            if head > known:
                entries = await _for_ever(pages, partial(pages.page, known + 1, min(head, known + PAGE)))
                yield await _admit_live(pages, chain, entries)


async def _at_rest(
    pages: Pages, insist: Insist, chain: Chain, start: Start, to: int, head: int
) -> AsyncIterator[Sequence[Stored]]:
    """Read what stood in the book when the reader came, up to ``to``.

    The last entry of each page is held back until the one behind it vouches for it, and everything is held back while
    the chain is in doubt. Where evidence lies behind ``to``, it is read up to, if that settles the doubt.
    """
    if start.mark.position:
        await insist(pages, partial(_demand_mark, pages, start.mark))
    settles_at = min(start.evidence.size, head) if start.evidence is not None else 0
    held: list[Stored] = []
    while chain.mark.position < to or (chain.in_doubt and chain.mark.position < settles_at):
        first = chain.mark.position + 1
        last = min(first + PAGE - 1, to if first <= to else settles_at)
        entries = await insist(pages, partial(pages.page, first, last))
        held.extend(stored for stored in map(chain.admit, entries) if stored.position <= to)
        if not chain.in_doubt and len(held) > 1:
            yield held[:-1]
            held = held[-1:]
    chain.finish()
    if held:
        yield held


async def _admit_live(pages: Pages, chain: Chain, entries: Sequence[Entry]) -> list[Stored]:
    """Admit entries that arrived live; one that does not fit makes the reader look again at the one before."""
    admitted: list[Stored] = []
    for entry in entries:
        before = chain.mark
        stored = chain.admit(entry)
        if is_misfit(stored.verdict) and before.position:
            # Rubbish, unless the tail of the stream was lost and its positions were used again behind our back.
            await _for_ever(pages, partial(_demand_mark, pages, before))
        admitted.append(stored)
    return admitted


async def _demand_mark(pages: Pages, mark: Mark) -> None:
    """Demand that the stream still holds, at the reader's mark, what the reader knows."""
    (entry,) = await pages.page(mark.position, mark.position)
    leaf = leaf_of(entry).hex()
    if leaf != mark.leaf:
        raise ChainBrokenError(
            mark.position,
            f"the stream holds {leaf} where {mark.leaf} was read before. The entry was altered, or it was lost and its "
            "position used again. Stop writing, and restore from the ledger's copy.",
        )


async def _reach(pages: Pages, start: Start) -> int:
    """Give the leader's head, which must not lie before what is known to have been in the book.

    A leader that has just been elected may know less for a moment, so it is asked again before a loss is reported.
    """
    known = max(start.mark.position, start.evidence.size if start.evidence is not None else 0)
    until = time.monotonic() + pages.patience_s
    while True:
        head = await _patiently(pages, pages.head)
        if head >= known:
            return head
        if time.monotonic() > until:
            raise GapError(
                head + 1,
                f"book {pages.canton} ends at position {head}, but position {known} was in it before. The end of the "
                "stream was lost. Stop writing, and restore from the ledger's copy.",
            )
        await asyncio.sleep(0.1)


async def _patiently(pages: Pages, ask: Callable[[], Awaitable[T]]) -> T:
    """Ask again while a server does not answer, as long as the pages' patience lasts."""
    until = time.monotonic() + pages.patience_s
    while True:
        try:
            return await ask()
        except UnavailableError:
            if time.monotonic() > until:
                raise
            await asyncio.sleep(0.1)


async def _for_ever(pages: Pages, ask: Callable[[], Awaitable[T]]) -> T:
    """Ask until there is an answer: a follower outlives its servers. Each silence goes to the log."""
    began = time.monotonic()
    failures = 0
    while True:
        try:
            answer = await ask()
        except UnavailableError as error:
            failures += 1
            _log.warning("book %s cannot be read since %.0f s: %s", pages.canton, time.monotonic() - began, error)
            await asyncio.sleep(min(0.1 * 2**failures, 2.0))
        else:
            if failures:
                _log.info("book %s can be read again after %.0f s", pages.canton, time.monotonic() - began)
            return answer
