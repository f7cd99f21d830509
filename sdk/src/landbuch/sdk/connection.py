"""Where a Landbuch stack is: addresses of NATS and the services, and the NATS users with their pass words.

In order: a directory that is named; ``LANDBUCH_NATS_URL``, ``LANDBUCH_LEDGER_URL``, ``LANDBUCH_AGREEMENTS_URL``,
``LANDBUCH_ISSUER_URL``, ``LANDBUCH_NATS_USER``, ``LANDBUCH_NATS_PASSWORD``; the directory in ``LANDBUCH_STACK``; and
``var`` here. A directory is a stack's when ``landbuch up`` has written its ``stack.json`` there.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import nats
from nats.aio.client import Client as NatsClient
from nats.errors import Error as NatsError

from landbuch.sdk.errors import PermissionDeniedError, UnavailableError

DIRECTORY = Path("var")
"""Where ``landbuch up`` keeps its stack unless told otherwise."""

FILE = "stack.json"

NatsRole = Literal["operator", "client", "reader"]
"""Who opens books; who sends commands and queries; who reads books and nothing else."""

CONNECT_TIMEOUT_S = 2.0
_PREFIX = "LANDBUCH_"
_ADDRESSES = ("ledger", "agreements", "issuer")


class NoStackError(UnavailableError):
    """Nothing says where the stack is, or what was found cannot be read."""


@dataclass(frozen=True, slots=True)
class NatsUser:
    """A NATS user; the inbox prefix is the only one on which it may hear answers."""

    name: str
    password: str = field(repr=False)
    inbox_prefix: str


@dataclass(frozen=True, slots=True)
class Connection:
    """Addresses and users; ``origin`` says in words where they were found."""

    origin: str
    nats_url: str | None = None
    users: Mapping[str, NatsUser] = field(default_factory=dict)
    http: Mapping[str, str] = field(default_factory=dict)
    replicas: int = 1

    def url(self, service: str) -> str:
        """Give the HTTP address of ``ledger``, ``agreements`` or ``issuer``, without a slash at the end.

        Raises ``NoStackError``.
        """
        found = self.http.get(service)
        if found is None:
            raise NoStackError(
                f"Nothing says where the {service} is ({self.origin}). Start a stack with `landbuch up`, or set "
                f"{_PREFIX}{service.upper()}_URL."
            )
        return found.rstrip("/")

    def nats(self) -> list[str]:
        """Give the addresses of the NATS servers; raises ``NoStackError``."""
        if self.nats_url is None:
            raise NoStackError(
                f"Nothing says where NATS is ({self.origin}). Start a stack with `landbuch up`, or set "
                f"{_PREFIX}NATS_URL."
            )
        return self.nats_url.split(",")


def find(directory: Path | None, environ: Mapping[str, str]) -> Connection:
    """Find the stack: in the directory that is named, else by the environment, else in ``var`` here.

    Raises ``NoStackError`` when the directory that is named has no readable description. When nothing is found, the
    connection is empty, and says so when an address is asked for.
    """
    if directory is not None:
        return read(directory)
    named = environ.get(f"{_PREFIX}STACK")
    if named:
        base = read(Path(named))
    elif (DIRECTORY / FILE).exists():
        base = read(DIRECTORY)
    else:
        base = Connection(origin=f"there is no {DIRECTORY / FILE} here")
    return _overlaid(base, environ)


def read(directory: Path) -> Connection:
    """Read the description of the stack in a directory; raises ``NoStackError``."""
    path = directory / FILE
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
        return _described(described, str(path))
    except FileNotFoundError:
        raise NoStackError(
            f"There is no {path}: no stack runs there. Start one with `landbuch up --dir {directory}`."
        ) from None
    except PermissionError:
        raise NoStackError(f"{path} may not be read by this user. Use the user who started the stack.") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NoStackError(
            f"{path} is damaged ({type(error).__name__}: {error}). Stop the stack and start it again."
        ) from error


def _described(described: Mapping[str, Any], origin: str) -> Connection:
    servers = described["nats"]
    return Connection(
        origin=origin,
        nats_url=str(servers["url"]),
        users={
            name: NatsUser(user["user"], user["password"], user["inbox_prefix"])
            for name, user in servers["users"].items()
        },
        http={name: str(url) for name, url in described["http"].items()},
        replicas=int(servers["replicas"]),
    )


def _overlaid(base: Connection, environ: Mapping[str, str]) -> Connection:
    """Let the environment have the last word about each address, and about the NATS user."""
    given = {
        name: environ[f"{_PREFIX}{name.upper()}_URL"]
        for name in _ADDRESSES
        if environ.get(f"{_PREFIX}{name.upper()}_URL")
    }
    nats_url = environ.get(f"{_PREFIX}NATS_URL")
    user = named_user(environ)
    if not given and not nats_url and user is None:
        return base
    users: Mapping[str, NatsUser] = {} if nats_url else base.users
    if user is not None:
        users = dict.fromkeys(("operator", "client", "reader"), user)
    return replace(
        base,
        origin=f"the environment, and {base.origin}",
        nats_url=nats_url or base.nats_url,
        users=users,
        http={**base.http, **given},
        replicas=int(environ.get(f"{_PREFIX}REPLICAS") or base.replicas),
    )


def named_user(environ: Mapping[str, str]) -> NatsUser | None:
    """Give the NATS user that the environment names, if it does."""
    name = environ.get(f"{_PREFIX}NATS_USER")
    return NatsUser(name, environ.get(f"{_PREFIX}NATS_PASSWORD", ""), f"_INBOX_{name}") if name else None


@asynccontextmanager
async def connected(connection: Connection, role: NatsRole, *, for_ever: bool = False) -> AsyncIterator[NatsClient]:
    """Connect to NATS in a role; without users in the connection, as nobody.

    ``for_ever``: once connected, come back after any outage, for whoever follows a book.

    Raises ``UnavailableError`` when no server answers and ``PermissionDeniedError`` when it does not let us in.
    """
    servers = connection.nats()
    user = connection.users.get(role)
    if user is None and connection.users:
        raise PermissionDeniedError(f"{connection.origin} names no NATS user for the role {role}.")
    options: dict[str, Any] = {}
    if user is not None:
        options = {"user": user.name, "password": user.password, "inbox_prefix": user.inbox_prefix.encode()}
    heard: list[Exception] = []

    async def hear(error: Exception) -> None:
        """Keep what the server says; whoever asks hears of it through ``last_error`` or a timeout, in a sentence."""
        heard[:] = [error]

    try:
        nc = await nats.connect(
            servers,
            name=f"landbuch {role}",
            error_cb=hear,
            connect_timeout=CONNECT_TIMEOUT_S,
            reconnect_time_wait=0.25,
            max_reconnect_attempts=8,
            **options,
        )
    except (NatsError, OSError) as error:
        where = ", ".join(servers)
        if any("authorization" in str(said).lower() for said in (error, *heard)):
            raise PermissionDeniedError(
                f"NATS at {where} does not know the user {user.name if user else 'nobody'} ({connection.origin}). "
                "Name the right stack with --stack, or set LANDBUCH_NATS_USER and LANDBUCH_NATS_PASSWORD."
            ) from error
        raise UnavailableError(
            f"NATS does not answer at {where} ({connection.origin}). Start the stack with `landbuch up`, or name "
            "another one with --stack."
        ) from error
    if for_ever:
        nc.options["max_reconnect_attempts"] = -1  # not before: the first attempt must end
    try:
        yield nc
    finally:
        await nc.close()
