"""A service when its surroundings fail: it stays up, says what is wrong, and loses nothing."""

from __future__ import annotations

import asyncio
import json
import signal
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from nats.aio.msg import Msg

from landbuch.contracts.merkle import EMPTY_ROOT
from landbuch.local.stack import LocalStack
from landbuch.sdk.book.setup import law
from landbuch.sdk.book.wire import ask
from landbuch.sdk.clock import system_clock
from landbuch.sdk.host.host import Host
from tests.hosts import (
    ADMINISTRATOR,
    DESKS,
    Running,
    configuration,
    connected,
    entries,
    eventually,
    hosted,
    information,
    opened,
)

BOOK = "BL"


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[LocalStack]:
    with LocalStack(tmp_path / "stack", services=(), postgres=False) as running:
        yield running


async def test_nats_away_at_the_start_is_waited_for(stack: LocalStack) -> None:
    await opened(stack, BOOK)
    token = stack.token(ADMINISTRATOR)
    stack.stop_program("nats")
    host = Host(DESKS["ledger"], configuration(stack, "ledger"))
    await host.start()
    try:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=host.app), base_url="http://service") as http:
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid.uuid4())}
            data = {"administrators": [ADMINISTRATOR, "p-8b2c"]}
            early = await http.post(f"/v1/{BOOK}/commands/FoundBook", json={"data": data}, headers=headers, timeout=20)
            ready = await http.get("/health/ready")
            assert (await http.get("/health/live")).status_code == 200
            stack.start_program("nats")
            await eventually(lambda: host.readiness()["ready"] and BOOK in host.books.workers)
            late = await http.post(f"/v1/{BOOK}/commands/FoundBook", json={"data": data}, headers=headers, timeout=20)
    finally:
        await host.stop()
    assert (early.status_code, early.json()["code"]) == (503, "unavailable")
    assert early.headers["retry-after"] == "1"
    assert (ready.status_code, ready.json()["ready"]) == (503, False)
    assert late.status_code == 201


async def test_nats_away_in_the_middle_loses_nothing_and_writes_nothing_twice(stack: LocalStack) -> None:
    await opened(stack, BOOK)
    async with hosted(stack, patience_s=0.3) as ledger:
        await ledger.found(BOOK)
        ids = [str(uuid.uuid4()) for _ in range(60)]
        answers: dict[str, dict[str, Any]] = {}
        codes: Counter[str] = Counter()

        async def send(known: str) -> None:
            """Send a command until it is answered for good, as every client should."""
            until = time.monotonic() + 40
            while time.monotonic() < until:
                answer = await ledger.post(BOOK, "RecordInformation", information(known), token=token, commandid=known)
                codes[answer.json().get("code", "accepted")] += 1
                if answer.status_code == 201:
                    answers[known] = answer.json()
                    return
                assert answer.status_code == 503, answer.json()
                await asyncio.sleep(0.1)

        token = ledger.token()
        sending = asyncio.gather(*(send(known) for known in ids[:30]))
        await asyncio.sleep(0.02)
        stack.kill("nats", signal.SIGSTOP)  # it hears nothing and says nothing
        during = asyncio.gather(*(send(known) for known in ids[30:]))
        await asyncio.sleep(1.0)
        killed = stack.kill("nats")
        await asyncio.to_thread(stack.wait_replaced, "nats", killed)
        await asyncio.gather(sending, during)
    stored = await entries(stack, BOOK)
    print(f"answers: {dict(codes)}")
    assert codes["unavailable"] + codes["outcome_unknown"] > 0
    assert set(answers) == set(ids)
    written = Counter(one.verdict.commandid for one in stored[2:])
    assert written == Counter(ids)
    for known, answer in answers.items():
        assert stored[answer["position"] - 1].verdict.commandid == known


async def test_the_issuer_away_at_the_start_is_waited_for(stack: LocalStack) -> None:
    await opened(stack, BOOK)
    token = stack.token(ADMINISTRATOR)
    stack.stop_program("issuer")
    async with hosted(stack, ready=False) as ledger:
        data = {"administrators": [ADMINISTRATOR, "p-8b2c"]}
        await eventually(lambda: BOOK in ledger.host.books.workers)
        answer = await ledger.ask(BOOK, "FoundBook", data, token=token)
        assert (answer["outcome"], answer["code"]) == ("failed", "unavailable")
        assert "issuer" in answer["detail"]
        assert not ledger.host.readiness()["ready"]
        stack.start_program("issuer")
        await eventually(lambda: ledger.host.readiness()["ready"])
        assert (await ledger.ask(BOOK, "FoundBook", data, token=token))["outcome"] == "accepted"


async def test_a_stream_that_differs_is_refused_and_other_books_go_on(stack: LocalStack) -> None:
    operator = await connected(stack, "operator")
    await ask(operator, "STREAM.CREATE.BOOK-ZG", {**law("ZG", 1), "max_msgs": 5, "discard": "old"})
    await operator.close()
    await opened(stack, BOOK)
    async with hosted(stack, ready=False) as ledger:
        await eventually(lambda: {BOOK, "ZG"} <= set(ledger.host.books.workers))
        await ledger.found(BOOK)
        over_nats = await ledger.ask("ZG", "FoundBook", {"administrators": [ADMINISTRATOR, "p-8b2c"]})
        over_http = await ledger.post("ZG", "FoundBook", {"administrators": [ADMINISTRATOR, "p-8b2c"]})
        ready = await ledger.http.get("/health/ready")
    assert over_nats["code"] == over_http.json()["code"] == "stream_differs"
    assert over_http.status_code == 503
    assert "max_msgs is 5; it must be -1" in over_nats["detail"]
    assert ready.status_code == 503
    books = ready.json()["books"]
    assert (books[BOOK]["ready"], books["ZG"]["ready"], books["ZG"]["wrong"]) == (True, False, "stream_differs")
    assert await entries(stack, "ZG") == []


