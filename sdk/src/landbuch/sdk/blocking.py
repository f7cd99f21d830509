"""The client for programs without an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Self, TypeVar

from landbuch.sdk.client import Client
from landbuch.sdk.replies import Instruction, Reply

T = TypeVar("T")


class BlockingClient:
    """Drives a ``Client``, whose arguments and errors are the same here; a context manager."""

    def __init__(self, client: Client) -> None:
        """Drive a client that is not open yet."""
        self._client = client
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        self._run(self._client.__aenter__())
        return self

    def __exit__(self, *_exc: object) -> None:
        try:
            self._run(self._client.__aexit__())
        finally:
            self._runner.close()

    def _run(self, doing: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(doing)

    def send(self, command: str, canton: str, data: Mapping[str, Any], **options: Any) -> Reply:  # noqa: ANN401  # as Client
        """Send one command; see ``Client.send``."""
        return self._run(self._client.send(command, canton, data, **options))

    def send_batch(self, canton: str, instructions: Sequence[Instruction], *, actor: str | None = None) -> list[Reply]:
        """Send a batch; see ``Client.send_batch``."""
        return self._run(self._client.send_batch(canton, instructions, actor=actor))

    def query(self, path: str, **parameters: object) -> dict[str, Any]:
        """Ask the ledger; see ``Client.query``."""
        return self._run(self._client.query(path, **parameters))

    def balances(self, canton: str, **options: Any) -> dict[str, Any]:  # noqa: ANN401  # as Client
        """Give the headline figures; see ``Client.balances``."""
        return self._run(self._client.balances(canton, **options))

    def wait_for(self, canton: str, position: int, *, timeout_s: float = 30.0) -> dict[str, Any]:
        """Wait for the ledger; see ``Client.wait_for``."""
        return self._run(self._client.wait_for(canton, position, timeout_s=timeout_s))
