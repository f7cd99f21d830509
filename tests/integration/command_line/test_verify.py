"""``landbuch verify`` on real servers: good books, streams that somebody tampered with, rubbish, and wrong figures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from landbuch.contracts.entry import Entry
from landbuch.local.stack import LocalStack
from landbuch.sdk.book.jetstream import JetStreamBook
from landbuch.sdk.book.setup import law, open_book
from landbuch.sdk.book.wire import ask
from tests.command_line import CommandLine
from tests.servers import Nats, nats_wheel
from tests.tampered_books import (
    Author,
    flipped,
    history,
    rewritten,
    swapped,
    with_wrong_predecessor,
    without,
)

LENGTH = len(history())


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Nats]:
    """A server of the test's own, on which a stream can be built as somebody might leave it."""
    with nats_wheel(tmp_path / "elsewhere") as server:
        yield server


def store(server: Nats, entries: Sequence[Entry], **loosened: object) -> None:
    """Write entries into a book of BL, each as the service under whose name it stands; its settings may differ."""

    async def stored() -> None:
        operator = await server.connect("operator")
        if loosened:
            await ask(operator, "STREAM.CREATE.BOOK-BL", {**law("BL", 1), **loosened})
        else:
            await open_book(operator, "BL", 1)
        await operator.close()
        writers = {name: await server.connect(name) for name in ("ledger", "agreements")}
        for position, entry in enumerate(entries):
            writer = writers[entry.subject.split(".")[3]]
            await JetStreamBook(writer, "BL").append([entry], position)
        for writer in writers.values():
            await writer.close()

    asyncio.run(stored())


def pointed_at(run: CommandLine, server: Nats) -> tuple[str, ...]:
    """Give the options that let `verify` read the book from a server, as its reader."""
    reader = server.credentials("reader")
    assert reader is not None
    run.environment(nats_user=reader.user, nats_password=reader.password)
    return "--nats-url", server.url


# -- the stream alone -----------------------------------------------------------------------------------------------


def test_a_good_book_is_all_well(run: CommandLine, elsewhere: Nats) -> None:
    store(elsewhere, history())
    options = pointed_at(run, elsewhere)
    code, told = run.json("verify", "BL", "--no-copy", *options)
    assert (code, told["entries"], told["findings"], told["copy"]) == (0, LENGTH, [], None)
    code, out, _ = run("verify", "BL", "--no-copy", "--format", "table", *options)
    assert (code, "All well, as far as the stream alone can show" in out) == (0, True)


