"""A line between client and server that a test can disturb: bytes vanish on the way, or the connection is cut."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit


class Line:
    """A relay on loopback in front of a server."""

    def __init__(self, url: str) -> None:
        self._target = urlsplit(url)
        self._writers: set[asyncio.StreamWriter] = set()
        self._requests_left: int | None = None
        self._deaf = False
        self.url = ""

    def lose_answers(self) -> None:
        """Let requests through, but nothing back."""
        self._deaf = True

    def lose_requests(self, after_bytes: int = 0) -> None:
        """Let only so many more bytes through to the server."""
        self._requests_left = after_bytes

    def repair(self) -> None:
        """Cut what is connected, for bytes are missing, and let new connections through."""
        self._deaf, self._requests_left = False, None
        for writer in self._writers:
            writer.close()

    def repair_after(self, seconds: float) -> None:
        """Repair in a while."""
        asyncio.get_running_loop().call_later(seconds, self.repair)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(self._target.hostname, self._target.port)
        except OSError:
            writer.close()
            return
        self._writers |= {writer, far_writer}
        await asyncio.gather(self._relay(reader, far_writer, asks=True), self._relay(far_reader, writer, asks=False))

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, asks: bool) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if asks and self._requests_left is not None:
                    data = data[: self._requests_left]  # the rest vanishes
                    self._requests_left -= len(data)
                if asks or not self._deaf:
                    writer.write(data)
                    await writer.drain()
        writer.close()
        self._writers.discard(writer)


@asynccontextmanager
async def line_to(url: str) -> AsyncIterator[Line]:
    """Lay a line to the server at ``url``."""
    line = Line(url)
    relay = await asyncio.start_server(line._connected, "127.0.0.1", 0)  # noqa: SLF001  # its own beginning
    line.url = f"nats://127.0.0.1:{relay.sockets[0].getsockname()[1]}"
    try:
        yield line
    finally:
        relay.close()
        line.repair()
        await relay.wait_closed()
