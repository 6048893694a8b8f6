"""What others may want to hear of oversight."""

from dataclasses import dataclass

from matchhub.accounts.models import Organization
from matchhub.introductions.models import Introduction
from matchhub.listings.models import Need, Offer
from matchhub.oversight.models import Reminder


@dataclass(frozen=True, slots=True)
class PairReminded:
    """A carrier asks one or both sides of a silent pair to move. `told` are the organizations that are asked."""

    reminder: Reminder
    need: Need
    offer: Offer
    carrier: Organization
    told: tuple[int, ...]
    introduction: Introduction | None = None
    days: int = 0
