"""Where a stack keeps its files, and who may read them.

Everything lies below one directory under names of its own, so that the directory may hold other things too. Secrets
are readable by their owner alone (mode 0600).
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets as randomness
import shlex
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from landbuch.local.errors import StackError

DEFAULT_DIRECTORY = Path("var")
PRIVATE_FILE = 0o600
PRIVATE_DIRECTORY = 0o700
# As root the database server runs as another user, who must pass through the directory but not list it.
PASSABLE_DIRECTORY = 0o711

MARK = "A local Landbuch stack keeps its data here. Stop it with `landbuch down` before you move or delete anything.\n"


@dataclass(frozen=True, slots=True)
class Places:
    """The files of the stack in one directory (`root`, absolute)."""

    root: Path

    @classmethod
    def below(cls, directory: Path | str) -> Places:
        """The places in a directory, which need not exist yet."""
        return cls(Path(directory).expanduser().resolve())

    @property
    def mark(self) -> Path:
        """Says that the names below are ours."""
        return self.root / ".landbuch-stack"

    @property
    def description(self) -> Path:
        """Addresses, users and pass words of the running stack; there is none while nothing runs."""
        return self.root / "stack.json"

    @property
    def secrets(self) -> Path:
        """Pass words that stay the same from run to run."""
        return self.root / "secrets.json"

    @property
    def issuer_key(self) -> Path:
        """The private key of the development token issuer."""
        return self.root / "issuer.pem"

    @property
    def postgres_pointer(self) -> Path:
        """Names the directory of the database where it must lie elsewhere."""
        return self.root / "postgres.place"

    @property
    def logs(self) -> Path:
        """One log per program, rotated."""
        return self.root / "logs"

    @property
    def nats(self) -> Path:
        """Configuration and streams of the NATS servers."""
        return self.root / "nats"

    @property
    def postgres(self) -> Path:
        """The database, where its user can reach it here."""
        return self.root / "postgres"

    @property
    def state(self) -> Path:
        """Small files of the services, one directory each."""
        return self.root / "state"

    @property
    def run(self) -> Path:
        """What lives as long as the supervisor: its configuration, socket and pid."""
        return self.root / "run"

    @property
    def lock(self) -> Path:
        """Held while the stack is being started or stopped."""
        return self.root / "stack.lock"

    def cli(self, subcommand: str) -> str:
        """The command line that does something with this stack, for messages."""
        usual = self.root == DEFAULT_DIRECTORY.resolve()
        return f"landbuch {subcommand}" if usual else f"landbuch {subcommand} --dir {shlex.quote(str(self.root))}"

    def own(self) -> tuple[Path, ...]:
        """Every name in the directory that is the stack's, those that hold data first."""
        directories = (self.postgres, self.nats, self.state, self.logs, self.run)
        files = (self.description, self.secrets, self.issuer_key, self.postgres_pointer, self.lock)
        return (*directories, *files, self.mark)


def prepare(places: Places) -> None:
    """Make the directory and mark it as a stack's.

    Raises StackError where files that look like ours are somebody else's, or where we may not write.
    """
    made = not places.root.exists()
    try:
        places.root.mkdir(parents=True, exist_ok=True)
        if made:
            places.root.chmod(PASSABLE_DIRECTORY if os.geteuid() == 0 else PRIVATE_DIRECTORY)
        if not places.mark.exists():
            foreign = [path.name for path in places.own() if path.exists() and path != places.lock]
            if foreign:
                raise StackError(
                    f"{places.root} holds {', '.join(foreign)}, which no Landbuch stack has put there.",
                    "Choose another directory with --dir.",
                )
            places.mark.write_text(MARK)
        for directory in (places.logs, places.nats, places.state, places.run):
            directory.mkdir(mode=PRIVATE_DIRECTORY, exist_ok=True)
    except PermissionError as error:
        raise StackError(
            f"{error.filename} cannot be written by this user (uid {os.geteuid()}).",
            "Use the user who started this stack first, or choose another directory with --dir.",
        ) from error


def write_private(path: Path, content: str) -> None:
    """Write a file that its owner alone can read; whoever reads meanwhile sees the old content or the new one."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def private_log(path: Path) -> IO[bytes]:
    """A log opened for appending, which its owner alone can read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, PRIVATE_FILE), "ab")


def read_json(path: Path) -> dict[str, Any] | None:
    """The object in a JSON file, or None where there is no such file.

    Raises StackError where the file is unreadable or damaged.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise StackError(f"{path} may not be read by this user.", "Use the user who started this stack.") from error
    except ValueError as error:
        raise StackError(f"{path} is damaged: {error}.", f"Delete {path} and try again.") from error
    if not isinstance(content, dict):
        raise StackError(f"{path} is damaged: it holds no JSON object.", f"Delete {path} and try again.")
    return content


def pass_words(places: Places, names: tuple[str, ...]) -> dict[str, str]:
    """The stack's pass words by name, random, made at the first run and kept for the next ones.

    Hexadecimal: no configuration file, URL or shell needs to quote them.
    """
    kept = read_json(places.secrets) or {}
    wanted = {name: str(kept.get(name) or randomness.token_hex(24)) for name in names}
    if wanted.items() - kept.items():
        write_private(places.secrets, json.dumps(kept | wanted, indent=2) + "\n")
    return wanted


@contextlib.contextmanager
def locked(places: Places, *, wait_s: float = 0) -> Iterator[None]:
    """Keep others from starting or stopping the stack in this directory meanwhile.

    Raises StackError where somebody else is still doing so after the time.
    """
    until = time.monotonic() + wait_s
    with places.lock.open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() >= until:
                    raise StackError(
                        f"Another process is starting or stopping the stack in {places.root}.",
                        "Wait until it is done, then try again.",
                    ) from error
                time.sleep(0.05)
            else:
                break
        yield


def delete_all(places: Places) -> None:
    """Delete every file of a stopped stack, and the directory where nothing else is in it.

    Leaves a directory alone that bears no mark of ours.
    """
    if not places.mark.exists():
        return
    for path in places.own():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # somebody else's files are in it: it stays
        places.root.rmdir()


def tail(path: Path, lines: int = 15) -> str:
    """The last lines of a log, or a sentence that there are none."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 64 * 1024))
            last = file.read().decode("utf-8", "replace").splitlines()[-lines:]
    except OSError:
        last = []
    return "\n".join(last) or "(its log is empty)"
