"""The command line where no stack runs: help, usage, and sentences instead of tracebacks."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from landbuch.contracts.catalogue import ORDERS
from landbuch.contracts.command import MalformedError
from landbuch.sdk import errors
from landbuch.sdk.cli import exits, main, output
from landbuch.sdk.cli.output import Format
from landbuch.sdk.connection import NoStackError
from landbuch.sdk.replies import QueryError, reply_of
from tests.command_line import CommandLine

ID = "6f1c1a2e-8a5e-4a0e-9a33-1d5d5b0f5a01"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CommandLine:
    return CommandLine(capsys, monkeypatch, tmp_path)


def test_the_version_is_that_of_the_package(run: CommandLine) -> None:
    assert run("--version") == (0, "landbuch 0.1.0\n", "")


def test_the_help_names_the_commands_and_the_exit_codes(run: CommandLine) -> None:
    code, out, _ = run("--help")
    assert code == 0
    assert all(
        name in out
        for name in ("balance", "book", "compare", "do", "explain", "export", "tail", "verify", "doctor", "down", "up")
    )
    assert "3 corrupt or not verifiable" in " ".join(out.split())


def test_every_command_of_the_catalogue_has_help() -> None:
    app = main.build()
    for name in ORDERS:
        shown = CliRunner().invoke(app, ["do", name, "--help"])
        assert (shown.exit_code, f"do {name} [OPTIONS]" in shown.output) == (0, True)


def test_the_list_names_owner_roles_and_two_persons(run: CommandLine) -> None:
    code, out, _ = run("do", "--list")
    rows = {row["command"]: row for row in json.loads(out)["commands"]}
    assert (code, set(rows)) == (0, set(ORDERS))
    assert rows["GrantRole"] == {
        "command": "GrantRole", "service": "ledger", "roles": ["administrator"], "two_persons": True,
    }  # fmt: skip
    assert rows["ConfirmAct"]["service"] is None


def test_do_without_a_command_shows_the_help(run: CommandLine) -> None:
    code, out, _ = run("do")
    assert (code, "AllocateCredit" in out) == (2, True)


def test_without_a_stack_the_sentence_says_how_to_start_one(run: CommandLine) -> None:
    code, out, err = run("balance", "BL")
    assert (code, out) == (4, "")
    assert err == (
        "Nothing says where the ledger is (there is no var/stack.json here). Start a stack with `landbuch up`, or set "
        "LANDBUCH_LEDGER_URL.\n"
    )


@pytest.mark.parametrize(
    "command",
    [
        ["book", "list"],
        ["book", "open", "BL"],
        ["verify", "BL"],
        ["events", "BL"],
        ["explain", "BL", "--figure", "committed", "--phase", "KIP3"],
        ["compare", "BL", "--from-at", "1"],
        ["tail", "BL"],
        ["export", "journal", "BL", "--format", "hledger"],
    ],
)
def test_no_command_shows_a_traceback_without_a_stack(run: CommandLine, command: list[str]) -> None:
    code, out, err = run(*command)
    assert (code, out, err.count("\n"), "Traceback" in err) == (4, "", 1, False)


def test_a_directory_without_a_stack_is_named(run: CommandLine) -> None:
    code, _, err = run("balance", "BL", "--stack", "nowhere")
    assert (code, err) == (
        4,
        "There is no nowhere/stack.json: no stack runs there. Start one with `landbuch up --dir nowhere`.\n",
    )


def test_a_server_that_does_not_answer_is_named(run: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANDBUCH_LEDGER_URL", "http://127.0.0.1:9")
    code, _, err = run("balance", "BL")
    assert code == 4
    assert err.startswith("The ledger does not answer at http://127.0.0.1:9 (the environment, and")


def test_an_unknown_canton_is_a_usage_error(run: CommandLine) -> None:
    code, _, err = run("balance", "XX")
    assert (code, "'XX' is not the code of a Swiss canton; write two letters such as BL." in err) == (2, True)


def test_a_malformed_command_is_told_before_anything_is_sent(run: CommandLine) -> None:
    code, _, err = run("do", "AllocateCredit", "bl", "--actor", "p-a1", "--credit", "LR-1")
    assert (code, "allocations: Field required" in err) == (2, True)


def test_an_amount_that_is_none_names_its_option(run: CommandLine) -> None:
    code, _, err = run("do", "BlockCredit", "BL", "--actor", "p-a1", "--amount", "1,5")
    assert code == 2
    assert "--amount: '1,5' is no amount in francs; write for example 1'498'188.00." in " ".join(err.split())


def test_somebody_must_act(run: CommandLine) -> None:
    code, _, err = run("do", "ConfirmAct", "BL", "--proposal", "3")
    assert (code, "say who acts: --actor" in err) == (2, True)


@pytest.mark.parametrize("given", [("--json", "{"), ("--json", "[1]"), ("--data", "missing.json")])
def test_data_that_cannot_be_read_are_a_usage_error(run: CommandLine, given: tuple[str, str]) -> None:
    code, _, err = run("do", "ConfirmAct", "BL", "--actor", "p-a1", *given)
    assert (code, "Traceback" in err) == (2, False)


def test_data_come_from_one_place(run: CommandLine) -> None:
    code, _, err = run("do", "ConfirmAct", "BL", "--actor", "p-a1", "--json", "{}", "--data", "-")
    assert (code, "not both" in err) == (2, True)


def test_options_may_be_typed_as_fields_are_written(run: CommandLine) -> None:
    code, _, err = run("do", "ConfirmAct", "BL", "--actor", "p-a1", "--proposal", "3", "--booked_on", "soon")
    assert (code, "booked_on" in err, "No such option" in err) == (2, True, False)


def test_a_fault_is_a_sentence_without_a_traceback(run: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(main, "build", broken)
    code, _, err = run("balance", "BL")
    assert code == 70
    assert err.startswith("This is a fault of landbuch itself (ZeroDivisionError: by zero).")


# -- exit codes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.UnavailableError("x"), 4),
        (errors.OutcomeUnknownError("x"), 4),
        (errors.ConflictError("x"), 4),
        (NoStackError("x"), 4),
        (errors.BookMissingError("x"), 2),
        (errors.PermissionDeniedError("x"), 2),
        (MalformedError("x"), 2),
        (errors.StreamDiffersError("x"), 3),
        (errors.GapError(3, "x"), 3),
        (QueryError(404, "phase_unknown", "x", None), 2),
        (QueryError(503, "unavailable", "x", None), 4),
        (RuntimeError("x"), 70),
    ],
)
def test_every_error_has_an_exit_code(error: Exception, code: int) -> None:
    assert exits.of_error(error) == code


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"outcome": "accepted"}, 201, 0),
        ({"type": "urn:landbuch:refusal:credit_exceeded"}, 409, 1),
        ({"outcome": "refused", "code": "credit_exceeded"}, 200, 1),
        ({"type": "urn:landbuch:problem:malformed"}, 422, 2),
        ({"outcome": "failed", "code": "unauthenticated"}, 401, 2),
        ({"outcome": "failed", "code": "book_missing"}, 404, 2),
        ({"outcome": "failed", "code": "corrupt"}, 503, 3),
        ({"outcome": "failed", "code": "busy"}, 503, 4),
        ({"outcome": "failed", "code": "outcome_unknown"}, 503, 4),
        ({"outcome": "failed", "code": "something_new"}, 500, 4),
    ],
)
def test_every_answer_has_an_exit_code(body: dict[str, object], status: int, code: int) -> None:
    assert exits.of_reply(reply_of(body, ID, status=status)) == code


def test_a_proposal_is_told_from_an_act_that_is_done() -> None:
    events = [{"type": "landbuch.ActProposed.v1", "position": 7, "id": "x", "leaf": "y"}]
    proposed = reply_of({"outcome": "accepted", "position": 7, "events": events}, ID)
    done = reply_of({"outcome": "accepted", "position": 8, "events": [{"type": "landbuch.RoleGranted.v1"}]}, ID)
    assert (proposed.proposal, done.proposal) == (7, None)


# -- how answers are written ----------------------------------------------------------------------------------------


def test_away_from_a_terminal_json_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    assert output.chosen(None) is Format.JSON
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert output.chosen(None) is Format.TABLE
    assert output.chosen(output.TreeFormat.JSON) is Format.JSON


def test_amounts_are_written_the_swiss_way() -> None:
    assert output.money("1498188.00") == "1'498'188.00"
    assert output.money("-5.00") == "\u22125.00"


def test_positions_hashes_days_and_times_are_written_for_people() -> None:
    assert output.number(184223) == "184'223"
    assert output.short("3f9a" + "0" * 56 + "c21e") == "3f9a…c21e"
    assert output.day("2026-03-31") == "31 Mar 2026"
    assert output.moment("2024-03-28T08:12:44.120391Z") == "28 Mar 2024, 08:12:44 UTC"
    assert (output.day(None), output.moment(None)) == ("–", "–")


def test_csv_cells_that_look_like_formulas_are_escaped_and_amounts_are_not(capsys: pytest.CaptureFixture[str]) -> None:
    output.write_csv(["a", "b", "c"], [{"a": "=1+1", "b": "-5.00", "c": None}])
    assert capsys.readouterr().out == "a,b,c\r\n'=1+1,-5.00,\r\n"


def test_lines_end_with_their_count(capsys: pytest.CaptureFixture[str]) -> None:
    output.write_lines([{"a": 1}, {"a": 2}], {"position": 7})
    assert capsys.readouterr().out.splitlines()[-1] == '{"end":true,"count":2,"position":7}'
    output.write_lines([], {})
    assert capsys.readouterr().out == '{"end":true,"count":0}\n'


def test_figures_are_never_cut_short_on_a_narrow_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    console = output.terminal()
    console.width = 20
    made = output.table("Area", "Approved", "Available", right=["Approved", "Available"])
    made.add_row("SP", "1'200'000.00", "11'200'000.00")
    output.put(console, made)
    assert "SP    1'200'000.00  11'200'000.00" in capsys.readouterr().out
    assert console.width == 20
