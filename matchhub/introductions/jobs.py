"""What the worker does for introductions: ends what nobody answers, closes what has fallen silent."""

from datetime import datetime, timedelta

from matchhub.core.db import db, unit_of_work
from matchhub.core.installation import required
from matchhub.core.jobs import Job
from matchhub.core.labels import N_
from matchhub.introductions import queries, services
from matchhub.introductions.models import Introduction
from matchhub.introductions.services import undoing

LOOKED_BACK = timedelta(days=3)  # a worker that was away longer leaves lists a little older, and loses nothing


def expire_due(now: datetime) -> int:
    """Expire requests whose time is over, one short write each."""
    due = [introduction.id for introduction in queries.overdue(db.session(), now=now)]
    for introduction_id in due:
        with unit_of_work() as session:
            services.expire(session.get_one(Introduction, introduction_id), now=now)
    return len(due)


def close_silent(now: datetime) -> int:
    """Close agreed introductions in which nothing has happened for `silence_days`."""
    before = now - timedelta(days=required(db.session()).silence_days)
    quiet = [introduction.id for introduction in queries.silent(db.session(), before=before)]
    for introduction_id in quiet:
        with unit_of_work() as session:
            services.close_if_silent(session.get_one(Introduction, introduction_id), now=now)
    return len(quiet)


def let_leave(now: datetime) -> int:
    """Say refusals whose time to be undone is over, and let lists know of messages that have left; how many."""
    session = db.session()
    settled = undoing.refusals_to_settle(session, now=now)
    for introduction_id in settled:
        with unit_of_work() as unit:
            services.settle_refusal(unit.get_one(Introduction, introduction_id), now=now)
    left = undoing.stirred(session, now=now, since=now - LOOKED_BACK)
    for introduction_id in left:
        with unit_of_work() as unit:
            services.note_departure(unit.get_one(Introduction, introduction_id), now=now)
    return len(settled) + len(left)


JOBS = (
    Job("introductions:let_leave", let_leave, N_("可撤销时间过后发出"), every_seconds=5),
    Job("introductions:expire", expire_due, N_("没有答复的申请到期"), every_seconds=300),
    Job("introductions:close_silent", close_silent, N_("结束长期没有动静的对接"), hour=3),
)
