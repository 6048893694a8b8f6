"""When people are free, and when an event could take place."""

from datetime import datetime

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
from matchhub.events.enums import DayPart
from matchhub.events.forms.dates import AvailabilityForm
from matchhub.events.models import Event
from matchhub.events.policy import Permission, POLICY
from matchhub.events.queries import own_event
from matchhub.events.views.blueprint import bp

WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))


@bp.get("/availability")
@requires(POLICY, Permission.LIST)
def availability() -> ResponseReturnValue:
    actor_id = current_actor().user_id or 0
    row = queries.availability_of(db.session(), [actor_id]).get(actor_id)
    form = AvailabilityForm(
        formdata=None, slots=row.slots if row else [], away=[" 到 ".join(pair) for pair in row.away] if row else []
    )
    return _stating(form, stated=row is not None)


@bp.post("/availability")
@requires(POLICY, Permission.LIST)
def state_availability() -> ResponseReturnValue:
    form = AvailabilityForm()
    with refusals_on(form):
        if form.validate():
            services.state_availability(form.slots.data or (), form.spans, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _stating(form, stated=False), 422
    flash(_("已保存，主办方挑日子时会考虑"), "success")
    return redirect(url_for(".availability"))


def _stating(form: AvailabilityForm, *, stated: bool) -> str:
    days = [(str(number), _(word)) for number, word in enumerate(WEEKDAYS)]
    parts = [(part.value, _(part.label)) for part in DayPart]
    return render_template("events/availability.html", form=form, days=days, parts=parts, stated=stated)


@bp.get("/events/<int:event_id>/dates")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def dates(event: Event) -> ResponseReturnValue:
    session = db.session()
    people = queries.concerned_people(session, event)
    return render_template(
        "events/dates.html", event=event, options=queries.date_options(session, event, now=utcnow()),
        people=len(people), stated=len(queries.availability_of(session, people)),
    )  # fmt: skip


@bp.post("/events/<int:event_id>/dates")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def choose_date(event: Event) -> ResponseReturnValue:
    try:
        starts_at = datetime.fromisoformat(request.form.get("start", "")).replace(tzinfo=event.tz)
    except ValueError:
        raise errors.DomainError(N_("这个请求读不懂，请返回再试")) from None
    services.choose_date(event, starts_at, actor=current_actor(), now=utcnow())
    flash(_("时间已定"), "success")
    return redirect(url_for(".cockpit", event_id=event.id))


@bp.post("/events/<int:event_id>/availability-requests")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def ask_availability(event: Event) -> ResponseReturnValue:
    asked = services.ask_availability(event, actor=current_actor(), now=utcnow())
    flash(
        ngettext("已请 %(num)s 位填有空的时间", "已请 %(num)s 位填有空的时间", asked) if asked else _("该说的都说了"),
        "success",
    )
    return redirect(url_for(".dates", event_id=event.id))
