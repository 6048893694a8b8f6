"""The log: the mentor writes a session down, the firm confirms it with one tap or disputes it with a sentence."""

from dataclasses import dataclass
from datetime import date, datetime

from matchhub.core import audit, dictionaries, errors, news
from matchhub.core.clock import city_date
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.introductions.enums import MeetingMode
from matchhub.mentoring import queries
from matchhub.mentoring.enums import EngagementState
from matchhub.mentoring.models import Engagement, MentoringSession
from matchhub.mentoring.news import SessionChanged, SessionStep
from matchhub.mentoring.policy import Permission, POLICY
from matchhub.mentoring.workflow import SESSIONS

SUMMARY_LENGTH = 500
NEXT_STEP_LENGTH = 200
TOPICS_AT_MOST = 4
LINK_PURPOSE = "confirm a mentoring session"
LINK_DAYS = 30


@dataclass(frozen=True, slots=True)
class Entry:
    """What the mentor says of a session. `topics`: codes of mentor_topics."""

    held_on: date
    minutes: int
    mode: MeetingMode
    topics: tuple[str, ...]
    summary: str
    next_step: str = ""


@writes
def log_session(engagement: Engagement, entry: Entry, *, actor: Actor, now: datetime) -> MentoringSession:
    """Write a session down; the firm is asked to confirm it. Raises Invalid, Conflict (paused, over, logged already)."""
    POLICY.check(Permission.LOG, actor, engagement)
    hold(engagement)
    if engagement.state is not EngagementState.ACTIVE:
        raise errors.Conflict(N_("现在是「%(state)s」，不能记录辅导"), state=engagement.state)
    _check(engagement, entry, now=now)
    summary = entry.summary.strip()
    if queries.same_session(db.session(), engagement.id, entry.held_on, entry.minutes, summary):
        raise errors.Conflict(N_("这次辅导已经记录过了"))
    session = MentoringSession(engagement=engagement, logged_by_user_id=actor.user_id)
    _write(session, entry)
    db.session.add(session)
    engagement.introduction.last_activity_at = now
    audit.record(actor, "mentoring_session:log", session)
    news.publish(SessionChanged(session, SessionStep.LOGGED), now=now)
    return session


@writes
def amend(session: MentoringSession, entry: Entry, *, actor: Actor, now: datetime) -> None:
    """Correct what was logged, before the firm confirms it or after it disputed it; the firm is asked anew."""
    hold(session)
    SESSIONS.advance(session, "amend", actor=actor)
    _check(session.engagement, entry, now=now)
    _write(session, entry)
    session.dispute_reason, session.decided_at, session.decided_by_user_id = "", None, None
    session.engagement.introduction.last_activity_at = now
    news.publish(SessionChanged(session, SessionStep.AMENDED), now=now)


@writes
def withdraw(session: MentoringSession, *, actor: Actor, now: datetime) -> None:
    """It was logged by mistake."""
    hold(session)
    SESSIONS.advance(session, "withdraw", actor=actor)


@writes
def confirm(session: MentoringSession, *, seen: int, actor: Actor, now: datetime) -> None:
    """The firm says that it was so: the hours count. `seen`: the version that stood on the page.

    Raises Conflict where somebody was quicker, or where the mentor has corrected the session since.
    """
    hold(session)
    if session.version != seen and SESSIONS.may("confirm", session, actor):
        raise errors.Conflict(N_("导师刚更正了这次记录，请再看一遍"))
    SESSIONS.advance(session, "confirm", actor=actor)
    session.decided_at, session.decided_by_user_id = now, actor.user_id
    session.engagement.introduction.last_activity_at = now
    news.publish(SessionChanged(session, SessionStep.CONFIRMED), now=now)


@writes
def confirm_by_link(session: MentoringSession, user_id: int, *, seen: int, now: datetime) -> None:
    """The same by the personal link of a mail: as that person, if the person may still act for the firm."""
    actor = queries.confirming_actor(db.session(), user_id, session.engagement.enterprise_id)
    if actor is None:
        raise errors.Forbidden(N_("这个链接不能再用，请登录后确认"))
    confirm(session, seen=seen, actor=actor, now=now)


@writes
def dispute(session: MentoringSession, *, reason: str, actor: Actor, now: datetime) -> None:
    """Not so: the sentence goes to the mentor, who corrects the session or takes it back."""
    hold(session)
    SESSIONS.advance(session, "dispute", actor=actor, reason=reason)
    session.dispute_reason = reason.strip()[:300]
    session.decided_at, session.decided_by_user_id = now, actor.user_id
    session.engagement.introduction.last_activity_at = now
    news.publish(SessionChanged(session, SessionStep.DISPUTED), now=now)


def topics(*, now: datetime) -> list[dictionaries.Entry]:
    """What a session may have been about."""
    return dictionaries.snapshot(db.session()).entries("mentor_topics", on=city_date(now))


def _check(engagement: Engagement, entry: Entry, *, now: datetime) -> None:
    if entry.held_on > city_date(now):
        raise errors.Invalid(N_("辅导日期不能晚于今天"), field="held_on")
    if entry.held_on < city_date(engagement.opened_at):
        raise errors.Invalid(N_("辅导日期不能早于双方同意的日子"), field="held_on")
    if not 10 <= entry.minutes <= 480:
        raise errors.Invalid(N_("时长在 10 到 480 分钟之间"), field="minutes")
    if not 0 < len(entry.topics) <= TOPICS_AT_MOST:
        raise errors.Invalid(N_("选 1 到 %(most)s 个话题"), field="topics", most=TOPICS_AT_MOST)
    if not {topic.code for topic in topics(now=now)}.issuperset(entry.topics):
        raise errors.Invalid(N_("请从列表里选"), field="topics")
    if not entry.summary.strip():
        raise errors.Invalid(N_("写一两句谈了什么"), field="summary")


def _write(session: MentoringSession, entry: Entry) -> None:
    session.held_on, session.minutes, session.mode = entry.held_on, entry.minutes, entry.mode
    session.topics = list(entry.topics)
    session.summary = entry.summary.strip()[:SUMMARY_LENGTH]
    session.next_step = entry.next_step.strip()[:NEXT_STEP_LENGTH]
