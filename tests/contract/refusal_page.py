"""Write the catalogue of refusals and warnings by hand: ``python -m tests.contract.refusal_page``.

Each example is what the rules answer to a case of ``tests/refusals``, arithmetic and all.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from landbuch.contracts.refusals import Code
from landbuch.contracts.warn import Warn
from tests.refusals.first_road import CASES, reuse_an_id
from tests.refusals.life import LIFE_CASES

PAGE = Path(__file__).resolve().parents[2] / "docs" / "refusals.md"

HEAD = """# Refusals and warnings

This page is generated from the rules and their tests: `python -m tests.contract.refusal_page`.

## Refusals

A refusal is an answer, not an error: nothing was written, and the command may be sent again. It gives a code of this
closed list, a sentence with the arithmetic of the case, and a remedy. Where several rules are broken, the code that
stands first here is given. Facts are not refused for lack of money; what happened is recorded.

The example is what the rules answer in a test; the last column names the commands that the tests have refused so.

| | code | example | what to do | refused so |
|---|---|---|---|---|
"""

WARNINGS = """
## Warnings

A warning does not keep a command from being accepted. Its code is stored in the event, sorted, and never changes.

| code | meaning |
|---|---|
"""


def page() -> str:
    """Give the page."""
    examples, commands = _answers()
    rows = [
        f"| {rank} | `{code}` | {_cell(examples[code])} | {_cell(code.remedy)} | {', '.join(sorted(commands[code]))} |"
        for rank, code in enumerate(Code, start=1)
    ]
    warnings = [f"| `{warning}` | {_cell(warning.meaning)} |" for warning in Warn]
    return HEAD + "\n".join(rows) + "\n" + WARNINGS + "\n".join(warnings) + "\n"


def _answers() -> tuple[dict[Code, str], dict[Code, set[str]]]:
    """One detail for each code, the one with the most arithmetic, and the commands that were refused so."""
    details: dict[Code, list[str]] = {code: [] for code in Code}
    commands: dict[Code, set[str]] = {code: set() for code in Code}
    reused = asyncio.run(reuse_an_id())
    details[reused.code].append(reused.detail)
    commands[reused.code].add("FoundBook")
    for case in (*CASES, *LIFE_CASES):
        refused = case.refusal()
        if refused is None or refused.code is not case.code:
            message = f"{case.command} should be refused as {case.code}, but the rules answer {refused}"
            raise AssertionError(message)
        details[case.code].append(refused.detail)
        commands[case.code].add(case.command)
    return {code: max(found, key=_figures) for code, found in details.items()}, commands


def _figures(detail: str) -> int:
    """How many amounts a sentence names; of several with as many the first is taken."""
    return sum(word.strip(".,;:").replace("'", "").replace(".", "", 1).isdecimal() for word in detail.split())


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"wrote {PAGE}")
