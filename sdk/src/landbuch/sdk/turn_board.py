"""The board of turns in a NATS key-value bucket: one key per canton, compare and set, and news as they happen."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import time

import orjson
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError

from landbuch.sdk.book.wire import NO_MESSAGE, ServerError, answered, ask, request
from landbuch.sdk.errors import ConflictError, FailedError, UnavailableError
from landbuch.sdk.turns import Lease

BUCKET = "TURNS"
_STREAM = f"KV_{BUCKET}"
_SUBJECTS = f"$KV.{BUCKET}."
_SILENT_S = 1.0
"""After so long without news of a change that was found by asking, a new consumer is made."""
_FORGOTTEN_AFTER_NS = 30_000_000_000

_log = structlog.get_logger(__name__)


class NatsBoard:
    """The board for all books of one process. Operators create the bucket, services do not.

    News come through a consumer that dies with its server and says nothing when it does; they only save time. So
    whoever waits for news also asks from time to time, and what was found by asking without news renews the consumer.
    """

    def __init__(self, nc: Client, timeout_s: float = 1.0) -> None:
        """Use a connection."""
        self._nc = nc
        self._timeout_s = timeout_s
        self._heard: dict[str, tuple[Lease, int]] = {}
        self._news: dict[str, asyncio.Event] = {}
        self._missed: dict[str, tuple[int, float]] = {}
        self._subscription: Subscription | None = None
        self._listening = asyncio.Lock()

    async def get(self, canton: str) -> tuple[Lease, int]:
        """Ask the bucket's leader; see ``Board.get``."""
        question = {"last_by_subj": _SUBJECTS + canton}
        try:
            answer = await ask(self._nc, f"STREAM.MSG.GET.{_STREAM}", question, self._timeout_s)
        except ServerError as error:
            if error.number == NO_MESSAGE:
                return Lease(), 0
            raise
        found = lease_in(base64.b64decode(answer["message"].get("data", ""))), int(answer["message"]["seq"])
        await self._compare(canton, found[1])
        return found

    async def put(self, canton: str, lease: Lease, revision: int) -> int | None:
        """Publish guarded by the revision; see ``Board.put``."""
        headers = {"Nats-Expected-Last-Subject-Sequence": str(revision)}
        content = orjson.dumps(lease)
        try:
            answer = answered(
                await request(self._nc, _SUBJECTS + canton, content, headers=headers, timeout_s=self._timeout_s)
            )
        except ConflictError:
            return None
        return int(answer["seq"])

    async def news(self, canton: str, revision: int, timeout_s: float) -> tuple[Lease, int] | None:
        """Wait for news of a later revision; see ``Board.news``."""
        if self._subscription is None:
            await self._listen()
        told = self._news.setdefault(canton, asyncio.Event())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while (heard := self._heard.get(canton)) is None or heard[1] <= revision:
                    told.clear()
                    await told.wait()
        return self.heard(canton, revision)

    def heard(self, canton: str, revision: int) -> tuple[Lease, int] | None:
        """Give what was heard of a later revision; see ``Board.heard``."""
        heard = self._heard.get(canton)
        return heard if heard is not None and heard[1] > revision else None

    async def _compare(self, canton: str, revision: int) -> None:
        """Notice when a change was found by asking but never heard of."""
        if self._subscription is None or self.heard(canton, revision - 1) is not None:
            self._missed.pop(canton, None)
            return
        missed, since = self._missed.setdefault(canton, (revision, time.monotonic()))
        if self.heard(canton, missed - 1) is not None:
            self._missed[canton] = revision, time.monotonic()
        elif time.monotonic() - since > _SILENT_S:
            self._missed.clear()
            _log.info("turn.news_renewed", canton=canton)
            await self._listen()

    async def _listen(self) -> None:
        """Have a consumer tell of every lease as it is now and as it changes; without it, asking must do."""
        async with self._listening:
            old, self._subscription = self._subscription, None
            if old is not None:
                with contextlib.suppress(NatsError):
                    await old.unsubscribe()
            inbox = self._nc.new_inbox()
            try:
                subscription = await self._nc.subscribe(inbox, cb=self._hear)
                try:
                    await ask(self._nc, f"CONSUMER.CREATE.{_STREAM}", _consumer(inbox), self._timeout_s)
                except BaseException:
                    await subscription.unsubscribe()
                    raise
            except (NatsError, OSError) as error:
                raise UnavailableError(f"The board of turns cannot be followed: {error}") from error
            except FailedError as error:
                _log.warning("turn.no_news", why=str(error))
                raise
            self._subscription = subscription

    async def _hear(self, message: Msg) -> None:
        canton = message.subject.removeprefix(_SUBJECTS)
        if not message.reply or canton == message.subject:
            return
        revision = message.metadata.sequence.stream
        if self.heard(canton, revision - 1) is None:
            self._heard[canton] = lease_in(message.data), revision
            self._news.setdefault(canton, asyncio.Event()).set()


def lease_in(content: bytes) -> Lease:
    """Read a lease; rubbish on the board counts as a lease that nobody holds."""
    try:
        fields = orjson.loads(content)
        return Lease(
            turn=int(fields["turn"]),
            holder=fields["holder"],
            last=fields["last"],
            beat=int(fields["beat"]),
            waiting=tuple(fields["waiting"]),
        )
    except (ValueError, KeyError, TypeError):
        return Lease()


def _consumer(inbox: str) -> dict[str, object]:
    return {
        "stream_name": _STREAM,
        "config": {
            "deliver_subject": inbox,
            "deliver_policy": "last_per_subject",
            "filter_subject": f"{_SUBJECTS}>",
            "ack_policy": "none",
            "mem_storage": True,
            "num_replicas": 1,
            "inactive_threshold": _FORGOTTEN_AFTER_NS,
        },
    }
