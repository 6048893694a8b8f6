"""Who may read the trail: the auditor, and nobody else. Administrators run the house and do not audit themselves."""

from enum import StrEnum

from matchhub.accounts.policy import auditor
from matchhub.core.policy import Policy


class Permission(StrEnum):
    """What an auditor may do: look, and nothing besides."""

    VIEW = "view"


POLICY = Policy({Permission.VIEW: auditor})
