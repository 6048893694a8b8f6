"""Who sees the figures, who sets targets, who may remind whom."""

from enum import StrEnum
from typing import Any

from matchhub.accounts.policy import carrier_member, city_officer, in_scope, officer, operator, verified
from matchhub.core.policy import Actor, Policy, predicate


class Permission(StrEnum):
    """What oversight lets people do."""

    SEE_TARGETS = "see_targets"
    SET_TARGET = "set_target"
    SEE_BULLETIN = "see_bulletin"
    SEE_UNANSWERED = "see_unanswered"
    SEE_SILENT = "see_silent"
    REMIND = "remind"


@predicate
def looks_after(actor: Actor, subject: Any) -> bool:
    """The need of the pair is of a firm in the actor's carrier."""
    need = subject.need
    return in_scope(actor, district_code=need.district_code, carrier_id=need.carrier_id)


verified_carrier = carrier_member & verified

POLICY = Policy(
    {
        Permission.SEE_TARGETS: officer,
        Permission.SET_TARGET: city_officer,
        Permission.SEE_BULLETIN: officer,
        Permission.SEE_UNANSWERED: officer | verified_carrier,
        Permission.SEE_SILENT: verified_carrier,
        Permission.REMIND: operator & verified & looks_after,
    }
)
