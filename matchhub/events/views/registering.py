"""Registering, one's own place, accepting and leaving."""

from datetime import timedelta

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core import errors, ui
from matchhub.core.cards import qr_data_uri
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.web import current_actor, is_refused, refusals_on, requires
from matchhub.events import queries, services
from matchhub.events.enums import RegistrationState
from matchhub.events.forms import registration_form, RegistrationForm
from matchhub.events.models import Event, Registration
from matchhub.events.policy import Permission, POLICY
from matchhub.events.queries import visible_event, visible_registration
from matchhub.events.services import Applicant
from matchhub.events.views.blueprint import bp

LIVE_BEFORE = timedelta(hours=12)  # from then on the live page is of use


@bp.get("/events/<int:event_id>/registrations/new")
@requires(POLICY, Permission.REGISTER, load=visible_event)
def new_registration(event: Event) -> ResponseReturnValue:
    own = queries.own_places(db.session(), current_actor(), [event.id]).get(event.id)
    if own is not None and own.state in queries.HOLDING:
        return redirect(url_for(".registration", registration_id=own.id))
    if not event.takes_registrations(utcnow()):
        raise errors.Conflict(N_("报名已截止"))
    return _registering(event, _form_of(event, sent=False))


@bp.post("/events/<int:event_id>/registrations")
@requires(POLICY, Permission.REGISTER, load=visible_event)
def register(event: Event) -> ResponseReturnValue:
    form, actor = _form_of(event, sent=True), current_actor()
    made: Registration | None = None
    with refusals_on(form):
        if form.validate():
            answers = services.checked(event.fields, form.seat_role, form.raw)
            applicant = Applicant.of(actor, locale=ui.locale_code(), answers=answers)
            made = services.register(event, form.seat_role, applicant, actor=actor, now=utcnow())
    if made is None or is_refused(form):
        return _registering(event, form), 422
    flash(_(SAID[made.state]), "success")
    return redirect(url_for(".registration", registration_id=made.id))


SAID = {
    RegistrationState.REGISTERED: N_("报名成功"),
    RegistrationState.PENDING: N_("报名已提交，主办方审核后通知你"),
    RegistrationState.WAITLISTED: N_("席位满了，你已进入候补"),
    RegistrationState.OFFERED: N_("刚好有席位，请确认"),
}


def _form_of(event: Event, *, sent: bool) -> RegistrationForm:
    pools = queries.pools_of(db.session(), event.id)
    roles = [pool.role for pool in pools if pool.role in services.roles_for(current_actor())]
    labels = {row.key: ui.in_locale(row, "label") for row in event.fields}
    first = roles[0].value if roles else ""
    kwargs = {} if sent else {"formdata": None, "role": first}
    form = registration_form(event, labels, {"yes": _("是"), "no": _("否")}, **kwargs)
    form.role.choices = {role.value: _(role.label) for role in roles}
    return form


def _registering(event: Event, form: RegistrationForm) -> str:
    pools = {pool.role: pool for pool in queries.pools_of(db.session(), event.id)}
    return render_template("events/register.html", event=event, form=form, pools=pools)


@bp.get("/registrations/<int:registration_id>")
@requires(POLICY, Permission.VIEW, load=visible_registration)
def registration(registration: Registration) -> ResponseReturnValue:
    session = db.session()
    if registration.user_id != current_actor().user_id:
        return redirect(url_for(".seats", event_id=registration.event_id, _anchor=f"registration-{registration.id}"))
    event = queries.visible_event(current_actor(), registration.event_id)
    ticket = queries.ticket_of(session, registration.id)
    code = services.ticket_code(ticket) if ticket is not None else None
    is_waiting = registration.state is RegistrationState.WAITLISTED
    return render_template(
        "events/registration.html",
        registration=registration,
        event=event,
        code=code,
        qr=qr_data_uri(code, scale=7) if code else "",
        position=queries.line_position(session, registration) if is_waiting else 0,
        holds=registration.state in queries.HOLDING,
        is_day=event is not None and utcnow() >= event.starts_at - LIVE_BEFORE,
        takes=event is not None and event.takes_registrations(utcnow()),
        feedback_code=_feedback_code(registration),
        judges=queries.membership_at(session, current_actor(), registration.event_id),
        meets=services.side_of(registration) is not None
        and queries.round_of(session, registration.event_id) is not None,
    )


def _feedback_code(registration: Registration) -> str | None:
    """Where the person says what they think of the event; None where that is not asked, or was."""
    row = queries.feedback_of(db.session(), registration.id)
    return services.feedback_code(row) if row is not None and row.is_open(utcnow()) else None


@bp.post("/registrations/<int:registration_id>/acceptance")
@requires(POLICY, Permission.TAKE_PART, load=visible_registration)
def accept_offer(registration: Registration) -> ResponseReturnValue:
    services.accept_offer(registration, actor=current_actor(), now=utcnow())
    flash(_("席位已确认"), "success")
    return redirect(url_for(".registration", registration_id=registration.id))


@bp.post("/registrations/<int:registration_id>/refusal")
@requires(POLICY, Permission.TAKE_PART, load=visible_registration)
def decline_offer(registration: Registration) -> ResponseReturnValue:
    services.decline_offer(registration, actor=current_actor(), now=utcnow())
    flash(_("已放弃，席位给下一位"), "success")
    return redirect(url_for(".registration", registration_id=registration.id))


@bp.post("/registrations/<int:registration_id>/departure")
@requires(POLICY, Permission.LEAVE, load=visible_registration)
def leave(registration: Registration) -> ResponseReturnValue:
    services.leave(registration, actor=current_actor(), now=utcnow())
    flash(_("报名已取消"), "success")
    if registration.user_id != current_actor().user_id:
        return redirect(url_for(".seats", event_id=registration.event_id))
    return redirect(url_for(".event", event_id=registration.event_id))
