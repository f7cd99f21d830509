"""Connections to PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from landbuch.sdk.projection import answering

CONNECT_TIMEOUT_S = 5


def open_engine(url: str, *, pool_size: int = 10) -> sa.Engine:
    """Prepare connections to a database (``postgresql+psycopg://…``); the first is made when it is needed."""
    return sa.create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=CONNECT_TIMEOUT_S,
        pool_pre_ping=True,
        hide_parameters=True,  # the rows of a failed statement do not belong in the log
        connect_args={"connect_timeout": CONNECT_TIMEOUT_S, "application_name": "landbuch-reporting"},
    )


@contextmanager
def snapshot(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Open one read-only transaction that sees one state of all tables; raises ``UnavailableError``."""
    with answering(), engine.connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection
