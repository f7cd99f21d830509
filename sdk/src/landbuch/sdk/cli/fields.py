"""From the model of a command's data to options of the command line, and from what was typed to the wire's values.

Amounts are typed in francs (``1'498'188.00``) and travel as integer Rappen. A part such as an allocation is typed as
``area=SP,source=canton,amount=300'000.00`` or as JSON; inside JSON an amount is a text in francs or an integer in
Rappen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import orjson

from landbuch.contracts.catalogue import ORDERS
from landbuch.contracts.money import parse_chf

Kind = Literal["amount", "percent", "integer", "flag", "choice", "text", "part"]

_RAPPEN = "Rappen"
_BASIS_POINTS = "hundredths of a percent"
_COMMON = ("occurred_on", "booked_on", "evidence")
_PERCENT = re.compile(r"(\d{1,3})(?:\.(\d{1,2}))?\s*%")
_METAVARS = {
    "^[A-Z0-9][A-Z0-9-]{0,31}$": "ID",
    "^[A-Z]{2,4}$": "AREA",
    "^[A-Z0-9]{1,16}$": "PHASE",
    "^[0-9a-f]{64}$": "SHA256",
    "^CHE-[0-9]{3}\\.[0-9]{3}\\.[0-9]{3}$": "CHE-…",
}
_HINTS = {
    "occurred_on": "Date of the fact: day, month (2021-07) or year; leave it out when it is not known.",
    "booked_on": "Day of booking, or the word fact for recorded history; left out: today.",
    "evidence": "Where the fact is written:",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """What a value looks like: a scalar of a kind, or a part with named members."""

    kind: Kind
    metavar: str
    members: Mapping[str, Shape | None] | None = None
    """Of a part: the shape of each member; None stands for one that only JSON can say."""
    optional: tuple[str, ...] = ()
    """Of a part: the members that may be left out."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a command's data as an option."""

    name: str
    shape: Shape
    required: bool
    many: bool
    """Whether it is a list: the option may be repeated."""

    @property
    def option(self) -> str:
        """The option's name: ``--booked-on``."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def help(self) -> str:
        """What the option takes, in words."""
        said = [_HINTS.get(self.name, "")]
        match self.shape.kind:
            case "amount":
                said.append("Francs, such as 1'498'188.00.")
            case "percent":
                said.append("Such as 58.97%, or hundredths of a percent.")
            case "part":
                said.append(_part_told(self.shape))
            case _:
                pass
        if self.many:
            said.append("Repeat it for more." if self.shape.kind == "part" else "Repeat it, or join with commas.")
        if self.required:
            said.append("[required]")
        return " ".join(part for part in said if part)


def _part_told(part: Shape) -> str:
    """Say how a part is typed."""
    members = part.members or {}
    if None in members.values():
        return f"JSON with {', '.join(members)}."
    pairs = ",".join(f"{name}=…" for name in members if name not in part.optional)
    pairs += f" (also {', '.join(part.optional)})" if part.optional else ""
    shapes = [(name, shape) for name, shape in members.items() if shape is not None]
    choices = [f"{name} is {shape.metavar.replace('|', ', ')}" for name, shape in shapes if shape.kind == "choice"]
    francs = [f"{name} in francs" for name, shape in shapes if shape.kind == "amount"]
    notes = f"; {'; '.join([*choices, *francs])}" if choices or francs else ""
    return f"{pairs} or JSON{notes}."


@cache
def fields_of(command: str) -> tuple[Field, ...]:
    """Give the options of a command: required ones first, then its own, then those that every command has."""
    schema = ORDERS[command].model_json_schema()
    required = frozenset(schema.get("required", ()))
    found = []
    for name, described in schema["properties"].items():
        plain, many = _resolved(described, schema), False
        if plain.get("type") == "array":
            plain, many = _resolved(plain["items"], schema), True
        found.append(Field(name, _shape(plain, schema), name in required, many))
    return tuple(sorted(found, key=lambda field: (field.name in _COMMON, not field.required)))


def value_of(field: Field, typed: Any) -> Any:  # noqa: ANN401  # what a command line gives, what JSON holds
    """Bring what was typed for a field into the wire's form; raises ``ValueError`` with a sentence."""
    if field.shape.kind == "flag" and not field.many:
        return bool(typed)
    if not field.many:
        return _one(field.shape, typed)
    values: list[Any] = []
    for text in typed:
        if field.shape.members is None:
            whole = orjson.loads(text) if text.startswith("[") else [part for part in text.split(",") if part]
            values += [_one(field.shape, str(part)) for part in whole]
        else:
            part = _one(field.shape, text)
            values += part if isinstance(part, list) else [part]
    return values


