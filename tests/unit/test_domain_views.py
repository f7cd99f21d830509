from __future__ import annotations

import pytest

from landbuch.contracts.acts.programme import AreaSet, ProgrammeTerms
from landbuch.contracts.crosswalk import crosswalk, flaws, seen_in
from landbuch.contracts.figures import Figures, headline
from landbuch.contracts.identities import breaches_of_state
from landbuch.contracts.parity import parity
from tests.acting import AREAS, Acting, open_programme, opened

EIGHT = ("EI", "BE", "SD", "SB", "FF", "AM", "IV", "SI")
CAME_FROM = {
    "IB": ["EI", "BE"],
    "SP": ["SB"],
    "AA": ["AM"],
    "FK": ["FF"],
    "ZP": ["SI"],
    "VD": ["SD"],
    "DO": ["IV"],
}


def area_set(code: str, areas: dict[str, list[str]]) -> AreaSet:
    return AreaSet.model_validate(
        {
            "code": code,
            "areas": [
                {"code": area, "number": number, "names": {"de": area}} | ({"predecessors": came} if came else {})
                for number, (area, came) in enumerate(areas.items(), start=1)
            ],
        }
    )


FORMER = area_set("EIGHT", {code: [] for code in EIGHT})
LATER = area_set("SEVEN", CAME_FROM)


def test_eight_areas_go_into_seven() -> None:
    assert flaws(FORMER, LATER) == []
    assert crosswalk(LATER)["BE"] == "IB"
    assert set(crosswalk(LATER).values()) == set(AREAS)


def test_a_balance_in_a_later_area_is_the_sum_of_its_predecessors() -> None:
    balances = {
        "credit:available:EI:canton": 3,
        "credit:available:BE:canton": 4,
        "credit:used:BE:canton:A-1": 5,
        "credit:open:SB:federal:A-1": 6,
        "finance:3636:BE:canton:A-1": 5,
        "credit:unallocated:EI:canton": 7,
        "finance:1014:EI:federal": 8,
    }
    seen = seen_in(balances, crosswalk(LATER))
    assert seen == {
        "credit:available:IB:canton": 7,
        "credit:used:IB:canton:A-1": 5,
        "credit:open:SP:federal:A-1": 6,
        "finance:3636:IB:canton:A-1": 5,
        "credit:unallocated:EI:canton": 7,
        "finance:1014:EI:federal": 8,
    }
    before, after = headline(balances), headline(seen)
    assert before["EI", "canton"] + before["BE", "canton"] == after["IB", "canton"]
    assert sum(before.values(), Figures()) == sum(after.values(), Figures())


@pytest.mark.parametrize(
    ("areas", "flaw"),
    [
        (CAME_FROM | {"IB": ["EI"]}, "BE of EIGHT has no successor in SEVEN"),
        (CAME_FROM | {"SP": ["SB", "BE"]}, "BE has two successors in SEVEN"),
        (CAME_FROM | {"SP": ["SB", "XX"]}, "SEVEN comes from XX, which EIGHT lacks"),
    ],
)
def test_a_crosswalk_that_is_not_n_to_one_is_a_breach(areas: dict[str, list[str]], flaw: str) -> None:
    later = area_set("SEVEN", areas)
    assert flaws(FORMER, later) == [flaw]
    book = Acting()
    book.state.programmes.set("KIP2", _programme(FORMER, "2018-01-01"))
    book.state.programmes.set("KIP3", _programme(later, "2024-01-01"))
    assert [breach.detail for breach in breaches_of_state(book.state)] == [f"KIP2 in KIP3: {flaw}"]


def test_a_sound_crosswalk_is_no_breach() -> None:
    book = opened(phase="KIP2", start="2018-01-01", area_set=FORMER.model_dump(exclude_none=True))
    open_programme(book, area_set=LATER.model_dump(exclude_none=True))
    assert breaches_of_state(book.state) == []


def _programme(areas: AreaSet, start: str) -> ProgrammeTerms:
    programme = opened().state.programmes["KIP3"]
    return programme.model_copy(update={"area_set": areas, "start": start})


@pytest.mark.parametrize(("own", "holds", "missing"), [(100, True, 0), (99, False, 1)])
def test_parity_holds_when_own_money_is_at_least_the_matched_federal_money(
    own: int, *, holds: bool, missing: int
) -> None:
    figures = {
        ("SP", "federal"): Figures(committed=60),
        ("FK", "federal"): Figures(committed=40),
        ("SP", "federal_flat"): Figures(committed=900),
        ("SP", "canton"): Figures(committed=own - 30),
        ("FK", "communes"): Figures(committed=30),
    }
    result = parity(figures, {"federal"}, "committed")
    assert (result.own, result.matched) == (own, 100)
    assert (result.holds, result.missing) == (holds, missing)
