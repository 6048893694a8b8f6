"""Making an event, changing it, putting it out, moving it, calling it off, copying it."""

from datetime import datetime, time

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core import errors
from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.web import current_actor, is_refused, refusals_on, requires
from matchhub.events import queries, services
from matchhub.events.enums import Audience, EventType, OPEN_REGISTRATIONS
from matchhub.events.forms import CopyForm, EventForm, MoveForm, ReasonForm
from matchhub.events.models import Event, EventTemplate
from matchhub.events.policy import Permission, POLICY
from matchhub.events.queries import own_event
from matchhub.events.views.blueprint import bp, room_labels


@bp.get("/events/new")
@requires(POLICY, Permission.PLAN)
def new() -> ResponseReturnValue:
    templates = queries.current_templates(db.session(), city_date(utcnow()))
    return render_template("events/new.html", templates=templates)


@bp.get("/events/new/<string:event_type>")
@requires(POLICY, Permission.PLAN)
def new_of(event_type: str) -> ResponseReturnValue:
    template = _template(event_type)
    content, texts = template.content, template.content["texts"]
    hour, minute = content["starts"].split(":")
    form = _ready(
        EventForm(
            formdata=None, title=_(template.type.label), mode=content["mode"], audience=Audience.PUBLIC.value,
            minutes=content["minutes"], starts_time=time(int(hour), int(minute)), summary=texts["summary"],
            title_en=texts["title_en"], summary_en=texts["summary_en"],
        )
    )  # fmt: skip
    return render_template("events/form.html", form=form, template=template, event=None)


@bp.post("/events/new/<string:event_type>")
@requires(POLICY, Permission.PLAN)
def create(event_type: str) -> ResponseReturnValue:
    template, form = _template(event_type), _ready(EventForm())
    made: Event | None = None
    with refusals_on(form):
        if form.validate():
            made = services.create(template.type, form.facts, actor=current_actor(), now=utcnow())
    if made is None or is_refused(form):
        return render_template("events/form.html", form=form, template=template, event=None), 422
    return redirect(url_for(".cockpit", event_id=made.id))


def _template(event_type: str) -> EventTemplate:
    if event_type not in set(EventType):
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    return queries.current_template(db.session(), EventType(event_type), city_date(utcnow()))


def _ready(form: EventForm) -> EventForm:
    rooms = queries.open_rooms(db.session())
    form.room_id.choices = {
        "": _("不用房间，写在下面"), **{str(room.id): label for room, label in room_labels(rooms)}
    }  # fmt: skip
    return form


@bp.get("/events/<int:event_id>/edit")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def edit(event: Event) -> ResponseReturnValue:
    return _editing(event, _ready(_filled(event)))


