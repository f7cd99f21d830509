"""The posting rules where they are not a mere transfer: cuts, entries into force, votes, pledges, budgets."""

from __future__ import annotations

import pytest

from landbuch.contracts import accounts as at
from landbuch.contracts.acts.agreements import AgreementSigned
from landbuch.contracts.acts.budgets import BudgetCarriedOver, BudgetVoted
from landbuch.contracts.acts.contributions import ContributionPledgeAmended, ContributionPledged, PledgeTerms
from landbuch.contracts.acts.credits import CreditDecided, CreditEnteredIntoForce, DecisionAnnulled, PopularVoteHeld
from landbuch.contracts.acts.programme import InformationRecorded, ProgrammeOpened
from landbuch.contracts.posting import RULES, post
from landbuch.contracts.posting.budgets import replaceable
from landbuch.contracts.posting.cut import cut
from landbuch.contracts.publish.book import example_book
from landbuch.contracts.rows import Agreement, Budget, Credit, Pledge
from landbuch.contracts.state import BookState
from landbuch.contracts.vocabulary import YearShare

OPENED = next(line.event.data for line in example_book() if line.event.name == "ProgrammeOpened")


def book(*balances: tuple[str, int]) -> BookState:
    """A book with a programme on a net basis, a base credit, a supplement, and these balances."""
    state = BookState("AI")
    assert isinstance(OPENED, ProgrammeOpened)
    state.programmes.set("EX1", OPENED)
    state.credits.set("BASE", Credit("EX1", (("canton", 100),), 100, None, stage="accepted"))
    state.credits.set("SUP", Credit("EX1", (("canton", 50),), 50, "BASE", stage="accepted"))
    for account, amount in balances:
        state.book("EX1", account, amount)
    return state


def pledge(name: str, amount: int, *, binding: bool = True) -> Pledge:
    """A federal pledge."""
    terms = PledgeTerms(pledge=name, source="federal", payer="SEM", amount=amount, years=(2024,), binding=binding)
    return Pledge("EX1", terms, amount)


FREE = (
    (at.pending("OWN", "canton"), 1),
    (at.unallocated("OWN", "canton"), 2),
    (at.unallocated("A", "canton"), 3),
    (at.unallocated("B", "canton"), 4),
    (at.available("SP", "canton"), 5),
    (at.available("ZP", "canton"), 6),
    (at.blocked("SP", "canton"), 7),
    (at.lapsed("SP", "canton"), 8),
    (at.lapsed("_", "canton"), 9),
)
"""What a cut may take, in the order in which it takes it."""


@pytest.mark.parametrize("taken", range(1, len(FREE) + 1))
def test_a_cut_takes_in_this_order_and_each_to_the_end(taken: int) -> None:
    amount = sum(free for _, free in FREE[:taken])
    assert cut(book(*reversed(FREE)), "EX1", "canton", amount, "OWN") == tuple(
        (account, -free) for account, free in FREE[:taken]
    )


def test_a_cut_takes_a_part_of_the_last() -> None:
    assert cut(book(*FREE), "EX1", "canton", 2, "OWN") == ((FREE[0][0], -1), (FREE[1][0], -1))


def test_what_a_cut_does_not_find_is_a_shortfall() -> None:
    everything = tuple((account, -free) for account, free in FREE)
    assert cut(book(*FREE), "EX1", "canton", 50, "OWN") == (*everything, (at.shortfall("canton"), -5))


def test_a_cut_leaves_other_sources_phases_pending_credits_and_commitments_alone() -> None:
    state = book(
        (at.available("SP", "federal"), 9),
        (at.unallocated("A", "federal"), 9),
        (at.pending("A", "canton"), 9),
        (at.open_("SP", "canton", "A-1"), 9),
    )
    state.book("EX2", at.available("SP", "canton"), 9)
    assert cut(state, "EX1", "canton", 5, "OWN") == ((at.shortfall("canton"), -5),)


def test_a_cut_of_nothing_is_nothing() -> None:
    assert cut(book(*FREE), "EX1", "canton", 0, "OWN") == ()


