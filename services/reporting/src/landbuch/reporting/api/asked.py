"""The parameters of the API's questions; unknown ones are refused: a misspelt one must give no wrong figure."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Word = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=200)]
"""A parameter that PostgreSQL can look for: its text holds every character but one."""


class Asked(BaseModel):
    """Which book, and what counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    canton: Annotated[Word, Field(description="two-letter code", examples=["BL"])]
    as_of: Annotated[Word | None, Field(description="count what was booked on this day or before, YYYY-MM-DD")] = None
    at: Annotated[
        Word | None, Field(description="count what was known at this position, recorded time, or end of day")
    ] = None


class AskedOfPhase(Asked):
    """Also which phase."""

    phase: Annotated[Word, Field(description="programme phase", examples=["KIP3"])]


class AskedBalances(AskedOfPhase):
    """Which figures."""

    area: Annotated[Word | None, Field(description="funding area; _ is what has none")] = None
    source: Word | None = None


class AskedExplanation(AskedBalances):
    """Which figure, and which page of its events."""

    figure: Annotated[Word, Field(examples=["available"])]
    object: Annotated[Word | None, Field(description="only what belongs to this agreement or credit")] = None
    after: Annotated[int, Field(ge=0, description="list events behind this position")] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 500


class AskedComparison(BaseModel):
    """Which figure in which two states."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    canton: Word
    phase: Word
    figure: Word = "approved"
    area: Word | None = None
    source: Word | None = None
    first_as_of: Word | None = None
    first_at: Word | None = None
    second_as_of: Word | None = None
    second_at: Word | None = None


class AskedList(Asked):
    """Perhaps only one phase."""

    phase: Word | None = None


class AskedEvents(AskedList):
    """Which events."""

    type: Annotated[Word | None, Field(description="name of the event, such as CreditDecided")] = None
    object: Annotated[Word | None, Field(description="id of a credit, agreement, partner …")] = None
    after: Annotated[int, Field(ge=0, description="begin behind this position")] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
