"""One supervisor (`supervisord`, generated configuration) over the programs of a stack.

It restarts what crashes, keeps and rotates the logs, and on SIGTERM stops everything in order: highest rank first.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import shlex
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import Faults, SupervisorTransport

from landbuch.local.errors import StackError, SupervisorSilent
from landbuch.local.places import PRIVATE_DIRECTORY, Places, private_log, tail, write_private
from landbuch.local.processes import created, environment

USER = "landbuch"
# Servers first; services, of higher rank, last. Stopped the other way round.
RANKS = {"nats": 10, "postgres": 20, "issuer": 30}
SERVICE_RANK = 40
LOG_BYTES = 5_000_000
LOG_BACKUPS = 3
# A service that waits for its servers tries this often, each time a second later than before: about four minutes.
RETRIES = 20
# An address of a socket has at most 104 bytes (BSD) or 108 (Linux), and supervisord first binds a longer one.
SOCKET_BYTES = 90


@dataclass(frozen=True, slots=True)
class Program:
    """One program under supervision."""

    name: str
    command: tuple[str, ...]
    rank: int
    environment: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_wait_s: int = 15


def configuration(places: Places, programs: Iterable[Program], supervisor: Supervisor, owner: int | None) -> str:
    """The supervisor's configuration file.

    With `owner`, a process id, the supervisor ends when that process is gone. Raises StackError for a path which the
    format of the file cannot hold.
    """
    sections: dict[str, dict[str, str]] = {
        "unix_http_server": {
            "file": str(supervisor.socket_path),
            "chmod": "0600",
            "username": USER,
            "password": supervisor.password,
        },
        "supervisord": {
            "logfile": str(places.logs / "supervisor.log"),
            "logfile_maxbytes": str(LOG_BYTES),
            "logfile_backups": str(LOG_BACKUPS),
            "pidfile": str(pid_file(places)),
            "directory": "/",
            "umask": "077",
            "minfds": "256",
            "minprocs": "16",
            "silent": "true",
        },
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
        **{f"program:{program.name}": _program(places, program) for program in programs},
    }
    if os.geteuid() == 0:  # said aloud, or it warns; programs that need not be root have a user of their own
        sections["supervisord"]["user"] = "root"
    if owner is not None:
        watch = (sys.executable, "-m", "landbuch.local.lifeline", str(owner), repr(created(owner)))
        sections["eventlistener:lifeline"] = {
            "command": shlex.join(watch),
            "events": "TICK_5",
            "priority": "1",
            "autorestart": "true",
            "stderr_logfile": str(places.logs / "lifeline.log"),
            "stderr_logfile_backups": "0",
        }
    return "\n".join(_section(title, content) for title, content in sections.items())


def _program(places: Places, program: Program) -> dict[str, str]:
    content = {
        "command": shlex.join(program.command),
        "priority": str(program.rank),
        "autostart": "false",  # the stack starts each when what it needs is ready
        "autorestart": "true",
        "startsecs": "1",
        "startretries": str(RETRIES),
        "stopsignal": program.stop_signal.name.removeprefix("SIG"),
        "stopwaitsecs": str(program.stop_wait_s),
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": str(log(places, program.name)),
        "stdout_logfile_maxbytes": str(LOG_BYTES),
        "stdout_logfile_backups": str(LOG_BACKUPS),
    }
    if program.environment:
        content["environment"] = ",".join(f'{name}="{value}"' for name, value in program.environment.items())
    if program.user is not None:
        content["user"] = program.user
    return content


def _section(title: str, content: dict[str, str]) -> str:
    for name, value in content.items():
        odd = ["\n", " ;", " #"]
        if name != "command":  # where a percent sign is expanded once; names of log files are expanded twice
            odd.append("%")
        if any(sign in value for sign in odd) or value.count('"') != value.count('="') * 2:
            raise StackError(
                f"The supervisor's configuration cannot hold this {name}: {value}",
                "Choose a directory without quotation marks and percent signs, and without ' #' or ' ;' in its name.",
            )
    lines = [f"{name}={value.replace('%', '%%')}" for name, value in content.items()]
    return "\n".join([f"[{title}]", *lines, ""])


def log(places: Places, name: str) -> Path:
    """The log of one program."""
    return places.logs / f"{name}.log"


def pid_file(places: Places) -> Path:
    """Where the supervisor notes its process id."""
    return places.run / "supervisor.pid"


def socket_place(places: Places) -> Path:
    """Where the supervisor listens: in the stack's directory, or in a short one where the path is too long for that.

    Some file systems hold no sockets: it is tried.
    """
    here = places.run / "supervisor.sock"
    if len(os.fsencode(here)) <= SOCKET_BYTES and _holds_sockets(places.run):
        return here
    return short_directory(places) / "s"


def short_directory(places: Places) -> Path:
    """A directory with a short name of this stack's own for its socket; it need not exist."""
    return Path(tempfile.gettempdir()) / f"landbuch-{hashlib.sha256(os.fsencode(places.root)).hexdigest()[:16]}"


