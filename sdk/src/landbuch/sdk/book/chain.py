"""Verifying a book while reading it: positions without a gap, each entry on top of the one before."""

from __future__ import annotations

from typing import TypeGuard

from landbuch.contracts.entry import Entry, leaf_of
from landbuch.contracts.judge import Void, judge
from landbuch.contracts.merkle import Frontier
from landbuch.sdk.book.api import Mark, Start, Stored
from landbuch.sdk.errors import ChainBrokenError


class Chain:
    """Judges entries in order and settles what a predecessor that does not fit means.

    An entry with a wrong ``prevhash`` is rubbish (void), or the entry before it was altered (corruption). The reader
    can tell in three ways: the entry before is its own verified mark; it read the entry before while it watched; or
    independent evidence covers the place, and the tree up to there has the root that the evidence says. Otherwise it
    must stop.

    What the chain alone cannot see: an entry is vouched for by the next one that is not void for another reason. The
    last entry, and one followed by such rubbish, are vouched for by evidence only.
    """

    def __init__(self, start: Start, live_after: int | None = None) -> None:
        """Begin at ``start``; entries behind position ``live_after`` arrive while the reader watches (None: none do).

        Raises ``ChainBrokenError`` when the evidence speaks of the start itself and contradicts it.
        """
        self.mark = start.mark
        self._live_after = live_after
        self._trusted = start.mark.position
        self._evidence = start.evidence
        self._doubt: ChainBrokenError | None = None
        self._frontier = _frontier(start)
        self._settle()

    @property
    def in_doubt(self) -> bool:
        """Whether a predecessor did not fit and nothing has settled yet what that means."""
        return self._doubt is not None

    def admit(self, entry: Entry) -> Stored:
        """Judge the next entry; raises ``ChainBrokenError`` as soon as it is certain that the book is corrupt."""
        position = self.mark.position + 1
        leaf = leaf_of(entry)
        verdict = judge(entry, position, self.mark.leaf)
        if is_misfit(verdict) and not self._seen(position - 1) and self._doubt is None:
            self._doubt = ChainBrokenError(
                position,
                f"the entry {verdict.detail}. Either this entry is rubbish or an entry before it was altered, and "
                "nothing independent settles which. Verify with the ledger's copy, or restore from it.",
            )
        self.mark = Mark(position, leaf.hex())
        if self._frontier is not None:
            self._frontier.append(leaf)
        self._settle()
        return Stored(position, entry, leaf, verdict)

    def finish(self) -> None:
        """End of reading, or beginning of live watching: raise what nothing has settled."""
        if self._doubt is not None:
            raise self._doubt

    def _seen(self, position: int) -> bool:
        return position == self._trusted or (self._live_after is not None and position >= self._live_after)

    def _settle(self) -> None:
        evidence, frontier = self._evidence, self._frontier
        if evidence is None or frontier is None or frontier.size != evidence.size:
            return
        found = frontier.root()
        if found != evidence.root:
            where = self._doubt.position - 1 if self._doubt is not None else evidence.size
            what = "the entry behind it names another one" if self._doubt is not None else "here or before"
            raise ChainBrokenError(
                where,
                f"the first {evidence.size} entries have the root {found.hex()}, but the independent copy has "
                f"{evidence.root.hex()}. A stored entry was altered ({what}). Stop writing, and restore from the copy.",
            )
        # All that was read so far is what the copy holds, so every misfit in it was rubbish, and so is the next one.
        self._doubt = None
        self._trusted = evidence.size
        self._evidence = self._frontier = None


def is_misfit(verdict: object) -> TypeGuard[Void]:
    """Tell whether an entry is void only because it names another predecessor than the entry before it."""
    return isinstance(verdict, Void) and verdict.reason == "wrong_predecessor"


def _frontier(start: Start) -> Frontier | None:
    """Give the tree up to the start, where evidence makes it worth keeping and it is known."""
    if start.evidence is None:
        return None
    if start.frontier is None:
        return Frontier() if start.mark.position == 0 else None
    if start.frontier.size != start.mark.position:
        message = (
            f"the tree of a start has {start.frontier.size} leaves, but its mark is position {start.mark.position}"
        )
        raise ValueError(message)
    return start.frontier.copy()
