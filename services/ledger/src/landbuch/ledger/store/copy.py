"""The copy as evidence: read it verified, and compare the stream with it byte by byte."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Never

import sqlalchemy as sa

from landbuch.contracts.entry import Entry, leaf_of
from landbuch.contracts.merkle import Frontier
from landbuch.ledger.store.reading import Copied, Head, copied_entries, head, snapshot
from landbuch.sdk.book.api import BEGINNING, Book, Evidence, Mark, Start, Stored
from landbuch.sdk.book.chain import Chain
from landbuch.sdk.errors import BeyondHeadError, ChainBrokenError, CorruptError, FailedError

PAGE = 1000
PATROL_PAGE = 200
PATROL_PAUSE_S = 1.0


@dataclass(frozen=True, slots=True)
class Difference:
    """The first position at which the stream and the copy differ, and how."""

    position: int
    what: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many positions of the copy were found to be the same in the stream, and the first that is not."""

    same: int
    difference: Difference | None


async def read_copy(engine: sa.Engine, canton: str, start: Start = BEGINNING) -> AsyncIterator[Sequence[Stored]]:
    """Read the copy from behind ``start`` to its head now, verified like a book.

    Raises ``ChainBrokenError`` when the entries do not follow from one another or do not give the root that was noted
    when they were copied.
    """
    now = await asyncio.to_thread(_head, engine, canton)
    chain = Chain(replace(start, evidence=Evidence(now.position, bytes.fromhex(now.root))))
    while chain.mark.position < now.position:
        page = await asyncio.to_thread(_page, engine, canton, chain.mark.position, now.position)
        if not page:
            raise ChainBrokenError(chain.mark.position + 1, "the copy has no entry there.")
        yield [chain.admit(copied.entry) for copied in page]
    chain.finish()


async def compare_copy(book: Book, engine: sa.Engine) -> Comparison:
    """Compare each entry of the stream with the ledger's copy, from position 1 to the copy's head.

    Every entry is read behind one that both have, so the first difference is found whatever stands behind it. Raises
    ``UnavailableError`` when either cannot be read.
    """
    now = await asyncio.to_thread(_head, engine, book.canton)
    same, tree = Mark(), Frontier()
    while same.position < now.position:
        leaves, difference = await _compare_page(book, engine, same, now.position)
        for leaf in leaves:
            tree.append(leaf)
            same = Mark(tree.size, leaf.hex())
        if difference is not None:
            return Comparison(same.position, difference)
    if tree.root().hex() != now.root:
        what = f"the copied leaves have the root {tree.root().hex()}, but {now.root} was noted when they were copied"
        return Comparison(same.position, Difference(now.position, what))
    return Comparison(same.position, None)


async def patrol(book: Book, engine: sa.Engine, page: int = PATROL_PAGE, pause_s: float = PATROL_PAUSE_S) -> Never:
    """Compare stream and copy for ever, a little at a time and then from the beginning again.

    Raises ``ChainBrokenError`` at a difference: one of the two was altered, and neither may be trusted blindly.
    """
    same = Mark()
    while True:
        await asyncio.sleep(pause_s)
        with suppress(FailedError):  # the projector says so; nothing is compared meanwhile
            last = (await asyncio.to_thread(_head, engine, book.canton)).position
            if same.position >= last:
                same = Mark()
            leaves, difference = await _compare_page(book, engine, same, min(last, same.position + page))
            if difference is not None:
                raise ChainBrokenError(
                    difference.position, f"{difference.what}. Stop writing, and find out which is true."
                )
            if leaves:
                same = Mark(same.position + len(leaves), leaves[-1].hex())


async def _compare_page(book: Book, engine: sa.Engine, same: Mark, last: int) -> tuple[list[bytes], Difference | None]:
    """Compare the next page behind ``same``: the leaves that are the same in both, and the first difference."""
    page = await asyncio.to_thread(_page, engine, book.canton, same.position, last)
    if not page and same.position < last:
        return [], Difference(same.position + 1, "the copy has no entry there, although its cursor lies farther on")
    found = await _beside(book, same, page)
    leaves: list[bytes] = []
    for position, copied in enumerate(page, start=same.position + 1):
        difference = _difference(position, copied, found)
        if difference is not None:
            return leaves, difference
        leaves.append(copied.leaf)
    return leaves, None


async def _beside(book: Book, same: Mark, page: Sequence[Copied]) -> dict[int, Entry | str]:
    """Read what the stream has where the copy has ``page``: entries, or a sentence why there is none."""
    try:
        return await _read(book, same, same.position + len(page))
    except (CorruptError, BeyondHeadError):
        # Something on this page is wrong: look at each place by itself, behind what the copy has before it.
        return await _one_by_one(book, same, page)


async def _one_by_one(book: Book, same: Mark, page: Sequence[Copied]) -> dict[int, Entry | str]:
    found: dict[int, Entry | str] = {}
    for copied in page:
        try:
            found |= await _read(book, same, copied.position)
        except (CorruptError, BeyondHeadError) as error:
            return found | {copied.position: str(error)}
        same = Mark(copied.position, copied.leaf.hex())
    return found


async def _read(book: Book, behind: Mark, to: int) -> dict[int, Entry | str]:
    return {
        stored.position: stored.entry async for batch in book.read(Start(behind), to) for stored in batch
    }  # fmt: skip


def _difference(position: int, copied: Copied, found: dict[int, Entry | str]) -> Difference | None:
    stored, leaf = found.get(position, "it could not be read"), copied.leaf.hex()
    hashed = leaf_of(copied.entry).hex()
    if copied.position != position:
        return Difference(position, "the copy has no entry there, although it goes on behind")
    if hashed != leaf:
        return Difference(position, f"the copy holds bytes with the leaf {hashed}, but noted {leaf} when it was made")
    if isinstance(stored, str):
        return Difference(position, f"the copy holds {leaf}, but the stream does not: {stored}")
    if stored != copied.entry:
        return Difference(position, f"the copy holds {leaf}, the stream {leaf_of(stored).hex()}")
    return None


def _head(engine: sa.Engine, canton: str) -> Head:
    with snapshot(engine) as connection:
        return head(connection, canton) or Head()


def _page(engine: sa.Engine, canton: str, after: int, last: int) -> list[Copied]:
    with snapshot(engine) as connection:
        return copied_entries(connection, canton, after, min(PAGE, last - after))
