"""What reporting writes for one entry, and what a line counts in."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from landbuch.contracts.catalogue import EVENTS
from landbuch.contracts.figures import headline
from landbuch.contracts.judge import judge
from landbuch.reporting.domain.explained import FIGURES, Wanted, contributions, terms
from landbuch.reporting.projection import apply, mentions
from landbuch.reporting.web import bars, event_words, field_words
from landbuch.reporting.web.bars import Bar
from landbuch.reporting.web.format import day, moment, number, percent, share
from landbuch.sdk.book.api import Mark, Stored
from tests.told_books import told_history, unknown_event

BL, BL_STATE = told_history("BL")
BALANCES = {account: amount for (phase, account), amount in BL_STATE.balances.items() if phase == "KIP3"}


def test_an_event_speaks_of_every_object_that_it_names() -> None:
    data = {
        "credit": "C-1",
        "from_unallocated": [{"credit": "C-2", "amount": 1}],
        "tranches": [{"number": 1, "milestones": ["M-1", "M-2"]}],
        "covers": [7],
        "proposal": 3,
        "reason": "C-9",
    }
    assert sorted(mentions("ShortfallCovered", data)) == ["#3", "#7", "C-1", "C-2", "M-1", "M-2"]
    assert sorted(mentions("EntryReversed", {"position": 12, "event": "x"})) == ["#12"]


def test_an_entry_of_unknown_type_brings_its_lines_and_is_marked() -> None:
    entry = unknown_event(Mark(), [("credit:available:SP:canton", 5), ("credit:available:FK:canton", -5)])
    rows = apply("BL", Stored(1, entry, b"\0" * 32, judge(entry, 1, "0" * 64)))
    assert [row[4:6] for row in rows["line"]] == [("credit:available:SP:canton", 5), ("credit:available:FK:canton", -5)]
    assert rows["event"][0][-2:] == (False, False)


def test_a_void_entry_is_kept_and_listed_and_nothing_else() -> None:
    entry = BL[3]
    rows = apply("BL", Stored(9, entry, b"\0" * 32, judge(entry, 9, "0" * 64)))
    assert set(rows) == {"entry", "void_entry"}
    assert rows["void_entry"][0][2] == "wrong_position"


@pytest.mark.parametrize("figure", FIGURES)
def test_the_terms_of_a_figure_add_up_to_it_in_each_area_and_in_all(figure: str) -> None:
    rows = headline(BALANCES)
    for (area, source), row in rows.items():
        assert sum(terms(Wanted(figure, area, source), BALANCES).values()) == getattr(row, figure)
    whole = "in_force" if figure == "approved" else figure
    assert sum(terms(Wanted(figure), BALANCES).values()) == sum(getattr(row, whole) for row in rows.values())


def test_events_that_cancel_out_are_no_contribution() -> None:
    lines = [(4, "a", 10), (4, "b", -10), (5, "a", 3), (5, "b", 4)]
    assert [(part.position, part.amount, part.accounts) for part in contributions(lines)] == [(5, 7, ("a", "b"))]


def test_a_bar_is_as_long_as_its_amounts_and_says_them_in_words() -> None:
    drawn = ET.fromstring(str(bars.svg(Bar(900, 480, 120, 420, 1200), "IB", "IB-canton")))  # noqa: S314  # ours
    widths = [int(float(part.attrib["width"])) for part in drawn.findall("rect")]
    assert widths == [84, 96, 24, 179]
    assert drawn.attrib["aria-label"] == "Zugeteilt 9.00, davon gebunden 4.80, ausbezahlt 1.20, verfügbar 4.20"
    assert drawn.attrib["class"] == "bar tone-IB"
    assert bars.svg(Bar(0, 0, 0, 0, 0), "IB", "x") == ""


def test_what_is_more_than_nothing_is_seen_on_the_bar() -> None:
    drawn = str(bars.svg(Bar(10_000_000, 1, 0, 9_999_999, 10_000_000), "SP", "x"))
    assert 'fill="url(#hatch-x)" x="0" y="3" width="2"' in drawn


def test_days_moments_and_counts_are_written_the_swiss_way() -> None:
    assert [day("2026-03-31"), day("2021-07"), day("2021"), day(None)] == ["31.03.2026", "Juli 2021", "2021", "–"]
    assert moment("2026-03-31T12:05:12.000000Z") == "31.03.2026, 14:05:12"
    assert [number(184_223), percent(5_897), percent(10_000)] == ["184'223", "58.97\u00a0%", "100\u00a0%"]
    assert [share(480, 3392), share(0, 10), share(1, 0)] == ["14.2\u00a0%", "0\u00a0%", None]


def test_every_event_of_the_history_has_a_german_name_and_sentence() -> None:
    for position, entry in enumerate(BL, start=1):
        name = entry.subject.rpartition(".")[2]
        assert event_words.name(name) != name, position


def test_every_event_of_the_catalogue_and_its_fields_have_german_names() -> None:
    names = {type_.split(".")[1] for type_ in EVENTS}
    assert names - set(event_words.NAMES) == set()
    fields = {field for record in EVENTS.values() for field in record.model_fields} - {"lines", "evidence"}
    assert fields - set(field_words.FIELDS) == set()
