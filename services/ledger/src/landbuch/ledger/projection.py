"""What the ledger projects: the copy of each entry, its envelope, its journal lines, balances, and what is void."""

from __future__ import annotations

import asyncio
import datetime

import sqlalchemy as sa

from landbuch.contracts.envelope import Unknown
from landbuch.contracts.judge import Void
from landbuch.ledger.store import tables
from landbuch.ledger.store.copy import patrol
from landbuch.sdk import projector
from landbuch.sdk.book.api import Book, Stored
from landbuch.sdk.progress import Progress
from landbuch.sdk.projection import Projection, Rows

_LONGEST_DETAIL = 1000
_LOOK_AGAIN_S = 0.1


def apply(canton: str, stored: Stored) -> Rows:
    """Turn one entry into rows. A void one is copied and listed; an event of unknown type is booked like any other."""
    position, verdict = stored.position, stored.verdict
    copied = (canton, position, stored.entry.subject.encode(), stored.entry.payload, stored.leaf)
    if isinstance(verdict, Void):
        void = (canton, position, verdict.reason, _text(verdict.detail)[:_LONGEST_DETAIL])
        return {"entry": (copied,), "void_entry": (void,)}
    bookedon = datetime.date.fromisoformat(verdict.bookedon)
    phase = verdict.phase
    event = (
        canton, position, verdict.id, _text(verdict.type), phase, bookedon, verdict.time, verdict.actor,
    )  # fmt: skip
    lines = verdict.lines if isinstance(verdict, Unknown) else verdict.data.lines or ()
    return {
        "entry": (copied,),
        "event": (event,),
        "journal_line": [
            (canton, position, number, phase, account, amount, bookedon)
            for number, (account, amount) in enumerate(lines, start=1)
        ],
        "balance": [(canton, phase, account, amount) for account, amount in lines],
    }


def _text(text: str) -> str:
    """PostgreSQL's text holds every character but one."""
    return text.replace("\x00", "\N{SYMBOL FOR NULL}")


LEDGER = Projection(
    name="ledger",
    cursors=tables.projection,
    copied=(tables.entry, tables.event, tables.journal_line, tables.void_entry),
    summed=(tables.balance,),
    apply=apply,
)


async def run(book: Book, engine: sa.Engine, progress: Progress) -> None:
    """Keep the ledger's tables at the head of a book, and compare stream and copy, until cancelled.

    Raises what made going on impossible, after saying so in ``progress``; see ``landbuch.sdk.projector.run``.
    """
    project = asyncio.create_task(projector.run(book, LEDGER, engine, progress))
    compare = asyncio.create_task(_compare(book, engine, progress))
    try:
        done, _ = await asyncio.wait({project, compare}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        project.cancel()
        compare.cancel()
        await asyncio.wait({project, compare})
    for task in done:
        error = task.exception()
        if isinstance(error, Exception) and progress.failure is None:
            progress.stop(error)
        await task


async def _compare(book: Book, engine: sa.Engine, progress: Progress) -> None:
    """Compare stream and copy as soon as there is a copy."""
    while not progress.started:  # noqa: ASYNC110  # a progress is looked at; it calls nobody
        await asyncio.sleep(_LOOK_AGAIN_S)
    await patrol(book, engine)
