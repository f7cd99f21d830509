"""What is published is what the contracts say, and a JSON Schema judges as the models do."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from landbuch.contracts.canonical import NotCanonicalError, canonical, parse
from landbuch.contracts.catalogue import EVENTS, ORDERS
from landbuch.contracts.command import MalformedError, read_command
from landbuch.contracts.entry import Entry, book_subject
from landbuch.contracts.envelope import Unknown
from landbuch.contracts.judge import Verdict, Void, judge
from landbuch.contracts.publish import files
from tests.contract.regenerate import published

FILES = files()
EXAMPLES = [f"{type_}.json" for type_ in EVENTS]
COMMAND_EXAMPLES = [f"command.{name}.v1.json" for name in ORDERS]


@cache
def validator(name: str) -> Draft202012Validator:
    """The published schema of a name, with formats asserted."""
    return Draft202012Validator(
        json.loads(FILES[f"schemas/{name}"]), format_checker=Draft202012Validator.FORMAT_CHECKER
    )


@cache
def example(name: str) -> Any:
    """A published example."""
    return json.loads(FILES[f"examples/{name}"])


def test_the_published_files_are_those_that_the_contracts_give() -> None:
    found = published()
    assert found.keys() == FILES.keys()
    assert [name for name, content in FILES.items() if found[name] != content] == []


def test_the_published_files_are_the_same_however_often_they_are_made() -> None:
    assert files() == FILES


@pytest.mark.parametrize("name", sorted(name for name in FILES if name.startswith("schemas/")))
def test_every_schema_is_one(name: str) -> None:
    schema = json.loads(FILES[name])
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == "urn:landbuch:schema:" + name.removeprefix("schemas/").removesuffix(".json")


@pytest.mark.parametrize("name", sorted(name for name in FILES if name.startswith("schemas/")))
def test_no_schema_speaks_of_null_or_bounds_a_list_by_the_length_of_a_text(name: str) -> None:
    for node in nodes(json.loads(FILES[name])):
        assert node.get("type") != "null"
        assert node.get("default", 0) is not None
        assert not (node.get("type") == "array" and {"minLength", "maxLength"} & node.keys())


def nodes(schema: Any) -> Iterator[dict[str, Any]]:
    """Every object inside a schema."""
    if isinstance(schema, dict):
        yield schema
        for inner in schema.values():
            yield from nodes(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from nodes(inner)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_event_example_stands_in_its_canonical_bytes(name: str) -> None:
    assert canonical(parse(FILES[f"examples/{name}"])) == FILES[f"examples/{name}"]


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_event_example_holds_by_its_schema_and_by_that_of_the_envelope(name: str) -> None:
    validator(name).validate(example(name))
    validator("envelope.v1.json").validate(example(name))


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_event_example_counts_and_writes_its_own_bytes_again(name: str) -> None:
    verdict = judged(example(name))
    assert not isinstance(verdict, Void | Unknown)
    assert verdict.entry().payload == FILES[f"examples/{name}"]


@pytest.mark.parametrize("name", COMMAND_EXAMPLES)
def test_every_command_example_holds_by_its_schema_and_is_read(name: str) -> None:
    validator(name).validate(example(name))
    assert is_read(name, example(name))


@pytest.mark.parametrize("type_", EVENTS)
def test_an_event_of_a_type_holds_by_no_other_type_s_schema(type_: str) -> None:
    others = [name for name in EVENTS if name != type_]
    assert not any(validator(f"{name}.json").is_valid(example(f"{type_}.json")) for name in others)


def judged(event: Any) -> Verdict:
    """Judge an event where it says it stands."""
    name = str(event["type"]).removeprefix("landbuch.").rpartition(".v")[0]
    service = str(event["source"]).rpartition(":")[2]
    subject = book_subject(event["canton"], event["phase"], service, name)
    return judge(Entry(subject, canonical(event)), event["position"], event["prevhash"])


def is_read(name: str, data: Any) -> bool:
    """Whether a command's data is read."""
    try:
        read_command(
            name=name.split(".")[1],
            canton="BL",
            phase="_",
            commandid="0b54ac1f-6a1c-5b3f-8a52-3c0d6a2f1e77",
            actor="p-7f3a",
            data=data,
        )
    except MalformedError:
        return False
    return True


JUNK: list[Any] = [
    0, -1, 1, 10**13, 10**13 + 1, 2**53 - 1, True, "", " ", "x", "X", "_", "1", "1.0", "KIP3", "canton", "federal",
    "\u00e9", "a\u0007b", "line\nfeed", "a" * 201, "A" * 33, "2024", "2024-02", "2024-02-29", "2024-02-30",
    "2023-02-29", "\u0662\u0660\u0662\u0664", "2024-03-28T08:12:44.120391Z", "p-7f3a", "P-7", "credit:x", "gold:x",
    "0" * 64, "F" * 64, "urn:landbuch:BL:ledger", "landbuch.CreditDecided.v1", "landbuch.CreditDecided.v2", "CHE-1",
    "CHE-109.322.551", [], [[]], {}, {"a": 1},
]  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place inside a JSON value."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in inside:
        yield from places(inner, (*path, key))


def spoiled(name: str) -> Iterator[Any]:
    """An example with each place, one after the other, dropped, doubled, beside a stranger, or set to any junk."""
    for path in places(example(name)):
        for change in ("drop", "double", "stranger", *JUNK) if path else ("stranger",):
            value = copy.deepcopy(example(name))
            around: Any = value
            for step in path[:-1]:
                around = around[step]
            match change:
                case "drop":
                    del around[path[-1]]
                case "double" if isinstance(around, list):
                    around.extend(copy.deepcopy(around))
                case "stranger" if isinstance(around, dict):
                    around["stranger"] = 1
                case _:
                    around[path[-1]] = change
            yield value


def holds_by_model(name: str, event: Any) -> bool:
    """Whether the model of an event's type takes it: what the void rule asks of schema and envelope."""
    if not isinstance(event, dict) or event.get("type") != name.removesuffix(".json"):
        return False
    try:
        verdict = judge(Entry("book.BL._.ledger.X", canonical(event)), 1, "")
    except NotCanonicalError:
        return False
    return not (isinstance(verdict, Void) and verdict.reason in {"bad_envelope", "bad_schema"})


def owner_fits(name: str, event: Any) -> bool:
    """What the schema says of ``source`` beyond its form: the writer, which the void rule asks of the subject."""
    source = json.loads(FILES[f"schemas/{name}"])["properties"]["source"]
    return Draft202012Validator(source).is_valid(event.get("source"))


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_schema_takes_exactly_the_events_that_the_void_rule_takes(name: str) -> None:
    for event in spoiled(name):
        by_model = holds_by_model(name, event) and owner_fits(name, event)
        assert validator(name).is_valid(event) == by_model, event


@pytest.mark.parametrize("name", COMMAND_EXAMPLES)
def test_what_the_schema_of_a_command_refuses_is_not_read(name: str) -> None:
    for data in spoiled(name):
        assert validator(name).is_valid(data) or not is_read(name, data), data


@pytest.mark.parametrize("name", COMMAND_EXAMPLES)
def test_what_the_schema_takes_but_is_not_read_contradicts_itself(name: str) -> None:
    for data in spoiled(name):
        if validator(name).is_valid(data) and not is_read(name, data):
            with pytest.raises(ValidationError) as refused:
                ORDERS[name.split(".")[1]].model_validate(data)
            assert [(problem["type"], problem["loc"]) for problem in refused.value.errors()] == [("value_error", ())]
