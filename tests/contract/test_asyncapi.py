"""The AsyncAPI document is valid, complete, and says what the services take and answer."""

from __future__ import annotations

import copy
import json
import tomllib
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from landbuch.contracts.catalogue import COMMANDS, EVENTS, ORDERS, WRITERS, commands_of
from landbuch.contracts.entry import book_subject
from landbuch.contracts.publish import files
from landbuch.contracts.publish.asyncapi import LARGEST_BATCH
from landbuch.contracts.refusals import Code, Refused
from landbuch.contracts.vocabulary import SERVICES
from landbuch.sdk.host.problems import Failure, Problem
from landbuch.sdk.host.requests import BATCH, read_batch, read_item, read_message
from landbuch.sdk.host.requests import LARGEST_BATCH as TAKEN_AT_MOST
from landbuch.sdk.worker.answers import Accepted, Failed, Receipt, rejected
from tests.contract.regenerate import CONTRACTS
from tests.javascript import installed

Json = Any
FILES = files()
DOCUMENT: Json = json.loads(FILES["asyncapi.json"])
MESSAGES: dict[str, Json] = DOCUMENT["components"]["messages"]
BASE = "https://landbuch.example/asyncapi.json"
ID = "0b54ac1f-6a1c-5b3f-8a52-3c0d6a2f1e77"
ACCEPTED = Accepted(ID, (Receipt("landbuch.CreditDecided.v1", ID, 7, "a" * 64),), ("booked_by_convention",))
TRIED = Accepted(ID, (Receipt("landbuch.CreditDecided.v1", ID, 7, "a" * 64, {"credit": "C-1"}),), dry_run=True)


@cache
def registry() -> Registry[Json]:
    """The document and the schemas that it refers to, at addresses beside each other."""
    found = {BASE: DOCUMENT}
    found |= {
        f"https://landbuch.example/{name}": json.loads(FILES[name]) for name in FILES if name.startswith("schemas/")
    }
    resources = [(name, DRAFT202012.create_resource(content)) for name, content in found.items()]
    return Registry[Json]().with_resources(resources).crawl()


def validator(message: str) -> Draft202012Validator:
    """What the document says of a message's payload."""
    pointer = f"{BASE}#/components/messages/{message}/payload/schema"
    return Draft202012Validator({"$ref": pointer}, registry=registry())


def nodes(value: Json) -> Iterator[dict[str, Json]]:
    """Every object inside a JSON value."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if isinstance(value, dict):
        yield value
    for inner in inside:
        yield from nodes(inner)


@cache
def specification() -> Draft7Validator:
    """The JSON Schema that the AsyncAPI initiative publishes."""
    path = installed() / "node_modules" / "@asyncapi" / "specs" / "schemas" / "3.0.0.json"
    return Draft7Validator(json.loads(path.read_bytes()))


def test_the_document_is_asyncapi_3() -> None:
    specification().validate(DOCUMENT)


@pytest.mark.parametrize("spoiled", ["operations", "channels", "info"])
def test_a_spoiled_document_is_not(spoiled: str) -> None:
    document = copy.deepcopy(DOCUMENT)
    place = document[spoiled] if spoiled == "info" else next(iter(document[spoiled].values()))
    place["stranger"] = 1
    assert not specification().is_valid(document)


def test_every_reference_leads_somewhere() -> None:
    resolver = registry().resolver(BASE)
    for node in nodes(DOCUMENT):
        if "$ref" in node:
            resolver.lookup(node["$ref"])


def test_operations_and_replies_name_messages_of_their_channels() -> None:
    for operation in DOCUMENT["operations"].values():
        for side in filter(None, (operation, operation.get("reply"))):
            channel = side["channel"]["$ref"]
            assert all(message["$ref"].startswith(f"{channel}/messages/") for message in side["messages"])


def addresses(action: str) -> dict[str, set[str]]:
    """Every subject in Basel-Landschaft's KIP 3 at which the services send or receive, with its messages."""
    found: dict[str, set[str]] = {}
    for operation in DOCUMENT["operations"].values():
        if operation["action"] == action:
            channel = DOCUMENT["channels"][operation["channel"]["$ref"].rpartition("/")[2]]
            address = channel["address"].replace("{canton}", "BL").replace("{phase}", "KIP3")
            for service in SERVICES if "{service}" in address else ("",):
                found[address.replace("{service}", service)] = set(channel["messages"])
    return found


