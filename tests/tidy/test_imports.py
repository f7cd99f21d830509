"""Arrows point one way: services -> sdk -> contracts, and services never import each other."""

from __future__ import annotations

import pytest

from tests.tidy.tree import Module, demand_none, imports, modules

MAY_IMPORT: dict[str, frozenset[str]] = {
    "contracts": frozenset(),
    "sdk": frozenset({"contracts"}),
    "ledger": frozenset({"contracts", "sdk"}),
    "agreements": frozenset({"contracts", "sdk"}),
    "reporting": frozenset({"contracts", "sdk"}),
    "local": frozenset({"contracts", "sdk"}),
}


def wrong_arrows(module: Module) -> list[str]:
    """Each import by which a module of the product reaches where the import law forbids it."""
    if not module.room:
        return []
    if module.room not in MAY_IMPORT:
        return [f"{module.path}: `{module.room}` is no room of the import law; say in MAY_IMPORT what it may import"]
    found = []
    for imported in imports(module):
        top, _, below = imported.target.partition(".")
        if top in {"tests", "benchmarks"}:
            found.append(f"{module.path}:{imported.line} imports {imported.target}; the product knows no tests")
        if top != "landbuch":
            continue
        room = below.partition(".")[0]
        if room != module.room and room not in MAY_IMPORT[module.room]:
            found.append(f"{module.path}:{imported.line} imports {imported.target}; `{module.room}` may not")
    return found


def test_arrows_point_from_services_to_sdk_to_contracts() -> None:
    demand_none([finding for module in modules() for finding in wrong_arrows(module)])


def test_every_room_of_the_law_is_there() -> None:
    assert {module.room for module in modules()} - {""} == set(MAY_IMPORT)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("contracts/src/landbuch/contracts/a.py", "import landbuch.sdk"),
        ("contracts/src/landbuch/contracts/a.py", "from landbuch import sdk"),
        ("contracts/src/landbuch/contracts/a.py", "from ..sdk import book"),
        ("contracts/src/landbuch/contracts/__init__.py", "from ..sdk import book"),
        ("sdk/src/landbuch/sdk/book/a.py", "def f():\n    from landbuch.ledger import app"),
        ("sdk/src/landbuch/sdk/a.py", "import importlib\nimportlib.import_module('landbuch.local.cli')"),
        ("services/ledger/src/landbuch/ledger/a.py", "from landbuch.agreements import decide"),
        ("services/agreements/src/landbuch/agreements/a.py", "from landbuch.ledger.domain import decide"),
        ("deploy/local/src/landbuch/local/a.py", "import landbuch.ledger.app"),
        ("sdk/src/landbuch/sdk/a.py", "from tests.unit import kit"),
        ("services/other/src/landbuch/other/a.py", ""),
    ],
)
def test_a_wrong_arrow_is_found(path: str, text: str) -> None:
    assert len(wrong_arrows(Module(path, text))) == 1


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "services/ledger/src/landbuch/ledger/a.py",
            "from landbuch.sdk.book import api\nfrom landbuch import contracts",
        ),
        ("sdk/src/landbuch/sdk/book/a.py", "from .. import errors\nfrom . import api\nimport nats"),
        ("tests/unit/test_a.py", "import landbuch.ledger, landbuch.agreements"),
    ],
)
def test_a_right_arrow_is_left_alone(path: str, text: str) -> None:
    assert wrong_arrows(Module(path, text)) == []
