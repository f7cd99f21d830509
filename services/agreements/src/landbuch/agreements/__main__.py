"""Run the agreements service: ``python -m landbuch.agreements``, told by ``LANDBUCH_…`` variables what to do."""

from __future__ import annotations

from landbuch.agreements.app import build
from landbuch.agreements.domain.desk import DESK
from landbuch.sdk.host.host import prepare, serve

if __name__ == "__main__":
    serve(build(prepare(DESK)))
