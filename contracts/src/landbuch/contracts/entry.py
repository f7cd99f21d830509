"""An entry is what a book holds at one position: a subject and the bytes of an event.

Entry bytes are the subject, a newline, and the payload, so that the subject, which the server enforced, stands under
the proof too. The leaf hash is that of RFC 6962: SHA-256 of 0x00 and the entry bytes.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

GENESIS = "0" * 64
"""``prevhash`` of the first event of a book."""

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
MAX_EVENT_BYTES = 60_000
"""Largest payload of an event; the stream's limit, which counts headers too, lies a little above."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A subject and a payload, as stored."""

    subject: str
    payload: bytes

    @property
    def bytes(self) -> bytes:
        """The bytes that are hashed, copied and put into tiles.

        A server takes any byte in a subject, and its interfaces hand on what is no UTF-8 in different disguises. No
        event has such a subject; so that all readers hash alike, a run beyond ASCII counts as one question mark.
        """
        subject = self.subject if self.subject.isascii() else _BEYOND_ASCII.sub("?", self.subject)
        return subject.encode("ascii") + b"\n" + self.payload


def leaf_of(entry: Entry) -> bytes:
    """Give the RFC 6962 leaf hash of an entry (32 bytes)."""
    return hashlib.sha256(b"\x00" + entry.bytes).digest()


def book_subject(canton: str, phase: str, service: str, event_type: str) -> str:
    """Name the NATS subject of an event: ``book.BL.KIP3.ledger.CreditDecided``; phase ``_`` where none applies."""
    return f"book.{canton}.{phase}.{service}.{event_type}"


def book_subjects(canton: str) -> str:
    """Name the subjects that a canton's stream captures."""
    return f"book.{canton}.>"
