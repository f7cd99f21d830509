"""Services as processes of their own: stopped in good order, killed, started again."""

from __future__ import annotations

import asyncio
import json
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from nats.errors import Error as NatsError

from landbuch.local.stack import LocalStack
from tests.hosts import ADMINISTRATOR, connected, entries, eventually, hosted, information, opened
from tests.processes import process

BOOK = "BL"
MANY = 400


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[LocalStack]:
    with LocalStack(tmp_path / "stack", services=(), postgres=False) as running:
        yield running


async def prepared(stack: LocalStack) -> str:
    """Open and found a book in which the administrator is a clerk; gives the administrator's token."""
    await opened(stack, BOOK)
    async with hosted(stack) as ledger:
        await ledger.found(BOOK)
        proposed = await ledger.ask(BOOK, "GrantRole", {"person": ADMINISTRATOR, "role": "clerk"})
        second = stack.token("p-8b2c")
        await ledger.ask(BOOK, "ConfirmAct", {"proposal": proposed["position"]}, token=second)
    return stack.token(ADMINISTRATOR)


def register(token: str, number: int, commandid: str) -> bytes:
    """A command of the agreements service."""
    data = {"partner": f"P-{number}", "kind": "ngo", "name": "An organisation"}
    return json.dumps({"commandid": commandid, "token": token, "data": data}).encode()


async def answer_or_silence(nc: Any, payload: bytes, timeout_s: float) -> dict[str, Any] | None:
    """Send a command; ``None`` when nobody answers."""
    try:
        answer: dict[str, Any] = json.loads(
            (await nc.request(f"command.agreements.{BOOK}.RegisterPartner", payload, timeout_s)).data
        )
    except (NatsError, TimeoutError):
        return None
    return answer


async def test_a_service_that_is_told_to_stop_answers_what_it_has_taken(stack: LocalStack, tmp_path: Path) -> None:
    token = await prepared(stack)
    nc = await connected(stack, "client")
    with process(stack, "agreements", tmp_path) as service:
        await eventually(lambda: service.ready(BOOK))
        ids = [str(uuid.uuid4()) for _ in range(MANY)]
        asked = asyncio.gather(*(answer_or_silence(nc, register(token, i, ids[i]), 15) for i in range(MANY)))
        await asyncio.sleep(0.05)
        service.child.send_signal(signal.SIGTERM)
        answers = await asked
        status = await asyncio.to_thread(service.child.wait, 15)
        lines = service.lines()
    await nc.close()
    heard = [answer for answer in answers if answer is not None]
    accepted = {answer["commandid"] for answer in heard if answer["outcome"] == "accepted"}
    print(
        f"{len(accepted)} accepted, {len(heard) - len(accepted)} others, {MANY - len(heard)} unheard, status {status}"
    )
    # Who was not heard had come too late: nobody was there any more. All others have an answer.
    assert {answer.get("code", "accepted") for answer in heard} <= {"accepted", "unavailable"}
    assert accepted
    assert status == 0
    assert lines[-1]["event"] == "service.stopped"
    assert {one.verdict.commandid for one in (await entries(stack, BOOK))[4:]} == accepted


async def test_a_service_that_is_killed_has_lost_nothing_and_writes_nothing_twice(
    stack: LocalStack, tmp_path: Path
) -> None:
    token = await prepared(stack)
    nc = await connected(stack, "client")
    ids = [str(uuid.uuid4()) for _ in range(MANY)]
    with process(stack, "agreements", tmp_path) as service:
        await eventually(lambda: service.ready(BOOK))
        asked = asyncio.gather(*(answer_or_silence(nc, register(token, i, ids[i]), 3) for i in range(MANY)))
        await eventually(lambda: '"position":2' in service.log.read_text())
        service.child.kill()
        first = await asked
    with process(stack, "agreements", tmp_path) as service:
        await eventually(lambda: service.ready(BOOK))
        second = await asyncio.gather(*(answer_or_silence(nc, register(token, i, ids[i]), 15) for i in range(MANY)))
    await nc.close()
    stored = await entries(stack, BOOK)
    known = [one for one in first if one is not None]
    print(f"{len(known)} acknowledged before the kill, {len(stored) - 4} in the book at the end")
    assert [one.verdict.commandid for one in stored[4:]] == sorted(ids, key=[s.verdict.commandid for s in stored].index)
    for before, after in zip(first, second, strict=True):
        assert after is not None
        assert after["outcome"] == "accepted"
        assert before in (None, after), "the first answer comes again"


async def test_each_line_of_the_log_is_json_and_tells_of_the_command(stack: LocalStack, tmp_path: Path) -> None:
    token = await prepared(stack)
    nc = await connected(stack, "client")
    with process(stack, "agreements", tmp_path) as service:
        await eventually(lambda: service.ready(BOOK))
        known, thread = str(uuid.uuid4()), str(uuid.uuid4())
        data = {"partner": "P-1", "kind": "ngo", "name": "A secret name"}
        message = {"commandid": known, "token": token, "data": data, "correlationid": thread}
        await nc.request(f"command.agreements.{BOOK}.RegisterPartner", json.dumps(message).encode(), 10)
        service.child.send_signal(signal.SIGTERM)
        await asyncio.to_thread(service.child.wait, 15)
        text = service.log.read_text()
        (line,) = [line for line in service.lines() if line.get("commandid") == known]
    await nc.close()
    assert (line["canton"], line["position"], line["correlationid"], line["outcome"]) == (BOOK, 5, thread, "accepted")
    assert line["ms"] > 0
    assert line["service"] == "agreements"
    assert "A secret name" not in text
    assert token not in text


async def test_a_pass_word_that_nats_refuses_is_in_the_log(stack: LocalStack, tmp_path: Path) -> None:
    await prepared(stack)
    with process(stack, "agreements", tmp_path, LANDBUCH_NATS_PASSWORD="wrong") as service:
        await eventually(lambda: "Authorization Violation" in service.log.read_text())
        assert not service.ready(), "it stays up, and says that it is not ready"
        service.child.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(service.child.wait, 20) == 0


async def test_information_is_recorded_by_the_ledger_with_its_tables(tmp_path: Path) -> None:
    with LocalStack(tmp_path / "whole", services=("ledger",)) as stack:
        await opened(stack, BOOK)
        headers = {"Authorization": f"Bearer {stack.token(ADMINISTRATOR)}"}
        async with httpx.AsyncClient(base_url=stack.http("ledger"), headers=headers, timeout=20) as http:

            async def send(name: str, data: dict[str, Any]) -> httpx.Response:
                key = {"Idempotency-Key": str(uuid.uuid4())}
                return await http.post(f"/v1/{BOOK}/commands/{name}", json={"data": data}, headers=key)

            await send("FoundBook", {"administrators": [ADMINISTRATOR, "p-8b2c"]})
            told = await send("RecordInformation", information("one"))
            head = await http.get(f"/v1/{BOOK}/head", params={"after_position": 3})
            ready = (await http.get("/health/ready")).json()
            reader = await connected(stack, "client")
            answer = json.loads((await reader.request(f"query.ledger.{BOOK}.head", b"", 5)).data)
            unknown = json.loads((await reader.request(f"query.ledger.{BOOK}.nothing", b"", 5)).data)
            await reader.close()
    assert told.status_code == 201
    assert head.json()["leaf"] == told.json()["events"][0]["leaf"]
    assert ready["books"][BOOK]["concern"]["projected"] == 3
    assert (answer["position"], answer["leaf"]) == (3, told.json()["events"][0]["leaf"])
    assert unknown["outcome"] == "failed"
