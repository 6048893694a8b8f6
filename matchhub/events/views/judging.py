"""The jury: the organizer's page, a member's page on the phone, the result."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.fields import tell_apart
from matchhub.core.labels import N_
from matchhub.core.ui import locale_code
from matchhub.core.web import current_actor, is_refused, refusals_on, requires
from matchhub.events import queries, services
from matchhub.events.enums import JuryState
from matchhub.events.forms import ReasonForm
from matchhub.events.forms.lineup import number_in
from matchhub.events.forms.stage import JuryForm, MemberForm, score_form, ScoreForm
from matchhub.events.models import Event, Jury, JuryMember, Pitch
from matchhub.events.policy import Permission, POLICY
from matchhub.events.queries import led_member, own_event, own_jury, own_membership, told_jury
from matchhub.events.views.blueprint import bp


@bp.get("/events/<int:event_id>/cockpit/jury")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def jury(event: Event) -> ResponseReturnValue:
    return _jury(event)


def _jury(event: Event, closing: ReasonForm | None = None) -> str:
    session = db.session()
    found = queries.jury_of(session, event.id)
    members = queries.members_of(session, found.id) if found else []
    return render_template(
        "events/jury/cockpit.html",
        event=event,
        jury=found,
        opening=JuryForm(formdata=None),
        closing=closing or ReasonForm(formdata=None),
        criteria=found.criteria if found else (event.template.content.get("pitches") or {}).get("criteria") or [],
        pitches=queries.staged(session, event.id),
        members=members,
        left=queries.handed_in(session, found) if found else {},
        candidates=queries.jury_candidates(session, event) if found else [],
    )


@bp.post("/events/<int:event_id>/jury")
@requires(POLICY, Permission.ORGANIZE, load=own_event)
def open_jury(event: Event) -> ResponseReturnValue:
    form = JuryForm()
    form.validate()
    services.open_jury(event, drop_extremes=bool(form.drop_extremes.data), actor=current_actor())
    flash(_("可以请评委了"), "success")
    return redirect(url_for(".jury", event_id=event.id))


@bp.post("/events/<int:event_id>/jury-members")
@requires(POLICY, Permission.ORGANIZE, load=own_jury)
def name_member(found: Jury) -> ResponseReturnValue:
    services.name_member(found, number_in(MemberForm().user_id.data) or 0, actor=current_actor(), now=utcnow())
    flash(_("评委已加上，会收到通知，打分页在通知和「今日」里"), "success")
    return redirect(url_for(".jury", event_id=found.event_id))


@bp.post("/jury-members/<int:member_id>/departure")
@requires(POLICY, Permission.ORGANIZE, load=led_member)
def dismiss_member(member: JuryMember) -> ResponseReturnValue:
    event_id = member.jury.event_id
    services.dismiss_member(member, actor=current_actor(), now=utcnow())
    flash(_("评委已取消，交过的分仍然算数"), "success")
    return redirect(url_for(".jury", event_id=event_id))


@bp.post("/events/<int:event_id>/jury/closing")
@requires(POLICY, Permission.ORGANIZE, load=own_jury)
def close_jury(found: Jury) -> ResponseReturnValue:
    form = ReasonForm()
    with refusals_on(form):
        if form.validate():
            services.close_jury(found, reason=form.reason.data or "", actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _jury(found.event, form), 422
    flash(_("评分已结束"), "success")
    return redirect(url_for(".jury_result", event_id=found.event_id))


@bp.get("/jury-members/<int:member_id>")
@requires(POLICY, Permission.REVIEW, load=own_membership)
def scoring(member: JuryMember) -> ResponseReturnValue:
    return _scoring(member)


def _scoring(member: JuryMember, pitch_id: int = 0, filled: ScoreForm | None = None) -> str:
    session = db.session()
    pitches = queries.staged(session, member.jury.event_id)
    scores = queries.scores_by(session, member.id)
    forms: dict[int, ScoreForm] = {}
    for pitch in pitches:
        own = scores.get(pitch.id)
        kept = {f"score_{code}": points for code, points in own.points.items()} if own else {}
        fresh = _form_of(member, formdata=None, remark=own.remark if own else "", **kept)
        forms[pitch.id] = filled if filled is not None and pitch.id == pitch_id else fresh
    tell_apart({f"pitch-{key}": form for key, form in forms.items()})
    return render_template(
        "events/jury/scoring.html",
        event=member.jury.event,
        member=member,
        pitches=pitches,
        scores=scores,
        tied=queries.tied_pitches(session, member, pitches),
        forms=forms,
        failed=pitch_id,
        is_open=member.jury.state is JuryState.SCORING,
    )


def _form_of(member: JuryMember, **kwargs: object) -> ScoreForm:
    name = "label_en" if locale_code() == "en" else "label"
    return score_form(member.jury.criteria, {item["code"]: item[name] for item in member.jury.criteria}, **kwargs)


@bp.post("/jury-members/<int:member_id>/scores")
@requires(POLICY, Permission.REVIEW, load=own_membership)
def hand_in(member: JuryMember) -> ResponseReturnValue:
    form, pitch, now = _form_of(member), _pitch(member), utcnow()
    with refusals_on(form):
        if form.validate():
            if "tied" in request.form:
                services.declare_tie(member, pitch, form.conflict.data or "", actor=current_actor(), now=now)
            else:
                points, remark = form.points(), form.remark.data or ""
                services.hand_in(member, pitch, points, remark, actor=current_actor(), now=now)
    if is_refused(form):
        return _scoring(member, pitch.id, form), 422
    flash(_("已交"), "success")
    return redirect(url_for(".scoring", member_id=member.id, _anchor=f"pitch-{pitch.id}"))


def _pitch(member: JuryMember) -> Pitch:
    chosen = request.form.get("pitch_id", "")
    pitches = queries.staged(db.session(), member.jury.event_id)
    found = next((row for row in pitches if str(row.id) == chosen), None)
    if found is None:
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    return found


@bp.get("/events/<int:event_id>/jury-result")
@requires(POLICY, Permission.VIEW, load=told_jury)
def jury_result(found: Jury) -> ResponseReturnValue:
    return render_template(
        "events/jury/result.html",
        event=found.event,
        jury=found,
        rows=queries.result_of(db.session(), found),
        may_organize=POLICY.allows(Permission.ORGANIZE, current_actor(), found),
    )
