"""Money in force: allocated, shifted, blocked, reduced, lapsed, shortfalls covered; and the yearly budgets."""

from __future__ import annotations

from typing import Any

import pytest

from landbuch.contracts.acts.budgets import (
    BlockBudget,
    BudgetBlocked,
    BudgetCarriedOver,
    BudgetLapsed,
    BudgetSupplemented,
    BudgetUnblocked,
    BudgetVoted,
    CarryOverBudget,
    LapseBudget,
    RecordBudgetSupplement,
    RecordBudgetVote,
    UnblockBudget,
)
from landbuch.contracts.acts.credits import (
    AllocateCredit,
    AllocationShifted,
    BlockCredit,
    CoverShortfall,
    CreditAllocated,
    CreditBlocked,
    CreditLapsed,
    CreditReduced,
    CreditUnblocked,
    LapseCredit,
    ReduceCredit,
    ShiftAllocation,
    ShortfallCovered,
    UnblockCredit,
)
from landbuch.contracts.refusals import Code
from landbuch.contracts.vocabulary import Order, Record
from landbuch.sdk.testing.given import Said, saying
from tests.scenes import (
    ACCEPTED,
    ADMINISTRATORS,
    ALLOCATED,
    CLERK,
    FINANCE,
    IN_FORCE,
    OPEN,
    SHORT,
    SHORTFALL_AT,
    allocate,
    amend,
    decide,
    draft,
    enter,
    given,
    order,
    pledge,
    programme,
    propose,
    sign,
)

UNALLOCATED = "credit:unallocated:C:canton"
AVAILABLE = "credit:available:SP:canton"
FREE = 300_000_00
"""What ALLOCATED leaves available in SP; 200'000.00 are unallocated."""


def shift(amount: int, **more: Any) -> Said:
    """Finance moves money of the canton from SP to ZP."""
    terms = {"source": "canton", "from_area": "SP", "to_area": "ZP", "amount": amount, "decided_by": "Regierungsrat"}
    return FINANCE(order(ShiftAllocation, **(terms | more)))


def share(model: type[Order], amount: int) -> Said:
    """Finance moves money of SP and the canton."""
    return FINANCE(order(model, area="SP", source="canton", amount=amount, reason="Audit"))


def reduce(amount: int, **more: Any) -> Said:
    """Finance reduces the credit."""
    return FINANCE(
        order(ReduceCredit, **({"credit": "C", "source": "canton", "amount": amount, "reason": "Savings"} | more))
    )


def cover(*, covers: list[int], **parts: Any) -> Said:
    """Finance covers a federal shortfall."""
    return FINANCE(order(CoverShortfall, source="federal", covers=covers, **parts))


@pytest.mark.parametrize("amount", [1, 500_000_00])
def test_unallocated_money_goes_to_areas_up_to_the_last_rappen(amount: int) -> None:
    given(*IN_FORCE).when(allocate(amount=amount)).then(saying(CreditAllocated, credit="C")).books(
        (AVAILABLE, amount), (UNALLOCATED, -amount)
    )


def test_a_rappen_more_than_is_unallocated_is_refused() -> None:
    given(*IN_FORCE).when(allocate(amount=500_000_01)).refused(
        Code.CREDIT_EXCEEDED, "KIP3 C canton unallocated has 500'000.00", "0.01 too much"
    )


def test_the_parts_of_one_allocation_count_together() -> None:
    parts = [{"area": area, "source": "canton", "amount": 250_000_00} for area in ("SP", "ZP")]
    both = order(AllocateCredit, credit="C", allocations=parts)
    given(*IN_FORCE).when(FINANCE(both)).books(
        (AVAILABLE, 250_000_00), (UNALLOCATED, -500_000_00), ("credit:available:ZP:canton", 250_000_00)
    )
    given(*IN_FORCE, allocate(amount=1)).when(FINANCE(both)).refused(Code.CREDIT_EXCEEDED, "499'999.99")


def test_money_that_is_pending_is_not_allocated() -> None:
    given(*ACCEPTED).when(allocate(amount=1)).refused(Code.CREDIT_NOT_IN_FORCE)
    given(*ACCEPTED, pledge()).when(allocate(credit="PL", source="federal", amount=1)).refused(Code.CREDIT_NOT_IN_FORCE)


def test_a_credit_of_another_phase_is_unknown_here() -> None:
    history = (*IN_FORCE, ADMINISTRATORS.within("KIP4")(programme()))
    given(*history).when(FINANCE.within("KIP4")(allocate().order)).refused(Code.CREDIT_UNKNOWN, "it belongs to KIP3")


