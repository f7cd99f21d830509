"""The servers that tests run against, the same tests on each.

By default they come from the wheels, as children of the test run. ``LANDBUCH_TEST_SERVERS=containers`` takes containers
where a Docker engine answers. ``LANDBUCH_TEST_NATS_URL`` and ``LANDBUCH_TEST_DATABASE_URL`` name servers that run
already; the NATS server must hold no books, and its URL's user must have every right. Which ones were used is printed
at the end of the run. Tests that kill servers always start their own.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nats
from nats.aio.client import Client

from landbuch.contracts.vocabulary import CANTONS
from landbuch.local.nats import Credentials, NatsServers, Node, configuration, passwords
from landbuch.local.nats_accounts import inbox_prefix
from landbuch.local.places import Places, prepare
from landbuch.sdk.book.setup import find_books
from landbuch.sdk.book.wire import ask

NATS_IMAGE = "nats:2.15"
POSTGRES_IMAGE = "postgres:18"
USED: set[str] = set()
"""What the end of the run says about the servers."""


@dataclass
class Nats:
    """A NATS server with JetStream, whoever runs it."""

    kind: str
    url: str
    credentials: Callable[[str], Credentials | None]
    """User, pass word and inbox prefix of a user of the stack; None where the URL's own user stands for everybody."""
    replicas: int = 1
    own: NatsServers | None = None
    """The children, where this test run started them: they may be stopped, killed and started again."""
    cantons: list[str] = field(default_factory=lambda: sorted(CANTONS, reverse=True))

    @property
    def has_users(self) -> bool:
        """Whether each service has a user of its own, with the rights of the stack."""
        return self.credentials("reader") is not None

    async def connect(self, user: str, url: str = "", **options: Any) -> Client:
        """Open a connection as a user of the stack (operator, ledger, agreements, client, reader)."""
        who = self.credentials(user)
        if who is not None:
            options |= {"user": who.user, "password": who.password, "inbox_prefix": who.inbox_prefix.encode()}
        settings = {"reconnect_time_wait": 0.1, "max_reconnect_attempts": -1, "error_cb": _quiet, **options}
        return await nats.connect((url or self.url).split(","), name=f"test of {user}", **settings)

    def fresh_canton(self) -> str:
        """Give a canton whose book no other test has opened on this server."""
        return self.cantons.pop()


@contextmanager
def nats_server(directory: Path) -> Iterator[Nats]:
    """Give the NATS server that this run asks for, one node."""
    url = os.environ.get("LANDBUCH_TEST_NATS_URL")
    if url:
        USED.add("NATS given by LANDBUCH_TEST_NATS_URL")
        _elsewhere(_demand_empty(url))
        yield Nats("given", url, lambda _user: None)
        _elsewhere(_delete_books(url))
    elif containers_wanted():
        with _nats_container(directory) as server:
            yield server
    else:
        with nats_wheel(directory) as server:
            yield server


@contextmanager
def nats_wheel(directory: Path, nodes: int = 1) -> Iterator[Nats]:
    """Give NATS servers from the wheel, one node or a cluster, which the test may kill."""
    USED.add(f"NATS from the wheel, {'one node' if nodes == 1 else f'{nodes} nodes'}")
    with NatsServers(directory, nodes) as servers:
        yield Nats("wheel", servers.url, servers.credentials, replicas=nodes, own=servers)


def containers_wanted() -> bool:
    """Tell whether containers are asked for; fails where no Docker engine answers, rather than take something else."""
    if os.environ.get("LANDBUCH_TEST_SERVERS") != "containers":
        return False
    import docker  # type: ignore[import-untyped]  # noqa: PLC0415  # a slow import that most runs do without

    try:
        docker.from_env(timeout=2).ping()
    except docker.errors.DockerException as error:
        message = f"LANDBUCH_TEST_SERVERS=containers, but no Docker engine answers: {error}"
        raise RuntimeError(message) from error
    return True


class Pool:
    """Keeps one server for many tests, and starts the next when the cantons of one are used up."""

    def __init__(self, start: Callable[[], AbstractContextManager[Nats]]) -> None:
        self._start = start
        self._running: AbstractContextManager[Nats] | None = None
        self._server: Nats | None = None

    def server(self, cantons: int = 4) -> Nats:
        """Give a running server with at least so many cantons that no test has used."""
        if self._server is not None and len(self._server.cantons) < cantons:
            self.close()
        if self._server is None:
            self._running = self._start()
            self._server = self._running.__enter__()
        return self._server

    def close(self) -> None:
        """Stop the server."""
        if self._running is not None:
            self._running.__exit__(None, None, None)
        self._running = self._server = None


@contextmanager
def _nats_container(directory: Path) -> Iterator[Nats]:
    from testcontainers.community.nats import NatsContainer  # noqa: PLC0415  # as docker

    USED.add(f"NATS in a container ({NATS_IMAGE})")
    places = Places.below(directory)
    prepare(places)
    words = passwords(places)
    node = Node("nats", places.nats / "nats", 4222, 8222)
    settings = configuration(node, [node], words) | {"listen": "0.0.0.0:4222", "http": "0.0.0.0:8222"}
    settings["jetstream"] |= {"store_dir": "/data"}
    node.directory.mkdir(parents=True)
    node.config.write_text(json.dumps(settings))
    container = NatsContainer(NATS_IMAGE).with_volume_mapping(node.config, "/landbuch.conf")
    with container.with_command("-c /landbuch.conf") as running:
        yield Nats("container", running.nats_uri(), lambda user: _credentials(words, user))


def _credentials(words: dict[str, str], user: str) -> Credentials:
    return Credentials(user, words[user], inbox_prefix(user))


def _elsewhere(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end in a thread of its own, for the caller's may have a loop running."""
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, work).result()


async def _demand_empty(url: str) -> None:
    async with await nats.connect(url.split(",")) as client:
        books = await find_books(client)
        assert not books, f"the server at LANDBUCH_TEST_NATS_URL holds books, which tests would destroy: {books}"


async def _delete_books(url: str) -> None:
    """Delete the books that the tests have made; nobody can where the stack's rights are in force."""
    async with await nats.connect(url.split(",")) as client:
        names = await ask(client, "STREAM.NAMES", {"subject": "book.>"})
        for name in names["streams"] or []:
            await ask(client, f"STREAM.DELETE.{name}")


async def _quiet(_error: Exception) -> None:
    """Leave what a connection reports in the background to the test, which sees its consequences."""
