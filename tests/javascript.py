"""The JavaScript subscriber with its packages, for the tests that need them."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "subscribers"


@cache
def installed() -> Path:
    """Give its folder, with the packages that its lock pins; skips the test where there is no node or no npm."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not on the path: the JavaScript subscriber and the AsyncAPI schema need it")
    pinned, done = FOLDER / "package-lock.json", FOLDER / "node_modules" / ".installed.json"
    if not done.exists() or done.read_bytes() != pinned.read_bytes():
        quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        subprocess.run(["npm", "ci", *quiet], cwd=FOLDER, check=True)
        done.write_bytes(pinned.read_bytes())
    return FOLDER