@bp.post("/events/<int:event_id>/edit")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def change(event: Event) -> ResponseReturnValue:
    form = _ready(EventForm())
    with refusals_on(form):
        if form.validate():
            services.change(event, form.facts, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _editing(event, form), 422
    flash(_("已保存"), "success")
    return redirect(url_for(".cockpit", event_id=event.id))


def _editing(event: Event, form: EventForm) -> str:
    return render_template("events/form.html", form=form, template=event.template, event=event)


@bp.post("/events/<int:event_id>/publication")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def publish(event: Event) -> ResponseReturnValue:
    form = _ready(_filled(event))  # what is missing is said where it can be mended
    with refusals_on(form):
        services.publish(event, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _editing(event, form), 422
    flash(_("活动已发布"), "success")
    return redirect(url_for(".event", event_id=event.id))


def _filled(event: Event) -> EventForm:
    start = event.starts_at.astimezone(event.tz)
    return EventForm(
        formdata=None, title=event.title, starts_on=start.date(), starts_time=start.time(), mode=event.mode.value,
        room_id=event.room_id, place=event.place, join_url=event.join_url, minutes=event.minutes,
        audience=event.audience.value, zone=event.zone, summary=event.summary, title_en=event.title_en,
        summary_en=event.summary_en,
    )  # fmt: skip


@bp.get("/events/<int:event_id>/postponement")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def move_form(event: Event) -> ResponseReturnValue:
    start = (asked_start(event) or event.starts_at).astimezone(event.tz)
    return _moving(event, MoveForm(formdata=None, starts_on=start.date(), starts_time=start.time()))


def asked_start(event: Event) -> datetime | None:
    """The start that the address names, in the event's zone; None for none or nonsense."""
    try:
        found = datetime.fromisoformat(request.args.get("start", ""))
    except ValueError:
        return None
    return found.replace(tzinfo=event.tz) if found.tzinfo is None else found


@bp.post("/events/<int:event_id>/postponement")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def move(event: Event) -> ResponseReturnValue:
    form = MoveForm()
    with refusals_on(form):
        if form.validate():
            starts_at = form.moment(event.zone)
            services.move(event, starts_at, reason=form.reason.data or "", actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _moving(event, form), 422
    flash(_("已改期，正在通知相关的人"), "success")
    return redirect(url_for(".event", event_id=event.id))


def _moving(event: Event, form: MoveForm) -> str:
    return render_template("events/move.html", event=event, form=form, counts=_counts(event))


@bp.get("/events/<int:event_id>/cancellation")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def cancel_form(event: Event) -> ResponseReturnValue:
    return _cancelling(event, ReasonForm(formdata=None))


@bp.post("/events/<int:event_id>/cancellation")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def cancel(event: Event) -> ResponseReturnValue:
    form = ReasonForm()
    with refusals_on(form):
        if form.validate():
            services.cancel(event, reason=form.reason.data or "", actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _cancelling(event, form), 422
    flash(_("活动已取消，正在通知相关的人"), "success")
    return redirect(url_for(".event", event_id=event.id))


def _cancelling(event: Event, form: ReasonForm) -> str:
    return render_template("events/cancel.html", event=event, form=form, counts=_counts(event))


def _counts(event: Event) -> int:
    """How many people have a place, wait or have asked."""
    counts = queries.registration_counts(db.session(), event.id)
    return sum(number for state, number in counts.items() if state in OPEN_REGISTRATIONS)


@bp.post("/events/<int:event_id>/closing")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def close(event: Event) -> ResponseReturnValue:
    services.close(event, actor=current_actor(), now=utcnow())
    flash(_("报名已截止，候补的人仍按顺序补上"), "success")
    return redirect(url_for(".cockpit", event_id=event.id))


@bp.post("/events/<int:event_id>/reopening")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def reopen(event: Event) -> ResponseReturnValue:
    services.reopen(event, actor=current_actor(), now=utcnow())
    flash(_("报名已重开"), "success")
    return redirect(url_for(".cockpit", event_id=event.id))


@bp.get("/events/<int:event_id>/copies/new")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def copy_form(event: Event) -> ResponseReturnValue:
    start = event.starts_at.astimezone(event.tz)
    return render_template("events/copy.html", event=event, form=CopyForm(formdata=None, starts_time=start.time()))


@bp.post("/events/<int:event_id>/copies")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def copy(event: Event) -> ResponseReturnValue:
    form = CopyForm()
    made: Event | None = None
    with refusals_on(form):
        if form.validate():
            starts_at = form.moment(event.zone)
            made = services.copy(event, starts_at, form.parts, actor=current_actor(), now=utcnow())
    if made is None or is_refused(form):
        return render_template("events/copy.html", event=event, form=form), 422
    flash(_("已复制为草稿"), "success")
    return redirect(url_for(".cockpit", event_id=made.id))


@bp.post("/events/<int:event_id>/disposal")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def discard(event: Event) -> ResponseReturnValue:
    services.discard(event, actor=current_actor(), now=utcnow())
    flash(_("草稿已删除"), "success")
    return redirect(url_for(".index", which="own"))
