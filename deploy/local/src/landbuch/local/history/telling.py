"""Tells the story to a running stack: opens the books and sends each step through the ordinary road of a command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from landbuch.local.errors import StackError
from landbuch.local.history.story import Step, steps
from landbuch.sdk.book.setup import open_book
from landbuch.sdk.client import Client
from landbuch.sdk.connection import Connection, connected
from landbuch.sdk.replies import Reply

Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A step that was refused as the story expects, and the answer."""

    step: Step
    reply: Reply


async def open_books(connection: Connection, cantons: tuple[str, ...]) -> None:
    """Open the books of the cantons as the operator; those that are there stay as they are."""
    async with connected(connection, "operator") as nc:
        for canton in cantons:
            await open_book(nc, canton, connection.replicas)


async def tell(client: Client, canton: str, *, facts_only: bool, progress: Tell) -> tuple[int, list[Refusal]]:
    """Tell one canton's story; gives the last position and the refusals that the story expects.

    ``progress`` hears how many of how many steps are told. Raises ``StackError`` when an answer is not the expected
    one: the demo must not go on as if all were well.
    """
    told = steps(canton, facts_only=facts_only)
    last, refusals = 0, []
    for number, step in enumerate(told, start=1):
        reply = await _send(client, step)
        if step.refused is not None:
            refusals.append(Refusal(step, reply))
        elif step.two_persons:
            assert reply.position is not None  # an accepted command has events
            reply = await _send(client, step.confirmation(reply.position))
        last = max(last, reply.position or 0)
        progress(number, len(told))
    return last, refusals


async def _send(client: Client, step: Step) -> Reply:
    reply = await client.send(
        step.command, step.canton, step.data, actor=step.actor, phase=step.phase, commandid=step.commandid
    )
    if reply.code != step.refused:
        expected = f"a refusal {step.refused}" if step.refused else "to be accepted"
        answered = f"{reply.code}: {reply.detail}" if reply.code else "accepted"
        message = f"{step.command} in {step.canton} {step.phase} was expected {expected}, but was {answered}"
        raise StackError(message, "Look into the services' logs below var/demo; then run the demo again.")
    return reply
