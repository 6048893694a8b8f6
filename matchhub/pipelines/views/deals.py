"""The fund's list of deals, and one deal from either side."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core import errors, ui
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.web import current_actor, file_response, is_refused, page_number, refusals_on, requires
from matchhub.introductions.models import Introduction
from matchhub.introductions.policy import Permission as IntroductionPermission
from matchhub.introductions.policy import POLICY as INTRODUCTIONS
from matchhub.introductions.queries import party_name, visible_introduction, visible_others
from matchhub.pipelines import exports, queries, services
from matchhub.pipelines.enums import DealStage, OPEN_STAGES
from matchhub.pipelines.forms import ConfirmationForm, DisputeForm, OutcomeForm, PlanForm, StageForm
from matchhub.pipelines.models import Deal, Outcome
from matchhub.pipelines.policy import Permission, POLICY
from matchhub.pipelines.queries import visible_deal
from matchhub.pipelines.views.blueprint import bp, EXPORTED, XLSX
from matchhub.pipelines.workflow import OUTCOMES, STAGES


@bp.get("/deals")
@requires(POLICY, Permission.LIST)
def deals() -> ResponseReturnValue:
    stage, sort = request.args.get("stage", ""), request.args.get("sort", "next")
    own_id = current_actor().organization_id or 0
    page = queries.deals_of_investor(db.session(), own_id, stage=stage, sort=sort, number=page_number())
    counts = queries.stage_counts(db.session(), own_id)
    return render_template(
        "pipelines/deals.html", page=page, names=names_of(page.items), counts=counts, stage=stage, sort=sort,
        stages=list(DealStage), open_count=sum(counts.get(s, 0) for s in OPEN_STAGES), today=utcnow(),
    )  # fmt: skip


@bp.get("/deals/export.xlsx")
@requires(POLICY, Permission.LIST)
def deals_export() -> ResponseReturnValue:
    own_id = current_actor().organization_id or 0
    stage = request.args.get("stage", "")
    page = queries.deals_of_investor(db.session(), own_id, stage=stage, number=1, per_page=EXPORTED)
    names = names_of(page.items)
    content = exports.deals_workbook(((deal, names[deal.id]) for deal in page.items), _)
    return file_response(content, name=f"{_('看板')}.xlsx", media_type=XLSX)


@bp.get("/introductions/<int:introduction_id>/deal")
@requires(INTRODUCTIONS, IntroductionPermission.VIEW, load=visible_introduction)
def deal_of(introduction: Introduction) -> ResponseReturnValue:
    found = queries.deals_by_introduction(db.session(), [introduction.id]).get(introduction.id)
    if found is None:
        raise errors.NotFound(N_("双方同意后才有交易"))
    return redirect(url_for(".deal", deal_id=found.id))


@bp.get("/deals/<int:deal_id>")
@requires(POLICY, Permission.VIEW, load=visible_deal)
def deal(deal: Deal) -> ResponseReturnValue:
    return page_of(deal)


@bp.post("/deals/<int:deal_id>/stage")
@requires(POLICY, Permission.MOVE, load=visible_deal)
def move(deal: Deal) -> ResponseReturnValue:
    form = stage_form()
    action, reason = form.action.data or "", form.reason.data or ""
    with refusals_on(form):
        if form.validate():
            services.move(deal, action, reason=reason, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return page_of(deal, staging=form), 422
    flash(_("已移到「%(stage)s」", stage=_(deal.stage.label)), "success")
    return redirect(url_for(".deal", deal_id=deal.id))


@bp.post("/deals/<int:deal_id>/next-step")
@requires(POLICY, Permission.PLAN, load=visible_deal)
def plan(deal: Deal) -> ResponseReturnValue:
    form = PlanForm()
    with refusals_on(form):
        if form.validate():
            services.plan(
                deal, next_step=form.next_step.data or "", next_step_on=form.next_step_on.data,
                actor=current_actor(), now=utcnow(),
            )  # fmt: skip
    if is_refused(form):
        return page_of(deal, planning=form), 422
    flash(_("已记下一步"), "success")
    return redirect(url_for(".deal", deal_id=deal.id))


def page_of(
    deal: Deal,
    *,
    staging: StageForm | None = None,
    planning: PlanForm | None = None,
    entering: OutcomeForm | None = None,
    disputing: DisputeForm | None = None,
) -> str:
    """The page of a deal, with whatever form was refused."""
    actor = current_actor()
    outcomes = queries.outcomes_of(db.session(), [deal.id])
    current = queries.current_outcome(outcomes)
    is_investor = actor.organization_id == deal.investor_id
    return render_template(
        "pipelines/deal.html",
        deal=deal,
        name=names_of([deal])[deal.id] if is_investor else ui.in_locale(deal.investor, "label"),
        is_investor=is_investor,
        moves=[row for row in STAGES.available(deal, actor) if row.action != "end"],
        may_end=STAGES.may("end", deal, actor),
        may_enter=current is None and deal.stage in OPEN_STAGES and POLICY.allows(Permission.ENTER, actor, deal),
        outcomes=outcomes,
        current=current,
        outcome_moves={row.action for row in OUTCOMES.available(current, actor)} if current else set(),
        need_is_open=services.need_is_open(current) if current else True,
        staging=staging or stage_form(empty=True),
        planning=planning or PlanForm(formdata=None, next_step=deal.next_step, next_step_on=deal.next_step_on),
        entering=entering
        or outcome_form(current if current and current.entered_by_id == actor.organization_id else None),
        disputing=disputing or DisputeForm(formdata=None),
        confirming=ConfirmationForm(formdata=None),
        steps=[*OPEN_STAGES, DealStage.FUNDED],
    )


def names_of(rows: Sequence[Deal]) -> dict[int, str]:
    """deal id → the firm's name, where it is open to the fund or a confirmed result has settled it."""
    introductions = [row.introduction for row in rows]
    seen = visible_others(db.session(), current_actor(), introductions, now=utcnow())
    return {
        row.id: str(ui.in_locale(row.enterprise, "label"))
        if row.stage is DealStage.FUNDED
        else party_name(row.introduction, row.enterprise, seen[row.introduction_id], ui.locale_code())
        for row in rows
    }


def stage_form(*, empty: bool = False) -> StageForm:
    """The form with the reasons for an end."""
    form = StageForm(formdata=None) if empty else StageForm()
    reasons = services.exit_reasons(now=utcnow())
    form.reason.choices = {"": _("请选择"), **{entry.code: entry.word(ui.locale_code()) for entry in reasons}}
    return form


def outcome_form(outcome: Outcome | None = None, *, sent: bool = False) -> OutcomeForm:
    """The form with its instruments: what was sent, what stands there to be corrected, or empty."""
    if sent:
        form = OutcomeForm()
    elif outcome is None:
        form = OutcomeForm(formdata=None)
    else:
        form = OutcomeForm(
            formdata=None, amount_wan=outcome.amount_yuan / 10_000, instrument=outcome.instrument,
            received_on=outcome.received_on, note=outcome.note, meets_need=outcome.meets_need,
        )  # fmt: skip
    entries = services.instruments(now=utcnow())
    form.instrument.choices = {entry.code: entry.word(ui.locale_code()) for entry in entries}
    return form
