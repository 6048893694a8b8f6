"""On the day: what is on, for everybody; the organizer's stage, the presenter's timer, an investor's interest."""

from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.ui import in_locale, shown_code
from matchhub.core.web import current_actor, flash_undoable, is_refused, refusals_on, requires, row_id
from matchhub.events import queries, services
from matchhub.events.enums import AHEAD_STATES
from matchhub.events.forms.stage import DelayForm
from matchhub.events.models import Event, Pitch, PitchInterest
from matchhub.events.policy import Permission, POLICY
from matchhub.events.queries import own_event, own_interest, Slot, staged_pitch, visible_event
from matchhub.events.views.blueprint import bp
from matchhub.introductions.queries import askable_pair

DAY = timedelta(hours=12)


@bp.app_template_filter("pitch_name")
def pitch_name(pitch: Pitch) -> str:
    """The firm where it lets itself be named in public, else the code name of its need."""
    if pitch.is_named:
        return str(in_locale(pitch.organization, "label"))
    return shown_code(pitch.need.code_name) or _("未公开名称")


def _slots(event: Event) -> list[Slot]:
    session = db.session()
    pitches = queries.staged(session, event.id)
    return queries.slots_of(event, pitches, queries.clock_of(session, event.id), now=utcnow())


def _live(event: Event) -> dict[str, Any]:
    session, actor = db.session(), current_actor()
    slots, clock = _slots(event), queries.clock_of(session, event.id)
    place = queries.place_at(session, actor, event.id)
    gives = queries.may_be_interested(place)
    return {
        "event": event,
        "slots": slots,
        "on": next((slot for slot in slots if slot.state == "on"), None),
        "next": next((slot for slot in slots if slot.state == "ahead"), None),
        "delay": clock.delay_minutes if clock else 0,
        "place": place,
        "gives": gives,
        "interests": queries.own_interests(session, place.id) if place is not None and gives else {},
        "judges": queries.membership_at(session, actor, event.id),
    }


@bp.get("/events/<int:event_id>/live")
@requires(POLICY, Permission.VIEW, load=visible_event)
def live(event: Event) -> ResponseReturnValue:
    return render_template("events/stage/live.html", **_live(event))


@bp.get("/events/<int:event_id>/live/now")
@requires(POLICY, Permission.VIEW, load=visible_event)
def live_now(event: Event) -> ResponseReturnValue:
    """The part of the page that is read again while it is open."""
    return render_template("events/stage/_now.html", **_live(event))


@bp.get("/events/<int:event_id>/cockpit/stage")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def stage(event: Event) -> ResponseReturnValue:
    return _stage(event)


def _stage(event: Event, form: DelayForm | None = None) -> str:
    session = db.session()
    clock = queries.clock_of(session, event.id)
    return render_template(
        "events/stage/control.html",
        event=event,
        slots=_slots(event),
        clock=clock,
        form=form or DelayForm(formdata=None, minutes=clock.delay_minutes if clock else 0),
        counts=queries.interest_counts(session, event.id),
        may_drop=_is_day(event) and queries.call_of(session, event.id) is not None,
    )


def _is_day(event: Event) -> bool:
    """Near enough to say who did not come."""
    return event.state in AHEAD_STATES and utcnow() >= event.starts_at - DAY


@bp.post("/events/<int:event_id>/stage")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def put_on(event: Event) -> ResponseReturnValue:
    services.put_on(
        event, item_id=_id("item_id"), pitch_id=_id("pitch_id"), actor=current_actor(), now=utcnow()
    )  # fmt: skip
    return redirect(url_for(".stage", event_id=event.id))


def _id(name: str) -> int | None:
    try:
        return row_id(request.form[name]) if request.form.get(name) else None
    except ValueError:
        raise errors.NotFound(N_("没有这一页，或者你不能看")) from None


@bp.post("/events/<int:event_id>/delay")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def set_delay(event: Event) -> ResponseReturnValue:
    form = DelayForm()
    with refusals_on(form):
        if form.validate():
            services.set_delay(event, form.minutes.data or 0, actor=current_actor())
    if is_refused(form):
        return _stage(event, form), 422
    flash(_("时间已改，现场页马上更新"), "success")
    return redirect(url_for(".stage", event_id=event.id))


@bp.get("/events/<int:event_id>/cockpit/presenter")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def presenter(event: Event) -> ResponseReturnValue:
    slots = _slots(event)
    items = [
        {
            "name": pitch_name(slot.pitch) if slot.pitch else in_locale(slot.item, "title"),
            "minutes": slot.minutes,
            "on": slot.state == "on",
        }
        for slot in slots
    ]
    return render_template("events/stage/presenter.html", event=event, items=items)


@bp.post("/pitches/<int:pitch_id>/interests")
@requires(POLICY, Permission.VIEW, load=staged_pitch)
def say_interest(pitch: Pitch) -> ResponseReturnValue:
    """Kept at once, and can be undone; where an offer of one's own answers the need, asking for the introduction is next."""
    session, actor = db.session(), current_actor()
    place = queries.place_at(session, actor, pitch.event_id)
    if place is None:
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    offer_id = queries.offer_for(session, actor, pitch)
    need_id, event_id = pitch.need_id, pitch.event_id
    is_open = offer_id is not None and askable_pair(actor, need_id, offer_id) is not None
    made = services.say_interest(pitch, place, actor=actor, now=utcnow())
    flash_undoable(_("已记下你的兴趣"), url_for(".take_interest_back", interest_id=made.id))
    if is_open and made.introduction_id is None:
        return redirect(url_for("introductions.new", need=need_id, offer=offer_id))
    return redirect(url_for(".live", event_id=event_id))


@bp.post("/pitch-interests/<int:interest_id>/withdrawal")
@requires(POLICY, Permission.VIEW, load=own_interest)
def take_interest_back(interest: PitchInterest) -> ResponseReturnValue:
    event_id = interest.pitch.event_id
    services.take_interest_back(interest, actor=current_actor(), now=utcnow())
    flash(_("已撤回你的兴趣"), "success")
    return redirect(url_for(".live", event_id=event_id))
