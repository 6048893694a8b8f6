"""The bank's list of loans, and one loan from either side."""

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
from matchhub.introductions.queries import party_name, visible_introduction, visible_others
from matchhub.pipelines import exports, queries, services
from matchhub.pipelines.enums import CaseStage, OPEN_CASE_STAGES
from matchhub.pipelines.forms.cases import CaseMoveForm, CaseNoteForm, DocumentsForm, GrantForm, ReturnForm
from matchhub.pipelines.models import CreditCase
from matchhub.pipelines.policy import Permission, POLICY
from matchhub.pipelines.queries import visible_case
from matchhub.pipelines.views.blueprint import bp, EXPORTED, XLSX
from matchhub.pipelines.views.case_page import documents_form, page_of, refusal_form


@bp.get("/credit-cases")
@requires(POLICY, Permission.LIST_CASES)
def cases() -> ResponseReturnValue:
    stage, sort = request.args.get("stage", ""), request.args.get("sort", "changed")
    own_id = current_actor().organization_id or 0
    page = queries.cases_of_bank(db.session(), own_id, stage=stage, sort=sort, number=page_number())
    counts = queries.case_counts(db.session(), own_id)
    return render_template(
        "pipelines/cases.html", page=page, names=names_of(page.items), counts=counts, stage=stage, sort=sort,
        stages=list(CaseStage), open_count=sum(counts.get(s, 0) for s in OPEN_CASE_STAGES),
    )  # fmt: skip


@bp.get("/credit-cases/export.xlsx")
@requires(POLICY, Permission.LIST_CASES)
@takes_away(N_("案件"))
def cases_export() -> ResponseReturnValue:
    own_id, stage = current_actor().organization_id or 0, request.args.get("stage", "")
    page = queries.cases_of_bank(db.session(), own_id, stage=stage, number=1, per_page=EXPORTED)
    names = names_of(page.items)
    content = exports.cases_workbook(((case, names[case.id]) for case in page.items), _, ui.word)
    return file_response(content, name=f"{_('案件')}.xlsx", media_type=XLSX)


def names_of(rows: Sequence[CreditCase]) -> dict[int, str]:
    """case id → the firm's name, where it is open to the bank or a confirmed payout has settled it."""
    seen = visible_others(db.session(), current_actor(), [row.introduction for row in rows], now=utcnow())
    found = {}
    for row in rows:
        if row.stage is CaseStage.DISBURSED:
            found[row.id] = str(ui.in_locale(row.enterprise, "label"))
        else:
            name = party_name(row.introduction, row.enterprise, seen[row.introduction_id], ui.locale_code())
            found[row.id] = ui.shown_code(name) or ""
    return found


@bp.get("/introductions/<int:introduction_id>/credit-case")
@requires(INTRODUCTIONS, IntroductionPermission.VIEW, load=visible_introduction)
def case_of(introduction: Introduction) -> ResponseReturnValue:
    found = queries.cases_by_introduction(db.session(), [introduction.id]).get(introduction.id)
    if found is None:
        raise errors.NotFound(N_("双方同意后才有案件"))
    return redirect(url_for(".case", case_id=found.id))


@bp.get("/credit-cases/<int:case_id>")
@requires(POLICY, Permission.VIEW_CASE, load=visible_case)
def case(case: CreditCase) -> ResponseReturnValue:
    return page_of(case, name=name_of(case))


@bp.post("/credit-cases/<int:case_id>/stage")
@requires(POLICY, Permission.MOVE_CASE, load=visible_case)
def move_case(case: CreditCase) -> ResponseReturnValue:
    form = CaseMoveForm()
    with refusals_on(form):
        services.move_case(case, form.action.data or "", actor=current_actor(), now=utcnow())
    if is_refused(form):
        return page_of(case, name=name_of(case), moving=form), 422
    flash(_("已移到「%(stage)s」", stage=_(case.stage.label)), "success")
    return _back(case)


@bp.post("/credit-cases/<int:case_id>/approval")
@requires(POLICY, Permission.MOVE_CASE, load=visible_case)
def grant(case: CreditCase) -> ResponseReturnValue:
    form = GrantForm()
    with refusals_on(form):
        if form.validate():
            services.grant(
                case, amount_yuan=form.amount_yuan.data or 0, rate_bp=form.rate.data or 0, actor=current_actor(),
                now=utcnow(),
            )  # fmt: skip
    if is_refused(form):
        return page_of(case, name=name_of(case), granting=form), 422
    flash(_("批复已录入，企业看得到金额和利率"), "success")
    return _back(case)


@bp.post("/credit-cases/<int:case_id>/return")
@requires(POLICY, Permission.MOVE_CASE, load=visible_case)
def return_case(case: CreditCase) -> ResponseReturnValue:
    form = ReturnForm()
    with refusals_on(form):
        if form.validate():
            services.return_case(case, words=form.reason.data or "", actor=current_actor(), now=utcnow())
    if is_refused(form):
        return page_of(case, name=name_of(case), returning=form), 422
    flash(_("已退回，企业会收到你写的说明"), "success")
    return _back(case)


@bp.post("/credit-cases/<int:case_id>/refusal")
@requires(POLICY, Permission.MOVE_CASE, load=visible_case)
def refuse_case(case: CreditCase) -> ResponseReturnValue:
    form = refusal_form(sent=True)
    with refusals_on(form):
        if form.validate():
            services.refuse(
                case, reason=form.refusal.data or "", words=form.words.data or "", actor=current_actor(), now=utcnow()
            )
    if is_refused(form):
        return page_of(case, name=name_of(case), refusing=form), 422
    flash(_("已记为未获批，企业会看到原因和建议"), "success")
    return _back(case)


@bp.post("/credit-cases/<int:case_id>/withdrawal")
@requires(POLICY, Permission.WITHDRAW_CASE, load=visible_case)
def withdraw_case(case: CreditCase) -> ResponseReturnValue:
    services.withdraw_case(case, actor=current_actor(), now=utcnow())
    flash(_("贷款申请已撤回"), "success")
    return _back(case)


@bp.post("/credit-cases/<int:case_id>/documents")
@requires(POLICY, Permission.MOVE_CASE, load=visible_case)
def tick_documents(case: CreditCase) -> ResponseReturnValue:
    form: DocumentsForm = documents_form(case, sent=True)
    with refusals_on(form):
        if form.validate():
            services.tick_documents(case, form.received.data or [], actor=current_actor(), now=utcnow())
    if is_refused(form):
        return page_of(case, name=name_of(case), ticking=form), 422
    flash(_("材料清单已更新"), "success")
    return _back(case)


@bp.post("/credit-cases/<int:case_id>/notes")
@requires(POLICY, Permission.NOTE_CASE, load=visible_case)
def note_case(case: CreditCase) -> ResponseReturnValue:
    form = CaseNoteForm()
    with refusals_on(form):
        if form.validate():
            services.note_case(case, form.note.data or "", actor=current_actor(), now=utcnow())
    if is_refused(form):
        return page_of(case, name=name_of(case), noting=form), 422
    flash(_("备注已记下"), "success")
    return _back(case)


def name_of(case: CreditCase) -> str:
    """The other side."""
    if current_actor().organization_id == case.bank_id:
        return names_of([case])[case.id]
    return str(ui.in_locale(case.bank, "label"))


def _back(case: CreditCase) -> ResponseReturnValue:
    return redirect(url_for(".case", case_id=case.id))
