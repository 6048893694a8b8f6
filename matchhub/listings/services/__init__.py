"""What can be done with needs and offers."""

from matchhub.listings.services.bringing import bring_need, bring_need_again, bring_offer
from matchhub.listings.services.contents import EditedElsewhere
from matchhub.listings.services.needs import (
    approve_need,
    change_need,
    close_need,
    meet_need,
    pause_need,
    publish_need,
    recall_need,
    renew_need,
    resume_need,
    return_need,
    save_step,
    start_need,
)
from matchhub.listings.services.offers import (
    change_offer,
    close_offer,
    pause_offer,
    publish_offer,
    renew_offer,
    resume_offer,
    save_offer,
    start_offer,
)
from matchhub.listings.services.upkeep import (
    expire_due,
    follow_closure,
    follow_merge,
    follow_residency,
    remind_expiring,
)

__all__ = [
    "EditedElsewhere",
    "approve_need",
    "bring_need",
    "bring_need_again",
    "bring_offer",
    "change_need",
    "change_offer",
    "close_need",
    "close_offer",
    "expire_due",
    "follow_closure",
    "follow_merge",
    "follow_residency",
    "meet_need",
    "pause_need",
    "pause_offer",
    "publish_need",
    "publish_offer",
    "recall_need",
    "remind_expiring",
    "renew_need",
    "renew_offer",
    "resume_need",
    "resume_offer",
    "return_need",
    "save_offer",
    "save_step",
    "start_need",
    "start_offer",
]
