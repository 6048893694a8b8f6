"""Who may configure and run the installation: the administrator, and nobody else."""

from enum import StrEnum
from typing import Any

from matchhub.core.policy import Actor, Policy, predicate


class Permission(StrEnum):
    """What an administrator may do."""

    VIEW = "view"
    CONFIGURE = "configure"
    OPERATE = "operate"


@predicate
def administrator(actor: Actor, subject: Any) -> bool:
    """Looks after the installation (accounts keep the role; the rules of core know it by its name)."""
    return actor.role == "administrator"


POLICY = Policy(
    {Permission.VIEW: administrator, Permission.CONFIGURE: administrator, Permission.OPERATE: administrator}
)
