"""What the worker does for the listings."""

from datetime import datetime

from matchhub.core.db import unit_of_work
from matchhub.core.jobs import Job
from matchhub.core.labels import N_
from matchhub.listings import services


def expire(now: datetime) -> int:
    """End what is due, batch by batch, each in a transaction of its own."""
    total = 0
    while True:
        with unit_of_work():
            done = services.expire_due(now)
        total += done
        if not done:
            return total


def remind(now: datetime) -> int:
    """Tell about what expires soon, batch by batch."""
    total = 0
    while True:
        with unit_of_work():
            done = services.remind_expiring(now)
        total += done
        if not done:
            return total


JOBS = (
    Job("listings.expire", expire, N_("到期的需求和供给下线"), every_seconds=600),
    Job("listings.remind", remind, N_("提醒快到期的"), hour=8),
)
