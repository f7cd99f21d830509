"""The subscribers that strangers copy, in Python and in JavaScript, against the local stack as the user ``reader``."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import nats
import pytest
from nats.aio.client import Client

from landbuch.contracts.entry import Entry, leaf_of
from landbuch.contracts.figures import headline, total
from landbuch.contracts.money import chf, parse_chf
from landbuch.contracts.state import BookState
from landbuch.local.stack import LocalStack
from landbuch.sdk.book.api import BEGINNING, Mark
from landbuch.sdk.book.jetstream import JetStreamBook
from landbuch.sdk.book.setup import open_book
from tests.integration.local_stacks import eventually, small
from tests.javascript import FOLDER, installed
from tests.told_books import told_history, unknown_event

SEEN_S = 20.0
CANTONS = iter(("ZH", "BE", "LU", "UR", "SZ", "OW", "NW", "GL", "ZG", "FR", "SO", "BS", "SH", "AR", "AI", "SG", "GR"))
LANGUAGES: dict[str, Callable[[], list[str]]] = {
    "python": lambda: [sys.executable, str(FOLDER / "subscriber.py")],
    "javascript": lambda: ["node", str(installed() / "subscriber.mjs")],
}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    with small(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.fixture(params=LANGUAGES)
def program(request: pytest.FixtureRequest) -> list[str]:
    return LANGUAGES[request.param]()


@pytest.fixture
def book(stack: LocalStack) -> Book:
    book = Book(stack, next(CANTONS))
    asyncio.run(book.open())
    return book


@dataclass
class Book:
    """A canton's book that this test writes, and what a subscriber must print of it."""

    stack: LocalStack
    canton: str
    known: Mark = BEGINNING.mark
    lines: list[str] = field(default_factory=list)

    async def open(self) -> None:
        nc = await self._connected("operator")
        await open_book(nc, self.canton, 1)
        await nc.close()

    def promise(self, how_many: int) -> None:
        """Write so many events that each commit an amount of its own, one after the other."""
        asyncio.run(self._append("ledger", [self._promise() for _ in range(how_many)]))

    def write(self, entries: Iterable[Entry]) -> None:
        """Write entries as the services whose subjects they have."""
        for entry in entries:
            asyncio.run(self._append(entry.subject.split(".")[3], [entry]))
            self._behind(entry)

    def _promise(self) -> Entry:
        name, amount = f"A-{self.known.position + 1}", 100_000_000 + self.known.position
        lines = [(f"credit:open:SP:canton:{name}", amount), ("credit:available:SP:canton", -amount)]
        entry = unknown_event(self.known, lines, self.canton)
        self._behind(entry)
        self.lines.append(f"{self.known.position} 2026-11-22 KIP3 {name} {chf(amount)}")
        return entry

    def _behind(self, entry: Entry) -> None:
        self.known = Mark(self.known.position + 1, leaf_of(entry).hex())

    async def _append(self, user: str, entries: Sequence[Entry]) -> None:
        nc = await self._connected(user)
        book = JetStreamBook(nc, self.canton)
        head = await book.head()
        for position, entry in enumerate(entries, start=head):
            await book.append([entry], position)
        await nc.close()

    async def _connected(self, user: str) -> Client:
        who = self.stack.credentials(user)
        return await nats.connect(
            self.stack.nats_urls, user=who.user, password=who.password, inbox_prefix=who.inbox_prefix.encode()
        )


class Subscriber:
    """One subscriber and all that it ever printed, however often it is started."""

    def __init__(self, program: list[str], book: Book, directory: Path) -> None:
        self.memory = directory / "position.json"
        self._program, self._book = program, book
        self._out, self._err = directory / "out", directory / "err"
        self.child: subprocess.Popen[bytes] | None = None

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        """Start it where its memory stands; end it by −9."""
        reader = self._book.stack.credentials("reader")
        place = {"URL": self._book.stack.nats_url, "USER": reader.user, "PASSWORD": reader.password}
        environment = os.environ | {f"LANDBUCH_NATS_{name}": value for name, value in place.items()}
        with self._out.open("ab") as out, self._err.open("ab") as err:
            child = subprocess.Popen(
                [*self._program, self._book.canton, str(self.memory)], env=environment, stdout=out, stderr=err
            )
        try:
            yield child
        finally:
            child.kill()
            child.wait(20)

    @property
    def lines(self) -> list[str]:
        """What it printed, without a last line that is half written."""
        return self._out.read_text("utf-8").rpartition("\n")[0].splitlines()

    @property
    def complaint(self) -> str:
        """What it wrote to standard error."""
        return self._err.read_text("utf-8")

    def knows(self, known: Mark) -> bool:
        """Whether it remembers exactly this place."""
        return self.memory.exists() and Mark(**json.loads(self.memory.read_text())) == known

    def read_all(self) -> None:
        """Wait until it has read all that stands in the book."""
        assert eventually(lambda: self.knows(self._book.known), timeout_s=SEEN_S), self.complaint


def test_past_and_new_events_are_printed_in_order_once_each(program: list[str], book: Book, tmp_path: Path) -> None:
    book.promise(30)
    subscriber = Subscriber(program, book, tmp_path)
    with subscriber.running():
        subscriber.read_all()
        assert subscriber.lines == book.lines
        for _ in range(5):
            book.promise(4)
        subscriber.read_all()
    assert subscriber.lines == book.lines
    assert len(book.lines) == 50


