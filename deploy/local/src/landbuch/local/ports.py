"""Which TCP ports the stack listens on: the usual ones, or free ones where those are taken."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterable

LOOPBACK = "127.0.0.1"
# 54320, not 5432: a PostgreSQL of the machine's own is common, and nobody should mix the two up.
USUAL = {
    "nats": 4222,
    "nats_monitor": 8222,
    "postgres": 54320,
    "reporting": 8080,
    "ledger": 8081,
    "agreements": 8082,
    "issuer": 8083,
}


def choose(names: Iterable[str], *, usual: bool) -> dict[str, int]:
    """A free port of the loopback address for each name.

    With `usual` the usual port is taken where it is free. All ports are held until the last is found, so no two names
    get the same one.
    """
    chosen: dict[str, int] = {}
    with contextlib.ExitStack() as held:
        for name in names:
            probe = (bound(USUAL[name]) if usual and name in USUAL else None) or bound(0)
            if probe is None:  # the kernel has no free port left
                raise OSError(f"no free TCP port for {name}")
            held.enter_context(probe)
            chosen[name] = probe.getsockname()[1]
    return chosen


def free(port: int) -> bool:
    """Whether nobody listens on this port of the loopback address."""
    probe = bound(port)
    if probe is None:
        return False
    probe.close()
    return True


def bound(port: int) -> socket.socket | None:
    """A socket that holds the port (0: any free one), or None where it is taken."""
    probe = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if port:  # as servers do: a port is free although connections of an earlier run are still fading out on it
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        probe.bind((LOOPBACK, port))
    except OSError:
        probe.close()
        return None
    return probe
