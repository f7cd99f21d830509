"""Reading JSON strictly: what could mean two things is refused, with the place where it stands.

Refused are bytes that are no UTF-8, repeated keys, numbers that are no integers or too large, NaN and Infinity, nulls
(what is absent is left out), and texts with half a character pair or the character U+0000.
"""

from __future__ import annotations

import json
import re
from typing import Any

from landbuch.contracts.canonical import LARGEST_INTEGER

_UNFIT = re.compile("[\x00\ud800-\udfff]")
_SHOWN_AT_MOST = 10
_DEEPEST = 100
"""Far beyond what any command holds, and what every reader behind this one can follow."""


class NotStrictError(ValueError):
    """The JSON cannot be taken; the message names each place."""


class _Number:
    """A number that is no integer, kept as text until its place is known."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class _Repeated(dict[str, Any]):
    """An object in which keys occur twice."""

    repeated: tuple[str, ...] = ()


def parse_object(payload: bytes) -> dict[str, Any]:
    """Read one JSON object; raises ``NotStrictError``."""
    try:
        value = json.loads(
            payload.decode("utf-8"),
            object_pairs_hook=_object,
            parse_float=_Number,
            parse_constant=_Number,
            parse_int=_integer,
        )
    except UnicodeDecodeError as error:
        raise NotStrictError(f"byte {error.start} is no UTF-8") from None
    except json.JSONDecodeError as error:
        raise NotStrictError(f"no JSON: {error.msg} at character {error.pos}") from None
    except RecursionError:
        raise NotStrictError("objects and lists are nested too deeply") from None
    if not isinstance(value, dict):
        raise NotStrictError("the body must be a JSON object")
    problems: list[str] = []
    _inspect(value, "", problems)
    if problems:
        more = len(problems) - _SHOWN_AT_MOST
        shown = problems[:_SHOWN_AT_MOST] + ([f"and {more} more"] if more > 0 else [])
        raise NotStrictError("; ".join(shown))
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    keys = [key for key, _ in pairs]
    marked = _Repeated(value)
    marked.repeated = tuple(sorted({key for key in keys if keys.count(key) > 1}))
    return marked


def _integer(text: str) -> int | _Number:
    if len(text) > len(str(-LARGEST_INTEGER)):
        return _Number(text)
    number = int(text)
    # JSON's -0 is the integer 0 to some readers and a float to others.
    return number if -LARGEST_INTEGER <= number <= LARGEST_INTEGER and text != "-0" else _Number(text)


def _inspect(value: object, place: str, problems: list[str], depth: int = 0) -> None:
    if depth > _DEEPEST:
        raise NotStrictError(f"objects and lists are nested more than {_DEEPEST} deep")
    match value:
        case str():
            if not value.isascii() or "\x00" in value:
                _inspect_text(value, place, problems)
        case int():
            return
        case dict():
            if isinstance(value, _Repeated):
                problems += [f"{_below(place, key)}: the key stands there twice" for key in value.repeated]
            for key, item in value.items():
                _inspect(key, _below(place, key), problems)
                _inspect(item, _below(place, key), problems, depth + 1)
        case list():
            for index, item in enumerate(value):
                _inspect(item, _below(place, str(index)), problems, depth + 1)
        case _Number():
            problems.append(f"{place}: {value.text[:40]} is no integer below 2^53; amounts are whole Rappen")
        case _:
            problems.append(f"{place}: null; leave the field out when there is no value")


def _inspect_text(value: str, place: str, problems: list[str]) -> None:
    found = _UNFIT.search(value)
    if found is not None:
        problems.append(f"{_printable(place)}: the text holds U+{ord(found.group()):04X}, which no text may hold")


def _below(place: str, part: str) -> str:
    return f"{place}.{_printable(part)}" if place else _printable(part)


def _printable(text: str) -> str:
    return text[:60].encode("ascii", "backslashreplace").decode() if _UNFIT.search(text[:60]) else text[:60]
