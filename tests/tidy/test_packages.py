"""Each package is typed, declares what it imports, and is installed, checked and locked."""

from __future__ import annotations

import re
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import PurePosixPath
from typing import Any

import pytest

from tests.tidy.tree import ROOT, Module, demand_none, files, imports, modules

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def normal(requirement: str) -> str:
    """The name in a requirement as package indexes compare it: `PyJWT[crypto]>=2` is `pyjwt`."""
    match = NAME.match(requirement)
    assert match, requirement
    return re.sub(r"[-_.]+", "-", match.group()).lower()


@cache
def projects() -> dict[str, dict[str, Any]]:
    """The pyproject.toml of each package by its folder."""
    found = {str(PurePosixPath(path).parent): path for path in files() if path.endswith("/pyproject.toml")}
    return {folder: tomllib.loads((ROOT / path).read_text("utf-8")) for folder, path in found.items()}


def malformed(folder: str, tree: tuple[str, ...]) -> list[str]:
    """What a package's folder lacks, or has too much, to be a typed part of the namespace package."""
    below = {
        path.removeprefix(f"{folder}/src/landbuch/") for path in tree if path.startswith(f"{folder}/src/landbuch/")
    }
    rooms = {path.partition("/")[0] for path in below if "/" in path}
    found = [] if len(rooms) == 1 else [f"{folder} holds {len(rooms)} packages below src/landbuch; it must be one"]
    found += [
        f"{folder}: {room}/{needed} is missing"
        for room in sorted(rooms)
        for needed in ("__init__.py", "py.typed")
        if f"{room}/{needed}" not in below
    ]
    if "__init__.py" in below:
        found.append(f"{folder}: src/landbuch/__init__.py hides the other packages of the namespace")
    return found


def undeclared(module: Module, declared: set[str], provides: dict[str, set[str]]) -> list[str]:
    """Each import of a library that the module's package does not declare.

    `provides` maps the name of an import to those of the libraries that bring it.
    """
    found = []
    for imported in imports(module):
        top, _, below = imported.target.partition(".")
        if top in sys.stdlib_module_names:
            continue
        wanted = {f"landbuch-{below.partition('.')[0]}"} if top == "landbuch" else provides.get(top, {top})
        own = f"landbuch-{module.room}"
        if not wanted & (declared | {own}):
            where = f"{module.path}:{imported.line}"
            found.append(f"{where} imports {imported.target}, but its package does not declare {min(wanted)}")
    return found


def locked() -> set[str]:
    """The names in the lock."""
    lines = (ROOT / "requirements-dev.lock").read_text("utf-8").splitlines()
    return {normal(line) for line in lines if "==" in line and NAME.match(line)}


def test_each_package_is_a_typed_part_of_the_namespace() -> None:
    demand_none([finding for folder in projects() for finding in malformed(folder, files())])


def test_each_package_declares_what_it_imports() -> None:
    provides = {top: {normal(name) for name in names} for top, names in packages_distributions().items()}
    found = []
    for folder, project in projects().items():
        declared = {normal(requirement) for requirement in project["project"]["dependencies"]}
        for module in modules():
            if module.path.startswith(f"{folder}/src/"):
                found += undeclared(module, declared, provides)
    demand_none(found)


def test_each_declared_library_is_in_the_lock() -> None:
    declared = {
        normal(requirement) for project in projects().values() for requirement in project["project"]["dependencies"]
    }
    assert declared - {normal(project["project"]["name"]) for project in projects().values()} - locked() == set()


def test_each_wish_of_the_developers_is_in_the_lock() -> None:
    wishes = (ROOT / "requirements-dev.in").read_text("utf-8").splitlines()
    assert {normal(line) for line in wishes if NAME.match(line)} - locked() == set()


def test_each_package_is_installed_by_make_and_seen_by_mypy_and_ruff() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    makefile = (ROOT / "Makefile").read_text("utf-8")
    (installed,) = re.findall(r"^PACKAGES := (.*)$", makefile, re.MULTILINE)
    seen = [path.removeprefix("$MYPY_CONFIG_FILE_DIR/") for path in settings["mypy"]["mypy_path"].split(":")]
    assert sorted(installed.split()) == sorted(projects())
    assert sorted(seen) == sorted(f"{folder}/src" for folder in projects())
    assert sorted(settings["ruff"]["src"]) == sorted([".", *(f"{folder}/src" for folder in projects())])


@pytest.mark.parametrize(
    ("tree", "finding"),
    [
        (("a/src/landbuch/a/__init__.py",), "a: a/py.typed is missing"),
        (("a/src/landbuch/a/py.typed",), "a: a/__init__.py is missing"),
        (("a/pyproject.toml",), "a holds 0 packages below src/landbuch; it must be one"),
        (
            ("a/src/landbuch/a/__init__.py", "a/src/landbuch/a/py.typed", "a/src/landbuch/__init__.py"),
            "a: src/landbuch/__init__.py hides the other packages of the namespace",
        ),
    ],
)
def test_a_malformed_package_is_found(tree: tuple[str, ...], finding: str) -> None:
    assert malformed("a", tree) == [finding]


def test_an_undeclared_library_is_found() -> None:
    module = Module(
        "sdk/src/landbuch/sdk/a.py",
        "import os\nimport jwt\nfrom landbuch.sdk import b\nfrom landbuch.contracts import c",
    )
    provides = {"jwt": {"pyjwt"}}
    assert undeclared(module, {"pyjwt", "landbuch-contracts"}, provides) == []
    assert undeclared(module, {"landbuch-contracts"}, provides) == [
        "sdk/src/landbuch/sdk/a.py:2 imports jwt, but its package does not declare pyjwt"
    ]
    assert undeclared(module, {"pyjwt"}, provides) == [
        "sdk/src/landbuch/sdk/a.py:4 imports landbuch.contracts.c, but its package does not declare landbuch-contracts"
    ]
