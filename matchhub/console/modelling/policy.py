"""Who may look at the weights and change them: the city's officers and the administrator."""

from enum import StrEnum

from matchhub.accounts.policy import administrator, city_officer
from matchhub.core.policy import Policy


class Permission(StrEnum):
    """What may be done with the weights."""

    VIEW = "modelling:view"
    CHANGE = "modelling:change"


POLICY = Policy(
    {
        Permission.VIEW: city_officer | administrator,
        Permission.CHANGE: city_officer | administrator,
    }
)
