"""Who may move a deal or a credit case, enter a result and confirm it."""

from enum import StrEnum
from typing import Any

from matchhub.accounts.policy import (
    bank_member,
    carrier_member,
    editor,
    enterprise_member,
    investor_member,
    officer,
    own,
    verified,
)
from matchhub.core.policy import Actor, Policy, predicate, system
from matchhub.introductions.models import Introduction
from matchhub.pipelines.models import Deal, Outcome


class Permission(StrEnum):
    """What can be done with deals, credit cases and outcomes."""

    TRACK = "track"
    LIST = "list"
    VIEW = "view"
    MOVE = "move"
    FUND = "fund"
    PLAN = "plan"
    READ_NOTES = "read_notes"
    WRITE_NOTE = "write_note"
    REMOVE_NOTE = "remove_note"
    ARRANGE = "arrange"
    SAVE_VIEW = "save_view"
    FORGET_VIEW = "forget_view"
    ENTER = "enter"
    CONFIRM = "confirm"
    CORRECT = "correct"
    FIGURES = "figures"
    LIST_CASES = "list_cases"
    VIEW_CASE = "view_case"
    MOVE_CASE = "move_case"
    NOTE_CASE = "note_case"
    WITHDRAW_CASE = "withdraw_case"
    REPORT_PAYOUT = "report_payout"
    DISBURSE = "disburse"


def _sides(subject: Any) -> Deal | Introduction:
    """The row that names the two sides: of an outcome its introduction."""
    found: Deal | Introduction = subject.introduction if isinstance(subject, Outcome) else subject
    return found


@predicate
def investor(actor: Actor, subject: Any) -> bool:
    """Acts for the side of the offer: the fund of this deal, the bank or the mentor of this outcome."""
    return actor.organization_id is not None and actor.organization_id == _sides(subject).investor_id


@predicate
def enterprise(actor: Actor, subject: Any) -> bool:
    """Acts for the firm."""
    return actor.organization_id is not None and actor.organization_id == _sides(subject).enterprise_id


@predicate
def bank(actor: Actor, subject: Any) -> bool:
    """Acts for the bank of this case."""
    return actor.organization_id is not None and actor.organization_id == subject.bank_id


@predicate
def enterer(actor: Actor, subject: Any) -> bool:
    """Acts for the side that entered this result."""
    return actor.organization_id is not None and actor.organization_id == subject.entered_by_id


@predicate
def author(actor: Actor, subject: Any) -> bool:
    """Wrote this note, and still acts for the organization that it belongs to."""
    return actor.is_known and (actor.user_id, actor.organization_id) == (subject.author_id, subject.organization_id)


@predicate
def keeper(actor: Actor, subject: Any) -> bool:
    """Saved this view, in this organization."""
    return actor.is_known and (actor.user_id, actor.organization_id) == (subject.user_id, subject.organization_id)


party = investor | enterprise
acting = editor & verified

POLICY = Policy(
    {
        Permission.TRACK: enterprise_member,
        Permission.LIST: investor_member,
        Permission.VIEW: party,
        Permission.MOVE: (investor & acting) | system,
        Permission.FUND: system,
        Permission.PLAN: investor & acting,
        Permission.READ_NOTES: investor,
        Permission.WRITE_NOTE: investor & acting,
        Permission.REMOVE_NOTE: author,
        Permission.ARRANGE: investor_member & own & acting,
        Permission.SAVE_VIEW: investor_member,
        Permission.FORGET_VIEW: keeper,
        Permission.ENTER: party & acting,
        Permission.CONFIRM: party & ~enterer & acting,
        Permission.CORRECT: enterer & acting,
        Permission.LIST_CASES: bank_member,
        Permission.VIEW_CASE: bank | enterprise,
        Permission.MOVE_CASE: bank & acting,
        Permission.NOTE_CASE: bank & acting,
        Permission.WITHDRAW_CASE: (enterprise & acting) | system,
        Permission.REPORT_PAYOUT: bank & acting,
        Permission.DISBURSE: system,
        Permission.FIGURES: officer | (carrier_member & verified),
    }
)
