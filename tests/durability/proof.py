"""What must hold after a kill: asked of the book, of its copy and of the ledger's balances."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence

from landbuch.contracts.dates import moment
from landbuch.contracts.entry import Entry, leaf_of
from landbuch.ledger.store.copy import compare_copy
from landbuch.ledger.store.engine import open_engine
from landbuch.local.stack import LocalStack
from landbuch.sdk import connection
from landbuch.sdk.book.setup import find_book
from landbuch.sdk.cli.verify import verified
from landbuch.sdk.client import Client
from tests.doors import doors_of, entries_of
from tests.durability.sending import single
from tests.durability.stream import Errand, Round, errands_of
from tests.hosts import connected

Receipt = tuple[int, str]


async def demand_nothing_lost(stack: LocalStack, canton: str, sent: Sequence[Round], *, told: int) -> None:
    """Demand that book, copy and balances agree with each other and with what every client was told.

    ``told``: how many entries the book had before the clients began.
    """
    entries = await entries_of(stack, canton)
    errands = errands_of(sent)
    demand_answered_truly(entries, errands, told=told)
    accepted = sum(bool(errand.receipts) for errand in errands)
    print(f"{accepted} accepted, {persisted(entries, errands)} of them written by a sending that got no answer")
    await demand_same_answer_again(stack, canton, sent)
    assert await entries_of(stack, canton) == entries, "sending again what was answered wrote something"
    await demand_verified(stack, canton, len(entries))
    await demand_copied(stack, canton, len(entries))


def demand_answered_truly(entries: Sequence[Entry], errands: Sequence[Errand], *, told: int) -> None:
    """Demand that each accepted command stands in the book once, as acknowledged, and that nothing else does."""
    booked, ids = booked_in(entries, told)
    unanswered = [errand.commandid for errand in errands if errand.answer is None]
    assert not unanswered, f"{len(unanswered)} commands have no outcome"
    assert len(ids) == len(set(ids)), "an event id stands in the book twice"
    lost = [errand.commandid for errand in errands if errand.receipts and errand.commandid not in booked]
    assert not lost, f"{len(lost)} acknowledged commands are not in the book, such as {lost[:3]}"
    for errand in errands:
        assert booked.get(errand.commandid, []) == errand.receipts, f"{errand} is not in the book as acknowledged"
    strangers = booked.keys() - {errand.commandid for errand in errands}
    assert not strangers, f"nobody sent the commands {sorted(strangers)[:3]}, but their events are in the book"


def booked_in(entries: Sequence[Entry], told: int) -> tuple[dict[str, list[Receipt]], list[str]]:
    """Give position and leaf of each event behind the first ``told``, by command id; and all event ids."""
    booked: dict[str, list[Receipt]] = {}
    ids: list[str] = []
    for position, entry in enumerate(entries, start=1):
        event = json.loads(entry.payload)
        ids.append(event["id"])
        if position > told:
            booked.setdefault(event["commandid"], []).append((position, leaf_of(entry).hex()))
    return booked, ids


def persisted(entries: Sequence[Entry], errands: Sequence[Errand]) -> int:
    """Count the commands that were in the book already when they were sent the last time: failed, but persisted."""
    return sum(
        moment(json.loads(entries[errand.receipts[0][0] - 1].payload)["time"]).timestamp() < errand.begun_at
        for errand in errands
        if errand.receipts
    )


async def demand_same_answer_again(stack: LocalStack, canton: str, sent: Sequence[Round]) -> None:
    """Demand that some accepted commands, sent once more, get the very answer that they got first."""
    async with doors_of(stack) as doors:
        for one in sent:
            for errand in _some(errand for errand in errands_of([one]) if errand.receipts):
                answer = await single(doors, one, canton, errand)
                assert errand.answer is not None
                assert answer.body == errand.answer.body


def _some(errands: Iterable[Errand]) -> list[Errand]:
    every = list(errands)
    return every[:: max(1, len(every) // 8)]


async def demand_verified(stack: LocalStack, canton: str, head: int) -> None:
    """Demand that a replay finds nothing wrong, and that the ledger's balances and copy are at the head and equal."""
    found = connection.read(stack.places.root)
    async with Client(found) as client:
        await client.wait_for(canton, head)
    copy, report = await verified(found, found, canton)
    assert report.exit_code == 0, report.findings
    assert copy is not None
    assert (report.entries, copy.live.position, copy.evidence.size) == (head, head, head)
    assert copy.live.root == report.trial_root
    assert copy.evidence.root.hex() == report.root
    assert {report.status(check) for check in ("chain", "trial", "copy")} == {"ok"}


async def demand_copied(stack: LocalStack, canton: str, head: int) -> None:
    """Demand that the ledger's copy holds every entry of the stream, byte by byte."""
    nc = await connected(stack, "reader")
    engine = open_engine(stack.database_url)
    try:
        comparison = await compare_copy(await find_book(nc, canton), engine)
    finally:
        await asyncio.to_thread(engine.dispose)
        await nc.close()
    assert comparison.difference is None
    assert comparison.same == head
