"""Who may log a session, confirm it, set goals, pause and end."""

from enum import StrEnum
from typing import Any

from matchhub.accounts.policy import editor, enterprise_member, mentor_member, verified
from matchhub.core.policy import Actor, Policy, predicate, system
from matchhub.mentoring.models import Engagement


class Permission(StrEnum):
    """What can be done with engagements and sessions."""

    LIST = "list"
    VIEW = "view"
    PAUSE = "pause"
    END = "end"
    FINISH = "finish"
    LOG = "log"
    CONFIRM = "confirm"
    SET_GOALS = "set_goals"
    REPORT = "report"


def _engagement(subject: Any) -> Engagement:
    found: Engagement = subject if isinstance(subject, Engagement) else subject.engagement
    return found


@predicate
def mentor(actor: Actor, subject: Any) -> bool:
    """Acts for the mentor."""
    return actor.organization_id is not None and actor.organization_id == _engagement(subject).mentor_id


@predicate
def enterprise(actor: Actor, subject: Any) -> bool:
    """Acts for the firm."""
    return actor.organization_id is not None and actor.organization_id == _engagement(subject).enterprise_id


party = mentor | enterprise
acting = editor & verified

POLICY = Policy(
    {
        Permission.LIST: mentor_member | enterprise_member,
        Permission.VIEW: party,
        Permission.PAUSE: party & acting,
        Permission.END: (party & acting) | system,
        Permission.FINISH: system,
        Permission.LOG: mentor & acting,
        Permission.CONFIRM: enterprise & acting,
        Permission.SET_GOALS: party & acting,
        Permission.REPORT: party & acting,
    }
)
