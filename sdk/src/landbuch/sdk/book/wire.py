"""Requests to JetStream in raw JSON, and what its answers mean.

Raw, because nats-py has no class for atomic batches, batched reads and several fields of a stream's configuration.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.errors import NoRespondersError
from nats.errors import TimeoutError as NatsTimeoutError

from landbuch.sdk.errors import (
    BookMissingError,
    ConflictError,
    FailedError,
    PermissionDeniedError,
    TooLargeError,
    UnavailableError,
)

REQUEST_TIMEOUT_S = 2.0
_VIOLATION_POLL_S = 0.02

STREAM_NOT_FOUND = 10059
NO_MESSAGE = 10037
_CONFLICTS = frozenset({10071, 10164})
_TOO_LARGE = frozenset({10054, 10199})
_BATCH_INCOMPLETE = 10176
_TRANSIENT = frozenset({408, 429, 500, 503})


class ServerError(FailedError):
    """An error that JetStream answered: HTTP-like ``code``, ``number`` (its ``err_code``) and description."""

    def __init__(self, code: int, number: int, description: str) -> None:
        """Keep the numbers beside the sentence."""
        super().__init__(f"JetStream answers {code}, error {number}: {description}")
        self.code = code
        self.number = number


async def request(
    nc: Client, subject: str, payload: bytes, *, headers: Mapping[str, str] | None = None, timeout_s: float
) -> bytes:
    """Send a request and give the answer's bytes.

    Raises ``PermissionDeniedError`` as soon as the server reports it (its only other sign is silence),
    ``UnavailableError`` when nobody answers or the connection is lost, ``FailedError`` when the connection was closed.
    """
    demand_open(nc)
    before, reconnects = nc.last_error, nc.stats["reconnects"]
    asking = asyncio.ensure_future(nc.request(subject, payload, timeout_s, headers=dict(headers) if headers else None))
    try:
        while not (await asyncio.wait({asking}, timeout=_VIOLATION_POLL_S))[0]:
            demand_permitted(nc, subject, before)
            if nc.stats["reconnects"] != reconnects:
                raise UnavailableError(f"the connection was lost before {subject} was answered.")
        return asking.result().data
    except NoRespondersError as error:
        raise UnavailableError(f"nobody answers on {subject}: there is no leader, or no such stream.") from error
    except NatsTimeoutError as error:
        demand_permitted(nc, subject, before)
        raise UnavailableError(f"no answer on {subject} within {timeout_s:g} s.") from error
    except (NatsError, OSError) as error:
        demand_open(nc)
        raise UnavailableError(f"the request on {subject} was not sent: {error}") from error
    finally:
        asking.cancel()


async def publish(nc: Client, subject: str, payload: bytes, headers: Mapping[str, str]) -> None:
    """Send a message without waiting for an answer; raises ``UnavailableError`` and ``FailedError`` as ``request``."""
    demand_open(nc)
    try:
        await nc.publish(subject, payload, headers=dict(headers))
    except (NatsError, OSError) as error:
        demand_open(nc)
        raise UnavailableError(f"the message on {subject} was not sent: {error}") from error


def demand_open(nc: Client) -> None:
    """Raise ``FailedError`` when the connection will never answer again."""
    if nc.is_closed or nc.is_draining:
        raise FailedError("this connection to NATS was closed; open a new one.")


def demand_permitted(nc: Client, subject: str, before: Exception | None) -> None:
    """Raise ``PermissionDeniedError`` when the server has reported a violation about ``subject`` since ``before``."""
    error = nc.last_error
    if error is None or error is before:
        return
    # nats-py hands the server's line on in lower case.
    if "permissions violation" in str(error) and f'"{subject.lower()}"' in str(error):
        raise PermissionDeniedError(f"this NATS user may not publish to {subject}. Use the user whose right it is.")


async def ask(
    nc: Client, what: str, body: object | None = None, timeout_s: float = REQUEST_TIMEOUT_S
) -> dict[str, Any]:
    """Ask ``$JS.API.<what>`` and give the answer; raises what ``request`` raises, and ``ServerError``."""
    payload = b"" if body is None else orjson.dumps(body)
    return answered(await request(nc, f"$JS.API.{what}", payload, timeout_s=timeout_s))


def answered(data: bytes) -> dict[str, Any]:
    """Read a JSON answer; raises the error that stands in it."""
    answer: dict[str, Any] = orjson.loads(data)
    error = answer.get("error")
    if error is None:
        return answer
    raise _meaning(int(error.get("code", 0)), int(error.get("err_code", 0)), str(error.get("description", "")))


def _meaning(code: int, number: int, description: str) -> FailedError:
    text = f"JetStream answers {code}, error {number}: {description}".rstrip(".")
    if number in _CONFLICTS:
        return ConflictError(f"the guard did not hold: {text}.")
    if number == STREAM_NOT_FOUND:
        return BookMissingError(f"there is no such stream ({text}). Open the book first.")
    if number in _TOO_LARGE:
        return TooLargeError(f"{text}.")
    if number == _BATCH_INCOMPLETE or code in _TRANSIENT:
        return UnavailableError(f"{text}.")
    return ServerError(code, number, description)
