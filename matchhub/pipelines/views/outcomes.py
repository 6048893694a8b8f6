"""Entering a result and answering it."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core.clock import utcnow
from matchhub.core.web import current_actor, is_refused, refusals_on, requires
from matchhub.pipelines import services
from matchhub.pipelines.forms import ConfirmationForm, DisputeForm
from matchhub.pipelines.models import Deal, Outcome
from matchhub.pipelines.policy import Permission, POLICY
from matchhub.pipelines.queries import visible_deal, visible_outcome
from matchhub.pipelines.views.blueprint import bp
from matchhub.pipelines.views.deals import done, outcome_form, page_of


@bp.post("/deals/<int:deal_id>/outcome")
@requires(POLICY, Permission.ENTER, load=visible_deal)
def enter(deal: Deal) -> ResponseReturnValue:
    form = outcome_form(deal, sent=True)
    with refusals_on(form):
        if form.validate():
            services.enter(deal, form.result, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return page_of(deal, entering=form), 422
    flash(_("结果已录入，等对方确认"), "success")
    return done(deal)


@bp.post("/outcomes/<int:outcome_id>/correction")
@requires(POLICY, Permission.CORRECT, load=visible_outcome)
def correct(outcome: Outcome) -> ResponseReturnValue:
    deal = _deal(outcome)
    form = outcome_form(deal, sent=True)
    with refusals_on(form):
        if form.validate():
            services.correct(outcome, form.result, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return page_of(deal, entering=form), 422
    flash(_("结果已更正，等对方确认"), "success")
    return done(deal)


@bp.post("/outcomes/<int:outcome_id>/confirmation")
@requires(POLICY, Permission.CONFIRM, load=visible_outcome)
def confirm(outcome: Outcome) -> ResponseReturnValue:
    form = ConfirmationForm()
    services.confirm(outcome, meets_need=bool(form.meets_need.data), actor=current_actor(), now=utcnow())
    flash(_("结果已确认，计入成效"), "success")
    return redirect(url_for(".deal", deal_id=outcome.deal_id))


@bp.post("/outcomes/<int:outcome_id>/dispute")
@requires(POLICY, Permission.CONFIRM, load=visible_outcome)
def dispute(outcome: Outcome) -> ResponseReturnValue:
    form = DisputeForm()
    with refusals_on(form):
        if form.validate():
            services.dispute(outcome, reason=form.reason.data or "", actor=current_actor(), now=utcnow())
    if is_refused(form):
        return page_of(_deal(outcome), disputing=form), 422
    flash(_("异议已发给对方，可重新录入"), "success")
    return redirect(url_for(".deal", deal_id=outcome.deal_id))


def _deal(outcome: Outcome) -> Deal:
    """The deal that it came of: a CHECK of the database keeps one with every outcome of equity."""
    if outcome.deal is None:
        raise LookupError(outcome.id)
    return outcome.deal
