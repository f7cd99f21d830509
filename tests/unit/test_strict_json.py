"""Strict JSON: what is taken means one thing; what is not taken is named with its place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbuch.contracts.canonical import LARGEST_INTEGER
from landbuch.sdk.host.strict_json import NotStrictError, parse_object

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
VALUES = st.recursive(
    st.booleans() | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=5), st.booleans())
def test_what_means_one_thing_is_taken_as_it_is(value: dict[str, Any], ascii_only: bool) -> None:  # noqa: FBT001  # hypothesis draws it
    assert parse_object(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@pytest.mark.parametrize(
    ("payload", "detail"),
    [
        (b'{"a": 1.0}', "a: 1.0 is no integer below 2^53; amounts are whole Rappen"),
        (b'{"a": [1, {"b": 1e5}]}', "a.1.b: 1e5 is no integer below 2^53; amounts are whole Rappen"),
        (b'{"a": 9007199254740992}', "a: 9007199254740992 is no integer below 2^53; amounts are whole Rappen"),
        (b'{"a": -Infinity}', "a: -Infinity is no integer below 2^53; amounts are whole Rappen"),
        (b'{"a": null}', "a: null; leave the field out when there is no value"),
        (b'{"a": 1, "b": {"c": 1, "c": 1}}', "b.c: the key stands there twice"),
        (b'{"a": "\\u0000"}', "a: the text holds U+0000, which no text may hold"),
        (b'{"\\ud800": 1}', "\\ud800: the text holds U+D800, which no text may hold"),
        (b'{"a": null, "b": 0.5}', "a: null; leave the field out when there is no value; b: 0.5 is no"),
        (b'"a"', "the body must be a JSON object"),
        (b"{} {}", "no JSON: Extra data at character 3"),
        (b"\xef\xbb\xbf{}", "no JSON"),
        (b'{"a": "\xc3"}', "byte 7 is no UTF-8"),
    ],
)
def test_what_is_not_taken_is_named_with_its_place(payload: bytes, detail: str) -> None:
    with pytest.raises(NotStrictError) as raised:
        parse_object(payload)
    assert str(raised.value).startswith(detail)


def test_the_largest_integers_are_taken() -> None:
    assert parse_object(b'{"a": 9007199254740991, "b": -9007199254740991}') == {
        "a": LARGEST_INTEGER,
        "b": -LARGEST_INTEGER,
    }


def test_of_many_faults_the_first_ten_are_named() -> None:
    with pytest.raises(NotStrictError, match="and 5 more"):
        parse_object(json.dumps(dict.fromkeys("abcdefghijklmno", 0.5)).encode())
