"""Telling what was done to a stream from the entries that stand where they should not, in sentences for everybody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from landbuch.contracts.canonical import NotCanonicalError, parse
from landbuch.contracts.judge import Void, VoidReason
from landbuch.sdk.book.api import Stored

RESTORE = "Stop writing to this book, keep everything as it is, and restore it from the ledger's copy."


@dataclass(frozen=True, slots=True)
class Stray:
    """An entry without effect: why, which position it says it has, and which predecessor it names, if it says so."""

    position: int
    leaf: str
    reason: VoidReason
    says: int | None
    names: str | None

    @property
    def moved(self) -> bool:
        """Whether it says that it was written at another position."""
        return self.says is not None and self.says != self.position


@dataclass(frozen=True, slots=True)
class Damage:
    """What is wrong with a book and what to do, one sentence each; everything before the position is sound."""

    position: int
    sentence: str
    remedy: str = RESTORE


def stray_of(stored: Stored, void: Void, replayed: Callable[[bytes, int], bool]) -> Stray:
    """Look at a void entry for what it says about its place.

    ``replayed`` tells whether an entry with this leaf stands at another position already: such a copy was never moved.
    """
    try:
        value = parse(stored.entry.payload)
    except (NotCanonicalError, UnicodeError):
        value = None
    said = value if isinstance(value, dict) else {}
    says, names = said.get("position"), said.get("prevhash")
    if not isinstance(says, int) or isinstance(says, bool) or replayed(stored.leaf, says):
        says = None
    return Stray(
        stored.position,
        stored.leaf.hex(),
        void.reason,
        says,
        names if isinstance(names, str) else None,
    )


def follows(before: Stray, after: Stray) -> bool:
    """Tell whether an entry was written right on top of another, wherever both stand now."""
    assert before.says is not None  # it was chosen for saying where it was written
    return after.says == before.says + 1 and after.names == before.leaf


def cut_off(head: int, known: int) -> Damage:
    """Tell that the end of the stream is gone."""
    return Damage(
        head + 1,
        f"The stream ends at position {head}, but the ledger holds entries up to position {known}: the end of the "
        "stream was lost or cut off.",
    )


def misfit(strays: Sequence[Stray]) -> Damage:
    """Tell what was done when the last of these entries names another predecessor than the entry before it."""
    last = strays[-1]
    moved = [stray for stray in strays if stray.moved]
    if len(moved) > 1:
        return _out_of_order(moved)
    before = strays[-2] if len(strays) > 1 and strays[-2].position == last.position - 1 else None
    if before is not None:
        return Damage(
            before.position,
            f"The event at position {before.position} was altered after it was written: it is no longer the one that "
            f"the event at position {last.position} was written on top of.",
        )
    return Damage(
        last.position - 1,
        f"The event at position {last.position} was not written on top of the event at position {last.position - 1}: "
        "one of the two was altered after it was written, or the later one was put there by somebody else.",
    )


def displaced(moved: Sequence[Stray]) -> Damage:
    """Tell what was done when events say, up to the end of the book, that they were written at other positions."""
    first = moved[0]
    assert first.says is not None  # it was chosen for saying so
    if first.says > first.position:
        missing = first.says - first.position
        what = "an event is missing" if missing == 1 else f"{missing} events are missing"
        return Damage(
            first.position,
            f"At position {first.position} {what}: the event that stands there says it was written at position "
            f"{first.says}.",
        )
    return Damage(
        first.position,
        f"An event was put in before position {first.position}: the one that stands there now says it was written at "
        f"position {first.says}.",
    )


def perhaps_missing(last: Stray) -> Damage:
    """Tell that the last entry says it was written farther on, which alone does not prove that something is missing."""
    return Damage(
        last.position,
        f"The last entry, at position {last.position}, says it was written at position {last.says}: either events "
        "before it are missing, or it is rubbish.",
        "Verify with the ledger's copy, which tells the two apart.",
    )


def differs_from_copy(position: int, size: int) -> Damage:
    """Tell that the stream is not what the ledger copied, and only the root over all entries shows it."""
    return Damage(
        position,
        f"The stream no longer holds what the ledger copied when it was written: an event at position {position} or "
        f"before was altered, removed or replaced (the first {size} entries have another root).",
    )


def first_difference(stream: Sequence[bytes], copy: Sequence[bytes], first: int) -> Damage | None:
    """Compare leaf hashes of stream and copy from position ``first`` on; tell what was done where they differ first."""
    for index, (ours, theirs) in enumerate(zip(stream, copy, strict=False)):
        if ours != theirs:
            return _difference(stream[index:], copy[index:], first + index)
    return None


def _difference(stream: Sequence[bytes], copy: Sequence[bytes], position: int) -> Damage:
    against = "; the ledger's copy shows it."
    if len(stream) > 1 and len(copy) > 1 and stream[:2] == [copy[1], copy[0]]:
        return _swapped(position)
    if len(copy) > 1 and stream[0] == copy[1]:
        return Damage(
            position, f"The event that was written at position {position} is missing from the stream{against}"
        )
    if len(stream) > 1 and stream[1] == copy[0]:
        return Damage(position, f"An event was put in at position {position} that was never written there{against}")
    return Damage(position, f"The event at position {position} was altered after it was written{against}")


def _out_of_order(moved: Sequence[Stray]) -> Damage:
    first, last = moved[0], moved[-1]
    if len(moved) == 2 and (first.says, last.says) == (last.position, first.position):  # noqa: PLR2004  # a pair
        return _swapped(first.position)
    return Damage(
        first.position,
        f"The events at positions {first.position} to {last.position} do not stand where they were written: their "
        "order was changed.",
    )


def _swapped(position: int) -> Damage:
    return Damage(
        position,
        f"The events at positions {position} and {position + 1} stand in each other's place: they were swapped after "
        "they were written.",
    )
