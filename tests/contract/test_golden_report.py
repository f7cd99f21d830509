"""The report of the demo history, compared byte for byte.

After a change that is meant: ``python -m tests.contract.test_golden_report`` writes ``tests/golden/demo_report.txt``
anew; look at the difference before you keep it.
"""

from __future__ import annotations

from pathlib import Path

from landbuch.contracts.identities import breaches_of_state
from landbuch.local.history.story import CANTONS
from landbuch.sdk.report import report
from tests.acting import opened
from tests.told_books import told_history

GOLDEN = Path(__file__).parents[1] / "golden" / "demo_report.txt"


def demo_report() -> bytes:
    """Tell the history of every canton with a fixed clock and without servers; give its report."""
    states = [told_history(canton)[1] for canton in CANTONS]
    assert [breach for state in states for breach in breaches_of_state(state)] == []
    return "\n".join(report(state) for state in states).encode()


def test_the_report_of_the_demo_history_is_what_is_kept() -> None:
    assert demo_report().decode() == GOLDEN.read_bytes().decode()


def test_a_programme_without_figures_says_so() -> None:
    assert report(opened().state).splitlines()[-1] == "BL KIP3, Programm KIP3: nothing is booked"


if __name__ == "__main__":
    GOLDEN.write_bytes(demo_report())
