"""The tables of the ledger. All amounts are whole Rappen; text is compared bytewise.

``entry`` is the independent copy of the bytes: rows are only ever added. Everything else is a cache of it.
"""

from __future__ import annotations

import sqlalchemy as sa

from landbuch.sdk.projection import cursor_table

SCHEMA = "ledger"
metadata = sa.MetaData(
    schema=SCHEMA,
    naming_convention={
        "pk": "%(table_name)s_pk",
        "ck": "%(table_name)s_%(constraint_name)s",
        "ix": "%(table_name)s_%(column_0_N_name)s",
    },
)
TEXT = sa.Text(collation="C")

# The subject is kept as bytes too: what was hashed is what is kept, whatever somebody managed to write.
entry = sa.Table(
    "entry",
    metadata,
    sa.Column("book", TEXT, primary_key=True),
    sa.Column("position", sa.BigInteger, primary_key=True),
    sa.Column("subject", sa.LargeBinary, nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False),
    sa.Column("leaf", sa.LargeBinary, nullable=False),
    sa.CheckConstraint("position > 0", name="position_counts_from_1"),
    sa.CheckConstraint(
        r"leaf = sha256('\x00'::bytea || subject || '\x0a'::bytea || payload)", name="leaf_is_the_hash_of_the_bytes"
    ),
    comment="Independent copy of every entry of every book. Rows are only ever added.",
)

# The envelope of each entry that counts. `time` is text as in the envelope: always 27 characters, so it sorts as time.
event = sa.Table(
    "event",
    metadata,
    sa.Column("book", TEXT, primary_key=True),
    sa.Column("position", sa.BigInteger, primary_key=True),
    sa.Column("id", TEXT, nullable=False),
    sa.Column("type", TEXT, nullable=False),
    sa.Column("phase", TEXT, nullable=False),
    sa.Column("bookedon", sa.Date, nullable=False),
    sa.Column("time", TEXT, nullable=False),
    sa.Column("actor", TEXT, nullable=False),
    sa.CheckConstraint("length(time) = 27", name="time_has_27_characters"),
    sa.Index(None, "book", "type", "position"),
    sa.Index(None, "book", "time"),
    comment="Envelope of each entry that counts (void ones do not). Rebuilt from the copy.",
)

journal_line = sa.Table(
    "journal_line",
    metadata,
    sa.Column("book", TEXT, primary_key=True),
    sa.Column("position", sa.BigInteger, primary_key=True),
    sa.Column("line", sa.SmallInteger, primary_key=True),
    sa.Column("phase", TEXT, nullable=False),
    sa.Column("account", TEXT, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("bookedon", sa.Date, nullable=False),
    sa.CheckConstraint("line > 0", name="line_counts_from_1"),
    sa.CheckConstraint("account ~ '^(credit|budget|finance):'", name="account_has_a_layer"),
    sa.Index(None, "book", "phase", "bookedon"),
    comment="Lines of each event: Rappen, debit positive. Rebuilt from the copy.",
)

# A line fits into a bigint; a sum of very many lines that somebody forged need not, and must stop nothing.
balance = sa.Table(
    "balance",
    metadata,
    sa.Column("book", TEXT, primary_key=True),
    sa.Column("phase", TEXT, primary_key=True),
    sa.Column("account", TEXT, primary_key=True),
    sa.Column("amount", sa.Numeric(38, 0), nullable=False),
    sa.CheckConstraint("account ~ '^(credit|budget|finance):'", name="account_has_a_layer"),
    comment="Sum of the lines per account in Rappen, debit positive. Rebuilt from the copy.",
)

void_entry = sa.Table(
    "void_entry",
    metadata,
    sa.Column("book", TEXT, primary_key=True),
    sa.Column("position", sa.BigInteger, primary_key=True),
    sa.Column("reason", TEXT, nullable=False),
    sa.Column("detail", TEXT, nullable=False),
    comment="Entries that count for nothing, and why. Rebuilt from the copy.",
)

projection = cursor_table(metadata)

JOURNAL_VIEW = """
CREATE VIEW ledger.journal AS
    SELECT line.book, line.position, line.line, event.id AS event_id, event.type AS event_type, line.phase,
           line.account, line.amount, line.bookedon, event.time AS recorded_at, event.actor
    FROM ledger.journal_line AS line JOIN ledger.event AS event USING (book, position);
COMMENT ON VIEW ledger.journal IS 'The journal for people: each line with the event that caused it.';
"""
