"""What can go wrong at the edge of a service: a closed catalogue, each code with its HTTP status and a remedy.

A refusal by a rule of the domain is no problem of this kind: see ``landbuch.contracts.refusals``. The same body goes
out over NATS and, as problem+json (RFC 9457), over HTTP.
"""

from __future__ import annotations

from enum import StrEnum

from landbuch.sdk.errors import (
    BookMissingError,
    CorruptError,
    OutcomeUnknownError,
    StreamDiffersError,
)

LARGEST_COMMAND_BYTES = 60_000
"""Largest body of a single command; an event cannot be larger either."""


class Problem(StrEnum):
    """The failures. Nothing was lost in any of them; only ``outcome_unknown`` leaves open whether it was stored."""

    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    UNKNOWN_COMMAND = "unknown_command"
    WRONG_SERVICE = "wrong_service"
    UNKNOWN_CANTON = "unknown_canton"
    BOOK_MISSING = "book_missing"
    UNAUTHENTICATED = "unauthenticated"
    BUSY = "busy"
    UNAVAILABLE = "unavailable"
    OUTCOME_UNKNOWN = "outcome_unknown"
    POSITION_NOT_REACHED = "position_not_reached"
    CLOCK_SKEWED = "clock_skewed"
    UPGRADE_NEEDED = "upgrade_needed"
    STREAM_DIFFERS = "stream_differs"
    CORRUPT = "corrupt"
    INTERNAL = "internal"

    @property
    def status(self) -> int:
        """The HTTP status."""
        return _STATUS[self]

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return _REMEDIES[self]

    @property
    def words(self) -> str:
        """The code in words."""
        return self.replace("_", " ").capitalize()

    @property
    def urn(self) -> str:
        """The problem's type (RFC 9457)."""
        return f"urn:landbuch:problem:{self}"


_STATUS: dict[Problem, int] = {
    Problem.MALFORMED: 422,
    Problem.TOO_LARGE: 413,
    Problem.UNKNOWN_COMMAND: 404,
    Problem.WRONG_SERVICE: 421,
    Problem.UNKNOWN_CANTON: 404,
    Problem.BOOK_MISSING: 404,
    Problem.UNAUTHENTICATED: 401,
    Problem.BUSY: 503,
    Problem.UNAVAILABLE: 503,
    Problem.OUTCOME_UNKNOWN: 503,
    Problem.POSITION_NOT_REACHED: 503,
    Problem.CLOCK_SKEWED: 503,
    Problem.UPGRADE_NEEDED: 503,
    Problem.STREAM_DIFFERS: 503,
    Problem.CORRUPT: 503,
    Problem.INTERNAL: 500,
}

_REMEDIES: dict[Problem, str] = {
    Problem.MALFORMED: "Correct what the detail names. Amounts are whole Rappen; absent fields are left out.",
    Problem.TOO_LARGE: f"Split the command: one has at most {LARGEST_COMMAND_BYTES} bytes. "
    "A document stays outside; its SHA-256 goes in.",
    Problem.UNKNOWN_COMMAND: "Use a command of the catalogue; `landbuch do --help` and /openapi.json list them.",
    Problem.WRONG_SERVICE: "Send the command to the service that the detail names.",
    Problem.UNKNOWN_CANTON: "Use the two-letter code of one of the 26 cantons, such as BL.",
    Problem.BOOK_MISSING: "Open the canton's book first: `landbuch book open <CANTON>`, as the operator.",
    Problem.UNAUTHENTICATED: "Get a fresh token from the issuer and send it with the command.",
    Problem.BUSY: "Wait a moment and repeat with the same command id.",
    Problem.UNAVAILABLE: "Nothing was written. Try again later with the same command id.",
    Problem.OUTCOME_UNKNOWN: "Repeat with the same command id: if it was written, the first answer comes back.",
    Problem.POSITION_NOT_REACHED: "Check the position; if it is right, repeat later with the same command id.",
    Problem.CLOCK_SKEWED: "The operator sets this machine's clock (NTP). Nothing was written; repeat afterwards.",
    Problem.UPGRADE_NEEDED: "The operator installs the newer version of the service. Nothing was written; repeat then.",
    Problem.STREAM_DIFFERS: "The operator restores the stream's configuration. Nothing was written; repeat afterwards.",
    Problem.CORRUPT: "Nothing more is written into this book. Call the operator; `landbuch verify` shows why.",
    Problem.INTERNAL: "This is a fault of the service; its log holds the details under the command id. "
    "Repeat with the same command id.",
}


class Failure(Exception):  # carries an answer to the edge
    """The command fails for a reason outside the rules."""

    def __init__(self, problem: Problem, detail: str) -> None:
        """Give the problem and a sentence about the case at hand."""
        super().__init__(f"{problem}: {detail}")
        self.problem = problem
        self.detail = detail


def problem_of(error: Exception) -> Problem:
    """Name the problem that an error of the sdk amounts to."""
    match error:
        case StreamDiffersError():
            return Problem.STREAM_DIFFERS
        case CorruptError():
            return Problem.CORRUPT
        case BookMissingError():
            return Problem.BOOK_MISSING
        case OutcomeUnknownError():
            return Problem.OUTCOME_UNKNOWN
        case _:
            return Problem.UNAVAILABLE
