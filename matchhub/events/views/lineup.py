"""The organizer's page of the line-up: proposal, decision, swaps, order."""

from collections.abc import Iterable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from matchhub.accounts.models import Organization
from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.web import current_actor, is_refused, refusals_on, requires
from matchhub.events import queries, services
from matchhub.events.enums import AgendaKind, AHEAD_STATES, PitchState
from matchhub.events.forms.lineup import number_in, SwapForm
from matchhub.events.models import Event, Pitch, PitchApplication, PitchCall
from matchhub.events.policy import Permission, POLICY
from matchhub.events.queries import own_call, own_event, own_pitch
from matchhub.events.services import Wanted
from matchhub.events.views.blueprint import bp


@bp.get("/events/<int:event_id>/cockpit/line-up")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def line_up(event: Event) -> ResponseReturnValue:
    session, now = db.session(), utcnow()
    call = queries.call_of(session, event.id)
    pitches = queries.lineup_of(session, event.id)
    if call is None or not pitches or request.args.get("again"):
        return _proposing(event, call)
    on_stage = [pitch for pitch in pitches if pitch.state is not PitchState.RESERVE]
    applications = {row.id: row for row in queries.applications_of(session, event.id)}
    taken = {pitch.application_id for pitch in on_stage}
    return render_template(
        "events/lineup/decided.html",
        event=event,
        call=call,
        on_stage=on_stage,
        reserves=[pitch for pitch in pitches if pitch.state is PitchState.RESERVE],
        names=_names(pitch.reasons for pitch in pitches),
        carriers=_carriers(pitches),
        is_told=any(pitch.state is PitchState.CONFIRMED for pitch in pitches),
        can_change=event.is_ahead(now) and not call.is_open(now),
        can_drop=event.state in AHEAD_STATES and not call.is_open(now),
        swaps=[row for row in applications.values() if row.id not in taken],
        over=_minutes_over(event, on_stage),
    )


def _minutes_over(event: Event, on_stage: list[Pitch]) -> int:
    """By how many minutes the pitches take longer than the agenda leaves for them."""
    left = sum(item.minutes for item in event.agenda if item.kind is AgendaKind.PITCHES)
    return max(0, sum(pitch.minutes for pitch in on_stage) - left)


def _wanted() -> Wanted:
    least = number_in(request.values.get("least")) or 0
    return Wanted(_ids("fixed"), _ids("barred"), min(least, 100))


def _ids(name: str) -> frozenset[int]:
    found = (number_in(text) for text in request.values.getlist(name)[:200])
    return frozenset(identity for identity in found if identity is not None)


def _proposal(call: PitchCall, wanted: Wanted) -> services.Proposal:
    rows = queries.applications_of(db.session(), call.event_id)
    scores = queries.scores_for(db.session(), current_actor(), rows, call.criteria)
    return services.propose(call, wanted, {key: one.percent for key, one in scores.items()}, now=utcnow())


def _proposing(event: Event, call: PitchCall | None) -> str:
    if call is None:
        return render_template("events/lineup/none.html", event=event)
    session, wanted, problem = db.session(), _wanted(), ""
    try:
        made = _proposal(call, wanted)
    except errors.Invalid as error:
        made, problem = _proposal(call, Wanted(frozenset(), wanted.barred, wanted.least)), _(error.message)
    rows = made.basis.applications
    return render_template(
        "events/lineup/proposal.html",
        event=event,
        call=call,
        made=made,
        wanted=wanted,
        problem=problem,
        scores=queries.scores_for(session, current_actor(), rows, call.criteria),
        firms=queries.shown_names(session, current_actor(), call, rows),
        numbers={row.id: number for number, row in enumerate(rows, 1)},
        names=_names(reasons for _row, reasons in made.entries),
        carriers=_carriers([row for row, _reasons in made.entries]),
        is_open=call.is_open(utcnow()),
    )


def _names(reasons: Iterable[list[dict[str, Any]]]) -> dict[int, Organization]:
    """The guests that reasons name: one query."""
    ids = {guest for row in reasons for reason in row for guest in reason.get("guests", ())}
    return {row.id: row for row in db.session.scalars(select(Organization).where(Organization.id.in_(ids)))}


