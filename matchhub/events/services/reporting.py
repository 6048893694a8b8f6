"""The report of an event, published with the figures of the day."""

from datetime import datetime
from typing import Any

from matchhub.core import audit, errors
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.events import queries
from matchhub.events.enums import OVER_STATES
from matchhub.events.models import Event, EventReport
from matchhub.events.policy import Permission, POLICY

LONGEST = 1000


@writes
def publish_report(event: Event, figures: dict[str, Any], words: str, *, actor: Actor, now: datetime) -> EventReport:
    """Put the report out for all who find the event, or renew it. `figures`: as everybody may read them, made before the
    write. Raises Forbidden, Conflict (not held yet), Invalid."""
    POLICY.check(Permission.ORGANIZE, actor, event)
    hold(event)
    if event.state not in OVER_STATES:
        raise errors.Conflict(N_("活动还没有举办"))
    if len(words) > LONGEST:
        raise errors.Invalid(N_("不要超过 %(max)s 字"), field="words", max=LONGEST)
    report = queries.report_of(db.session(), event.id)
    if report is None:
        report = EventReport(event=event, figures=figures, words=words.strip(), as_of=now, published_at=now)
        db.session.add(report)
    report.figures, report.words, report.as_of = figures, words.strip(), now
    report.published_at, report.published_by_id = now, actor.user_id
    audit.record(actor, "event_report:publish", event)
    return report
