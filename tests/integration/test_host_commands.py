"""A service on a real NATS server and a real token issuer: every command is answered, whatever is wrong with it."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from openapi_spec_validator import validate

from landbuch.contracts.catalogue import commands_of
from landbuch.contracts.vocabulary import CANTONS
from landbuch.local.stack import LocalStack
from landbuch.sdk.host.problems import Problem
from tests.hosts import Running, entries, hosted, information, opened

pytestmark = pytest.mark.asyncio(loop_scope="module")

CANTON_NAMES = iter(sorted(CANTONS))


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    with LocalStack(tmp_path_factory.mktemp("host"), services=(), postgres=False) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ledger(stack: LocalStack) -> AsyncIterator[Running]:
    async with hosted(stack) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def quiet(stack: LocalStack, ledger: Running) -> str:
    """A founded book into which no test writes anything more."""
    return await founded(stack, ledger)


@pytest_asyncio.fixture(loop_scope="module")
async def canton(stack: LocalStack, ledger: Running) -> str:
    """A founded book that no other test uses."""
    return await founded(stack, ledger)


async def founded(stack: LocalStack, ledger: Running) -> str:
    """Open and found a book."""
    name = next(CANTON_NAMES)
    await opened(stack, name)
    await ledger.found(name)
    return name


# -- what goes well -------------------------------------------------------------------------------------------------


async def test_a_command_over_nats_is_in_the_book_at_its_position(ledger: Running, canton: str) -> None:
    known = str(uuid.uuid4())
    answer = await ledger.ask(canton, "RecordInformation", information("one"), commandid=known)
    assert (answer["outcome"], answer["commandid"], answer["position"]) == ("accepted", known, 3)
    stored = await entries(ledger.stack, canton)
    assert stored[-1].leaf.hex() == answer["events"][0]["leaf"]
    assert stored[-1].verdict.commandid == known


async def test_http_and_nats_give_the_same_answer_to_the_same_command(ledger: Running, canton: str) -> None:
    known = str(uuid.uuid4())
    over_http = await ledger.post(canton, "RecordInformation", information("one"), commandid=known)
    over_nats = await ledger.ask(canton, "RecordInformation", information("one"), commandid=known)
    assert over_http.status_code == 201
    assert over_http.json() == over_nats
    assert len(await entries(ledger.stack, canton)) == 3


async def test_a_batch_is_answered_in_order(ledger: Running, canton: str) -> None:
    commands = [
        {"type": "RecordInformation", "commandid": str(uuid.uuid4()), "data": information(f"number {i}")}
        for i in range(1000)
    ]
    commands[7] |= {"type": "Nothing"}
    commands[8] |= {"data": {"about": 1}}
    commands[9] = {"commandid": "x" * 9}
    answer = await ledger.batch(canton, [*commands])
    codes = [outcome.get("code", "accepted") for outcome in answer["outcomes"]]
    assert codes[7:10] == ["unknown_command", "malformed", "malformed"]
    assert codes.count("accepted") == 997
    assert [o["commandid"] for o in answer["outcomes"]] == [c["commandid"] for c in commands]
    positions = [o["position"] for o in answer["outcomes"] if o["outcome"] == "accepted"]
    assert positions == list(range(3, 1000))


async def test_a_dry_run_over_http_is_answered_200_and_writes_nothing(ledger: Running, canton: str) -> None:
    answer = await ledger.post(canton, "RecordInformation", information("tried"), dry_run=True)
    assert answer.status_code == 200
    assert answer.json()["dry_run"] is True
    assert len(await entries(ledger.stack, canton)) == 2


async def test_a_refusal_over_http_is_a_problem_with_status_409(ledger: Running, canton: str) -> None:
    answer = await ledger.post(canton, "FoundBook", {"administrators": ["p-1a", "p-2b"]})
    body = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert (body["type"], body["outcome"], body["code"]) == (
        "urn:landbuch:refusal:book_already_founded", "refused", "book_already_founded",
    )  # fmt: skip
    assert body["detail"]
    assert body["remedy"]


async def test_a_correlation_id_stands_in_the_event(ledger: Running, canton: str) -> None:
    thread = str(uuid.uuid4())
    await ledger.ask(canton, "RecordInformation", information("one"), correlationid=thread)
    assert (await entries(ledger.stack, canton))[-1].verdict.correlationid == thread


async def test_a_new_book_is_found_within_about_a_second(ledger: Running) -> None:
    name = next(CANTON_NAMES)
    before = await ledger.ask(name, "RecordInformation", information("early"))
    await opened(ledger.stack, name)
    began = asyncio.get_running_loop().time()
    await ledger.found(name)
    took_s = asyncio.get_running_loop().time() - began
    assert before["code"] == "book_missing"
    print(f"found and founded after {took_s:.2f} s")
    assert took_s < 1.5


# -- what is wrong with a message -----------------------------------------------------------------------------------

KNOWN = "3f0c1d6e-5b1a-4c52-9e3c-1f6f0a7d2b10"
SINGLE = {"commandid": KNOWN, "phase": "_", "data": information("one")}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"data": {**information("x"), "colour": "red"}}, "colour"),
        ({"data": {**information("x"), "statement": None}}, "data.statement: null"),
        ({"data": {**information("x"), "topic": 1.5}}, "data.topic: 1.5"),
        ({"data": {**information("x"), "topic": True}}, "topic"),
        ({"data": {"about": "BL"}}, "topic"),
        ({"data": []}, "data"),
        ({"data": information("half a pair \ud83d")}, "U+D83D"),
        ({"data": information("nothing \x00 there")}, "U+0000"),
        ({"data": {**information("x"), "occurred_on": "2021-13"}}, "occurred_on"),
        ({"data": {**information("x"), "figures": [{"name": "f", "value": 2**53, "unit": "CHF"}]}}, "9007199254740992"),
        ({"data": {**information("x"), "figures": [{"name": "f", "value": "5", "unit": "CHF"}]}}, "value"),
        ({"phase": "kip3"}, "phase"),
        ({"phase": None}, "phase: null"),
        ({"commandid": "3F0C1D6E-5B1A-4C52-9E3C-1F6F0A7D2B10"}, "commandid"),
        ({"commandid": 5}, "commandid"),
        ({"after_position": -1}, "after_position"),
        ({"after_position": "7"}, "after_position"),
        ({"dry_run": 1}, "dry_run"),
        ({"correlationid": "x"}, "correlationid"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_a_malformed_field_is_named(ledger: Running, quiet: str, change: dict[str, Any], named: str) -> None:
    message = {**SINGLE, "token": ledger.token(), **change}
    answer = await ledger.raw(f"command.ledger.{quiet}.RecordInformation", json.dumps(message).encode())
    assert (answer["outcome"], answer["code"]) == ("failed", "malformed")
    assert named in answer["detail"]
    body = {key: value for key, value in message.items() if key not in {"commandid", "token"}}
    if "commandid" not in change:
        # The body as bytes: httpx would refuse half a character pair itself.
        response = await ledger.http.post(
            f"/v1/{quiet}/commands/RecordInformation",
            content=json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {message['token']}", "Idempotency-Key": KNOWN},
        )
        assert response.status_code == 422
        assert named in response.json()["detail"]
    assert len(await entries(ledger.stack, quiet)) == 2


@pytest.mark.parametrize(
    ("payload", "named"),
    [
        (b"", "no JSON"),
        (b"{", "no JSON"),
        (b"[]", "must be a JSON object"),
        (b"\xff{}", "no UTF-8"),
        (b'{"data": {"a": 1, "a": 2}}', "data.a: the key stands there twice"),
        (b'{"data": NaN}', "data: NaN"),
        (b'{"data": {"amount": -0}}', "data.amount: -0"),
        (b'{"data": {"amount": 1e3}}', "data.amount: 1e3"),
        (b'{"data": {"amount": ' + b"9" * 5_000 + b"}}", "data.amount: 9999"),
        (b'{"data": ' + b"[" * 20_000 + b"]" * 20_000 + b"}", "nested too deeply"),
        (b'{"data": {}}', "token"),
    ],
)
async def test_bytes_that_mean_nothing_are_answered(ledger: Running, quiet: str, payload: bytes, named: str) -> None:
    answer = await ledger.raw(f"command.ledger.{quiet}.RecordInformation", payload)
    assert (answer["outcome"], answer["code"]) == ("failed", "malformed")
    assert named in answer["detail"]
    whole = await ledger.raw(f"command.ledger.{quiet}._batch", payload)
    assert (whole["outcome"], whole["code"]) == ("failed", "malformed")


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("command.ledger.BL.Nothing", "unknown_command"),
        ("command.ledger.BL.SignAgreement", "wrong_service"),
        ("command.ledger.XX.RecordInformation", "unknown_canton"),
        ("command.ledger.bl.RecordInformation", "unknown_canton"),
        ("command.ledger.XX._batch", "unknown_canton"),
        ("command.ledger.BL", "unknown_command"),
        ("command.ledger.BL.RecordInformation.more", "unknown_command"),
    ],
)
async def test_a_wrong_address_is_answered(ledger: Running, subject: str, expected: str) -> None:
    answer = await ledger.raw(subject, json.dumps({**SINGLE, "token": ledger.token()}).encode())
    assert (answer["outcome"], answer["code"]) == ("failed", expected)


async def test_an_oversized_command_is_answered(ledger: Running, quiet: str) -> None:
    evidence = [{"kind": "document", "title": "x" * 190}] * 20
    data = {**information("x" * 1_900), "evidence": evidence, "conflicts_with": "y" * 70_000}
    over_nats = await ledger.ask(quiet, "RecordInformation", data)
    over_http = await ledger.post(quiet, "RecordInformation", data)
    batch = await ledger.batch(quiet, [{"type": "RecordInformation", "commandid": str(uuid.uuid4()), "data": data}])
    assert over_nats["code"] == over_http.json()["code"] == batch["outcomes"][0]["code"] == "too_large"
    assert over_http.status_code == 413
    assert "60000 allowed" in over_nats["detail"]


async def test_a_batch_of_too_many_is_answered(ledger: Running, quiet: str) -> None:
    item = {"type": "RecordInformation", "commandid": str(uuid.uuid4()), "data": information("x")}
    assert (await ledger.batch(quiet, [item] * 1001))["code"] == "malformed"
    assert (await ledger.batch(quiet, []))["code"] == "malformed"


@pytest.mark.parametrize("key", [None, "", "x", "3f0c1d6e-5b1a-4c52-9e3c-1f6f0a7d2b10-more"])
async def test_a_command_over_http_needs_its_id_in_a_header(ledger: Running, quiet: str, key: str | None) -> None:
    headers = {"Authorization": f"Bearer {ledger.token()}"} | ({} if key is None else {"Idempotency-Key": key})
    answer = await ledger.http.post(
        f"/v1/{quiet}/commands/RecordInformation", json={"data": information("x")}, headers=headers
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "malformed")
    assert "Idempotency-Key" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("GET", "/v1/BL/commands/FoundBook", 405), ("POST", "/v1/BL/commands/Nothing", 404)],
)
async def test_a_path_that_is_not_there_is_a_problem_too(ledger: Running, method: str, path: str, status: int) -> None:
    answer = await ledger.http.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status


# -- who asks -------------------------------------------------------------------------------------------------------


async def test_a_command_without_a_valid_token_is_answered(ledger: Running, quiet: str) -> None:
    expired = ledger.stack.token("p-7f3a", expires_in_s=-60)
    for token, sentence in ((expired, "expired 60 s ago"), ("a.b.c", "malformed"), ("x", "malformed")):
        over_nats = await ledger.ask(quiet, "RecordInformation", information("x"), token=token)
        over_http = await ledger.post(quiet, "RecordInformation", information("x"), token=token)
        assert over_nats["code"] == over_http.json()["code"] == "unauthenticated"
        assert sentence in over_nats["detail"] or sentence[:7] in over_nats["detail"]
        assert over_http.status_code == 401
        assert over_http.headers["www-authenticate"].startswith("Bearer")
        assert (await ledger.batch(quiet, [SINGLE], token=token))["code"] == "unauthenticated"
    assert len(await entries(ledger.stack, quiet)) == 2


async def test_a_person_without_the_role_is_refused(ledger: Running, quiet: str) -> None:
    stranger = ledger.stack.token("p-9999")
    answer = await ledger.ask(quiet, "RecordInformation", information("x"), token=stranger)
    assert (answer["outcome"], answer["code"]) == ("refused", "role_missing")


# -- what is told about the service ---------------------------------------------------------------------------------


async def test_the_description_is_valid_openapi_with_every_command(ledger: Running) -> None:
    description = (await ledger.http.get("/openapi.json")).json()
    validate(description)
    assert description["openapi"].startswith("3.1")
    operations = {o["post"]["operationId"]: o["post"] for o in description["paths"].values() if "post" in o}
    assert set(operations) == set(commands_of("ledger"))
    for name, operation in operations.items():
        body = operation["requestBody"]["content"]["application/json"]
        assert body["schema"]["properties"]["data"] == {"$ref": f"#/components/schemas/{name}"}
        assert body["example"]["data"]
        assert {"200", "201", "401", "404", "409", "413", "421", "422", "500", "503"} <= set(operation["responses"])
    assert set(description["x-problems"]) == set(Problem)


async def test_the_examples_of_the_description_are_what_the_service_takes(ledger: Running, quiet: str) -> None:
    description = (await ledger.http.get("/openapi.json")).json()
    for path, operations in description["paths"].items():
        if "post" not in operations:
            continue
        body = operations["post"]["requestBody"]["content"]["application/json"]["example"]
        answer = await ledger.http.post(
            path.format(canton=quiet),
            json={**body, "dry_run": True},
            headers={"Authorization": f"Bearer {ledger.token()}", "Idempotency-Key": str(uuid.uuid4())},
        )
        assert answer.status_code in {200, 409}, (path, answer.json())


async def test_readiness_tells_of_each_book(ledger: Running, quiet: str) -> None:
    body = (await ledger.http.get("/health/ready")).json()
    assert body["ready"] is True
    assert body["books"][quiet] == {"ready": True, "position": 2, "lag": 0, "waiting": 0}
    assert abs(body["clock_ahead_s"]) < 5
    assert (await ledger.http.get("/health/live")).json() == {"status": "live"}


async def test_metrics_count_answers(ledger: Running, canton: str) -> None:
    await ledger.ask(canton, "RecordInformation", information("one"))
    text = (await ledger.http.get("/metrics")).text
    labels = f'canton="{canton}",code="",command="RecordInformation",outcome="accepted"'
    assert f"landbuch_commands_total{{{labels}}} 1.0" in text
    assert f'landbuch_book_position{{canton="{canton}"}} 3.0' in text


async def test_the_log_has_ids_and_positions_but_neither_payloads_nor_tokens(
    ledger: Running, canton: str, capsys: pytest.CaptureFixture[str]
) -> None:
    known, token = str(uuid.uuid4()), ledger.token()
    await ledger.ask(canton, "RecordInformation", information("a secret sentence"), commandid=known, token=token)
    await ledger.ask(canton, "RecordInformation", {"about": "a secret field"}, token=token)
    printed = capsys.readouterr().out
    assert known in printed
    assert "position=3" in printed or '"position":3' in printed
    assert "secret" not in printed
    assert token not in printed


async def test_a_query_that_nobody_answers_is_said_so(stack: LocalStack) -> None:
    async with hosted(stack, "agreements") as agreements:
        answer = await agreements.ask("BL", "SignAgreement", {"agreement": 5})
    assert (answer["outcome"], answer["code"]) == ("failed", "malformed")
