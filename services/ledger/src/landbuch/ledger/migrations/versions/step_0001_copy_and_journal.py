"""The copy of the entries, and journal, balances and void entries derived from it."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = r"""
CREATE TABLE ledger.entry (
    book text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    subject bytea NOT NULL,
    payload bytea NOT NULL,
    leaf bytea NOT NULL,
    CONSTRAINT entry_pk PRIMARY KEY (book, position),
    CONSTRAINT entry_position_counts_from_1 CHECK (position > 0),
    CONSTRAINT entry_leaf_is_the_hash_of_the_bytes
        CHECK (leaf = sha256('\x00'::bytea || subject || '\x0a'::bytea || payload))
);
COMMENT ON TABLE ledger.entry IS 'Independent copy of every entry of every book. Rows are only ever added.';

CREATE TABLE ledger.event (
    book text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    id text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    phase text COLLATE "C" NOT NULL,
    bookedon date NOT NULL,
    time text COLLATE "C" NOT NULL,
    actor text COLLATE "C" NOT NULL,
    CONSTRAINT event_pk PRIMARY KEY (book, position),
    CONSTRAINT event_time_has_27_characters CHECK (length(time) = 27)
);
CREATE INDEX event_book_type_position ON ledger.event (book, type, position);
CREATE INDEX event_book_time ON ledger.event (book, time);
COMMENT ON TABLE ledger.event IS 'Envelope of each entry that counts (void ones do not). Rebuilt from the copy.';

CREATE TABLE ledger.journal_line (
    book text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    line smallint NOT NULL,
    phase text COLLATE "C" NOT NULL,
    account text COLLATE "C" NOT NULL,
    amount bigint NOT NULL,
    bookedon date NOT NULL,
    CONSTRAINT journal_line_pk PRIMARY KEY (book, position, line),
    CONSTRAINT journal_line_line_counts_from_1 CHECK (line > 0),
    CONSTRAINT journal_line_account_has_a_layer CHECK (account ~ '^(credit|budget|finance):')
);
CREATE INDEX journal_line_book_phase_bookedon ON ledger.journal_line (book, phase, bookedon);
COMMENT ON TABLE ledger.journal_line IS 'Lines of each event: Rappen, debit positive. Rebuilt from the copy.';

CREATE TABLE ledger.balance (
    book text COLLATE "C" NOT NULL,
    phase text COLLATE "C" NOT NULL,
    account text COLLATE "C" NOT NULL,
    amount numeric(38, 0) NOT NULL,
    CONSTRAINT balance_pk PRIMARY KEY (book, phase, account),
    CONSTRAINT balance_account_has_a_layer CHECK (account ~ '^(credit|budget|finance):')
);
COMMENT ON TABLE ledger.balance IS 'Sum of the lines per account in Rappen, debit positive. Rebuilt from the copy.';

CREATE TABLE ledger.void_entry (
    book text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    reason text COLLATE "C" NOT NULL,
    detail text COLLATE "C" NOT NULL,
    CONSTRAINT void_entry_pk PRIMARY KEY (book, position)
);
COMMENT ON TABLE ledger.void_entry IS 'Entries that count for nothing, and why. Rebuilt from the copy.';

CREATE TABLE ledger.projection (
    book text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    leaf bytea NOT NULL,
    peaks bytea[] NOT NULL,
    root bytea NOT NULL,
    time text COLLATE "C",
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT projection_pk PRIMARY KEY (book, name),
    CONSTRAINT projection_position_counts_from_0 CHECK (position >= 0),
    CONSTRAINT projection_hashes_have_32_bytes CHECK (octet_length(leaf) = 32 AND octet_length(root) = 32),
    CONSTRAINT projection_peaks_fit_the_position CHECK (cardinality(peaks) = bit_count(position::bit(64)))
);
COMMENT ON TABLE ledger.projection IS 'Up to where the tables have come, per book; moves with the rows.';
"""

APPEND_ONLY = """
CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on the copy of the book is refused: rows of ledger.entry are only ever added', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER entry_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
-- ALWAYS: it also holds for sessions that play the part of a replica.
ALTER TABLE ledger.entry ENABLE ALWAYS TRIGGER entry_is_append_only;
"""

JOURNAL = """
CREATE VIEW ledger.journal AS
    SELECT line.book, line.position, line.line, event.id AS event_id, event.type AS event_type, line.phase,
           line.account, line.amount, line.bookedon, event.time AS recorded_at, event.actor
    FROM ledger.journal_line AS line JOIN ledger.event AS event USING (book, position);
COMMENT ON VIEW ledger.journal IS 'The journal for people: each line with the event that caused it.';
"""


def upgrade() -> None:
    """Create everything."""
    for part in (TABLES, APPEND_ONLY, JOURNAL):
        op.execute(part)


def downgrade() -> None:
    """Refuse: the copy is evidence, and nothing that would drop it is kept at hand."""
    raise RuntimeError("The copy of the entries is never dropped by a migration.")
