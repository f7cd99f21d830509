"""The envelope of an event: CloudEvents 1.0 in structured mode, canonical bytes, chained to the entry before.

Ids and hashes derive from what they stand for, so that writing a command twice gives one event.
"""

from __future__ import annotations

import hashlib
import uuid
from functools import cache
from typing import Any, Generic, Literal, TypeVar, cast

from landbuch.contracts.canonical import canonical, digest, nfc
from landbuch.contracts.entry import Entry, book_subject
from landbuch.contracts.vocabulary import (
    Canton,
    Day,
    EventSource,
    EventType,
    Frozen,
    Person,
    PhaseOrNone,
    Position,
    Record,
    Sha256,
    Time,
    Uuid,
)

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:landbuch")
"""Namespace of every id that Landbuch derives."""

D = TypeVar("D", bound=Record)


class Envelope(Frozen):
    """What every event carries, whatever it is about; the fields are named in ``docs/glossary.md``."""

    specversion: Literal["1.0"] = "1.0"
    type: EventType
    source: EventSource
    id: Uuid
    time: Time
    canton: Canton
    phase: PhaseOrNone
    position: Position
    prevhash: Sha256
    bookedon: Day
    actor: Person
    commandid: Uuid
    commandhash: Sha256
    correlationid: Uuid | None = None
    causationid: Uuid | None = None

    @property
    def name(self) -> str:
        """The event type without namespace and version: ``CreditDecided``."""
        return self.type.removeprefix("landbuch.").rpartition(".v")[0]

    @property
    def service(self) -> str:
        """The service that wrote the event."""
        return self.source.rpartition(":")[2]


class Event(Envelope, Generic[D]):
    """An event of a known type."""

    data: D

    def entry(self) -> Entry:
        """Give the subject and the canonical bytes; what stands at its default (nothing, empty, false) is left out."""
        subject = book_subject(self.canton, self.phase, self.service, self.name)
        said = self.model_dump(exclude_defaults=True)
        return Entry(subject, canonical({"specversion": self.specversion, **said}))


class Unknown(Envelope):
    """An event of a type that this version does not know; its lines count, its meaning is not understood."""

    data: dict[str, Any]

    @property
    def lines(self) -> tuple[tuple[str, int], ...]:
        """The journal lines, which every version writes the same way."""
        return tuple((account, amount) for account, amount in self.data.get("lines", ()))


AnyEvent = Event[Any]


@cache
def event_model(record: type[Record]) -> type[AnyEvent]:
    """Give the model of a whole event, envelope and data, for the model of its data."""
    return cast("type[AnyEvent]", Event.__class_getitem__(record))


def event_type(name: str, version: int = 1) -> str:
    """Name the CloudEvents type: ``landbuch.CreditDecided.v1``."""
    return f"landbuch.{name}.v{version}"


def event_source(canton: str, service: str) -> str:
    """Name the CloudEvents source: ``urn:landbuch:BL:ledger``."""
    return f"urn:landbuch:{canton}:{service}"


def event_id(canton: str, service: str, commandid: str, index: int) -> str:
    """Derive the id of the event at ``index`` (from 0) that a command caused."""
    return str(uuid.uuid5(NAMESPACE, canonical([canton, service, commandid, index]).decode()))


def timed_command_id(canton: str, kind: str, thing: str, due: str) -> str:
    """Derive the id of a command that time triggers, so that running it twice writes once."""
    return str(uuid.uuid5(NAMESPACE, canonical([canton, kind, thing, due]).decode()))


def command_hash(*, actor: str, canton: str, phase: str, command_type: str, data: object) -> str:
    """Hash what a command says (after NFC): the same id with another hash is another command."""
    return digest(nfc({"actor": actor, "canton": canton, "data": data, "phase": phase, "type": command_type}))


def short_digest(commandid: str) -> int:
    """Digest a command id to 64 bits, for an index that must hold millions of them."""
    return int.from_bytes(hashlib.sha256(commandid.encode()).digest()[:8], "big")
