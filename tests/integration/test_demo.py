"""The demo of the README: it ends by itself, shows what the README shows, and gives the same roots every time."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parents[2] / "README.md"
ROOT_LINE = re.compile(r"^ {4}(live|replay) +([0-9a-f]{64})$", re.MULTILINE)


def _demo(directory: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "landbuch.sdk.cli", "demo", "--dir", str(directory), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def _words(text: str) -> list[str]:
    """Lines without the widths of columns and without the rules between them."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return [line for line in lines if line.strip("─ ")]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give what the demo prints."""
    done = _demo(tmp_path_factory.mktemp("demo"))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.timeout(300)
def test_the_demo_shows_what_the_readme_says_in_this_order(told: str) -> None:
    shown = iter(_words(told))
    block = re.search(r"```demo\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    missing = [line for line in _words(block[1]) if line not in shown]
    assert missing == []


def test_live_and_replayed_roots_are_equal_for_every_book(told: str) -> None:
    roots = ROOT_LINE.findall(told)
    live = [root for kind, root in roots if kind == "live"]
    replayed = [root for kind, root in roots if kind == "replay"]
    assert len(live) == 4
    assert live == replayed


@pytest.mark.timeout(300)
def test_a_second_demo_in_the_same_directory_gives_the_same_roots(told: str, tmp_path: Path) -> None:
    first = _demo(tmp_path / "again")
    second = _demo(tmp_path / "again")
    assert second.returncode == 0, second.stdout + second.stderr
    assert ROOT_LINE.findall(first.stdout) == ROOT_LINE.findall(second.stdout) == ROOT_LINE.findall(told)


@pytest.mark.timeout(300)
def test_without_the_illustration_the_whole_credit_is_unallocated(tmp_path: Path) -> None:
    done = _demo(tmp_path / "facts", "--facts-only")
    assert done.returncode == 0, done.stdout + done.stderr
    lines = _words(done.stdout)
    assert "unallocated canton 1'498'188.00 – – –" in lines
    assert "unallocated canton 3'392'068.00 – – –" in lines
    assert "DEMO-" not in done.stdout
