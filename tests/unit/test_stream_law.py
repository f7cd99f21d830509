"""The law of a book's stream, and how each difference is said."""

from __future__ import annotations

from typing import Any

import pytest

from landbuch.sdk.book.setup import FREE, LAW, check_stream, differences, law
from landbuch.sdk.errors import StreamDiffersError

REPORTED: dict[str, Any] = {
    "consumer_limits": {},
    "duplicate_window": 120_000_000_000,
    "compression": "none",
    "mirror_direct": False,
    "sealed": False,
    "allow_msg_ttl": False,
    "metadata": {"_nats.level": "5"},
}
"""What a server of version 2.15 reports beside what it was told."""


def config(**changes: Any) -> dict[str, Any]:
    return {**law("BL", 3), **REPORTED, **changes}


def test_a_stream_after_the_law_differs_in_nothing() -> None:
    assert differences(config(), 3) == []
    check_stream({"config": config()}, 3)


@pytest.mark.parametrize("name", sorted(LAW))
def test_every_setting_of_the_law_is_compared_and_its_reason_is_given(name: str) -> None:
    demanded = LAW[name]
    changed = not demanded if isinstance(demanded, bool) else 7 if isinstance(demanded, int) else "memory"
    (sentence,) = differences(config(**{name: changed}), 3)
    assert sentence.startswith(f"{name} is {changed!r}; it must be {demanded!r}")


@pytest.mark.parametrize("name", sorted(name for name, demanded in LAW.items() if demanded is not False))
def test_a_setting_that_is_left_out_differs_unless_the_law_wants_it_off(name: str) -> None:
    told = config()
    del told[name]
    (sentence,) = differences(told, 3)
    assert sentence.startswith(f"{name} is left out")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("subject_transform", {"src": "book.BL.>", "dest": "x.>"}),
        ("mirror", {"name": "OTHER"}),
        ("sources", [{"name": "OTHER"}]),
        ("republish", {"src": ">", "dest": "x.>"}),
        ("no_ack", True),
        ("sealed", True),
        ("allow_msg_ttl", True),
        ("persist_mode", "async"),
        ("consumer_limits", {"max_ack_pending": 5}),
        ("first_seq", 100),
        ("a_setting_of_a_later_server", True),
    ],
)
def test_whatever_the_law_does_not_know_must_be_off(name: str, value: object) -> None:
    (sentence,) = differences(config(**{name: value}), 3)
    assert sentence.startswith(f"{name} is {value!r}; it must be left out")


@pytest.mark.parametrize(
    "subjects", [[], ["book.>"], ["book.XX.>"], ["book.BL.>", "book.BS.>"], ["book.BL.KIP3.>"], ["retired.BL.>"]]
)
def test_a_book_captures_the_subjects_of_one_canton(subjects: list[str]) -> None:
    (sentence,) = differences(config(subjects=subjects), 3)
    assert "must be the subjects of one canton" in sentence


def test_the_number_of_replicas_is_compared_where_it_is_known() -> None:
    assert differences(config(num_replicas=1)) == []
    (sentence,) = differences(config(num_replicas=1), 3)
    assert sentence == "num_replicas is 1; it must be 3, as this service is told."


def test_all_differences_are_listed_with_what_to_do() -> None:
    with pytest.raises(StreamDiffersError) as differs:
        check_stream({"config": config(max_age=60, discard="old")}, 3)
    text = str(differs.value)
    assert text.count("\n  - ") == 2
    assert "refuses to work" in text
    assert "operator" in text


def test_only_cantons_have_books() -> None:
    with pytest.raises(ValueError, match="'XX' is not the code of a Swiss canton"):
        law("XX", 1)


def test_no_setting_is_both_free_and_ruled() -> None:
    assert not FREE & set(LAW)
