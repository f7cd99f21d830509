"""Canonical bytes: those of RFC 8785, within what a book may hold."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from enum import StrEnum
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from landbuch.contracts.canonical import DEEPEST, LARGEST_INTEGER, NotCanonicalError, canonical, digest, nfc, parse

_ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
_CONTROLS = st.text(st.sampled_from('\b\t\n\f\r\x01\x1f\x7f\x80"\\/\u2028\u20ac\U0001d11e'), max_size=8)
_TEXT = (_ANY_TEXT | _CONTROLS).map(lambda text: unicodedata.normalize("NFC", text))
_KEY = st.text(st.characters(min_codepoint=1, max_codepoint=127), max_size=8)
_SCALAR = st.booleans() | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | _TEXT
VALUES = st.recursive(
    _SCALAR,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEY, inner, max_size=4),
    max_leaves=12,
)


def nested(levels: int) -> Any:
    """A list in a list in a list."""
    value: Any = []
    for _ in range(levels - 1):
        value = [value]
    return value


@given(VALUES)
def test_the_bytes_are_those_of_the_reference_implementation(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(VALUES)
def test_what_was_written_reads_back(value: Any) -> None:
    assert parse(canonical(value)) == value


@given(VALUES)
def test_python_s_own_json_reads_the_same_value(value: Any) -> None:
    assert json.loads(canonical(value)) == value


@given(st.dictionaries(_KEY, st.integers(0, 9), min_size=2, max_size=5))
def test_the_order_in_which_keys_were_set_does_not_show(value: dict[str, int]) -> None:
    assert canonical(value) == canonical(dict(reversed(value.items())))


def test_tuples_are_written_like_lists_and_string_enums_like_their_value() -> None:
    class Colour(StrEnum):
        RED = "red"

    assert canonical((1, (2, Colour.RED))) == b'[1,[2,"red"]]'


@pytest.mark.parametrize(
    "value",
    [
        1.0, float("nan"), None, [None], {"a": None}, 2**53, -(2**53), 2**70, {"\u00e9": 1}, {1: 2}, b"x", {1}, "\0",
        {"\0": 1},
    ],
    ids=repr,
)  # fmt: skip
def test_what_a_book_does_not_hold_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonicalError):
        canonical(value)


def test_a_half_of_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(NotCanonicalError):
        canonical("\ud800")


def test_the_largest_integers_of_javascript_are_the_largest_here() -> None:
    assert parse(b"[-9007199254740991,9007199254740991]") == [-LARGEST_INTEGER, LARGEST_INTEGER]


def test_writing_demands_nfc_and_reading_does_not() -> None:
    decomposed = "e\u0301"
    with pytest.raises(NotCanonicalError, match="NFC"):
        canonical(decomposed)
    assert parse(f'"{decomposed}"'.encode()) == decomposed


@pytest.mark.parametrize(
    "payload",
    [
        b"", b" 1", b"1 ", b'{"a": 1}', b'{"b":1,"a":2}', b'{"a":1,"a":1}', b"1.0", b"1e2", b"-0", b"00", b"null",
        b'"\\u0041"', b'"\\u001F"', b'"\\/"', b'"\\u0000"', b'"\\ud800"', b"\xef\xbb\xbf1", b'"\xff"', b'"\xc0\xaf"',
        b'"\xed\xa0\x80"', b"NaN", b"[1,]", b"9007199254740992", b"18446744073709551616", b"rubbish", b"{}{}",
    ],
)  # fmt: skip
def test_bytes_in_another_form_are_refused(payload: bytes) -> None:
    with pytest.raises(NotCanonicalError):
        parse(payload)


def test_thirty_two_levels_are_read_and_written() -> None:
    assert parse(canonical(nested(DEEPEST))) == nested(DEEPEST)
    assert nfc(nested(DEEPEST)) == nested(DEEPEST)


@pytest.mark.parametrize("levels", [DEEPEST + 1, 300, 5000])
def test_more_levels_are_refused_whatever_the_stack_allows(levels: int) -> None:
    with pytest.raises(NotCanonicalError):
        parse(b"[" * levels + b"]" * levels)
    with pytest.raises(NotCanonicalError, match="32 levels"):
        canonical(nested(levels))
    with pytest.raises(NotCanonicalError, match="32 levels"):
        nfc(nested(levels))


@given(VALUES)
def test_a_digest_is_the_hash_of_the_bytes(value: Any) -> None:
    assert digest(value) == hashlib.sha256(canonical(value)).hexdigest()


def test_nfc_composes_text_at_every_depth() -> None:
    assert nfc({"a\u0300": ["u\u0308", ("o\u0308", 1, True)]}) == {"\u00e0": ["\u00fc", ["\u00f6", 1, True]]}
