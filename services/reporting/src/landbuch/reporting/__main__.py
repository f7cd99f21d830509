"""Run the reporting service: ``python -m landbuch.reporting``, told by ``LANDBUCH_…`` variables what to do."""

from __future__ import annotations

from landbuch.reporting.app import serve

if __name__ == "__main__":
    serve()