def _make_room(places: Places, socket_path: Path) -> None:
    """Make the directory of the socket, where only we may enter.

    Raises StackError where somebody else has made one of that name.
    """
    places.run.mkdir(mode=PRIVATE_DIRECTORY, exist_ok=True)
    if socket_path.parent == places.run:
        return
    with contextlib.suppress(FileExistsError):
        socket_path.parent.mkdir(mode=PRIVATE_DIRECTORY)
    found = socket_path.parent.lstat()
    if (
        found.st_uid != os.geteuid()
        or stat.S_IMODE(found.st_mode) != PRIVATE_DIRECTORY
        or not stat.S_ISDIR(found.st_mode)
    ):
        raise StackError(
            f"The supervisor's socket should lie in {socket_path.parent}, which somebody else has made.",
            "Delete it, or choose a directory with a shorter name with --dir.",
        )


def _holds_sockets(directory: Path) -> bool:
    """Whether a socket can be bound and linked here, as supervisord does it."""
    one, two = directory / "try.1", directory / "try.2"
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.bind(str(one))
            two.hardlink_to(one)
        except OSError:
            return False
        finally:
            one.unlink(missing_ok=True)
            two.unlink(missing_ok=True)
    return True


@dataclass(frozen=True, slots=True)
class Supervisor:
    """A running supervisor, spoken to over its socket."""

    socket_path: Path
    password: str

    def _ask(self, method: str, *arguments: str | bool, unless: int = 0) -> Any:  # noqa: ANN401 -- as XML-RPC answers
        """Ask; a fault of the kind `unless` is no fault, but None.

        Raises SupervisorSilent where there is no answer, StackError for every other fault.
        """
        transport = SupervisorTransport(USER, self.password, f"unix://{self.socket_path}")
        try:
            with xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport) as proxy:
                return getattr(proxy.supervisor, method)(*arguments)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode == unless:
                return None
            if fault.faultCode != Faults.SHUTDOWN_STATE:
                raise StackError(f"The supervisor refuses {method}: {fault.faultString}.", "See its log.") from fault
            silent: Exception = fault
        except (OSError, http.client.HTTPException, xmlrpc.client.Error) as error:
            silent = error
        raise SupervisorSilent(f"The supervisor does not answer: {silent}.", "Run `landbuch down`.") from silent

    def answers(self) -> bool:
        """Whether the supervisor is there."""
        try:
            self._ask("getState")
        except SupervisorSilent:
            return False
        return True

    def start(self, name: str) -> None:
        """Start a program that is stopped; does not wait. One that runs is left alone."""
        self._ask("startProcess", name, False, unless=Faults.ALREADY_STARTED)  # noqa: FBT003 -- XML-RPC has no names

    def stop(self, name: str) -> None:
        """Stop a program and wait until it is gone; it stays so until it is started. One that is stopped is left."""
        self._ask("stopProcess", name, False, unless=Faults.NOT_RUNNING)  # noqa: FBT003 -- as above
        while self.state(name) == "STOPPING":
            time.sleep(0.02)

    def processes(self) -> dict[str, dict[str, Any]]:
        """What the supervisor knows of each program, by name."""
        return {info["name"]: info for info in self._ask("getAllProcessInfo") if info["name"] != "lifeline"}

    def state(self, name: str) -> str:
        """STOPPED, STARTING, RUNNING, BACKOFF (it died and is started again soon), STOPPING, EXITED or FATAL."""
        return str(self._ask("getProcessInfo", name)["statename"])

    def pid(self, name: str) -> int:
        """The process id of a running program.

        Raises StackError where it does not run.
        """
        info = self._ask("getProcessInfo", name)
        if not info["pid"]:
            raise StackError(f"{name} does not run ({info['statename']}).", "Start it first.")
        return int(info["pid"])


def launch(places: Places, configuration_text: str, supervisor: Supervisor) -> subprocess.Popen[bytes]:
    """Start the supervisor in a session of its own (Ctrl-C is for us) and wait until it answers.

    Raises StackError with what it said where it ends instead.
    """
    _make_room(places, supervisor.socket_path)
    file, said = places.run / "supervisor.conf", places.logs / "supervisor.start.log"
    write_private(file, configuration_text)
    said.unlink(missing_ok=True)
    with private_log(said) as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "--configuration", str(file)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment(places),
            start_new_session=True,
            umask=0o077,
        )
    until = time.monotonic() + 20
    while not supervisor.answers():
        if child.poll() is not None or time.monotonic() > until:
            child.kill()
            child.wait()
            raise StackError(f"The supervisor did not start:\n{tail(said)}", f"See {said}.")
        time.sleep(0.02)
    return child
