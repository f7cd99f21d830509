"""Why a command is refused: a closed list of codes in a fixed order of precedence, each with a remedy.

Where several rules are broken, the code that stands first is given. The detail shows the arithmetic of the case at
hand; the remedy says what to do about any such case.
"""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """The refusals, in order of precedence."""

    COMMAND_ID_REUSED = "command_id_reused"
    BOOK_NOT_FOUNDED = "book_not_founded"
    BOOK_ALREADY_FOUNDED = "book_already_founded"
    ROLE_MISSING = "role_missing"
    PHASE_REQUIRED = "phase_required"
    PHASE_NOT_APPLICABLE = "phase_not_applicable"
    PHASE_UNKNOWN = "phase_unknown"
    BOOKED_IN_FUTURE = "booked_in_future"
    OCCURRED_IN_FUTURE = "occurred_in_future"
    PROPOSAL_UNKNOWN = "proposal_unknown"
    PROPOSAL_CLOSED = "proposal_closed"
    SECOND_PERSON_REQUIRED = "second_person_required"
    ID_TAKEN = "id_taken"
    PROGRAMME_ALREADY_OPEN = "programme_already_open"
    RULES_OVERLAP = "rules_overlap"
    ROLE_ALREADY_GRANTED = "role_already_granted"
    ROLE_NOT_GRANTED = "role_not_granted"
    LAST_ADMINISTRATORS = "last_administrators"
    BANK_ENTRY_UNKNOWN = "bank_entry_unknown"
    BANK_ENTRY_WRONG_SIDE = "bank_entry_wrong_side"
    CREDIT_UNKNOWN = "credit_unknown"
    PLEDGE_UNKNOWN = "pledge_unknown"
    PARTNER_UNKNOWN = "partner_unknown"
    AGREEMENT_UNKNOWN = "agreement_unknown"
    REPORT_UNKNOWN = "report_unknown"
    MILESTONE_UNKNOWN = "milestone_unknown"
    EVALUATION_UNKNOWN = "evaluation_unknown"
    FINDING_UNKNOWN = "finding_unknown"
    TRANCHE_UNKNOWN = "tranche_unknown"
    DISBURSEMENT_UNKNOWN = "disbursement_unknown"
    RECOVERY_UNKNOWN = "recovery_unknown"
    BANK_REFERENCE_USED = "bank_reference_used"
    DISCREPANCY_UNKNOWN = "discrepancy_unknown"
    ENTRY_UNKNOWN = "entry_unknown"
    CUT_UNKNOWN = "cut_unknown"
    SOURCE_UNKNOWN = "source_unknown"
    SOURCE_OUTSIDE_BASIS = "source_outside_basis"
    AREA_UNKNOWN = "area_unknown"
    DATES_OUT_OF_ORDER = "dates_out_of_order"
    CREDIT_NOT_PROPOSED = "credit_not_proposed"
    CREDIT_ALREADY_DECIDED = "credit_already_decided"
    CREDIT_NOT_ACCEPTED = "credit_not_accepted"
    ALREADY_IN_FORCE = "already_in_force"
    ALREADY_PUBLISHED = "already_published"
    OUTCOME_CONTRADICTS_VOTES = "outcome_contradicts_votes"
    REFERENDUM_ALREADY_CALLED = "referendum_already_called"
    REFERENDUM_NOT_CALLED = "referendum_not_called"
    REFERENDUM_PENDING = "referendum_pending"
    WINDOW_UNKNOWN = "window_unknown"
    WINDOW_OPEN = "window_open"
    ALREADY_VOTED = "already_voted"
    TRIGGER_UNPROVEN = "trigger_unproven"
    EVIDENCE_MISSING = "evidence_missing"
    CREDIT_NOT_IN_FORCE = "credit_not_in_force"
    PROGRAMME_AGREEMENT_EXISTS = "programme_agreement_exists"
    NAME_OUTSIDE_BOOK = "name_outside_book"
    PARTNER_SUSPENDED = "partner_suspended"
    PARTNER_NOT_SUSPENDED = "partner_not_suspended"
    BANK_DETAILS_NOT_PROPOSED = "bank_details_not_proposed"
    BANK_DETAILS_UNCONFIRMED = "bank_details_unconfirmed"
    AGREEMENT_NOT_DRAFTED = "agreement_not_drafted"
    AGREEMENT_SUSPENDED = "agreement_suspended"
    AGREEMENT_NOT_SUSPENDED = "agreement_not_suspended"
    AGREEMENT_NOT_RUNNING = "agreement_not_running"
    AGREEMENT_NOT_SETTLED = "agreement_not_settled"
    REPORT_NOT_SUBMITTED = "report_not_submitted"
    MILESTONE_OVER = "milestone_over"
    MILESTONE_NOT_DUE = "milestone_not_due"
    EVALUATION_OUT_OF_ORDER = "evaluation_out_of_order"
    FINDING_IS_RESOLVED = "finding_is_resolved"
    DISBURSEMENT_NOT_REQUESTED = "disbursement_not_requested"
    DISBURSEMENT_NOT_APPROVED = "disbursement_not_approved"
    DISBURSEMENT_NOT_RELEASED = "disbursement_not_released"
    DISBURSEMENT_NOT_RETURNED = "disbursement_not_returned"
    DISBURSEMENT_DUPLICATE = "disbursement_duplicate"
    END_TO_END_ID_TAKEN = "end_to_end_id_taken"
    MILESTONE_OUTSTANDING = "milestone_outstanding"
    OUTSIDE_TERM = "outside_term"
    PAYMENTS_IN_FLIGHT = "payments_in_flight"
    BALANCE_OUTSTANDING = "balance_outstanding"
    CEILING_EXCEEDED = "ceiling_exceeded"
    RESERVE_EXCEEDED = "reserve_exceeded"
    BELOW_USED = "below_used"
    TRANCHE_IN_USE = "tranche_in_use"
    TRANCHE_EXCEEDED = "tranche_exceeded"
    ADVANCE_CAP_EXCEEDED = "advance_cap_exceeded"
    ADVANCE_EXCEEDED = "advance_exceeded"
    ADVANCE_IS_SETTLED = "advance_is_settled"
    LIMIT_EXCEEDED = "limit_exceeded"
    COMMITMENT_EXCEEDED = "commitment_exceeded"
    SHORTFALL_OPEN = "shortfall_open"
    SHORTFALL_EXCEEDED = "shortfall_exceeded"
    CREDIT_EXCEEDED = "credit_exceeded"
    BUDGET_ALREADY_VOTED = "budget_already_voted"
    BUDGET_EXCEEDED = "budget_exceeded"
    PAYMENT_DIFFERS = "payment_differs"
    RETURN_EXCEEDED = "return_exceeded"
    RECOVERY_EXCEEDED = "recovery_exceeded"
    CLAIM_EXCEEDED = "claim_exceeded"
    RECOGNITION_EXCEEDED = "recognition_exceeded"
    OPENING_EXISTS = "opening_exists"
    DISCREPANCY_IS_EXPLAINED = "discrepancy_is_explained"
    RECONCILIATION_DIFFERS = "reconciliation_differs"
    ENTRY_NOT_REVERSIBLE = "entry_not_reversible"
    ENTRY_ALREADY_REVERSED = "entry_already_reversed"
    HAS_DEPENDANTS = "has_dependants"
    EVENT_TOO_LARGE = "event_too_large"

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return REMEDIES[self]


