"""The whole stack: NATS, PostgreSQL, the development issuer and the services, under one supervisor.

`LocalStack` is the interface for tests and the demo; `landbuch up` and `landbuch down` are built on it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from landbuch.local import description, endings, nats, postgres, programs
from landbuch.local.description import ISSUER, POSTGRES
from landbuch.local.errors import AlreadyRunning, NotRunning, StackError, SupervisorSilent
from landbuch.local.nats import Credentials
from landbuch.local.places import DEFAULT_DIRECTORY, Places, locked, pass_words, prepare, tail
from landbuch.local.ports import choose
from landbuch.local.processes import created, environment, is_still
from landbuch.local.programs import SERVICES, Tell, Wish
from landbuch.local.supervision import SERVICE_RANK, Program, Supervisor, configuration, launch, log, socket_place

TIME_LIMIT_S = 60.0
# A program that died this often while somebody waited for it will not come up by itself.
DEATHS = 3


class LocalStack:
    """The stack in one directory.

    As a context manager it starts everything and stops everything at the end. `services` names those that run;
    `postgres`, `issuer` and `nodes` (NATS servers: one, or a cluster) say what runs below them. `usual_ports` prefers
    the usual ports; otherwise all are free ones, so that many stacks run side by side. With `keep` false all data are
    deleted at the end. `owned` ends the stack within seconds when this process dies, however it dies.
    """

    def __init__(  # noqa: PLR0913 -- each has a sensible default
        self,
        directory: Path | str = DEFAULT_DIRECTORY,
        *,
        services: Iterable[str] = SERVICES,
        postgres: bool = True,
        issuer: bool = True,
        nodes: int = 1,
        usual_ports: bool = False,
        keep: bool = True,
        owned: bool = True,
        tell: Tell = lambda _: None,
    ) -> None:
        self.places = Places.below(directory)
        self._wish = Wish(tuple(services), postgres, issuer, nodes)
        self._usual_ports = usual_ports
        self._keep = keep
        self._owned = owned
        self._tell = tell
        self._child: subprocess.Popen[bytes] | None = None
        self._described: dict[str, Any] | None = None

    # -- what tests and tools ask ----------------------------------------------------------------------------------

    @property
    def described(self) -> dict[str, Any]:
        """What `stack.json` says.

        Raises NotRunning before the start and after the end.
        """
        if self._described is None:
            raise NotRunning(f"No stack runs in {self.places.root}.", f"Start one: {self.places.cli('up')}")
        return self._described

    @property
    def nats_url(self) -> str:
        """Where NATS clients connect; the servers of a cluster are joined by commas."""
        return str(self.described["nats"]["url"])

    @property
    def nats_urls(self) -> list[str]:
        """Where NATS clients connect, one address per server."""
        return list(self.described["nats"]["urls"])

    def credentials(self, user: str) -> Credentials:
        """Name, pass word and inbox prefix of a NATS user (operator, ledger, agreements, reporting, client, reader)."""
        return Credentials(**self.described["nats"]["users"][user])

    @property
    def database_url(self) -> str:
        """Where SQLAlchemy connects as the ledger's role."""
        return self.database_url_of(postgres.LEDGER)

    def database_url_of(self, role: str) -> str:
        """Where SQLAlchemy connects as a role (landbuch_owner, landbuch_ledger, ...)."""
        return str(self.described[POSTGRES]["urls"][role])

    def http(self, name: str) -> str:
        """The address of a service or of the issuer, without a slash at the end."""
        return str(self.described["http"][name])

    def token(self, actor: str, *, expires_in_s: int = 3600) -> str:
        """A token for this actor from the development issuer; with a negative time one that has expired."""
        wish = {"sub": actor, "expires_in_s": expires_in_s}
        answer = httpx.post(f"{self.http(ISSUER)}/token", json=wish, timeout=10)
        return str(answer.raise_for_status().json()["token"])

    def environment(self, service: str, *, http_port: int | None = None) -> dict[str, str]:
        """The whole environment of a service's process; with a port of its own, for a further instance."""
        return environment(self.places) | programs.settings(self.places, self.described, service, http_port)

    def log(self, name: str) -> Path:
        """The log of one program."""
        return log(self.places, name)

    # -- what tests do to single programs --------------------------------------------------------------------------

    def states(self) -> dict[str, str]:
        """The state of each program, as the supervisor names it (RUNNING, STOPPED, BACKOFF ...)."""
        return {name: str(info["statename"]) for name, info in self._supervisor().processes().items()}

    def pid(self, name: str) -> int:
        """The process id of a running program: nats (or nats-1 ...), postgres, issuer, ledger ..."""
        return self._supervisor().pid(name)

    def kill(self, name: str, by: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal to a program, which is started again when it dies of it; returns the pid it had."""
        pid = self.pid(name)
        os.kill(pid, by)
        return pid

    def stop_program(self, name: str) -> None:
        """Stop one program in good order; it stays stopped until `start_program`."""
        self._supervisor().stop(name)

    def start_program(self, name: str) -> None:
        """Start one program again; `wait_ready` says when it can be used."""
        self._supervisor().start(name)

    def wait_ready(self, *names: str, timeout_s: float = TIME_LIMIT_S) -> None:
        """Wait until these programs can be used (none named: all of them).

        Raises StackError with the end of the log of one that keeps dying or is not ready in time. Right after a kill
        a program may still seem ready: compare pids, or wait for what you need.
        """
        until = time.monotonic() + timeout_s
        for name in names or self.described["programs"]:
            self._wait_for(name, until, timeout_s)

    def wait_replaced(self, name: str, pid: int, *, timeout_s: float = TIME_LIMIT_S) -> None:
        """Wait until another process than this one runs under that name and can be used."""
        until = time.monotonic() + timeout_s
        while self._supervisor().processes()[name]["pid"] in (0, pid):
            if time.monotonic() > until:
                raise self._failed(name, f"was not started again within {timeout_s:.0f} s")
            time.sleep(0.03)
        self._wait_for(name, until, timeout_s)

    # -- life ------------------------------------------------------------------------------------------------------

    def start(self, *, timeout_s: float = TIME_LIMIT_S) -> None:
        """Start everything and wait until it can be used.

        Raises AlreadyRunning where a stack runs in this directory, else StackError; then nothing is left running.
        """
        programs.refuse_impossible(self._wish)
        prepare(self.places)
        with locked(self.places):
            already = description.running(self.places)
            if already is not None:
                raise AlreadyRunning(
                    f"A stack runs in {self.places.root} already.", f"Use it, or stop it: {self.places.cli('down')}"
                )
            for left in endings.end_all(self.places):
                self._tell(f"Ended {left}, left over from an earlier run.")
            prepare(self.places)
            try:
                self._start(timeout_s)
            except BaseException:
                self._end()
                raise

    def stop(self) -> None:
        """Stop everything in order (services, issuer, PostgreSQL, NATS) and wait until nothing is left."""
        if self.places.mark.exists():
            with locked(self.places, wait_s=endings.SUPERVISOR_TIME_S):
                running = description.running(self.places)
                if running is None or self._described is None or running["pid"] == self._described["pid"]:
                    self._end()
        if not self._keep:
            endings.delete(self.places.root)

    def watch(self, tell: Tell, stop: Callable[[], bool]) -> bool:
        """Report programs that die and come back, until `stop` says so; False where somebody else stopped the stack.

        Raises StackError when the supervisor died.
        """
        seen: dict[str, int] = {}
        while not stop():
            if self._child is not None:
                self._child.poll()
            if not is_still(self.described["pid"], self.described["created"]):
                time.sleep(1)  # whoever stopped it removes the description next
                if self.places.description.exists():
                    raise StackError("The supervisor has ended.", f"Its log is {self.log('supervisor')}.")
                return False
            with contextlib.suppress(SupervisorSilent):  # it is just ending
                for name, info in self._supervisor().processes().items():
                    pid = -1 if info["statename"] == "FATAL" else info["pid"]
                    if pid and pid != seen.get(name, pid):
                        what = "keeps ending and was given up" if pid == -1 else "had ended and was started again"
                        tell(f"{name} {what}. Its log is {self.log(name)}.")
                    seen[name] = pid or seen.get(name, 0)
            time.sleep(0.5)
        return True

    def __enter__(self) -> Self:
        """Start everything."""
        try:
            self.start()
        except AlreadyRunning:
            raise
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything."""
        self.stop()

    # -- how -------------------------------------------------------------------------------------------------------

    def _start(self, timeout_s: float) -> None:
        until = time.monotonic() + timeout_s
        ports = choose(self._wish.port_names(), usual=self._usual_ports)
        nodes = nats.plan(self.places, self._wish.nodes, ports)
        nats.write_configuration(nodes, nats.passwords(self.places))
        self._described = description.compose(self.places, nodes, ports)
        wanted = programs.programs(self.places, self._wish, nodes, self._described, self._tell)
        supervisor = self._supervise(wanted)

        servers = [program.name for program in wanted if program.rank < SERVICE_RANK]
        self._tell(f"Starting {', '.join(servers)}.")
        self._bring_up(supervisor, servers, until, timeout_s)
        operator = self.credentials("operator")
        nats.create_turns(self.nats_urls, operator, self._wish.nodes, timeout_s=max(1.0, until - time.monotonic()))
        if self._wish.postgres:
            postgres.grant(postgres.passwords(self.places), ports[POSTGRES])
        for service in self._wish.services:
            if service in programs.ROLES:
                self._tell(f"Bringing the tables of {service} up to date.")
                programs.migrate(self.places, self._described, service)
        if self._wish.services:
            self._tell(f"Starting {', '.join(self._wish.services)}.")
            self._bring_up(supervisor, self._wish.services, until, timeout_s)

    def _supervise(self, wanted: list[Program]) -> Supervisor:
        """Start the supervisor over these programs, none of which it starts yet, and write `stack.json`."""
        assert self._described is not None
        password = pass_words(self.places, ("supervisor",))["supervisor"]
        supervisor = Supervisor(socket_place(self.places), password)
        owner = os.getpid() if self._owned else None
        text = configuration(self.places, wanted, supervisor, owner)
        self._child = launch(self.places, text, supervisor)
        self._described |= {
            "pid": self._child.pid,
            "created": created(self._child.pid),
            "owner": owner,
            "supervisor": {"socket": str(supervisor.socket_path), "password": password},
            "programs": [program.name for program in wanted],
        }
        description.write(self.places, self._described)
        return supervisor

    def _bring_up(self, supervisor: Supervisor, names: Iterable[str], until: float, timeout_s: float) -> None:
        for name in names:
            supervisor.start(name)
        for name in names:
            self._wait_for(name, until, timeout_s)

    def _wait_for(self, name: str, until: float, timeout_s: float) -> None:
        pids: set[int] = set()
        while True:
            info = self._supervisor().processes()[name]
            if info["pid"] and programs.ready(name, self.places, self.described):
                return
            pids |= {info["pid"]} - {0}
            deaths = len(pids) - (info["pid"] != 0)
            if info["statename"] == "FATAL" or deaths >= DEATHS:
                raise self._failed(name, "keeps ending")
            if info["statename"] == "STOPPED":
                raise self._failed(name, "is stopped")
            if time.monotonic() > until:
                raise self._failed(name, f"was not ready within {timeout_s:.0f} s")
            time.sleep(0.03)

    def _failed(self, name: str, why: str) -> StackError:
        return StackError(
            f"{name} {why}. Its log ends:\n{tail(self.log(name))}",
            f"The whole log is {self.log(name)}. The usual causes: {self.places.cli('doctor')}",
        )

    def _supervisor(self) -> Supervisor:
        found = self.described["supervisor"]
        return Supervisor(Path(found["socket"]), found["password"])

    def _end(self) -> None:
        endings.end_all(self.places)
        if self._child is not None:
            self._child.wait()
            self._child = None
        self._described = None


def attach(directory: Path | str = DEFAULT_DIRECTORY) -> LocalStack:
    """The stack that somebody else has started in this directory.

    Raises NotRunning where there is none.
    """
    stack = LocalStack(directory)
    stack._described = description.running(stack.places)  # noqa: SLF001 -- the other way to make one
    _ = stack.described
    return stack
