"""Reading a canton's book itself, verified on the way, for commands that show what stands in it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from landbuch.contracts.entry import GENESIS
from landbuch.contracts.judge import Verdict, Void
from landbuch.sdk.book.api import Evidence, Start, Stored
from landbuch.sdk.book.setup import find_book
from landbuch.sdk.cli import output
from landbuch.sdk.cli.output import moment, number, short
from landbuch.sdk.client import Client
from landbuch.sdk.connection import Connection, connected
from landbuch.sdk.errors import BeyondHeadError, FailedError
from landbuch.sdk.explaining import Clocks, read_clocks

Take = Callable[[Iterable[Verdict]], None]


@dataclass(frozen=True, slots=True)
class Reading:
    """How far a book was read, and what vouches for it.

    ``copied``: how many of the entries the ledger's independent copy confirms; 0 when it was not compared.
    """

    canton: str
    position: int = 0
    leaf: str = GENESIS
    time: str | None = None
    voids: int = 0
    copied: int = 0

    def as_json(self) -> dict[str, Any]:
        """Give the reading as a JSON object."""
        return {
            "position": self.position,
            "leaf": self.leaf,
            "recorded_at": self.time,
            "void": self.voids,
            "chain": "checked",
            "confirmed_by_copy_up_to": self.copied or None,
        }

    def sentence(self) -> str:
        """Say it in words."""
        if not self.position:
            return f"The book of {self.canton} is empty."
        voids = f", {number(self.voids)} void entries left out" if self.voids else ""
        copy = f"up to position {number(self.copied)}" if self.copied != self.position else "too"
        said = f"the ledger's copy says the same {copy}" if self.copied else "not compared with the ledger's copy"
        return (
            f"Book of {self.canton} read up to position {number(self.position)} ({moment(self.time)}), leaf "
            f"{short(self.leaf)}; chain checked, {said}{voids}."
        )


def clocks_of(as_of: str | None, at: str | None, which: str = "") -> Clocks:
    """Read both clocks of a state as they are typed; raises a usage error."""
    try:
        return read_clocks(as_of, at)
    except ValueError as error:
        hint = f"--{which}as-of" if str(error).endswith("YYYY-MM-DD") else f"--{which}at"
        raise typer.BadParameter(f"{error}.", param_hint=hint) from error


async def read_book(connection: Connection, canton: str, states: Sequence[Clocks], take: Take) -> Reading:
    """Read a book as far as the states reach, hand over what it says, and tell how far it was read.

    Raises ``BeyondHeadError`` when a state's position does not exist yet, and what ``Book.read`` raises.
    """
    ends = [state.at if isinstance(state.at, int) else None for state in states]
    last = max((end for end in ends if end is not None), default=0)
    evidence = await _evidence(connection, canton)
    async with connected(connection, "reader") as nc:
        book = await find_book(nc, canton)
        head = await book.head()
        if last > head:
            raise BeyondHeadError(f"Book {canton} ends at position {head}; {last} is not known yet.")
        to = head if None in ends or not ends else last
        reached = Reading(canton)
        with progress() as shown:
            task = shown.add_task(f"Reading {canton}", total=to)
            async for batch in book.read(Start(evidence=evidence), to):
                take([stored.verdict for stored in batch])
                reached = _further(reached, batch)
                shown.update(task, completed=reached.position)
        return replace(reached, copied=evidence.size if evidence is not None and evidence.size <= to else 0)


def _further(reached: Reading, batch: Sequence[Stored]) -> Reading:
    """Move on by a batch."""
    times = [stored.verdict.time for stored in batch if not isinstance(stored.verdict, Void)]
    last = batch[-1]
    return replace(
        reached,
        position=last.position,
        leaf=last.leaf.hex(),
        time=max([*times, *([reached.time] if reached.time else [])], default=None),
        voids=reached.voids + len(batch) - len(times),
    )


def progress() -> Progress:
    """Give a progress bar on standard error, shown on a terminal only."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=output.margin(), transient=True, disable=not sys.stderr.isatty())


async def _evidence(connection: Connection, canton: str) -> Evidence | None:
    """Ask the ledger for the head of its copy; without a ledger the chain alone vouches for the book."""
    try:
        async with Client(connection) as client:
            head = await client.head(canton)
    except FailedError:
        return None
    return Evidence(int(head["position"]), bytes.fromhex(head["root"]))