REMEDIES: dict[Code, str] = {
    Code.COMMAND_ID_REUSED: "Give a new command its own id; repeat an old one only with exactly the same content.",
    Code.BOOK_NOT_FOUNDED: "Send FoundBook first, with at least two administrators.",
    Code.BOOK_ALREADY_FOUNDED: "Nothing is to be done: grant further roles with GrantRole.",
    Code.ROLE_MISSING: "Ask two administrators for the role (GrantRole), or let somebody who has it send the command.",
    Code.PHASE_REQUIRED: "Name the programme phase, for example KIP3.",
    Code.PHASE_NOT_APPLICABLE: "Leave the phase out: this command concerns the whole book.",
    Code.PHASE_UNKNOWN: "Open the programme of this phase first (OpenProgramme, two administrators).",
    Code.BOOKED_IN_FUTURE: "Book on today or an earlier day; the date of the fact goes into occurred_on.",
    Code.OCCURRED_IN_FUTURE: "Record a fact when it has happened.",
    Code.PROPOSAL_UNKNOWN: "Name the position of an ActProposed event that this service wrote.",
    Code.PROPOSAL_CLOSED: "Propose the act again if it is still wanted.",
    Code.SECOND_PERSON_REQUIRED: "Let another person who has the role do this.",
    Code.ID_TAKEN: "Choose an id that nothing else in this book has.",
    Code.PROGRAMME_ALREADY_OPEN: "Nothing is to be done: the programme of this phase is open.",
    Code.RULES_OVERLAP: "Choose another first day or another version name.",
    Code.ROLE_ALREADY_GRANTED: "Revoke the role first if its limit or scope should change.",
    Code.ROLE_NOT_GRANTED: "Look at the roles in the book: this person does not have it.",
    Code.LAST_ADMINISTRATORS: "Appoint another administrator first: two must remain.",
    Code.BANK_ENTRY_UNKNOWN: "Name the reference of a bank entry that waits in clearing.",
    Code.BANK_ENTRY_WRONG_SIDE: "Money out is a payment; money in is a return, a recovery or a contribution.",
    Code.CREDIT_UNKNOWN: "Propose the credit first, or correct its id.",
    Code.PLEDGE_UNKNOWN: "Record the pledge first, or correct its id.",
    Code.PARTNER_UNKNOWN: "Register the partner first, or correct its id.",
    Code.AGREEMENT_UNKNOWN: "Draft the agreement first, or correct its id.",
    Code.REPORT_UNKNOWN: "Submit the report first, or correct its id.",
    Code.MILESTONE_UNKNOWN: "Plan the milestone first, or correct its id.",
    Code.EVALUATION_UNKNOWN: "Commission the evaluation first, or correct its id.",
    Code.FINDING_UNKNOWN: "Raise the finding first, or correct its id.",
    Code.TRANCHE_UNKNOWN: "Plan the tranche first (ScheduleTranches), or leave it out.",
    Code.DISBURSEMENT_UNKNOWN: "Request the disbursement first, or correct its id.",
    Code.RECOVERY_UNKNOWN: "Claim the recovery first, or correct its id.",
    Code.BANK_REFERENCE_USED: "Nothing is to be done if it is the same bank line; number the lines of a batch.",
    Code.DISCREPANCY_UNKNOWN: "Record the discrepancy first, or correct its id.",
    Code.ENTRY_UNKNOWN: "Name position, id and phase of an event in this book.",
    Code.CUT_UNKNOWN: "Name the positions of events that left a shortfall of this source and phase.",
    Code.SOURCE_UNKNOWN: "Use a funding source of the programme.",
    Code.SOURCE_OUTSIDE_BASIS: "On a net basis a credit covers the canton's share; record other money as a pledge. "
    "The canton's own money is a credit, never a pledge.",
    Code.AREA_UNKNOWN: "Use a funding area of the phase's area set.",
    Code.DATES_OUT_OF_ORDER: "Correct the date of the fact, or leave it out when it is not known.",
    Code.CREDIT_NOT_PROPOSED: "Only a credit that waits for a decision can be decided or withdrawn.",
    Code.CREDIT_ALREADY_DECIDED: "A credit is accepted once; more money is a supplement with an id of its own.",
    Code.CREDIT_NOT_ACCEPTED: "Record first that the credit was accepted.",
    Code.ALREADY_IN_FORCE: "Nothing is to be done: the credit is in force.",
    Code.ALREADY_PUBLISHED: "Nothing is to be done: the decision is published.",
    Code.OUTCOME_CONTRADICTS_VOTES: "Correct the counts or the outcome.",
    Code.REFERENDUM_ALREADY_CALLED: "Nothing is to be done: the referendum is recorded.",
    Code.REFERENDUM_NOT_CALLED: "Record the referendum first (RecordReferendum).",
    Code.REFERENDUM_PENDING: "Wait for the vote, or record that the referendum did not qualify.",
    Code.WINDOW_UNKNOWN: "Record the publication, and adopt approval rules that name the days; or use documented.",
    Code.WINDOW_OPEN: "Wait until the window is over.",
    Code.ALREADY_VOTED: "Nothing is to be done: the final result is recorded.",
    Code.TRIGGER_UNPROVEN: "Record the event that this trigger stands for, or name the trigger that holds.",
    Code.EVIDENCE_MISSING: "Name the document, the press report or the page that says so.",
    Code.CREDIT_NOT_IN_FORCE: "Wait until a credit of the programme is in force; a draft can be prepared.",
    Code.PROGRAMME_AGREEMENT_EXISTS: "Nothing is to be done: the programme agreement is recorded.",
    Code.NAME_OUTSIDE_BOOK: "Leave the name out: a private person's name stands outside the book.",
    Code.PARTNER_SUSPENDED: "Reinstate the partner first (ReinstatePartner).",
    Code.PARTNER_NOT_SUSPENDED: "Nothing is to be done: the partner is not suspended.",
    Code.BANK_DETAILS_NOT_PROPOSED: "Propose the bank details first, or name the commitment that waits.",
    Code.BANK_DETAILS_UNCONFIRMED: "Propose and confirm the partner's bank details first, two persons.",
    Code.AGREEMENT_NOT_DRAFTED: "Draft a new agreement: only a draft can be signed.",
    Code.AGREEMENT_SUSPENDED: "Resume the agreement first (ResumeAgreement).",
    Code.AGREEMENT_NOT_SUSPENDED: "Nothing is to be done: the agreement is not suspended.",
    Code.AGREEMENT_NOT_RUNNING: "The agreement must be signed, and neither terminated, settled nor closed.",
    Code.AGREEMENT_NOT_SETTLED: "Settle the agreement first (SettleAgreement).",
    Code.REPORT_NOT_SUBMITTED: "Submit a new report: this one was accepted or rejected.",
    Code.MILESTONE_OVER: "Plan a new milestone: this one does not change any more.",
    Code.MILESTONE_NOT_DUE: "Wait for the milestone's day, or move it (RescheduleMilestone).",
    Code.EVALUATION_OUT_OF_ORDER: "An evaluation is commissioned, delivered, published, each once and in this order.",
    Code.FINDING_IS_RESOLVED: "Raise a new finding if there is something new.",
    Code.DISBURSEMENT_NOT_REQUESTED: "Only a disbursement that waits for approval can be decided or withdrawn.",
    Code.DISBURSEMENT_NOT_APPROVED: "Let two approvers approve the disbursement first.",
    Code.DISBURSEMENT_NOT_RELEASED: "Record the bank line with RecordBankEntry; assign it after the approval.",
    Code.DISBURSEMENT_NOT_RETURNED: "Only what the bank has returned can be cancelled; an approval is revoked.",
    Code.DISBURSEMENT_DUPLICATE: "Wait for the first request, or withdraw it.",
    Code.END_TO_END_ID_TAKEN: "Give each payment an end-to-end id of its own.",
    Code.MILESTONE_OUTSTANDING: "Record that the milestone is reached, or waive it (two persons).",
    Code.OUTSIDE_TERM: "Keep the agreement inside the phase (or its tail) and the canton's longest term.",
    Code.PAYMENTS_IN_FLIGHT: "Wait until each payment is paid, rejected, revoked or cancelled.",
    Code.BALANCE_OUTSTANDING: "Pay, settle or recover what is outstanding first.",
    Code.CEILING_EXCEEDED: "Keep the tranches within the ceiling, or amend the agreement first.",
    Code.RESERVE_EXCEEDED: "Keep at most the reserve that the agreement allows; the rest has to come back.",
    Code.BELOW_USED: "Keep at least what is released and used, less what was recovered.",
    Code.TRANCHE_IN_USE: "Keep a tranche that is requested or paid, with at least that amount.",
    Code.TRANCHE_EXCEEDED: "Lower the amount, or plan a larger tranche.",
    Code.ADVANCE_CAP_EXCEEDED: "Settle earlier advances first, or lower the amount.",
    Code.ADVANCE_EXCEEDED: "Name at most what is advanced, paid and not settled.",
    Code.ADVANCE_IS_SETTLED: "Reverse the settlement of the advance first, or claim the money back.",
    Code.LIMIT_EXCEEDED: "Let an approver with a higher limit approve.",
    Code.COMMITMENT_EXCEEDED: "Lower the amount, or amend the agreement first.",
    Code.SHORTFALL_OPEN: "Cover the shortfall first (CoverShortfall, finance).",
    Code.SHORTFALL_EXCEEDED: "Cover at most what the named cuts left uncovered.",
    Code.CREDIT_EXCEEDED: "Lower the amount, allocate more, or wait for a supplement.",
    Code.BUDGET_ALREADY_VOTED: "Record more money for the year as a supplement.",
    Code.BUDGET_EXCEEDED: "Lower the amount, or record a supplement to the budget first.",
    Code.PAYMENT_DIFFERS: "Record the bank line with RecordBankEntry and find out why it differs.",
    Code.RETURN_EXCEEDED: "Record what is beyond the payment with RecordBankEntry.",
    Code.RECOVERY_EXCEEDED: "Claim, or give up, at most what is used and not claimed yet.",
    Code.CLAIM_EXCEEDED: "Claim at most what is pledged and neither claimed nor received.",
    Code.RECOGNITION_EXCEEDED: "Recognise at most what was spent from the source and what is deferred.",
    Code.OPENING_EXISTS: "Reverse the opening balance first if it was wrong.",
    Code.DISCREPANCY_IS_EXPLAINED: "Record a new discrepancy if there is one.",
    Code.RECONCILIATION_DIFFERS: "Book what is missing, or record the difference as a discrepancy.",
    Code.ENTRY_NOT_REVERSIBLE: "Reject a proposal, grant or revoke a role, or record anew what was reversed.",
    Code.ENTRY_ALREADY_REVERSED: "Nothing is to be done: the event is reversed.",
    Code.HAS_DEPENDANTS: "Reverse what came later first, newest first.",
    Code.EVENT_TOO_LARGE: "Split the command: an event has at most 60 000 bytes.",
}


class Refused(Exception):  # a refusal is an answer, not an error
    """A rule says no."""

    def __init__(self, code: Code, detail: str) -> None:
        """Give the code and a sentence with the arithmetic of the case."""
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


PRECEDENCE: dict[Code, int] = {code: rank for rank, code in enumerate(Code)}
