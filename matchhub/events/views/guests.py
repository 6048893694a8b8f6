"""Visitors without an account: they ask, confirm by the mailed address, look at their place, leave."""

from dataclasses import replace

from flask import current_app, flash, redirect, render_template, Response, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.accounts.services import attempts
from matchhub.accounts.views.browser import limits_on, refused_status
from matchhub.core import errors, ui
from matchhub.core.cards import qr_data_uri
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.core.texts import current_text, TextKind
from matchhub.core.web import current_actor, is_refused, public, refusals_on
from matchhub.events import exports, queries, services
from matchhub.events.enums import AGAIN_STATES, Audience, EventState, RegistrationState, SeatRole
from matchhub.events.exports import CalendarHead
from matchhub.events.forms.editing import SeenForm
from matchhub.events.forms.guests import guest_form, GuestForm
from matchhub.events.models import Event, GuestPlace, Registration
from matchhub.events.queries.wording import title_of
from matchhub.events.services import GuestFacts
from matchhub.events.views.blueprint import absolute, bp
from matchhub.events.views.lists import found_event
from matchhub.events.views.registering import SAID

ASK = "visitors ask for a place at a public event; the answer is the same for every address, the letter says the rest"
KEY = "the mailed address is the key to one place of somebody without an account: 128 bits, only in that letter"


def _open_event(event_id: int) -> Event:
    """A public event with seats for the public, whatever its state. Raises NotFound."""
    found = found_event(event_id)
    if found.audience is not Audience.PUBLIC or found.state is EventState.DRAFT:
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    return found


@bp.get("/events/<int:event_id>/guest-places/new")
@public(ASK)
def new_guest_place(event_id: int) -> ResponseReturnValue:
    event = _open_event(event_id)
    if current_actor().is_known:
        return redirect(url_for(".new_registration", event_id=event.id))
    if not event.takes_registrations(utcnow()):
        raise errors.Conflict(N_("报名已截止"))
    return _asking(event, _form_of(event, sent=False))


@bp.post("/events/<int:event_id>/guest-places")
@public(ASK)
def ask_for_place(event_id: int) -> ResponseReturnValue:
    event, actor, now = _open_event(event_id), current_actor(), utcnow()
    form = _form_of(event, sent=True)
    with refusals_on(form), limits_on(form):
        if form.validate():
            facts = _facts(event, form)
            attempts.begin("guest_place", facts.email, actor=actor, now=now)
            services.ask(event, facts, actor=actor, now=now)
    if is_refused(form):
        return _asking(event, form), refused_status(form)
    return redirect(url_for(".guest_place_asked", event_id=event.id))


@bp.get("/events/<int:event_id>/guest-places/asked")
@public(ASK)
def guest_place_asked(event_id: int) -> ResponseReturnValue:
    return render_template("events/guest_asked.html", event=_open_event(event_id))


def _form_of(event: Event, *, sent: bool) -> GuestForm:
    labels = {row.key: ui.in_locale(row, "label") for row in event.fields}
    return guest_form(event, labels, {"yes": _("是"), "no": _("否")}, **({} if sent else {"formdata": None}))


def _facts(event: Event, form: GuestForm) -> GuestFacts:
    """What the visitor says. Raises Invalid where it is no address, or an answer does not fit."""
    email, mobile = form.addresses()
    answers = services.checked(event.fields, SeatRole.PUBLIC, form.raw)
    text = current_text(db.session(), TextKind.PRIVACY, utcnow())
    return GuestFacts(
        form.name.data or "", email, text.id, form.organization_name.data or "", mobile, ui.locale_code(), answers
    )


def _asking(event: Event, form: GuestForm) -> str:
    pools = [pool for pool in queries.pools_of(db.session(), event.id) if pool.role is SeatRole.PUBLIC]
    return render_template("events/guest_form.html", event=event, form=form, pools=pools)


def _place(token: str) -> GuestPlace:
    """The place that the address opens. Raises NotFound."""
    place = queries.guest_place_by_token(db.session(), token)
    if place is None:
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    return place


def _bearer(place: GuestPlace) -> Actor:
    """Whoever opened the address, as the holder of its place."""
    return replace(current_actor(), bears=f"registration:{place.registration_id}")


def _held(token: str) -> tuple[GuestPlace, Registration]:
    """A confirmed place that belongs to no account. Raises NotFound."""
    place = _place(token)
    if place.registration is None or place.ended_at is not None:
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    return place, place.registration