def _one(shape: Shape, text: str) -> Any:  # noqa: ANN401  # what JSON holds
    match shape.kind:
        case "amount":
            return parse_chf(text)
        case "percent":
            return _basis_points(text)
        case "integer":
            return _integer(text)
        case "flag":
            return _flag(text)
        case "part":
            return _part(shape, text)
        case _:
            return text


def _part(shape: Shape, text: str) -> Any:  # noqa: ANN401  # what JSON holds
    """Read a part: JSON, or ``name=value`` pairs joined by commas."""
    assert shape.members is not None  # a part has members
    if text.lstrip().startswith(("{", "[")):
        try:
            return _rappen(orjson.loads(text), shape)
        except orjson.JSONDecodeError as error:
            message = f"{text!r} is not JSON: {error}"
            raise ValueError(message) from error
    part: dict[str, Any] = {}
    for pair in text.split(","):
        name, equals, value = pair.partition("=")
        member = shape.members.get(name.strip())
        if not equals or member is None:
            known = ", ".join(shape.members)
            message = f"{pair!r} is not understood; write name=value with {known}, joined by commas, or JSON"
            raise ValueError(message)
        part[name.strip()] = _one(member, value.strip())
    return part


def _rappen(value: Any, shape: Shape) -> Any:  # noqa: ANN401  # what JSON holds
    """Bring amounts that JSON gives as a text in francs into Rappen; leave everything else as it is."""
    if isinstance(value, list):
        return [_rappen(item, shape) for item in value]
    if not isinstance(value, dict):
        return value
    members = shape.members or {}
    return {
        name: parse_chf(item)
        if isinstance(item, str) and (member := members.get(name)) is not None and member.kind == "amount"
        else item
        for name, item in value.items()
    }


def _integer(text: str) -> int:
    if re.fullmatch(r"-?\d{1,3}(?:'\d{3})+|-?\d+", text.strip()) is None:
        message = f"{text!r} is not a whole number"
        raise ValueError(message)
    return int(text.replace("'", ""))


def _basis_points(text: str) -> int:
    match = _PERCENT.fullmatch(text.strip())
    if match is None:
        if text.strip().endswith("%") or "." in text:
            message = f"{text!r} is no share; write for example 58.97%, or 5897 hundredths of a percent"
            raise ValueError(message)
        return _integer(text)
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))


def _flag(text: str) -> bool:
    known = {"true": True, "yes": True, "false": False, "no": False}
    if text.lower() not in known:
        message = f"{text!r} is neither true nor false"
        raise ValueError(message)
    return known[text.lower()]


def _resolved(described: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference, and leave out that a value may be absent."""
    if "$ref" in described:
        return _resolved(schema["$defs"][described["$ref"].rpartition("/")[2]], schema)
    if "type" not in described and "anyOf" in described:
        (only,) = (choice for choice in described["anyOf"] if choice.get("type") != "null")
        return _resolved(only, schema)
    return described


def _shape(described: Mapping[str, Any], schema: Mapping[str, Any]) -> Shape:
    choices: Sequence[str] | None = described.get("enum")
    match described.get("type"):
        case "object":
            members = {name: _member(part, schema) for name, part in described["properties"].items()}
            needed = described.get("required", ())
            optional = tuple(name for name in members if name not in needed)
            return Shape("part", "PART" if None not in members.values() else "JSON", members, optional)
        case "integer" if described.get("description") == _RAPPEN:
            return Shape("amount", "CHF")
        case "integer" if described.get("description") == _BASIS_POINTS:
            return Shape("percent", "SHARE")
        case "integer":
            return Shape("integer", "N")
        case "boolean":
            return Shape("flag", "true|false")
        case _ if choices is not None:
            return Shape("choice", "|".join(choices))
        case _:
            return Shape("text", _metavar(described))


def _member(described: Mapping[str, Any], schema: Mapping[str, Any]) -> Shape | None:
    plain = _resolved(described, schema)
    if plain.get("type") in {"object", "array"}:
        return None
    return _shape(plain, schema)


def _metavar(described: Mapping[str, Any]) -> str:
    pattern = str(described.get("pattern", ""))
    if described.get("format") == "date":
        return "YYYY-MM-DD"
    if "anyOf" in described:
        return "DATE"
    if pattern.startswith("^[a-z][a-z0-9]*-"):
        return "p-…"
    return _METAVARS.get(pattern, "TEXT")
