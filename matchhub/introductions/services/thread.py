"""What the two say to each other, and when they meet."""

from datetime import datetime, timedelta

from matchhub.core import audit, errors, news
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.introductions import queries
from matchhub.introductions.enums import IntroductionState, MeetingMode, MeetingState
from matchhub.introductions.models import Introduction, Meeting, Message
from matchhub.introductions.news import MeetingChanged, MeetingHeld, MeetingStep, MessageWritten
from matchhub.introductions.policy import Permission, POLICY
from matchhub.introductions.workflow import MEETINGS

MESSAGES_PER_HOUR = 30
MESSAGE_LENGTH = 2000
FARTHEST_DAYS = 365
OPEN_MEETINGS = 5
SAID_TWICE = timedelta(seconds=20)


@writes
def write(
    introduction: Introduction, body: str, *, actor: Actor, now: datetime, leaves_at: datetime | None = None
) -> Message:
    """Send a message as plain text, unseen by the other until `leaves_at`. Raises TooMany beyond the pace of a person.

    The same words twice within seconds are a double press: they are sent once.
    """
    POLICY.check(Permission.WRITE, actor, introduction)
    _check_agreed(introduction)
    body = body.strip()
    if not body:
        raise errors.Invalid(N_("写几句话再发送"), field="body")
    if len(body) > MESSAGE_LENGTH:
        raise errors.Invalid(N_("不要超过 %(most)s 字"), field="body", most=MESSAGE_LENGTH)
    own_id = actor.organization_id or 0
    hold(introduction)
    if said := queries.just_written(db.session(), introduction.id, actor.user_id or 0, body, now - SAID_TWICE):
        return said
    if queries.written_since(db.session(), own_id, now - timedelta(hours=1)) >= MESSAGES_PER_HOUR:
        raise errors.TooMany(N_("一小时最多发 %(most)s 条，稍后再发"), retry_after=600, most=MESSAGES_PER_HOUR)
    message = Message(
        introduction_id=introduction.id, author_id=actor.user_id, organization_id=own_id, body=body,
        at=leaves_at or now,
    )  # fmt: skip
    db.session.add(message)
    db.session.flush()
    if leaves_at is None:
        introduction.last_activity_at = now
    audit.record(actor, "introduction:write", message)
    news.publish(MessageWritten(message, introduction), now=message.at)
    return message


@writes
def propose(
    introduction: Introduction,
    *,
    starts_at: datetime,
    minutes: int,
    mode: MeetingMode,
    place: str = "",
    note: str = "",
    actor: Actor,
    now: datetime,
) -> Meeting:
    """Propose a time; the same time twice, as a double press does, is one proposal."""
    POLICY.check(Permission.PROPOSE, actor, introduction)
    _check_agreed(introduction)
    _check_time(starts_at, minutes, now=now)
    hold(introduction)
    waiting = [m for m in queries.meetings_of(db.session(), [introduction.id]) if m.state is MeetingState.PROPOSED]
    for same in waiting:
        if (same.starts_at, same.minutes, same.proposed_by_user_id) == (starts_at, minutes, actor.user_id):
            return same
    if len(waiting) >= OPEN_MEETINGS:
        raise errors.Invalid(N_("已有 %(count)s 个时间在等回复，先取消一个"), field="starts_at", count=OPEN_MEETINGS)
    meeting = Meeting(
        introduction=introduction, proposed_by_id=actor.organization_id, proposed_by_user_id=actor.user_id,
        starts_at=starts_at, minutes=minutes, mode=mode, place=place.strip(), note=note.strip(),
    )  # fmt: skip
    db.session.add(meeting)
    introduction.last_activity_at = now
    audit.record(actor, "meeting:propose", meeting)
    news.publish(MeetingChanged(meeting, MeetingStep.PROPOSED, actor.organization_id or 0), now=now)
    return meeting


@writes
def accept_meeting(meeting: Meeting, *, actor: Actor, now: datetime) -> None:
    """Agree to the proposed time. Raises Conflict when it has passed."""
    _check_agreed(meeting.introduction)
    if meeting.state is MeetingState.PROPOSED and meeting.starts_at <= now:
        raise errors.Conflict(N_("这个时间已经过了，另约一个"))
    _step(meeting, "accept", MeetingStep.ACCEPTED, actor=actor, now=now)


@writes
def decline_meeting(meeting: Meeting, *, actor: Actor, now: datetime) -> None:
    """The time does not suit."""
    _step(meeting, "decline", MeetingStep.DECLINED, actor=actor, now=now)


@writes
def cancel_meeting(meeting: Meeting, *, actor: Actor, now: datetime) -> None:
    """Call it off; a proposal only by the side that made it."""
    if meeting.state is MeetingState.PROPOSED and meeting.proposed_by_id != actor.organization_id:
        raise errors.Forbidden(N_("你没有做这件事的权限"))
    _step(meeting, "cancel", MeetingStep.CANCELLED, actor=actor, now=now)


@writes
def report_meeting(meeting: Meeting, *, summary: str, actor: Actor, now: datetime) -> None:
    """Say that they met. Raises Invalid before the time has come."""
    _check_agreed(meeting.introduction)
    if meeting.starts_at > now:
        raise errors.Invalid(N_("还没有到会面时间，见面后再记录"), field="summary")
    hold(meeting)
    MEETINGS.advance(meeting, "report", actor=actor)
    meeting.held_at = meeting.starts_at
    meeting.summary = summary.strip()
    meeting.introduction.last_activity_at = now
    news.publish(MeetingHeld(meeting), now=now)


def _step(meeting: Meeting, action: str, step: MeetingStep, *, actor: Actor, now: datetime) -> None:
    hold(meeting)
    MEETINGS.advance(meeting, action, actor=actor)
    meeting.introduction.last_activity_at = now
    news.publish(MeetingChanged(meeting, step, actor.organization_id or 0), now=now)


def _check_time(starts_at: datetime, minutes: int, *, now: datetime) -> None:
    if starts_at <= now:
        raise errors.Invalid(N_("选一个还没有到的时间"), field="starts_at")
    if starts_at > now + timedelta(days=FARTHEST_DAYS):
        raise errors.Invalid(N_("选一年以内的时间"), field="starts_at")
    if not 10 <= minutes <= 480:
        raise errors.Invalid(N_("时长在 10 到 480 分钟之间"), field="minutes")


def _check_agreed(introduction: Introduction) -> None:
    if introduction.state is not IntroductionState.ACCEPTED:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=introduction.state)
