"""What a book can do, whoever keeps it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from landbuch.contracts.entry import GENESIS, Entry
from landbuch.contracts.judge import Verdict
from landbuch.contracts.merkle import Frontier


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry at its position, with its leaf hash and what it was judged to be."""

    position: int
    entry: Entry
    leaf: bytes
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a book that the reader has verified: the position and the leaf there. Position 0 is the beginning."""

    position: int = 0
    leaf: str = GENESIS


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an independent keeper (the ledger's copy, later a signed checkpoint) says of the first ``size`` entries."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Start:
    """Where a reader begins: a mark, the tree up to it, and independent evidence if there is any."""

    mark: Mark = Mark()
    frontier: Frontier | None = None
    evidence: Evidence | None = None


BEGINNING = Start()


class Book(Protocol):
    """One canton's book."""

    canton: str

    async def head(self) -> int:
        """Ask the leader for the last position; 0 when the book is empty.

        Raises ``UnavailableError`` and ``BookMissingError``.
        """

    def read(self, start: Start = BEGINNING, to: int | None = None) -> AsyncIterator[Sequence[Stored]]:
        """Read from behind ``start`` to position ``to``, verified, in batches, and end.

        ``to`` is the head at the time of the call when it is left out. That the book still holds the start's own entry
        is verified too. A stored entry is handed out when the one behind it vouches for it, evidence does, or none
        stands behind it.

        Raises ``GapError`` (also when the book ends before the mark or the evidence), ``ChainBrokenError``,
        ``BeyondHeadError`` when ``to`` lies behind the head, ``UnavailableError``, ``BookMissingError``.
        """

    def follow(self, start: Start = BEGINNING) -> AsyncIterator[Sequence[Stored]]:
        """Read on for ever, verified; compares itself with the leader's head every second and never hangs silently.

        Entries behind the head at the time of the call count as seen live: when one of them names another predecessor
        than the reader saw, and the book still holds what the reader saw, it is void. Outlives its servers (each
        silence goes to the log), so ``UnavailableError`` is not raised; otherwise raises what ``read`` does.
        """

    async def append(self, entries: Sequence[Entry], expected: int) -> None:
        """Store 1 to 1000 entries behind position ``expected``, all or none, or raise.

        Raises ``ConflictError`` when the head is not ``expected``; ``OutcomeUnknownError`` when the answer was lost and
        could not be settled in time; ``TooLargeError``, ``PermissionDeniedError``, ``BookMissingError``; ``ValueError``
        for entries of another book. An unknown outcome is settled inside as long as possible: by reading back what
        stands behind ``expected`` and by guarded repetition. So the very same entries, appended again where they
        stand, are accepted and not stored twice.
        """
