"""Accounts are colon paths; the first segment is the layer, and each layer of each event sums to zero.

Debit is positive, credit negative, all in Rappen. ``_`` stands where an area does not apply. The credit layer holds
the power to commit over years (FHG: Verpflichtungskredit), the budget layer the power to pay within one year, the
finance layer the money itself by HRM2 numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

LAYERS = ("budget", "credit", "finance")

NEVER_NEGATIVE_BUDGET = frozenset({"free", "blocked", "released", "used"})
MAY_BE_NEGATIVE_CREDIT = frozenset({"authority", "recovered", "shortfall"})

Lines = tuple[tuple[str, int], ...]


def authority(credit: str, source: str) -> str:
    """Contra account of a credit or a pledge: what it decided stands here as a credit balance."""
    return f"credit:authority:{credit}:{source}"


def pending(credit: str, source: str) -> str:
    """Approved, not yet in force."""
    return f"credit:pending:{credit}:{source}"


def unallocated(credit: str, source: str) -> str:
    """In force, not yet given to an area."""
    return f"credit:unallocated:{credit}:{source}"


def available(area: str, source: str) -> str:
    """Free for agreements."""
    return f"credit:available:{area}:{source}"


def blocked(area: str, source: str) -> str:
    """Blocked."""
    return f"credit:blocked:{area}:{source}"


def open_(area: str, source: str, agreement: str) -> str:
    """Committed to an agreement, not yet released for payment."""
    return f"credit:open:{area}:{source}:{agreement}"


def released(area: str, source: str, agreement: str) -> str:
    """Approved for payment."""
    return f"credit:released:{area}:{source}:{agreement}"


def used(area: str, source: str, agreement: str) -> str:
    """Paid."""
    return f"credit:used:{area}:{source}:{agreement}"


def recovered(area: str, source: str, agreement: str) -> str:
    """Recovered and given back to available (a credit balance)."""
    return f"credit:recovered:{area}:{source}:{agreement}"


def lapsed(area: str, source: str) -> str:
    """No longer usable; area ``_`` for what was never allocated."""
    return f"credit:lapsed:{area}:{source}"


def shortfall(source: str) -> str:
    """Authority that was taken away beyond what was free (a credit balance)."""
    return f"credit:shortfall:{source}"


def budget(kind: str, year: int) -> str:
    """Account of the yearly budget: authority, free, blocked, released, used, lapsed."""
    return f"budget:{kind}:{year}"


EXPENSES: dict[tuple[str, str], str] = {
    ("ngo", "contract"): "3636",
    ("ngo", "ruling"): "3636",
    ("church", "contract"): "3636",
    ("church", "ruling"): "3636",
    ("commune", "contract"): "3632",
    ("commune", "ruling"): "3632",
    ("cantonal_unit", "contract"): "39",
    ("cantonal_unit", "ruling"): "39",
    ("company", "contract"): "3132",
    ("company", "ruling"): "3635",
    ("private_person", "contract"): "3132",
    ("private_person", "ruling"): "3637",
}
"""Expense account by kind of partner and form of agreement (HRM2).

A contract with a company or a person buys a service, a ruling contributes; own departments are charged internally.
"""

INCOME = {"federal": "4630", "federal_flat": "4630", "communes": "4632", "third": "4636"}
"""Income account by funding source (HRM2): contributions from the Confederation, from communes, from others."""


def receivable(payer: str, source: str) -> str:
    """Claimed from a payer and not received."""
    return f"finance:1014:{payer}:{source}"


def deferred(payer: str, source: str) -> str:
    """Claimed or received and not income yet (a credit balance); flat rates are earmarked."""
    return f"finance:{'209' if source == 'federal_flat' else '204'}:{payer}:{source}"


def income(payer: str, source: str) -> str:
    """Income from a payer (a credit balance)."""
    return f"finance:{INCOME[source]}:{payer}:{source}"


def wrong_side(account: str, balance: int) -> bool:
    """Tell whether a claim, a debt or a deferral stands on the wrong side: an alarm, never a refusal (I3)."""
    if account.startswith("finance:1014:"):
        return balance < 0
    return balance > 0 and account.startswith(("finance:200:", "finance:204:", "finance:209:"))


BANK = "finance:100"
"""The bank account."""
OPENING = "finance:299:opening"
"""Contra account of what a programme brought along."""
CLEARING = "finance:1019:clearing"
"""Bank entries that are not matched yet."""


def advance(area: str, source: str, agreement: str) -> str:
    """Paid in advance, not yet an expense."""
    return f"finance:1013:{area}:{source}:{agreement}"


def recovery_claim(agreement: str) -> str:
    """Claimed back from a partner."""
    return f"finance:1014:recovery:{agreement}"


def spending(number: str, area: str, source: str, agreement: str) -> str:
    """Account of the finance layer per area, source and agreement: an expense, 426 refunds of earlier years."""
    return f"finance:{number}:{area}:{source}:{agreement}"


REFUNDS = "426"
"""Refunds of earlier years."""
INTEREST = "finance:440"
"""Interest income."""
LOSSES = "finance:3181"
"""Losses on claims."""


def owed_back(party: str) -> str:
    """Received beyond what was claimed (a credit balance)."""
    return f"finance:2004:{party}"


def payable(agreement: str) -> str:
    """Approved for payment and not paid (a credit balance)."""
    return f"finance:200:{agreement}"


def layer(account: str) -> str:
    """The layer an account belongs to."""
    return account.partition(":")[0]


def merged(lines: Iterable[tuple[str, int]]) -> Lines:
    """Merge lines of the same account at its first place and drop those that come to zero."""
    sums: dict[str, int] = {}
    for account, amount in lines:
        sums[account] = sums.get(account, 0) + amount
    return tuple((account, amount) for account, amount in sums.items() if amount)


def transfer(debit: str, credit: str, amount: int) -> Lines:
    """Book one amount: debit / credit."""
    return ((debit, amount), (credit, -amount))


def unbalanced_layer(lines: Iterable[tuple[str, int]]) -> tuple[str, int] | None:
    """Name the first layer, bytewise, that does not sum to zero, with its sum; ``None`` when all do (I1)."""
    sums: dict[str, int] = {}
    for account, amount in lines:
        name = layer(account)
        sums[name] = sums.get(name, 0) + amount
    for name in sorted(sums):
        if sums[name]:
            return name, sums[name]
    return None


def below_zero(balances: Mapping[str, int], account: str) -> bool:
    """Tell whether an account that must never fall below zero is below zero (I3)."""
    amount = balances.get(account, 0)
    return amount < 0 and guarded(account)


def guarded(account: str) -> bool:
    """Tell whether an account must never fall below zero (I3)."""
    parts = account.split(":")
    match parts[0]:
        case "credit":
            return parts[1] not in MAY_BE_NEGATIVE_CREDIT
        case "budget":
            return parts[1] in NEVER_NEGATIVE_BUDGET
        case _:
            return parts[1] == "1013"