@pytest.mark.parametrize("amount", [1, FREE])
def test_available_money_is_shifted_between_areas(amount: int) -> None:
    given(*ALLOCATED).when(shift(amount)).then(saying(AllocationShifted, amount=amount)).books(
        ("credit:available:ZP:canton", amount), (AVAILABLE, -amount)
    )


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (shift(FREE + 1), Code.CREDIT_EXCEEDED),
        (shift(1, from_area="ZP", to_area="SP"), Code.CREDIT_EXCEEDED),
        (shift(1, to_area="XX"), Code.AREA_UNKNOWN),
        (shift(1, source="third"), Code.SOURCE_UNKNOWN),
    ],
)
def test_a_shift_that_cannot_be_is_refused(said: Said, code: Code) -> None:
    given(*ALLOCATED).when(said).refused(code)


@pytest.mark.parametrize("amount", [1, FREE])
def test_available_money_is_blocked_and_set_free_again(amount: int) -> None:
    lines = (("credit:blocked:SP:canton", amount), (AVAILABLE, -amount))
    given(*ALLOCATED).when(share(BlockCredit, amount)).then(saying(CreditBlocked, amount=amount)).books(*lines)
    given(*ALLOCATED, share(BlockCredit, amount)).when(share(UnblockCredit, amount)).then(
        saying(CreditUnblocked, amount=amount)
    ).books((AVAILABLE, amount), ("credit:blocked:SP:canton", -amount))


def test_no_more_is_blocked_than_is_available_nor_set_free_than_is_blocked() -> None:
    given(*ALLOCATED).when(share(BlockCredit, FREE + 1)).refused(Code.CREDIT_EXCEEDED, "SP canton available", "0.01")
    given(*ALLOCATED, share(BlockCredit, 5)).when(share(UnblockCredit, 6)).refused(
        Code.CREDIT_EXCEEDED, "SP canton blocked has 0.05"
    )


def test_blocked_money_cannot_be_promised() -> None:
    given(*ALLOCATED, share(BlockCredit, 1)).when(share(LapseCredit, FREE)).refused(Code.CREDIT_EXCEEDED)


@pytest.mark.parametrize("amount", [1, FREE])
def test_available_money_lapses(amount: int) -> None:
    given(*ALLOCATED).when(share(LapseCredit, amount)).then(saying(CreditLapsed, amount=amount)).books(
        ("credit:lapsed:SP:canton", amount), (AVAILABLE, -amount)
    )


@pytest.mark.parametrize("amount", [1, 200_000_00])
def test_a_credit_is_reduced_by_what_is_unallocated(amount: int) -> None:
    given(*ALLOCATED).when(reduce(amount)).then(saying(CreditReduced, amount=amount)).books(
        ("credit:authority:C:canton", amount), (UNALLOCATED, -amount)
    )
    given(*ALLOCATED).when(reduce(200_000_01)).refused(Code.CREDIT_EXCEEDED, "unallocated has 200'000.00")


@pytest.mark.parametrize("amount", [1, FREE])
def test_a_credit_is_reduced_by_what_an_area_has_available(amount: int) -> None:
    given(*ALLOCATED).when(reduce(amount, area="SP")).books(("credit:authority:C:canton", amount), (AVAILABLE, -amount))
    given(*ALLOCATED).when(reduce(FREE + 1, area="SP")).refused(Code.CREDIT_EXCEEDED, "available has 300'000.00")


def test_a_credit_is_not_reduced_below_zero_with_the_money_of_another() -> None:
    supplement = (propose("S", 10_000_00, supplement_to="C"), decide("S"), enter("S"))
    history = (*ALLOCATED, *supplement)
    given(*history).when(reduce(10_000_00, credit="S", area="SP")).books(
        ("credit:authority:S:canton", 10_000_00), (AVAILABLE, -10_000_00)
    )
    given(*history).when(reduce(10_000_01, credit="S", area="SP")).refused(Code.CREDIT_EXCEEDED, "S gave 10'000.00")


def test_a_pledge_is_reduced_like_a_credit() -> None:
    given(*IN_FORCE, pledge()).when(reduce(5, credit="PL", source="federal")).books(
        ("credit:authority:PL:federal", 5), ("credit:unallocated:PL:federal", -5)
    )


