"""What came of an engagement: entering it and answering it."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.web import current_actor, is_refused, refusals_on, requires
from matchhub.mentoring import queries, services
from matchhub.mentoring.forms import AnswerForm, DisputeForm, ResultForm
from matchhub.mentoring.models import Engagement
from matchhub.mentoring.policy import Permission, POLICY
from matchhub.mentoring.queries import visible_engagement
from matchhub.mentoring.views.blueprint import bp
from matchhub.mentoring.views.page import page_of
from matchhub.pipelines import services as pipelines
from matchhub.pipelines.models import Outcome
from matchhub.pipelines.policy import Permission as OutcomePermission
from matchhub.pipelines.policy import POLICY as OUTCOMES
from matchhub.pipelines.queries import visible_result


@bp.post("/engagements/<int:engagement_id>/result")
@requires(POLICY, Permission.REPORT, load=visible_engagement)
def enter_result(engagement: Engagement) -> ResponseReturnValue:
    form = ResultForm()
    with refusals_on(form):
        if form.validate():
            services.enter_result(
                engagement, form.words.data or "", meets_need=bool(form.meets_need.data), actor=current_actor(),
                now=utcnow(),
            )  # fmt: skip
    if is_refused(form):
        return page_of(engagement, result=form), 422
    flash(_("结果已写下，等对方确认"), "success")
    return _back(engagement)


@bp.post("/mentoring-results/<int:result_id>/correction")
@requires(OUTCOMES, OutcomePermission.CORRECT, load=visible_result)
def correct_result(outcome: Outcome) -> ResponseReturnValue:
    form, engagement = ResultForm(), engagement_of(outcome)
    with refusals_on(form):
        if form.validate():
            services.correct_result(
                outcome, engagement, form.words.data or "", meets_need=bool(form.meets_need.data),
                actor=current_actor(), now=utcnow(),
            )  # fmt: skip
    if is_refused(form):
        return page_of(engagement, result=form), 422
    flash(_("结果已更正，等对方确认"), "success")
    return _back(engagement)


@bp.post("/mentoring-results/<int:result_id>/confirmation")
@requires(OUTCOMES, OutcomePermission.CONFIRM, load=visible_result)
def confirm_result(outcome: Outcome) -> ResponseReturnValue:
    meets_need = bool(AnswerForm().meets_need.data)
    pipelines.confirm(outcome, meets_need=meets_need, actor=current_actor(), now=utcnow())
    flash(_("结果已确认，计入成效"), "success")
    return _back(engagement_of(outcome))


@bp.post("/mentoring-results/<int:result_id>/dispute")
@requires(OUTCOMES, OutcomePermission.CONFIRM, load=visible_result)
def dispute_result(outcome: Outcome) -> ResponseReturnValue:
    form = DisputeForm()
    with refusals_on(form):
        if form.validate():
            pipelines.dispute(outcome, reason=form.reason.data or "", actor=current_actor(), now=utcnow())
    if is_refused(form):
        return page_of(engagement_of(outcome), contesting=form), 422
    flash(_("异议已发给对方，可重新录入"), "success")
    return _back(engagement_of(outcome))


def engagement_of(outcome: Outcome) -> Engagement:
    """The engagement that an outcome is about."""
    found = queries.engagements_by_introduction(db.session(), [outcome.introduction_id])
    return found[outcome.introduction_id]


def _back(engagement: Engagement) -> ResponseReturnValue:
    return redirect(url_for(".engagement", engagement_id=engagement.id, _anchor="result"))
