"""Run the ledger service: ``python -m landbuch.ledger``, told by ``LANDBUCH_…`` variables what to do."""

from __future__ import annotations

from landbuch.ledger.app import build
from landbuch.ledger.domain.desk import DESK
from landbuch.sdk.host.host import prepare, serve

if __name__ == "__main__":
    serve(build(prepare(DESK)))