RESTORED = (*SHORT, amend(100_000_00))
"""30'000.00 are short, 50'000.00 are unallocated again."""


def test_a_shortfall_is_covered_from_new_authority_and_signing_goes_on() -> None:
    whole = cover(covers=[SHORTFALL_AT], from_unallocated=[{"credit": "PL", "amount": 30_000_00}])
    given(*RESTORED).when(whole).then(saying(ShortfallCovered, covers=(SHORTFALL_AT,))).books(
        ("credit:shortfall:federal", 30_000_00), ("credit:unallocated:PL:federal", -30_000_00)
    )
    rest = (allocate("SP", 20_000_00, credit="PL", source="federal"), draft("A-2", 20_000_00, source="federal"))
    given(*RESTORED, *rest).when(sign("A-2")).refused(Code.SHORTFALL_OPEN, "30'000.00")
    given(*RESTORED, *rest, whole).when(sign("A-2")).books(
        ("credit:open:SP:federal:A-2", 20_000_00), ("credit:available:SP:federal", -20_000_00)
    )


def test_a_shortfall_is_covered_in_parts_from_areas_and_credits() -> None:
    history = (*RESTORED, allocate("ZP", 10_000_00, credit="PL", source="federal"))
    first = cover(
        covers=[SHORTFALL_AT],
        from_unallocated=[{"credit": "PL", "amount": 15_000_00}],
        from_available=[{"area": "ZP", "amount": 10_000_00}],
    )
    given(*history).when(first).books(
        ("credit:shortfall:federal", 25_000_00),
        ("credit:unallocated:PL:federal", -15_000_00),
        ("credit:available:ZP:federal", -10_000_00),
    )
    more = [{"credit": "PL", "amount": 5_000_00}], [{"credit": "PL", "amount": 5_000_01}]
    given(*history, first).when(cover(covers=[SHORTFALL_AT], from_unallocated=more[0])).leaves(
        "KIP3", shortfall__federal=0
    )
    given(*history, first).when(cover(covers=[SHORTFALL_AT], from_unallocated=more[1])).refused(
        Code.SHORTFALL_EXCEEDED, "left 5'000.00 uncovered"
    )


def test_a_cover_takes_no_more_than_is_free() -> None:
    tight = (*SHORT, amend(60_000_00))
    given(*tight).when(cover(covers=[SHORTFALL_AT], from_unallocated=[{"credit": "PL", "amount": 10_000_00}])).books(
        ("credit:shortfall:federal", 10_000_00), ("credit:unallocated:PL:federal", -10_000_00)
    )
    given(*tight).when(cover(covers=[SHORTFALL_AT], from_unallocated=[{"credit": "PL", "amount": 10_000_01}])).refused(
        Code.CREDIT_EXCEEDED, "has 10'000.00"
    )
    given(*tight).when(cover(covers=[SHORTFALL_AT], from_available=[{"area": "SP", "amount": 1}])).refused(
        Code.CREDIT_EXCEEDED, "SP federal available has 0.00"
    )


def test_a_cover_names_known_credits_and_areas() -> None:
    unknown = cover(covers=[SHORTFALL_AT], from_unallocated=[{"credit": "X", "amount": 1}])
    given(*RESTORED).when(unknown).refused(Code.CREDIT_UNKNOWN)
    given(*RESTORED).when(cover(covers=[SHORTFALL_AT], from_available=[{"area": "XX", "amount": 1}])).refused(
        Code.AREA_UNKNOWN
    )


def test_two_cuts_are_covered_together() -> None:
    twice = (*SHORT, amend(40_000_00), amend(100_000_00))
    cuts = [SHORTFALL_AT, SHORTFALL_AT + 1]
    assert given(*twice).balance("KIP3", "credit:shortfall:federal") == -40_000_00
    both = cover(covers=cuts, from_unallocated=[{"credit": "PL", "amount": 40_000_00}])
    state = given(*twice, both).state
    assert [state.cuts[cut, "federal"].uncovered for cut in cuts] == [0, 0]
    one = cover(covers=cuts[:1], from_unallocated=[{"credit": "PL", "amount": 30_000_01}])
    given(*twice).when(one).refused(Code.SHORTFALL_EXCEEDED)


def voted(amount: int, year: int = 2024) -> Said:
    """The clerk records a year's budget."""
    return CLERK(RecordBudgetVote(year=year, amount=amount, decided_by="Landrat"))


