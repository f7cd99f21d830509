"""Tells the story to a running stack: opens the books and sends each step through the ordinary road of a command."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from landbuch.local.errors import StackError
from landbuch.local.history.course import Placed, Step, course
from landbuch.local.history.story import steps
from landbuch.sdk.book.setup import open_book
from landbuch.sdk.client import Client
from landbuch.sdk.connection import Connection, connected
from landbuch.sdk.replies import Reply

Tell = Callable[[int, int], None]
REFUSED = Placed(0, "")
MOVES = {
    "RecordPayment": "paid",
    "RecordReturn": "returned by the bank",
    "RecordRecoveryReceipt": "recovered",
    "RecordContributionReceipt": "contributions received",
    "RecordBankEntry": "matched nothing at first",
}
"""The commands that record a bank line, and what it was."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A step that was refused as the story expects, and the answer."""

    step: Step
    reply: Reply


@dataclass(slots=True)
class Told:
    """What became of a story: its last position, the refusals that it expects, warnings by code.

    ``moved`` has the amounts of each kind of bank line that was recorded, in Rappen.
    """

    last: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    warnings: Counter[str] = field(default_factory=Counter)
    moved: dict[str, list[int]] = field(default_factory=dict)

    def note(self, step: Step, reply: Reply) -> None:
        """Take an answer in."""
        self.last = max(self.last, reply.position or 0)
        self.warnings.update(reply.warnings)
        if step.refused is not None:
            self.refusals.append(Refusal(step, reply))
        elif step.command in MOVES:
            self.moved.setdefault(MOVES[step.command], []).append(step.data["amount"])


async def open_books(connection: Connection, cantons: tuple[str, ...]) -> None:
    """Open the books of the cantons as the operator; those that are there stay as they are."""
    async with connected(connection, "operator") as nc:
        for canton in cantons:
            await open_book(nc, canton, connection.replicas)


async def tell(client: Client, canton: str, *, facts_only: bool, progress: Tell) -> Told:
    """Tell one canton's story.

    ``progress`` hears how many of how many commands are sent. Raises ``StackError`` when an answer is not the expected
    one: the demo must not go on as if all were well.
    """
    story = steps(canton, facts_only=facts_only)
    number, of = 0, len(story) + sum(step.two_persons + bool(step.alone) for step in story)
    told, road = Told(), course(story)
    step = next(road, None)
    while step is not None:
        reply = await _send(client, step)
        told.note(step, reply)
        number += 1
        progress(number, of)
        try:
            step = road.send(REFUSED if reply.position is None else Placed(reply.position, reply.events[-1]["id"]))
        except StopIteration:
            step = None
    return told


async def _send(client: Client, step: Step) -> Reply:
    reply = await client.send(
        step.command, step.canton, step.data, actor=step.actor, phase=step.phase, commandid=step.commandid
    )
    if reply.code != step.refused:
        expected = f"a refusal {step.refused}" if step.refused else "to be accepted"
        answered = f"{reply.code}: {reply.detail}" if reply.code else "accepted"
        message = f"{step.about} in {step.canton} {step.phase} was expected {expected}, but was {answered}"
        raise StackError(message, "Look into the services' logs below var/demo; then run the demo again.")
    return reply
