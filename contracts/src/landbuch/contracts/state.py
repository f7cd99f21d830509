"""The state of a book: what all events up to a position say, held in tables that can be rolled back.

Each change is noted in an undo log, so that commands can be decided on tentative state without copying it: ``mark``
before, ``undo`` to the mark, ``settle`` when it is stored.
"""

from __future__ import annotations

from typing import Any

from landbuch.contracts.acts.agreement_life import Tranche
from landbuch.contracts.acts.programme import ApprovalRulesTerms, ProgrammeTerms, Role
from landbuch.contracts.mentions import Token
from landbuch.contracts.rows import (
    Agreement,
    Budget,
    Credit,
    Cut,
    Disbursement,
    Discrepancy,
    Evaluation,
    Finding,
    Grant,
    Head,
    Milestone,
    Movement,
    Opening,
    Partner,
    Past,
    Pledge,
    Proposal,
    Recovery,
    Report,
)  # fmt: skip
from landbuch.contracts.tables import Table, UndoLog


class BookState:
    """Everything that the events of one book say, at one position."""

    def __init__(self, canton: str) -> None:
        """Begin before the first event."""
        self.canton = canton
        self._log: UndoLog = []
        log = self._log
        self._head: Table[str, Head] = Table("head", log)
        self._founding: Table[str, str] = Table("founding", log)
        self.balances: Table[tuple[str, str], int] = Table("balances", log)
        self.grants: Table[tuple[str, Role], Grant] = Table("grants", log)
        self.proposals: Table[int, Proposal] = Table("proposals", log)
        self.objects: Table[str, str] = Table("objects", log)
        self.programmes: Table[str, ProgrammeTerms] = Table("programmes", log)
        self.rules: Table[str, ApprovalRulesTerms] = Table("rules", log)
        self.credits: Table[str, Credit] = Table("credits", log)
        self.pledges: Table[str, Pledge] = Table("pledges", log)
        self.cuts: Table[tuple[int, str], Cut] = Table("cuts", log)
        self.budgets: Table[tuple[str, int], Budget] = Table("budgets", log)
        self.partners: Table[str, Partner] = Table("partners", log)
        self.agreements: Table[str, Agreement] = Table("agreements", log)
        self.programme_agreements: Table[str, int] = Table("programme_agreements", log)
        self.tranches: Table[str, tuple[Tranche, ...]] = Table("tranches", log)
        self.reports: Table[str, Report] = Table("reports", log)
        self.milestones: Table[str, Milestone] = Table("milestones", log)
        self.evaluations: Table[str, Evaluation] = Table("evaluations", log)
        self.findings: Table[str, Finding] = Table("findings", log)
        self.disbursements: Table[str, Disbursement] = Table("disbursements", log)
        self.recoveries: Table[str, Recovery] = Table("recoveries", log)
        self.end_to_end: Table[str, str] = Table("end_to_end", log)
        self.movements: Table[str, Movement] = Table("movements", log)
        self.disbursements_of: Table[str, tuple[str, ...]] = Table("disbursements_of", log)
        self.recoveries_of: Table[str, tuple[str, ...]] = Table("recoveries_of", log)
        self.openings: Table[str, Opening] = Table("openings", log)
        self.discrepancies: Table[str, Discrepancy] = Table("discrepancies", log)
        self.past: Table[int, Past] = Table("past", log)
        self.mentioned: Table[Token, int] = Table("mentioned", log)
        self.voids: Table[int, str] = Table("voids", log)
        self.unknown_types: Table[str, int] = Table("unknown_types", log)
        self._tables = {table.name: table for table in vars(self).values() if isinstance(table, Table)}

    @property
    def head(self) -> Head:
        """The last entry."""
        return self._head.get("head", Head())

    @head.setter
    def head(self, head: Head) -> None:
        self._head.set("head", head)

    @property
    def founding(self) -> str | None:
        """The id of the command that founded the book; ``None`` before."""
        return self._founding.get("command")

    def found(self, commandid: str) -> None:
        """Remember which command founded the book."""
        self._founding.set("command", commandid)

    def balance(self, phase: str, account: str) -> int:
        """Give the balance of an account in Rappen, debit positive; 0 when nothing was booked."""
        return self.balances.get((phase, account), 0)

    def book(self, phase: str, account: str, amount: int) -> None:
        """Add an amount to an account; an account that comes to zero is no row."""
        total = self.balance(phase, account) + amount
        if total:
            self.balances.set((phase, account), total)
        else:
            self.balances.drop((phase, account))

    def accounts(self, phase: str, prefix: str) -> tuple[tuple[str, int], ...]:
        """List accounts of a phase below a prefix with their balances, bytewise."""
        return tuple(
            sorted(
                (name, amount)
                for (of, name), amount in self.balances.items()
                if of == phase and name.startswith(prefix)
            )
        )

    def rules_on(self, day: str) -> ApprovalRulesTerms | None:
        """Give the approval rules that hold on a day."""
        valid = [rules for rules in self.rules.values() if rules.valid_from <= day]
        return max(valid, key=lambda rules: rules.valid_from, default=None)

    def payments(self, agreement: str) -> list[Disbursement]:
        """List the disbursements of an agreement in the order of their requests."""
        names = self.disbursements_of.get(agreement, ())
        return [self.disbursements[name] for name in names if name in self.disbursements]

    def claims(self, agreement: str) -> list[Recovery]:
        """List the recoveries of an agreement in the order of their claims."""
        return [self.recoveries[name] for name in self.recoveries_of.get(agreement, ()) if name in self.recoveries]

    def index(self, table: Table[str, tuple[str, ...]], owner: str, name: str) -> None:
        """Remember that something belongs to an agreement; an id that is taken a second time is listed once."""
        known = table.get(owner, ())
        if name not in known:
            table.set(owner, (*known, name))

    def table(self, name: str) -> Table[Any, Any]:
        """Give a table by its name."""
        return self._tables[name]

    def changes(self, mark: int) -> tuple[tuple[str, Any, Any], ...]:
        """List what was changed since a mark: table, key and former row of each, oldest first."""
        return tuple((table.name, key, former) for table, key, former in self._log[mark:])

    def base_in_force(self, phase: str) -> bool:
        """Tell whether a credit of the programme that is no supplement is in force, or authority was brought along."""
        opening = self.openings.get(phase)
        return (opening is not None and opening.credit) or any(
            credit.phase == phase and credit.stage == "in_force" and credit.supplement_to is None
            for credit in self.credits.values()
        )

    def mark(self) -> int:
        """Remember this state; give the mark to ``undo``."""
        return len(self._log)

    def undo(self, mark: int) -> None:
        """Go back to the state at a mark."""
        log = self._log
        while len(log) > mark:
            table, key, former = log.pop()
            table.undo(key, former)

    def settle(self) -> None:
        """Make all changes final: marks taken before are void."""
        self._log.clear()
