"""The tree as the house rules see it: the files git knows, and the Python modules among them."""

from __future__ import annotations

import ast
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file: its path from the root and its text."""

    path: str
    text: str

    @property
    def syntax(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.text, self.path)

    @property
    def name(self) -> str:
        """The dotted import name below `src`, such as `landbuch.sdk.book.api`; empty for tests and programs."""
        _, below, inner = self.path.partition("src/")
        if not below:
            return ""
        parts = PurePosixPath(inner).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def package(self) -> str:
        """The dotted name that one leading dot of a relative import stands for."""
        return self.name if self.path.endswith("/__init__.py") else self.name.rpartition(".")[0]

    @property
    def room(self) -> str:
        """The package below `landbuch` that the module lies in, such as `sdk`; empty for tests and programs."""
        parts = self.name.split(".")
        return parts[1] if len(parts) > 1 and parts[0] == "landbuch" else ""

    @property
    def in_domain(self) -> bool:
        """Whether the module belongs to the pure part of a service."""
        return self.path.startswith("services/") and "domain" in self.name.split(".")


@cache
def files() -> tuple[str, ...]:
    """Every file that git tracks or would track, as paths from the root, without those deleted on disk."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return tuple(sorted(path for path in listed.split("\0") if path and (ROOT / path).is_file()))


@cache
def modules() -> tuple[Module, ...]:
    """Every Python file among `files`."""
    return tuple(Module(path, (ROOT / path).read_text("utf-8")) for path in files() if path.endswith(".py"))


def demand_none(findings: list[str]) -> None:
    """Fail with every finding on a line of its own; a comparison with an empty list would show the first only."""
    if findings:
        pytest.fail("\n".join(findings), pytrace=False)


@dataclass(frozen=True, slots=True)
class Import:
    """One imported name, always absolute: `from .a import b` in `landbuch.x.y` is `landbuch.x.a.b`."""

    target: str
    line: int


def imports(module: Module) -> list[Import]:
    """Every import anywhere in a module, also inside functions, under TYPE_CHECKING and by `import_module("...")`."""
    found: list[Import] = []
    for node in ast.walk(module.syntax):
        match node:
            case ast.Import(names=names):
                found += [Import(alias.name, node.lineno) for alias in names]
            case ast.ImportFrom(module=base, names=names, level=level):
                prefix = _absolute(module, base or "", level)
                found += [Import(f"{prefix}.{alias.name}", node.lineno) for alias in names]
            case ast.Call(func=function, args=[ast.Constant(value=str(target)), *_]) if _imports_by_name(function):
                found.append(Import(target, node.lineno))
    return found


def _absolute(module: Module, base: str, level: int) -> str:
    if level == 0:
        return base
    above = module.package.split(".")
    kept = above[: len(above) - level + 1]
    return ".".join([*kept, base] if base else kept)


def _imports_by_name(function: ast.expr) -> bool:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name in {"import_module", "__import__"}
        case _:
            return False
