"""Who may look at the workbench."""

from enum import StrEnum

from matchhub.accounts.policy import administrator, carrier_member, officer, operator, verified
from matchhub.core.policy import Policy, signed_in


class Permission(StrEnum):
    """What the console lets people do."""

    SEE_HOME = "see_home"
    REVIEW = "review"
    SEE_FIGURES = "see_figures"
    SEE_FIRMS = "see_firms"
    SEARCH = "search"


steward = officer | carrier_member

POLICY = Policy(
    {
        Permission.SEE_HOME: signed_in,
        Permission.REVIEW: officer | operator | administrator,
        Permission.SEE_FIGURES: steward,
        Permission.SEE_FIRMS: carrier_member & verified,
        Permission.SEARCH: signed_in,
    }
)
