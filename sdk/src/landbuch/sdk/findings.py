"""What a verification found: each finding in a sentence, each check with its outcome, and one exit code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from landbuch.sdk.tampering import Damage

Check = Literal[
    "settings", "bytes", "chain", "schema", "balance", "form", "posting", "identities", "roles", "void", "trial", "copy"
]
Severity = Literal["breach", "corrupt"]
Status = Literal["ok", "breached", "corrupt", "not_checked"]

TITLES: dict[Check, str] = {
    "settings": "Stream set up after the law",
    "bytes": "Bytes canonical",
    "chain": "Chain unbroken",
    "schema": "Schema and subject",
    "balance": "Lines balance",
    "form": "Times, ids and phases",
    "posting": "Lines equal the posting rules",
    "identities": "Identities hold",
    "roles": "Roles and four eyes",
    "void": "No void entries",
    "trial": "Trial balance root",
    "copy": "Merkle root",
}
"""Each check as a claim, in the order of the report."""

_OF_REASON: dict[str, Check] = {
    "too_large": "bytes",
    "not_canonical": "bytes",
    "bad_envelope": "schema",
    "bad_schema": "schema",
    "foreign_subject": "schema",
    "wrong_position": "chain",
    "wrong_predecessor": "chain",
    "unbalanced": "balance",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, where, and what to do. ``code`` is the void reason or the identity; position 0: the whole book."""

    check: Check
    severity: Severity
    position: int
    code: str
    sentence: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Live:
    """What the ledger shows: the root of its trial balance, and the position up to which it has booked."""

    position: int
    root: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a verification found.

    ``entries`` were read, ``events`` of them count. ``trial_roots`` holds the root of the trial balance at the
    positions that were asked for and at the head. ``skipped`` names checks that were not done. When the book is corrupt
    everything is said of the entries before ``corrupt_at`` only.
    """

    canton: str
    entries: int
    events: int
    leaf: str
    root: str
    time: str | None
    trial_roots: dict[int, str]
    findings: tuple[Finding, ...]
    skipped: frozenset[Check] = frozenset()
    corrupt_at: int | None = None

    @property
    def trial_root(self) -> str:
        """The root of the trial balance after all entries."""
        return self.trial_roots[self.entries]

    @property
    def exit_code(self) -> int:
        """0 all well; 1 void entries, breaches or a difference; 3 corrupt or not verifiable."""
        if any(finding.severity == "corrupt" for finding in self.findings):
            return 3
        return 1 if self.findings else 0

    def status(self, check: Check) -> Status:
        """Say how one check ended."""
        severities = {finding.severity for finding in self.failed(check)}
        if "corrupt" in severities:
            return "corrupt"
        if severities:
            return "breached"
        return "not_checked" if check in self.skipped else "ok"

    def failed(self, check: Check) -> list[Finding]:
        """List what one check found; a void entry fails the check of its reason too."""
        return [
            finding
            for finding in self.findings
            if finding.check == check or (finding.check == "void" and _OF_REASON[finding.code] == check)
        ]

    def compared(self, live: Live) -> Report:
        """Add what the ledger shows at a position that was asked for: live and replay must agree."""
        replayed = self.trial_roots.get(live.position)
        if self.corrupt_at is not None or replayed is None:
            return replace(self, skipped=self.skipped | {"trial"})
        if replayed == live.root:
            return self
        finding = Finding(
            "trial",
            "breach",
            live.position,
            "trial_root",
            f"The ledger's balances at position {live.position} are not those that its book gives: replay has the root "
            f"{replayed}, the ledger's tables {live.root}.",
            "Do not rely on the figures shown; let the operator rebuild the ledger's tables from the book.",
        )
        return replace(self, findings=(*self.findings, finding))

    def with_settings(self, differences: Iterable[str]) -> Report:
        """Add what differs between the stream's settings and the law of a book."""
        found = tuple(
            Finding(
                "settings",
                "breach",
                0,
                "stream_differs",
                f"The stream could lose events or have them altered: {difference}",
                "Find out who changed it, and let the operator restore the setting.",
            )
            for difference in differences
        )
        return replace(self, findings=(*found, *self.findings))

    def located(self, damage: Damage) -> Report:
        """Put a better description of the damage in the place of the one that the chain alone gave."""
        kept = tuple(
            finding
            for finding in self.findings
            if finding.severity != "corrupt" and (finding.position < damage.position)
        )
        return replace(self, findings=(*kept, corrupted("copy", damage)), corrupt_at=damage.position)


def corrupted(check: Check, damage: Damage) -> Finding:
    """Make a finding of damage."""
    return Finding(check, "corrupt", damage.position, "corrupt", damage.sentence, damage.remedy)