def _carriers(rows: Iterable[Pitch | PitchApplication]) -> dict[str, Organization]:
    """Carriers by the value that reasons hold: one query."""
    ids = {row.need.carrier_id for row in rows if row.need.carrier_id}
    return {str(row.id): row for row in db.session.scalars(select(Organization).where(Organization.id.in_(ids)))}


@bp.post("/events/<int:event_id>/line-up")
@requires(POLICY, Permission.ORGANIZE, load=own_call)
def adopt_lineup(call: PitchCall) -> ResponseReturnValue:
    services.adopt_lineup(call, _proposal(call, _wanted()), actor=current_actor(), now=utcnow())
    flash(_("已采用，公布前可以换人和调顺序"), "success")
    return redirect(url_for(".line_up", event_id=call.event_id))


@bp.post("/events/<int:event_id>/line-up/publication")
@requires(POLICY, Permission.ORGANIZE, load=own_call)
def publish_lineup(call: PitchCall) -> ResponseReturnValue:
    count = services.publish_lineup(call, actor=current_actor(), now=utcnow())
    flash(
        ngettext("已公布，%(num)s 家企业入选，结果已通知各企业", "已公布，%(num)s 家企业入选，结果已通知各企业", count),
        "success",
    )
    return redirect(url_for(".line_up", event_id=call.event_id))


@bp.post("/pitches/<int:pitch_id>/place")
@requires(POLICY, Permission.ORGANIZE, load=own_pitch)
def place_pitch(pitch: Pitch) -> ResponseReturnValue:
    position = number_in(request.form.get("position"))
    if position is None:
        raise errors.Invalid(N_("请从列表里选"), field="position")
    services.place_pitch(pitch, position, actor=current_actor(), now=utcnow())
    if pitch.state is PitchState.CONFIRMED:
        flash(_("顺序已调，时间变了的企业会收到通知"), "success")
    return redirect(url_for(".line_up", event_id=pitch.event_id, _anchor=f"pitch-{pitch.id}"))


@bp.post("/pitches/<int:pitch_id>/departure")
@requires(POLICY, Permission.ORGANIZE, load=own_pitch)
def drop_pitch(pitch: Pitch) -> ResponseReturnValue:
    stepped = services.drop_pitch(pitch, actor=current_actor(), now=utcnow())
    flash(_("已移出，候补已补上") if stepped else _("已移出，没有候补可补"), "success")
    back = ".stage" if request.form.get("back") == "stage" else ".line_up"
    return redirect(url_for(back, event_id=pitch.event_id))


def _swapped(call: PitchCall) -> tuple[Pitch, PitchApplication]:
    """Who goes and who comes, of this very event; raises NotFound."""
    out = db.session.get(Pitch, number_in(request.values.get("out")) or 0)
    into = db.session.get(PitchApplication, number_in(request.values.get("into")) or 0)
    if out is None or into is None or {out.event_id, into.event_id} != {call.event_id}:
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    return out, into


@bp.get("/events/<int:event_id>/cockpit/line-up/swap")
@requires(POLICY, Permission.ORGANIZE, load=own_call)
def weigh_swap(call: PitchCall) -> ResponseReturnValue:
    if not request.args.get("out") or not request.args.get("into"):
        return redirect(url_for(".line_up", event_id=call.event_id))
    return _weighed(call, SwapForm(formdata=None))


def _weighed(call: PitchCall, form: SwapForm) -> str:
    out, into = _swapped(call)
    weighed = services.weigh_swap(call, out, into, now=utcnow())
    is_told = out.state is PitchState.CONFIRMED
    return render_template("events/lineup/swap.html", event=call.event, swap=weighed, is_told=is_told, form=form)


@bp.post("/events/<int:event_id>/swaps")
@requires(POLICY, Permission.ORGANIZE, load=own_call)
def swap_pitches(call: PitchCall) -> ResponseReturnValue:
    form, now = SwapForm(), utcnow()
    out, into = _swapped(call)
    with refusals_on(form):
        if form.validate():
            reasons = services.explain_swap(call, out, into, now=now)
            services.swap(call, out, into, reasons, why=form.reason.data or "", actor=current_actor(), now=now)
    if is_refused(form):
        return _weighed(call, form), 422
    flash(_("已换"), "success")
    return redirect(url_for(".line_up", event_id=call.event_id))
