"""Every refusal code is reached, and where two rules are broken the first of the list is given."""

from __future__ import annotations

import pytest

from landbuch.contracts.acts.agreements import RegisterPartner
from landbuch.contracts.acts.credits import RecordReferendumExpiry, ShiftAllocation
from landbuch.contracts.refusals import PRECEDENCE, Code
from landbuch.sdk.testing.given import Said
from tests.refusals.first_road import BOTH_BROKEN, CASES, Case, reuse_an_id
from tests.refusals.life import LIFE_CASES, LifeCase
from tests.refusals.pairs import LIFE_PAIRS
from tests.scenes import (
    ADMINISTRATORS,
    ALLOCATED,
    CLERK,
    FINANCE,
    FOUNDED,
    OPEN,
    OPEN_WITHOUT_RULES,
    RULES,
    decide,
    given,
    grant,
    order,
    programme,
    propose,
    publish,
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}-{case.command}")
def test_this_is_refused(case: Case) -> None:
    given(*case.history).when(case.said).refused(case.code, *case.words)


@pytest.mark.parametrize("case", LIFE_CASES, ids=lambda case: f"{case.code}-{case.command}")
def test_this_is_refused_in_the_life_of_an_agreement(case: LifeCase) -> None:
    refused = case.refusal()
    assert refused is not None
    assert refused.code is case.code, refused
    assert [word for word in case.words if word not in refused.detail] == []


async def test_the_id_of_a_command_is_refused_to_another() -> None:
    assert (await reuse_an_id()).code is Code.COMMAND_ID_REUSED


def test_every_code_of_the_closed_list_is_reached() -> None:
    assert {case.code for case in (*CASES, *LIFE_CASES)} | {Code.COMMAND_ID_REUSED} == set(Code)


@pytest.mark.parametrize("case", BOTH_BROKEN, ids=lambda case: f"{case.code}-{case.command}")
def test_where_two_rules_are_broken_the_first_of_the_list_is_given(case: Case) -> None:
    given(*case.history).when(case.said).refused(case.code)


@pytest.mark.parametrize("case", LIFE_PAIRS, ids=lambda case: f"{case.code}-{case.command}")
def test_in_the_life_of_an_agreement_too_the_first_of_the_list_is_given(case: LifeCase) -> None:
    refused = case.refusal()
    assert refused is not None
    assert refused.code is case.code, refused


def test_the_precedence_is_the_order_of_the_list() -> None:
    assert [PRECEDENCE[code] for code in Code] == list(range(len(Code)))


@pytest.mark.parametrize(
    "said", [ADMINISTRATORS(RULES), grant("p-x", "viewer"), ADMINISTRATORS.within("KIP3")(programme())], ids=str
)
def test_what_would_be_refused_when_confirmed_is_refused_when_proposed(said: Said) -> None:
    once = (*FOUNDED, said)
    given(*once).when(Said(said.order, said.by[:1], said.phase)).refused(
        {"AdoptApprovalRules": Code.RULES_OVERLAP, "GrantRole": Code.ROLE_ALREADY_GRANTED}.get(
            type(said.order).__name__, Code.PROGRAMME_ALREADY_OPEN
        )
    )


def test_without_rules_nothing_tells_when_the_window_ends() -> None:
    history = (*OPEN_WITHOUT_RULES, propose(), decide(), publish())
    given(*history).when(CLERK(RecordReferendumExpiry(credit="C"))).refused(Code.WINDOW_UNKNOWN)


def test_a_partner_may_be_registered_by_a_clerk() -> None:
    given(*OPEN).when(CLERK.within("_")(order(RegisterPartner, partner="P-2", kind="private_person"))).books()


def test_a_shift_of_more_than_is_available_is_refused_with_its_arithmetic() -> None:
    shift = order(
        ShiftAllocation, source="canton", from_area="SP", to_area="ZP", amount=300_000_01, decided_by="Regierungsrat"
    )
    given(*ALLOCATED).when(FINANCE(shift)).refused(Code.CREDIT_EXCEEDED, "300'000.00", "300'000.01", "0.01 too much")
