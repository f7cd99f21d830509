"""The tables of reporting: caches of the books, dropped and filled again when their shape changes.

All amounts are whole Rappen; text is compared bytewise. Each row keeps the position and, where it drives money, the
booking day, so that every question can be answered on both clocks.
"""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from landbuch.contracts.catalogue import EVENTS
from landbuch.sdk.projection import cursor_table

SCHEMA = "reporting"
EDITION = 1
"""Counted up when the projection writes other rows into the same tables, so that they are filled again."""

metadata = sa.MetaData(schema=SCHEMA)
TEXT = sa.Text(collation="C")

entry = sa.Table(
    "entry",
    metadata,
    sa.Column("book", TEXT, primary_key=True),
    sa.Column("position", sa.BigInteger, primary_key=True),
    sa.Column("subject", sa.LargeBinary, nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False),
    sa.Column("leaf", sa.LargeBinary, nullable=False),
    comment="Every entry as stored, for the page that shows it.",
)

# `time` is text as in the envelope: always 27 characters, so it sorts as time.
event = sa.Table(
    "event",
    metadata,
    sa.Column("book", TEXT, primary_key=True),
    sa.Column("position", sa.BigInteger, primary_key=True),
    sa.Column("id", TEXT, nullable=False),
    sa.Column("name", TEXT, nullable=False),
    sa.Column("phase", TEXT, nullable=False),
    sa.Column("bookedon", sa.Date, nullable=False),
    sa.Column("time", TEXT, nullable=False),
    sa.Column("actor", TEXT, nullable=False),
    sa.Column("illustration", sa.Boolean, nullable=False),
    sa.Column("known", sa.Boolean, nullable=False),
    sa.Index("event_by_name", "book", "name", "position"),
    sa.Index("event_by_time", "book", "time"),
    sa.Index("event_by_id", "book", "id"),
    comment="The event index: the envelope of each entry that counts.",
)

line = sa.Table(
    "line",
    metadata,
    sa.Column("book", TEXT, primary_key=True),
    sa.Column("position", sa.BigInteger, primary_key=True),
    sa.Column("number", sa.SmallInteger, primary_key=True),
    sa.Column("phase", TEXT, nullable=False),
    sa.Column("account", TEXT, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("bookedon", sa.Date, nullable=False),
    sa.Column("illustration", sa.Boolean, nullable=False),
    sa.Index("line_by_account", "book", "phase", "account", "position"),
    comment="Journal lines with booking day and position: debit positive.",
)

mention = sa.Table(
    "mention",
    metadata,
    sa.Column("book", TEXT, primary_key=True),
    sa.Column("object", TEXT, primary_key=True),
    sa.Column("position", sa.BigInteger, primary_key=True),
    comment="Which object each event speaks of: credit, agreement, partner, disbursement …, or #position.",
)

void_entry = sa.Table(
    "void_entry",
    metadata,
    sa.Column("book", TEXT, primary_key=True),
    sa.Column("position", sa.BigInteger, primary_key=True),
    sa.Column("reason", TEXT, nullable=False),
    sa.Column("detail", TEXT, nullable=False),
    comment="Entries that count for nothing, and why.",
)

projection = cursor_table(metadata)


def shape() -> str:
    """Give a digest of all tables, of the edition and of the types of events that this version knows.

    Tables of another shape are dropped and filled again: an event whose type was unknown may be known now.
    """
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # untyped in SQLAlchemy
    statements = [str(sa.schema.CreateTable(table).compile(dialect=dialect)) for table in metadata.sorted_tables]
    return hashlib.sha256("\n".join([str(EDITION), *sorted(EVENTS), *statements]).encode()).hexdigest()
