"""A stream whose configuration differs from the law: nobody writes into it, and it is said what differs.

No user of the stack may change a stream. So the loosening is done by an administrator whom only this file's own NATS
configuration knows.
"""

from __future__ import annotations

import json
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import nats
import pytest
from nats.aio.client import Client

from landbuch.contracts.vocabulary import CANTONS
from landbuch.local.stack import LocalStack
from landbuch.sdk.book.setup import law
from landbuch.sdk.book.wire import ask
from landbuch.sdk.host.problems import Problem
from tests.doors import Answer, head_of
from tests.hosts import ADMINISTRATOR, Running, eventually, hosted, information, opened
from tests.integration.bad_input.explained import demand_explained

LOOSE, SOUND = "ZG", "ZH"
CANTON_NAMES = iter(sorted(CANTONS - {LOOSE, SOUND}))
PASSWORD = "of-this-file-alone"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """Give NATS, with an administrator of streams, and the token issuer; services run in the test's process."""
    directory = tmp_path_factory.mktemp("streams") / "stack"
    with LocalStack(directory, services=(), postgres=False, keep=False) as running:
        admit_administrator(running.places.nats / "nats" / "nats-server.conf")
        running.kill("nats", signal.SIGHUP)
        yield running


def admit_administrator(configuration: Path) -> None:
    """Write a user into the account of the books, who may do everything there."""
    settings = json.loads(configuration.read_text())
    settings["accounts"]["BOOKS"]["users"] = [{"user": "administrator", "password": PASSWORD}]
    configuration.write_text(json.dumps(settings))


@asynccontextmanager
async def administering(stack: LocalStack) -> AsyncIterator[Client]:
    """Connect as the administrator of streams, as soon as the server knows one."""
    found: list[Client] = []

    async def quiet(_error: Exception) -> None: ...

    async def known() -> bool:
        try:
            found.append(await nats.connect(stack.nats_url, user="administrator", password=PASSWORD, error_cb=quiet))
        except nats.errors.Error:
            return False
        return True

    await eventually(known)
    try:
        yield found[0]
    finally:
        await found[0].close()


@pytest.fixture
async def administrator(stack: LocalStack) -> AsyncIterator[Client]:
    """Give the administrator's connection."""
    async with administering(stack) as connection:
        yield connection


@pytest.fixture(params=["ledger", "agreements"])
async def service(request: pytest.FixtureRequest, stack: LocalStack) -> AsyncIterator[Running]:
    """Give each service in turn; it looks at its streams' configuration several times a second."""
    async with hosted(stack, request.param, inspect_s=0.2) as running:
        yield running


@pytest.fixture
async def sound(stack: LocalStack) -> str:
    """Give the canton of a founded book that stays as it must be."""
    await opened(stack, SOUND)
    if not await head_of(stack, SOUND):
        await founded(stack, SOUND)
    return SOUND


def order(service: Running, number: int) -> tuple[str, dict[str, Any]]:
    """A command that each service takes, if the book is founded."""
    if service.host.service == "ledger":
        return "RecordInformation", information(f"Number {number}.")
    return "RegisterPartner", {"partner": f"P-{number}", "kind": "ngo", "name": "Verein"}


async def through_both_doors(service: Running, canton: str, number: int) -> list[Answer]:
    """Send a command over HTTP and another one over NATS."""
    name, data = order(service, number)
    over_http = await service.post(canton, name, data)
    name, data = order(service, number + 1)
    over_nats = await service.ask(canton, name, data)
    return [Answer(over_http.json(), over_http.status_code, over_http.headers), Answer(over_nats)]


async def founded(stack: LocalStack, *cantons: str) -> None:
    """Open and found books, whose only acting person may do everything that is asked here."""
    await opened(stack, *cantons)
    async with hosted(stack, "ledger") as ledger:
        for canton in cantons:
            await ledger.found(canton)
            proposal = await ledger.ask(canton, "GrantRole", {"person": ADMINISTRATOR, "role": "clerk"})
            confirmation = {"proposal": proposal["position"]}
            answer = await ledger.ask(canton, "ConfirmAct", confirmation, token=ledger.token("p-8b2c"))
            assert answer["outcome"] == "accepted", answer


async def change(administrator: Client, canton: str, **changes: object) -> None:
    """Give a stream other settings, as nobody who runs a stack can."""
    await ask(administrator, f"STREAM.UPDATE.BOOK-{canton}", law(canton, 1) | changes)


