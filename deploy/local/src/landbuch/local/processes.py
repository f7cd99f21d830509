"""Finding and ending the processes of one stack, also those whose supervisor is gone.

Every process of a stack carries the stack's directory in its environment, so no process is ended because of a name or
of a number that was reused.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from landbuch.local.places import Places

# Not LANDBUCH_STACK, which people set in their shells to name a stack: their programs are none of ours to end.
MARK = "LANDBUCH_PROCESS_OF_STACK"
# What would change how our children behave without anybody having meant it.
FOREIGN = ("PG", "LANDBUCH_", "SUPERVISOR_", "NATS_")


def environment(places: Places) -> dict[str, str]:
    """The environment of the stack's processes: ours, without settings meant for others, and the stack's mark."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return kept | {MARK: str(places.root), "PYTHONUNBUFFERED": "1"}


def of_stack(places: Places, database: Path | None = None) -> list[psutil.Process]:
    """Every living process of the stack in this directory, however it came to be left.

    The database server may run as another user, whose environment even root cannot read in some containers: it is
    found by its own note in `database`, the directory of its data.
    """
    wanted = str(places.root)
    found = {}
    ourselves = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    for process in psutil.process_iter():
        if process.pid in ourselves:
            continue
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(MARK) == wanted and alive(process) and _same_machine(process.pid):
                found[process.pid] = process
    server = None if database is None else _database_server(database)
    if server is not None:
        found[server.pid] = server
    return list(found.values())


def alive(process: psutil.Process) -> bool:
    """Whether the process still runs (a zombie waits for its parent and does nothing)."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def is_still(pid: int, created: float) -> bool:
    """Whether this number still belongs to the process that was created then (seconds of the epoch)."""
    try:
        process = psutil.Process(pid)
        return alive(process) and abs(process.create_time() - created) < 1
    except psutil.Error:
        return False


def created(pid: int) -> float:
    """When a process was created, in seconds of the epoch."""
    return float(psutil.Process(pid).create_time())


def end(
    processes: Iterable[psutil.Process],
    *,
    by: signal.Signals = signal.SIGTERM,
    timeout_s: float,
    meanwhile: Callable[[], object] = lambda: None,
) -> None:
    """Ask processes to end, by a signal, and end by −9 those that have not after the time limit.

    `meanwhile` is called again and again until then.
    """
    asked = list(processes)
    for sent, wait_s in ((by, timeout_s), (signal.SIGKILL, 5.0)):
        for process in asked:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(sent)
        until = time.monotonic() + wait_s
        while (asked := [process for process in asked if alive(process)]) and time.monotonic() < until:
            meanwhile()
            time.sleep(0.02)


def name_in_stack(process: psutil.Process) -> str:
    """What the supervisor called this process; empty for the supervisor itself and for what it did not start."""
    try:
        return str(process.environ().get("SUPERVISOR_PROCESS_NAME", ""))
    except (psutil.Error, OSError):
        return ""


def _database_server(data: Path) -> psutil.Process | None:
    """The server that works on this directory, if the number in its note still is one."""
    try:
        pid = int((data / "postmaster.pid").read_text().split()[0])
        process = psutil.Process(pid)
        return process if str(data) in process.cmdline() and alive(process) else None
    except (OSError, ValueError, IndexError, psutil.Error):
        return None


def _same_machine(pid: int) -> bool:
    """Whether a process lives in our own process namespace: a container's may use the same directory name."""
    try:
        return Path(f"/proc/{pid}/ns/pid").readlink() == Path("/proc/self/ns/pid").readlink()
    except OSError:  # no Linux
        return True
