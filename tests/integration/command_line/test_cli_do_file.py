"""``landbuch do --file`` against a running stack: one outcome a line, written once, whatever happens between."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from landbuch.local.stack import LocalStack
from landbuch.sdk.client import Client
from landbuch.sdk.replies import Reply
from tests.command_line import CommandLine

CLERK = "p-b3c9"


def note(number: int, **more: Any) -> dict[str, Any]:
    """A harmless command."""
    data = {"about": "GL", "topic": "file", "statement": f"Line {number}."}
    return {"command": "RecordInformation", "canton": "GL", "data": data, "actor": CLERK} | more


REFUSED = {"command": "BlockCredit", "canton": "GL", "phase": "KIP3", "actor": "p-f5d0"} | {
    "data": {"area": "SP", "source": "canton", "amount": 10**12, "reason": "test"}
}


def file(directory: Path, *commands: Any) -> Path:
    """Write commands to a file; a text stands for itself."""
    path = directory / "commands.ndjson"
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in commands))
    return path


def outcomes(path: Path) -> list[dict[str, Any]]:
    """The lines of the outcomes between the first and the last."""
    first, *told, last = map(json.loads, path.with_name("commands.outcomes.ndjson").read_text().splitlines())
    assert first["begin"] is True
    assert (last["end"], last["count"]) == (True, first["count"])
    return [*told]


def head(at: CommandLine) -> int:
    return int(at.json("book", "head", "GL")[1]["position"])


def test_each_command_has_one_outcome_in_order(at: CommandLine, tmp_path: Path) -> None:
    path, before = file(tmp_path, note(1), "", note(2)), head(at)
    code, told = at.json("do", "--file", str(path))
    assert (code, told["count"], told["accepted"], told["refused"], told["left"]) == (0, 2, 2, 0, 0)
    assert [(one["line"], one["outcome"], one["position"]) for one in outcomes(path)] == [
        (1, "accepted", before + 1),
        (3, "accepted", before + 2),
    ]


def test_a_second_run_sends_nothing(at: CommandLine, tmp_path: Path) -> None:
    path = file(tmp_path, note(1), note(2))
    first = at.json("do", "--file", str(path))
    position, written = head(at), path.with_name("commands.outcomes.ndjson").read_bytes()
    assert at.json("do", "--file", str(path)) == first
    assert (head(at), path.with_name("commands.outcomes.ndjson").read_bytes()) == (position, written)


def test_a_refusal_is_an_outcome_and_the_rest_goes_on(at: CommandLine, tmp_path: Path) -> None:
    path = file(tmp_path, note(1), REFUSED, note(2))
    code, told = at.json("do", "--file", str(path))
    assert (code, told["accepted"], told["refused"], told["left"]) == (1, 2, 1, 0)
    refused = outcomes(path)[1]
    assert (refused["outcome"], refused["code"]) == ("refused", "credit_exceeded")
    assert "available" in refused["detail"]
    code, out, _ = at("do", "--file", str(path), "--format", "table")
    assert (code, "Line 2: BlockCredit is refused: credit_exceeded" in out) == (1, True)
    assert "3 commands: 2 accepted, 1 refused, 0 left." in out


def test_a_refused_command_can_be_sent_again(at: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file(tmp_path, note(1), REFUSED)
    at.json("do", "--file", str(path))
    before = outcomes(path)
    sent = counted(monkeypatch)
    assert at.json("do", "--file", str(path), "--again")[0] == 1
    assert sent == [before[1]["commandid"]]
    assert outcomes(path) == before


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note the id of each command that is sent."""
    sent: list[str] = []
    send = Client.send

    async def noting(self: Client, *arguments: Any, **named: Any) -> Reply:
        sent.append(named["commandid"])
        return await send(self, *arguments, **named)

    monkeypatch.setattr(Client, "send", noting)
    return sent


