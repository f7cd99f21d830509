"""`make` lists what can be done, README shows it, and no folder of tests is forgotten."""

from __future__ import annotations

import re
import subprocess
from pathlib import PurePosixPath

import pytest

from tests.tidy.tree import ROOT, demand_none, files

RULE = re.compile(r"^([A-Za-z][\w-]*):(?!=)(.*)$", re.MULTILINE)
EXPECTED = {"help", "demo", "up", "down", "check", "test", "test-long"}


def targets(makefile: str) -> dict[str, str]:
    """Each target for people (inner ones begin with an underscore) with its help line, empty when it has none."""
    return {name: rest.partition("## ")[2].strip() for name, rest in RULE.findall(makefile)}


def unmentioned(names: set[str], readme: str) -> list[str]:
    """Each target that the README never calls."""
    return [name for name in sorted(names) if not re.search(rf"\bmake {re.escape(name)}(?![\w-])", readme)]


def forgotten(tree: tuple[str, ...], makefile: str) -> set[str]:
    """Each folder below tests/ that holds tests but is not named in the Makefile."""
    folders = {
        "/".join(PurePosixPath(path).parts[:2])
        for path in tree
        if re.fullmatch(r"tests/[^/]+/(?:.*/)?test_\w+\.py", path)
    }
    return {folder for folder in folders if not re.search(rf"(?<!\S){re.escape(folder)}(?!\S)", makefile)}


def makefile() -> str:
    """The Makefile."""
    return (ROOT / "Makefile").read_text("utf-8")


def test_every_target_has_a_help_line() -> None:
    assert set(targets(makefile())) == EXPECTED
    demand_none([name for name, line in targets(makefile()).items() if not line])


def test_make_alone_lists_every_target() -> None:
    listed = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    assert [line.split() for line in listed.splitlines()] == [
        ["make", name, *line.split()] for name, line in targets(makefile()).items()
    ]


def test_readme_shows_every_target() -> None:
    if not (ROOT / "README.md").exists():
        pytest.skip("README.md is not written yet")
    demand_none(unmentioned(EXPECTED, (ROOT / "README.md").read_text("utf-8")))


def test_every_folder_of_tests_is_run() -> None:
    demand_none(sorted(forgotten(files(), makefile())))


def test_every_test_lies_in_a_folder_of_its_tier() -> None:
    demand_none([path for path in files() if re.fullmatch(r"tests/test_\w+\.py", path)])


def test_a_target_without_a_help_line_is_found() -> None:
    assert targets("PACKAGES := a\nup: x ## Start\n\tgo\ndown: x\n\tstop\n_inner:\n\tgo\n") == {
        "up": "Start",
        "down": "",
    }


def test_a_target_that_the_readme_leaves_out_is_found() -> None:
    assert unmentioned({"test", "test-long", "up"}, "Run `make test-long`, then make up.") == ["test"]


def test_a_forgotten_folder_of_tests_is_found() -> None:
    tree = ("tests/unit/test_a.py", "tests/web/pages/test_b.py", "tests/servers/start.py")
    assert forgotten(tree, "QUICK := tests/tidy tests/unit\n") == {"tests/web"}
