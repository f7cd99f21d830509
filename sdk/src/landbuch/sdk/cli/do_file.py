"""``landbuch do --file``: many commands from a file, one outcome a line, and a second run goes on where one stopped.

Each line of the file is ``{"command", "canton", "phase"?, "data", "actor"?, "commandid"?}``. Before anything is sent,
the whole file is checked and the outcomes' first line is on the disk: it fixes the ids of the commands that name none.
So whatever dies when, each command is written once. What was accepted or refused is settled; anything else (no answer,
a service away) stops the run, because later commands may build on earlier ones.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import typer

from landbuch.contracts.command import MalformedError, read_command
from landbuch.contracts.vocabulary import NO_PHASE
from landbuch.sdk.cli import exits, output
from landbuch.sdk.cli.options import connection_of, run, token
from landbuch.sdk.cli.output import Format, TreeFormat, number
from landbuch.sdk.cli.reading import progress
from landbuch.sdk.client import Client, Transport
from landbuch.sdk.replies import Reply

NOBODY = "p-nobody"
_KEYS = frozenset({"command", "canton", "phase", "data", "actor", "commandid"})
_NEEDED = ("command", "canton", "data")
_TOLD = ("position", "events", "warnings", "code", "detail", "remedy")


@dataclass(frozen=True, slots=True)
class Line:
    """One command of the file, with the id under which it is sent."""

    number: int
    command: str
    canton: str
    phase: str
    data: Mapping[str, Any]
    actor: str | None
    commandid: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A run: the commands, and the outcomes that are settled, by the number of the line."""

    lines: Sequence[Line]
    outcomes: dict[int, dict[str, Any]]

    def count(self, outcome: str) -> int:
        """How many commands have this outcome."""
        return sum(one["outcome"] == outcome for one in self.outcomes.values())


def do_file(
    file: Path,
    out: Path | None,
    *,
    again: bool,
    via: Transport,
    patience: float,
    written: TreeFormat | None,
    stack: Path | None,
) -> None:
    """Send the commands of a file that are not settled yet; ``again``: those that were refused too."""
    out = out or file.with_name(f"{file.stem}.outcomes.ndjson")
    content = _content(file)
    batch, known = _resumed(out, content, file)
    lines = read_lines(content, batch)
    if again:
        known = {at: one for at, one in known.items() if one["outcome"] != "refused"}
    sent = Sent(lines, known)
    _begin(out, batch, content, sent)
    left = [line for line in lines if line.number not in known]
    failed: Reply | None = None
    try:
        if left:
            failed = run(_send(left, sent, out, via, patience, stack))
    finally:
        if len(sent.outcomes) < len(lines):
            output.margin().print(
                f"{number(len(sent.outcomes))} of {number(len(lines))} commands are settled in {out}; the same command "
                "line goes on behind them.",
                soft_wrap=True,
            )
    _finish(file, out, sent, failed, output.chosen(written))


def _finish(file: Path, out: Path, sent: Sent, failed: Reply | None, written: Format) -> None:
    """Say how it went, and end with the exit code that fits."""
    told = {
        "file": str(file),
        "out": str(out),
        "count": len(sent.lines),
        "accepted": sent.count("accepted"),
        "refused": sent.count("refused"),
        "left": len(sent.lines) - len(sent.outcomes),
        "failed": None if failed is None else {"code": failed.code, "detail": failed.detail, "remedy": failed.remedy},
    }
    if written is Format.JSON:
        output.write_json(told)
    else:
        _show(sent, told)
    if failed is not None:
        raise typer.Exit(exits.of_reply(failed))
    if told["refused"]:
        raise typer.Exit(exits.ExitCode.REFUSED)


def _show(sent: Sent, told: Mapping[str, Any]) -> None:
    console = output.terminal()
    refused = [one for _, one in sorted(sent.outcomes.items()) if one["outcome"] == "refused"]
    for one in refused:
        console.print(f"Line {one['line']}: {one['command']} is refused: {one['code']}", style="red")
        console.print(f"  {one['detail']}", soft_wrap=True)
    if told["failed"] is not None:
        console.print(f"Stopped: {told['failed']['code']}", style="red")
        console.print(f"  {told['failed']['detail']} {told['failed']['remedy'] or ''}".rstrip(), soft_wrap=True)
    style = "yellow" if refused or told["left"] else "green"
    counts = (f"{number(told[name])} {name}" for name in ("accepted", "refused", "left"))
    console.print(f"{number(told['count'])} commands: {', '.join(counts)}. Outcomes: {told['out']}", style=style)


async def _send(
    left: Sequence[Line], sent: Sent, out: Path, via: Transport, patience: float, stack: Path | None
) -> Reply | None:
    """Send in order, noting each outcome; gives the answer that settled nothing, at which it stopped."""
    connection = connection_of(stack)
    async with Client(connection, transport=via, token=token(), patience_s=patience) as client:
        with out.open("ab") as noted, progress() as shown:
            task = shown.add_task("Sending", total=len(sent.lines), completed=len(sent.outcomes))
            for line in left:
                reply = await client.send(
                    line.command, line.canton, line.data, actor=line.actor, phase=line.phase, commandid=line.commandid
                )
                if reply.outcome == "failed":
                    return reply
                sent.outcomes[line.number] = outcome_of(line, reply)
                noted.write(orjson.dumps(sent.outcomes[line.number], option=orjson.OPT_APPEND_NEWLINE))
                noted.flush()
                shown.update(task, completed=len(sent.outcomes))
            noted.write(_end(sent))
    return None


