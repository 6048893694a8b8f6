"""The weekly digest: one letter a week for each member who wants it, its chapters written by the features when it is sent.

Nothing of its contents is stored: what a reader may see is asked at the moment of sending, and a consent that was taken
back on Monday morning is not in Monday's mail.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchhub.core.clock import CITY_ZONE
from matchhub.core.labels import N_
from matchhub.core.outbox import MailState, Notice, NoticeKind
from matchhub.core.policy import Actor
from matchhub.core.wishes import Topic

WEEKLY = NoticeKind(
    "weekly_digest", N_("一周新情况"), N_("上一封周报以来的新情况，最值得先看的在前。"), bell=False,
    topic=Topic.WEEKLY,
)  # fmt: skip
HOUR = 8
LATEST = timedelta(days=2)  # a worker that was away on Monday still sends on Tuesday, not on Friday
FIRST_SPAN, LONGEST_SPAN = timedelta(days=7), timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to look at: what, a few words on it, and where."""

    text: str
    path: str
    details: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Chapter:
    """Lines under a title, in the reader's language."""

    title: str
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Span:
    """From when (excluded) until when (included) something counts as new."""

    since: datetime
    until: datetime


Author = Callable[[Actor, Span], Chapter | None]


@dataclass(slots=True)
class Authors:
    """Who writes the chapters, in their order: filled by `wiring.py`."""

    of_chapters: list[Author] = field(default_factory=list)


AUTHORS = Authors()


def issued_at(now: datetime) -> datetime | None:
    """Monday's eight o'clock in the city for which a digest may still be sent at `now`."""
    local = now.astimezone(CITY_ZONE)
    monday = local.date() - timedelta(days=local.weekday())
    moment = datetime.combine(monday, time(HOUR), CITY_ZONE)
    return moment.astimezone(now.tzinfo) if moment <= local < moment + LATEST else None


def span_of(session: Session, notice: Notice) -> Span:
    """What this digest reports on: since the last one that was sent to the same reader, four weeks at most."""
    last = session.scalar(
        select(Notice.due_at)
        .where(
            Notice.kind == notice.kind,
            Notice.recipient_key == notice.recipient_key,
            Notice.object_type == notice.object_type,
            Notice.object_id == notice.object_id,
            Notice.due_at < notice.due_at,
            Notice.mail_state.in_((MailState.SENT, MailState.CANCELLED)),
        )
        .order_by(Notice.due_at.desc())
        .limit(1)
    )
    earliest = notice.due_at - LONGEST_SPAN
    return Span(max(last, earliest) if last else notice.due_at - FIRST_SPAN, notice.due_at)


def chapters_for(actor: Actor, span: Span) -> list[Chapter]:
    """What there is to tell; empty chapters are left out. Ask in the reader's language."""
    found = (author(actor, span) for author in AUTHORS.of_chapters)
    return [chapter for chapter in found if chapter is not None and chapter.lines]
