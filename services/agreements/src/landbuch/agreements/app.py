"""The agreements service put together: its rules, and the ledger as independent keeper of what a book holds."""

from __future__ import annotations

import orjson
from nats.aio.client import Client

from landbuch.agreements.domain import clocks
from landbuch.agreements.domain.desk import DESK
from landbuch.sdk.book.api import Evidence
from landbuch.sdk.book.wire import request
from landbuch.sdk.configuration import Configuration
from landbuch.sdk.errors import FailedError
from landbuch.sdk.host.host import Extras, Host

TIMEOUT_S = 1.0


def build(configuration: Configuration) -> Host:
    """Put the service together without starting it."""
    return Host(DESK, configuration, Extras(independent=head_of_copy, due=clocks.due))


async def head_of_copy(nc: Client, canton: str) -> Evidence | None:
    """Ask the ledger what its copy of a book holds; ``None`` when it does not answer or has no copy yet."""
    try:
        answer = orjson.loads(await request(nc, f"query.ledger.{canton}.head", b"", timeout_s=TIMEOUT_S))
    except (FailedError, ValueError):
        return None
    if not isinstance(answer, dict) or not answer.get("position"):
        return None
    return Evidence(int(answer["position"]), bytes.fromhex(answer["root"]))
