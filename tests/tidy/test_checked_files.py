"""What git tracks is what mypy and ruff check: a namespace package hides files from a careless command line."""

from __future__ import annotations

import os
import re
import subprocess
import sysconfig
from pathlib import Path

import pytest
from mypy.main import process_options

from tests.tidy.tree import ROOT, Module, demand_none, files, modules

WHOLE_FILE_SILENCED = re.compile(
    r"^\s*#\s*(?:mypy\s*:.*(?:ignore|disable)|type\s*:\s*ignore|(?:ruff|flake8)\s*:\s*noqa)", re.MULTILINE
)


def unchecked(tracked: set[str], checked: set[str], tool: str) -> list[str]:
    """Each tracked Python file that a tool does not check."""
    return [f"{path} is tracked, but {tool} does not check it" for path in sorted(tracked - checked)]


def silenced(module: Module) -> list[str]:
    """Each comment on a line of its own that takes a whole file out of a check."""
    return [
        f"{module.path}: `{match.group().strip()}` silences the whole file"
        for match in WHOLE_FILE_SILENCED.finditer(module.text)
    ]


def tracked_python() -> set[str]:
    """Every Python file and type stub that git tracks."""
    return {path for path in files() if path.endswith((".py", ".pyi"))}


def relative(path: str) -> str:
    """A path as git writes it."""
    return Path(os.path.abspath(ROOT / path)).relative_to(ROOT).as_posix()  # noqa: PTH100 - links stay as they are


def test_mypy_checks_every_tracked_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    sources, options = process_options(["--config-file", "pyproject.toml"])
    assert options.explicit_package_bases
    demand_none(unchecked(tracked_python(), {relative(source.path) for source in sources if source.path}, "mypy"))


def test_mypy_calls_each_module_by_the_name_it_is_imported_by(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    sources, _ = process_options(["--config-file", "pyproject.toml"])
    named = {relative(source.path): source.module for source in sources if source.path}
    assert {module.path: named.get(module.path) for module in modules() if module.name} == {
        module.path: module.name for module in modules() if module.name
    }


def test_ruff_checks_every_tracked_file() -> None:
    ruff = Path(sysconfig.get_path("scripts"), "ruff")
    shown = subprocess.run(
        [ruff, "check", "--show-files", "."], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    demand_none(unchecked(tracked_python(), {relative(line) for line in shown.splitlines()}, "ruff"))


def test_no_file_is_silenced_as_a_whole() -> None:
    demand_none([finding for module in modules() for finding in silenced(module)])


def test_a_file_out_of_reach_is_found() -> None:
    assert unchecked({"a.py", "b/c.py"}, {"a.py", "d.py"}, "mypy") == ["b/c.py is tracked, but mypy does not check it"]


@pytest.mark.parametrize(
    "comment", ["mypy: ignore-errors", "mypy: disable-error-code=misc", "type: ignore", "ruff: noqa", "flake8: noqa"]
)
def test_a_silenced_file_is_found(comment: str) -> None:
    assert len(silenced(Module("a.py", f'"""A."""\n\n# {comment}\n'))) == 1


def test_a_silenced_line_is_left_to_the_tool() -> None:
    assert silenced(Module("a.py", "import pymerkle  # type: ignore[import-untyped]\n")) == []
