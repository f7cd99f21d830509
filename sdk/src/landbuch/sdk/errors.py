"""What can fail outside the rules. A refusal by a rule is no failure: see ``landbuch.contracts.refusals``.

LandbuchError
├── FailedError              the world outside did not do what was asked; nothing was lost
│   ├── ConflictError            somebody else wrote first: catch up and decide again
│   ├── OutcomeUnknownError      it may have been written or not: repeat with the same command id
│   ├── UnavailableError         a server does not answer: try again later
│   ├── PermissionDeniedError    this user may not do that: use the right one, or ask the operator
│   ├── BookMissingError         there is no such book: open it first
│   ├── BeyondHeadError          the book is not that long yet
│   └── TooLargeError            more bytes than a message may have
└── CorruptError             what is stored cannot be what was written: stop, keep everything, call the operator
    ├── ChainBrokenError         an entry does not follow from the one before
    ├── GapError                 a position that was acknowledged cannot be read anywhere
    └── StreamDiffersError       the stream is not set up as the law of a book demands
"""

from __future__ import annotations


class LandbuchError(Exception):
    """Root of everything that Landbuch raises for outside reasons."""


class FailedError(LandbuchError):
    """The world outside did not do what was asked; nothing was lost."""


class ConflictError(FailedError):
    """The guard did not hold: the book had grown. Catch up and decide again."""


class OutcomeUnknownError(FailedError):
    """The append may or may not have been stored, and could not be settled in time."""


class UnavailableError(FailedError):
    """A server does not answer."""


class PermissionDeniedError(FailedError):
    """The server forbids this user what was asked; nothing was done."""


class BookMissingError(FailedError):
    """There is no stream for this canton."""


class BeyondHeadError(FailedError):
    """Somebody asked for a position that the book has not reached."""


class TooLargeError(FailedError):
    """More bytes than a message may have."""


class CorruptError(LandbuchError):
    """What is stored cannot be what was written."""


class ChainBrokenError(CorruptError):
    """An entry does not follow from the one before, and no evidence shows that only this entry is rubbish."""

    def __init__(self, position: int, detail: str) -> None:
        """Name the position at which the chain does not hold."""
        super().__init__(f"the chain is broken at position {position}: {detail}")
        self.position = position


class GapError(CorruptError):
    """A position below the head cannot be read."""

    def __init__(self, position: int, detail: str) -> None:
        """Name the position that is missing."""
        super().__init__(f"position {position} is missing: {detail}")
        self.position = position


class StreamDiffersError(CorruptError):
    """The stream's configuration differs from the law."""
