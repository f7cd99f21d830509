"""The ledger service put together: its rules, and beside each book the projector that keeps copy and balances."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from nats.aio.client import Client

from landbuch.ledger import projection, queries
from landbuch.ledger.domain import clocks
from landbuch.ledger.domain.desk import DESK
from landbuch.ledger.store.engine import open_engine
from landbuch.ledger.store.reading import head_of_copy
from landbuch.sdk.book.api import Book, Evidence
from landbuch.sdk.configuration import Configuration
from landbuch.sdk.errors import UnavailableError
from landbuch.sdk.host.host import Extras, Host
from landbuch.sdk.progress import Progress, ProgressCollector

EVIDENCE_TIMEOUT_S = 6.0
"""How long a worker waits for PostgreSQL before it begins on the evidence of its own small file."""


def build(configuration: Configuration) -> Host:
    """Put the service together without starting it; raises ``ValueError`` without a database address."""
    if configuration.database_url is None:
        message = "LANDBUCH_DATABASE_URL is not set; the ledger keeps its copy of the books in PostgreSQL"
        raise ValueError(message)
    engine = open_engine(configuration.database_url)
    return Host(DESK, configuration, extras(engine))


def extras(engine: sa.Engine) -> Extras:
    """Give what the ledger has beside deciding commands."""
    progresses: dict[str, Progress] = {}

    async def project(book: Book) -> None:
        progress = progresses[book.canton] = Progress(book.canton)
        await projection.run(book, engine, progress)

    async def evidence(_nc: Client, canton: str) -> Evidence | None:
        try:
            async with asyncio.timeout(EVIDENCE_TIMEOUT_S):
                head = await asyncio.to_thread(head_of_copy, engine, canton)
        except (UnavailableError, TimeoutError):
            return None
        return Evidence(head["position"], bytes.fromhex(head["root"])) if head["position"] else None

    async def head(canton: str) -> dict[str, Any]:
        return await asyncio.to_thread(head_of_copy, engine, canton)

    def concerns() -> Mapping[str, dict[str, Any]]:
        return {canton: _told(progress) for canton, progress in progresses.items()}

    return Extras(
        independent=evidence,
        companion=project,
        due=clocks.due,
        routers=(queries.router(engine),),
        queries={"head": head},
        collectors=(ProgressCollector(progresses.values),),
        concerns=concerns,
        close=engine.dispose,
    )


def _told(progress: Progress) -> dict[str, Any]:
    """Say how far the projection of a book is, for readiness."""
    told: dict[str, Any] = {"projected": progress.position, "lag": progress.lag, "lag_s": round(progress.lag_s, 1)}
    return told if progress.problem is None else {**told, "wrong": progress.problem}