def test_an_annulment_takes_back_the_authority_that_is_left() -> None:
    state = book(
        (at.authority("BASE", "canton"), -70),
        (at.unallocated("BASE", "canton"), 60),
        (at.available("SP", "canton"), 30),
    )
    assert post(state, "EX1", DecisionAnnulled(credit="BASE", court="Gericht", reference="1")) == (
        (at.authority("BASE", "canton"), 70),
        (at.unallocated("BASE", "canton"), -60),
        (at.available("SP", "canton"), -10),
    )


def test_a_rejected_vote_takes_back_what_is_pending_and_an_accepted_or_provisional_one_nothing() -> None:
    state = book((at.authority("BASE", "canton"), -100), (at.pending("BASE", "canton"), 100))
    rejected = PopularVoteHeld(credit="BASE", outcome="rejected")
    assert post(state, "EX1", rejected) == ((at.authority("BASE", "canton"), 100), (at.pending("BASE", "canton"), -100))
    assert post(state, "EX1", rejected.model_copy(update={"provisional": True})) == ()
    assert post(state, "EX1", PopularVoteHeld(credit="BASE", outcome="accepted")) == ()


@pytest.mark.parametrize("outcome", ["rejected", "returned"])
def test_a_decision_that_is_not_accepted_books_nothing(outcome: str) -> None:
    decided = {"credit": "BASE", "body": "parliament", "body_name": "Landrat", "method": "vote", "outcome": outcome}
    record = CreditDecided.model_validate(decided | {"amounts": [{"source": "canton", "amount": 100}]})
    assert post(book(), "EX1", record) == ()


def test_the_base_credit_brings_waiting_pledges_into_force_and_a_supplement_does_not() -> None:
    state = book(
        (at.pending("BASE", "canton"), 100), (at.pending("SUP", "canton"), 50),
        (at.pending("P-2", "federal"), 20), (at.pending("P-1", "federal"), 10),
    )  # fmt: skip
    for name, amount in (("P-2", 20), ("P-1", 10), ("P-0", 5)):
        state.pledges.set(name, pledge(name, amount))
    assert post(state, "EX1", CreditEnteredIntoForce(credit="SUP", trigger="final")) == (
        (at.unallocated("SUP", "canton"), 50),
        (at.pending("SUP", "canton"), -50),
    )
    assert post(state, "EX1", CreditEnteredIntoForce(credit="BASE", trigger="final")) == (
        (at.unallocated("BASE", "canton"), 100), (at.pending("BASE", "canton"), -100),
        (at.unallocated("P-1", "federal"), 10), (at.pending("P-1", "federal"), -10),
        (at.unallocated("P-2", "federal"), 20), (at.pending("P-2", "federal"), -20),
    )  # fmt: skip


def pledged(*, binding: bool = True) -> ContributionPledged:
    """The event of a pledge of ten."""
    return ContributionPledged(pledge="P-1", source="federal", payer="SEM", amount=10, years=(2024,), binding=binding)


def test_a_binding_pledge_waits_for_the_base_credit() -> None:
    waiting = ((at.pending("P-1", "federal"), 10), (at.authority("P-1", "federal"), -10))
    assert post(book(), "EX1", pledged()) == waiting
    state = book()
    state.credits.set("SUP", Credit("EX1", (("canton", 50),), 50, "BASE", stage="in_force"))
    assert post(state, "EX1", pledged()) == waiting
    state.credits.set("BASE", Credit("EX1", (("canton", 100),), 100, None, stage="in_force"))
    assert post(state, "EX1", pledged()) == ((at.unallocated("P-1", "federal"), 10), waiting[1])


def test_a_pledge_that_does_not_bind_gives_no_authority() -> None:
    assert post(book(), "EX1", pledged(binding=False)) == ()


def test_on_a_gross_basis_a_pledge_gives_no_authority() -> None:
    state = book()
    policies = state.programmes["EX1"].policies.model_copy(update={"basis": "gross"})
    state.programmes.set("EX1", state.programmes["EX1"].model_copy(update={"policies": policies}))
    assert post(state, "EX1", pledged()) == ()
    state.pledges.set("P-1", pledge("P-1", 10))
    assert post(state, "EX1", ContributionPledgeAmended(pledge="P-1", amount=5, reason="less")) == ()


