"""What mentor and firm are told about their sessions; the words never carry what was talked about."""

from datetime import datetime, timedelta

from matchhub.accounts.models import Organization
from matchhub.accounts.queries import recipients_of
from matchhub.core import outbox
from matchhub.core.clock import date_in_words
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.links import LINKS
from matchhub.core.outbox import Notice, NoticeKind
from matchhub.core.policy import Actor
from matchhub.core.wishes import Topic
from matchhub.core.wordings import both, both_of
from matchhub.disclosure.queries import visible_of
from matchhub.introductions.queries import party_name, subject_of
from matchhub.mentoring.models import Engagement
from matchhub.mentoring.news import EngagementChanged, EngagementStep, SessionChanged, SessionStep
from matchhub.mentoring.services import LINK_DAYS, LINK_PURPOSE


def personal_path(notice: Notice) -> str:
    """In the mail of one person: an address at which that person confirms with one tap, without signing in."""
    if notice.recipient_user_id is None:
        return notice.path
    until = notice.created_at + timedelta(days=LINK_DAYS)
    return "/session-confirmations/" + LINKS.token(
        LINK_PURPOSE, notice.object_id, notice.recipient_user_id, until=until
    )


LOGGED = NoticeKind(
    "session_logged", N_("请确认一次辅导：%(who)s"),
    N_("%(who)s 记录了 %(day)s的辅导，%(minutes)s 分钟。点开后一键确认，不对就写一句。"), topic=Topic.RESULTS,
    mail_path=personal_path,
)  # fmt: skip
AMENDED = NoticeKind(
    "session_amended", N_("辅导记录已更正：%(who)s"),
    N_("%(who)s 更正了 %(day)s的辅导记录，%(minutes)s 分钟，请再确认。"), topic=Topic.RESULTS, mail_path=personal_path,
)  # fmt: skip
CONFIRMED = NoticeKind(
    "session_confirmed", N_("辅导已确认"), N_("%(who)s 确认了 %(day)s的辅导，%(minutes)s 分钟已计入。"),
    topic=Topic.RESULTS, mail=False,
)  # fmt: skip
DISPUTED = NoticeKind(
    "session_disputed", N_("%(who)s 对辅导记录有异议"), N_("%(day)s的辅导记录有异议，看过原因后更正或撤回。"),
    topic=Topic.RESULTS,
)  # fmt: skip
PAUSED = NoticeKind(
    "engagement_paused", N_("%(who)s 暂停了辅导"), N_("暂停期间不记录辅导，任一方可以恢复。"), topic=Topic.INTRODUCTIONS
)
RESUMED = NoticeKind(
    "engagement_resumed", N_("%(who)s 恢复了辅导"), N_("可以继续约时间、记录辅导。"), topic=Topic.INTRODUCTIONS
)
KINDS = (LOGGED, AMENDED, CONFIRMED, DISPUTED, PAUSED, RESUMED)
SESSION_STEPS = {
    SessionStep.LOGGED: LOGGED,
    SessionStep.AMENDED: AMENDED,
    SessionStep.CONFIRMED: CONFIRMED,
    SessionStep.DISPUTED: DISPUTED,
}
ENGAGEMENT_STEPS = {EngagementStep.PAUSED: PAUSED, EngagementStep.RESUMED: RESUMED}


def on_session(item: SessionChanged, *, now: datetime) -> None:
    """The firm is asked; the mentor hears the answer."""
    session, engagement = item.session, item.session.engagement
    asked = item.step in (SessionStep.LOGGED, SessionStep.AMENDED)
    told_id = engagement.enterprise_id if asked else engagement.mentor_id
    values = both_of(
        lambda locale: {
            "who": _name_for(told_id, engagement, locale, now=now),
            "day": date_in_words(session.held_on, locale),
            "minutes": str(session.minutes),
        }
    )
    for recipient in recipients_of(db.session(), told_id):
        path = f"/mentoring-sessions/{session.id}"
        outbox.enqueue(SESSION_STEPS[item.step], recipient, about=session, values=values, path=path, now=now)


def on_engagement(item: EngagementChanged, *, now: datetime) -> None:
    """The other side is told."""
    engagement = item.engagement
    told_id = engagement.mentor_id if item.by_id == engagement.enterprise_id else engagement.enterprise_id
    values = {"who": both(lambda locale: _name_for(told_id, engagement, locale, now=now))}
    for recipient in recipients_of(db.session(), told_id):
        path = f"/engagements/{engagement.id}"
        outbox.enqueue(ENGAGEMENT_STEPS[item.step], recipient, about=engagement, values=values, path=path, now=now)


def _name_for(reader_id: int, engagement: Engagement, locale: str, *, now: datetime) -> str:
    """The other side as the reader may see it."""
    introduction = engagement.introduction
    other: Organization = introduction.other_than(reader_id)
    reader = Actor(organization_id=reader_id, organization_verified=True)
    seen = visible_of(db.session(), reader, subject_of(introduction, other.id), now=now)
    return party_name(introduction, other, seen, locale)