def test_every_event_is_sent_where_its_writers_may_write_it() -> None:
    names = [record.__name__ for record in EVENTS.values()]
    assert addresses("send") == {
        book_subject("BL", "KIP3", service, name): {name} for name in names for service in WRITERS[name]
    }


def test_every_command_is_received_where_its_service_listens() -> None:
    single = {f"command.{service}.BL.{name}": {name} for service in SERVICES for name in commands_of(service)}
    assert addresses("receive") == single | {f"command.{service}.BL.{BATCH}": {"batch"} for service in SERVICES}


def test_every_command_is_answered() -> None:
    received = [operation for operation in DOCUMENT["operations"].values() if operation["action"] == "receive"]
    assert len(received) == len(ORDERS) + 1
    assert all(operation["reply"]["messages"] for operation in received)


def test_roles_and_second_persons_stand_beside_each_act() -> None:
    for name, act in COMMANDS.items():
        text = DOCUMENT["operations"][f"command.{name}"]["description"]
        assert all(role in text for role in act.roles)
        assert ("second person" in text) == act.two_persons


@pytest.mark.parametrize("name", MESSAGES)
def test_the_example_of_each_message_holds_and_a_stranger_in_it_does_not(name: str) -> None:
    (example,) = MESSAGES[name]["examples"]
    validator(name).validate(example["payload"])
    assert not validator(name).is_valid(example["payload"] | {"stranger": 1})


def test_an_example_of_one_command_does_not_hold_for_another() -> None:
    assert not validator("SignAgreement").is_valid(MESSAGES["AllocateCredit"]["examples"][0]["payload"])


CHANGES: list[tuple[str, Json]] = [
    ("phase", "kip3"), ("phase", "_"), ("phase", 3), ("commandid", ID.upper()), ("commandid", 1), ("token", 1),
    ("after_position", 0), ("after_position", -1), ("after_position", 2**53 - 1), ("after_position", 2**53),
    ("after_position", "1"), ("dry_run", True), ("dry_run", "yes"), ("correlationid", ID), ("correlationid", "x"),
    ("data", []), ("data", None), ("actor", "p-7f3a"),
]  # fmt: skip


def changed(payload: Json) -> Iterator[Json]:
    """A payload with each field dropped, and with each change."""
    yield payload
    for key in payload:
        yield {name: value for name, value in payload.items() if name != key}
    for key, value in CHANGES:
        yield payload | {key: value}


def is_read(read: Any, *given: Any) -> bool:
    """Whether the edge of a service reads it."""
    try:
        read(*given)
    except Failure:
        return False
    return True


def test_a_command_holds_exactly_when_a_service_reads_it() -> None:
    for body in changed(MESSAGES["SignAgreement"]["examples"][0]["payload"]):
        assert validator("SignAgreement").is_valid(body) == is_read(read_message, json.dumps(body).encode()), body


def test_a_command_of_a_batch_holds_exactly_when_a_service_reads_it() -> None:
    batch = MESSAGES["batch"]["examples"][0]["payload"]
    for item in changed(batch["commands"][0]):
        body = batch | {"commands": [item]}
        assert validator("batch").is_valid(body) == is_read(read_item, "ledger", "BL", "p-7f3a", item), item


def test_a_batch_holds_as_long_as_a_service_reads_it() -> None:
    assert LARGEST_BATCH == TAKEN_AT_MOST
    payload = MESSAGES["batch"]["examples"][0]["payload"]
    for size in (0, 1):
        body = payload | {"commands": payload["commands"] * size}
        assert validator("batch").is_valid(body) == is_read(read_batch, json.dumps(body).encode())


@pytest.mark.parametrize(
    ("message", "body"),
    [
        ("accepted", ACCEPTED.body()),
        ("accepted", TRIED.body()),
        *(("refused", rejected(ID, Refused(code, "why")).body()) for code in Code),
        *(("failed", Failed(commandid, problem, "why").body()) for problem in Problem for commandid in (ID, None)),
    ],
    ids=lambda given: given if isinstance(given, str) else given.get("code", ""),
)
def test_what_a_service_answers_holds_as_one_message_alone(message: str, body: Json) -> None:
    assert [name for name in ("accepted", "refused", "failed", "outcomes") if validator(name).is_valid(body)] == [
        message
    ]


def test_the_document_has_the_version_of_the_contracts() -> None:
    project = tomllib.loads((CONTRACTS / "pyproject.toml").read_text("utf-8"))
    assert DOCUMENT["info"]["version"] == project["project"]["version"]
