"""The log: writing a session down, correcting it, confirming it."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core import errors
from matchhub.core.clock import city_date, utcnow
from matchhub.core.labels import N_
from matchhub.core.web import current_actor, is_refused, refusals_on, requires
from matchhub.introductions.enums import MeetingMode
from matchhub.listings.models import MentoringNeed
from matchhub.mentoring import services
from matchhub.mentoring.enums import EngagementState, SessionState
from matchhub.mentoring.forms import DisputeForm, SeenForm, SessionForm
from matchhub.mentoring.models import Engagement, MentoringSession
from matchhub.mentoring.policy import Permission, POLICY
from matchhub.mentoring.queries import visible_engagement, visible_session
from matchhub.mentoring.services.sessions import TOPICS_AT_MOST
from matchhub.mentoring.views.blueprint import bp
from matchhub.mentoring.views.page import names_of, page_of


@bp.get("/engagements/<int:engagement_id>/mentoring-sessions/new")
@requires(POLICY, Permission.LOG, load=visible_engagement)
def new_session(engagement: Engagement) -> ResponseReturnValue:
    if engagement.state is not EngagementState.ACTIVE:
        raise errors.Conflict(N_("现在是「%(state)s」，不能记录辅导"), state=engagement.state)
    return _logging(engagement, _form_for(engagement))


@bp.post("/engagements/<int:engagement_id>/mentoring-sessions")
@requires(POLICY, Permission.LOG, load=visible_engagement)
def log_session(engagement: Engagement) -> ResponseReturnValue:
    form = SessionForm(labels=_modes())
    with refusals_on(form):
        if form.validate():
            services.log_session(engagement, form.entry, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _logging(engagement, form), 422
    flash(_("已记录，企业确认后计入小时"), "success")
    return redirect(url_for(".engagement", engagement_id=engagement.id))


@bp.get("/mentoring-sessions/<int:mentoring_session_id>")
@requires(POLICY, Permission.VIEW, load=visible_session)
def mentoring_session(mentoring_session: MentoringSession) -> ResponseReturnValue:
    return _back(mentoring_session)


@bp.get("/mentoring-sessions/<int:mentoring_session_id>/correction")
@requires(POLICY, Permission.LOG, load=visible_session)
def correction_form(mentoring_session: MentoringSession) -> ResponseReturnValue:
    if mentoring_session.state not in (SessionState.LOGGED, SessionState.DISPUTED):
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=mentoring_session.state)
    return _logging(mentoring_session.engagement, _form_of(mentoring_session), mentoring_session)


@bp.post("/mentoring-sessions/<int:mentoring_session_id>/correction")
@requires(POLICY, Permission.LOG, load=visible_session)
def amend(mentoring_session: MentoringSession) -> ResponseReturnValue:
    form = SessionForm(labels=_modes())
    with refusals_on(form):
        if form.validate():
            services.amend(mentoring_session, form.entry, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _logging(mentoring_session.engagement, form, mentoring_session), 422
    flash(_("已更正，企业会再确认一次"), "success")
    return _back(mentoring_session)


@bp.post("/mentoring-sessions/<int:mentoring_session_id>/withdrawal")
@requires(POLICY, Permission.LOG, load=visible_session)
def withdraw(mentoring_session: MentoringSession) -> ResponseReturnValue:
    services.withdraw(mentoring_session, actor=current_actor(), now=utcnow())
    flash(_("记录已撤回"), "success")
    return redirect(url_for(".engagement", engagement_id=mentoring_session.engagement_id))


@bp.post("/mentoring-sessions/<int:mentoring_session_id>/confirmation")
@requires(POLICY, Permission.CONFIRM, load=visible_session)
def confirm(mentoring_session: MentoringSession) -> ResponseReturnValue:
    services.confirm(mentoring_session, seen=SeenForm().version, actor=current_actor(), now=utcnow())
    flash(_("已确认，小时已计入"), "success")
    return _back(mentoring_session)


@bp.post("/mentoring-sessions/<int:mentoring_session_id>/dispute")
@requires(POLICY, Permission.CONFIRM, load=visible_session)
def dispute(mentoring_session: MentoringSession) -> ResponseReturnValue:
    form = DisputeForm()
    with refusals_on(form):
        if form.validate():
            services.dispute(mentoring_session, reason=form.reason.data or "", actor=current_actor(), now=utcnow())
    if is_refused(form):
        return page_of(mentoring_session.engagement, disputing=(mentoring_session.id, form)), 422
    flash(_("异议已发给导师"), "success")
    return _back(mentoring_session)


def _modes() -> list[tuple[str, str]]:
    return [(mode.value, _(mode.label)) for mode in MeetingMode]


def _form_for(engagement: Engagement) -> SessionForm:
    """Today, an hour, about what the firm asked for: most of it is filled in already."""
    need = engagement.introduction.need
    topics = need.topics[:TOPICS_AT_MOST] if isinstance(need, MentoringNeed) else []
    return SessionForm(formdata=None, labels=_modes(), held_on=city_date(utcnow()), topics=list(topics))


def _form_of(session: MentoringSession) -> SessionForm:
    return SessionForm(
        formdata=None, labels=_modes(), held_on=session.held_on, minutes=session.minutes, mode=session.mode,
        topics=session.topics, summary=session.summary, next_step=session.next_step,
    )  # fmt: skip


def _logging(engagement: Engagement, form: SessionForm, session: MentoringSession | None = None) -> str:
    return render_template(
        "mentoring/new_session.html", engagement=engagement, form=form, session=session,
        name=names_of([engagement])[engagement.id],
    )  # fmt: skip


def _back(session: MentoringSession) -> ResponseReturnValue:
    return redirect(url_for(".engagement", engagement_id=session.engagement_id, _anchor=f"session-{session.id}"))
