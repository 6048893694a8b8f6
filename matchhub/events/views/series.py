"""Series: made from an event, what is still ahead changed together."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.web import current_actor, is_refused, refusals_on, requires
from matchhub.events import queries, services
from matchhub.events.forms import SeriesChangeForm, SeriesForm
from matchhub.events.models import Event, EventSeries
from matchhub.events.policy import Permission, POLICY
from matchhub.events.queries import own_event, own_series
from matchhub.events.views.blueprint import bp, room_labels


@bp.get("/event-series")
@requires(POLICY, Permission.PLAN)
def all_series() -> ResponseReturnValue:
    rows = queries.series_of_host(db.session(), current_actor().organization_id or 0)
    return render_template("events/all_series.html", rows=rows)


@bp.get("/events/<int:event_id>/series/new")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def new_series(event: Event) -> ResponseReturnValue:
    if event.series_id is not None:
        return redirect(url_for(".series", series_id=event.series_id))
    return render_template("events/new_series.html", event=event, form=SeriesForm(formdata=None, title=event.title))


@bp.post("/events/<int:event_id>/series")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def make_series(event: Event) -> ResponseReturnValue:
    form = SeriesForm()
    made: EventSeries | None = None
    with refusals_on(form):
        if form.validate():
            made = services.make_series(event, form.facts, actor=current_actor(), now=utcnow())
    if made is None or is_refused(form):
        return render_template("events/new_series.html", event=event, form=form), 422
    flash(_("系列已建立"), "success")
    return redirect(url_for(".series", series_id=made.id))


@bp.get("/event-series/<int:series_id>")
@requires(POLICY, Permission.ORGANIZE, load=own_series)
def series(series: EventSeries) -> ResponseReturnValue:
    return _page(series, SeriesChangeForm(formdata=None))


@bp.post("/event-series/<int:series_id>/changes")
@requires(POLICY, Permission.ORGANIZE, load=own_series)
def change_series(series: EventSeries) -> ResponseReturnValue:
    form, changed = _ready(SeriesChangeForm()), 0
    with refusals_on(form):
        if form.validate():
            changed = services.change_ahead(series, form.change, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _page(series, form), 422
    flash(ngettext("已改 %(num)s 场", "已改 %(num)s 场", changed), "success")
    return redirect(url_for(".series", series_id=series.id))


@bp.post("/event-series/<int:series_id>/closure")
@requires(POLICY, Permission.ORGANIZE, load=own_series)
def end_series(series: EventSeries) -> ResponseReturnValue:
    services.end_series(series, actor=current_actor(), now=utcnow())
    flash(_("系列已结束，已排的活动不变"), "success")
    return redirect(url_for(".series", series_id=series.id))


def _ready(form: SeriesChangeForm) -> SeriesChangeForm:
    rooms = queries.open_rooms(db.session())
    form.room_id.choices = {"": _("不改"), **{str(room.id): label for room, label in room_labels(rooms)}}
    return form


def _page(series: EventSeries, form: SeriesChangeForm) -> str:
    session, now = db.session(), utcnow()
    events = queries.events_of_series(session, series.id)
    ahead = [event.id for event in queries.ahead_in_series(session, series.id, now=now)]
    clashes = queries.clashes_of(session, [event for event in events if event.id in ahead])
    return render_template(
        "events/series.html", series=series, events=events, ahead=ahead, clashes=clashes, form=_ready(form)
    )
