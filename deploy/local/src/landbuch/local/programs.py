"""Which programs make up a stack, with what settings, and when each can be used."""

from __future__ import annotations

import importlib.util
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from landbuch.local import nats, postgres, postgres_place
from landbuch.local.description import ISSUER, POSTGRES
from landbuch.local.errors import StackError
from landbuch.local.nats import Node
from landbuch.local.nats_accounts import REPORTING
from landbuch.local.nats_accounts import SERVICES as WRITERS
from landbuch.local.places import PRIVATE_DIRECTORY, Places, private_log, tail
from landbuch.local.ports import LOOPBACK
from landbuch.local.processes import environment
from landbuch.local.supervision import RANKS, SERVICE_RANK, Program, log

LEDGER = "ledger"
SERVICES = (*WRITERS, REPORTING)
"""Every service; those that write books first."""
ROLES = {LEDGER: postgres.LEDGER, REPORTING: postgres.REPORTING}
"""The services that keep tables, and the role as which each connects."""
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wish:
    """What shall run: services, and the servers below them."""

    services: tuple[str, ...] = SERVICES
    postgres: bool = True
    issuer: bool = True
    nodes: int = 1

    def port_names(self) -> tuple[str, ...]:
        """What needs a port."""
        servers = [ISSUER] * self.issuer + [POSTGRES] * self.postgres
        return (*nats.port_names(self.nodes), *servers, *self.services)


def refuse_impossible(wish: Wish) -> None:
    """Raise StackError for a service that does not exist, is not installed, or lacks its database."""
    unknown = [service for service in wish.services if service not in SERVICES]
    if unknown:
        raise StackError(f"There is no service {', '.join(unknown)}.", f"Choose from {', '.join(SERVICES)}.")
    missing = [f"landbuch.{service}" for service in wish.services if not _installed(f"landbuch.{service}.__main__")]
    if missing:
        raise StackError(
            f"This Python environment cannot run {', '.join(missing)}.",
            "Install Landbuch with `make`, or leave the service out with --services.",
        )
    keeper = next((service for service in wish.services if service in ROLES), None)
    if keeper is not None and not wish.postgres:
        raise StackError(
            f"The service {keeper} keeps its tables in PostgreSQL.", f"Start PostgreSQL too, or leave {keeper} out."
        )


def _installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # not even its package
        return False


def programs(places: Places, wish: Wish, nodes: list[Node], described: dict[str, Any], tell: Tell) -> list[Program]:
    """Every program of the stack, servers first; creates the database's files at the first run."""
    ports = described["ports"]
    found = [Program(node.name, node.command, RANKS["nats"]) for node in nodes]
    if wish.postgres:
        found.append(_database(places, ports[POSTGRES], tell))
    if wish.issuer:
        key = ("--port", str(ports[ISSUER]), "--key", str(places.issuer_key))
        found.append(Program(ISSUER, (sys.executable, "-m", "landbuch.local.issuer", *key), RANKS[ISSUER]))
    return found + [
        Program(
            service, (sys.executable, "-m", f"landbuch.{service}"), SERVICE_RANK, settings(places, described, service)
        )
        for service in wish.services
    ]


def _database(places: Places, port: int, tell: Tell) -> Program:
    place = postgres_place.place(places)
    if place.outside:
        tell(f"PostgreSQL does not run as root and its user may not enter {places.root}: its data are in {place.data}.")
    postgres.initialise(place, postgres.passwords(places)[postgres.SUPERUSER])
    return Program(
        POSTGRES,
        postgres.command(place, port),
        RANKS[POSTGRES],
        user=None if place.account is None else place.account.name,
        stop_signal=signal.SIGINT,  # ends its sessions instead of waiting for them
        stop_wait_s=30,
    )


def settings(places: Places, described: dict[str, Any], service: str, http_port: int | None = None) -> dict[str, str]:
    """What a service reads from its environment; with a port of its own, for a further instance."""
    user = described["nats"]["users"][service]
    state = places.state / (service if http_port is None else f"{service}-{http_port}")
    state.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
    found = {
        "LANDBUCH_NATS_URL": described["nats"]["url"],
        "LANDBUCH_NATS_USER": user["user"],
        "LANDBUCH_NATS_PASSWORD": user["password"],
        "LANDBUCH_HTTP_HOST": LOOPBACK,
        "LANDBUCH_HTTP_PORT": str(described["ports"].get(service, 0) if http_port is None else http_port),
        "LANDBUCH_STATE_DIR": str(state),
        "LANDBUCH_REPLICAS": str(described["nats"]["replicas"]),
    }
    if ISSUER in described["http"]:
        found["LANDBUCH_ISSUER_URL"] = described["http"][ISSUER]
    if service in ROLES and POSTGRES in described:
        found["LANDBUCH_DATABASE_URL"] = described[POSTGRES]["urls"][ROLES[service]]
    return found


def migrate(places: Places, described: dict[str, Any], service: str) -> None:
    """Bring a service's tables up to date, as their owner.

    Raises StackError with what the migration said where it fails.
    """
    owner = {"LANDBUCH_DATABASE_URL": described[POSTGRES]["urls"][postgres.OWNER]}
    file = log(places, f"migrate-{service}")
    file.unlink(missing_ok=True)
    with private_log(file) as output:
        try:
            code = subprocess.run(
                [sys.executable, "-m", f"landbuch.{service}.migrate"],
                env=environment(places) | owner,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=False,
                timeout=300,
            ).returncode
        except subprocess.TimeoutExpired:
            code = None
    if code != 0:
        why = "after five minutes the migration was not done" if code is None else f"exit status {code}"
        raise StackError(
            f"The tables of {service} could not be brought up to date ({why}):\n{tail(file)}",
            f"The whole log is {file}.",
        )


def ready(name: str, places: Places, described: dict[str, Any]) -> bool:
    """Whether a program can be used, by its own account."""
    if name == POSTGRES:
        return postgres.answers(postgres.passwords(places)[postgres.SUPERUSER], described["ports"][POSTGRES])
    if name in described["nats"]["monitors"]:
        return nats.healthy(described["nats"]["monitors"][name])
    try:
        return httpx.get(f"{described['http'][name]}/health/ready", timeout=2).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
