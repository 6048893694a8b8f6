"""The organizer's page of an event: what comes next, seats by role, who is on the list."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.web import current_actor, is_refused, page_number, refusals_on, requires
from matchhub.events import queries, services
from matchhub.events.enums import RegistrationState, SeatRole
from matchhub.events.forms import CapacityForm, ReasonForm
from matchhub.events.forms.editing import PoolForm
from matchhub.events.models import Event, Registration, SeatPool
from matchhub.events.policy import Permission, POLICY
from matchhub.events.queries import own_event, visible_pool, visible_registration
from matchhub.events.views.blueprint import bp
from matchhub.events.workflow import EVENTS


@bp.get("/events/<int:event_id>/cockpit")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def cockpit(event: Event) -> ResponseReturnValue:
    session, actor = db.session(), current_actor()
    clashes = queries.clashes_of(session, [event])[event.id]
    named = {clash.with_id for clash in clashes if clash.with_id}
    return render_template(
        "events/cockpit.html",
        event=event,
        pools=queries.pools_of(session, event.id),
        counts=queries.registration_counts(session, event.id),
        moves={row.action for row in EVENTS.available(event, actor)},
        clashes=clashes,
        clash_events={row.id: row for row in queries.found_among(session, actor, named)},
    )


@bp.get("/events/<int:event_id>/cockpit/seats")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def seats(event: Event) -> ResponseReturnValue:
    return _seats(event)


def _seats(
    event: Event,
    *,
    capacity: tuple[int, CapacityForm] | None = None,
    refusing: tuple[int, ReasonForm] | None = None,
    adding: PoolForm | None = None,
) -> str:
    state, session = request.args.get("state", ""), db.session()
    return render_template(
        "events/seats.html",
        event=event,
        pools=queries.pools_of(session, event.id),
        counts=queries.registration_counts(session, event.id),
        page=queries.registrations_at(session, event.id, state=state, number=page_number()),
        state=state,
        states=list(RegistrationState),
        changed_id=capacity[0] if capacity else 0,
        capacity=capacity[1] if capacity else CapacityForm(formdata=None),
        refused_id=refusing[0] if refusing else 0,
        refusing=refusing[1] if refusing else ReasonForm(formdata=None),
        adding=_offering(event, adding or PoolForm(formdata=None)),
    )


def _offering(event: Event, form: PoolForm) -> PoolForm:
    """The roles that have no seats yet."""
    held = {pool.role for pool in queries.pools_of(db.session(), event.id)}
    free = {role.value: _(role.label) for role in SeatRole if role not in held}
    form.role.choices = {"": _("请选择"), **free} if free else {}
    return form


@bp.post("/events/<int:event_id>/seat-pools")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def add_pool(event: Event) -> ResponseReturnValue:
    form = PoolForm()
    with refusals_on(form):
        if form.validate() and (role := form.seat_role) is not None:
            approval = bool(form.approval.data)
            services.add_pool(event, role, form.seats.data or 0, approval=approval, actor=current_actor(), now=utcnow())
    if is_refused(form) or form.seat_role is None:
        return _seats(event, adding=form), 422
    flash(_("席位已加"), "success")
    return redirect(url_for(".seats", event_id=event.id))


@bp.post("/seat-pools/<int:pool_id>/capacity")
@requires(POLICY, Permission.ORGANIZE, load=visible_pool)
def set_capacity(pool: SeatPool) -> ResponseReturnValue:
    form = CapacityForm()
    offered: list[Registration] = []
    with refusals_on(form):
        if form.validate():
            offered = services.set_capacity(pool, form.capacity.data or 0, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _seats(pool.event, capacity=(pool.id, form)), 422
    flash(
        ngettext("席位已改，补上 %(num)s 人", "席位已改，补上 %(num)s 人", len(offered)) if offered else _("席位已改"),
        "success",
    )
    return redirect(url_for(".seats", event_id=pool.event_id))


@bp.post("/registrations/<int:registration_id>/approval")
@requires(POLICY, Permission.DECIDE, load=visible_registration)
def approve(registration: Registration) -> ResponseReturnValue:
    services.approve(registration, actor=current_actor(), now=utcnow())
    flash(_("已通过"), "success")
    return redirect(url_for(".seats", event_id=registration.event_id, state=RegistrationState.PENDING.value))


@bp.post("/registrations/<int:registration_id>/rejection")
@requires(POLICY, Permission.DECIDE, load=visible_registration)
def refuse(registration: Registration) -> ResponseReturnValue:
    form = ReasonForm()
    with refusals_on(form):
        if form.validate():
            services.refuse(registration, reason=form.reason.data or "", actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _seats(registration.event, refusing=(registration.id, form)), 422
    flash(_("已告诉对方原因"), "success")
    return redirect(url_for(".seats", event_id=registration.event_id, state=RegistrationState.PENDING.value))
