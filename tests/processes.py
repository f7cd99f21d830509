"""Services as processes of their own, beside those that a stack supervises."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from landbuch.local.ports import choose
from landbuch.local.stack import LocalStack


class Process:
    """One service process with its log."""

    def __init__(self, stack: LocalStack, service: str, directory: Path, **settings: str) -> None:
        port = choose([service], usual=False)[service]
        self.url = f"http://127.0.0.1:{port}"
        self.log = directory / f"{service}-{port}.log"
        with self.log.open("wb") as log:
            self.child = subprocess.Popen(
                (sys.executable, "-m", f"landbuch.{service}"),
                env=stack.environment(service, http_port=port) | settings,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def ready(self, *cantons: str) -> bool:
        """Whether it decides commands, for these books too."""
        assert self.child.poll() is None, self.log.read_text()[-2000:]
        try:
            body = httpx.get(f"{self.url}/health/ready", timeout=2).json()
        except httpx.HTTPError:
            return False
        return bool(body["ready"] and set(cantons) <= set(body["books"]))

    def lines(self) -> list[dict[str, Any]]:
        """What it logged, without a last line that is half written."""
        whole, _, _ = self.log.read_text().rpartition("\n")
        return [json.loads(line) for line in whole.splitlines()]


@contextmanager
def process(stack: LocalStack, service: str, directory: Path, **settings: str) -> Iterator[Process]:
    """Run a further instance of a service, and end it; ``settings`` go into its environment."""
    running = Process(stack, service, directory, **settings)
    try:
        yield running
    finally:
        if running.child.poll() is None:
            running.child.kill()
        running.child.wait(20)
