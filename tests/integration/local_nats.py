"""A NATS server of the local stack, seen by its users."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import nats
from nats.aio.client import Client

from landbuch.local.nats import NatsServers

BOOK = {
    "retention": "limits",
    "storage": "file",
    "discard": "new",
    "deny_delete": True,
    "deny_purge": True,
    "allow_direct": True,
    "allow_atomic": True,
}


@dataclass
class Connection:
    """A user's connection, and what the server complained about on it."""

    nc: Client
    complaints: list[str] = field(default_factory=list)

    async def ask(self, subject: str, body: object = None) -> dict[str, Any]:
        """Ask in JSON and give the answer."""
        payload = b"" if body is None else json.dumps(body).encode()
        answer: dict[str, Any] = json.loads((await self.nc.request(subject, payload, timeout=5)).data)
        return answer

    async def is_forbidden(self, subject: str, body: object = None) -> bool:
        """Whether the server refuses this user a message on this subject."""
        self.complaints.clear()
        await self.nc.publish(subject, b"" if body is None else json.dumps(body).encode())
        await self.nc.flush()
        for _ in range(50):
            if any("permissions violation" in said and subject.lower() in said for said in self.complaints):
                return True
            await asyncio.sleep(0.01)
        return False


class Server:
    """One server for this module, with a fresh book for each test that asks."""

    def __init__(self, servers: NatsServers) -> None:
        self.servers = servers
        self.cantons = iter(("BL", "GL", "VS", "BS", "ZH", "BE", "LU", "UR", "SZ", "OW", "NW", "ZG", "FR", "SO", "SH"))

    @asynccontextmanager
    async def as_user(self, user: str) -> AsyncIterator[Connection]:
        """Connect as a user."""
        who = self.servers.credentials(user)
        complaints: list[str] = []

        async def hear(error: Exception) -> None:
            complaints.append(str(error).lower())

        nc = await nats.connect(
            self.servers.urls,
            user=who.user,
            password=who.password,
            inbox_prefix=who.inbox_prefix.encode(),
            error_cb=hear,
            reconnect_time_wait=0.1,
            max_reconnect_attempts=-1,
        )
        try:
            yield Connection(nc, complaints)
        finally:
            await nc.close()

    async def book(self) -> str:
        """Create a book, as the operator does, and give its canton."""
        canton = next(self.cantons)
        async with self.as_user("operator") as operator:
            wanted = BOOK | {"name": f"BOOK-{canton}", "subjects": [f"book.{canton}.>"]}
            answer = await operator.ask(f"$JS.API.STREAM.CREATE.BOOK-{canton}", wanted)
            assert "error" not in answer, answer
        return canton

    async def stored(self, canton: str) -> list[tuple[str, bytes]]:
        """Everything that stands in a book, as subject and bytes."""
        async with self.as_user("ledger") as ledger:
            stream = ledger.nc.jetstream()
            last = (await stream.stream_info(f"BOOK-{canton}")).state.last_seq
            found = [await stream.get_msg(f"BOOK-{canton}", position) for position in range(1, last + 1)]
            return [(message.subject or "", message.data or b"") for message in found]
