"""Services in the process of the test, on a stack of NATS and token issuer that is ready in half a second."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import nats
from nats.aio.client import Client

from landbuch.agreements.domain.desk import DESK as AGREEMENTS
from landbuch.ledger.domain.desk import DESK as LEDGER
from landbuch.local.stack import LocalStack
from landbuch.sdk.book.jetstream import JetStreamBook
from landbuch.sdk.book.setup import open_book
from landbuch.sdk.configuration import Configuration
from landbuch.sdk.host.host import Extras, Host

ADMINISTRATOR = "p-7f3a"
DESKS = {"ledger": LEDGER, "agreements": AGREEMENTS}


@dataclass
class Running:
    """A service that runs in this process, and clients of it over NATS and HTTP."""

    stack: LocalStack
    host: Host
    http: httpx.AsyncClient
    nc: Client

    def token(self, actor: str = ADMINISTRATOR) -> str:
        return self.stack.token(actor)

    async def post(
        self,
        canton: str,
        name: str,
        data: object,
        *,
        token: str | None = None,
        commandid: str | None = None,
        **body: Any,
    ) -> httpx.Response:
        """Send a command over HTTP."""
        headers = {
            "Authorization": f"Bearer {token or self.token()}",
            "Idempotency-Key": commandid or str(uuid.uuid4()),
        }
        return await self.http.post(f"/v1/{canton}/commands/{name}", json={"data": data, **body}, headers=headers)

    async def ask(
        self,
        canton: str,
        name: str,
        data: object,
        *,
        token: str | None = None,
        commandid: str | None = None,
        **body: Any,
    ) -> dict[str, Any]:
        """Send a command over NATS."""
        message = {"commandid": commandid or str(uuid.uuid4()), "token": token or self.token(), "data": data, **body}
        return await self.raw(f"command.{self.host.service}.{canton}.{name}", json.dumps(message).encode())

    async def batch(self, canton: str, commands: list[Any], *, token: str | None = None) -> dict[str, Any]:
        """Send a batch over NATS."""
        payload = json.dumps({"token": token or self.token(), "commands": commands}).encode()
        return await self.raw(f"command.{self.host.service}.{canton}._batch", payload)

    async def raw(self, subject: str, payload: bytes, timeout_s: float = 30.0) -> dict[str, Any]:
        """Send bytes over NATS and read the answer."""
        answer: dict[str, Any] = json.loads((await self.nc.request(subject, payload, timeout_s)).data)
        return answer

    async def found(self, canton: str) -> None:
        """Found a book, whose only acting person is the administrator."""
        data = {"administrators": [ADMINISTRATOR, "p-8b2c"], "services": []}
        answer = await self.ask(canton, "FoundBook", data)
        assert answer["outcome"] == "accepted", answer


def information(statement: str, canton: str = "BL") -> dict[str, Any]:
    """The data of a command that needs no programme."""
    return {"about": canton, "topic": "test", "statement": statement}


def configuration(stack: LocalStack, service: str, **changes: Any) -> Configuration:
    """What a service is told, with quicker times than in production."""
    environment = stack.environment(service)
    told = {
        name.removeprefix("LANDBUCH_").lower(): value
        for name, value in environment.items()
        if name.startswith("LANDBUCH_") and name != "LANDBUCH_STACK"
    }
    return Configuration(**{**told, "discover_s": 0.2, **changes})


@asynccontextmanager
async def hosted(
    stack: LocalStack, service: str = "ledger", *, extras: Extras | None = None, ready: bool = True, **changes: Any
) -> AsyncIterator[Running]:
    """Run a service in this process; ``changes`` are settings of its configuration."""
    host = Host(DESKS[service], configuration(stack, service, **changes), extras)
    await host.start()
    transport = httpx.ASGITransport(app=host.app)
    nc = await connected(stack, "client")
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://service", timeout=30) as http:
            if ready:
                await eventually(lambda: host.readiness()["ready"])
            yield Running(stack, host, http, nc)
    finally:
        await nc.close()
        await host.stop()


async def connected(stack: LocalStack, user: str) -> Client:
    """Connect as a user of the stack."""
    who = stack.credentials(user)

    async def quiet(_error: Exception) -> None: ...

    return await nats.connect(
        stack.nats_urls,
        user=who.user,
        password=who.password,
        inbox_prefix=who.inbox_prefix.encode(),
        error_cb=quiet,
        reconnect_time_wait=0.1,
        max_reconnect_attempts=-1,
    )


async def opened(stack: LocalStack, *cantons: str, replicas: int = 1) -> None:
    """Open books."""
    operator = await connected(stack, "operator")
    try:
        for canton in cantons:
            await open_book(operator, canton, replicas)
    finally:
        await operator.close()


async def entries(stack: LocalStack, canton: str) -> list[Any]:
    """Read a book as a stranger does, verified."""
    reader = await connected(stack, "reader")
    try:
        return [stored async for batch in JetStreamBook(reader, canton).read() for stored in batch]
    finally:
        await reader.close()


async def eventually(true: Callable[[], bool | Awaitable[bool]], *, timeout_s: float = 20.0) -> None:
    """Wait until something becomes true; fails when it does not."""
    async with asyncio.timeout(timeout_s):
        while True:
            found = true()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.02)
