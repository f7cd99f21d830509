"""A book on JetStream: one stream per canton; a position is the stream's sequence."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from landbuch.contracts.entry import Entry
from landbuch.sdk.book.api import BEGINNING, Start, Stored
from landbuch.sdk.book.appending import Standing, settle, store
from landbuch.sdk.book.bell import ConsumerBell
from landbuch.sdk.book.reading import follow, read
from landbuch.sdk.book.wire import NO_MESSAGE, REQUEST_TIMEOUT_S, ServerError, ask, demand_open, demand_permitted
from landbuch.sdk.book.writing import demand_storable
from landbuch.sdk.errors import GapError, UnavailableError

_PAGE_BYTES = 8 * 1024 * 1024
"""Most that one page may weigh, far below what the server lets a slow client owe it (64 MiB)."""
_END_OF_PAGE = "204"


class JetStreamBook:
    """One canton's book in the stream that captures its subjects."""

    def __init__(
        self,
        nc: Client,
        canton: str,
        stream: str | None = None,
        *,
        ack_timeout_s: float = 2.0,
        settle_limit_s: float = 20.0,
        patience_s: float = 10.0,
    ) -> None:
        """Use a connection and a stream (default ``BOOK-<canton>``; ``find_books`` knows it after a restore).

        ``ack_timeout_s``: how long to wait for one acknowledgement. ``settle_limit_s``: how long to settle an unknown
        outcome. ``patience_s``: how long a reader asks again before it reports a gap or that a server is away.
        """
        self.canton = canton
        self.stream = stream if stream is not None else f"BOOK-{canton}"
        self.patience_s = patience_s
        self._nc = nc
        self._ack_timeout_s = ack_timeout_s
        self._settle_limit_s = settle_limit_s

    async def head(self) -> int:
        """Ask the leader for the last position; see ``Book.head``."""
        info = await ask(self._nc, f"STREAM.INFO.{self.stream}")
        return int(info["state"]["last_seq"])

    def read(self, start: Start = BEGINNING, to: int | None = None) -> AsyncIterator[Sequence[Stored]]:
        """Read verified batches and end; see ``Book.read``."""
        return read(self, start, to)

    def follow(self, start: Start = BEGINNING) -> AsyncIterator[Sequence[Stored]]:
        """Read verified batches for ever; see ``Book.follow``."""
        return follow(self, start)

    async def append(self, entries: Sequence[Entry], expected: int) -> None:
        """Store entries behind position ``expected``, all or none; see ``Book.append``."""
        demand_storable(self.canton, entries)
        await settle(
            partial(store, self._nc, self.stream, entries, expected, self._ack_timeout_s),
            partial(self._look, entries, expected),
            f"appending {len(entries)} behind position {expected} of {self.stream}",
            self._settle_limit_s,
        )

    async def page(self, first: int, last: int) -> Sequence[Entry]:
        """Give stored entries, from any replica and otherwise from the leader; see ``Pages.page``."""
        until = time.monotonic() + self.patience_s
        pause_s = 0.005
        while True:
            entries = await self._fetch(first, last)
            if entries:
                return entries
            # A hole, a replica that lags, or silence: none of them proves anything. The leader knows.
            entry = await self.entry(first)
            if entry is not None:
                return [entry]
            if time.monotonic() > until:
                raise GapError(
                    first,
                    f"neither the leader of {self.stream} nor a replica has it, although it was stored. Stop writing, "
                    "and restore from the ledger's copy.",
                )
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, 0.5)

    async def entry(self, position: int) -> Entry | None:
        """Ask the leader for the entry at a position; None when it has none there."""
        try:
            answer = await ask(self._nc, f"STREAM.MSG.GET.{self.stream}", {"seq": position})
        except ServerError as error:
            if error.number == NO_MESSAGE:
                return None
            raise
        message = answer["message"]
        return Entry(message["subject"], base64.b64decode(message.get("data", "")))

    @asynccontextmanager
    async def bell(self) -> AsyncIterator[ConsumerBell]:
        """Give what tells that the book has grown."""
        bell = ConsumerBell(self._nc, self.stream, self.head)
        try:
            yield bell
        finally:
            await bell.close()

    async def _fetch(self, first: int, last: int) -> list[Entry]:
        """Fetch a page in one request from any replica: the entries that follow each other from ``first`` on."""
        demand_open(self._nc)
        entries: list[Entry] = []
        ended = asyncio.Event()

        async def take(message: Msg) -> None:
            headers = message.headers or {}
            if "Status" in headers or headers.get("Nats-Sequence") != str(first + len(entries)):
                ended.set()
            elif not ended.is_set():
                entries.append(Entry(headers["Nats-Subject"], message.data))

        subject = f"$JS.API.DIRECT.GET.{self.stream}"
        before = self._nc.last_error
        request = {"seq": first, "batch": last - first + 1, "max_bytes": _PAGE_BYTES}
        inbox = self._nc.new_inbox()
        try:
            subscription = await self._nc.subscribe(inbox, cb=take)
            try:
                await self._nc.publish(subject, orjson.dumps(request), reply=inbox)
                async with asyncio.timeout(REQUEST_TIMEOUT_S):
                    await ended.wait()
            finally:
                await subscription.unsubscribe()
        except TimeoutError:
            # What arrived in order counts; the caller asks the leader when nothing did.
            demand_permitted(self._nc, subject, before)
        except (NatsError, OSError) as error:
            demand_open(self._nc)
            raise UnavailableError(f"{self.stream} cannot be read: {error}") from error
        return entries

    async def _look(self, entries: Sequence[Entry], expected: int) -> Standing:
        """Ask the leader what stands behind ``expected``, compared with these entries byte by byte."""
        for position, entry in enumerate(entries, start=expected + 1):
            stored = await self.entry(position)
            if stored is None and position == expected + 1:
                return Standing.SHORTER if await self.head() < expected else Standing.NOTHING
            if stored != entry:
                return Standing.OTHERS
        return Standing.OURS
