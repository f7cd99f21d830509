"""Accounts, the trial balance over them, and the headline figures."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbuch.contracts import accounts as at
from landbuch.contracts import figures, trial
from landbuch.contracts.accounts import guarded, merged, transfer, unbalanced_layer
from landbuch.contracts.evolve import evolve
from landbuch.contracts.publish.book import first_road
from landbuch.contracts.state import BookState

KINDS = ("available", "blocked", "lapsed")
OF_AGREEMENTS = ("open", "released", "used", "recovered")
CREDIT_ACCOUNTS = st.sampled_from(
    [at.authority("C", "canton"), at.pending("C", "canton"), at.unallocated("C", "canton"), at.lapsed("_", "canton")]
    + [at.shortfall("canton")]
    + [f"credit:{kind}:{area}:canton" for kind in KINDS for area in ("SP", "ZP")]
    + [f"credit:{kind}:{area}:canton:A-1" for kind in OF_AGREEMENTS for area in ("SP", "ZP")]
)
BALANCES = st.dictionaries(CREDIT_ACCOUNTS, st.integers(-(10**9), 10**9), max_size=12)


@pytest.mark.parametrize(
    "account",
    [
        at.pending("C", "canton"), at.unallocated("C", "canton"), at.available("SP", "canton"),
        at.blocked("SP", "canton"), at.open_("SP", "canton", "A-1"),
        "credit:released:SP:canton:A-1", "credit:used:SP:canton:A-1", at.lapsed("_", "canton"),
        "budget:free:2024", "budget:blocked:2024", "budget:released:2024", "budget:used:2024",
        "finance:1013:SP:canton:A-1",
    ],
)  # fmt: skip
def test_these_accounts_never_fall_below_zero(account: str) -> None:
    assert guarded(account)


@pytest.mark.parametrize(
    "account",
    [
        at.authority("C", "canton"), at.shortfall("canton"), "credit:recovered:SP:canton:A-1", "budget:authority:2024",
        "budget:lapsed:2024", "finance:100", "finance:10130", "finance:1014:SEM:federal", "finance:200:A-1",
    ],
)  # fmt: skip
def test_these_accounts_may(account: str) -> None:
    assert not guarded(account)


def test_lines_of_one_account_are_merged_at_its_first_place_and_zeros_dropped() -> None:
    lines = [("a:1", 5), ("b:1", -5), ("a:1", 2), ("c:1", 3), ("c:1", -3), ("b:1", -2)]
    assert merged(lines) == (("a:1", 7), ("b:1", -7))


def test_a_transfer_debits_the_first_and_credits_the_second() -> None:
    assert transfer("finance:100", "finance:200", 5) == (("finance:100", 5), ("finance:200", -5))


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ((), None),
        ((("credit:a", 5), ("credit:b", -5), ("budget:a", 1), ("budget:b", -1)), None),
        ((("credit:a", 5), ("budget:a", -5)), ("budget", -5)),
        ((("finance:a", 5), ("credit:a", 1)), ("credit", 1)),
    ],
)
def test_the_first_layer_that_does_not_sum_to_zero_is_named(
    lines: tuple[tuple[str, int], ...], found: tuple[str, int] | None
) -> None:
    assert unbalanced_layer(lines) == found


def test_the_root_of_no_rows_is_the_hash_of_nothing() -> None:
    assert trial.root({}) == hashlib.sha256(b"").hexdigest()


def test_zero_rows_are_left_out_of_the_trial_balance() -> None:
    assert trial.rows({("KIP3", "finance:100"): 0}) == []


def test_rows_are_canonical_and_sorted_bytewise() -> None:
    balances = {
        ("_", "finance:2"): -1,
        ("KIP3", "finance:10"): 1,
        ("KIP3", "finance:1"): 2,
        ("KIP2BIS", "finance:9"): 3,
    }
    assert trial.rows(balances) == [
        b'["KIP2BIS","finance:9",3]', b'["KIP3","finance:1",2]', b'["KIP3","finance:10",1]', b'["_","finance:2",-1]',
    ]  # fmt: skip


def test_an_amount_beyond_json_is_a_row_all_the_same() -> None:
    assert trial.rows({("KIP3", "finance:1"): 2**53 - 1}) == [b'["KIP3","finance:1",9007199254740991]']
    assert trial.rows({("KIP3", "finance:1"): -(2**53)}) == [b'["KIP3","finance:1","-9007199254740992"]']


@given(BALANCES)
def test_per_area_approved_less_committed_is_available_blocked_and_lapsed(balances: dict[str, int]) -> None:
    for (area, _), found in figures.headline(balances).items():
        if area != figures.NO_AREA:
            assert found.approved - found.committed == found.available + found.blocked + found.lapsed


@given(BALANCES)
def test_in_force_is_committed_and_everything_that_is_left(balances: dict[str, int]) -> None:
    whole = figures.total(figures.headline(balances))
    left = whole.unallocated + whole.available + whole.blocked + whole.lapsed + whole.shortfall
    assert whole.approved == whole.in_force == whole.committed + left
    assert whole.decided == whole.pending + whole.in_force


@given(BALANCES)
def test_the_programme_is_the_sum_of_its_areas_and_sources(balances: dict[str, int]) -> None:
    by_area = figures.headline(balances)
    whole = figures.total(by_area)
    for name in ("decided", "pending", "committed", "disbursed", "available", "lapsed", "shortfall"):
        assert getattr(whole, name) == sum(getattr(found, name) for found in by_area.values())
    assert sum(found.approved for found in by_area.values()) == whole.in_force - whole.unallocated - whole.shortfall - (
        sum(amount for account, amount in balances.items() if account == at.lapsed("_", "canton"))
    )


@pytest.mark.parametrize(
    ("account", "names"),
    [
        (at.pending("C", "canton"), {"decided", "pending"}),
        (at.unallocated("C", "canton"), {"decided", "in_force", "unallocated"}),
        (at.shortfall("canton"), {"decided", "in_force", "shortfall"}),
        (at.lapsed("_", "canton"), {"decided", "in_force", "lapsed"}),
        (at.lapsed("SP", "canton"), {"decided", "in_force", "approved", "lapsed"}),
        (at.available("SP", "canton"), {"decided", "in_force", "approved", "available"}),
        (at.blocked("SP", "canton"), {"decided", "in_force", "approved", "blocked"}),
        (at.open_("SP", "canton", "A-1"), {"decided", "in_force", "approved", "committed"}),
        ("credit:released:SP:canton:A-1", {"decided", "in_force", "approved", "committed"}),
        ("credit:used:SP:canton:A-1", {"decided", "in_force", "approved", "committed", "disbursed"}),
        ("credit:recovered:SP:canton:A-1", {"decided", "in_force", "approved", "committed", "recovered"}),
    ],
)
def test_an_account_counts_in_exactly_these_figures(account: str, names: set[str]) -> None:
    (found,) = figures.headline({account: 7}).values()
    assert {name for name in figures.DEFINITIONS if getattr(found, name)} == names


@pytest.mark.parametrize(
    "account",
    ["credit:available", "credit:open:SP:canton", "credit:shortfall:a:b", "credit:new:SP:canton", "credit:used:_"],
)
def test_an_account_that_only_a_forger_names_counts_in_no_figure_and_stops_nobody(account: str) -> None:
    assert figures.headline({account: 7}) == {}


def test_authority_and_other_layers_count_in_no_figure() -> None:
    assert figures.headline({at.authority("C", "canton"): -7, "budget:free:2024": 7, "finance:100": 7}) == {}


def test_every_figure_is_defined_in_words() -> None:
    assert set(figures.DEFINITIONS) == set(figures.Figures.__slots__)


def test_the_figures_of_the_example_book() -> None:
    state = BookState("AI")
    for line in first_road():
        evolve(state, line.event, line.event.position, line.leaf)
    by_area = figures.headline(dict(state.accounts("EX1", "credit:")))
    sprache = by_area["SP", "canton"]
    assert (sprache.approved, sprache.committed, sprache.available) == (44_900_000, 20_000_000, 24_900_000)
    whole = figures.total(by_area)
    assert (whole.decided, whole.pending, whole.shortfall) == (1_500_000_00 + 100_000_00 - 26_000_00 + 600_000_00, 0, 0)
