"""Ends a stack whose owner died without ending it: a killed `landbuch up`, a killed test.

The supervisor starts it as an event listener and wakes it every five seconds. It looks whether the owner still lives
and otherwise asks the supervisor to end, which stops everything in order.
"""

from __future__ import annotations

import os
import signal
import sys

from supervisor import childutils

from landbuch.local.processes import is_still


def main() -> None:
    """Watch the process given by number and time of creation."""
    owner, created = int(sys.argv[1]), float(sys.argv[2])
    while True:
        try:
            childutils.listener.wait()
        except KeyError:  # no message, but the end of them: the supervisor is gone
            return
        if not is_still(owner, created):
            sys.stderr.write(f"process {owner}, which started this stack, is gone: ending the stack\n")
            os.kill(os.getppid(), signal.SIGTERM)
        childutils.listener.ok()


if __name__ == "__main__":
    main()
