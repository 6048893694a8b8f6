"""What firms and reviewers are told of a call and of the line-up."""

from datetime import datetime

from matchhub.accounts.queries import recipient, recipients_of
from matchhub.core import outbox
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.outbox import NoticeKind
from matchhub.core.wishes import Topic
from matchhub.core.wordings import both, both_of
from matchhub.events.enums import ApplicationState
from matchhub.events.models import Event, PitchApplication
from matchhub.events.news import ApplicationChanged, CallDue, JurorNamed, PitchTimed, ReviewerNamed
from matchhub.events.notices import words_of
from matchhub.events.queries import call_of
from matchhub.events.queries.asked import CALLED_KIND
from matchhub.events.queries.lineup import pitch_for
from matchhub.events.queries.wording import day_and_time

CALLED = NoticeKind(
    CALLED_KIND, N_("征集路演项目：%(title)s"),
    N_("%(when)s，%(place)s。你有需求在发布中，可以直接用它申请上台，截止 %(until)s。"), topic=Topic.EVENTS,
)  # fmt: skip
APPLIED = NoticeKind(
    "pitch_applied",
    N_("新的路演申请：%(title)s"),
    N_("%(firm)s 申请路演，去征集页看看。"),
    topic=Topic.EVENTS,
    mail=False,
)
RECOMMENDED = NoticeKind(
    "pitch_recommended", N_("你的载体推荐你去路演：%(title)s"),
    N_("%(when)s，%(place)s。只有你能决定：同意后主办方才会看到你的申请，截止 %(until)s。"), topic=Topic.EVENTS,
)  # fmt: skip
SELECTED = NoticeKind(
    "pitch_selected", N_("路演入选：%(title)s"),
    N_("%(when)s，%(place)s。活动页要不要公开你的名称，由你另外决定。"), topic=Topic.EVENTS, urgent=True,
)  # fmt: skip
RESERVED = NoticeKind(
    "pitch_reserved", N_("路演候补：%(title)s"), N_("有项目退出时按顺序补上，补上后马上通知你。"), topic=Topic.EVENTS
)
STEPPED_BACK = NoticeKind(
    "pitch_stepped_back", N_("路演改为候补：%(title)s"),
    N_("主办方调整了阵容，你的项目改为候补，有项目退出时按顺序补上。原因：%(reason)s"), topic=Topic.EVENTS, urgent=True,
)  # fmt: skip
TIMED = NoticeKind(
    "pitch_timed", N_("路演时间有变：%(title)s"),
    N_("阵容的顺序有调整，你现在 %(turn)s 上台，%(place)s。"), topic=Topic.EVENTS, urgent=True,
)  # fmt: skip
REJECTED = NoticeKind(
    "pitch_rejected", N_("这次没有入选路演：%(title)s"),
    N_("名额有限。下次申请同类活动时，会把这次没有入选算进去，优先考虑。"), topic=Topic.EVENTS,
)  # fmt: skip
REVIEWER = NoticeKind(
    "pitch_reviewer", N_("请你评审路演项目：%(title)s"),
    N_("主办方请你给申请路演的项目打分。与你有利益关系的项目不会给你看，也请主动说明。"), topic=Topic.EVENTS,
)  # fmt: skip
JUROR = NoticeKind(
    "jury_member", N_("请你当路演评委：%(title)s"),
    N_("%(when)s，%(place)s。主办方请你给上台的项目打分，手机上就能打；不用另外报名。与你有利益关系的项目请回避。"),
    topic=Topic.EVENTS,
)  # fmt: skip
OF_APPLICATION = {
    ApplicationState.RECOMMENDED: RECOMMENDED,
    ApplicationState.SELECTED: SELECTED,
    ApplicationState.RESERVE: RESERVED,
    ApplicationState.REJECTED: REJECTED,
}
KINDS = (CALLED, APPLIED, RECOMMENDED, SELECTED, RESERVED, STEPPED_BACK, TIMED, REJECTED, REVIEWER, JUROR)


