"""The language-neutral files of the contracts: JSON Schemas, examples, golden vectors, AsyncAPI, as names and bytes.

Pure functions: ``tests/contract/regenerate.py`` writes what they give below ``contracts/``, and a test compares. A
released schema never changes (``contracts/schemas/README.md``).
"""

from __future__ import annotations

from landbuch.contracts.publish.asyncapi import asyncapi
from landbuch.contracts.publish.examples import examples
from landbuch.contracts.publish.schemas import schemas
from landbuch.contracts.publish.vectors import vectors


def files() -> dict[str, bytes]:
    """Give every published file: its path below ``contracts/`` and its bytes."""
    return {
        "asyncapi.json": asyncapi(),
        **{f"schemas/{name}": content for name, content in schemas().items()},
        **{f"examples/{name}": content for name, content in examples().items()},
        **{f"vectors/{name}": content for name, content in vectors().items()},
    }
