"""The local stack as a whole: clean start, clean stop, restart of what crashed, nothing left behind."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from landbuch.local import ports, postgres_place, supervision
from landbuch.local.errors import AlreadyRunning, NotRunning, StackError
from landbuch.local.places import Places
from landbuch.local.stack import LocalStack, attach
from tests.integration.local_stacks import (
    IMPORTS,
    OWN_STACK,
    application,
    eventually,
    everything,
    kill_supervisor,
    processes,
    small,
)


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    """A directory for a stack; whatever a failed test leaves running there is ended."""
    yield tmp_path / "stack"
    CliRunner().invoke(application(), ["down", "--dir", str(tmp_path / "stack")])
    postgres_place.delete_outside(Places.below(tmp_path / "stack"))


# -- start and stop -----------------------------------------------------------------------------------------------


def test_everything_starts_quickly_and_nothing_is_left_after_the_end(directory: Path) -> None:
    began = time.monotonic()
    with everything(directory) as stack:
        print(f"NATS, PostgreSQL and the issuer were ready after {time.monotonic() - began:.1f} s")
        assert time.monotonic() - began < 20
        assert sorted(stack.states()) == ["issuer", "nats", "postgres"]
        assert httpx.get(f"{stack.http('issuer')}/health/ready").status_code == 200
        assert len(processes(directory)) >= 4
    assert processes(directory) == []
    assert not stack.places.description.exists()
    with pytest.raises(NotRunning):
        _ = stack.nats_url
    with pytest.raises(NotRunning):
        attach(directory)


def test_it_starts_again_with_the_same_data_and_pass_words(directory: Path) -> None:
    with small(directory) as stack:
        first, token = stack.credentials("ledger"), stack.token("p-7f3a")
        key = httpx.get(f"{stack.http('issuer')}/.well-known/jwks.json").json()
    with small(directory) as stack:
        assert stack.credentials("ledger") == first
        assert httpx.get(f"{stack.http('issuer')}/.well-known/jwks.json").json() == key
        assert stack.token("p-7f3a") != token


def test_what_is_written_down_is_what_runs_and_its_owner_alone_can_read_it(directory: Path) -> None:
    with small(directory) as stack:
        described = json.loads(stack.places.description.read_text())
        assert described == stack.described
        assert described["nats"]["users"]["client"]["password"] == stack.credentials("client").password
        readable = [
            path
            for path in directory.rglob("*")
            if path.stat().st_mode & 0o077 and path.name not in (".landbuch-stack", "stack.lock")
        ]
        assert readable == []


def test_a_second_start_says_that_it_runs_already_and_disturbs_nothing(directory: Path) -> None:
    with small(directory) as stack:
        pid = stack.pid("nats")
        with pytest.raises(AlreadyRunning, match=r"runs in .* already"):
            small(directory).start()
        with pytest.raises(AlreadyRunning), small(directory):
            pass
        assert stack.pid("nats") == pid
        assert attach(directory).pid("nats") == pid


def test_two_stacks_run_side_by_side(directory: Path) -> None:
    with small(directory) as one, small(directory.with_name("other"), keep=False) as other:
        assert set(one.described["ports"].values()) & set(other.described["ports"].values()) == set()


def test_without_keeping_everything_is_deleted_but_what_is_somebody_elses(directory: Path) -> None:
    directory.mkdir()
    (directory / "notes.txt").write_text("mine")
    with everything(directory, keep=False) as stack:
        outside = postgres_place.outside(stack.places)
    assert [path.name for path in directory.iterdir()] == ["notes.txt"]
    assert outside is None or not outside.exists()


def test_files_that_no_stack_has_put_there_are_left_alone(directory: Path) -> None:
    (directory / "logs").mkdir(parents=True)
    with pytest.raises(StackError, match="holds logs, which no Landbuch stack has put there"):
        small(directory).start()
    assert [path.name for path in directory.iterdir()] == ["logs"]


@pytest.mark.parametrize("name", ["with space & ümlaut", "x" * 100])
def test_odd_and_long_directories_work(directory: Path, name: str) -> None:
    with everything(directory / name, keep=False) as stack:
        sock = Path(stack.described["supervisor"]["socket"])
        assert len(os.fsencode(sock)) <= supervision.SOCKET_BYTES
        assert stack.token("p-7f3a")
    assert not sock.exists()
    assert not sock.parent.exists()


def test_a_directory_that_the_supervisor_cannot_name_is_refused(directory: Path) -> None:
    for name in ("semi ;colon", "100%", 'quo"tation'):
        with pytest.raises(StackError, match="cannot hold this"):
            small(directory / name).start()
        assert processes(directory / name) == []


# -- ports ---------------------------------------------------------------------------------------------------------


def test_the_usual_ports_are_taken_where_they_are_free_and_others_where_not(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = ports.choose(("nats", "nats_monitor", "issuer"), usual=False)
    monkeypatch.setattr(ports, "USUAL", free)
    with socket.create_server((ports.LOOPBACK, free["issuer"])), small(directory, usual_ports=True) as stack:
        used = stack.described["ports"]
        assert (used["nats"], used["nats_monitor"]) == (free["nats"], free["nats_monitor"])
        assert used["issuer"] != free["issuer"]


def test_a_program_that_does_not_come_up_is_named_with_the_end_of_its_log_and_nothing_is_left(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = socket.socket()
    taken.bind((ports.LOOPBACK, 0))  # taken, but nobody answers there
    chosen = ports.choose(("nats", "nats_monitor"), usual=False) | {"issuer": taken.getsockname()[1]}
    monkeypatch.setattr("landbuch.local.stack.choose", lambda _, **__: chosen)
    with taken, pytest.raises(StackError, match=r"(?s)issuer keeps ending\. Its log ends:.*address already in use"):
        small(directory).start()
    assert processes(directory) == []
    assert not (directory / "stack.json").exists()


def test_who_is_too_slow_is_named_with_the_time_limit(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("landbuch.local.programs.ready", lambda name, *_: name != "issuer")
    with pytest.raises(StackError, match=r"issuer was not ready within 2 s"):
        small(directory).start(timeout_s=2)
    assert processes(directory) == []


def test_services_that_do_not_exist_are_refused_before_anything_starts(directory: Path) -> None:
    with pytest.raises(StackError, match="There is no service payments"):
        LocalStack(directory, services=("payments",)).start()
    with pytest.raises(StackError, match=r"cannot run landbuch|keeps its tables in PostgreSQL"):
        LocalStack(directory, services=("ledger",), postgres=False).start()
    assert not directory.exists()


# -- crashes -------------------------------------------------------------------------------------------------------


def test_what_crashes_is_started_again(directory: Path) -> None:
    with everything(directory) as stack:
        for name in ("issuer", "nats", "postgres"):
            began = time.monotonic()
            before = stack.kill(name)
            stack.wait_replaced(name, before)
            print(f"{name} was killed and ready again after {time.monotonic() - began:.1f} s")
        stack.wait_ready()
        assert stack.token("p-7f3a")


def test_a_program_that_was_stopped_stays_so_until_it_is_started(directory: Path) -> None:
    with small(directory) as stack:
        stack.stop_program("issuer")
        stack.stop_program("issuer")
        assert stack.states()["issuer"] == "STOPPED"
        with pytest.raises(httpx.ConnectError):
            stack.token("p-7f3a")
        with pytest.raises(StackError, match="issuer is stopped"):
            stack.wait_ready()
        stack.start_program("issuer")
        stack.start_program("issuer")
        stack.wait_ready("issuer")
        assert stack.token("p-7f3a")


def test_what_a_killed_supervisor_leaves_is_found_and_ended_by_the_next_start(directory: Path) -> None:
    told: list[str] = []
    stack = everything(directory)
    stack.start()
    kill_supervisor(stack)
    left = processes(directory)
    assert len(left) >= 3
    with everything(directory, tell=told.append) as again:
        assert set(left) & set(processes(directory)) == set()
        assert again.token("p-7f3a")
    ended = {sentence.split()[1] for sentence in told if sentence.startswith("Ended ")}
    assert ended >= {"nats", "postgres", "issuer"}
    assert processes(directory) == []


def test_down_ends_what_a_killed_supervisor_left(directory: Path) -> None:
    stack = everything(directory)
    stack.start()
    kill_supervisor(stack)
    said = CliRunner().invoke(application(), ["down", "--dir", str(directory)])
    assert said.exit_code == 0, said.output
    assert {f"Ended {name}" in said.output for name in ("nats", "postgres", "issuer")} == {True}
    assert processes(directory) == []


def test_a_stack_ends_when_its_owner_is_killed(directory: Path) -> None:
    program = f"{OWN_STACK}.start(); print('up', flush=True); time.sleep(600)"
    owner = subprocess.Popen(
        [sys.executable, "-c", f"{IMPORTS}\n{program}", directory], stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    assert owner.stdout.readline() == "up\n"
    assert processes(directory)
    owner.kill()
    owner.wait()
    began = time.monotonic()
    assert eventually(lambda: processes(directory) == [], timeout_s=20)
    print(f"the stack had ended {time.monotonic() - began:.1f} s after its owner's death")


def test_a_note_about_a_process_that_is_somebody_elses_by_now_is_not_believed(directory: Path) -> None:
    with small(directory) as stack:
        described = stack.described
    described |= {"pid": os.getpid(), "created": 1.0}
    (directory / "stack.json").write_text(json.dumps(described))
    (directory / "run").mkdir(exist_ok=True)
    (directory / "run" / "supervisor.pid").write_text(f"{os.getpid()}\n")
    with small(directory) as again:
        assert again.token("p-7f3a")


def test_a_damaged_description_is_named(directory: Path) -> None:
    with small(directory):
        pass
    (directory / "stack.json").write_text("{")
    with pytest.raises(StackError, match=r"stack\.json is damaged"):
        small(directory).start()


def test_a_stack_whose_files_were_deleted_under_it_is_ended_by_down(directory: Path) -> None:
    stack = small(directory)
    stack.start()
    subprocess.run(["rm", "-r", directory], check=True)
    assert processes(directory)
    said = CliRunner().invoke(application(), ["down", "--dir", str(directory)])
    assert said.exit_code == 0, said.output
    assert processes(directory) == []


# -- services ------------------------------------------------------------------------------------------------------


def test_services_come_up_on_migrated_tables_and_come_back_when_they_are_killed(directory: Path) -> None:
    with LocalStack(directory) as stack:
        assert sorted(stack.states()) == ["agreements", "issuer", "ledger", "nats", "postgres", "reporting"]
        for service in ("ledger", "agreements", "reporting"):
            began = time.monotonic()
            stack.wait_replaced(service, stack.kill(service))
            print(f"{service} was killed and ready again after {time.monotonic() - began:.1f} s")
        (port,) = ports.choose(["another ledger"], usual=False).values()
        told = stack.environment("ledger", http_port=port)
        assert told["LANDBUCH_HTTP_PORT"] == str(port)
        another = subprocess.Popen([sys.executable, "-m", "landbuch.ledger"], env=told, stderr=subprocess.DEVNULL)
        try:
            assert eventually(lambda: is_ready(f"http://127.0.0.1:{port}"), timeout_s=30)
        finally:
            another.terminate()
            another.wait(20)


def is_ready(address: str) -> bool:
    """Whether a service says that it can be used."""
    try:
        return httpx.get(f"{address}/health/ready").status_code == 200
    except httpx.HTTPError:
        return False


# -- users ---------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.geteuid() != 0, reason="every other test here runs as an ordinary user already")
def test_it_works_for_an_ordinary_user(tmp_path: Path) -> None:
    user = postgres_place.account()
    assert user is not None
    if postgres_place.run_as(user, (sys.executable, "-c", "import landbuch.local.stack")).returncode:
        pytest.skip(f"an ordinary user cannot reach {sys.executable}, so this was not tried")
    home = Path(os.path.realpath("/var/tmp")) / f"landbuch-test-{os.getpid()}"  # noqa: S108 -- made here, by root
    home.mkdir(mode=0o700)
    os.chown(home, user.uid, user.gid)
    program = f"with {OWN_STACK} as stack: print(stack.token('p-7f3a'), sorted(stack.states()))"
    try:
        done = postgres_place.run_as(user, (sys.executable, "-c", f"{IMPORTS}\n{program}", str(home / "stack")))
        assert done.returncode == 0, done.stderr
        assert done.stdout.endswith("['issuer', 'nats', 'postgres']\n")
    finally:
        subprocess.run(["rm", "-r", home], check=True)
    assert tmp_path.exists()
