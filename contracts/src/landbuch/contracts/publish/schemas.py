"""JSON Schemas (2020-12): one for each event, envelope and data together, and one for the data of each command.

An event counts exactly when its bytes are canonical, its schema holds with ``format`` asserted, and the relations hold
that ``landbuch.contracts.judge`` names: subject, position, predecessor, balanced lines.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from landbuch.contracts.catalogue import EVENTS, ORDERS, WRITERS
from landbuch.contracts.envelope import Unknown, event_model
from landbuch.contracts.vocabulary import Record

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Plain(GenerateJsonSchema):
    """Absent values are left out, so nothing may be null and nothing defaults to null; fields need no second name."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        inner = self.generate_inner(schema["schema"])
        default = self.encode_default(schema.get("default"))
        return inner if default is None or "$ref" in inner else {**inner, "default": default}

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401  # as the base class declares it
        del schema
        return False


def schemas() -> dict[str, bytes]:
    """Give the schemas by file name: of each event, of each command (``command.…``), of the envelope."""
    found = {f"{type_}.json": _event(type_) for type_ in EVENTS}
    found |= {f"command.{name}.v1.json": _command(name) for name in ORDERS}
    found["envelope.v1.json"] = _envelope()
    return {name: pretty(schema) for name, schema in sorted(found.items())}


def pretty(value: object) -> bytes:
    """Write JSON for people: indented, sorted, one line feed at the end."""
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _headed(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"$schema": DIALECT, "$id": f"urn:landbuch:schema:{name}", **schema}


def _event(type_: str) -> dict[str, Any]:
    record = EVENTS[type_]
    schema = _whole(event_model(record).model_json_schema(schema_generator=_Plain))
    writers = "|".join(WRITERS[record.__name__])
    schema["properties"]["type"] = {"const": type_}
    schema["properties"]["source"] |= {"pattern": f"^urn:landbuch:[A-Z]{{2}}:(?:{writers})$"}
    return _headed(type_, schema | {"title": record.__name__, "description": record.__doc__ or ""})


def _command(name: str) -> dict[str, Any]:
    return _headed(f"command.{name}.v1", ORDERS[name].model_json_schema(schema_generator=_Plain))


def _envelope() -> dict[str, Any]:
    """What holds of every event, of types to come as well: the envelope, and the lines inside the data."""
    schema = _whole(Unknown.model_json_schema(schema_generator=_Plain))
    record = Record.model_json_schema(schema_generator=_Plain)
    schema["properties"]["data"] = {"type": "object", "properties": {"lines": record["properties"]["lines"]}}
    return _headed("envelope.v1", schema | {"title": "Envelope"})


def _whole(schema: dict[str, Any]) -> dict[str, Any]:
    """The version of CloudEvents is always written."""
    del schema["properties"]["specversion"]["default"]
    return schema | {"required": sorted([*schema["required"], "specversion"])}
