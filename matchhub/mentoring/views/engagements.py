"""The list of engagements, and what is done with one."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core import errors, ui
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.web import current_actor, file_response, is_refused, page_number, refusals_on, requires, takes_away
from matchhub.introductions.models import Introduction
from matchhub.introductions.policy import Permission as IntroductionPermission
from matchhub.introductions.policy import POLICY as INTRODUCTIONS
from matchhub.introductions.queries import visible_introduction
from matchhub.mentoring import exports, queries, services
from matchhub.mentoring.enums import EngagementState, OPEN_STATES
from matchhub.mentoring.forms import GoalForm, MarkForm
from matchhub.mentoring.models import Engagement, Goal
from matchhub.mentoring.policy import Permission, POLICY
from matchhub.mentoring.queries import visible_engagement, visible_goal
from matchhub.mentoring.views.blueprint import bp, EXPORTED, XLSX
from matchhub.mentoring.views.page import end_form, names_of, page_of


@bp.get("/engagements")
@requires(POLICY, Permission.LIST)
def engagements() -> ResponseReturnValue:
    state, sort = request.args.get("state", ""), request.args.get("sort", "-opened")
    session, own_id = db.session(), current_actor().organization_id or 0
    page = queries.engagements_of(session, own_id, state=state, sort=sort, number=page_number())
    counts = queries.state_counts(session, own_id)
    return render_template(
        "mentoring/engagements.html", page=page, names=names_of(page.items), state=state, sort=sort, counts=counts,
        totals=_totals(page.items), nothing=queries.NOTHING, states=list(EngagementState),
        open_count=sum(counts.get(s, 0) for s in OPEN_STATES),
    )  # fmt: skip


@bp.get("/engagements/export.xlsx")
@requires(POLICY, Permission.LIST)
@takes_away(N_("辅导"))
def engagements_export() -> ResponseReturnValue:
    session, own_id = db.session(), current_actor().organization_id or 0
    state = request.args.get("state", "")
    rows = queries.engagements_of(session, own_id, state=state, number=1, per_page=EXPORTED).items
    names = names_of(rows)
    log = queries.sessions_of(session, [row.id for row in rows])
    content = exports.engagements_workbook(
        [(row, names[row.id]) for row in rows],
        _totals(rows),
        [(row, names[row.engagement_id]) for row in log],
        _,
        ui.word,
    )
    return file_response(content, name=f"{_('辅导')}.xlsx", media_type=XLSX)


def _totals(rows: Sequence[Engagement]) -> dict[int, queries.Totals]:
    return queries.totals_of(db.session(), [row.id for row in rows])


@bp.get("/introductions/<int:introduction_id>/engagement")
@requires(INTRODUCTIONS, IntroductionPermission.VIEW, load=visible_introduction)
def engagement_of(introduction: Introduction) -> ResponseReturnValue:
    found = queries.engagements_by_introduction(db.session(), [introduction.id]).get(introduction.id)
    if found is None:
        raise errors.NotFound(N_("双方同意后才有辅导"))
    return redirect(url_for(".engagement", engagement_id=found.id))


@bp.get("/engagements/<int:engagement_id>")
@requires(POLICY, Permission.VIEW, load=visible_engagement)
def engagement(engagement: Engagement) -> ResponseReturnValue:
    return page_of(engagement)


@bp.post("/engagements/<int:engagement_id>/pause")
@requires(POLICY, Permission.PAUSE, load=visible_engagement)
def pause(engagement: Engagement) -> ResponseReturnValue:
    services.pause(engagement, actor=current_actor(), now=utcnow())
    flash(_("已暂停，双方都可以恢复"), "success")
    return _back(engagement)


@bp.post("/engagements/<int:engagement_id>/resumption")
@requires(POLICY, Permission.PAUSE, load=visible_engagement)
def resume(engagement: Engagement) -> ResponseReturnValue:
    services.resume(engagement, actor=current_actor(), now=utcnow())
    flash(_("已恢复辅导"), "success")
    return _back(engagement)


@bp.post("/engagements/<int:engagement_id>/closure")
@requires(POLICY, Permission.END, load=visible_engagement)
def end(engagement: Engagement) -> ResponseReturnValue:
    form = end_form(sent=True)
    with refusals_on(form):
        if form.validate():
            services.end(engagement, reason=form.reason.data or "", actor=current_actor(), now=utcnow())
    if is_refused(form):
        return page_of(engagement, ending=form), 422
    flash(_("辅导已结束"), "success")
    return _back(engagement)


@bp.post("/engagements/<int:engagement_id>/goals")
@requires(POLICY, Permission.SET_GOALS, load=visible_engagement)
def add_goal(engagement: Engagement) -> ResponseReturnValue:
    form = GoalForm()
    with refusals_on(form):
        if form.validate():
            services.add_goal(engagement, form.words.data or "", actor=current_actor(), now=utcnow())
    if is_refused(form):
        return page_of(engagement, goal=form), 422
    flash(_("目标已加上"), "success")
    return _back(engagement)


@bp.post("/goals/<int:goal_id>/mark")
@requires(POLICY, Permission.SET_GOALS, load=visible_goal)
def mark_goal(goal: Goal) -> ResponseReturnValue:
    services.mark_goal(goal, reached=bool(MarkForm().reached.data), actor=current_actor(), now=utcnow())
    return redirect(url_for(".engagement", engagement_id=goal.engagement_id, _anchor="goals"))


def _back(engagement: Engagement) -> ResponseReturnValue:
    return redirect(url_for(".engagement", engagement_id=engagement.id))