DAMAGE: dict[str, tuple[Callable[[Sequence[Entry]], list[Entry]], str]] = {
    "flipped byte": (lambda entries: flipped(entries, 20, 500), "position 20"),
    "removed event": (lambda entries: without(entries, 20), "At position 20 an event is missing"),
    "swapped pair": (lambda entries: swapped(entries, 20), "positions 20 and 21 stand in each other's place"),
    "wrong predecessor": (
        lambda entries: with_wrong_predecessor(entries, 20),
        "The event at position 20 was not written on top of the event at position 19",
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_found_with_a_plain_sentence(run: CommandLine, elsewhere: Nats, damage: str) -> None:
    tamper, sentence = DAMAGE[damage]
    store(elsewhere, tamper(history()))
    code, out, err = run("verify", "BL", "--no-copy", "--format", "table", *pointed_at(run, elsewhere))
    assert (code, err) == (3, "")
    assert sentence in out
    assert "Stop writing to this book, keep everything as it is, and restore it from the ledger's copy." in out
    assert "This book cannot be relied on as it stands." in out


def test_rubbish_is_listed_and_the_book_goes_on(run: CommandLine, elsewhere: Nats) -> None:
    author = Author(history())
    author.rubbish(Entry("book.BL.KIP3.ledger.CreditDecided", b"rubbish"))
    author.tell()
    author.rubbish(author.next_event(lambda value: value["data"].update(lines=[["credit:available:SP:canton", 100]])))
    author.tell()
    author.rubbish(Entry("book.BL._.agreements.InformationRecorded", author.next_event().payload))
    author.tell()
    store(elsewhere, author.entries)
    code, told = run.json("verify", "BL", "--no-copy", *pointed_at(run, elsewhere))
    assert (code, told["entries"], told["events"], told["void"]) == (1, LENGTH + 6, LENGTH + 3, 3)
    assert [(found["position"], found["code"]) for found in told["findings"]] == [
        (LENGTH + 1, "not_canonical"),
        (LENGTH + 3, "unbalanced"),
        (LENGTH + 5, "foreign_subject"),
    ]


def test_a_stream_whose_settings_were_loosened_is_told(run: CommandLine, elsewhere: Nats) -> None:
    store(elsewhere, history()[:5], deny_delete=False)
    code, told = run.json("verify", "BL", "--no-copy", *pointed_at(run, elsewhere))
    assert (code, told["findings"][0]["check"]) == (1, "settings")
    assert "single entries could be deleted" in told["findings"][0]["sentence"]


def test_a_deleted_event_leaves_a_hole_that_is_found(run: CommandLine, elsewhere: Nats) -> None:
    store(elsewhere, history()[:9], max_msgs_per_subject=1, discard="old")
    code, told = run.json("verify", "BL", "--no-copy", *pointed_at(run, elsewhere))
    assert (code, told["corrupt_at"]) == (3, 1)
    assert "The event at position 1 is missing from the stream" in told["findings"][-1]["sentence"]


def test_a_book_that_is_not_there_is_a_usage_error(run: CommandLine, elsewhere: Nats) -> None:
    code, out, err = run("verify", "BL", "--no-copy", *pointed_at(run, elsewhere))
    assert (code, out) == (2, "")
    assert err.startswith("There is no book of BL here (there are: none).")


def test_a_user_that_the_server_does_not_know_is_told(run: CommandLine, elsewhere: Nats) -> None:
    run.environment(nats_user="reader", nats_password="wrong")
    code, _, err = run("verify", "BL", "--no-copy", "--nats-url", elsewhere.url)
    assert (code, "does not know the user reader" in err) == (2, True)


# -- with the ledger's copy -----------------------------------------------------------------------------------------


def test_live_replayed_and_copied_roots_are_equal(at: CommandLine, book: list[Entry]) -> None:
    code, told = at.json("verify", "BL")
    assert (code, told["findings"], told["entries"]) == (0, [], len(book))
    assert told["trial_balance"]["shown"] == told["trial_balance"]["replayed"]
    assert (told["copy"]["position"], told["copy"]["root"]) == (len(book), told["root"])
    assert {check["status"] for check in told["checks"]} == {"ok"}
    assert "All well: the book is whole" in at("verify", "BL", "--format", "table")[1]


def dearer(value: dict[str, Any]) -> None:
    value["data"]["statement"] = "Something else."


AGAINST_COPY: dict[str, tuple[Callable[[Sequence[Entry]], list[Entry]], int, str]] = {
    "flipped byte": (lambda entries: flipped(entries, 20, 500), 20, "The event at position 20 was altered"),
    "flipped byte at the end": (
        lambda entries: flipped(entries, len(entries), 500),
        0,
        "was altered after it was written; the ledger's copy shows it.",
    ),
    "removed event": (lambda entries: without(entries, 20), 20, "position 20 is missing from the stream"),
    "swapped pair": (lambda entries: swapped(entries, 20), 20, "positions 20 and 21 stand in each other's place"),
    "chained anew": (lambda entries: rewritten(entries, 25, dearer), 25, "The event at position 25 was altered"),
    "cut off": (lambda entries: list(entries[:-3]), -2, "the end of the stream was lost or cut off"),
}


@pytest.mark.parametrize("damage", AGAINST_COPY)
def test_the_copy_shows_what_was_done(at: CommandLine, elsewhere: Nats, book: list[Entry], damage: str) -> None:
    tamper, position, sentence = AGAINST_COPY[damage]
    store(elsewhere, tamper(book))
    code, told = at.json("verify", "BL", *pointed_at(at, elsewhere))
    (found,) = told["findings"]
    assert (code, told["corrupt_at"]) == (3, position if position > 0 else len(book) + position)
    assert sentence in found["sentence"]


def test_wrong_figures_in_the_ledgers_tables_are_a_difference(at: CommandLine, stack: LocalStack) -> None:
    owner = sa.create_engine(stack.database_url_of("landbuch_owner"))
    shift = (
        "UPDATE ledger.balance SET amount = amount + :by WHERE book = 'BL' AND account = 'credit:available:SP:canton'"
    )
    try:
        with owner.begin() as connection:
            assert connection.execute(sa.text(shift), {"by": 1}).rowcount == 1
        code, told = at.json("verify", "BL")
        assert (code, [found["check"] for found in told["findings"]]) == (1, ["trial"])
        code, out, _ = at("verify", "BL", "--format", "table")
        assert (code, "The ledger's balances at position" in out) == (1, True)
        assert at("verify", "BL", "--no-copy")[0] == 0
    finally:
        with owner.begin() as connection:
            connection.execute(sa.text(shift), {"by": -1})
        owner.dispose()


def test_rubbish_in_a_running_book_is_listed_and_the_services_go_on(at: CommandLine, stack: LocalStack) -> None:
    before = at.json("balance", "GL")[1]["phases"]
    position = int(at.json("book", "head", "GL")[1]["position"])
    append_as_ledger(stack, "GL", Entry("book.GL._.ledger.CreditDecided", b"rubbish"), position)
    code, _, err = at(
        "do", "RecordInformation", "GL", "--actor", "p-b3c9", "--about", "GL", "--topic", "test",
        "--statement", "The book goes on.",
    )  # fmt: skip
    assert (code, err) == (0, "")
    code, told = at.json("verify", "GL")
    assert (code, [(one["position"], one["code"]) for one in told["findings"]]) == (
        1,
        [(position + 1, "not_canonical")],
    )
    assert told["trial_balance"]["shown"] == told["trial_balance"]["replayed"]
    assert at.json("balance", "GL")[1]["phases"] == before
    assert (
        f"The entry at position {position + 1} counts for nothing: its bytes"
        in at("verify", "GL", "--format", "table")[1]
    )


def append_as_ledger(stack: LocalStack, canton: str, entry: Entry, position: int) -> None:
    """Append an entry with the ledger's credentials, as a thief of them could."""

    async def appended() -> None:
        server = Nats("stack", stack.nats_url, stack.credentials)
        nc = await server.connect("ledger")
        await JetStreamBook(nc, canton).append([entry], position)
        await nc.close()

    asyncio.run(appended())
