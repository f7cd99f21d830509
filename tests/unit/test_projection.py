"""What the ledger makes of one entry."""

from __future__ import annotations

import datetime
from dataclasses import fields

from landbuch.contracts.canonical import canonical
from landbuch.contracts.entry import GENESIS, Entry, leaf_of
from landbuch.contracts.figures import DEFINITIONS, Figures
from landbuch.contracts.judge import Void, judge
from landbuch.ledger.answers import FigureStrings
from landbuch.ledger.projection import LEDGER, apply
from landbuch.sdk.book.api import Mark, Stored
from landbuch.sdk.projection import Rows
from landbuch.sdk.testing.events import information
from tests.told_books import shifts, unknown_event


def rows_of(entry: Entry, position: int = 1, prevhash: str = GENESIS) -> Rows:
    """Judge an entry and apply it."""
    return apply("BL", Stored(position, entry, leaf_of(entry), judge(entry, position, prevhash)))


def test_every_entry_is_copied_with_its_very_bytes() -> None:
    entry = information(Mark())
    assert rows_of(entry)["entry"] == (("BL", 1, entry.subject.encode(), entry.payload, leaf_of(entry)),)


def test_an_event_gives_its_envelope_and_numbered_lines() -> None:
    (entry,) = shifts(Mark(), 1)
    rows = rows_of(entry)
    day = datetime.date(2026, 11, 22)
    (event,) = rows["event"]
    assert event[3:6] == ("landbuch.AllocationShifted.v1", "KIP3", day)
    assert rows["journal_line"] == [
        ("BL", 1, 1, "KIP3", "credit:available:AA:canton", 1, day),
        ("BL", 1, 2, "KIP3", "credit:available:DO:canton", -1, day),
    ]
    assert rows["balance"] == [
        ("BL", "KIP3", "credit:available:AA:canton", 1),
        ("BL", "KIP3", "credit:available:DO:canton", -1),
    ]


def test_an_event_without_lines_books_nothing() -> None:
    rows = rows_of(information(Mark()))
    assert (list(rows["journal_line"]), list(rows["balance"])) == ([], [])


def test_a_void_entry_is_copied_and_listed_but_books_nothing() -> None:
    entry = Entry("book.BL._.ledger.RoleGranted", b"rubbish")
    rows = rows_of(entry)
    assert set(rows) == {"entry", "void_entry"}
    ((_, position, reason, _),) = rows["void_entry"]
    assert (position, reason) == (1, "not_canonical")


def test_an_event_of_unknown_type_is_booked_like_any_other() -> None:
    rows = rows_of(unknown_event(Mark(), [("credit:available:SP:canton", 5), ("credit:available:FK:canton", -5)]))
    assert [line[4:6] for line in rows["journal_line"]] == [
        ("credit:available:SP:canton", 5),
        ("credit:available:FK:canton", -5),
    ]
    assert rows["event"][0][3] == "landbuch.SomethingNewer.v1"


def test_a_character_that_the_database_cannot_hold_stops_nothing() -> None:
    entry = Entry("book.BL._.ledger.X", canonical({"a": 1}))
    stored = Stored(1, entry, leaf_of(entry), Void("bad_envelope", "before\x00after" + "." * 2000))
    ((_, _, _, detail),) = apply("BL", stored)["void_entry"]
    assert detail.startswith("before\N{SYMBOL FOR NULL}after")
    assert len(detail) == 1000


def test_every_kind_of_row_has_a_table() -> None:
    tables = {table.name for table in (*LEDGER.copied, *LEDGER.summed)}
    (shift,) = shifts(Mark(), 1)
    assert set(rows_of(shift)) | set(rows_of(Entry("book.BL._.ledger.X", b""))) == tables


def test_rows_are_as_long_as_their_tables_are_wide() -> None:
    (shift,) = shifts(Mark(), 1)
    rows = {**rows_of(Entry("book.BL._.ledger.X", b"")), **rows_of(shift)}
    for table in (*LEDGER.copied, *LEDGER.summed):
        assert {len(row) for row in rows[table.name]} == {len(table.columns)}


def test_the_answer_has_exactly_the_figures_of_the_law() -> None:
    names = {figure.name for figure in fields(Figures)}
    assert set(FigureStrings.model_fields) == names == set(DEFINITIONS)
