"""The contracts, each `domain` and the way from command to events are pure: no I/O, no clock, no chance, no logging."""

from __future__ import annotations

import ast
import sys

import pytest

from tests.tidy.tree import Module, demand_none, imports, modules

THIRD_PARTIES = frozenset({"annotated_types", "orjson", "pydantic", "pydantic_core", "typing_extensions"})
# fmt: off
IMPURE_STDLIB = frozenset(
    {
        "asyncio", "builtins", "concurrent", "ctypes", "fcntl", "ftplib", "getpass", "glob", "http",
        "imaplib", "importlib", "io", "locale", "logging", "mmap", "multiprocessing", "os", "pathlib",
        "pickle", "platform", "poplib", "queue", "random", "resource", "runpy", "sched", "secrets", "select",
        "selectors", "shelve", "shutil", "signal", "smtplib", "socket", "socketserver", "sqlite3", "ssl",
        "subprocess", "sys", "syslog", "tempfile", "threading", "time", "urllib", "warnings",
    }
)
# fmt: on
PURE_IN_THE_SDK = frozenset({"landbuch.sdk.deciding"})  # what the domains of all services share
IMPURE_BUILTINS = frozenset({"open", "input", "print", "exec", "eval", "compile", "__import__", "breakpoint"})
IMPURE_ATTRIBUTES = {
    "now": "asks the clock",
    "utcnow": "asks the clock",
    "today": "asks the clock",
    "uuid1": "makes an id",
    "uuid4": "makes an id",
    "getnode": "asks the machine",
}


# A day that arrived as an argument may be called `today`; taken from one of these it comes from the clock.
CLOCKS = frozenset({"date", "datetime", "dt", "uuid"})


def impurities(module: Module) -> list[str]:
    """Each import, call or attribute by which a pure module would touch the world."""
    if module.room != "contracts" and not module.in_domain and module.name not in PURE_IN_THE_SDK:
        return []
    return _impure_imports(module) + _impure_uses(module)


def _impure_imports(module: Module) -> list[str]:
    found = []
    for imported in imports(module):
        top = imported.target.partition(".")[0]
        where = f"{module.path}:{imported.line}"
        if top == "landbuch":
            if not _is_pure(imported.target, module):
                found.append(f"{where} imports {imported.target}, which no law holds pure")
        elif top in IMPURE_STDLIB or (top not in sys.stdlib_module_names and top not in THIRD_PARTIES):
            found.append(f"{where} imports {imported.target}, which can touch the world")
        elif imported.target.rpartition(".")[2] in IMPURE_ATTRIBUTES:
            found.append(
                f"{where} imports {imported.target}, which {IMPURE_ATTRIBUTES[imported.target.rpartition('.')[2]]}"
            )
    return found


def _is_pure(target: str, module: Module) -> bool:
    """Whether an import of ours stays among the contracts, the shared rules and, in a domain, that domain."""
    pure = {"landbuch.contracts"} | (
        PURE_IN_THE_SDK | {f"landbuch.{module.room}.domain"} if module.in_domain else set()
    )
    return any(f"{target}.".startswith(f"{name}.") for name in pure)


def _impure_uses(module: Module) -> list[str]:
    found = []
    for node in ast.walk(module.syntax):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in IMPURE_BUILTINS:
                found.append(f"{module.path}:{node.lineno} calls {name}()")
            case ast.Call(func=ast.Attribute(attr=name)) if name in IMPURE_ATTRIBUTES:
                found.append(f"{module.path}:{node.lineno} calls .{name}(), which {IMPURE_ATTRIBUTES[name]}")
            case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=name) if (
                name in IMPURE_ATTRIBUTES and owner in CLOCKS
            ):
                found.append(f"{module.path}:{node.lineno} uses {owner}.{name}, which {IMPURE_ATTRIBUTES[name]}")
    return sorted(set(found))


def test_contracts_and_domains_are_pure() -> None:
    demand_none([finding for module in modules() for finding in impurities(module)])


@pytest.mark.parametrize(
    "path", ["contracts/src/landbuch/contracts/a.py", "services/ledger/src/landbuch/ledger/domain/a.py"]
)
@pytest.mark.parametrize(
    "text",
    [
        "import nats",
        "import sqlalchemy.orm",
        "from faststream.nats import NatsBroker",
        "from fastapi import FastAPI",
        "import httpx",
        "import structlog",
        "import logging",
        "import os",
        "from pathlib import Path",
        "from time import time",
        "import random",
        "from uuid import uuid4",
        "import uuid\nmake = uuid.uuid4",
        "def f(clock):\n    return clock.now()",
        "import datetime\ntoday = datetime.date.today",
        "open('a')",
        "print('a')",
        "from landbuch.sdk import book",
        "def f():\n    import socket",
    ],
)
def test_an_impurity_is_found(path: str, text: str) -> None:
    assert len(impurities(Module(path, text))) == 1


def test_a_domain_that_reaches_for_its_own_shell_is_found() -> None:
    module = Module("services/ledger/src/landbuch/ledger/domain/a.py", "from landbuch.ledger import app")
    assert len(impurities(module)) == 1


def test_the_shared_rules_are_held_pure_themselves() -> None:
    for text in ("import time", "from landbuch.sdk.book import api", "from landbuch.ledger.domain import rules"):
        assert len(impurities(Module("sdk/src/landbuch/sdk/deciding.py", text))) == 1
    assert impurities(Module("sdk/src/landbuch/sdk/deciding.py", "from landbuch.contracts import state")) == []
    assert not PURE_IN_THE_SDK - {module.name for module in modules()}


def test_what_is_pure_is_left_alone() -> None:
    text = "import hashlib\nfrom uuid import UUID, uuid5\nfrom landbuch.contracts import money\nimport pydantic"
    assert impurities(Module("services/ledger/src/landbuch/ledger/domain/a.py", text)) == []
    given = "from landbuch.sdk.deciding import Case\ndef f(case: Case) -> str:\n    return case.today"
    assert impurities(Module("services/ledger/src/landbuch/ledger/domain/a.py", given)) == []
    relative = "from . import credits\nfrom .rules import decide\nfrom landbuch.ledger.domain.rules import decide"
    assert impurities(Module("services/ledger/src/landbuch/ledger/domain/a.py", relative)) == []


def test_a_shell_may_touch_the_world() -> None:
    assert impurities(Module("services/ledger/src/landbuch/ledger/app.py", "import nats\nimport time\nopen('a')")) == []
