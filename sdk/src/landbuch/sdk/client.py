"""A client for commands and queries, for the command line, the demo and strangers.

    async with Client(connection.find(None, os.environ)) as client:
        reply = await client.send("SignAgreement", "BL", {"agreement": "LV-1", ...}, actor="p-7f3a", phase="KIP3")
        figures = await client.balances("BL", phase="KIP3")

Commands go over HTTP, or over NATS where the client is told so; queries go over HTTP to the ledger. A command whose
outcome is unknown is repeated with the same id, which is always safe, as long as the client's patience lasts.
``landbuch.sdk.blocking.BlockingClient`` does the same without ``await``.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any, Literal, Self

import httpx
import orjson
from nats.aio.client import Client as NatsClient
from nats.errors import MaxPayloadError, NoRespondersError

from landbuch.contracts.vocabulary import NO_PHASE
from landbuch.sdk.book.wire import request
from landbuch.sdk.connection import Connection, connected
from landbuch.sdk.errors import OutcomeUnknownError, TooLargeError, UnavailableError
from landbuch.sdk.replies import Instruction, QueryError, Reply, owners_of, reply_of

TIMEOUT_S = 30.0
"""How long to wait for one answer; a service settles an unknown outcome in less."""

Transport = Literal["http", "nats"]

_AGAIN = frozenset({"busy", "unavailable", "outcome_unknown"})
_TOKEN_MARGIN_S = 60.0
_TOKEN_LIFE_S = 3600


class Client:
    """Sends commands and asks questions of one stack; an asynchronous context manager."""

    def __init__(
        self,
        connection: Connection,
        *,
        transport: Transport = "http",
        token: str | None = None,
        patience_s: float = 10.0,
    ) -> None:
        """Use a stack. ``token``: one token for all commands; without it the development issuer gives one per actor.

        ``patience_s``: how long to repeat a command that met a busy or absent service.
        """
        self.connection = connection
        self.transport = transport
        self._token = token
        self._patience_s = patience_s
        self._tokens: dict[str, tuple[str, float]] = {}
        self._http = httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False)
        self._nats: NatsClient | None = None
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._open.enter_async_context(self._http)
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self._open.aclose()

    # -- commands ---------------------------------------------------------------------------------------------------

    async def send(
        self,
        command: str,
        canton: str,
        data: Mapping[str, Any],
        *,
        actor: str | None = None,
        phase: str = NO_PHASE,
        commandid: str | None = None,
        dry_run: bool = False,
        after_position: int | None = None,
    ) -> Reply:
        """Send one command and give the answer. ``data`` is the wire's: amounts are integer Rappen.

        The owner of the command is found in the catalogue; ``ConfirmAct`` and ``RejectAct`` go to the service that
        wrote the proposal. Raises ``UnavailableError`` when nothing answers, ``OutcomeUnknownError`` when the command
        was sent and no answer came: repeat it with the same id, which the message names.
        """
        commandid = commandid or str(uuid.uuid4())
        body: dict[str, Any] = {"phase": phase, "data": dict(data)}
        if dry_run:
            body["dry_run"] = True
        if after_position is not None:
            body["after_position"] = after_position
        token = await self._token_of(actor)
        reply: Reply | None = None
        for service in owners_of(command):
            reply = await self._patiently(service, canton, command, commandid, token, body)
            if reply.code != "proposal_unknown":
                break
        assert reply is not None  # every command has an owner
        return reply

    async def send_batch(
        self, canton: str, instructions: Sequence[Instruction], *, actor: str | None = None
    ) -> list[Reply]:
        """Send up to 1000 commands of one actor to the one service that owns them, in one NATS message.

        The replies stand in the order of the instructions. Raises as ``send``, ``TooLargeError`` when they are too many
        bytes for one message, ``ValueError`` for mixed owners.
        """
        services = {owners_of(instruction.command)[0] for instruction in instructions}
        if len(services) != 1:
            message = f"a batch goes to one service; these commands belong to {', '.join(sorted(services)) or 'none'}"
            raise ValueError(message)
        token = await self._token_of(actor)
        commands = [
            {"type": one.command, "commandid": one.commandid, "phase": one.phase, "data": dict(one.data)}
            for one in instructions
        ]
        subject = f"command.{services.pop()}.{canton}._batch"
        answer = await self._ask_nats(subject, {"token": token, "commands": commands}, "the batch")
        outcomes = answer.get("outcomes")
        if outcomes is None:
            return [reply_of(answer, one.commandid) for one in instructions]
        return [reply_of(body, one.commandid) for body, one in zip(outcomes, instructions, strict=True)]

    async def _patiently(
        self, service: str, canton: str, command: str, commandid: str, token: str, body: dict[str, Any]
    ) -> Reply:
        """Send, and send again with the same id while the service is busy, absent or silent."""
        until = time.monotonic() + self._patience_s
        pause_s = 0.05
        unknown: OutcomeUnknownError | None = None
        while True:
            try:
                reply = await self._once(service, canton, command, commandid, token, body)
            except (UnavailableError, OutcomeUnknownError) as error:
                if isinstance(error, OutcomeUnknownError):
                    unknown = error
                if time.monotonic() + pause_s > until:
                    raise unknown or error from error  # whoever is away now may have written before
            else:
                if reply.code not in _AGAIN or time.monotonic() + pause_s > until:
                    return reply
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, 1.0)

    async def _once(
        self, service: str, canton: str, command: str, commandid: str, token: str, body: dict[str, Any]
    ) -> Reply:
        if self.transport == "nats":
            message = {"commandid": commandid, "token": token, **body}
            answer = await self._ask_nats(f"command.{service}.{canton}.{command}", message, f"command {commandid}")
            return reply_of(answer, commandid)
        url = f"{self.connection.url(service)}/v1/{canton}/commands/{command}"
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": commandid, "Content-Type": "application/json"}
        try:
            answered = await self._http.post(url, content=orjson.dumps(body), headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise _away(service, url, self.connection) from error
        except httpx.HTTPError as error:
            raise OutcomeUnknownError(
                f"The {service} did not answer ({type(error).__name__}); whether command {commandid} was written is "
                f"unknown. Repeat it with --id {commandid}: it is written once."
            ) from error
        return reply_of(_json(answered, service), commandid, status=answered.status_code)

    async def _ask_nats(self, subject: str, message: Mapping[str, Any], what: str) -> dict[str, Any]:
        if self._nats is None:
            self._nats = await self._open.enter_async_context(connected(self.connection, "client"))
        try:
            answer = await request(self._nats, subject, orjson.dumps(message), timeout_s=TIMEOUT_S)
        except UnavailableError as error:
            if isinstance(error.__cause__, NoRespondersError):
                raise UnavailableError(
                    f"No service answers on {subject} ({self.connection.origin}). Start it, or see `landbuch doctor`."
                ) from error
            if isinstance(error.__cause__, MaxPayloadError):
                raise TooLargeError(
                    f"Nothing was sent: {what} has more bytes than NATS takes in one message. Send it in parts."
                ) from error
            raise OutcomeUnknownError(
                f"No answer came on {subject}; whether {what} was written is unknown. Repeat it with the same id."
            ) from error
        body: dict[str, Any] = orjson.loads(answer)
        return body

    async def _token_of(self, actor: str | None) -> str:
        """Give the token that was given to the client, else one of the development issuer for the actor, kept."""
        if self._token is not None:
            return self._token
        if actor is None:
            message = "name the acting person, or give the client a token"
            raise ValueError(message)
        token, expires = self._tokens.get(actor, ("", 0.0))
        if time.monotonic() < expires - _TOKEN_MARGIN_S:
            return token
        url = f"{self.connection.url('issuer')}/token"
        try:
            answered = await self._http.post(url, json={"sub": actor, "expires_in_s": _TOKEN_LIFE_S})
        except httpx.HTTPError as error:
            raise _away("token issuer", url, self.connection) from error
        token = str(_query_body(answered, "token issuer")["token"])
        self._tokens[actor] = (token, time.monotonic() + _TOKEN_LIFE_S)
        return token

    # -- queries ----------------------------------------------------------------------------------------------------

    async def query(self, path: str, **parameters: object) -> dict[str, Any]:
        """Ask the ledger ``GET /v1/<path>`` and give the JSON object; parameters that are None are left out.

        Raises ``UnavailableError``, and ``QueryError`` with the ledger's sentence.
        """
        return _query_body(await self._get(path, parameters), "ledger")

    async def text(self, path: str, **parameters: object) -> str:
        """Ask the ledger for a representation that is no JSON object; otherwise as ``query``."""
        answered = await self._get(path, parameters)
        if answered.is_error:
            _query_body(answered, "ledger")
        return answered.text

    async def _get(self, path: str, parameters: Mapping[str, object]) -> httpx.Response:
        url = f"{self.connection.url('ledger')}/v1/{path}"
        asked = {name: str(value) for name, value in parameters.items() if value is not None}
        try:
            return await self._http.get(url, params=asked)
        except httpx.HTTPError as error:
            raise _away("ledger", url, self.connection) from error

    async def balances(
        self,
        canton: str,
        *,
        phase: str | None = None,
        area: str | None = None,
        source: str | None = None,
        as_of: str | None = None,
        at: str | None = None,
    ) -> dict[str, Any]:
        """Give the headline figures per phase, area and source; amounts are strings with two decimals.

        ``as_of``: a booking day. ``at``: a position or a recorded time up to which events are known.
        """
        return await self.query(f"{canton}/balances", phase=phase, area=area, source=source, as_of=as_of, at=at)

    async def trial_balance(self, canton: str, *, at: int | None = None) -> dict[str, Any]:
        """Give the rows of the trial balance and their root, as of the position that the ledger has booked."""
        return await self.query(f"{canton}/trial-balance", at=at)

    async def head(self, canton: str) -> dict[str, Any]:
        """Give the head of the ledger's copy: position, leaf and root."""
        return await self.query(f"{canton}/head")

    async def events(
        self,
        canton: str,
        *,
        after: int | None = None,
        limit: int | None = None,
        type_: str | None = None,
    ) -> dict[str, Any]:
        """Give a page of events behind a position, at most 1000; its ``next`` is the ``after`` of the next page."""
        return await self.query(f"{canton}/events", after=after, limit=limit, type=type_)

    async def event(self, canton: str, position: int) -> dict[str, Any]:
        """Give one entry as the ledger's copy has it."""
        return await self.query(f"{canton}/events/{position}")

    async def wait_for(self, canton: str, position: int, *, timeout_s: float = 30.0) -> dict[str, Any]:
        """Wait until the ledger has booked a position, and give its head; raises ``UnavailableError`` if late."""
        until = time.monotonic() + timeout_s
        while True:
            head = await self._head_or_empty(canton)
            if int(head["position"]) >= position:
                return head
            if time.monotonic() > until:
                raise UnavailableError(
                    f"After {timeout_s:g} s the ledger stands at position {head['position']} of {canton}, not yet at "
                    f"{position}. See `landbuch doctor`."
                )
            await asyncio.sleep(0.05)

    async def _head_or_empty(self, canton: str) -> dict[str, Any]:
        try:
            return await self.head(canton)
        except QueryError as error:
            if error.status != httpx.codes.NOT_FOUND:
                raise
            return {"position": 0}


def _away(service: str, url: str, connection: Connection) -> UnavailableError:
    address = url.partition("/v1/")[0]
    return UnavailableError(
        f"The {service} does not answer at {address} ({connection.origin}). Start the stack with `landbuch up`, or "
        "name another one with --stack."
    )


def _json(answered: httpx.Response, service: str) -> dict[str, Any]:
    try:
        body = orjson.loads(answered.content)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise UnavailableError(f"What answers at {answered.url} is not the {service}: HTTP {answered.status_code}.")
    return body


def _query_body(answered: httpx.Response, service: str) -> dict[str, Any]:
    body = _json(answered, service)
    if answered.is_error:
        code = str(body.get("code") or str(body.get("type", "")).rpartition(":")[2])
        raise QueryError(answered.status_code, code, str(body.get("detail") or body.get("title")), body.get("remedy"))
    return body
