"""Which command ids a book holds, in little memory: a 64-bit digest of each id and the position of its first event.

A digest only says where to look; whoever asks confirms by reading the book. So a chance collision costs a read and is
never taken for the command. Sixteen bytes per command: ten million commands fit into 160 MB.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator

from landbuch.contracts.envelope import short_digest

_FRESH_AT_MOST = 65_536
_RUN_AT_MOST = 1_048_576
"""Runs longer than this are not merged: a lookup searches each, and merging would hold up the writer."""


class Seen:
    """Digest to positions. The youngest lie in a dict, the others in sorted runs that are merged as they grow."""

    def __init__(self) -> None:
        """Begin empty."""
        self._fresh: dict[int, list[int]] = {}
        self._runs: list[tuple[array[int], array[int]]] = []
        self._last: str | None = None
        self._count = 0

    def __len__(self) -> int:
        """Count what was noted."""
        return self._count

    def note(self, commandid: str, position: int) -> None:
        """Note the event at a position; only the first of several adjacent events of a command takes room."""
        if commandid == self._last:
            return
        self._last = commandid
        self._fresh.setdefault(short_digest(commandid), []).append(position)
        self._count += 1
        if len(self._fresh) >= _FRESH_AT_MOST:
            self._settle()

    def positions(self, commandid: str) -> list[int]:
        """Give, in ascending order, the positions at which the command's first event may stand."""
        digest = short_digest(commandid)
        found = list(self._fresh.get(digest, ()))
        for digests, positions in self._runs:
            index = bisect_left(digests, digest)
            while index < len(digests) and digests[index] == digest:
                found.append(positions[index])
                index += 1
        return sorted(found)

    def _settle(self) -> None:
        """Turn the youngest into a run, and merge runs of like length."""
        pairs = sorted((digest, position) for digest, at in self._fresh.items() for position in at)
        self._fresh = {}
        run = _run(pairs)
        while self._runs and len(self._runs[-1][0]) <= len(run[0]) and 2 * len(run[0]) <= _RUN_AT_MOST:
            run = _run(sorted([*_pairs(self._runs.pop()), *_pairs(run)]))
        self._runs.append(run)


def _run(pairs: list[tuple[int, int]]) -> tuple[array[int], array[int]]:
    return array("Q", [digest for digest, _ in pairs]), array("Q", [position for _, position in pairs])


def _pairs(run: tuple[array[int], array[int]]) -> Iterator[tuple[int, int]]:
    return zip(*run, strict=True)
