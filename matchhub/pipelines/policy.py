"""Who may move a deal, enter a result and confirm it."""

from enum import StrEnum
from typing import Any

from matchhub.accounts.policy import carrier_member, editor, enterprise_member, investor_member, officer, verified
from matchhub.core.policy import Actor, Policy, predicate, system
from matchhub.pipelines.models import Deal, Outcome


class Permission(StrEnum):
    """What can be done with deals and outcomes."""

    TRACK = "track"
    LIST = "list"
    VIEW = "view"
    MOVE = "move"
    FUND = "fund"
    PLAN = "plan"
    ENTER = "enter"
    CONFIRM = "confirm"
    CORRECT = "correct"
    FIGURES = "figures"


def _deal(subject: Any) -> Deal:
    found: Deal = subject.deal if isinstance(subject, Outcome) else subject
    return found


@predicate
def investor(actor: Actor, subject: Any) -> bool:
    """Acts for the fund of this deal."""
    return actor.organization_id is not None and actor.organization_id == _deal(subject).investor_id


@predicate
def enterprise(actor: Actor, subject: Any) -> bool:
    """Acts for the firm of this deal."""
    return actor.organization_id is not None and actor.organization_id == _deal(subject).enterprise_id


@predicate
def enterer(actor: Actor, subject: Any) -> bool:
    """Acts for the side that entered this result."""
    return actor.organization_id is not None and actor.organization_id == subject.entered_by_id


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
        Permission.ENTER: party & acting,
        Permission.CONFIRM: party & ~enterer & acting,
        Permission.CORRECT: enterer & acting,
        Permission.FIGURES: officer | (carrier_member & verified),
    }
)
