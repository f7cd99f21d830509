"""What can go wrong while a local stack starts, runs or stops."""

from __future__ import annotations


class StackError(Exception):
    """The local stack cannot do what was asked; `remedy` says what to do about it."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.args[0]}\n{self.remedy}"


class AlreadyRunning(StackError):
    """A stack runs in this directory already."""


class NotRunning(StackError):
    """No stack runs in this directory."""


class SupervisorSilent(StackError):
    """The supervisor does not answer: it is ending, or dead."""
