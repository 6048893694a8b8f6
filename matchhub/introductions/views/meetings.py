"""Proposing and keeping a meeting; the calendar file."""

from datetime import timedelta

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from icalendar import Calendar, Event

from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.ui import locale_code
from matchhub.core.web import current_actor, file_response, is_refused, refusals_on, requires
from matchhub.disclosure.queries import visible_of
from matchhub.introductions import services
from matchhub.introductions.enums import MeetingState
from matchhub.introductions.forms import ReportForm
from matchhub.introductions.models import Introduction, Meeting
from matchhub.introductions.policy import Permission, POLICY
from matchhub.introductions.queries import party_name, subject_of, visible_introduction, visible_meeting
from matchhub.introductions.views.blueprint import bp
from matchhub.introductions.views.thread import new_meeting_form, page


@bp.post("/introductions/<int:introduction_id>/meetings")
@requires(POLICY, Permission.PROPOSE, load=visible_introduction)
def propose(introduction: Introduction) -> ResponseReturnValue:
    form = new_meeting_form(empty=False)
    with refusals_on(form):
        if form.validate():
            services.propose(
                introduction, starts_at=form.moment, minutes=form.minutes.data or 0, mode=form.mode.data,
                place=form.place.data or "", note=form.note.data or "", actor=current_actor(), now=utcnow(),
            )  # fmt: skip
    if is_refused(form):
        return page(introduction, meeting_form=form), 422
    flash(_("时间已发给对方确认"), "success")
    return _back(introduction.id)


@bp.post("/meetings/<int:meeting_id>/acceptance")
@requires(POLICY, Permission.ANSWER_MEETING, load=visible_meeting)
def accept_meeting(meeting: Meeting) -> ResponseReturnValue:
    services.accept_meeting(meeting, actor=current_actor(), now=utcnow())
    flash(_("已约定，可下载日历文件"), "success")
    return _back(meeting.introduction_id)


@bp.post("/meetings/<int:meeting_id>/refusal")
@requires(POLICY, Permission.ANSWER_MEETING, load=visible_meeting)
def decline_meeting(meeting: Meeting) -> ResponseReturnValue:
    services.decline_meeting(meeting, actor=current_actor(), now=utcnow())
    flash(_("已请对方改约，你也可以提一个时间"), "success")
    return _back(meeting.introduction_id)


@bp.post("/meetings/<int:meeting_id>/cancellation")
@requires(POLICY, Permission.CANCEL_MEETING, load=visible_meeting)
def cancel_meeting(meeting: Meeting) -> ResponseReturnValue:
    services.cancel_meeting(meeting, actor=current_actor(), now=utcnow())
    flash(_("会面已取消，对方会收到通知"), "success")
    return _back(meeting.introduction_id)


@bp.post("/meetings/<int:meeting_id>/report")
@requires(POLICY, Permission.REPORT_MEETING, load=visible_meeting)
def report_meeting(meeting: Meeting) -> ResponseReturnValue:
    form = ReportForm()
    introduction = meeting.introduction
    with refusals_on(form):
        if form.validate():
            services.report_meeting(meeting, summary=form.summary.data or "", actor=current_actor(), now=utcnow())
    if is_refused(form):
        return page(introduction, report_form=form), 422
    flash(_("已记录见面"), "success")
    return _back(introduction.id)


@bp.get("/meetings/<int:meeting_id>/meeting.ics")
@requires(POLICY, Permission.VIEW, load=visible_meeting)
def calendar(meeting: Meeting) -> ResponseReturnValue:
    if meeting.state not in (MeetingState.ACCEPTED, MeetingState.HELD):
        raise errors.NotFound(N_("约定时间后才有日历文件"))
    return file_response(_ics(meeting), name="meeting.ics", media_type="text/calendar")


def _ics(meeting: Meeting) -> bytes:
    introduction = meeting.introduction
    other = introduction.other_than(current_actor().organization_id)
    seen = visible_of(db.session(), current_actor(), subject_of(introduction, other.id), now=utcnow())
    event = Event()
    event.add("uid", f"meeting-{meeting.id}@matchhub")
    event.add("sequence", meeting.version)
    event.add("dtstamp", meeting.updated_at)
    event.add("dtstart", meeting.starts_at)
    event.add("dtend", meeting.starts_at + timedelta(minutes=meeting.minutes))
    event.add("summary", one_line(_("对接会面：%(who)s", who=party_name(introduction, other, seen, locale_code()))))
    event.add("location", one_line(meeting.place))
    event.add("description", one_line(meeting.note))
    calendar_file = Calendar()
    calendar_file.add("prodid", "-//MatchHub//meetings//")
    calendar_file.add("version", "2.0")
    calendar_file.add_component(event)
    return calendar_file.to_ical()


def one_line(text: str) -> str:
    """Text without line breaks or control characters, so that it stays one property of one event."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _back(introduction_id: int) -> ResponseReturnValue:
    return redirect(url_for(".show", introduction_id=introduction_id, _anchor="meetings"))
