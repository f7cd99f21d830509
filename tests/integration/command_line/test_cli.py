"""The command line against a running stack: books, commands, balances, events, and the client beneath."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from landbuch.contracts.entry import Entry
from landbuch.contracts.money import chf, parse_chf
from landbuch.local.stack import LocalStack
from landbuch.sdk.blocking import BlockingClient
from landbuch.sdk.client import Client
from landbuch.sdk.connection import read
from landbuch.sdk.replies import Instruction, Reply
from tests.command_line import CommandLine

CLERK, ADMINISTRATOR, SECOND = "p-b3c9", "p-a7f1", "p-a8e2"
ID = "6f1c1a2e-8a5e-4a0e-9a33-1d5d5b0f5a{:02d}"


def note(number: int) -> tuple[str, ...]:
    """Options of a harmless command."""
    return "--about", "GL", "--topic", "test", "--statement", f"Note {number}."


def head(at: CommandLine, canton: str = "GL") -> int:
    return int(at.json("book", "head", canton)[1]["position"])


# -- books ----------------------------------------------------------------------------------------------------------


def test_opening_a_book_twice_changes_nothing(at: CommandLine) -> None:
    assert at.json("book", "open", "ur") == (0, {"canton": "UR", "stream": "BOOK-UR", "created": True})
    assert at.json("book", "open", "UR") == (0, {"canton": "UR", "stream": "BOOK-UR", "created": False})
    assert "is open already" in at("book", "open", "UR", "--format", "table")[1]


def test_more_replicas_than_servers_are_refused(at: CommandLine) -> None:
    code, _, err = at("book", "open", "BL", "--replicas", "3")
    assert (code, "replicas" in err, "Traceback" in err) == (4, True, False)


def test_books_are_listed_with_their_positions(at: CommandLine, book: list[Entry]) -> None:
    code, told = at.json("book", "list")
    rows = {row["canton"]: row for row in told["books"]}
    assert (code, rows["BL"]["stream"]) == (0, "BOOK-BL")
    assert rows["BL"]["position"] >= len(book)
    assert "BOOK-GL" in at("book", "list", "--format", "table")[1]


def test_the_head_stands_beside_the_ledgers_copy(at: CommandLine) -> None:
    code, told = at.json("book", "head", "BL")
    assert (code, told["lag"], told["leaf"]) == (0, 0, told["copy"]["leaf"])
    assert "Lag: 0 entries." in at("book", "head", "BL", "--format", "table")[1]


def test_a_book_that_is_not_open_says_how_to_open_it(at: CommandLine) -> None:
    code, _, err = at("book", "head", "ZG")
    assert (code, "landbuch book open ZG" in err) == (2, True)


# -- commands -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("road", ["http", "nats"])
def test_an_accepted_command_gives_its_events(at: CommandLine, road: str) -> None:
    before = head(at)
    code, told = at.json("do", "RecordInformation", "GL", "--actor", CLERK, "--via", road, *note(1))
    assert (code, told["outcome"], told["position"]) == (0, "accepted", before + 1)
    assert told["events"][0]["type"] == "landbuch.InformationRecorded.v1"


def test_the_same_id_is_written_once(at: CommandLine) -> None:
    order = ("do", "RecordInformation", "GL", "--actor", CLERK, "--id", ID.format(1), *note(2))
    first, position = at.json(*order), head(at)
    assert at.json(*order) == first
    assert head(at) == position


def test_the_same_id_with_other_content_is_refused(at: CommandLine) -> None:
    at.json("do", "RecordInformation", "GL", "--actor", CLERK, "--id", ID.format(2), *note(3))
    code, told = at.json("do", "RecordInformation", "GL", "--actor", CLERK, "--id", ID.format(2), *note(4))
    assert (code, told["code"]) == (1, "command_id_reused")


def test_data_come_from_a_file_and_options_override_them(at: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "note.json"
    file.write_text(json.dumps({"about": "GL", "topic": "file", "statement": "From a file."}))
    order = ("do", "RecordInformation", "GL", "--actor", CLERK, "--data", str(file), "--topic", "option", "--dry-run")
    code, told = at.json(*order)
    assert (code, told["events"][0]["data"]["topic"], told["events"][0]["data"]["statement"]) == (
        0,
        "option",
        "From a file.",
    )


@pytest.mark.parametrize("road", ["http", "nats"])
def test_a_refusal_shows_its_arithmetic_and_the_remedy(at: CommandLine, road: str) -> None:
    order = (
        "do", "BlockCredit", "BL", "--phase", "KIP3", "--actor", "p-f5d0", "--via", road, "--area", "SP",
        "--source", "canton", "--amount", "9'000'000", "--reason", "test",
    )  # fmt: skip
    code, told = at.json(*order)
    assert (code, told["outcome"], told["code"]) == (1, "refused", "credit_exceeded")
    code, out, err = at(*order, "--format", "table")
    assert (code, out) == (1, "")
    assert "BlockCredit is refused: credit_exceeded" in err
    assert "needs 9'000'000.00, 8'234'000.00 too much." in err
    assert "Lower the amount, allocate more, or wait for a supplement." in err


def test_a_dry_run_shows_the_lines_and_writes_nothing(at: CommandLine) -> None:
    before = head(at, "BL")
    code, out, _ = at(
        "do", "BlockCredit", "BL", "--phase", "KIP3", "--actor", "p-f5d0", "--dry-run", "--area", "SP",
        "--source", "canton", "--amount", "1'000.50", "--reason", "test", "--format", "table",
    )  # fmt: skip
    assert (code, "BlockCredit would be accepted in BL KIP3; nothing was written." in out) == (0, True)
    assert "credit:blocked:SP:canton" in out
    assert "1'000.50" in out
    assert head(at, "BL") == before


@pytest.mark.parametrize("road", ["http", "nats"])
def test_an_act_of_two_persons_says_how_to_confirm_it(at: CommandLine, road: str) -> None:
    person = f"p-new-{road}"
    code, out, _ = at(
        "do", "GrantRole", "GL", "--actor", ADMINISTRATOR, "--via", road, "--person", person, "--role", "viewer",
        "--format", "table",
    )  # fmt: skip
    position = head(at)
    assert code == 0
    assert "Let another person who is administrator confirm it with:" in out
    assert f"landbuch do ConfirmAct GL --proposal {position} --actor p-…" in out
    confirm = ("do", "ConfirmAct", "GL", "--via", road, "--proposal", str(position))
    code, told = at.json(*confirm, "--actor", ADMINISTRATOR)
    assert (code, told["code"]) == (1, "second_person_required")
    code, told = at.json(*confirm, "--actor", SECOND)
    assert (code, told["events"][0]["type"]) == (0, "landbuch.RoleGranted.v1")


def test_a_token_of_the_environment_stands_for_the_actor(at: CommandLine, stack: LocalStack) -> None:
    at.environment(token=stack.token(CLERK))
    assert at.json("do", "RecordInformation", "GL", "--dry-run", *note(5))[0] == 0


def test_an_expired_token_is_told(at: CommandLine, stack: LocalStack) -> None:
    at.environment(token=stack.token(CLERK, expires_in_s=-60))
    code, told = at.json("do", "RecordInformation", "GL", *note(6))
    assert (code, told["code"]) == (2, "unauthenticated")
    assert "failed: unauthenticated" in at("do", "RecordInformation", "GL", *note(6), "--format", "table")[2]


def test_a_command_to_a_book_that_is_not_open_says_how_to_open_it(at: CommandLine) -> None:
    code, _, err = at("do", "RecordInformation", "ZG", "--actor", CLERK, *note(7), "--format", "table")
    assert (code, "landbuch book open" in err) == (2, True)


@pytest.mark.parametrize("road", ["http", "nats"])
def test_a_service_that_is_away_is_told(at: CommandLine, stack: LocalStack, road: str) -> None:
    stack.stop_program("agreements")
    try:
        code, out, err = at(
            "do", "RegisterPartner", "GL", "--actor", CLERK, "--via", road, "--patience", "0.2", "--partner", "P-1",
            "--kind", "ngo", "--name", "Verein",
        )  # fmt: skip
    finally:
        stack.start_program("agreements")
        stack.wait_ready("agreements")
    assert (code, out, err.count("\n")) == (4, "", 1)
    assert "answer" in err


def test_a_busy_service_is_asked_again(at: CommandLine, stack: LocalStack) -> None:
    stack.stop_program("agreements")
    stack.start_program("agreements")
    code, told = at.json(
        "do", "RegisterPartner", "GL", "--actor", CLERK, "--patience", "30", "--partner", "P-2", "--kind", "ngo",
        "--name", "Verein",
    )  # fmt: skip
    assert (code, told["outcome"]) == (0, "accepted")


# -- balances and events --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("phase", "share"), [("KIP2BIS", "1498188.00"), ("KIP3", "3392068.00")])
def test_the_cantons_share_adds_up(at: CommandLine, phase: str, share: str) -> None:
    code, told = at.json("balance", "BL", "--phase", phase)
    (figures,) = told["phases"]
    rows = [row for row in figures["rows"] if row["source"] == "canton"]
    (canton,) = [row for row in figures["sources"] if row["source"] == "canton"]
    assert (code, canton["decided"]) == (0, share)
    assert sum(Decimal(row["decided"]) for row in rows) == Decimal(share)
    assert all(isinstance(row["approved"], str) and row["approved"][-3] == "." for row in rows)
    assert {"position", "as_of", "recorded_at"} <= set(told)


def test_json_ndjson_csv_and_table_show_the_same_figures(at: CommandLine) -> None:
    rows = at.json("balance", "BL", "--phase", "KIP3")[1]["phases"][0]["rows"]
    *lines, end = map(json.loads, at("balance", "BL", "--phase", "KIP3", "--format", "ndjson")[1].splitlines())
    assert [{name: line[name] for name in rows[0]} for line in lines] == rows
    assert (end["end"], end["count"]) == (True, len(rows))
    cells = list(csv.DictReader(io.StringIO(at("balance", "BL", "--phase", "KIP3", "--format", "csv")[1])))
    assert [{name: cell[name] for name in rows[0]} for cell in cells] == rows
    table = at("balance", "BL", "--phase", "KIP3", "--format", "table")[1]
    areas = [row for row in rows if row["area"] != "_"]
    assert all(chf(parse_chf(row[name])) in table for row in areas for name in ("approved", "available"))
    assert f"known until position {end['position']}" in table


def test_a_balance_can_be_asked_on_both_clocks(at: CommandLine) -> None:
    code, told = at.json("balance", "BL", "--phase", "KIP2BIS", "--as-of", "2021-10-01")
    assert (code, told["phases"][0]["total"]["pending"], told["as_of"]) == (0, "1498188.00", "2021-10-01")
    code, told = at.json("balance", "BL", "--phase", "KIP2BIS", "--at", "20")
    assert (code, told["position"], told["phases"][0]["rows"]) == (0, 20, [])
    assert "Nothing is booked." in at("balance", "BL", "--phase", "KIP2BIS", "--at", "20", "--format", "table")[1]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--phase", "KIP9"), "opened so far: KIP1, KIP2, KIP2BIS, KIP3"),
        (("--area", "XX"), "no funding area"),
        (("--source", "gold"), "no funding source"),
        (("--as-of", "yesterday"), "write YYYY-MM-DD"),
        (("--at", "99999"), "99999 is not known yet"),
    ],
)
def test_a_question_that_cannot_be_answered_says_why(at: CommandLine, options: tuple[str, str], sentence: str) -> None:
    code, out, err = at("balance", "BL", *options)
    assert (code, out, sentence in err) == (2, "", True)


def test_events_are_filtered_by_type_and_phase(at: CommandLine) -> None:
    code, told = at.json("events", "BL", "--type", "CreditDecided")
    assert (code, [event["phase"] for event in told["events"]]) == (0, ["KIP2BIS", "KIP3"])
    *lines, end = map(json.loads, at("events", "BL", "--phase", "KIP2BIS", "--format", "ndjson")[1].splitlines())
    assert {line["phase"] for line in lines} == {"KIP2BIS"}
    assert end["count"] == len(lines) > 5


def test_events_are_paged_without_gap_or_repetition(at: CommandLine) -> None:
    whole = at.json("events", "BL", "--phase", "KIP3", "--limit", "1000")[1]
    everything = [event["position"] for event in whole["events"]]
    assert len(everything) > 100
    seen: list[int] = []
    page: dict[str, Any] = {"next": 0}
    while "next" in page:
        page = at.json("events", "BL", "--phase", "KIP3", "--limit", "30", "--after", str(page["next"]))[1]
        seen += [event["position"] for event in page["events"]]
    assert seen == everything


def test_events_are_shown_with_what_they_move(at: CommandLine) -> None:
    code, out, _ = at("events", "BL", "--type", "CreditDecided", "--format", "table")
    assert code == 0
    assert "LR-2023-KIP3     3'392'068.00  p-b3c9" in out
    assert "There is more: --after 2" in at("events", "BL", "--limit", "2", "--format", "table")[1]


# -- the client beneath ---------------------------------------------------------------------------------------------


def batch(count: int) -> list[Instruction]:
    data = {"about": "GL", "topic": "batch", "statement": "One of many."}
    return [Instruction("RecordInformation", data) for _ in range(count)]


@pytest.mark.usefixtures("book")
def test_a_batch_is_answered_in_order(stack: LocalStack) -> None:
    with BlockingClient(Client(read(stack.places.root))) as client:
        sent = batch(250)
        replies = client.send_batch("GL", sent, actor=CLERK)
        assert [reply.commandid for reply in replies] == [one.commandid for one in sent]
        assert all(reply.accepted for reply in replies)
        positions = [reply.position or 0 for reply in replies]
        assert positions == sorted(set(positions))
        assert client.wait_for("GL", positions[-1])["position"] >= positions[-1]


@pytest.mark.usefixtures("book")
def test_a_batch_without_the_right_to_it_is_refused_one_by_one(stack: LocalStack) -> None:
    with BlockingClient(Client(read(stack.places.root))) as client:
        replies = client.send_batch("GL", batch(3), actor="p-nobody")
        assert [reply.code for reply in replies] == ["role_missing"] * 3


def test_a_batch_for_two_services_is_a_mistake(stack: LocalStack) -> None:
    mixed = [*batch(1), Instruction("RegisterPartner", {})]
    with (
        BlockingClient(Client(read(stack.places.root))) as client,
        pytest.raises(ValueError, match=r"agreements, ledger"),
    ):
        client.send_batch("GL", mixed, actor=CLERK)


@pytest.mark.usefixtures("book")
def test_many_commands_at_once_are_each_answered(stack: LocalStack) -> None:
    async def sent() -> list[Reply]:
        async with Client(read(stack.places.root), transport="nats") as client:
            data = {"about": "GL", "topic": "many", "statement": "At once."}
            return await asyncio.gather(*(client.send("RecordInformation", "GL", data, actor=CLERK) for _ in range(50)))

    replies = asyncio.run(sent())
    assert len({reply.position for reply in replies if reply.accepted}) == 50
