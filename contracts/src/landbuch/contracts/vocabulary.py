"""The field types that events and commands share: codes, keys, dates, amounts, evidence.

Everything is strict: an integer is an integer, a date is text in ISO 8601, unknown fields are refused, and the models
are frozen.
"""

from __future__ import annotations

import datetime
import re
from typing import Annotated, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    model_validator,
)

from landbuch.contracts.money import LARGEST

CANTONS = frozenset(
    "ZH BE LU UR SZ OW NW GL ZG FR SO BS BL SH AR AI SG GR AG TG TI VD VS NE GE JU".split(),  # noqa: SIM905  # reads as a list
)
"""The two-letter codes of the 26 cantons (Federal Constitution art. 1; codes as on vehicle plates)."""

NO_PHASE = "_"
"""Stands where no programme phase applies: in subjects, envelopes and trial balance rows."""

Service = Literal["ledger", "agreements"]
SERVICES: tuple[Service, ...] = get_args(Service)
"""The services that may write into a book."""


class Frozen(BaseModel):
    """A strict, frozen model that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


def _canton(code: str) -> str:
    if code not in CANTONS:
        message = f"{code!r} is not the code of a Swiss canton"
        raise ValueError(message)
    return code


def _tuple(value: object) -> object:
    """Let lists stand for tuples: JSON has only lists, frozen models hold tuples."""
    return tuple(value) if isinstance(value, list) else value


def _day(text: str) -> str:
    if not re.fullmatch(DAY, text):
        message = f"{text!r} is not a day; write YYYY-MM-DD"
        raise ValueError(message)
    datetime.date.fromisoformat(text)
    return text


def _occurred(text: str) -> str:
    return text if re.fullmatch(rf"{YEAR}(?:-{MONTH})?", text) else _day(text)


def _time(text: str) -> str:
    if not re.fullmatch(TIME, text):
        message = f"{text!r} is not a recorded time; write YYYY-MM-DDThh:mm:ss.ffffffZ"
        raise ValueError(message)
    datetime.date.fromisoformat(text[: len("YYYY-MM-DD")])
    return text


def _line_of_text(text: str) -> str:
    if not re.fullmatch(NAME, text):
        message = "a text does not begin with a space and holds no control characters"
        raise ValueError(message)
    return text


def _lines_of_text(text: str) -> str:
    if not re.fullmatch(TEXT, text):
        message = "a text does not begin with a space and holds no control characters but line feeds"
        raise ValueError(message)
    return text


def _booked(text: str) -> str:
    return text if text == BY_FACT else _day(text)


# Years from 1000 to 2999, so that no arithmetic with dates runs over; ASCII digits, hours to 23.
YEAR, MONTH = r"[12][0-9]{3}", r"(?:0[1-9]|1[0-2])"
DAY = rf"{YEAR}-{MONTH}-(?:0[1-9]|[12][0-9]|3[01])"
TIME = rf"{DAY}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{{6}}Z"
# No C0 and C1 controls, no line separators, no bidirectional overrides, no byte order mark: what an auditor sees is
# what is there, and every database can store it.
_CONTROLS = r"\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff"
NAME = rf"[^\u0000-\u0020{_CONTROLS}][^\u0000-\u001f{_CONTROLS}]*"
TEXT = rf"[^\u0000-\u0020{_CONTROLS}][^\u0000-\u0009\u000b-\u001f{_CONTROLS}]*"


def _shown(pattern: str, **more: str) -> dict[str, JsonValue]:
    """What the JSON Schema says about a text that a function checks."""
    return {"pattern": f"^(?:{pattern})$", **more}


BY_FACT = "fact"
"""As ``booked_on`` of a command: book on the day of the fact, by the convention for recorded history."""

Canton = Annotated[str, AfterValidator(_canton), Field(json_schema_extra={"enum": sorted(CANTONS)})]
Phase = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,16}$")]
PhaseOrNone = Annotated[str, StringConstraints(pattern=r"^(?:_|[A-Z0-9]{1,16})$")]
ObjectId = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9-]{0,31}$")]
AreaCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,4}$")]
Source = Literal["federal", "federal_flat", "canton", "communes", "third"]
SOURCES: tuple[Source, ...] = get_args(Source)
Person = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*-[a-z0-9-]{1,60}$")]
"""A pseudonymous key such as ``p-7f3a``; names of natural persons live outside the book."""
Uuid = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Day = Annotated[str, AfterValidator(_day), Field(json_schema_extra=_shown(DAY, format="date"))]
OccurredOn = Annotated[
    str,
    AfterValidator(_occurred),
    Field(
        description="day, month or year of the fact",
        json_schema_extra={"anyOf": [{"pattern": f"^{YEAR}(?:-{MONTH})?$"}, _shown(DAY, format="date")]},
    ),
]
BookedOn = Annotated[
    str,
    AfterValidator(_booked),
    Field(
        description="a day, or the word fact",
        json_schema_extra={"anyOf": [{"const": "fact"}, _shown(DAY, format="date")]},
    ),
]
Time = Annotated[str, AfterValidator(_time), Field(json_schema_extra=_shown(TIME, format="date-time"))]
Text = Annotated[
    str,
    StringConstraints(min_length=1, max_length=2000),
    AfterValidator(_lines_of_text),
    Field(json_schema_extra=_shown(TEXT)),
]
Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    AfterValidator(_line_of_text),
    Field(json_schema_extra=_shown(NAME)),
]
EventType = Annotated[str, StringConstraints(pattern=r"^landbuch\.[A-Z][A-Za-z0-9]{1,60}\.v[1-9][0-9]{0,3}$")]
EventSource = Annotated[str, StringConstraints(pattern=r"^urn:landbuch:[A-Z]{2}:[a-z][a-z0-9]{1,30}$")]
Amount = Annotated[int, Field(gt=0, le=LARGEST, description="Rappen")]
SignedAmount = Annotated[int, Field(ge=-LARGEST, le=LARGEST, description="Rappen")]
AmountOrZero = Annotated[int, Field(ge=0, le=LARGEST, description="Rappen")]
Year = Annotated[int, Field(ge=1900, le=2200)]
Count = Annotated[int, Field(ge=0, le=10**9)]
Position = Annotated[int, Field(gt=0, le=2**53 - 1)]
BasisPoints = Annotated[int, Field(ge=0, le=10_000, description="hundredths of a percent")]
Account = Annotated[str, StringConstraints(pattern=r"^(?:budget|credit|finance)(?::[0-9A-Za-z_-]{1,40}){1,5}$")]
Line = Annotated[tuple[Account, SignedAmount], BeforeValidator(_tuple)]
"""Account and signed Rappen, debit positive."""
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{1,40}$")]

type_list = _tuple
"""Validator that lets JSON lists fill tuple fields."""


class Evidence(Frozen):
    """Where a fact is written: a document, a press report, an official page, or an illustration."""

    kind: Literal["document", "press", "official", "illustration"]
    title: Name
    publisher: Name | None = None
    date: OccurredOn | None = None
    sha256: Sha256 | None = None


class SourceAmount(Frozen):
    """An amount of one funding source."""

    source: Source
    amount: Amount


class Share(Frozen):
    """An amount of one funding area and source."""

    area: AreaCode
    source: Source
    amount: Amount


class YearShare(Share):
    """What an agreement plans for one area and source in one year."""

    year: Year


class Figure(Frozen):
    """A figure that is known but not booked, with its precision; whole units, never a float."""

    name: Name
    value: Annotated[int, Field(ge=-(10**15), le=10**15)]
    unit: Annotated[Name, StringConstraints(max_length=40)]
    precision: Literal["exact", "approximate", "derived"]
    source: Source | None = None


class Fact(Frozen):
    """What a command and its event both carry: the date of the fact and the evidence for it."""

    occurred_on: OccurredOn | None = None
    evidence: Annotated[tuple[Evidence, ...], Field(min_length=1, max_length=20), BeforeValidator(_tuple)] | None = None

    def demand(self) -> None:
        """Raise ``ValueError`` when the terms contradict each other.

        Asked of orders only: what is in the book is believed, so that exactly the published JSON Schemas tell whether
        an event counts. ``verify`` shows a record whose terms contradict each other.
        """


class Order(Fact):
    """The data of a command. ``booked_on`` is a day not in the future, ``fact``, or left out for today in Zurich."""

    booked_on: BookedOn | None = None

    @model_validator(mode="after")
    def _demanded(self) -> Self:
        self.demand()
        return self


class Record(Fact):
    """The data of an event: the fact, the journal lines it causes, warnings, and the proposal it confirms.

    Checked again when it is put into its envelope, so that no writer can build an event that its schema refuses.
    """

    model_config = ConfigDict(revalidate_instances="always")

    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=400), BeforeValidator(_tuple)] | None = None
    warnings: Annotated[tuple[Code, ...], Field(min_length=1, max_length=20), BeforeValidator(_tuple)] | None = None
    proposal: Position | None = None
