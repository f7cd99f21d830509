"""Connections to PostgreSQL."""

from __future__ import annotations

import sqlalchemy as sa

CONNECT_TIMEOUT_S = 5


def open_engine(url: str, *, pool_size: int = 10) -> sa.Engine:
    """Prepare connections to a database (``postgresql+psycopg://…``); the first is made when it is needed.

    Each thread that asks gets a connection of its own, ``pool_size`` kept and twice as many at most. A dead connection
    is noticed before it is used.
    """
    return sa.create_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=CONNECT_TIMEOUT_S,
        pool_pre_ping=True,
        hide_parameters=True,  # the rows of a failed statement do not belong in the log
        connect_args={"connect_timeout": CONNECT_TIMEOUT_S, "application_name": "landbuch-ledger"},
    )
