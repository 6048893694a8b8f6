"""The columns of a fund's board: add, rename, reorder, remove."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.web import current_actor, is_refused, refusals_on, requires
from matchhub.pipelines import services
from matchhub.pipelines.enums import DealStage, OPEN_STAGES
from matchhub.pipelines.forms.boards import OwnStageForm, StageNameForm
from matchhub.pipelines.models import OwnStage
from matchhub.pipelines.policy import Permission, POLICY
from matchhub.pipelines.queries import boards
from matchhub.pipelines.views.blueprint import bp
from matchhub.pipelines.views.deals import stage_words


@bp.get("/board/stages")
@requires(POLICY, Permission.ARRANGE)
def own_stages() -> ResponseReturnValue:
    return _page()


@bp.post("/board/stages")
@requires(POLICY, Permission.ARRANGE)
def add_stage() -> ResponseReturnValue:
    form = _new_form(sent=True)
    with refusals_on(form):
        if form.validate():
            stage = DealStage(form.stage.data) if form.stage.data in set(OPEN_STAGES) else DealStage.ENDED
            services.add_stage(form.name.data or "", stage, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _page(adding=form), 422
    flash(_("已添加阶段"), "success")
    return redirect(url_for(".own_stages"))


@bp.post("/board/stages/adoption")
@requires(POLICY, Permission.ARRANGE)
def adopt_stages() -> ResponseReturnValue:
    services.adopt_stages(actor=current_actor(), now=utcnow())
    flash(_("现在可以改名、调整顺序、删除空的阶段"), "success")
    return redirect(url_for(".own_stages"))


@bp.post("/own-stages/<int:own_stage_id>/name")
@requires(POLICY, Permission.ARRANGE, load=boards.visible_own_stage)
def rename_stage(own_stage: OwnStage) -> ResponseReturnValue:
    form, own_stage_id = StageNameForm(), own_stage.id
    with refusals_on(form):
        if form.validate():
            services.rename_stage(own_stage, form.name.data or "", actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _page(renaming=(own_stage_id, form)), 422
    flash(_("已改名"), "success")
    return redirect(url_for(".own_stages"))


@bp.post("/own-stages/<int:own_stage_id>/position")
@requires(POLICY, Permission.ARRANGE, load=boards.visible_own_stage)
def reorder_stage(own_stage: OwnStage) -> ResponseReturnValue:
    step = 1 if request.form.get("to") == "back" else -1
    services.reorder_stage(own_stage, step, actor=current_actor(), now=utcnow())
    return redirect(url_for(".own_stages"))


@bp.post("/own-stages/<int:own_stage_id>/deletion")
@requires(POLICY, Permission.ARRANGE, load=boards.visible_own_stage)
def remove_stage(own_stage: OwnStage) -> ResponseReturnValue:
    services.remove_stage(own_stage, actor=current_actor(), now=utcnow())
    flash(_("阶段已删除"), "success")
    return redirect(url_for(".own_stages"))


def _page(adding: OwnStageForm | None = None, renaming: tuple[int, StageNameForm] | None = None) -> str:
    own_id, session = current_actor().organization_id or 0, db.session()
    columns = boards.columns_of(session, own_id)
    counts = boards.counts_by_column(session, own_id, columns)
    names: dict[str, Any] = {
        column.key: renaming[1]
        if renaming and column.own_stage_id == renaming[0]
        else StageNameForm(formdata=None, name=column.name, prefix="")
        for column in columns.all
    }
    return render_template(
        "pipelines/own_stages.html", columns=columns.all, counts=counts, names=names, adding=adding or _new_form(),
        refused=renaming[1] if renaming else None, stage_words=stage_words, most=services.own_stages.MOST,
    )  # fmt: skip


def _new_form(*, sent: bool = False) -> OwnStageForm:
    form = OwnStageForm() if sent else OwnStageForm(formdata=None)
    form.stage.choices = {stage.value: _(stage.label) for stage in OPEN_STAGES}
    return form
