"""Who may look at consents, and who may take one back."""

from enum import StrEnum
from typing import Any

from matchhub.accounts.policy import editor
from matchhub.core.policy import Actor, Policy, predicate


class Permission(StrEnum):
    """What can be done with consents."""

    LIST = "list"
    VIEW = "view"
    WITHDRAW = "withdraw"
    REQUIRE = "require"
    VIEW_PROMISE = "view_promise"


@predicate
def member(actor: Actor, subject: Any) -> bool:
    """Acts for an organization."""
    return actor.organization_id is not None


@predicate
def giver(actor: Actor, subject: Any) -> bool:
    """Acts for the organization that gave this consent."""
    return actor.organization_id is not None and actor.organization_id == subject.subject_id


@predicate
def owner(actor: Actor, subject: Any) -> bool:
    """Acts for the organization whose file it is."""
    return actor.organization_id is not None and actor.organization_id == subject.owner_id


@predicate
def promiser(actor: Actor, subject: Any) -> bool:
    """Acts for the organization that gave this promise."""
    return actor.organization_id is not None and actor.organization_id == subject.organization_id


POLICY = Policy(
    {
        Permission.LIST: member,
        Permission.VIEW: giver,
        Permission.WITHDRAW: giver & editor,
        Permission.REQUIRE: owner & editor,
        Permission.VIEW_PROMISE: owner | promiser,
    }
)
