"""The two doors of a service, HTTP and NATS, as a stranger uses them: any bytes go in, and the answer is shown raw."""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx
from nats.aio.client import Client

from landbuch.contracts.catalogue import COMMANDS
from landbuch.contracts.entry import Entry
from landbuch.contracts.vocabulary import NO_PHASE
from landbuch.local.history.course import Placed, Step, course
from landbuch.local.history.story import steps
from landbuch.local.history.telling import open_books
from landbuch.local.stack import LocalStack
from landbuch.sdk import connection
from landbuch.sdk.book.setup import find_book
from landbuch.sdk.book.wire import request
from tests.hosts import connected

Door = Literal["http", "nats"]
ANSWER_WITHIN_S = 14.0
"""A service answers within ten seconds, whatever happens, and a little for the way."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: over HTTP with status and headers."""

    body: dict[str, Any]
    status: int | None = None
    headers: httpx.Headers = field(default_factory=httpx.Headers)

    @property
    def accepted(self) -> bool:
        """Whether the command's events are in the book."""
        return bool(self.body.get("outcome") == "accepted")

    @property
    def code(self) -> str | None:
        """Why not."""
        return self.body.get("code")


class Doors:
    """A running stack's services from outside."""

    def __init__(self, stack: LocalStack, http: httpx.AsyncClient, nc: Client) -> None:
        self.stack = stack
        self.http = http
        self.nc = nc
        self._tokens: dict[str, str] = {}

    def token(self, actor: str) -> str:
        """Give a token of the development issuer, fetched once."""
        if actor not in self._tokens:
            self._tokens[actor] = self.stack.token(actor)
        return self._tokens[actor]

    async def send(  # what makes up a command
        self,
        door: Door,
        command: str,
        canton: str,
        data: object,
        *,
        actor: str = "",
        token: str | None = None,
        phase: str = NO_PHASE,
        commandid: str | None = None,
        service: str | None = None,
        timeout_s: float = ANSWER_WITHIN_S,
        **more: object,
    ) -> Answer:
        """Send a command through a door; ``more`` are further fields of the body."""
        commandid = str(uuid.uuid4()) if commandid is None else commandid
        token = self.token(actor) if token is None else token
        body = {"phase": phase, "data": data, **more}
        if door == "nats":
            body |= {"commandid": commandid, "token": token}
        payload = json.dumps(body).encode()
        return await self.raw(
            door, command, canton, payload, token=token, commandid=commandid, service=service, timeout_s=timeout_s
        )

    async def raw(  # as above
        self,
        door: Door,
        command: str,
        canton: str,
        payload: bytes,
        *,
        token: str,
        commandid: str | None = None,
        service: str | None = None,
        timeout_s: float = ANSWER_WITHIN_S,
    ) -> Answer:
        """Send bytes through a door; token and command id stand in headers over HTTP and nowhere else over NATS."""
        service = service or service_of(command)
        if door == "nats":
            return await self.ask(f"command.{service}.{canton}.{command}", payload, timeout_s=timeout_s)
        headers = {
            "Idempotency-Key": str(uuid.uuid4()) if commandid is None else commandid,
            "Content-Type": "application/json",
        }
        if token:
            headers["Authorization"] = f"Bearer {token}"
        url = f"{self.stack.http(service)}/v1/{canton}/commands/{command}"
        answered = await self.http.post(url, content=payload, headers=headers, timeout=timeout_s)
        return Answer(answered.json(), answered.status_code, answered.headers)

    async def batch(
        self, service: str, canton: str, commands: Sequence[object], *, token: str, timeout_s: float = ANSWER_WITHIN_S
    ) -> Answer:
        """Send many commands of one person in one message."""
        payload = json.dumps({"token": token, "commands": list(commands)}).encode()
        return await self.ask(f"command.{service}.{canton}._batch", payload, timeout_s=timeout_s)

    async def ask(self, subject: str, payload: bytes, *, timeout_s: float = ANSWER_WITHIN_S) -> Answer:
        """Ask over NATS; raises ``UnavailableError`` when no answer comes in time."""
        return Answer(json.loads(await request(self.nc, subject, payload, timeout_s=timeout_s)))

    async def get(self, service: str, path: str) -> Answer:
        """Ask over HTTP."""
        answered = await self.http.get(f"{self.stack.http(service)}{path}", timeout=ANSWER_WITHIN_S)
        return Answer(answered.json(), answered.status_code, answered.headers)

    async def tell(self, step: Step, door: Door = "http") -> Answer:
        """Send a step of the history, and the second person's half where one is needed."""
        answer = await self.tell_one(step, door)
        if step.two_persons and answer.accepted:
            answer = await self.tell_one(step.confirmation(answer.body["position"]), door)
        return answer

    async def tell_one(self, step: Step, door: Door = "http") -> Answer:
        """Send one command of the history."""
        return await self.send(
            door,
            step.command,
            step.canton,
            step.data,
            actor=step.actor,
            phase=step.phase,
            commandid=step.commandid,
            service=step.service,
        )


def service_of(command: str) -> str:
    """Name the service that answers a command; the ledger for what is no command, and for what both answer."""
    act = COMMANDS.get(command)
    return "ledger" if act is None or act.service is None else act.service


@asynccontextmanager
async def doors_of(stack: LocalStack) -> AsyncIterator[Doors]:
    """Connect to a stack; the NATS connection outlives the server."""
    nc = await connected(stack, "client")
    try:
        async with httpx.AsyncClient(trust_env=False) as http:
            yield Doors(stack, http, nc)
    finally:
        await nc.close()


async def history_told(doors: Doors, canton: str) -> int:
    """Open a canton's book and tell it the history of Basel-Landschaft; gives the last position.

    Afterwards KIP2BIS and KIP3 have credit in force, allocated to areas, and the people of the story their roles.
    """
    await open_books(connection.read(doors.stack.places.root), (canton,))
    last, road = 0, course(steps("BL"))
    step = next(road, None)
    while step is not None:
        here = dataclasses.replace(step, canton=canton)
        answer = await doors.tell_one(here)
        assert answer.code == step.refused, answer.body
        last = max(last, answer.body.get("position", 0))
        events = answer.body.get("events") or [{"position": 0, "id": ""}]
        try:
            step = road.send(Placed(events[-1]["position"], events[-1]["id"]))
        except StopIteration:
            step = None
    return last


async def entries_of(stack: LocalStack, canton: str) -> list[Entry]:
    """Read every entry of a book from its leader, unjudged."""
    nc = await connected(stack, "reader")
    try:
        book = await find_book(nc, canton)
        entries: list[Entry] = []
        last = await book.head()
        while len(entries) < last:
            entries += await book.page(len(entries) + 1, last)
        return entries
    finally:
        await nc.close()


async def head_of(stack: LocalStack, canton: str) -> int:
    """Ask the leader for the last position of a book."""
    nc = await connected(stack, "reader")
    try:
        return await (await find_book(nc, canton)).head()
    finally:
        await nc.close()
