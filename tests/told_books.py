"""Books for tests: the history of a canton as its services would write it, and long books of allocations and shifts."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence

from landbuch.agreements.domain.desk import DESK as AGREEMENTS
from landbuch.contracts.acts.credits import AllocationShifted
from landbuch.contracts.canonical import canonical
from landbuch.contracts.command import read_command
from landbuch.contracts.dates import next_time
from landbuch.contracts.entry import Entry, book_subject, leaf_of
from landbuch.contracts.envelope import Event, event_id, event_source, event_type
from landbuch.contracts.evolve import evolve
from landbuch.contracts.refusals import Refused
from landbuch.contracts.state import BookState
from landbuch.ledger.domain.desk import DESK as LEDGER
from landbuch.local.history.course import Placed, Step, course
from landbuch.local.history.story import steps
from landbuch.sdk.book.api import Book, Mark, Stored
from landbuch.sdk.book.memory import MemoryBook
from landbuch.sdk.deciding import Written, decide

NOW = "2026-11-22T08:00:00.000000Z"
DESKS = {"ledger": LEDGER, "agreements": AGREEMENTS}


def told_history(canton: str = "BL") -> tuple[list[Entry], BookState]:
    """Tell a canton's history to both services; give the entries and the state they fold to."""
    return told(canton, steps(canton))


def told(canton: str, story: Sequence[Step]) -> tuple[list[Entry], BookState]:
    """Tell steps of a history to both services; give the entries and the state they fold to."""
    state = BookState(canton)
    entries: list[Entry] = []
    road = course(story)
    step = next(road, None)
    while step is not None:
        written = _told(step, state)
        entries += [one.entry for one in written]
        try:
            step = road.send(Placed(state.head.position, written[-1].event.id if written else ""))
        except StopIteration:
            step = None
    return entries, state


def _told(step: Step, state: BookState) -> list[Written]:
    desk = DESKS[step.service]
    command = read_command(
        name=step.command,
        canton=step.canton,
        phase=step.phase,
        commandid=step.commandid,
        actor=step.actor,
        data=step.data,
    )
    try:
        written = decide(desk, state, command, next_time(NOW, state.head.time))
    except Refused as refusal:
        if refusal.code != step.refused:
            raise
        return []
    assert step.refused is None, step.about
    return written


def shifts(mark: Mark, count: int, canton: str = "BL", lines: int = 2) -> Iterator[Entry]:
    """Give entries that follow ``mark``: each moves a Rappen between areas and has ``lines`` journal lines."""
    areas = ["AA", "DO", "FK", "IB", "SP", "VD", "ZP", "EI"]
    time = NOW
    for number in range(count):
        time = next_time(time, time)
        pairs = [(f"credit:available:{areas[(number + at) % 8]}:canton", (-1) ** at) for at in range(lines)]
        data = AllocationShifted(
            source="canton", from_area="SP", to_area="FK", amount=1, decided_by="Regierungsrat", lines=tuple(pairs)
        )
        commandid = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{canton} {number} {mark.leaf}"))
        event = Event[AllocationShifted](
            type=event_type("AllocationShifted"),
            source=event_source(canton, "ledger"),
            id=event_id(canton, "ledger", commandid, 0),
            time=time,
            canton=canton,
            phase="KIP3",
            position=mark.position + 1,
            prevhash=mark.leaf,
            bookedon="2026-11-22",
            actor="p-7f3a",
            commandid=commandid,
            commandhash="0" * 64,
            data=data,
        )
        entry = event.entry()
        mark = Mark(mark.position + 1, leaf_of(entry).hex())
        yield entry


def unknown_event(mark: Mark, lines: Sequence[tuple[str, int]], canton: str = "BL", time: str = NOW) -> Entry:
    """Give the entry of an event whose type a newer version might know."""
    name, service = "SomethingNewer", "ledger"
    commandid = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{canton} {mark}"))
    event = {
        "specversion": "1.0",
        "type": event_type(name),
        "source": event_source(canton, service),
        "id": event_id(canton, service, commandid, 0),
        "time": time,
        "canton": canton,
        "phase": "KIP3",
        "position": mark.position + 1,
        "prevhash": mark.leaf,
        "bookedon": "2026-11-22",
        "actor": "p-7f3a",
        "commandid": commandid,
        "commandhash": "0" * 64,
        "data": {"lines": [list(line) for line in lines]},
    }
    return Entry(book_subject(canton, "KIP3", service, name), canonical(event))


def folded(stored: Sequence[Stored], canton: str = "BL") -> BookState:
    """Fold entries to a state."""
    state = BookState(canton)
    for part in stored:
        evolve(state, part.verdict, part.position, part.leaf.hex())
    return state


async def stored_of(book: Book) -> list[Stored]:
    """Read a whole book."""
    return [stored async for batch in book.read() for stored in batch]


def memory_book(canton: str, entries: Sequence[Entry]) -> MemoryBook:
    """Give a memory book that holds these entries."""
    book = MemoryBook(canton)
    book.stored.extend(entries)
    return book
