"""Appending to a stream: one guarded publish, or one guarded atomic batch, and what to do when the answer is lost."""

from __future__ import annotations

import asyncio
import enum
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence

import orjson
from nats.aio.client import Client

from landbuch.contracts.entry import Entry
from landbuch.sdk.book.wire import answered, demand_permitted, publish, request
from landbuch.sdk.errors import (
    BookMissingError,
    ConflictError,
    CorruptError,
    FailedError,
    OutcomeUnknownError,
    UnavailableError,
)

GUARD = "Nats-Expected-Last-Sequence"
BATCH_ID = "Nats-Batch-Id"
BATCH_SEQUENCE = "Nats-Batch-Sequence"
BATCH_COMMIT = "Nats-Batch-Commit"

_FIRST_PAUSE_S = 0.02
_LONGEST_PAUSE_S = 0.5
_READ_BACK = (ConflictError, UnavailableError)
"""Failures after which the entries may stand in the book all the same."""


class Standing(enum.Enum):
    """What the leader holds behind the position at which an append was aimed."""

    OURS = enum.auto()
    """These entries, byte by byte: they were stored."""
    OTHERS = enum.auto()
    """Other entries, so these will never stand here."""
    NOTHING = enum.auto()
    """Nothing yet: what was sent may still arrive."""
    SHORTER = enum.auto()
    """The book does not even reach the position."""


async def store(nc: Client, stream: str, entries: Sequence[Entry], expected: int, timeout_s: float) -> None:
    """Publish entries behind position ``expected`` once; returns when the stream acknowledged them at their positions.

    One entry is one message; more are an atomic batch with the guard on its first message. Raises ``ConflictError``,
    ``PermissionDeniedError``, ``TooLargeError``; ``UnavailableError`` when the outcome is not known.
    """
    if len(entries) == 1:
        answer = await request(
            nc, entries[0].subject, entries[0].payload, headers={GUARD: str(expected)}, timeout_s=timeout_s
        )
    else:
        answer = await _store_batch(nc, entries, expected, timeout_s)
    acknowledged = answered(answer)
    stored = (acknowledged.get("stream"), acknowledged.get("seq"), acknowledged.get("count", 1))
    if stored != (stream, expected + len(entries), len(entries)):
        raise CorruptError(
            f"{len(entries)} entries for position {expected + 1} and behind were to be stored in {stream}, but the "
            f"server acknowledges {orjson.dumps(acknowledged).decode()}. The guard did not hold, or another stream "
            "took the subjects. Stop writing and call the operator."
        )


async def _store_batch(nc: Client, entries: Sequence[Entry], expected: int, timeout_s: float) -> bytes:
    """Send an atomic batch: the first message and the last are requests, those between are not answered."""
    batch = secrets.token_hex(16)
    before = nc.last_error
    first, *between, last = entries
    answer = await request(
        nc,
        first.subject,
        first.payload,
        headers={GUARD: str(expected), BATCH_ID: batch, BATCH_SEQUENCE: "1"},
        timeout_s=timeout_s,
    )
    if answer:
        answered(answer)  # raises what is wrong already; a sound beginning is answered without a word
    for number, entry in enumerate(between, start=2):
        await publish(nc, entry.subject, entry.payload, {BATCH_ID: batch, BATCH_SEQUENCE: str(number)})
    try:
        return await request(
            nc,
            last.subject,
            last.payload,
            headers={BATCH_ID: batch, BATCH_SEQUENCE: str(len(entries)), BATCH_COMMIT: "1"},
            timeout_s=timeout_s,
        )
    finally:
        # A subject between that is forbidden only shows as an incomplete batch.
        for entry in {entry.subject: entry for entry in between}.values():
            demand_permitted(nc, entry.subject, before)


async def settle(
    attempt: Callable[[], Awaitable[None]],
    look: Callable[[], Awaitable[Standing]],
    what: str,
    limit_s: float,
) -> None:
    """Append until the outcome is known; raises ``OutcomeUnknownError`` when it is not within about ``limit_s``.

    When the answer was lost, what stands behind the position is read back from the leader and compared byte by byte;
    where nothing stands, the same bytes are published again under the same guard, so they cannot be stored twice. A
    conflict is read back too: it may be with an earlier publish of our own, repeated by us or by the client after a
    reconnect.
    """
    until = time.monotonic() + limit_s
    pause_s = _FIRST_PAUSE_S
    lost = 0
    while True:
        why = await _failure(attempt)
        if why is None:
            return
        lost += isinstance(why, UnavailableError)
        standing = Standing.NOTHING
        if isinstance(why, _READ_BACK):
            try:
                standing = await look()
            except FailedError as error:
                why = error
        if standing is Standing.OURS:
            return
        if standing is Standing.OTHERS or (standing is Standing.SHORTER and not lost):
            raise ConflictError(f"{what} is not possible; catch up and decide again ({why})") from why
        hopeless = not isinstance(why, _READ_BACK)
        if hopeless and lost <= isinstance(why, BookMissingError):
            raise why  # nothing was sent, or nobody answered because there is no such stream
        if hopeless or time.monotonic() + pause_s > until:
            raise _unknown(what, why) from why
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)


async def _failure(attempt: Callable[[], Awaitable[None]]) -> FailedError | None:
    try:
        await attempt()
    except FailedError as error:
        return error
    return None


def _unknown(what: str, why: Exception) -> OutcomeUnknownError:
    return OutcomeUnknownError(f"whether {what} was stored is not known; repeat with the same command ids ({why})")
