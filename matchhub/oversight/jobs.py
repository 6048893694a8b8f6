"""What the worker does for those who look after others."""

from datetime import datetime

from matchhub.core.db import db, unit_of_work
from matchhub.core.jobs import Job
from matchhub.core.labels import N_
from matchhub.oversight.services import figures

HOURLY = 3_600


def keep_figures(now: datetime) -> int:
    """Count what large scopes have come to, reading alone, then write it down; of how many scopes."""
    session = db.session()
    counted = {key: figures.counted(session, *key, now=now) for key in figures.large_scopes(session)}
    with unit_of_work():
        figures.keep(counted, now=now)
    return len(counted)


JOBS = (Job("figures", keep_figures, N_("汇总数字"), every_seconds=HOURLY, lease_seconds=1_800),)
