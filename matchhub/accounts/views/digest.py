"""Notices that have not been read, for the weekly digest: how many of which topic, nothing of what they say."""

from collections import Counter

from flask_babel import gettext as _
from sqlalchemy import func, or_, select

from matchhub.core.db import db
from matchhub.core.digests import Chapter, Line, Span
from matchhub.core.outbox import KINDS, Notice
from matchhub.core.policy import Actor
from matchhub.core.wishes import Channel, Topic, wants


def chapter(actor: Actor, span: Span) -> Chapter | None:
    """One line a topic that the reader wants in the digest."""
    rows = db.session.execute(
        select(Notice.kind, func.count(Notice.id))
        .where(
            Notice.recipient_user_id == actor.user_id,
            or_(Notice.organization_id.is_(None), Notice.organization_id == actor.organization_id),
            Notice.read_at.is_(None),
            Notice.due_at > span.since,
            Notice.due_at <= span.until,
        )
        .group_by(Notice.kind)
    )
    counts: Counter[Topic] = Counter()
    for code, count in rows:
        if code in KINDS.kinds:
            counts[KINDS.kinds[code].topic] += count
    told = [topic for topic in Topic if counts[topic] and _is_summed_up(actor, topic)]
    lines = [Line(_("%(topic)s %(count)s 条", topic=_(t.label), count=counts[t]), "/notices") for t in told]
    return Chapter(_("还没看的通知"), lines) if lines else None


def _is_summed_up(actor: Actor, topic: Topic) -> bool:
    return topic not in (Topic.SECURITY, Topic.WEEKLY) and wants(db.session(), actor.user_id, topic, Channel.DIGEST)
