from __future__ import annotations

from typing import Any

import pytest

from landbuch.contracts.catalogue import ORDERS
from landbuch.contracts.command import read_command
from landbuch.sdk.cli import do
from landbuch.sdk.cli.fields import Field, fields_of, value_of

ID = "6f1c1a2e-8a5e-4a0e-9a33-1d5d5b0f5a01"


def field(command: str, name: str) -> Field:
    return next(field for field in fields_of(command) if field.name == name)


def typed(command: str, name: str, *values: str) -> Any:
    wanted = field(command, name)
    return value_of(wanted, list(values) if wanted.many else values[0])


@pytest.mark.parametrize("command", ORDERS)
def test_every_field_of_every_command_is_an_option(command: str) -> None:
    assert {field.name for field in fields_of(command)} == set(ORDERS[command].model_fields)


@pytest.mark.parametrize("command", ORDERS)
def test_no_field_has_the_name_of_an_option_of_sending(command: str) -> None:
    sending = {
        "--phase",
        "--actor",
        "--id",
        "--dry-run",
        "--after-position",
        "--via",
        "--patience",
        "--format",
        "--stack",
        "--data",
        "--json",
    }
    assert not sending & {field.option for field in fields_of(command)}


@pytest.mark.parametrize("command", ORDERS)
def test_required_fields_come_first_and_those_of_every_command_last(command: str) -> None:
    ranks = [
        2 if field.name in {"occurred_on", "booked_on", "evidence"} else 0 if field.required else 1
        for field in fields_of(command)
    ]
    assert ranks == sorted(ranks)


def test_an_amount_is_typed_in_francs_and_travels_in_rappen() -> None:
    assert typed("LapseCredit", "amount", "1'498'188.00") == 149818800
    assert typed("LapseCredit", "amount", "1498188") == 149818800
    assert field("LapseCredit", "amount").shape.metavar == "CHF"


@pytest.mark.parametrize("text", ["1.5", "1,50", "zehn", "1e3", ""])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no amount in francs"):
        typed("LapseCredit", "amount", text)


@pytest.mark.parametrize(("text", "points"), [("58.97%", 5897), ("58.9 %", 5890), ("100%", 10_000), ("5897", 5897)])
def test_a_share_is_typed_in_percent_or_hundredths_of_it(text: str, points: int) -> None:
    assert typed("RecordPopularVote", "turnout", text) == points


@pytest.mark.parametrize("text", ["58.97", "58.971%", "%", "5x"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no share|whole number"):
        typed("RecordPopularVote", "turnout", text)


def test_a_whole_number_may_have_its_thousands_apart() -> None:
    assert typed("RecordPopularVote", "yes", "62'957") == 62957


@pytest.mark.parametrize("text", ["1.0", "6'29", "x"])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="whole number"):
        typed("RecordPopularVote", "yes", text)


def test_a_list_is_repeated_joined_with_commas_or_json() -> None:
    assert typed("RecordContributionPledge", "years", "2024,2025", "2026") == [2024, 2025, 2026]
    assert typed("FoundBook", "administrators", "p-a1,p-a2") == ["p-a1", "p-a2"]
    assert typed("FoundBook", "administrators", '["p-a1","p-a2"]') == ["p-a1", "p-a2"]


ALLOCATION = {"area": "SP", "source": "canton", "amount": 30_000_000}


@pytest.mark.parametrize(
    "text",
    [
        "area=SP,source=canton,amount=300'000.00",
        " area = SP, source=canton, amount=300000",
        '{"area":"SP","source":"canton","amount":"300\'000.00"}',
        '{"area":"SP","source":"canton","amount":30000000}',
        '[{"area":"SP","source":"canton","amount":"300000"}]',
    ],
)
def test_a_part_is_typed_as_pairs_or_as_json_with_francs_as_text(text: str) -> None:
    assert typed("AllocateCredit", "allocations", text) == [ALLOCATION]


def test_parts_add_up() -> None:
    pairs = "area=SP,source=canton,amount=300'000.00"
    assert typed("AllocateCredit", "allocations", pairs, pairs) == [ALLOCATION, ALLOCATION]


@pytest.mark.parametrize("text", ["SP", "area=SP,colour=red", "area"])
def test_a_part_that_is_not_understood_names_what_would_be(text: str) -> None:
    with pytest.raises(ValueError, match="area, source, amount"):
        typed("AllocateCredit", "allocations", text)


def test_json_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON"):
        typed("AllocateCredit", "allocations", "[{")


def test_a_part_with_parts_inside_is_json() -> None:
    assert typed("OpenProgramme", "area_set", '{"code":"A7","areas":[]}') == {"code": "A7", "areas": []}
    assert field("OpenProgramme", "area_set").shape.metavar == "JSON"


def test_what_was_typed_makes_the_same_command_as_the_wire() -> None:
    given = {"allocations": ["area=SP,source=canton,amount=300'000.00"], "credit": "LR-1", "booked_on": "2024-01-15"}
    data = {name: value_of(field("AllocateCredit", name), value) for name, value in given.items()}
    wire = {"credit": "LR-1", "booked_on": "2024-01-15", "allocations": [ALLOCATION]}
    read = [
        read_command(name="AllocateCredit", canton="BL", phase="KIP3", commandid=ID, actor="p-a1", data=one)
        for one in (data, wire)
    ]
    assert read[0] == read[1]


def test_a_required_field_says_so() -> None:
    assert field("SignAgreement", "agreement").help == "[required]"
    assert "[required]" not in field("DraftAgreement", "title").help


def test_the_help_of_a_part_says_how_it_is_typed() -> None:
    assert field("AllocateCredit", "allocations").help == (
        "area=…,source=…,amount=… or JSON; source is federal, federal_flat, canton, communes, third; amount in "
        "francs. Repeat it for more. [required]"
    )


def test_the_help_of_a_part_names_what_may_be_left_out() -> None:
    assert field("RecordReferendum", "evidence").help == (
        "Where the fact is written: kind=…,title=… (also publisher, date, sha256) or JSON; kind is document, press, "
        "official, illustration. Repeat it for more."
    )


def test_only_lower_case_words_are_read_with_hyphens() -> None:
    assert do.with_hyphens("booked_on") == "booked-on"
    assert do.with_hyphens("LR_1") == "LR_1"
