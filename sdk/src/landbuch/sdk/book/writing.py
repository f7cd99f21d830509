"""What may be handed to a book for storing, whoever keeps it."""

from __future__ import annotations

from collections.abc import Sequence

from landbuch.contracts.entry import MAX_EVENT_BYTES, Entry
from landbuch.sdk.errors import TooLargeError

LARGEST_BATCH = 1000
"""Entries in one atomic batch; the limit of the NATS server."""

_IN_A_TOKEN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")


def demand_storable(canton: str, entries: Sequence[Entry]) -> None:
    """Refuse what no book takes: raises ``TooLargeError``, and ``ValueError`` where the caller is wrong."""
    if not 1 <= len(entries) <= LARGEST_BATCH:
        message = f"an append takes 1 to {LARGEST_BATCH} entries, not {len(entries)}"
        raise ValueError(message)
    for entry in entries:
        tokens = entry.subject.split(".")
        if tokens[:2] != ["book", canton] or len(tokens) <= len(("book", canton)):
            message = f"{entry.subject!r} does not belong to the book of {canton}"
            raise ValueError(message)
        if not all(token and _IN_A_TOKEN.issuperset(token) for token in tokens):
            message = f"{entry.subject!r} is not a subject: tokens have letters, digits, - and _"
            raise ValueError(message)
        if len(entry.payload) > MAX_EVENT_BYTES:
            excess = len(entry.payload) - MAX_EVENT_BYTES
            raise TooLargeError(
                f"an event under {entry.subject} has {len(entry.payload)} bytes; it may have {MAX_EVENT_BYTES}, "
                f"{excess} too many. Say it in several events, or keep the document outside and its hash in the event."
            )
