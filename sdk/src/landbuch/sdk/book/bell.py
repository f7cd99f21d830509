"""What tells a follower that its book has grown: a consumer that sends headers only, checked against the leader."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError

from landbuch.sdk.book.wire import ask, demand_open
from landbuch.sdk.errors import UnavailableError

CHECK_S = 1.0
"""After so long without a ring the leader is asked for its head."""
_FORGOTTEN_AFTER_NS = 5_000_000_000


class ConsumerBell:
    """Rings at each stored entry. A ring is a hint only: entries are read by position, so none is lost or repeated.

    The consumer lives in the server's memory and dies with it, or when the connection is away for too long; nothing
    tells the client. So silence is checked: when the leader's head has moved without a ring, a new consumer is made.
    """

    def __init__(self, nc: Client, stream: str, head: Callable[[], Awaitable[int]]) -> None:
        """Listen to a stream; ``head`` asks its leader."""
        self._nc = nc
        self._stream = stream
        self._head = head
        self._known = 0
        self._rung = asyncio.Event()
        self._subscription: Subscription | None = None

    async def wait(self, after: int) -> int:
        """Wait until the stream reaches beyond ``after``; see ``Bell.wait``."""
        if self._subscription is None:
            await self._listen(after)
        while self._known <= after:
            self._rung.clear()
            try:
                async with asyncio.timeout(CHECK_S):
                    await self._rung.wait()
            except TimeoutError:
                try:
                    head = await self._head()
                except UnavailableError:
                    await self.close()  # the consumer may be gone when the server comes back
                    raise
                if head != max(after, self._known):
                    await self._listen(head)
                    return head
        return self._known

    async def close(self) -> None:
        """Stop listening; the server forgets the consumer by itself."""
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            with contextlib.suppress(NatsError):  # the connection is closed already
                await subscription.unsubscribe()

    async def _listen(self, after: int) -> None:
        """Have a new consumer tell of everything behind ``after``."""
        await self.close()
        demand_open(self._nc)
        self._known = after
        inbox = self._nc.new_inbox()
        try:
            subscription = await self._nc.subscribe(inbox, cb=self._ring)
        except (NatsError, OSError) as error:
            raise UnavailableError(f"{self._stream} cannot be followed: {error}") from error
        try:
            await ask(self._nc, f"CONSUMER.CREATE.{self._stream}", self._consumer(inbox, after))
        except BaseException:
            with contextlib.suppress(NatsError):
                await subscription.unsubscribe()
            raise
        self._subscription = subscription

    def _consumer(self, inbox: str, after: int) -> dict[str, object]:
        return {
            "stream_name": self._stream,
            "config": {
                "deliver_subject": inbox,
                "deliver_policy": "by_start_sequence",
                "opt_start_seq": after + 1,
                "ack_policy": "none",
                "headers_only": True,
                "mem_storage": True,
                "num_replicas": 1,
                "inactive_threshold": _FORGOTTEN_AFTER_NS,
            },
        }

    async def _ring(self, message: Msg) -> None:
        if message.reply:
            self._known = max(self._known, message.metadata.sequence.stream)
            self._rung.set()
