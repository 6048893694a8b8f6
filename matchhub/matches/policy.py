"""Who may see suggestions and say something of them."""

from enum import StrEnum
from typing import Any

from matchhub.accounts.policy import (
    bank_member,
    carrier_member,
    editor,
    enterprise_member,
    investor_member,
    mentor_member,
    operator,
    verified,
)
from matchhub.accounts.policy import (
    member as account_member,
)
from matchhub.core.policy import Actor, Policy, predicate


class Permission(StrEnum):
    """What matches let people do."""

    VIEW_LISTS = "matches:view_lists"
    VIEW_PAIR = "matches:view_pair"
    GIVE_FEEDBACK = "matches:give_feedback"
    COUNT = "matches:count"
    SEE_PUSHES = "matches:see_pushes"
    PUSH = "matches:push"
    SAVE_SEARCH = "matches:save_search"
    KEEP_SEARCH = "matches:keep_search"


@predicate
def party(actor: Actor, subject: Any) -> bool:
    """Acts for one of the two sides of the pair."""
    return actor.organization_id in (subject.need.organization_id, subject.offer.organization_id)


@predicate
def own(actor: Actor, subject: Any) -> bool:
    """The need or offer belongs to the actor's organization."""
    return actor.organization_id == subject.organization_id


@predicate
def carrier_of_the_firm(actor: Actor, subject: Any) -> bool:
    """The need is of a firm in the actor's carrier; without a pair, nothing stands against it."""
    if subject is None:
        return True
    return subject.need.carrier_id is not None and subject.need.carrier_id == actor.organization_id


@predicate
def saver(actor: Actor, subject: Any) -> bool:
    """Saved the search, as a member of the organization that acts now; nobody else ever sees it."""
    return actor.is_known and (actor.user_id, actor.organization_id) == (subject.user_id, subject.organization_id)


party_member = enterprise_member | investor_member | bank_member | mentor_member
member = party_member & verified

POLICY = Policy(
    {
        Permission.VIEW_LISTS: member,
        Permission.VIEW_PAIR: member & party,
        Permission.GIVE_FEEDBACK: member & editor & party,
        Permission.COUNT: party_member & own,
        Permission.SAVE_SEARCH: account_member,
        Permission.KEEP_SEARCH: account_member & saver,
        Permission.SEE_PUSHES: carrier_member & verified,
        Permission.PUSH: operator & verified & carrier_of_the_firm,
    }
)
