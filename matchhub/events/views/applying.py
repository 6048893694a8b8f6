"""A firm applies to pitch, its carrier recommends it, either reads what became of it."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core import errors, ui
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.web import current_actor, is_refused, refusals_on, requires
from matchhub.disclosure.queries import visible_of
from matchhub.events import queries, services
from matchhub.events.enums import ApplicationState, PitchState
from matchhub.events.forms.lineup import ApplyForm, NamingForm, number_in, RecommendForm
from matchhub.events.models import Pitch, PitchApplication, PitchCall
from matchhub.events.policy import Permission, POLICY
from matchhub.events.queries import called_event, pitch_of_firm, readable_application
from matchhub.events.views.blueprint import bp
from matchhub.events.workflow import APPLICATIONS
from matchhub.introductions.views import screen
from matchhub.listings.models import Need
from matchhub.listings.queries import sheet
from matchhub.listings.views.blueprint import rows_of
from matchhub.profiles.queries import profile_of, subject_of

TOLD = (PitchState.CONFIRMED, PitchState.PRESENTED)


@bp.get("/events/<int:event_id>/applications/new")
@requires(POLICY, Permission.APPLY, load=called_event)
def new_application(call: PitchCall) -> ResponseReturnValue:
    own = queries.application_of(db.session(), call.event_id, current_actor().organization_id)
    if own is not None and own.state is not ApplicationState.RECOMMENDED:
        return redirect(url_for(".application", application_id=own.id))
    if not call.is_open(utcnow()):
        raise errors.Conflict(N_("征集已经截止"))
    words = own.words if own is not None else ""
    form = ApplyForm(formdata=None, need=str(own.need_id) if own is not None else "", words=words)
    form.need.data = request.args.get("need") or form.need.data
    return _applying(call, form, recommended=own)


def _applying(call: PitchCall, form: ApplyForm, *, recommended: PitchApplication | None = None) -> str:
    needs = queries.needs_to_pitch(db.session(), current_actor().organization_id)
    chosen = next((need for need in needs if need.id == number_in(form.need.data)), needs[0] if needs else None)
    shown = None
    if chosen is not None:
        form.need.data = str(chosen.id)
        shown = _screen(call, form, chosen)
    return render_template(
        "events/call/apply.html", event=call.event, call=call, form=form, needs=needs, chosen=chosen, screen=shown,
        recommended=recommended,
    )  # fmt: skip


def _screen(call: PitchCall, form: ApplyForm, need: Need) -> screen.Screen:
    name = ui.in_locale(call.event.host, "label")
    return screen.build(form, own_id=need.organization_id, need=need, other_name=name, now=utcnow())


@bp.post("/events/<int:event_id>/applications")
@requires(POLICY, Permission.APPLY, load=called_event)
def apply(call: PitchCall) -> ResponseReturnValue:
    form, made = ApplyForm(), None
    with refusals_on(form):
        if form.validate():
            need_id, words = number_in(form.need.data), form.words.data or ""
            made = services.apply(call, need_id, form.choice, words, actor=current_actor(), now=utcnow())
    if made is None or is_refused(form):
        return _applying(call, form), 422
    flash(_("已申请，结果会通知你"), "success")
    return redirect(url_for(".application", application_id=made.id))


@bp.get("/pitch-applications/<int:application_id>")
@requires(POLICY, Permission.SEE_APPLICATION, load=readable_application)
def application(row: PitchApplication) -> ResponseReturnValue:
    return _application(row)


def _application(row: PitchApplication, naming: NamingForm | None = None) -> str:
    actor, session, now = current_actor(), db.session(), utcnow()
    is_firm, is_host = actor.organization_id == row.organization_id, actor.organization_id == row.event.host_id
    pitch = queries.pitch_for(session, row.id)
    return render_template(
        "events/call/application.html",
        application=row,
        pitch=pitch if is_firm and pitch is not None and pitch.state in TOLD else None,
        naming=naming or NamingForm(formdata=None, line=row.need.teaser, line_en=row.need.teaser_en),
        event=row.event,
        call=queries.call_of(session, row.event_id),
        is_firm=is_firm,
        is_host=is_host,
        may_withdraw=APPLICATIONS.may("withdraw", row, actor) and row.event.is_ahead(now),
        may_speak=POLICY.allows(Permission.SPEAK_FOR_FIRM, actor, row),
        finds_event=queries.visible_event(actor, row.event_id) is not None,
        rows=_sheet(row) if is_firm or is_host else [],
    )


def _sheet(row: PitchApplication) -> list[tuple[str, Any]]:
    """The need as the reader may see it, by what the firm has opened."""
    session, actor = db.session(), current_actor()
    profile = profile_of(session, row.organization_id)
    visible = visible_of(session, actor, subject_of(row.organization, profile), now=utcnow())
    return rows_of(sheet(row.need, visible, profile=profile))


@bp.post("/pitches/<int:pitch_id>/naming")
@requires(POLICY, Permission.SPEAK_FOR_FIRM, load=pitch_of_firm)
def name_firm(pitch: Pitch) -> ResponseReturnValue:
    form = NamingForm()
    with refusals_on(form):
        if form.validate():
            line, english = form.line.data or "", form.line_en.data or ""
            services.name_firm(pitch, line, english, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _application(_application_of(pitch), form), 422
    flash(_("已同意，活动页公布项目时会写上你的名称"), "success")
    return redirect(url_for(".application", application_id=pitch.application_id))


def _application_of(pitch: Pitch) -> PitchApplication:
    found = queries.visible_application(current_actor(), pitch.application_id or 0)
    if found is None:
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    return found


@bp.post("/pitches/<int:pitch_id>/naming-withdrawal")
@requires(POLICY, Permission.SPEAK_FOR_FIRM, load=pitch_of_firm)
def unname_firm(pitch: Pitch) -> ResponseReturnValue:
    services.unname_firm(pitch, actor=current_actor())
    flash(_("已收回，活动页不再写你的名称"), "success")
    return redirect(url_for(".application", application_id=pitch.application_id))


@bp.post("/pitch-applications/<int:application_id>/withdrawal")
@requires(POLICY, Permission.WITHDRAW_APPLICATION, load=readable_application)
def withdraw_application(row: PitchApplication) -> ResponseReturnValue:
    services.withdraw_application(row, actor=current_actor(), now=utcnow())
    flash(_("已撤回，开放给主办方的信息也收回了"), "success")
    return redirect(url_for(".application", application_id=row.id))


@bp.get("/pitch-applications")
@requires(POLICY, Permission.APPLY)
def own_applications() -> ResponseReturnValue:
    rows = queries.applications_of_firm(db.session(), current_actor().organization_id or 0)
    return render_template("events/call/own.html", rows=rows)


@bp.get("/events/<int:event_id>/recommendations/new")
@requires(POLICY, Permission.RECOMMEND, load=called_event)
def new_recommendation(call: PitchCall) -> ResponseReturnValue:
    return _recommending(call, RecommendForm(formdata=None))


def _recommending(call: PitchCall, form: RecommendForm) -> str:
    session, own_id = db.session(), current_actor().organization_id
    needs = queries.needs_to_recommend(session, own_id, call.event_id)
    form.need.choices = {
        str(need.id): f"{ui.in_locale(need.organization, 'label')} · {ui.in_locale(need, 'teaser')}" for need in needs
    }
    return render_template(
        "events/call/recommend.html", event=call.event, call=call, form=form, needs=needs,
        made=queries.recommended_by(session, own_id, call.event_id), is_open=call.is_open(utcnow()),
    )  # fmt: skip


@bp.post("/events/<int:event_id>/recommendations")
@requires(POLICY, Permission.RECOMMEND, load=called_event)
def recommend(call: PitchCall) -> ResponseReturnValue:
    form = RecommendForm()
    with refusals_on(form):
        if form.validate():
            need_id, words = number_in(form.need.data), form.words.data or ""
            services.recommend(call, need_id, words, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _recommending(call, form), 422
    flash(_("已请企业确认，企业同意后主办方才会看到"), "success")
    return redirect(url_for(".new_recommendation", event_id=call.event_id))
