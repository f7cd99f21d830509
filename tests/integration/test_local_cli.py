"""`landbuch up`, `down` and `doctor`."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from landbuch.local import ports, postgres_place
from landbuch.local.places import Places
from landbuch.local.stack import attach
from tests.integration.local_stacks import PROGRAM, application, kill_supervisor, processes, small


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    """A directory for a stack; whatever a failed test leaves running there is ended."""
    yield tmp_path / "stack"
    CliRunner().invoke(application(), ["down", "--dir", str(tmp_path / "stack")])
    postgres_place.delete_outside(Places.below(tmp_path / "stack"))


@contextmanager
def landbuch_up(directory: Path) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """`landbuch up` in the foreground, and what it printed until everything ran."""
    up = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "up", "--services", "none", "--dir", directory],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert up.stdout is not None
    printed: list[str] = []
    try:
        for line in up.stdout:
            printed.append(line)
            if "Stop with Ctrl-C" in line:
                break
        yield up, printed
    finally:
        up.kill()
        up.wait()
        up.stdout.close()


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything(directory: Path, by: signal.Signals) -> None:
    with landbuch_up(directory) as (up, printed):
        assert {"Everything runs:\n"} < set(printed), printed
        assert re.search(r"nats +nats://127\.0\.0\.1:\d+", "".join(printed))
        os.killpg(up.pid, by)  # as a terminal does: to the whole group
        assert up.wait(30) == 0
        assert up.stdout is not None
        assert up.stdout.read().endswith("Stopped; nothing is left running.\n")
    assert processes(directory) == []


def test_up_reports_what_comes_back_and_ends_when_it_is_stopped_from_elsewhere(directory: Path) -> None:
    with landbuch_up(directory) as (up, _):
        stack = attach(directory)
        time.sleep(1)
        stack.wait_replaced("issuer", stack.kill("issuer"))
        assert up.stdout is not None
        assert up.stdout.readline().startswith("issuer had ended and was started again.")
        again = subprocess.run(
            [sys.executable, "-c", PROGRAM, "up", "--dir", directory], capture_output=True, text=True, check=True
        ).stdout
        assert f"A stack runs in {directory} already.\n" in again
        assert stack.nats_url in again
        assert CliRunner().invoke(application(), ["down", "--dir", str(directory)]).exit_code == 0
        assert up.stdout.read() == "The stack was stopped from elsewhere.\n"
        assert up.wait(10) == 0
    assert processes(directory) == []


def test_detached_it_outlives_the_command_and_down_stops_it(directory: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, "up", "--detach", "--services", "none", "--dir", str(directory)]
    subprocess.run(command, check=True, capture_output=True)
    stack = attach(directory)
    assert "lifeline" not in (stack.places.run / "supervisor.conf").read_text()  # it has no owner to miss
    assert stack.token("p-7f3a")
    said = CliRunner().invoke(application(), ["down", "--dir", str(directory)])
    assert (said.exit_code, "nothing is left running" in said.output) == (0, True)
    assert processes(directory) == []
    said = CliRunner().invoke(application(), ["down", "--dir", str(directory)])
    assert (said.exit_code, said.output) == (0, f"No stack runs in {directory}.\n")


def diagnosis(directory: Path) -> tuple[int, dict[str, dict[str, str]]]:
    """Exit status and findings of `landbuch doctor`, by what they are about."""
    said = CliRunner().invoke(application(), ["doctor", "--format", "json", "--dir", str(directory)])
    return said.exit_code, {finding["about"]: finding for finding in json.loads(said.output)}


def test_the_doctor_sees_what_runs_and_what_does_not(directory: Path) -> None:
    _, found = diagnosis(directory)
    assert found["stack"]["verdict"] == "ok"
    assert found["stack"]["found"].startswith("does not run")
    with small(directory) as stack:
        time.sleep(1.1)
        _, found = diagnosis(directory)
        assert {found[name]["verdict"] for name in ("nats", "issuer", "secrets", "clock of nats")} == {"ok"}
        stack.stop_program("issuer")
        (directory / "secrets.json").chmod(0o644)
        status, found = diagnosis(directory)
        assert status == 1
        assert {found[name]["verdict"] for name in ("issuer", "secrets")} == {"fail"}
        assert found["secrets"]["remedy"] == f"chmod 600 {directory / 'secrets.json'}"


def test_the_doctor_tells_of_taken_ports_and_forgotten_processes(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server((ports.LOOPBACK, 0)) as taken:
        monkeypatch.setattr("landbuch.local.doctor.USUAL", {"nats": taken.getsockname()[1]})
        _, found = diagnosis(directory)
        assert found["ports"]["verdict"] == "warn"
    stack = small(directory)
    stack.start()
    kill_supervisor(stack)
    status, found = diagnosis(directory)
    assert (status, found["stack"]["verdict"]) == (1, "fail")
    assert "landbuch down" in found["stack"]["remedy"]


def test_a_format_that_does_not_exist_is_a_usage_error(directory: Path) -> None:
    assert CliRunner().invoke(application(), ["doctor", "--format", "xml", "--dir", str(directory)]).exit_code == 2
