"""Valid events without any domain knowledge: ``InformationRecorded``, chained, reproducible."""

from __future__ import annotations

import datetime
import uuid

from landbuch.contracts.acts.programme import InformationRecorded
from landbuch.contracts.dates import recorded, zurich_day
from landbuch.contracts.entry import Entry, leaf_of
from landbuch.contracts.envelope import Event, command_hash, event_id, event_source, event_type
from landbuch.contracts.vocabulary import NO_PHASE
from landbuch.sdk.book.api import Mark

ACTOR = "p-7f3a"
_BEGINNING = datetime.datetime(2024, 1, 1, 8, tzinfo=datetime.UTC)
_TYPE = event_type(InformationRecorded.__name__)


def information(
    mark: Mark, *, canton: str = "BL", phase: str = NO_PHASE, writer: str = "nobody", size: int = 0
) -> Entry:
    """Give the entry that follows ``mark``: one piece of information.

    The same arguments give the same bytes. ``writer`` tells apart what different writers write at the same place.
    ``size`` pads the statement so that the payload has that many bytes (from some 600 to some 2 600).
    """
    statement = f"Told by {writer} as number {mark.position + 1}."
    entry = _entry(mark, canton, phase, statement)
    missing = size - len(entry.payload)
    return entry if missing <= 0 else _entry(mark, canton, phase, statement + "." * missing)


def informations(mark: Mark, count: int, *, canton: str = "BL", writer: str = "nobody", size: int = 0) -> list[Entry]:
    """Give ``count`` entries that follow ``mark``, each on top of the one before."""
    entries = []
    for _ in range(count):
        entry = information(mark, canton=canton, writer=writer, size=size)
        mark = after(mark, entry)
        entries.append(entry)
    return entries


def after(mark: Mark, *entries: Entry) -> Mark:
    """Give the mark behind entries that follow ``mark``."""
    for entry in entries:
        mark = Mark(mark.position + 1, leaf_of(entry).hex())
    return mark


def _entry(mark: Mark, canton: str, phase: str, statement: str) -> Entry:
    position = mark.position + 1
    time = recorded(_BEGINNING + datetime.timedelta(microseconds=position))
    data = InformationRecorded(about=canton, topic="test", statement=statement)
    commandid = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{canton} {phase} {position} {statement} {mark.leaf}"))
    told = data.model_dump(exclude_none=True)
    event = Event[InformationRecorded](
        type=_TYPE,
        source=event_source(canton, "ledger"),
        id=event_id(canton, "ledger", commandid, 0),
        time=time,
        canton=canton,
        phase=phase,
        position=position,
        prevhash=mark.leaf,
        bookedon=zurich_day(time),
        actor=ACTOR,
        commandid=commandid,
        commandhash=command_hash(actor=ACTOR, canton=canton, phase=phase, command_type="RecordInformation", data=told),
        data=data,
    )
    return event.entry()
