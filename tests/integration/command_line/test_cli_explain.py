"""``landbuch explain`` and ``landbuch compare`` against a running stack: book, ledger and command line agree."""

from __future__ import annotations

import csv
import io
import json
import random
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from landbuch.contracts.entry import Entry
from landbuch.contracts.figures import DEFINITIONS
from landbuch.local.stack import LocalStack
from tests.command_line import CommandLine

COMMITTED = ("explain", "BL", "--figure", "committed", "--phase", "KIP3")


def total(rows: list[dict[str, Any]]) -> Decimal:
    return sum((Decimal(row["amount"]) for row in rows), Decimal())


def shown(at: CommandLine, figure: str, options: list[str]) -> Decimal:
    (phase,) = at.json("balance", "BL", *options)[1]["phases"]
    return Decimal(phase["total"][figure])


def test_for_random_filters_the_events_sum_to_the_figure_of_the_ledger(at: CommandLine, book: list[Entry]) -> None:
    draw = random.Random(20261122)
    figures = []
    for _ in range(12):
        options = ["--phase", draw.choice(("KIP3", "KIP3", "KIP2BIS"))]
        options += draw.choice(([], ["--source", "canton"], ["--source", "federal"]))
        options += draw.choice(([], ["--area", "_"], ["--area", "SP" if "KIP3" in options else "SB"]))
        options += draw.choice(([], ["--as-of", f"{draw.randint(2021, 2026)}-{draw.randint(1, 12):02d}-28"]))
        options += draw.choice(([], ["--at", str(draw.randint(20, len(book)))]))
        figure = draw.choice(list(DEFINITIONS))
        code, told = at.json("explain", "BL", "--figure", figure, *options)
        assert code == 0, (figure, options)
        assert Decimal(told["amount"]) == total(told["events"]) == total(told["terms"]) == shown(at, figure, options)
        assert told["ledger"] == {"shown": told["amount"], "equal": True}
        figures.append(Decimal(told["amount"]))
    assert sum(figure != 0 for figure in figures) >= len(figures) // 4


def test_an_explanation_names_its_events_accounts_and_proof(at: CommandLine, book: list[Entry]) -> None:
    code, told = at.json("explain", "BL", "--figure", "decided", "--phase", "KIP2BIS")
    (decided,) = told["events"]
    assert (code, told["amount"], told["definition"]) == (0, "1498188.00", "pending + in force")
    assert (decided["type"], decided["about"], decided["occurred_on"]) == (
        "CreditDecided", "LR-2021-KIP2BIS", "2021-05-20",
    )  # fmt: skip
    assert told["book"]["chain"] == "checked"
    assert told["book"]["position"] == told["book"]["confirmed_by_copy_up_to"] >= len(book)
    accounts = [account for term in told["terms"] for account in term["accounts"]]
    assert total(accounts) == Decimal("1498188.00")


def test_the_command_line_that_is_named_gives_the_same_again(at: CommandLine) -> None:
    first = at.json(*COMMITTED)[1]
    words = first["repeat"].split()
    assert words[0] == "landbuch"
    again = at.json(*words[1:])[1]
    assert {name: again[name] for name in ("amount", "events", "terms")} == {
        name: first[name] for name in ("amount", "events", "terms")
    }


def test_ndjson_csv_and_table_show_the_same_events(at: CommandLine) -> None:
    told = at.json(*COMMITTED)[1]
    *lines, end = map(json.loads, at(*COMMITTED, "--format", "ndjson")[1].splitlines())
    assert lines == told["events"]
    assert (end["end"], end["count"], end["amount"]) == (True, len(lines), told["amount"])
    cells = list(csv.DictReader(io.StringIO(at(*COMMITTED, "--format", "csv")[1])))
    assert [(cell["position"], cell["amount"]) for cell in cells] == [
        (str(row["position"]), row["amount"]) for row in lines
    ]
    table = at(*COMMITTED, "--format", "table")[1]
    assert all(row["type"] in table for row in lines)
    assert ": equal." in table
    assert f"Repeat it: {told['repeat']}" in table


def test_a_figure_that_nothing_counts_in_is_zero(at: CommandLine) -> None:
    code, out, _ = at(
        "explain", "BL", "--figure", "disbursed", "--phase", "KIP2BIS", "--as-of", "2021-01-01", "--format", "table"
    )
    assert (code, "No event counts in it: the figure is 0.00." in out) == (0, True)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--figure", "promised", "--phase", "KIP3"), "'promised' is no figure; there are: decided, pending"),
        (("--figure", "committed", "--phase", "KIP9"), "opened so far: KIP1, KIP2, KIP2BIS, KIP3"),
        (("--figure", "committed", "--phase", "KIP3", "--area", "XX"), "no funding area"),
        (("--figure", "committed", "--phase", "KIP3", "--at", "99999"), "99999 is not known yet"),
        (("--figure", "committed", "--phase", "KIP3", "--at", "soon"), "neither a position nor a time"),
        (("--figure", "committed", "--phase", "KIP3", "--as-of", "soon"), "write YYYY-MM-DD"),
    ],
)
def test_what_cannot_be_explained_says_why(at: CommandLine, options: tuple[str, ...], sentence: str) -> None:
    code, out, err = at("explain", "BL", *options)
    assert (code, out, sentence in " ".join(err.split())) == (2, "", True)