async def test_a_stream_that_is_not_replicated_as_told_is_refused(stack: LocalStack) -> None:
    await opened(stack, BOOK)
    async with hosted(stack, ready=False, replicas=3) as ledger:
        await eventually(lambda: BOOK in ledger.host.books.workers)
        answer = await ledger.ask(BOOK, "FoundBook", {"administrators": [ADMINISTRATOR, "p-8b2c"]})
    assert answer["code"] == "stream_differs"
    assert "num_replicas is 1; it must be 3" in answer["detail"]


async def test_a_book_that_the_last_known_head_is_not_in_is_not_written_to(stack: LocalStack, tmp_path: Path) -> None:
    await opened(stack, BOOK)
    (tmp_path / "head-BL.json").write_text(json.dumps({"position": 7, "leaf": "00" * 32, "root": EMPTY_ROOT.hex()}))
    async with hosted(stack, ready=False, state_dir=tmp_path, patience_s=1.0) as ledger:
        await eventually(lambda: ledger.host.readiness()["books"].get(BOOK, {}).get("wrong") == "corrupt")
        answer = await ledger.ask(BOOK, "FoundBook", {"administrators": [ADMINISTRATOR, "p-8b2c"]})
    assert answer["code"] == "corrupt"
    assert "position 7 was in it before" in answer["detail"]


async def test_the_last_known_head_is_kept_and_is_in_the_book_after_a_restart(
    stack: LocalStack, tmp_path: Path
) -> None:
    await opened(stack, BOOK)
    async with hosted(stack, state_dir=tmp_path) as ledger:
        await ledger.found(BOOK)
        await asyncio.sleep(2.2)
    kept = json.loads((tmp_path / "head-BL.json").read_text())
    assert (kept["position"], kept["leaf"]) == (2, (await entries(stack, BOOK))[-1].leaf.hex())
    async with hosted(stack, state_dir=tmp_path) as ledger:
        assert (await ledger.ask(BOOK, "RecordInformation", information("x")))["position"] == 3


async def test_agreements_asks_the_ledger_what_its_copy_holds(stack: LocalStack) -> None:
    await opened(stack, BOOK)
    async with hosted(stack) as ledger:
        await ledger.found(BOOK)
    nc = await connected(stack, "ledger")
    asked: list[str] = []

    async def lie(message: Msg) -> None:
        asked.append(message.subject)
        await message.respond(json.dumps({"position": 2, "leaf": "00" * 32, "root": "11" * 32}).encode())

    await nc.subscribe("query.ledger.*.head", cb=lie)
    from landbuch.agreements.app import head_of_copy  # noqa: PLC0415  # what the service itself uses
    from landbuch.sdk.host.host import Extras  # noqa: PLC0415  # as above

    async with hosted(stack, "agreements", extras=Extras(independent=head_of_copy), ready=False) as agreements:
        await eventually(lambda: agreements.host.readiness()["books"].get(BOOK, {}).get("wrong") == "corrupt")
        answer = await agreements.ask(BOOK, "RegisterPartner", {"partner": "P", "kind": "ngo", "name": "N"})
    await nc.close()
    assert asked == ["query.ledger.BL.head"]
    assert answer["code"] == "corrupt"
    assert "independent copy" in answer["detail"]


async def test_a_service_whose_clock_is_wrong_does_not_write(stack: LocalStack) -> None:
    await opened(stack, BOOK)
    wrong = [timedelta(seconds=6)]
    host = Host(DESKS["ledger"], configuration(stack, "ledger"), clock=lambda: system_clock() - wrong[0])
    await host.start()
    nc = await connected(stack, "client")
    try:
        await eventually(lambda: BOOK in host.books.workers)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=host.app), base_url="http://service") as http:
            running = Running(stack, host, http, nc)
            data = {"administrators": [ADMINISTRATOR, "p-8b2c"]}
            answer = await running.ask(BOOK, "FoundBook", data)
            assert (answer["outcome"], answer["code"]) == ("failed", "clock_skewed")
            assert "6.0 s behind the broker's" in answer["detail"]
            assert not host.readiness()["ready"]
            wrong[0] = timedelta(0)
            await eventually(lambda: host.readiness()["ready"])
            assert (await running.ask(BOOK, "FoundBook", data))["outcome"] == "accepted"
    finally:
        await nc.close()
        await host.stop()


async def test_a_connection_that_is_closed_for_good_is_replaced(stack: LocalStack) -> None:
    await opened(stack, BOOK)
    async with hosted(stack) as ledger:
        await ledger.found(BOOK)
        books, commands = ledger.host._nc, ledger.host._nats_edge.broker._connection  # noqa: SLF001  # to break them
        assert books is not None
        assert commands is not None
        await books.close()
        await commands.close()
        await eventually(lambda: not ledger.host.readiness()["ready"])
        known = str(uuid.uuid4())

        async def accepted() -> bool:
            answer = await ledger.post(BOOK, "RecordInformation", information("afterwards"), commandid=known)
            return answer.status_code == 201

        await eventually(accepted)
        await eventually(lambda: ledger.host.readiness()["ready"])
        assert (await ledger.ask(BOOK, "RecordInformation", information("over NATS")))["position"] == 4
