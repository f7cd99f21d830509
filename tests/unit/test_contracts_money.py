"""Money: integer Rappen, written, read and split."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbuch.contracts.money import LARGEST, chf, decimal, parse_chf, split

AMOUNTS = st.integers(-LARGEST, LARGEST)
WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=12).filter(any)


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (0, "0.00"),
        (5, "0.05"),
        (99_999, "999.99"),
        (100_000, "1'000.00"),
        (149_818_800, "1'498'188.00"),
        (-5, "\u22120.05"),
    ],
)
def test_amounts_are_written_the_swiss_way(amount: int, written: str) -> None:
    assert chf(amount) == written


@given(AMOUNTS)
def test_what_is_written_for_people_reads_back(amount: int) -> None:
    assert parse_chf(chf(amount)) == amount


@given(AMOUNTS)
def test_what_is_written_for_machines_reads_back_and_is_exact(amount: int) -> None:
    assert parse_chf(decimal(amount)) == amount
    assert Fraction(decimal(amount)) * 100 == amount


def test_the_typographic_apostrophe_is_read_too() -> None:
    assert parse_chf("1\u2019498\u2019188.00") == 149_818_800


@pytest.mark.parametrize(
    "text",
    ["", "1.5", "1.555", "1,50", "1'49", "1498'188", "1 498", "+1", "1.", ".50", "--1", "CHF 1", "\u0661", "1e3"],
)
def test_what_leaves_a_doubt_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no amount in francs"):
        parse_chf(text)


@given(AMOUNTS, WEIGHTS)
def test_the_parts_add_up_to_the_rappen(amount: int, weights: list[int]) -> None:
    assert sum(split(amount, weights)) == amount


@given(AMOUNTS, WEIGHTS)
def test_each_part_is_less_than_a_rappen_from_its_share(amount: int, weights: list[int]) -> None:
    for part, weight in zip(split(amount, weights), weights, strict=True):
        assert abs(part - Fraction(amount * weight, sum(weights))) < 1


@given(AMOUNTS, WEIGHTS)
def test_who_has_no_weight_gets_nothing(amount: int, weights: list[int]) -> None:
    assert all(part == 0 for part, weight in zip(split(amount, weights), weights, strict=True) if weight == 0)


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        (100, (1, 1, 1), (34, 33, 33)),
        (101, (1, 1), (51, 50)),
        (-100, (1, 1, 1), (-33, -33, -34)),
        (7, (3, 2, 2), (3, 2, 2)),
        (1, (1, 2), (0, 1)),
        (0, (1, 2), (0, 0)),
    ],
)
def test_the_largest_remainder_wins_and_ties_go_to_the_first(
    amount: int, weights: tuple[int, ...], parts: tuple[int, ...]
) -> None:
    assert split(amount, weights) == parts


@pytest.mark.parametrize("weights", [(), (0, 0), (1, -1), (2, -1)])
def test_without_a_weight_there_is_no_split(weights: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="cannot split 5"):
        split(5, weights)