def on_application(item: ApplicationChanged, *, now: datetime) -> None:
    """The organizer hears of a new one; the firm of a recommendation and of what was decided."""
    row, session = item.application, db.session()
    kind = STEPPED_BACK if item.why else OF_APPLICATION.get(row.state)
    if row.state is ApplicationState.SUBMITTED:
        call = call_of(session, row.event_id)
        blind = call is not None and call.blind
        words = both_of(lambda locale: words_of(row.event, locale) | {"firm": _firm_of(row, locale, blind=blind)})
        for told in recipients_of(session, row.event.host_id):
            outbox.enqueue(APPLIED, told, about=row, values=words, path=f"/events/{row.event_id}/cockpit/call", now=now)
    elif kind is not None:
        words = both_of(lambda locale: words_of(row.event, locale) | {"until": _deadline(row.event, locale)})
        if kind is SELECTED:
            words["when"] = both(lambda locale: _turn_of(row, locale))
        words["reason"] = item.why
        for told in recipients_of(session, row.organization_id):
            outbox.enqueue(kind, told, about=row, values=words, path=f"/pitch-applications/{row.id}", now=now)


def on_call(item: CallDue, *, now: datetime) -> None:
    """A firm with a need that is out hears that it can pitch with it."""
    call, event = item.call, item.call.event
    words = both_of(lambda locale: words_of(event, locale) | {"until": day_and_time(call.closes_at, event.tz, locale)})
    path = f"/events/{call.event_id}/applications/new"
    outbox.enqueue(CALLED, item.recipient, about=call, values=words, path=path, now=now)


def on_timed(item: PitchTimed, *, now: datetime) -> None:
    """The firm hears when it is on; an earlier word that has not left yet does not leave."""
    pitch, turn = item.pitch, item.pitch.starts_at
    if turn is None:
        return
    outbox.cancel(pitch)
    words = both_of(lambda locale: words_of(pitch.event, locale) | {"turn": day_and_time(turn, pitch.event.tz, locale)})
    path = f"/pitch-applications/{pitch.application_id}" if pitch.application_id else f"/events/{pitch.event_id}/live"
    for told in recipients_of(db.session(), pitch.organization_id):
        outbox.enqueue(TIMED, told, about=pitch, values=words, path=path, now=now)


def _firm_of(row: PitchApplication, locale: str, *, blind: bool) -> str:
    if blind:
        return "A firm" if locale == "en" else "一家企业"
    return row.organization.label_en if locale == "en" and row.organization.label_en else row.organization.label


def _turn_of(row: PitchApplication, locale: str) -> str:
    """When the event begins, and when the firm is on, where that is known already."""
    begins = day_and_time(row.event.starts_at, row.event.tz, locale)
    pitch = pitch_for(db.session(), row.id)
    if pitch is None or pitch.starts_at is None:
        return begins
    turn = f"{pitch.starts_at.astimezone(row.event.tz):%H:%M}"
    return f"{begins}; you are on at {turn}" if locale == "en" else f"{begins}，你 {turn} 上台"


def _deadline(event: Event, locale: str) -> str:
    call = call_of(db.session(), event.id)
    return day_and_time(call.closes_at, event.tz, locale) if call is not None else ""


def on_reviewer(item: ReviewerNamed, *, now: datetime) -> None:
    """The person is asked."""
    row = item.reviewer
    told = recipient(row.user, row.organization_id)
    path, words = f"/events/{row.event_id}/reviewing", both_of(lambda locale: words_of(row.event, locale))
    outbox.enqueue(REVIEWER, told, about=row, values=words, path=path, now=now)


def on_juror(item: JurorNamed, *, now: datetime) -> None:
    """The person is asked; the address is where the points are given."""
    row = item.member
    told, words = recipient(row.user, row.organization_id), both_of(lambda locale: words_of(row.event, locale))
    outbox.enqueue(JUROR, told, about=row, values=words, path=f"/jury-members/{row.id}", now=now)