LOOSENED: dict[str, dict[str, Any]] = {
    "entries are dropped when they are old": {"max_age": 3_600 * 10**9},
    "the oldest entries are dropped": {"discard": "old", "max_msgs": 1_000},
    "a full book refuses new entries": {"max_bytes": 10**9},
    "one entry per subject is kept": {"max_msgs_per_subject": 100},
    "entries are sent on": {"republish": {"src": ">", "dest": "copied.>"}},
    "no replica can be read": {"allow_direct": False},
    "a message may be larger": {"max_msg_size": 2 * 1024 * 1024},
}


async def test_a_stream_that_is_loosened_in_the_middle_is_not_written_to_until_it_is_set_right(
    stack: LocalStack, administrator: Client, service: Running
) -> None:
    loosened = {next(CANTON_NAMES): changes for changes in LOOSENED.values()}
    await founded(stack, *loosened)
    for canton in loosened:
        assert [answer.accepted for answer in await through_both_doors(service, canton, 1)] == [True, True]

    for canton, changes in loosened.items():
        await change(administrator, canton, **changes)
    books = partial(wrong_in, service)
    await eventually(lambda: books() >= loosened.keys())
    before = {canton: await head_of(stack, canton) for canton in loosened}
    for canton, changes in loosened.items():
        for answer in await through_both_doors(service, canton, 3):
            demand_explained(answer, Problem.STREAM_DIFFERS)
            assert next(iter(changes)) in answer.body["detail"]
        assert await head_of(stack, canton) == before[canton]

    for canton in loosened:
        await change(administrator, canton)
    await eventually(lambda: not books())
    for canton in loosened:
        positions = [answer.body.get("position") for answer in await through_both_doors(service, canton, 5)]
        assert positions == [before[canton] + 1, before[canton] + 2]


def wrong_in(service: Running) -> set[str]:
    """Name the books that a service says it may not write to because of their stream."""
    books = service.host.readiness()["books"]
    return {canton for canton, book in books.items() if book.get("wrong") == Problem.STREAM_DIFFERS}


FROM_THE_START: dict[str, dict[str, Any]] = {
    "entries can be deleted": {"deny_delete": False},
    "the book can be emptied": {"deny_purge": False},
    "a message can replace those before it": {"allow_rollup_hdrs": True, "deny_purge": False},
    "entries do not survive a restart": {"storage": "memory"},
    "entries are dropped once they are read": {"retention": "interest"},
}


@pytest.mark.parametrize("changes", FROM_THE_START.values(), ids=FROM_THE_START)
async def test_a_stream_that_was_made_too_loose_is_never_written_to(
    stack: LocalStack, administrator: Client, service: Running, sound: str, changes: dict[str, Any]
) -> None:
    await ask(administrator, f"STREAM.CREATE.BOOK-{LOOSE}", law(LOOSE, 1) | changes)
    try:
        for answer in await through_both_doors(service, LOOSE, 1):
            demand_explained(answer, Problem.STREAM_DIFFERS)
            assert next(iter(changes)) in answer.body["detail"]
        assert await head_of(stack, LOOSE) == 0
        before = await head_of(stack, sound)
        assert [answer.accepted for answer in await through_both_doors(service, sound, before)] == [True, True]
    finally:
        await ask(administrator, f"STREAM.DELETE.BOOK-{LOOSE}")


async def test_a_stream_that_takes_a_part_of_a_book_keeps_nobody_from_the_other_books(
    administrator: Client, service: Running, sound: str
) -> None:
    part = law(LOOSE, 1) | {"subjects": [f"book.{LOOSE}.KIP3.>"]}
    await ask(administrator, f"STREAM.CREATE.BOOK-{LOOSE}", part)
    try:
        await eventually(lambda: not service.host.readiness()["ready"])
        for answer in await through_both_doors(service, LOOSE, 1):
            demand_explained(answer, Problem.STREAM_DIFFERS)
            assert f"book.{LOOSE}.KIP3.>" in answer.body["detail"]
        before = await head_of_stream(administrator, sound)
        assert [answer.accepted for answer in await through_both_doors(service, sound, before)] == [True, True]
    finally:
        await ask(administrator, f"STREAM.DELETE.BOOK-{LOOSE}")
    await eventually(lambda: service.host.readiness()["ready"])


async def head_of_stream(administrator: Client, canton: str) -> int:
    """Ask for the last position of a book, whatever other streams there are."""
    return int((await ask(administrator, f"STREAM.INFO.BOOK-{canton}"))["state"]["last_seq"])
