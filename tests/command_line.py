"""Runs the command line ``landbuch`` in the test's own process, away from any terminal."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from landbuch.sdk.cli import main

VARIABLES = (
    "STACK", "TOKEN", "NATS_URL", "NATS_USER", "NATS_PASSWORD", "LEDGER_URL", "AGREEMENTS_URL", "ISSUER_URL", "DEBUG",
)  # fmt: skip


class CommandLine:
    """The command line, with an environment of its own and in an empty directory unless a stack is named."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, directory: Path) -> None:
        self._capsys = capsys
        self._monkeypatch = monkeypatch
        monkeypatch.chdir(directory)
        for name in VARIABLES:
            monkeypatch.delenv(f"LANDBUCH_{name}", raising=False)

    def environment(self, **variables: str) -> None:
        """Set variables of the environment; the prefix is added."""
        for name, value in variables.items():
            self._monkeypatch.setenv(f"LANDBUCH_{name.upper()}", value)

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        """Give exit code, standard output and standard error."""
        self._monkeypatch.setattr(sys, "argv", ["landbuch", *arguments])
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main.main()
        said = self._capsys.readouterr()
        return int(end.value.code or 0), said.out, said.err

    def json(self, *arguments: str) -> tuple[int, Any]:
        """Give exit code and what was written as JSON; what went wrong is shown where nothing was."""
        code, out, err = self(*arguments)
        assert out, err
        return code, json.loads(out)