def outcome_of(line: Line, reply: Reply) -> dict[str, Any]:
    """Give the line that tells how a command fared."""
    head = {
        "line": line.number, "command": line.command, "canton": line.canton, "phase": line.phase,
        "commandid": line.commandid, "outcome": reply.outcome,
    }  # fmt: skip
    return head | {name: getattr(reply, name) for name in _TOLD if getattr(reply, name)}


# -- the file -------------------------------------------------------------------------------------------------------


def read_lines(content: bytes, batch: uuid.UUID) -> list[Line]:
    """Read all commands of a file; raises a usage error that names the line. Empty lines are left out."""
    rows = [(at, row) for at, row in enumerate(content.split(b"\n"), start=1) if row.strip()]
    lines = [_line(at, row, batch) for at, row in rows]
    seen: dict[str, int] = {}
    for line in lines:
        first = seen.setdefault(line.commandid, line.number)
        if first != line.number:
            raise _wrong(line.number, f"has the same commandid as line {first}; give each command its own")
    return lines


def _line(at: int, row: bytes, batch: uuid.UUID) -> Line:
    try:
        value = orjson.loads(row)
    except ValueError as error:
        raise _wrong(at, f"is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise _wrong(at, "is no JSON object")
    if not isinstance(value.get("command", ""), str):
        raise _wrong(at, f"names a command that is no text: {value['command']!r}")
    unknown, missing = sorted(set(value) - _KEYS), [name for name in _NEEDED if name not in value]
    if unknown or missing:
        what = f"has no {', '.join(missing)}" if missing else f"has unknown fields: {', '.join(unknown)}"
        raise _wrong(at, f"{what}; a command has command, canton, data, and perhaps phase, actor, commandid")
    line = Line(
        at, value["command"], value["canton"], value.get("phase") or NO_PHASE, value["data"], value.get("actor"),
        value.get("commandid") or str(uuid.uuid5(batch, str(at))),
    )  # fmt: skip
    if line.actor is None and token() is None:
        raise _wrong(at, "does not say who acts: give it an actor, or put a token into LANDBUCH_TOKEN")
    try:
        read_command(
            name=line.command, canton=line.canton, phase=line.phase, commandid=line.commandid,
            actor=line.actor or NOBODY, data=line.data,
        )  # fmt: skip
    except MalformedError as error:
        raise _wrong(at, f"is malformed: {error}") from error
    return line


def _wrong(at: int, what: str) -> typer.BadParameter:
    return typer.BadParameter(f"line {at} {what}. Nothing was sent.", param_hint="--file")


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error}.", param_hint="--file") from error


# -- the outcomes ---------------------------------------------------------------------------------------------------


def _resumed(out: Path, content: bytes, file: Path) -> tuple[uuid.UUID, dict[int, dict[str, Any]]]:
    """Give what an earlier run fixed and settled, else a new beginning; raises a usage error for another file's."""
    try:
        rows = out.read_bytes().split(b"\n")[:-1]  # a last line without its end was torn by a crash
    except FileNotFoundError:
        rows = []
    except OSError as error:
        raise typer.BadParameter(f"{out} cannot be read: {error}.", param_hint="--out") from error
    if not rows:
        return uuid.uuid4(), {}
    try:
        first, *told = map(orjson.loads, rows)
        batch, digest = uuid.UUID(first["batch"]), first["sha256"]
        known = {int(one["line"]): one for one in told if "line" in one}
    except (ValueError, KeyError, TypeError) as error:
        raise typer.BadParameter(f"{out} holds something else than outcomes; name another --out.") from error
    if digest != hashlib.sha256(content).hexdigest():
        raise typer.BadParameter(
            f"{out} holds the outcomes of another version of {file}. Put new commands into a new file, or name another "
            "--out; commands without a commandid would then be sent under new ids.",
            param_hint="--file",
        )
    return batch, known


def _begin(out: Path, batch: uuid.UUID, content: bytes, sent: Sent) -> None:
    """Put the ids on the disk, with what is settled so far, before anything is sent."""
    digest = hashlib.sha256(content).hexdigest()
    first = {"begin": True, "batch": str(batch), "sha256": digest, "count": len(sent.lines)}
    rows: Iterable[object] = (first, *(one for _, one in sorted(sent.outcomes.items())))
    text = b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)
    part = out.with_name(f".{out.name}.part")
    try:
        with part.open("wb") as file:
            file.write(text + (_end(sent) if len(sent.outcomes) == len(sent.lines) else b""))
            file.flush()
            os.fsync(file.fileno())
        part.replace(out)
    except OSError as error:
        raise typer.BadParameter(f"{out} cannot be written: {error}.", param_hint="--out") from error


def _end(sent: Sent) -> bytes:
    counts = {name: sent.count(name) for name in ("accepted", "refused")}
    return orjson.dumps({"end": True, "count": len(sent.lines), **counts}, option=orjson.OPT_APPEND_NEWLINE)
