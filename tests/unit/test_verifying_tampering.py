from __future__ import annotations

import pytest

from landbuch.sdk.tampering import first_difference

COPY = [bytes([number]) * 32 for number in range(6)]
OTHER = b"x" * 32


@pytest.mark.parametrize(
    ("stream", "position", "sentence"),
    [
        ([*COPY[:2], OTHER, *COPY[3:]], 3, "The event at position 3 was altered after it was written"),
        ([*COPY[:2], *COPY[3:]], 3, "The event that was written at position 3 is missing from the stream"),
        ([*COPY[:2], COPY[3], COPY[2], *COPY[4:]], 3, "positions 3 and 4 stand in each other's place"),
        ([*COPY[:2], OTHER, *COPY[2:]], 3, "An event was put in at position 3"),
        ([OTHER] * 6, 1, "The event at position 1 was altered"),
        ([*COPY[:5], OTHER], 6, "The event at position 6 was altered"),
    ],
)
def test_the_first_difference_from_the_copy_is_told(stream: list[bytes], position: int, sentence: str) -> None:
    damage = first_difference(stream, COPY, 1)
    assert damage is not None
    assert damage.position == position
    assert sentence in damage.sentence


@pytest.mark.parametrize("stream", [COPY, COPY[:4], [*COPY, OTHER]])
def test_what_is_there_and_equal_is_no_difference(stream: list[bytes]) -> None:
    assert first_difference(stream, COPY, 1) is None


def test_positions_count_from_where_the_comparison_begins() -> None:
    damage = first_difference([COPY[0], OTHER], COPY, 1001)
    assert damage is not None
    assert damage.position == 1002
