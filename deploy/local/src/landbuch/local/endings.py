"""Ending a stack, whether its supervisor still lives or not, so that nothing is left."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from landbuch.local import description, postgres_place
from landbuch.local.errors import StackError
from landbuch.local.places import DEFAULT_DIRECTORY, Places, delete_all, locked, read_json
from landbuch.local.processes import end, name_in_stack, of_stack
from landbuch.local.supervision import RANKS, SERVICE_RANK, Supervisor

# The supervisor gives each program its own time, one after the other.
SUPERVISOR_TIME_S = 120.0
PROGRAM_TIME_S = 20.0
OF_POSTGRES = "a child of postgres"


def end_all(places: Places) -> list[str]:
    """End every process of the stack: the supervisor, which ends the rest in order, then whatever is left.

    Returns those that no supervisor ended, each with its pid.
    """
    database = postgres_place.data_directory(places)
    supervisors = {process for process in of_stack(places, database) if _is_supervisor(process)}
    end(supervisors | _recorded(places), timeout_s=SUPERVISOR_TIME_S, meanwhile=_nudge(places))
    description.forget(places)
    names = {process: _name(process) for process in of_stack(places, database)}
    for rank in sorted({_rank(name) for name in names.values()}, reverse=True):
        found = [process for process, name in names.items() if _rank(name) == rank]
        # PostgreSQL waits for its sessions on SIGTERM, and ends them on SIGINT; its own children follow it.
        end(found, by=signal.SIGINT if rank == RANKS["postgres"] else signal.SIGTERM, timeout_s=PROGRAM_TIME_S)
    return _in_words(names)


def left_over(places: Places) -> list[str]:
    """Processes of a stack that does not run any more, each with its pid."""
    return _in_words({process: _name(process) for process in of_stack(places, postgres_place.data_directory(places))})


def _in_words(names: dict[psutil.Process, str]) -> list[str]:
    return [f"{name} (pid {process.pid})" for process, name in names.items() if name != OF_POSTGRES]


def down(directory: Path | str = DEFAULT_DIRECTORY) -> tuple[bool, list[str]]:
    """Stop the stack in this directory, however it was started.

    Returns whether one was running, and what was left by a stack whose supervisor had died.
    """
    places = Places.below(directory)
    if not places.mark.exists():  # also after its files were deleted under it
        return False, end_all(places)
    with locked(places, wait_s=SUPERVISOR_TIME_S):
        was_running = description.running(places) is not None
        return was_running, end_all(places)


def delete(directory: Path | str) -> None:
    """Delete all data of a stopped stack, also those outside its directory; nothing else.

    Raises StackError where the stack still runs and cannot be locked.
    """
    places = Places.below(directory)
    if places.mark.exists():
        with locked(places):
            end_all(places)
            postgres_place.delete_outside(places)
            delete_all(places)


def _recorded(places: Places) -> set[psutil.Process]:
    """The supervisor that `stack.json` names, if it still is that process."""
    with contextlib.suppress(StackError, psutil.Error):
        described = description.running(places)
        if described is not None:
            return {psutil.Process(described["pid"])}
    return set()


def _nudge(places: Places) -> Callable[[], object]:
    """A question to the supervisor: it looks after its programs once a second, and after each question."""
    described = None
    with contextlib.suppress(StackError):
        described = read_json(places.description)
    if described is None:
        return lambda: None
    return Supervisor(Path(described["supervisor"]["socket"]), described["supervisor"]["password"]).answers


def _is_supervisor(process: psutil.Process) -> bool:
    try:
        return "supervisor.supervisord" in process.cmdline()
    except psutil.Error:
        return False


def _name(process: psutil.Process) -> str:
    """What a left process is, in words."""
    if _is_supervisor(process):
        return "supervisor"
    name = name_in_stack(process)
    try:
        parent = process.parent()
        if process.name() == "postgres":
            return OF_POSTGRES if parent is not None and parent.name() == "postgres" else "postgres"
        return name or process.name()
    except psutil.Error:
        return name or "a process"


def _rank(name: str) -> int:
    if name.startswith("nats"):
        return RANKS["nats"]
    return RANKS["postgres"] if "postgres" in name else RANKS.get(name, SERVICE_RANK)
