"""Who may see suggestions and say something of them."""

from enum import StrEnum
from typing import Any

from matchhub.accounts.policy import editor, enterprise_member, investor_member, verified
from matchhub.core.policy import Actor, Policy, predicate


class Permission(StrEnum):
    """What matches let people do."""

    VIEW_LISTS = "matches:view_lists"
    VIEW_PAIR = "matches:view_pair"
    GIVE_FEEDBACK = "matches:give_feedback"
    COUNT = "matches:count"


@predicate
def party(actor: Actor, subject: Any) -> bool:
    """Acts for one of the two sides of the pair."""
    return actor.organization_id in (subject.need.organization_id, subject.offer.organization_id)


@predicate
def own(actor: Actor, subject: Any) -> bool:
    """The need or offer belongs to the actor's organization."""
    return actor.organization_id == subject.organization_id


member = (enterprise_member | investor_member) & verified

POLICY = Policy(
    {
        Permission.VIEW_LISTS: member,
        Permission.VIEW_PAIR: member & party,
        Permission.GIVE_FEEDBACK: member & editor & party,
        Permission.COUNT: (enterprise_member | investor_member) & own,
    }
)