def test_a_subscriber_goes_on_where_it_stopped(program: list[str], book: Book, tmp_path: Path) -> None:
    subscriber = Subscriber(program, book, tmp_path)
    for _ in range(3):
        book.promise(7)
        with subscriber.running():
            subscriber.read_all()
    assert subscriber.lines == book.lines
    assert len(book.lines) == 21


def test_a_subscriber_in_another_language_takes_over(book: Book, tmp_path: Path) -> None:
    for language in (*LANGUAGES, *LANGUAGES):
        book.promise(3)
        subscriber = Subscriber(LANGUAGES[language](), book, tmp_path)
        with subscriber.running():
            subscriber.read_all()
        assert subscriber.lines == book.lines


def test_a_kill_in_the_middle_loses_nothing_and_repeats_one_line_at_most(
    program: list[str], book: Book, tmp_path: Path
) -> None:
    book.promise(1_500)
    subscriber = Subscriber(program, book, tmp_path)
    with subscriber.running():
        assert eventually(lambda: len(subscriber.lines) > 20, timeout_s=SEEN_S), subscriber.complaint
    assert not subscriber.knows(book.known), "it was killed too late to prove anything"
    with subscriber.running():
        subscriber.read_all()
    assert list(dict.fromkeys(subscriber.lines)) == book.lines
    assert len(subscriber.lines) <= len(book.lines) + 1


def test_a_restart_of_nats_loses_nothing(program: list[str], book: Book, tmp_path: Path) -> None:
    book.promise(5)
    subscriber = Subscriber(program, book, tmp_path)
    with subscriber.running() as child:
        subscriber.read_all()
        book.stack.kill("nats")
        book.stack.wait_ready("nats")
        book.promise(5)
        subscriber.read_all()
        assert child.poll() is None
    assert subscriber.lines == book.lines


def test_an_outage_of_nats_is_waited_out(program: list[str], book: Book, tmp_path: Path) -> None:
    book.promise(5)
    subscriber = Subscriber(program, book, tmp_path)
    with subscriber.running() as child:
        subscriber.read_all()
        book.stack.stop_program("nats")
        assert not eventually(lambda: child.poll() is not None, timeout_s=6)
        book.stack.start_program("nats")
        book.stack.wait_ready("nats")
        book.promise(5)
        subscriber.read_all()
    assert subscriber.lines == book.lines


@pytest.fixture(scope="module")
def told(stack: LocalStack) -> tuple[Book, BookState]:
    """The history of Basel-Landschaft in a book, and the state that it folds to."""
    entries, state = told_history("BL")
    book = Book(stack, "BL")
    asyncio.run(book.open())
    book.write(entries)
    return book, state


def test_what_is_printed_of_a_history_adds_up_to_its_balances(
    program: list[str], told: tuple[Book, BookState], tmp_path: Path
) -> None:
    book, state = told
    subscriber = Subscriber(program, book, tmp_path)
    with subscriber.running():
        subscriber.read_all()
    printed: Counter[str] = Counter()
    for line in subscriber.lines:
        _, _, phase, _, amount = line.split()
        printed[phase] += parse_chf(amount)
    phases = {phase for phase, _ in state.balances}
    booked = {phase: total(headline(dict(state.accounts(phase, "")))).committed for phase in phases}
    assert printed == {phase: amount for phase, amount in booked.items() if amount}
    assert printed


def test_void_entries_are_passed_over(program: list[str], book: Book, tmp_path: Path) -> None:
    book.promise(2)
    subject, payload = _next(book)
    book.write(
        [
            Entry(subject, b"rubbish"),
            Entry(subject, payload),  # says the position of the rubbish
            Entry(_next(book)[0].replace("SomethingNewer", "Other"), _next(book)[1]),
        ]
    )
    book.promise(2)
    subscriber = Subscriber(program, book, tmp_path)
    with subscriber.running():
        subscriber.read_all()
    assert subscriber.lines == book.lines
    assert [int(line.split()[0]) for line in book.lines] == [1, 2, 6, 7]


def _next(book: Book) -> tuple[str, bytes]:
    entry = unknown_event(book.known, [("credit:open:SP:canton:A-9", 1), ("credit:available:SP:canton", -1)])
    return entry.subject.replace("BL", book.canton), entry.payload.replace(b"BL", book.canton.encode())


def test_a_broken_chain_stops_the_subscriber(program: list[str], book: Book, tmp_path: Path) -> None:
    book.promise(3)
    lost = book.known
    book.promise(1)
    book.known, honest = Mark(4, lost.leaf), book.lines
    book.promise(1)
    subscriber = Subscriber(program, book, tmp_path)
    with subscriber.running() as child:
        assert child.wait(SEEN_S) != 0
    assert "position 5" in subscriber.complaint
    assert subscriber.lines == honest[: len(subscriber.lines)]
    assert len(subscriber.lines) < 5


def test_the_guide_finds_the_stack(stack: LocalStack, tmp_path: Path) -> None:
    (_, block, _) = re.split(r"```(?:sh\n)?", (FOLDER / "README.md").read_text("utf-8"))
    (tmp_path / "var").symlink_to(stack.places.root)
    show = 'printf "%s\\n" "$LANDBUCH_NATS_URL" "$LANDBUCH_NATS_USER" "$LANDBUCH_NATS_PASSWORD"'
    shown = subprocess.run(["sh", "-euc", block + show], cwd=tmp_path, check=True, capture_output=True, text=True)
    reader = stack.credentials("reader")
    assert shown.stdout.split() == [stack.nats_url, reader.user, reader.password]
