"""What `stack.json` says about the running stack: addresses, users, pass words, ports and the supervisor's pid.

The command line, the tests and the demo find everything there. The file is readable by its owner alone (mode 0600) and
is gone while nothing runs.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from landbuch.local import nats, postgres
from landbuch.local.nats import Credentials, Node
from landbuch.local.nats_accounts import USERS, inbox_prefix
from landbuch.local.places import Places, read_json, write_private
from landbuch.local.ports import LOOPBACK
from landbuch.local.processes import is_still
from landbuch.local.supervision import short_directory

ISSUER = "issuer"
POSTGRES = "postgres"


def compose(places: Places, nodes: list[Node], ports: dict[str, int]) -> dict[str, Any]:
    """The description of a stack that is about to start, but for its supervisor."""
    words = nats.passwords(places)
    urls = [node.url for node in nodes]
    described: dict[str, Any] = {
        "directory": str(places.root),
        "ports": ports,
        "nats": {
            "url": ",".join(urls),
            "urls": urls,
            "monitors": {node.name: node.monitor_url for node in nodes},
            "replicas": len(nodes),
            "users": {user: Credentials(user, words[user], inbox_prefix(user))._asdict() for user in USERS},
        },
        "http": {
            name: f"http://{LOOPBACK}:{port}"
            for name, port in ports.items()
            if name != POSTGRES and not name.startswith("nats")
        },
    }
    if POSTGRES in ports:
        roles = postgres.passwords(places)
        described[POSTGRES] = {
            "urls": {role: postgres.url(role, word, ports[POSTGRES]) for role, word in roles.items()}
        }
    return described


def write(places: Places, described: dict[str, Any]) -> None:
    """Write the description for others to read."""
    write_private(places.description, json.dumps(described, indent=2) + "\n")


def running(places: Places) -> dict[str, Any] | None:
    """The description of the stack that runs in this directory, or None.

    A description left by a stack that was ended by −9 is no sign of life: the supervisor's pid must still be the
    process that it was. Raises StackError where the file is unreadable or damaged.
    """
    described = read_json(places.description)
    if described is None or not is_still(int(described["pid"]), float(described["created"])):
        return None
    return described


def forget(places: Places) -> None:
    """Delete what describes a stack that has ended: its description, its supervisor's configuration and socket."""
    places.description.unlink(missing_ok=True)
    shutil.rmtree(places.run, ignore_errors=True)
    shutil.rmtree(short_directory(places), ignore_errors=True)


def addresses(described: dict[str, Any]) -> list[tuple[str, str]]:
    """Name and address of everything that somebody may want to reach; without pass words."""
    found = [("nats", url) for url in described["nats"]["urls"]]
    if POSTGRES in described:
        found.append((POSTGRES, f"postgresql://{LOOPBACK}:{described['ports'][POSTGRES]}/{postgres.DATABASE}"))
    return [*found, *described["http"].items(), ("files", str(Path(described["directory"]))), ("pid", _pid(described))]


def _pid(described: dict[str, Any]) -> str:
    return f"{described['pid']} (supervisor)" if described["pid"] != os.getpid() else str(described["pid"])
