"""The last head that a writer knew, in a small file: a book that does not contain it any more has lost its end."""

from __future__ import annotations

import os
import time
from pathlib import Path

import orjson
import structlog

from landbuch.sdk.book.api import Evidence

_log = structlog.get_logger(__name__)


_EVERY_S = 1.0


class HeadFile:
    """One book's last known head in a directory; a writer without a directory remembers nothing."""

    def __init__(self, directory: Path | None, canton: str) -> None:
        """Use ``head-<CANTON>.json`` in a directory, which is made at the first writing."""
        self._path = None if directory is None else directory / f"head-{canton}.json"
        self._written = 0
        self._written_at = 0.0

    def read(self) -> Evidence | None:
        """Give what was written last; a damaged file counts as none and is reported in the log."""
        if self._path is None:
            return None
        try:
            fields = orjson.loads(self._path.read_bytes())
            return Evidence(int(fields["position"]), bytes.fromhex(fields["root"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            _log.error("head_file.unreadable", file=self._path.name, why=str(error))
            return None

    def write(self, position: int, leaf: str, root: bytes) -> None:
        """Replace the file if the position is a new one, at most once a second.

        An older head is weaker evidence but no wrong one. What cannot be written is reported in the log.
        """
        if self._path is None or position == self._written or time.monotonic() - self._written_at < _EVERY_S:
            return
        beside = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(orjson.dumps({"position": position, "leaf": leaf, "root": root.hex()}))
            beside.replace(self._path)
        except OSError as error:
            _log.error("head_file.unwritable", file=self._path.name, why=str(error))
        else:
            self._written, self._written_at = position, time.monotonic()
