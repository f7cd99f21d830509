"""Modules are small and their names say what is in them."""

from __future__ import annotations

import ast
import re
from pathlib import PurePosixPath

import pytest

from tests.tidy.tree import Module, demand_none, modules

LINES_AT_MOST = 400  # 300 is the aim
ALLOWED_LONG: dict[str, str] = {
    # path: why this module is better long than cut
}
EMPTY_WORDS = re.compile(r"(util|helper|manager|misc)s?|common")
WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def too_long(module: Module, allowed: dict[str, str]) -> list[str]:
    """The complaint about a module above the limit, unless a reason stands in the list."""
    lines = len(module.text.splitlines())
    if lines <= LINES_AT_MOST or module.path in allowed:
        return []
    return [f"{module.path} has {lines} lines, {lines - LINES_AT_MOST} more than {LINES_AT_MOST}"]


def needless_allowances(allowed: dict[str, str], tree: tuple[Module, ...]) -> list[str]:
    """Each entry of the list without a reason, or whose module is gone or short by now."""
    long = {module.path for module in tree if too_long(module, {})}
    return [
        f"{path} needs no allowance, or gives no reason"
        for path, why in allowed.items()
        if path not in long or not why.strip()
    ]


def empty_names(module: Module) -> list[str]:
    """Each folder, module, class and function whose name says nothing."""
    found = [
        f"{module.path}: `{part}` says nothing"
        for part in PurePosixPath(module.path).with_suffix("").parts
        if _says_nothing(part)
    ]
    for node in ast.walk(module.syntax):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if (
                _says_nothing(name)
            ):
                found.append(f"{module.path}:{node.lineno}: `{name}` says nothing")
    return found


def _says_nothing(name: str) -> bool:
    return any(EMPTY_WORDS.fullmatch(word.lower()) for word in WORDS.findall(name))


def test_every_module_is_small() -> None:
    demand_none([finding for module in modules() for finding in too_long(module, ALLOWED_LONG)])


def test_every_allowance_is_needed_and_justified() -> None:
    demand_none(needless_allowances(ALLOWED_LONG, modules()))


def test_every_name_says_something() -> None:
    demand_none([finding for module in modules() for finding in empty_names(module)])


def test_the_limit_is_met_exactly_and_passed_by_one_line() -> None:
    assert too_long(Module("a.py", "\n" * LINES_AT_MOST), {}) == []
    assert too_long(Module("a.py", "\n" * (LINES_AT_MOST + 1)), {}) == ["a.py has 401 lines, 1 more than 400"]
    assert too_long(Module("a.py", "\n" * (LINES_AT_MOST + 1)), {"a.py": "one table"}) == []


def test_an_allowance_without_need_or_reason_is_found() -> None:
    long, short = Module("long.py", "\n" * 401), Module("short.py", "\n")
    assert needless_allowances({"long.py": "one table"}, (long, short)) == []
    assert len(needless_allowances({"long.py": " ", "short.py": "why", "gone.py": "why"}, (long, short))) == 3


@pytest.mark.parametrize(
    "path", ["sdk/utils.py", "sdk/nats_util.py", "sdk/common/a.py", "tests/helpers.py", "sdk/misc.py"]
)
def test_an_empty_module_name_is_found(path: str) -> None:
    assert len(empty_names(Module(path, ""))) == 1


@pytest.mark.parametrize(
    "text", ["class BookManager: ...", "class HTTPHelper: ...", "def _common_part(): ...", "async def misc(): ..."]
)
def test_an_empty_name_inside_a_module_is_found(text: str) -> None:
    assert len(empty_names(Module("sdk/book.py", text))) == 1


def test_a_name_that_only_contains_such_letters_is_left_alone() -> None:
    assert empty_names(Module("sdk/utility_bill.py", "def commonly(): ...\n\nclass Miscount: ...")) == []
