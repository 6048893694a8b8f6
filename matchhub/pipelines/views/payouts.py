"""Reporting that a loan was paid out, and the firm's answer."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core.clock import utcnow
from matchhub.core.web import current_actor, is_refused, refusals_on, requires
from matchhub.pipelines import services
from matchhub.pipelines.forms import ConfirmationForm, DisputeForm
from matchhub.pipelines.models import CreditCase, Outcome
from matchhub.pipelines.policy import Permission, POLICY
from matchhub.pipelines.queries import visible_case, visible_payout
from matchhub.pipelines.views.blueprint import bp
from matchhub.pipelines.views.case_page import page_of, payout_form
from matchhub.pipelines.views.cases import name_of


@bp.post("/credit-cases/<int:case_id>/payout")
@requires(POLICY, Permission.REPORT_PAYOUT, load=visible_case)
def report_payout(case: CreditCase) -> ResponseReturnValue:
    form = payout_form(case, sent=True)
    with refusals_on(form):
        if form.validate():
            services.report_payout(case, form.result, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return page_of(case, name=name_of(case), paying=form), 422
    flash(_("放款已登记，等企业确认"), "success")
    return _back(case)


@bp.post("/payouts/<int:payout_id>/correction")
@requires(POLICY, Permission.CORRECT, load=visible_payout)
def correct_payout(outcome: Outcome) -> ResponseReturnValue:
    case = case_behind(outcome)
    form = payout_form(case, sent=True)
    with refusals_on(form):
        if form.validate():
            services.correct(outcome, form.result, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return page_of(case, name=name_of(case), paying=form), 422
    flash(_("放款已更正，等企业确认"), "success")
    return _back(case)


@bp.post("/payouts/<int:payout_id>/confirmation")
@requires(POLICY, Permission.CONFIRM, load=visible_payout)
def confirm_payout(outcome: Outcome) -> ResponseReturnValue:
    meets_need = bool(ConfirmationForm().meets_need.data)
    services.confirm(outcome, meets_need=meets_need, actor=current_actor(), now=utcnow())
    flash(_("放款已确认，计入成效"), "success")
    return _back(case_behind(outcome))


@bp.post("/payouts/<int:payout_id>/dispute")
@requires(POLICY, Permission.CONFIRM, load=visible_payout)
def dispute_payout(outcome: Outcome) -> ResponseReturnValue:
    form, case = DisputeForm(), case_behind(outcome)
    with refusals_on(form):
        if form.validate():
            services.dispute(outcome, reason=form.reason.data or "", actor=current_actor(), now=utcnow())
    if is_refused(form):
        return page_of(case, name=name_of(case), disputing=form), 422
    flash(_("异议已发给银行"), "success")
    return _back(case)


def case_behind(outcome: Outcome) -> CreditCase:
    """The loan that a payout is about; the database keeps that there is one."""
    if outcome.case is None:
        raise LookupError(f"payout {outcome.id} without a case")
    return outcome.case


def _back(case: CreditCase) -> ResponseReturnValue:
    return redirect(url_for(".case", case_id=case.id))
