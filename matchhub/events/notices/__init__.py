"""What people are told about their place at an event, about changes, and before the start."""

from datetime import datetime
from typing import Any

from matchhub.accounts.queries import recipients_of
from matchhub.core import outbox
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.outbox import Notice, NoticeKind, Recipient
from matchhub.core.wishes import Topic
from matchhub.core.wordings import both, both_of
from matchhub.events.enums import AnnouncementKind, MeetingSide, RegistrationState
from matchhub.events.models import Announcement, Event, EventContact, Feedback, FollowUp, Registration
from matchhub.events.news import (
    ChangeDue,
    FeedbackDue,
    FollowUpDue,
    MeetingsTold,
    RegistrationChanged,
    REMINDER_KIND,
    ReminderDue,
)
from matchhub.events.queries.wording import day_and_time, other_name, place_of, title_of
from matchhub.events.services.contacts import follow_up_code
from matchhub.events.services.feedback import feedback_code
from matchhub.events.services.telling import recipient_for


def feedback_path(notice: Notice) -> str:
    """In the mail of one person: the address at which that person answers without signing in."""
    feedback = db.session.get(Feedback, notice.object_id)
    code = feedback_code(feedback) if feedback is not None else None
    return f"/feedback/{code}" if code else notice.path


def follow_up_path(notice: Notice) -> str:
    """In the mail: the address at which one tap answers."""
    row = db.session.get(FollowUp, notice.object_id)
    code = follow_up_code(row) if row is not None else None
    return f"/follow-ups/{code}" if code else notice.path


WHERE = N_("%(title)s，%(when)s，%(place)s。入场票和日历文件在「我的票」里。")
REGISTERED = NoticeKind("event_registered", N_("报名成功：%(title)s"), WHERE, topic=Topic.EVENTS)
WAITLISTED = NoticeKind(
    "event_waitlisted", N_("已进入候补：%(title)s"),
    N_("席位满了，有人退出时按顺序给你，名次在「我的票」里随时可看。"), topic=Topic.EVENTS,
)  # fmt: skip
PENDING = NoticeKind(
    "event_pending", N_("报名已提交：%(title)s"), N_("主办方审核后通知你。"), topic=Topic.EVENTS, mail=False
)
OFFERED = NoticeKind(
    "event_seat_offered", N_("有席位了，请确认：%(title)s"),
    N_("为你保留到 %(until)s，到时没有确认就给下一位。活动时间：%(when)s。"), topic=Topic.EVENTS, urgent=True,
)  # fmt: skip
LAPSED = NoticeKind(
    "event_offer_lapsed",
    N_("席位已给下一位：%(title)s"),
    N_("保留时间已过。还想参加的话，可以重新候补。"),
    topic=Topic.EVENTS,
)
REFUSED = NoticeKind(
    "event_refused", N_("报名未通过：%(title)s"), N_("主办方说明：%(reason)s"), topic=Topic.EVENTS
)  # fmt: skip
MOVED = NoticeKind(
    "event_moved", N_("时间或地点有变：%(title)s"),
    N_("原定 %(before)s，现在是 %(when)s，%(place)s。原因：%(reason)s。不能来的话请取消报名，把席位留给候补的人。"),
    topic=Topic.EVENTS, urgent=True,
)  # fmt: skip
CANCELLED = NoticeKind(
    "event_cancelled", N_("活动取消：%(title)s"), N_("原定 %(when)s 的活动取消了。原因：%(reason)s。"), topic=Topic.EVENTS,
    urgent=True,
)  # fmt: skip
LINEUP = NoticeKind(
    "event_lineup", N_("路演阵容有变：%(title)s"),
    N_("项目有变动，阵容和各项目的时间已经调整。%(when)s，%(place)s，活动页上是最新的。"), topic=Topic.EVENTS,
)  # fmt: skip
REMINDER = NoticeKind(
    REMINDER_KIND, N_("活动快到了：%(title)s"), WHERE, topic=Topic.EVENTS, urgent=True
)  # fmt: skip
MEETINGS = NoticeKind(
    "event_meetings", N_("你的会谈安排：%(title)s"),
    N_("%(when)s，%(place)s。桌号和对方在「我的票」的会谈里，有变动会再告诉你。"), topic=Topic.EVENTS, urgent=True,
)  # fmt: skip
FEEDBACK = NoticeKind(
    "event_feedback", N_("一分钟说说这场活动：%(title)s"),
    N_("几个小问题，点一点就好，不用登录。回答只按合计给主办方看，不会对应到你。"), topic=Topic.EVENTS, mail_path=feedback_path,
)  # fmt: skip
FOLLOW_UP = NoticeKind(
    "event_follow_up", N_("和 %(who)s 后来怎么样了"),
    N_("你们在「%(title)s」上认识。点一下告诉我们：在谈、谈成了，还是没有下文。说没有下文就不再问双方。"), topic=Topic.EVENTS,
    mail_path=follow_up_path,
)  # fmt: skip
KINDS = (
    LINEUP,
    FEEDBACK,
    FOLLOW_UP,
    MEETINGS,
    REGISTERED,
    WAITLISTED,
    PENDING,
    OFFERED,
    LAPSED,
    REFUSED,
    MOVED,
    CANCELLED,
    REMINDER,
)
OF_ANNOUNCEMENT = {
    AnnouncementKind.MOVED: MOVED,
    AnnouncementKind.CANCELLED: CANCELLED,
    AnnouncementKind.LINEUP: LINEUP,
}
OF_STATE = {
    RegistrationState.REGISTERED: REGISTERED,
    RegistrationState.WAITLISTED: WAITLISTED,
    RegistrationState.PENDING: PENDING,
    RegistrationState.OFFERED: OFFERED,
    RegistrationState.LAPSED: LAPSED,
    RegistrationState.REFUSED: REFUSED,
}