def supplement(amount: int, ground: Any = "regular") -> Said:
    """The clerk records a supplement to the budget of 2024."""
    return CLERK(RecordBudgetSupplement(year=2024, amount=amount, decided_by="Landrat", ground=ground))


def moved(model: type[Order], amount: int, year: int = 2024) -> Said:
    """Finance moves budget."""
    why = {"decided_by": "Regierungsrat"} if model is CarryOverBudget else {"reason": "Audit"}
    return FINANCE(order(model, year=year, amount=amount, **why))


def free(amount: int, year: int = 2024) -> tuple[tuple[str, int], ...]:
    """The lines that give budget."""
    return ((f"budget:free:{year}", amount), (f"budget:authority:{year}", -amount))


def test_a_voted_budget_is_free() -> None:
    given(*OPEN).when(voted(100)).then(saying(BudgetVoted, year=2024, amount=100)).books(*free(100)).warns()


def test_each_year_and_each_phase_has_its_own_budget() -> None:
    given(*OPEN, voted(100)).when(voted(50, 2025)).books(*free(50, 2025))
    history = (*OPEN, voted(100), ADMINISTRATORS.within("KIP4")(programme()))
    given(*history).when(CLERK.within("KIP4")(voted(50).order)).books(*free(50))


@pytest.mark.parametrize("ground", ["regular", "overrun", "urgent"])
def test_a_supplement_adds_to_the_voted_budget(ground: str) -> None:
    given(*OPEN, voted(100)).when(supplement(30, ground)).then(saying(BudgetSupplemented, ground=ground)).books(
        *free(30)
    )


def test_a_supplement_without_a_budget_is_replaced_by_the_budget() -> None:
    given(*OPEN).when(supplement(30, "no_budget")).books(*free(30))
    given(*OPEN, supplement(30, "no_budget")).when(voted(100)).books(*free(70)).warns()
    given(*OPEN, supplement(30, "regular")).when(voted(100)).books(*free(100)).warns()


def test_what_is_blocked_of_a_supplement_stays_beside_a_small_budget_with_a_warning() -> None:
    history = (*OPEN, supplement(30, "no_budget"), moved(BlockBudget, 30))
    given(*history).when(voted(30)).books().warns()
    outcome = given(*history).when(voted(20)).books().warns("supplement_in_use")
    assert outcome.book.state.budgets["KIP3", 2024].without_vote == 10


def test_however_much_was_supplemented_a_vote_writes_lines_that_count() -> None:
    largest = 10**13
    history = (*OPEN, supplement(largest, "no_budget"), supplement(largest, "no_budget"))
    given(*history).when(voted(1)).books(
        ("budget:free:2024", 1 - largest), ("budget:authority:2024", largest - 1)
    ).warns("supplement_in_use")


@pytest.mark.parametrize(
    ("model", "record", "lines"),
    [
        (BlockBudget, BudgetBlocked, (("budget:blocked:2024", 100), ("budget:free:2024", -100))),
        (LapseBudget, BudgetLapsed, (("budget:lapsed:2024", 100), ("budget:free:2024", -100))),
        (
            CarryOverBudget,
            BudgetCarriedOver,
            (("budget:authority:2024", 100), ("budget:free:2024", -100), *free(100, 2025)),
        ),
    ],
)
def test_free_budget_is_blocked_lapses_or_is_carried_over_up_to_the_last_rappen(
    model: type[Order], record: type[Record], lines: tuple[tuple[str, int], ...]
) -> None:
    given(*OPEN, voted(100)).when(moved(model, 100)).then(saying(record, amount=100)).books(*lines)
    given(*OPEN, voted(100)).when(moved(model, 101)).refused(Code.BUDGET_EXCEEDED, "free has 1.00", "0.01 too much")


def test_blocked_budget_is_set_free_up_to_the_last_rappen() -> None:
    blocked = (*OPEN, voted(100), moved(BlockBudget, 60))
    given(*blocked).when(moved(UnblockBudget, 60)).then(saying(BudgetUnblocked, amount=60)).books(
        ("budget:free:2024", 60), ("budget:blocked:2024", -60)
    )
    given(*blocked).when(moved(UnblockBudget, 61)).refused(Code.BUDGET_EXCEEDED, "blocked has 0.60")


def test_budget_of_a_year_without_one_is_not_there() -> None:
    given(*OPEN, voted(100)).when(moved(BlockBudget, 1, 2025)).refused(Code.BUDGET_EXCEEDED, "2025", "0.00")
