"""What came of an engagement: one side says it, the other confirms it, and it stands in the ledger of outcomes."""

from datetime import datetime

from matchhub.core import errors
from matchhub.core.clock import city_date
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.mentoring import queries
from matchhub.mentoring.enums import OPEN_STATES
from matchhub.mentoring.models import Engagement
from matchhub.mentoring.policy import Permission, POLICY
from matchhub.pipelines import services as pipelines
from matchhub.pipelines.models import Outcome
from matchhub.pipelines.services import Work

RESULT_LENGTH = 300


@writes
def enter_result(
    engagement: Engagement, words: str, *, meets_need: bool = False, actor: Actor, now: datetime
) -> Outcome:
    """Say what came of it; sessions and hours are those that the firm has confirmed. The other side is asked.

    Raises Invalid without words or without a confirmed session, Conflict where it is over or a result waits already.
    """
    POLICY.check(Permission.REPORT, actor, engagement)
    hold(engagement.introduction)
    hold(engagement)
    if engagement.state not in OPEN_STATES:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=engagement.state)
    if not words.strip():
        raise errors.Invalid(N_("写一句达成了什么"), field="words")
    totals = queries.totals_of(db.session(), [engagement.id]).get(engagement.id, queries.NOTHING)
    if not totals.sessions:
        raise errors.Invalid(N_("先有一次双方确认的辅导，再写结果"), field="words")
    work = Work(
        sessions=totals.sessions,
        minutes=totals.minutes,
        last_on=totals.last_on or city_date(now),
        note=words.strip()[:RESULT_LENGTH],
        meets_need=meets_need,
    )
    return pipelines.enter_work(engagement.introduction, work, actor=actor, now=now)


@writes
def correct_result(
    outcome: Outcome, engagement: Engagement, words: str, *, meets_need: bool = False, actor: Actor, now: datetime
) -> Outcome:
    """Take back what was entered and enter it anew, as long as the other has not answered."""
    pipelines.take_back(outcome, actor=actor, now=now)
    return enter_result(engagement, words, meets_need=meets_need, actor=actor, now=now)