SILENT = frozenset({"accept", "undo_attend"})


def on_registration(item: RegistrationChanged, *, now: datetime) -> None:
    """The person hears what became of the place; not what the person has just done away with."""
    kind = OF_STATE.get(item.registration.state)
    if kind is not None and item.action not in SILENT:
        tell(kind, item.registration, now=now)


def tell(kind: NoticeKind, registration: Registration, *, about: Any = None, now: datetime, **values: str) -> bool:
    """One notice to one person about their place; False where the very same was told before."""
    told = recipient_for(registration)
    event, until = registration.event, registration.offered_until
    words = both_of(lambda locale: words_of(event, locale)) | values
    if until is not None:
        words["until"] = both(lambda locale: day_and_time(until, event.tz, locale))
    words.setdefault("reason", registration.refusal_reason)
    path = f"/registrations/{registration.id}"
    return outbox.enqueue(kind, told, about=about or registration, values=words, path=path, now=now) is not None


def words_of(event: Event, locale: str) -> dict[str, str]:
    """What every notice says of an event."""
    return {
        "title": title_of(event, locale),
        "when": day_and_time(event.starts_at, event.tz, locale),
        "place": place_of(event, locale),
    }


def on_change(item: ChangeDue, *, now: datetime) -> None:
    """One of those concerned hears of a move or a cancellation."""
    announcement = item.announcement
    values = both_of(lambda locale: _change_in_words(announcement, locale))
    kind = OF_ANNOUNCEMENT[announcement.kind]
    outbox.enqueue(
        kind, item.recipient, about=announcement, values=values, path=item.path, now=announcement.made_at
    )  # fmt: skip


def _change_in_words(announcement: Announcement, locale: str) -> dict[str, str]:
    event, before = announcement.event, announcement.values.get("before")
    words = words_of(event, locale)
    return words | {
        "reason": event.change_reason or ("not stated" if locale == "en" else "未说明"),
        "before": day_and_time(datetime.fromisoformat(before), event.tz, locale) if before else words["when"],
    }


def on_reminder(item: ReminderDue, *, now: datetime) -> None:
    """Once for each start and lead: the moment when it was due is part of the notice's key."""
    tell(REMINDER, item.registration, now=item.due_at)


def on_meetings(item: MeetingsTold, *, now: datetime) -> None:
    """Somebody reads the own plan; each publication that changes it is news of its own."""
    told = recipient_for(item.guest.registration)
    path = f"/registrations/{item.guest.registration_id}/meetings"
    words = both_of(lambda locale: words_of(item.guest.event, locale))
    outbox.enqueue(MEETINGS, told, about=item.guest, values=words, path=path, now=now)


def on_feedback(item: FeedbackDue, *, now: datetime) -> None:
    """Who came is asked once: one row for a person and an event, one notice for the row."""
    feedback = item.feedback
    told = recipient_for(feedback.registration)
    path = f"/registrations/{feedback.registration_id}" if told.user_id else f"/events/{feedback.event_id}"
    words = both_of(lambda locale: words_of(feedback.event, locale))
    outbox.enqueue(FEEDBACK, told, about=feedback, values=words, path=path, now=now)


def on_follow_up(item: FollowUpDue, *, now: datetime) -> None:
    """One side hears, by the name of the other: the person who was there, or where only the firm pitched, its people."""
    row, contact = item.follow_up, item.follow_up.contact
    words = both_of(lambda locale: {"title": title_of(contact.event, locale), "who": other_name(row, locale)})
    for told in _side_of(contact, row.side):
        outbox.enqueue(FOLLOW_UP, told, about=row, values=words, path=f"/events/{contact.event_id}", now=now)


def _side_of(contact: EventContact, side: MeetingSide) -> list[Recipient]:
    place = contact.giver_place if side is MeetingSide.GIVER else contact.firm_place
    if place is not None:
        return [recipient_for(place)]
    return recipients_of(db.session(), contact.firm_id or 0)
