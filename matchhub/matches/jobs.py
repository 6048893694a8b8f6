"""What the worker does for suggestions: waiting runs every few seconds, everything anew each night."""

from datetime import datetime

from matchhub.core.clock import utcnow
from matchhub.core.db import unit_of_work
from matchhub.core.jobs import Job
from matchhub.matches.services.runs import request_full_runs, run_next

MOST_A_TICK = 20


def run_queued(now: datetime) -> int:
    """Compute what waits, oldest first; how many runs."""
    done = 0
    while done < MOST_A_TICK and run_next(now=utcnow() if done else now) is not None:
        done += 1
    return done


def request_everything(now: datetime) -> None:
    """Queue the nightly comparison of everything, of every kind."""
    with unit_of_work():
        request_full_runs(now=now)


JOBS = (
    Job("match_queued", run_queued, every_seconds=5, lease_seconds=1800),
    Job("match_everything", request_everything, hour=2),
)
