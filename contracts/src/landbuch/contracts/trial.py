"""The trial balance: every non-zero account, and the root that stands for all of them.

A row is the canonical JSON array ``[phase, account, amount]``; rows are sorted bytewise and unique; the root is that of
RFC 6962 over them. The same events give the same root in any batch size and on any machine (I8).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from landbuch.contracts import merkle
from landbuch.contracts.canonical import LARGEST_INTEGER, canonical

Balances = Mapping[tuple[str, str], int]


def rows(balances: Balances) -> list[bytes]:
    """Give the rows of all non-zero accounts, keyed by (phase, account).

    An amount that JSON cannot carry exactly, which takes many forged events, stands as text: no event stops the root.
    """
    return sorted(
        canonical([phase, account, amount if abs(amount) <= LARGEST_INTEGER else str(amount)])
        for (phase, account), amount in balances.items()
        if amount
    )


def root(balances: Balances) -> str:
    """Give the root of the trial balance, 64 hex digits; of no rows: SHA-256 of nothing."""
    return root_of_rows(rows(balances))


def root_of_rows(sorted_rows: Iterable[bytes]) -> str:
    """Give the root over rows that are sorted already."""
    return merkle.root(merkle.leaf_hash(row) for row in sorted_rows).hex()
