"""The OpenAPI description of the command routes: each command with its model, an example and every answer."""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from landbuch.contracts.catalogue import ORDERS
from landbuch.contracts.publish.examples import examples
from landbuch.contracts.vocabulary import NO_PHASE
from landbuch.sdk.host.problems import LARGEST_COMMAND_BYTES, Problem
from landbuch.sdk.host.requests import Body

_REFERENCE = "#/components/schemas/{model}"
_UUID = {"type": "string", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"}
_COMMANDID = "3f0c1d6e-5b1a-4c52-9e3c-1f6f0a7d2b10"
_LEAF = {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "leaf hash, RFC 6962"}
_POSITION = {"type": "integer", "minimum": 1}

_RECEIPT = {
    "type": "object",
    "required": ["type", "id", "position", "leaf"],
    "properties": {
        "type": {"type": "string", "examples": ["landbuch.CreditDecided.v1"]},
        "id": _UUID,
        "position": _POSITION,
        "leaf": _LEAF,
        "data": {"type": "object", "description": "what would be written; in a dry run only"},
    },
}
_ACCEPTED = {
    "type": "object",
    "required": ["outcome", "commandid", "position", "events", "warnings"],
    "properties": {
        "outcome": {"const": "accepted"},
        "commandid": _UUID,
        "position": _POSITION | {"description": "position of the last event"},
        "events": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Receipt"}},
        "warnings": {"type": "array", "items": {"type": "string"}},
        "dry_run": {"const": True, "description": "there in a dry run only"},
    },
}
_PROBLEM = {
    "type": "object",
    "description": "RFC 9457. `type` is urn:landbuch:refusal:<code> or urn:landbuch:problem:<code>.",
    "required": ["type", "title", "status", "detail", "outcome", "code", "remedy"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "outcome": {"enum": ["refused", "failed"]},
        "code": {"type": "string"},
        "remedy": {"type": "string"},
        "commandid": {"type": "string"},
    },
}
_PARAMETERS = [
    {
        "name": "canton",
        "in": "path",
        "required": True,
        "description": "two-letter code",
        "schema": {"type": "string", "pattern": "^[A-Z]{2}$"},
        "example": "BL",
    },
    {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "the command id; sent again with the same content it gives the first answer again, for ever",
        "schema": _UUID,
        "example": _COMMANDID,
    },
]
_STATUSES = {
    401: "The token is missing, malformed, expired or foreign",
    404: "No such command, canton or book",
    409: "Refused by a rule; nothing was written",
    413: f"More than {LARGEST_COMMAND_BYTES} bytes",
    421: "Another service answers this command",
    422: "Malformed; the detail names every field that is wrong",
    500: "A fault of the service",
    503: "Unknown or busy: repeat with the same command id",
}


def operation(name: str) -> dict[str, Any]:
    """Describe the operation of one command."""
    example: dict[str, Any] = {"data": _example(name)}
    answers: dict[str, Any] = {
        "201": _answer("Accepted: the events are in the book", "Accepted", "application/json"),
        "200": _answer("Dry run: what would be written", "Accepted", "application/json"),
    }
    answers |= {str(status): _answer(text, "Problem", "application/problem+json") for status, text in _STATUSES.items()}
    return {
        "operationId": name,
        "tags": ["commands"],
        "summary": (ORDERS[name].__doc__ or name).partition("\n")[0],
        "security": [{"token": []}],
        "parameters": _PARAMETERS,
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["data"],
                        "properties": {
                            **_body_properties(),
                            "data": {"$ref": _REFERENCE.format(model=name)},
                        },
                    },
                    "example": example,
                }
            },
        },
        "responses": answers,
    }


def complete(app: FastAPI, names: tuple[str, ...]) -> None:
    """Let the application's description hold the schemas of these commands and of every answer."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            description = describe()
            components = description.setdefault("components", {})
            components.setdefault("schemas", {}).update(_schemas(names))
            components["securitySchemes"] = {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "EdDSA, Ed25519"}
            }
            description["x-problems"] = {
                str(problem): {"status": problem.status, "remedy": problem.remedy} for problem in Problem
            }
            app.openapi_schema = description
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the way that FastAPI documents


def _answer(text: str, schema: str, media: str) -> dict[str, Any]:
    return {"description": text, "content": {media: {"schema": {"$ref": _REFERENCE.format(model=schema)}}}}


def _schemas(names: tuple[str, ...]) -> dict[str, Any]:
    models: list[tuple[type[BaseModel], Any]] = [(ORDERS[name], "validation") for name in names]
    _, definitions = models_json_schema(models, ref_template=_REFERENCE)
    found: dict[str, Any] = _without_null(definitions["$defs"])
    return {**found, "Accepted": _ACCEPTED, "Receipt": _RECEIPT, "Problem": _PROBLEM}


def _body_properties() -> dict[str, Any]:
    schema: dict[str, Any] = _without_null(Body.model_json_schema())
    schema["properties"]["phase"]["default"] = NO_PHASE
    properties: dict[str, Any] = schema["properties"]
    return properties


def _example(name: str) -> object:
    return json.loads(examples()[f"command.{name}.v1.json"])


def _without_null(schema: Any) -> Any:  # noqa: ANN401  # any JSON value
    """Take away that absent values may be null: they are left out."""
    match schema:
        case {"anyOf": [inner, {"type": "null"}], **rest}:
            return _without_null({**{key: value for key, value in rest.items() if key != "default"}, **inner})
        case dict():
            return {
                key: _without_null(value) for key, value in schema.items() if not (key == "default" and value is None)
            }
        case list():
            return [_without_null(value) for value in schema]
        case _:
            return schema