def test_without_the_ledger_the_book_still_explains(at: CommandLine, stack: LocalStack) -> None:
    expected = at.json(*COMMITTED)[1]
    stack.stop_program("ledger")
    try:
        code, told = at.json(*COMMITTED)
    finally:
        stack.start_program("ledger")
        stack.wait_ready("ledger")
    assert (code, told["amount"], told["events"]) == (0, expected["amount"], expected["events"])
    assert "does not answer" in told["ledger"]["not_compared"]
    assert told["book"]["confirmed_by_copy_up_to"] is None


def test_a_figure_that_the_ledger_shows_wrongly_is_found(at: CommandLine, stack: LocalStack) -> None:
    owner = sa.create_engine(stack.database_url_of("landbuch_owner"))
    shift = (
        "UPDATE ledger.journal_line SET amount = amount + :by "
        "WHERE (book, position, line) IN (SELECT book, position, line FROM ledger.journal_line "
        "WHERE book = 'BL' AND phase = 'KIP3' AND account LIKE 'credit:open:%' ORDER BY position LIMIT 1)"
    )
    try:
        with owner.begin() as connection:
            assert connection.execute(sa.text(shift), {"by": 1}).rowcount == 1
        code, told = at.json(*COMMITTED)
        assert (code, told["ledger"]["equal"]) == (1, False)
        code, out, _ = at(*COMMITTED, "--format", "table")
        assert (code, "0.01 more than the events" in out) == (1, True)
    finally:
        with owner.begin() as connection:
            connection.execute(sa.text(shift), {"by": -1})
        owner.dispose()


# -- comparing ------------------------------------------------------------------------------------------------------


def test_a_difference_is_the_sum_of_its_events_and_of_both_balances(at: CommandLine, book: list[Entry]) -> None:
    code, told = at.json("compare", "BL", "--from-at", "30", "--to-at", str(len(book)))
    assert (code, told["equal"]) == (1, False)
    assert told["differences"]
    states = [at.json("balance", "BL", "--at", position)[1]["phases"] for position in ("30", str(len(book)))]
    rows = [
        {(phase["phase"], row["area"], row["source"]): row for phase in phases for row in phase["rows"]}
        for phases in states
    ]
    zero = dict.fromkeys(DEFINITIONS, "0.00")
    for one in told["differences"]:
        key = (one["phase"], one["area"], one["source"])
        assert [one["before"], one["after"]] == [state.get(key, zero)[one["figure"]] for state in rows]
        assert Decimal(one["difference"]) == total(one["events"]) == Decimal(one["after"]) - Decimal(one["before"])
        assert {event["why"] for event in one["events"]} == {"learned_later"}


def test_what_was_booked_later_explains_two_days(at: CommandLine) -> None:
    options = ("--from-as-of", "2021-05-19", "--to-as-of", "2021-05-20", "--figure", "pending")
    code, told = at.json("compare", "BL", *options)
    (pending,) = told["differences"]
    assert (code, pending["difference"], pending["events"][0]["why"]) == (1, "1498188.00", "booked_later")
    table = at("compare", "BL", *options, "--format", "table")[1]
    assert "+1'498'188.00" in table
    assert "booked later" in table
    *lines, end = map(json.loads, at("compare", "BL", *options, "--format", "ndjson")[1].splitlines())
    assert (lines, end["count"], end["equal"]) == ([pending], 1, False)


def test_equal_states_are_told(at: CommandLine) -> None:
    options = ("--from-as-of", "2020-01-01", "--to-as-of", "2020-01-02")
    code, told = at.json("compare", "BL", *options)
    assert (code, told["equal"], told["differences"]) == (0, True, [])
    assert "Equal: every figure is the same" in at("compare", "BL", *options, "--format", "table")[1]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ((), "say in which way the two states differ"),
        (("--from-at", "5", "--to-at", "5"), "say in which way the two states differ"),
        (("--to-at", "99999"), "99999 is not known yet"),
        (("--to-as-of", "never"), "--to-as-of"),
    ],
)
def test_states_that_cannot_be_compared_say_why(at: CommandLine, options: tuple[str, ...], sentence: str) -> None:
    code, out, err = at("compare", "BL", *options)
    assert (code, out, sentence in " ".join(err.split())) == (2, "", True)
