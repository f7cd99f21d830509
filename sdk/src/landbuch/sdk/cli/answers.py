"""What a command was answered, for people."""

from __future__ import annotations

from landbuch.contracts.catalogue import COMMANDS, CONFIRM
from landbuch.contracts.money import chf
from landbuch.contracts.vocabulary import NO_PHASE
from landbuch.contracts.warn import Warn
from landbuch.sdk.cli import output
from landbuch.sdk.cli.output import number, short
from landbuch.sdk.replies import Reply


def show(reply: Reply, command: str, canton: str, phase: str) -> None:
    """Write an answer: what stands in the book now, or why nothing does and what to do about it."""
    if reply.accepted:
        _accepted(reply, command, canton, phase)
    else:
        _declined(reply, command)


def _accepted(reply: Reply, command: str, canton: str, phase: str) -> None:
    console = output.terminal()
    where = canton if phase == NO_PHASE else f"{canton} {phase}"
    if reply.dry_run:
        console.print(f"{command} would be accepted in {where}; nothing was written.", style="green")
    elif reply.proposal is not None:
        console.print(f"{command} is proposed in {where}, and needs a second person.", style="green")
    else:
        console.print(f"{command} is accepted in {where}.", style="green")
    made = output.table("Position", "Event", "Leaf", right=["Position"])
    for event in reply.events:
        name = str(event["type"]).removeprefix("landbuch.").rpartition(".v")[0]
        made.add_row(number(event["position"]), name, short(str(event["leaf"])))
    output.put(console, made)
    for event in reply.events:
        for account, amount in (event.get("data") or {}).get("lines", ()):
            console.print(f"  {account:<48} {chf(amount):>18}")
    for warning in reply.warnings:
        console.print(f"Warning {warning}: {_meaning(warning)}", style="yellow")
    if reply.proposal is not None and not reply.dry_run:
        roles = " or ".join(sorted(COMMANDS[command].roles)).replace("_", " ")
        console.print(
            f"Let another person who is {roles} confirm it with:\n"
            f"  landbuch do {CONFIRM} {canton} --proposal {reply.proposal} --actor p-…"
        )
    console.print(f"Command id {reply.commandid}", style="dim")


def _declined(reply: Reply, command: str) -> None:
    console = output.margin()
    verb = "is refused" if reply.outcome == "refused" else "failed"
    console.print(f"{command} {verb}: {reply.code}", style="red")
    for text in (reply.detail, reply.remedy):
        if text:
            console.print(f"  {text}", soft_wrap=True)
    console.print(f"Command id {reply.commandid}", style="dim")


def _meaning(warning: str) -> str:
    try:
        return Warn(warning).meaning
    except ValueError:
        return "see the newer version's documentation."
