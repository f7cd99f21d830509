"""``landbuch export journal`` and ``landbuch tail`` against a running stack."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from beancount.core.data import Balance

from landbuch.local.stack import LocalStack
from landbuch.sdk.blocking import BlockingClient
from landbuch.sdk.client import Client
from landbuch.sdk.connection import read
from landbuch.sdk.journal_export import beancount_account, hledger_account
from tests.command_line import CommandLine

CLERK = "p-b3c9"


def trial_balance(stack: LocalStack) -> dict[tuple[str, str], Decimal]:
    """The ledger's accounts that are not zero."""
    with BlockingClient(Client(read(stack.places.root))) as client:
        rows = client.query("BL/trial-balance")["rows"]
    return {(phase, account): Decimal(amount) / 100 for phase, account, amount in rows}


def test_the_journal_asserts_the_ledgers_balances_to_the_rappen(
    at: CommandLine, stack: LocalStack, tmp_path: Path
) -> None:
    code, out, err = at("export", "journal", "BL", "--format", "beancount", "--out", str(tmp_path / "bl.beancount"))
    assert (code, out, "bean-check" in err, "chain checked" in err) == (0, "", True, True)
    entries, errors, _ = loader.load_file(str(tmp_path / "bl.beancount"))
    assert errors == []
    asserted = {entry.account: entry.amount.number for entry in entries if isinstance(entry, Balance)}
    expected = {beancount_account(*key): amount for key, amount in trial_balance(stack).items()}
    assert {name: amount for name, amount in asserted.items() if amount} == expected


@pytest.mark.skipif(
    shutil.which("hledger") is None, reason="hledger is not on the path (Debian: apt-get install hledger)"
)
def test_hledger_recomputes_the_ledgers_balances(at: CommandLine, stack: LocalStack, tmp_path: Path) -> None:
    file = tmp_path / "bl.journal"
    code, _, err = at("export", "journal", "BL", "--format", "hledger", "--out", str(file))
    assert (code, f"hledger -f {file} check" in err) == (0, True)
    checked = subprocess.run(["hledger", "-f", str(file), "check", "--strict"], capture_output=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, b"")
    shown = subprocess.run(
        ["hledger", "-f", str(file), "balance", "--flat", "--no-total", "--format", "%(account)  %(total)"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    found = {
        name: Decimal(amount.removeprefix("CHF ")) for name, amount in (row.split("  ") for row in shown.splitlines())
    }
    assert found == {hledger_account(*key): amount for key, amount in trial_balance(stack).items()}


def test_the_journal_goes_to_standard_output_when_no_file_is_named(at: CommandLine) -> None:
    code, out, _ = at("export", "journal", "BL", "--format", "hledger", "--layer", "finance")
    assert (code, "finance:KIP2BIS:" in out, "credit:" in out, "budget:" in out) == (0, True, False, False)


@pytest.mark.parametrize("out", [(), ("--out", "zg.journal")])
def test_a_book_that_cannot_be_read_leaves_no_file(at: CommandLine, out: tuple[str, ...]) -> None:
    before = sorted(Path.cwd().iterdir())
    code, written, err = at("export", "journal", "ZG", "--format", "hledger", *out)
    assert (code, written, "landbuch book open ZG" in err) == (2, "", True)
    assert sorted(Path.cwd().iterdir()) == before


def test_a_file_that_cannot_be_written_is_told(at: CommandLine) -> None:
    code, _, err = at("export", "journal", "BL", "--format", "hledger", "--out", "nowhere/bl.journal")
    assert (code, "nowhere/bl.journal cannot be written" in " ".join(err.split())) == (2, True)


# -- following ------------------------------------------------------------------------------------------------------


def test_what_stands_in_the_book_is_shown_as_events_shows_it(at: CommandLine) -> None:
    lines = [json.loads(line) for line in at("tail", "BL", "--after", "5", "--limit", "4")[1].splitlines()]
    assert lines == at.json("events", "BL", "--after", "5", "--limit", "4")[1]["events"]
    table = at("tail", "BL", "--after", "5", "--limit", "4", "--format", "table")[1].splitlines()
    assert (len(table), table[0].split()[0]) == (5, "Position")


def test_the_last_ten_come_first(at: CommandLine) -> None:
    head = int(at.json("book", "head", "GL")[1]["position"])
    lines = [json.loads(line) for line in at("tail", "GL", "--limit", "10")[1].splitlines()]
    assert [line["position"] for line in lines] == list(range(head - 9, head + 1))


def test_nothing_stands_behind_the_end(at: CommandLine) -> None:
    code, out, err = at("tail", "BL", "--after", "99999")
    assert (code, out, "there is nothing behind 99999 yet" in err) == (2, "", True)


@pytest.mark.parametrize("format_", ["json", "csv"])
def test_a_stream_has_no_end_that_json_could_close(at: CommandLine, format_: str) -> None:
    code, _, err = at("tail", "BL", "--format", format_)
    assert (code, "choose table or ndjson" in err) == (2, True)


def test_a_new_event_is_shown_at_once_and_ctrl_c_ends_cleanly(at: CommandLine, stack: LocalStack) -> None:
    position = int(at.json("book", "head", "GL")[1]["position"])
    follower = subprocess.Popen(
        [sys.executable, "-m", "landbuch.sdk.cli", "tail", "GL", "--after", str(position - 1)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"LANDBUCH_STACK": str(stack.places.root)},
    )  # fmt: skip
    try:
        assert follower.stdout is not None
        assert json.loads(follower.stdout.readline())["position"] == position
        at.json(
            "do", "RecordInformation", "GL", "--actor", CLERK, "--about", "GL", "--topic", "tail",
            "--statement", "Written while somebody follows.",
        )  # fmt: skip
        told = json.loads(follower.stdout.readline())
        assert (told["position"], told["data"]["topic"]) == (position + 1, "tail")
        follower.send_signal(signal.SIGINT)
        out, err = follower.communicate(timeout=20)
    finally:
        if follower.poll() is None:
            follower.kill()
            follower.wait()
    assert (follower.returncode, out, err) == (0, "", "")
