"""Canonical JSON after RFC 8785 (JCS), narrowed to what a book may hold.

Keys are ASCII, numbers are integers between -(2**53 - 1) and 2**53 - 1, nothing is nested deeper than 32 levels, and
no text holds U+0000 (PostgreSQL cannot store it). There are no floats and no nulls: what is absent is left out. Within
these bounds orjson with sorted keys writes exactly the bytes of RFC 8785; a property test compares it with the
reference implementation.

Who writes also brings text into Unicode NFC. Who reads does not ask for it: each version of Unicode adds characters,
so two readers with different tables could disagree about what counts, and one book would have two balances.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping

import orjson

LARGEST_INTEGER = 2**53 - 1
DEEPEST = 32
"""Levels of lists and objects, so that no reader's stack decides what is canonical."""


class NotCanonicalError(ValueError):
    """The value or the bytes cannot stand in a book."""


def canonical(value: object) -> bytes:
    """Give the canonical bytes of a value; raises ``NotCanonicalError`` for floats, nulls, non-ASCII keys, non-NFC."""
    _demand(value, in_nfc=True)
    return _written(value)


def _written(value: object) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except (TypeError, ValueError) as error:
        raise NotCanonicalError(str(error)) from error


def digest(value: object) -> str:
    """Give the SHA-256 of the canonical bytes, 64 lower-case hex digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


def parse(payload: bytes) -> object:
    """Read canonical bytes; raises ``NotCanonicalError`` unless writing the value again gives the same bytes.

    Text need not be in NFC: that is a duty of the writer.
    """
    try:
        value: object = orjson.loads(payload)
    except ValueError as error:
        message = f"not JSON: {error}"
        raise NotCanonicalError(message) from error
    _demand(value, in_nfc=False)
    if _written(value) != payload:
        message = "the JSON is not in canonical form (RFC 8785: sorted keys, no white space, no repeated key)"
        raise NotCanonicalError(message)
    return value


def nfc(value: object, depth: int = 0) -> object:
    """Bring every string inside a JSON value into Unicode NFC, keys too; raises ``NotCanonicalError`` when too deep."""
    match value:
        case str():
            return unicodedata.normalize("NFC", value)
        case Mapping():
            _demand_depth(depth)
            return {unicodedata.normalize("NFC", key): nfc(item, depth + 1) for key, item in value.items()}
        case list() | tuple():
            _demand_depth(depth)
            return [nfc(item, depth + 1) for item in value]
        case _:
            return value


def _demand_depth(depth: int) -> None:
    if depth >= DEEPEST:
        raise NotCanonicalError(f"the value is nested deeper than {DEEPEST} levels")


def _demand(value: object, *, in_nfc: bool) -> None:
    """Refuse what JCS would write in more than one way, or what a book does not hold.

    Goes level by level, because every entry that is read passes here and calls cost more than loops.
    """
    level: list[object] = [value]
    depth = 0
    while level:
        inner: list[object] = []
        for item in level:
            if isinstance(item, str):
                _demand_text(item, in_nfc=in_nfc)
            elif isinstance(item, int):
                if not -LARGEST_INTEGER <= item <= LARGEST_INTEGER:
                    raise NotCanonicalError(f"the integer {item} is outside ±(2^53 - 1)")
            elif isinstance(item, dict):
                _demand_depth(depth)
                _demand_keys(item)
                inner.extend(item.values())
            elif isinstance(item, list | tuple):
                _demand_depth(depth)
                inner.extend(item)
            elif item is None:
                raise NotCanonicalError("null does not occur in a book: absent values are left out")
            else:
                raise NotCanonicalError(f"{item!r} ({type(item).__name__}) does not occur in a book")
        level = inner
        depth += 1


def _demand_keys(value: dict[object, object]) -> None:
    for key in value:
        if not isinstance(key, str) or not key.isascii() or "\0" in key:
            raise NotCanonicalError(f"the key {key!r} is not ASCII text")


def _demand_text(text: str, *, in_nfc: bool) -> None:
    if "\0" in text:
        raise NotCanonicalError(f"the text {text!r} holds U+0000")
    if in_nfc and not text.isascii() and not unicodedata.is_normalized("NFC", text):
        raise NotCanonicalError(f"the text {text!r} is not in Unicode NFC")
