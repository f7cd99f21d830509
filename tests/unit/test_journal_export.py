"""The exported journal: other people's tools accept it and recompute every balance to the Rappen."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from beancount.core import account as beancount_names
from beancount.core.data import Transaction
from beancount.parser import options
from hypothesis import given
from hypothesis import strategies as st

from landbuch.contracts.accounts import LAYERS
from landbuch.contracts.acts.bank import BankEntryRecorded
from landbuch.contracts.envelope import Event
from landbuch.contracts.judge import Verdict
from landbuch.contracts.money import decimal
from landbuch.sdk.explaining import Clocks, events_of, lines_of
from landbuch.sdk.journal_export import TOOLS, JournalExport, beancount_account, export, hledger_account
from tests.judged_books import books, known

NEEDS_HLEDGER = pytest.mark.skipif(
    shutil.which("hledger") is None, reason="hledger is not on the path (Debian: apt-get install hledger)"
)
BOOKS = range(4)
ACCOUNTS = st.builds(
    lambda layer, path: ":".join([layer, *path]),
    st.sampled_from(LAYERS),
    st.lists(
        st.from_regex(r"[0-9A-Za-z_-]{1,3}", fullmatch=True) | st.sampled_from(("_", "none", "canton", "100")),
        min_size=1,
        max_size=3,
    ),
)
PHASES = st.sampled_from(("_", "KIP3", "KIP2BIS", "NONE"))


def hledger(journal: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["hledger", "-f", "-", *arguments], input=journal, capture_output=True, text=True, check=False, timeout=60
    )


def recomputed_by_hledger(journal: str) -> dict[str, Decimal]:
    shown = hledger(journal, "balance", "--flat", "--empty", "--no-total", "--output-format", "csv").stdout
    rows = csv.DictReader(io.StringIO(shown))
    return {row["account"]: Decimal(row["balance"].removeprefix("CHF ").replace("CHF", "")) for row in rows}


def recomputed_by_beancount(journal: str) -> dict[str, Decimal]:
    entries, errors, _ = loader.load_string(journal)
    assert errors == []
    sums: dict[str, Decimal] = {}
    for entry in entries:
        if isinstance(entry, Transaction):
            for posting in entry.postings:
                assert posting.units is not None
                assert posting.units.number is not None
                sums[posting.account] = sums.get(posting.account, Decimal()) + posting.units.number
    return sums


def balances(verdicts: tuple[Verdict, ...]) -> dict[tuple[str, str], Decimal]:
    """What Landbuch says, with two decimals."""
    return {key: Decimal(decimal(amount)) for key, amount in known(verdicts, Clocks()).items()}


@NEEDS_HLEDGER
@pytest.mark.parametrize("book", BOOKS)
def test_hledger_accepts_the_journal_and_finds_our_balances(book: int) -> None:
    verdicts = books()[book]
    journal = export(verdicts, "BL", "hledger")
    checked = hledger(journal, "check", "--strict")
    assert (checked.returncode, checked.stderr) == (0, "")
    expected = {hledger_account(*key): amount for key, amount in balances(verdicts).items()}
    assert recomputed_by_hledger(journal) == expected


@pytest.mark.parametrize("book", BOOKS)
def test_beancount_accepts_the_journal_and_finds_our_balances(book: int) -> None:
    verdicts = books()[book]
    expected = {beancount_account(*key): amount for key, amount in balances(verdicts).items()}
    assert recomputed_by_beancount(export(verdicts, "BL", "beancount")) == expected


def test_bean_check_accepts_the_file(tmp_path: Path) -> None:
    file = tmp_path / "bl.beancount"
    file.write_text(export(books()[2], "BL", "beancount"), encoding="utf-8")
    program = Path(shutil.which("bean-check", path=str(Path(__import__("sys").executable).parent)) or "bean-check")
    checked = subprocess.run([program, file], capture_output=True, text=True, check=False, timeout=60)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def off_by_a_rappen(journal: str, assertion: str) -> str:
    """The journal with its last assertion one Rappen too high."""
    *before, last = re.finditer(assertion, journal)
    assert before
    amount = Decimal(last[1]) + Decimal("0.01")
    return f"{journal[: last.start(1)]}{amount}{journal[last.end(1) :]}"


@NEEDS_HLEDGER
def test_hledger_finds_an_assertion_that_is_a_rappen_off() -> None:
    journal = export(books()[2], "BL", "hledger")
    checked = hledger(off_by_a_rappen(journal, r"= CHF +(-?[0-9.]+)"), "check")
    assert (checked.returncode, "balance assertion" in checked.stderr) == (1, True)


def test_beancount_finds_an_assertion_that_is_a_rappen_off() -> None:
    journal = export(books()[2], "BL", "beancount")
    _, errors, _ = loader.load_string(off_by_a_rappen(journal, r" balance [^ ]+ +(-?[0-9.]+) ~"))
    assert ["Balance failed" in error.message for error in errors] == [True]


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("layer", LAYERS)
def test_one_layer_can_be_exported_alone(tool: str, layer: str) -> None:
    verdicts = books()[2]
    made = JournalExport("BL", "hledger" if tool == "hledger" else "beancount", (layer,))
    journal = "".join((made.head(), *made.feed(verdicts), made.end()))
    assert {account.partition(":")[0] for _, account in made.balances} == {layer}
    events = [event for event in events_of(verdicts) if any(a.startswith(layer) for a, _ in lines_of(event))]
    assert made.transactions == len(events)
    if tool == "beancount":
        assert loader.load_string(journal)[1] == []
    elif shutil.which("hledger"):
        assert hledger(journal, "check", "--strict").returncode == 0


@pytest.mark.parametrize("tool", TOOLS)
def test_each_transaction_leads_back_to_its_event(tool: str) -> None:
    verdicts = books()[0]
    journal = export(verdicts, "BL", "hledger" if tool == "hledger" else "beancount")
    quote = '"' if tool == "beancount" else ""
    for event in events_of(verdicts):
        if lines_of(event):
            assert f"{event.bookedon} * {quote}{event.name}" in journal
            assert re.search(rf"\bposition: ?{event.position}\b", journal)
            assert re.search(rf"\bevent: ?{quote}{event.id}\b", journal)


def test_text_that_means_something_to_a_tool_is_made_harmless() -> None:
    template = next(event for event in events_of(books()[2]) if event.name == "BankEntryRecorded")
    assert isinstance(template.data, BankEntryRecorded)
    data = template.data.model_copy(update={"bank_reference": 'a"; b\\ | c'})
    event: Event[BankEntryRecorded] = template.model_copy(update={"data": data})
    expected = Counter(str(abs(amount)) for _, amount in lines_of(event))
    assert set(expected.values()) == {2}
    assert len(recomputed_by_beancount(export([event], "BL", "beancount"))) == 2
    if shutil.which("hledger"):
        assert hledger(export([event], "BL", "hledger"), "check", "--strict").returncode == 0


@pytest.mark.parametrize("tool", TOOLS)
def test_a_book_without_lines_is_an_empty_journal(tool: str) -> None:
    journal = export([], "BL", "hledger" if tool == "hledger" else "beancount")
    assert "balance" not in journal.lower()


@given(PHASES, ACCOUNTS)
def test_every_account_has_a_name_that_beancount_takes(phase: str, account: str) -> None:
    name = beancount_account(phase, account)
    assert beancount_names.is_valid(name)
    assert name.partition(":")[0] in {
        options.OPTIONS_DEFAULTS[f"name_{root}"] for root in ("assets", "liabilities", "equity", "income", "expenses")
    }


@given(st.tuples(PHASES, ACCOUNTS), st.tuples(PHASES, ACCOUNTS))
def test_different_accounts_have_different_names(one: tuple[str, str], other: tuple[str, str]) -> None:
    for named in (beancount_account, hledger_account):
        assert (named(*one) == named(*other)) == (one == other)


@pytest.mark.parametrize(
    ("account", "name"),
    [
        ("credit:available:SP:canton", "Equity:Credit:KIP3:Available:SP:Canton"),
        ("credit:lapsed:_:federal_flat", "Equity:Credit:KIP3:Lapsed:None:FederalFlat"),
        ("budget:free:2024", "Equity:Budget:KIP3:Free:2024"),
        ("finance:100", "Assets:KIP3:100"),
        ("finance:200:LV-1", "Liabilities:KIP3:200:LV-1"),
        ("finance:299:opening", "Equity:Finance:KIP3:299:Opening"),
        ("finance:3636:SP:canton:LV-1", "Expenses:KIP3:3636:SP:Canton:LV-1"),
        ("finance:426:SP:canton:LV-1", "Income:KIP3:426:SP:Canton:LV-1"),
    ],
)
def test_money_stands_below_the_root_that_its_number_says(account: str, name: str) -> None:
    assert beancount_account("KIP3", account) == name