@pytest.mark.parametrize("answered", [False, True])
def test_a_run_that_dies_goes_on_and_writes_each_command_once(
    at: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, answered: bool
) -> None:
    path, before = file(tmp_path, *map(note, range(1, 6))), head(at)
    sent: list[str] = []
    send = Client.send

    async def dying(self: Client, *arguments: Any, **named: Any) -> Reply:
        sent.append(named["commandid"])
        if len(sent) == 3:
            if answered:  # the service wrote it, but nobody noted the answer
                await send(self, *arguments, **named)
            raise KeyboardInterrupt
        return await send(self, *arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(Client, "send", dying)
        code, out, err = at("do", "--file", str(path))
    assert (code, out) == (130, "")
    assert "2 of 5 commands are settled" in err
    assert head(at) == before + (3 if answered else 2)
    code, told = at.json("do", "--file", str(path))
    assert (code, told["accepted"], head(at)) == (0, 5, before + 5)
    assert [one["position"] for one in outcomes(path)] == list(range(before + 1, before + 6))
    assert [one["commandid"] for one in outcomes(path)][:3] == sent


def test_an_outcome_that_was_torn_by_a_crash_is_asked_again(at: CommandLine, tmp_path: Path) -> None:
    path = file(tmp_path, note(1), note(2))
    at.json("do", "--file", str(path))
    told, position = outcomes(path), head(at)
    out = path.with_name("commands.outcomes.ndjson")
    lines = out.read_bytes().splitlines(keepends=True)
    out.write_bytes(b"".join(lines[:2]) + lines[2][:20])
    assert at.json("do", "--file", str(path))[1]["left"] == 0
    assert (outcomes(path), head(at)) == (told, position)


def test_ids_of_ones_own_are_kept(at: CommandLine, tmp_path: Path) -> None:
    own = "6f1c1a2e-8a5e-4a0e-9a33-1d5d5b0f5b77"
    path = file(tmp_path, note(1, commandid=own), note(2))
    at.json("do", "--file", str(path))
    ids = [one["commandid"] for one in outcomes(path)]
    assert ids[0] == own != ids[1]


def test_a_service_that_is_away_stops_the_run_and_the_next_goes_on(
    at: CommandLine, stack: LocalStack, tmp_path: Path
) -> None:
    partner = {"command": "RegisterPartner", "canton": "GL", "actor": CLERK} | {
        "data": {"partner": "P-FILE", "kind": "ngo", "name": "Verein"}
    }
    path = file(tmp_path, note(1), partner, note(2))
    stack.stop_program("agreements")
    try:
        code, _, err = at("do", "--file", str(path), "--patience", "0.2")
    finally:
        stack.start_program("agreements")
        stack.wait_ready("agreements")
    assert (code, "1 of 3 commands are settled" in err) == (4, True)
    code, told = at.json("do", "--file", str(path), "--patience", "30")
    assert (code, told["accepted"]) == (0, 3)
    assert [one["line"] for one in outcomes(path)] == [1, 2, 3]


def test_an_answer_that_settles_nothing_stops_the_run(at: CommandLine, stack: LocalStack, tmp_path: Path) -> None:
    path, before = file(tmp_path, note(1), note(2)), head(at)
    at.environment(token=stack.token(CLERK, expires_in_s=-60))
    code, told = at.json("do", "--file", str(path))
    assert (code, told["failed"]["code"], told["left"], head(at)) == (2, "unauthenticated", 2, before)
    at.environment(token="")
    assert at.json("do", "--file", str(path))[1]["accepted"] == 2


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("{", "line 2 is not JSON"),
        ("[]", "line 2 is no JSON object"),
        ({"command": "RecordInformation"}, "line 2 has no canton, data"),
        (note(2, amount=3), "line 2 has unknown fields: amount"),
        (note(2, actor=None), "line 2 does not say who acts"),
        (note(2, command="RecordNothing"), "there is no command RecordNothing"),
        (note(2, data={"about": "GL"}), "line 2 is malformed: topic: Field required"),
        (note(2, commandid="6f1c1a2e-8a5e-4a0e-9a33-1d5d5b0f5c01"), "has the same commandid as line 1"),
        (note(2, commandid=5), "line 2 is malformed"),
        (note(2, command=["RecordInformation"]), "line 2 names a command that is no text"),
        (note(2, canton=["GL"]), "line 2 is malformed"),
    ],
)
def test_a_slip_in_any_line_is_told_before_anything_is_sent(
    at: CommandLine, tmp_path: Path, line: Any, sentence: str
) -> None:
    path = file(tmp_path, note(1, commandid="6f1c1a2e-8a5e-4a0e-9a33-1d5d5b0f5c01"), line)
    before = head(at)
    code, out, err = at("do", "--file", str(path))
    assert (code, out, "Traceback" in err) == (2, "", False)
    assert sentence in " ".join(err.split())
    assert "Nothing was sent." in " ".join(err.split())
    assert head(at) == before
    assert not path.with_name("commands.outcomes.ndjson").exists()


def test_a_file_that_was_changed_is_not_mixed_with_old_outcomes(at: CommandLine, tmp_path: Path) -> None:
    path = file(tmp_path, note(1))
    at.json("do", "--file", str(path))
    before = head(at)
    file(tmp_path, note(1), note(2))
    code, _, err = at("do", "--file", str(path))
    assert (code, "another version of" in " ".join(err.split()), head(at)) == (2, True, before)
    other = tmp_path / "other.ndjson"
    assert at.json("do", "--file", str(path), "--out", str(other))[1]["accepted"] == 2
    assert other.exists()


@pytest.mark.parametrize("content", ['{"a": 1}\n', "nothing\n", "[]\n"])
def test_a_file_that_holds_no_outcomes_is_left_alone(at: CommandLine, tmp_path: Path, content: str) -> None:
    path, out = file(tmp_path, note(1)), tmp_path / "precious.txt"
    out.write_text(content)
    code, _, err = at("do", "--file", str(path), "--out", str(out))
    assert (code, "holds something else than outcomes" in " ".join(err.split())) == (2, True)
    assert out.read_text() == content


def test_a_missing_file_is_told(at: CommandLine) -> None:
    code, _, err = at("do", "--file", "missing.ndjson")
    assert (code, "missing.ndjson cannot be read" in " ".join(err.split())) == (2, True)


def test_a_file_and_a_command_are_not_given_together(at: CommandLine, tmp_path: Path) -> None:
    code, _, err = at("do", "--file", str(file(tmp_path, note(1))), "ConfirmAct", "GL", "--proposal", "1")
    assert (code, "give a file or a command, not both" in " ".join(err.split())) == (2, True)