def test_a_cut_pledge_takes_no_more_than_it_gave() -> None:
    state = book((at.authority("P-1", "federal"), -6), (at.pending("P-1", "federal"), 6))
    state.pledges.set("P-1", pledge("P-1", 10))
    assert post(state, "EX1", ContributionPledgeAmended(pledge="P-1", amount=0, reason="gone")) == (
        (at.authority("P-1", "federal"), 6),
        (at.pending("P-1", "federal"), -6),
    )


def test_a_pledge_amended_to_the_same_amount_books_nothing() -> None:
    state = book()
    state.pledges.set("P-1", pledge("P-1", 10))
    assert post(state, "EX1", ContributionPledgeAmended(pledge="P-1", amount=10, reason="same")) == ()


@pytest.mark.parametrize(
    ("without_vote", "free", "voted", "replaced"),
    [(0, 0, 100, 0), (30, 30, 100, 30), (30, 0, 100, 30), (30, 0, 20, 20), (30, 10, 5, 15), (30, 30, 5, 30)],
)
def test_a_voted_budget_replaces_what_was_supplemented_without_one_but_not_what_is_used(
    without_vote: int, free: int, voted: int, replaced: int
) -> None:
    state = book((at.budget("free", 2024), free))
    state.budgets.set(("EX1", 2024), Budget(without_vote=without_vote))
    assert replaceable(state, "EX1", 2024, voted) == replaced
    lines = dict(post(state, "EX1", BudgetVoted(year=2024, amount=voted, decided_by="Landrat")))
    added = voted - replaced
    assert lines == ({at.budget("free", 2024): added, at.budget("authority", 2024): -added} if added else {})


def test_what_is_carried_over_leaves_one_year_and_enters_the_next() -> None:
    assert post(book(), "EX1", BudgetCarriedOver(year=2024, amount=5, decided_by="Regierungsrat")) == (
        ("budget:authority:2024", 5), ("budget:free:2024", -5), ("budget:free:2025", 5), ("budget:authority:2025", -5),
    )  # fmt: skip


def test_signing_commits_the_sum_over_the_years_bytewise_by_area_and_source() -> None:
    state = book()
    parts = (
        ("ZP", "canton", 2024, 1),
        ("SP", "federal", 2024, 2),
        ("SP", "canton", 2025, 3),
        ("SP", "canton", 2024, 4),
    )
    items = tuple(
        YearShare.model_validate({"area": area, "source": source, "year": year, "amount": amount})
        for area, source, year, amount in parts
    )
    state.agreements.set("A-1", Agreement("EX1", "P", "p-1", "2024-01-01", "2025-12-31", 10, items))
    lines = post(state, "EX1", AgreementSigned(agreement="A-1", signed_on="2024-01-01", signatories=("p-2",)))
    assert lines == (
        (at.open_("SP", "canton", "A-1"), 7), (at.available("SP", "canton"), -7),
        (at.open_("SP", "federal", "A-1"), 2), (at.available("SP", "federal"), -2),
        (at.open_("ZP", "canton", "A-1"), 1), (at.available("ZP", "canton"), -1),
    )  # fmt: skip


def test_a_forged_credit_that_names_a_source_twice_is_not_booked_twice() -> None:
    state = book((at.authority("BASE", "canton"), -100), (at.pending("BASE", "canton"), 100))
    state.credits.set("BASE", Credit("EX1", (("canton", 100), ("canton", 100)), 100, None, stage="accepted"))
    for record in (
        PopularVoteHeld(credit="BASE", outcome="rejected"),
        DecisionAnnulled(credit="BASE", court="Gericht", reference="1"),
        CreditEnteredIntoForce(credit="BASE", trigger="final"),
    ):
        assert {abs(amount) for _, amount in post(state, "EX1", record)} == {100}


def test_information_books_nothing() -> None:
    assert InformationRecorded not in RULES
    assert post(book(), "EX1", InformationRecorded(about="x", topic="y", statement="z")) == ()


@pytest.mark.parametrize(
    "line", [line for line in example_book() if line.event.data.lines], ids=lambda line: line.event.name
)
def test_the_lines_of_every_rule_sum_to_zero_in_each_layer(line: object) -> None:
    assert at.unbalanced_layer(getattr(line, "event").data.lines) is None  # noqa: B009 - a parameter of any type
