"""Contributions that others pledge: waiting, free, cut, restored."""

from __future__ import annotations

import pytest

from landbuch.contracts.acts.contributions import ContributionPledged
from landbuch.sdk.testing.given import saying
from tests.scenes import ACCEPTED, IN_FORCE, PROMISED, allocate, amend, enter, given, pledge

AMOUNT = 500_000_00
EFFECTIVE = (("credit:unallocated:C:canton", AMOUNT), ("credit:pending:C:canton", -AMOUNT))
PLEDGED = (("credit:pending:PL:federal", 100_000_00), ("credit:authority:PL:federal", -100_000_00))


def test_a_binding_pledge_waits_for_the_credit_and_enters_into_force_with_it() -> None:
    given(*ACCEPTED).when(pledge()).then(saying(ContributionPledged, pledge="PL")).books(*PLEDGED)
    given(*ACCEPTED, pledge()).when(enter()).books(
        *EFFECTIVE, ("credit:unallocated:PL:federal", 100_000_00), ("credit:pending:PL:federal", -100_000_00)
    )


def test_a_binding_pledge_to_a_programme_in_force_is_free_at_once() -> None:
    given(*IN_FORCE).when(pledge()).books(
        ("credit:unallocated:PL:federal", 100_000_00), ("credit:authority:PL:federal", -100_000_00)
    )


def test_a_pledge_that_does_not_bind_is_known_and_not_booked() -> None:
    given(*IN_FORCE).when(pledge(binding=False)).books()
    given(*IN_FORCE, pledge(binding=False)).when(amend(5)).books()


@pytest.mark.parametrize(
    ("amount", "lines"),
    [
        (100_000_01, (("credit:unallocated:PL:federal", 1), ("credit:authority:PL:federal", -1))),
        (100_000_00, ()),
        (99_999_99, (("credit:authority:PL:federal", 1), ("credit:unallocated:PL:federal", -1))),
        (0, (("credit:authority:PL:federal", 100_000_00), ("credit:unallocated:PL:federal", -100_000_00))),
    ],
)
def test_an_amended_pledge_moves_the_difference(amount: int, lines: tuple[tuple[str, int], ...]) -> None:
    given(*IN_FORCE, pledge()).when(amend(amount)).books(*lines).warns()


def test_a_cut_pledge_takes_what_is_free_and_leaves_a_shortfall() -> None:
    given(*PROMISED).when(amend(20_000_00)).books(
        ("credit:authority:PL:federal", 80_000_00),
        ("credit:available:SP:federal", -20_000_00),
        ("credit:shortfall:federal", -60_000_00),
    ).warns("shortfall")
    given(*PROMISED).when(amend(80_000_00)).warns()


def test_a_pledge_is_amended_again_from_its_new_total() -> None:
    given(*IN_FORCE, pledge(), amend(60_000_00)).when(amend(70_000_00)).books(
        ("credit:unallocated:PL:federal", 10_000_00), ("credit:authority:PL:federal", -10_000_00)
    )


def test_a_pledge_can_be_allocated_like_a_credit() -> None:
    given(*IN_FORCE, pledge()).when(allocate("ZP", 100_000_00, credit="PL", source="federal")).books(
        ("credit:available:ZP:federal", 100_000_00), ("credit:unallocated:PL:federal", -100_000_00)
    )
