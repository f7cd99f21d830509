"""What the command line's exit codes mean, and how everything that can go wrong comes to one sentence and one code.

====  ==========================================================================
0     done; figures are equal
1     refused by a rule; figures differ; a book holds void entries or breaches
2     usage: malformed, unknown, not permitted
3     corrupt, or not verifiable
4     a service or server does not answer, or the outcome is unknown
70    a fault of this program
====  ==========================================================================
"""

from __future__ import annotations

from enum import IntEnum

from landbuch.contracts.command import MalformedError
from landbuch.sdk.errors import (
    BeyondHeadError,
    BookMissingError,
    CorruptError,
    LandbuchError,
    PermissionDeniedError,
    TooLargeError,
)
from landbuch.sdk.replies import QueryError, Reply


class ExitCode(IntEnum):
    """Exit codes; the module says what each means."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    CORRUPT = 3
    UNREACHABLE = 4
    FAULT = 70


_OF_PROBLEM = {
    "malformed": ExitCode.USAGE,
    "too_large": ExitCode.USAGE,
    "unknown_command": ExitCode.USAGE,
    "wrong_service": ExitCode.USAGE,
    "unknown_canton": ExitCode.USAGE,
    "book_missing": ExitCode.USAGE,
    "unauthenticated": ExitCode.USAGE,
    "stream_differs": ExitCode.CORRUPT,
    "corrupt": ExitCode.CORRUPT,
}
_SERVER_ERROR = 500


def of_reply(reply: Reply) -> ExitCode:
    """Give the exit code of a command's answer."""
    if reply.accepted:
        return ExitCode.DONE
    if reply.outcome == "refused":
        return ExitCode.REFUSED
    return _OF_PROBLEM.get(reply.code or "", ExitCode.UNREACHABLE)


def of_error(error: Exception) -> ExitCode:
    """Give the exit code of an error."""
    match error:
        case QueryError():
            return ExitCode.UNREACHABLE if error.status >= _SERVER_ERROR else ExitCode.USAGE
        case CorruptError():
            return ExitCode.CORRUPT
        case BookMissingError() | PermissionDeniedError() | TooLargeError() | BeyondHeadError() | MalformedError():
            return ExitCode.USAGE
        case LandbuchError():
            return ExitCode.UNREACHABLE
        case _:
            return ExitCode.FAULT


def sentence(error: Exception) -> str:
    """Say what went wrong and what to do next."""
    if isinstance(error, LandbuchError | MalformedError):
        text = str(error)
        return text[:1].upper() + text[1:]
    kind = type(error).__name__
    return (
        f"This is a fault of landbuch itself ({kind}: {error}). Nothing is lost; set LANDBUCH_DEBUG=1 to see where it "
        "happened, and report it."
    )
