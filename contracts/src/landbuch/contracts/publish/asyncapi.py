"""AsyncAPI 3.0: every event and every command over NATS, from the catalogue, with the published schemas and examples.

It is told from the services' side, as AsyncAPI wants it: they *send* events and *receive* commands. Payloads refer to
the files beside it below ``contracts/schemas``.
"""

from __future__ import annotations

import inspect
import json
from typing import Any

from landbuch.contracts.catalogue import COMMANDS, CONFIRM, EVENTS, ORDERS, WRITERS, commands_of
from landbuch.contracts.publish.examples import examples
from landbuch.contracts.publish.schemas import pretty
from landbuch.contracts.refusals import Code
from landbuch.contracts.vocabulary import CANTONS, SERVICES

Json = dict[str, Any]

LARGEST_BATCH = 1000
"""Commands in one message."""

_FORMAT = "application/schema+json;version=draft-2020-12"
_UUID = {"type": "string", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"}
_COMMANDID = "3f0c1d6e-5b1a-4c52-9e3c-1f6f0a7d2b10"
_TOKEN = {"type": "string", "description": "signed JWT (EdDSA, Ed25519): iss, sub (the actor), aud landbuch, exp, iat"}
_POSITION = {"type": "integer", "minimum": 1, "maximum": 2**53 - 1}
_WRITTEN = {"outcome": "accepted", "commandid": _COMMANDID, "position": 1042, "warnings": []}
_RECEIPT = {"type": "landbuch.CreditDecided.v1", "id": _COMMANDID, "position": 1042, "leaf": "0" * 64}
_NO = {"commandid": _COMMANDID, "detail": "What was asked, what is there, the difference.", "remedy": "What to do now."}


def asyncapi() -> bytes:
    """Give the document."""
    messages = _events() | _commands() | _answers()
    channels = dict(_event_channel(record.__name__) for record in EVENTS.values())
    channels |= dict(_command_channel(name) for name in ORDERS)
    channels["command.batch"] = _channel("command.{service}.{canton}._batch", "batch", SERVICES)
    channels["answer"] = {
        "address": None,
        "description": "The subject that the request names for its answer.",
        "messages": {name: _of("messages", name) for name in (*_answers(), "outcomes")},
    }
    messages["batch"], messages["outcomes"] = _batch(), _outcomes()
    document = {
        "asyncapi": "3.0.0",
        "info": _INFO,
        "servers": {"nats": _SERVER},
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": {name: _operation(name, channel) for name, channel in channels.items() if name != "answer"},
        "components": {
            "messages": messages,
            "schemas": _SCHEMAS,
            "parameters": _PARAMETERS,
            "securitySchemes": {"user": {"type": "userPassword", "description": "subscribers are `reader`"}},
        },
    }
    return pretty(document)


_INFO = {
    "title": "Landbuch",
    "version": "0.1.0",
    "description": "Events stand in one JetStream stream per canton, at positions without a gap, each naming the hash "
    "of the one before. Commands are requests with one answer; repeated with the same `commandid` they are answered "
    "the same. How to subscribe and what to check: `docs/subscribers`.",
    "license": {"name": "Apache-2.0"},
}
_SERVER = {
    "host": "{host}:{port}",
    "protocol": "nats",
    "description": "A user hears answers below `_INBOX_<user>` only: set this prefix.",
    "variables": {"host": {"default": "127.0.0.1"}, "port": {"default": "4222"}},
    "security": [{"$ref": "#/components/securitySchemes/user"}],
}
_PARAMETERS = {
    "canton": {"description": "two-letter code", "enum": sorted(CANTONS)},
    "phase": {
        "description": "programme phase, or _ where none applies",
        "examples": ["KIP3", "_"],
        "location": "$message.payload#/phase",
    },
    "service": {
        "description": "who owns the act; for the second person's act, who wrote the proposal",
        "enum": list(SERVICES),
    },
}
_BODY = {
    "commandid": _UUID | {"description": "chosen by the sender; sent again with the same content it writes nothing"},
    "phase": {"type": "string", "pattern": "^(?:_|[A-Z0-9]{1,16})$", "default": "_"},
    "data": {"type": "object"},
    "after_position": {
        "type": "integer",
        "minimum": 0,
        "maximum": 2**53 - 1,
        "description": "decide only when the book has reached this position",
    },
    "dry_run": {"type": "boolean", "default": False, "description": "say what would be written, but write nothing"},
    "correlationid": _UUID | {"description": "stands in the events, to follow a thread"},
}


def _object(properties: Json, *optional: str) -> Json:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


_MAY_MISS = ("phase", "after_position", "dry_run", "correlationid")
_SCHEMAS: Json = {
    "Command": _object(_BODY | {"token": _TOKEN}, *_MAY_MISS),
    "Item": _object(_BODY | {"type": {"enum": sorted(ORDERS)}}, *_MAY_MISS),
    "Receipt": _object(
        {
            "type": {"type": "string"},
            "id": _UUID,
            "position": _POSITION,
            "leaf": {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "leaf hash, RFC 6962"},
            "data": {"type": "object", "description": "what would be written; in a dry run only"},
        },
        "data",
    ),
    "Accepted": _object(
        {
            "outcome": {"const": "accepted"},
            "commandid": _UUID,
            "position": _POSITION | {"description": "position of the last event"},
            "events": {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Receipt"}},
            "warnings": {"type": "array", "items": {"type": "string"}},
            "dry_run": {"const": True, "description": "there in a dry run only"},
        },
        "dry_run",
    ),
    "Refused": _object(
        {
            "outcome": {"const": "refused"},
            "commandid": _UUID,
            "code": {"enum": [str(code) for code in Code], "description": "in order of precedence"},
            "detail": {"type": "string", "description": "the arithmetic of the case"},
            "remedy": {"type": "string"},
        }
    ),
    "Failed": _object(
        {
            "outcome": {"const": "failed"},
            "commandid": {"type": "string", "description": "left out where the request could not be read"},
            "code": {"type": "string", "pattern": "^[a-z][a-z_]{1,40}$"},
            "detail": {"type": "string"},
            "remedy": {"type": "string"},
        },
        "commandid",
    ),
}


def _of(kind: str, name: str) -> Json:
    return {"$ref": f"#/components/{kind}/{name}"}


def _message(name: str, about: object, schema: Json, example: Json, media: str = "application/json") -> Json:
    summary = (inspect.getdoc(about) or name).partition("\n")[0] if not isinstance(about, str) else about
    return {
        "name": name,
        "summary": summary,
        "contentType": media,
        "payload": {"schemaFormat": _FORMAT, "schema": schema},
        "examples": [{"payload": example}],
    }


def _data(name: str) -> Json:
    return {"properties": {"data": {"$ref": f"schemas/command.{name}.v1.json"}}}


def _example(name: str) -> Json:
    found: Json = json.loads(examples()[f"{name}.json"])
    return found


def _events() -> Json:
    media = "application/cloudevents+json"
    return {
        record.__name__: _message(type_, record, {"$ref": f"schemas/{type_}.json"}, _example(type_), media)
        for type_, record in EVENTS.items()
    }


def _commands() -> Json:
    return {
        name: _message(
            name,
            order,
            {"allOf": [_of("schemas", "Command"), _data(name)]},
            {"commandid": _COMMANDID, "token": "eyJ…", "phase": _phase(name), "data": _example(f"command.{name}.v1")},
        )
        for name, order in ORDERS.items()
    }


def _phase(command: str) -> str:
    return "KIP3" if command in COMMANDS and COMMANDS[command].scope == "programme" else "_"


def _answers() -> Json:
    accepted = _WRITTEN | {"events": [_RECEIPT]}
    refused = _NO | {"outcome": "refused", "code": str(Code.ROLE_MISSING)}
    failed = _NO | {"outcome": "failed", "code": "unavailable"}
    return {
        "accepted": _message("accepted", "The events are in the book.", _of("schemas", "Accepted"), accepted),
        "refused": _message("refused", "A rule says no; nothing was written.", _of("schemas", "Refused"), refused),
        "failed": _message("failed", "It failed outside the rules; see code.", _of("schemas", "Failed"), failed),
    }


def _batch() -> Json:
    kinds = [{"properties": {"type": {"const": name}, **_data(name)["properties"]}} for name in sorted(ORDERS)]
    commands = {
        "type": "array",
        "minItems": 1,
        "maxItems": LARGEST_BATCH,
        "items": {"allOf": [_of("schemas", "Item"), {"anyOf": kinds}]},
    }
    example = {"type": CONFIRM, "commandid": _COMMANDID, "data": _example(f"command.{CONFIRM}.v1")}
    return _message(
        "batch",
        "Up to 1000 commands of one person to one service, answered in order.",
        _object({"token": _TOKEN, "commands": commands}),
        {"token": "eyJ…", "commands": [example]},
    )


def _outcomes() -> Json:
    each = {"oneOf": [_of("schemas", name) for name in ("Accepted", "Refused", "Failed")]}
    return _message(
        "outcomes",
        "The answer to each command of a batch, in its order.",
        _object({"outcomes": {"type": "array", "minItems": 1, "items": each}}),
        {"outcomes": [_WRITTEN | {"events": [_RECEIPT]}]},
    )


def _event_channel(name: str) -> tuple[str, Json]:
    return f"event.{name}", _channel(f"book.{{canton}}.{{phase}}.{{service}}.{name}", name, WRITERS[name])


def _command_channel(name: str) -> tuple[str, Json]:
    owners = [service for service in SERVICES if name in commands_of(service)]
    return f"command.{name}", _channel(f"command.{{service}}.{{canton}}.{name}", name, tuple(owners))


def _channel(address: str, message: str, services: tuple[str, ...]) -> Json:
    """Describe a channel; where one service alone speaks or listens, its name stands in the address."""
    if len(services) == 1:
        address = address.replace("{service}", services[0])
    parameters = {name: _of("parameters", name) for name in _PARAMETERS if f"{{{name}}}" in address}
    return {"address": address, "parameters": parameters, "messages": {message: _of("messages", message)}}


def _operation(name: str, channel: Json) -> Json:
    """Say what the services do at a channel: send events, receive commands and answer them."""
    kind, _, about = name.partition(".")
    found: Json = {
        "action": "send" if kind == "event" else "receive",
        "channel": {"$ref": f"#/channels/{name}"},
        "messages": [{"$ref": f"#/channels/{name}/messages/{message}"} for message in channel["messages"]],
    }
    if kind == "command":
        answers = ("outcomes", "failed") if about == "batch" else tuple(_answers())
        found["reply"] = {
            "channel": {"$ref": "#/channels/answer"},
            "messages": [{"$ref": f"#/channels/answer/messages/{answer}"} for answer in answers],
        }
    if about in COMMANDS:
        act = COMMANDS[about]
        roles = ", ".join(sorted(act.roles)) or "whoever founds the book"
        found["description"] = f"Roles: {roles}." + (" Needs a second person." if act.two_persons else "")
    return found
