"""Meetings one to one: the organizer's grid, and what a guest wishes and reads."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.web import current_actor, is_refused, refusals_on, requires
from matchhub.events import queries, services
from matchhub.events.enums import AgendaKind, MeetingOutcome, MeetingSide, RoundState
from matchhub.events.forms import AbsenceForm, LockForm, RoundForm
from matchhub.events.models import Event, MeetingGuest, MeetingRound, PlannedMeeting
from matchhub.events.policy import Permission, POLICY
from matchhub.events.queries import guest_at, own_event, own_meeting, own_round
from matchhub.events.views.blueprint import bp


@bp.get("/events/<int:event_id>/cockpit/meetings")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def meetings(event: Event) -> ResponseReturnValue:
    return _meetings(event)


def _meetings(event: Event, form: RoundForm | None = None, lock: LockForm | None = None) -> str:
    session = db.session()
    found = queries.round_of(session, event.id)
    if found is None:
        room_for_it = any(item.kind is AgendaKind.MEETINGS for item in event.agenda)
        form = form or RoundForm.before(event)
        return render_template("events/meetings/open.html", event=event, form=form, room_for_it=room_for_it)
    guests = queries.guests_of(session, found.id)
    rows = queries.meetings_of(session, found.id)
    return render_template(
        "events/meetings/grid.html",
        event=event,
        round=found,
        form=form or RoundForm.of(found),
        lock=lock or LockForm(formdata=None),
        givers=[guest for guest in guests if guest.side is MeetingSide.GIVER],
        firms=[guest for guest in guests if guest.side is MeetingSide.FIRM],
        wishing=queries.wishing(session, found.id),
        by_slot=[[row for row in rows if row.slot == slot] for slot in range(found.slots)],
        untold=sum(row.is_news for row in rows),
        present=services.present_slot(found, now=utcnow()),
    )


@bp.post("/events/<int:event_id>/meetings")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def open_meetings(event: Event) -> ResponseReturnValue:
    form = RoundForm()
    with refusals_on(form):
        if form.validate():
            services.open_meetings(event, form.facts(event), actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _meetings(event, form), 422
    flash(_("已开放，报名的人可以说想见谁了"), "success")
    return redirect(url_for(".meetings", event_id=event.id))


@bp.post("/events/<int:event_id>/meetings/rules")
@requires(POLICY, Permission.ORGANIZE, load=own_round)
def change_meetings(found: MeetingRound) -> ResponseReturnValue:
    form = RoundForm()
    with refusals_on(form):
        if form.validate():
            services.change_meetings(found, form.facts(found.event), actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _meetings(found.event, form), 422
    flash(_("规则已改，请重排"), "success")
    return redirect(url_for(".meetings", event_id=found.event_id))


@bp.get("/events/<int:event_id>/cockpit/meetings/preview")
@requires(POLICY, Permission.ORGANIZE, load=own_round)
def preview_meetings(found: MeetingRound) -> ResponseReturnValue:
    made = services.draft(found, first=_first(found), now=utcnow())
    session = db.session()
    names = {guest.id: guest for guest in queries.guests_of(session, found.id)}
    before = {
        (row.giver_id, row.firm_id): row for row in queries.meetings_of(session, found.id) if row.slot is not None
    }
    return render_template(
        "events/meetings/preview.html", event=found.event, round=found, draft=made, names=names, before=before
    )


@bp.post("/events/<int:event_id>/meetings/plan")
@requires(POLICY, Permission.ORGANIZE, load=own_round)
def plan_meetings(found: MeetingRound) -> ResponseReturnValue:
    made = services.draft(found, first=_first(found), now=utcnow())
    services.adopt(found, made, actor=current_actor(), now=utcnow())
    flash(
        ngettext("已排 %(num)s 场，发布后才通知大家", "已排 %(num)s 场，发布后才通知大家", len(made.pairs)), "success"
    )
    return redirect(url_for(".meetings", event_id=found.event_id))


def _first(found: MeetingRound) -> int:
    return services.present_slot(found, now=utcnow()) if found.state is RoundState.PUBLISHED else 0


@bp.post("/events/<int:event_id>/meetings/locks")
@requires(POLICY, Permission.ORGANIZE, load=own_round)
def lock_pair(found: MeetingRound) -> ResponseReturnValue:
    form = LockForm()
    with refusals_on(form):
        if form.validate():
            pair = (form.giver.data, form.firm.data)
            made = services.draft(found, first=_first(found), lock=pair, now=utcnow())
            services.adopt(found, made, lock=pair, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _meetings(found.event, lock=form), 422
    flash(_("已排上并锁定"), "success")
    return redirect(url_for(".meetings", event_id=found.event_id))


@bp.post("/planned-meetings/<int:planned_meeting_id>/lock")
@requires(POLICY, Permission.ORGANIZE, load=own_meeting)
def lock_meeting(meeting: PlannedMeeting) -> ResponseReturnValue:
    services.set_lock(meeting, True, actor=current_actor())
    return redirect(url_for(".meetings", event_id=meeting.round.event_id))


@bp.post("/planned-meetings/<int:planned_meeting_id>/release")
@requires(POLICY, Permission.ORGANIZE, load=own_meeting)
def release_meeting(meeting: PlannedMeeting) -> ResponseReturnValue:
    services.set_lock(meeting, False, actor=current_actor())
    return redirect(url_for(".meetings", event_id=meeting.round.event_id))


@bp.post("/planned-meetings/<int:planned_meeting_id>/outcome")
@requires(POLICY, Permission.ORGANIZE, load=own_meeting)
def record_meeting(meeting: PlannedMeeting) -> ResponseReturnValue:
    said = request.form.get("outcome", "")
    if said not in set(MeetingOutcome):
        raise errors.Invalid(N_("请从列表里选"), field="outcome")
    services.record_outcome(meeting, MeetingOutcome(said), actor=current_actor())
    return redirect(url_for(".meetings", event_id=meeting.round.event_id))


@bp.post("/events/<int:event_id>/meetings/publication")
@requires(POLICY, Permission.ORGANIZE, load=own_round)
def publish_meetings(found: MeetingRound) -> ResponseReturnValue:
    count = services.publish_meetings(found, actor=current_actor(), now=utcnow())
    flash(ngettext("已发布，通知了 %(num)s 人", "已发布，通知了 %(num)s 人", count), "success")
    return redirect(url_for(".meetings", event_id=found.event_id))


@bp.post("/meeting-guests/<int:guest_id>/absence")
@requires(POLICY, Permission.ORGANIZE, load=guest_at)
def report_missing(guest: MeetingGuest) -> ResponseReturnValue:
    """Somebody is not there: the rest of the plan is mended at once, and those concerned are told."""
    form, found, now = AbsenceForm(), guest.round, utcnow()
    form.validate()
    slot = None if form.back.data else services.present_slot(found, now=now)
    made = services.draft(found, first=_first(found), missing={guest.id: slot}, now=now)
    told = services.mend(guest, slot, made, actor=current_actor(), now=now)
    flash(_("已重排：改动 %(count)s 场，通知 %(told)s 人", count=_changes(made), told=told), "success")
    return redirect(url_for(".meetings", event_id=found.event_id))


def _changes(made: services.Draft) -> int:
    return made.planned.moved + made.planned.added + made.planned.dropped


@bp.get("/events/<int:event_id>/cockpit/meetings/cards")
@requires(POLICY, Permission.ORGANIZE, load=own_round)
def table_cards(found: MeetingRound) -> ResponseReturnValue:
    rows = [row for row in queries.meetings_of(db.session(), found.id) if row.slot is not None]
    tables = [
        (seat, [row for row in rows if row.seat == seat])
        for seat in sorted({row.seat for row in rows if row.seat is not None})
    ]
    return render_template("events/meetings/cards.html", event=found.event, round=found, tables=tables)
