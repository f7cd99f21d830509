"""What can be wrong with a question: a closed list of codes, each with its HTTP status and a remedy."""

from __future__ import annotations

from enum import Enum


class Problem(Enum):
    """Code, HTTP status, title, and what to do about it."""

    UNKNOWN_CANTON = (
        "unknown_canton",
        404,
        "No such canton",
        "Use the two-letter code of one of the 26 cantons, such as BL.",
    )
    BOOK_MISSING = (
        "book_missing", 404, "No such book",
        "Open the canton's book first (`landbuch book open <CANTON>`); GET /v1/books lists those that are here.",
    )  # fmt: skip
    PHASE_UNKNOWN = "phase_unknown", 404, "No such programme phase", "Use a phase that the detail names, such as KIP3."
    AREA_UNKNOWN = "area_unknown", 422, "No such funding area", "Use an area that the detail names; _ is what has none."
    SOURCE_UNKNOWN = "source_unknown", 422, "No such funding source", "Use a funding source that the detail names."
    EVENT_TYPE_UNKNOWN = (
        "event_type_unknown", 422, "No such event type", "Use the name of an event, such as CreditDecided.",
    )  # fmt: skip
    MALFORMED = (
        "malformed",
        422,
        "Malformed question",
        "Correct the parameters that the detail names; /openapi.json lists them.",
    )
    BEYOND_HEAD = (
        "beyond_head",
        404,
        "Beyond the head",
        "Ask for a position that the book has; GET /v1/<CANTON>/head tells.",
    )
    POSITION_NOT_REACHED = (
        "position_not_reached", 503, "Position not reached", "If the position is right, repeat a little later.",
    )  # fmt: skip
    UNAVAILABLE = "unavailable", 503, "Unavailable", "Nothing is lost: the books are elsewhere. Try again later."

    def __init__(self, code: str, status: int, title: str, remedy: str) -> None:
        """Name the parts."""
        self.code = code
        self.status = status
        self.title = title
        self.remedy = remedy


class Unanswerable(Exception):
    """A question cannot be answered."""

    def __init__(self, problem: Problem, detail: str) -> None:
        """Give the problem and a sentence about the case at hand."""
        super().__init__(f"{problem.code}: {detail}")
        self.problem = problem
        self.detail = detail
