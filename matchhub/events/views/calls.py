"""The organizer's page of a call: opening it, who applies, who reviews, what they say."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.web import current_actor, is_refused, refusals_on, requires
from matchhub.events import queries, services
from matchhub.events.enums import AgendaKind
from matchhub.events.forms.lineup import CallForm, number_in, ReviewerForm
from matchhub.events.models import Event, PitchCall, PitchReviewer
from matchhub.events.policy import Permission, POLICY
from matchhub.events.queries import named_reviewer, own_call, own_event
from matchhub.events.views.blueprint import bp


@bp.get("/events/<int:event_id>/cockpit/call")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def call(event: Event) -> ResponseReturnValue:
    return _call(event)


def _call(event: Event, form: CallForm | None = None, reviewer: ReviewerForm | None = None) -> str:
    session, now = db.session(), utcnow()
    found = queries.call_of(session, event.id)
    if found is None:
        has_place = any(item.kind is AgendaKind.PITCHES for item in event.agenda)
        form = form or CallForm.before(event, now=now)
        return render_template("events/call/open.html", event=event, form=form, has_place=has_place)
    return render_template(
        "events/call/call.html",
        event=event,
        call=found,
        form=form or CallForm.of(found),
        reviewer=reviewer or ReviewerForm(formdata=None),
        candidates=queries.reviewer_candidates(session, event),
        is_open=found.is_open(now),
        **applications_shown(event, found),
    )


def applications_shown(event: Event, found: PitchCall) -> dict[str, Any]:
    """Who applied with what reviewers say, as far as the actor may read it."""
    session, actor = db.session(), current_actor()
    rows = queries.applications_of(session, event.id)
    return {
        "applications": rows,
        "scores": queries.scores_for(session, actor, rows, found.criteria),
        "names": queries.shown_names(session, actor, found, rows),
        "tied": queries.ties_of(session, actor.user_id, rows),
        "progress": queries.progress_of(session, event.id, rows),
    }


@bp.post("/events/<int:event_id>/call")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def open_call(event: Event) -> ResponseReturnValue:
    form = CallForm()
    with refusals_on(form):
        if form.validate():
            services.open_call(event, form.facts(event, ()), actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _call(event, form), 422
    flash(_("已开始征集，企业可以申请了"), "success")
    return redirect(url_for(".call", event_id=event.id))


@bp.post("/events/<int:event_id>/call/rules")
@requires(POLICY, Permission.ORGANIZE, load=own_call)
def change_call(found: PitchCall) -> ResponseReturnValue:
    form = CallForm()
    with refusals_on(form):
        if form.validate():
            facts = form.facts(found.event, found.criteria)
            services.change_call(found, facts, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _call(found.event, form), 422
    flash(_("已保存"), "success")
    return redirect(url_for(".call", event_id=found.event_id))


@bp.post("/events/<int:event_id>/call/closure")
@requires(POLICY, Permission.ORGANIZE, load=own_call)
def close_call(found: PitchCall) -> ResponseReturnValue:
    services.close_call(found, actor=current_actor(), now=utcnow())
    flash(_("征集已截止"), "success")
    return redirect(url_for(".call", event_id=found.event_id))


@bp.post("/events/<int:event_id>/reviewers")
@requires(POLICY, Permission.ORGANIZE, load=own_call)
def name_reviewer(found: PitchCall) -> ResponseReturnValue:
    form = ReviewerForm()
    with refusals_on(form):
        if form.validate():
            chosen = number_in(form.reviewer.data)
            services.name_reviewer(found.event, chosen, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _call(found.event, reviewer=form), 422
    flash(_("已请对方评审"), "success")
    return redirect(url_for(".call", event_id=found.event_id, _anchor="reviewers"))


@bp.post("/pitch-reviewers/<int:reviewer_id>/dismissal")
@requires(POLICY, Permission.ORGANIZE, load=named_reviewer)
def dismiss_reviewer(reviewer: PitchReviewer) -> ResponseReturnValue:
    event_id = reviewer.event_id
    services.dismiss_reviewer(reviewer, actor=current_actor())
    flash(_("已不再请对方评审，已交的评分保留"), "success")
    return redirect(url_for(".call", event_id=event_id, _anchor="reviewers"))
