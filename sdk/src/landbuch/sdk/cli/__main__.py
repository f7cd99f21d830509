"""Run the command line as ``python -m landbuch.sdk.cli``."""

from __future__ import annotations

from landbuch.sdk.cli.main import main

if __name__ == "__main__":
    main()