def _private(body: str) -> Response:
    """A page that neither caches nor search engines keep, and whose address goes no further."""
    response = current_app.make_response(body)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@bp.get("/guest-places/<string:token>")
@public(KEY)
def guest_place(token: str) -> ResponseReturnValue:
    place, now = _place(token), utcnow()
    if place.ended_at is not None and place.registration_id is not None:
        return redirect(url_for(".registration", registration_id=place.registration_id))
    if place.registration is None:
        over = place.expires_at <= now or not place.event.takes_registrations(now)
        return _private(
            render_template("events/guest_confirm.html", place=place, event=place.event, token=token, over=over)
        )
    return _private(_page(place, place.registration, token))


def _page(place: GuestPlace, registration: Registration, token: str) -> str:
    session, now = db.session(), utcnow()
    ticket = queries.ticket_of(session, registration.id)
    code = services.ticket_code(ticket) if ticket is not None else None
    waits = registration.state is RegistrationState.WAITLISTED
    return render_template(
        "events/guest_place.html", event=place.event, registration=registration, token=token, code=code,
        qr=qr_data_uri(code, scale=7) if code else "",
        position=queries.line_position(session, registration) if waits else 0,
        holds=registration.state in queries.HOLDING,
        again=registration.state in AGAIN_STATES and place.event.takes_registrations(now),
    )  # fmt: skip


@bp.get("/guest-places/<string:token>/event.ics")
@public(KEY)
def guest_calendar(token: str) -> ResponseReturnValue:
    place, registration = _held(token)
    locale = ui.locale_code()
    head = CalendarHead(title_of(place.event, locale), locale, absolute("").rstrip("/"))
    held = registration if registration.state in queries.HOLDING else None
    response = _private("")
    response.set_data(exports.single(place.event, head, held))
    response.headers["Content-Type"] = f"{exports.MEDIA_TYPE}; charset=utf-8"
    response.headers["Content-Disposition"] = f"attachment; filename=event-{place.event_id}.ics"
    return response


@bp.post("/guest-places/<string:token>/confirmation")
@public(KEY)
def confirm_guest_place(token: str) -> ResponseReturnValue:
    place = _place(token)
    made = services.confirm(place, seen=SeenForm().version, actor=current_actor(), now=utcnow())
    flash(_(SAID[made.state]), "success")
    return _back(token)


@bp.post("/guest-places/<string:token>/acceptance")
@public(KEY)
def accept_guest_offer(token: str) -> ResponseReturnValue:
    place, registration = _held(token)
    services.accept_offer(registration, actor=_bearer(place), now=utcnow())
    flash(_("席位已确认"), "success")
    return _back(token)


@bp.post("/guest-places/<string:token>/refusal")
@public(KEY)
def decline_guest_offer(token: str) -> ResponseReturnValue:
    place, registration = _held(token)
    services.decline_offer(registration, actor=_bearer(place), now=utcnow())
    flash(_("已放弃，席位给下一位"), "success")
    return _back(token)


@bp.post("/guest-places/<string:token>/departure")
@public(KEY)
def leave_guest_place(token: str) -> ResponseReturnValue:
    place, registration = _held(token)
    services.leave(registration, actor=_bearer(place), now=utcnow())
    flash(_("报名已取消"), "success")
    return _back(token)


@bp.post("/guest-places/<string:token>/return")
@public(KEY)
def return_to_guest_place(token: str) -> ResponseReturnValue:
    place, _registration = _held(token)
    made = services.come_again(place, actor=_bearer(place), now=utcnow())
    flash(_(SAID[made.state]), "success")
    return _back(token)


@bp.post("/guest-places/<string:token>/takeover")
@public(KEY)
def take_guest_place_over(token: str) -> ResponseReturnValue:
    place, registration = _held(token)
    actor = current_actor()
    if not actor.is_known:
        raise errors.Forbidden(N_("请先登录"))
    if not services.take_over(place, actor=actor, now=utcnow()):
        flash(_("你的账户在这场活动里已有记录，这个位置留在邮箱名下"), "warning")
        return _back(token)
    flash(_("已转到你的账户"), "success")
    return redirect(url_for(".registration", registration_id=registration.id))


def _back(token: str) -> ResponseReturnValue:
    return redirect(url_for(".guest_place", token=token))
