"""Reporting an organization, the city's queue of reports, and whom an organization has blocked."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.accounts.models import Organization
from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.web import current_actor, is_refused, page_number, refusals_on, requires, row_id
from matchhub.profiles import queries, services
from matchhub.profiles.enums import ComplaintState
from matchhub.profiles.forms.small import ComplaintAnswerForm, ComplaintForm
from matchhub.profiles.models import Complaint, OrganizationRelation
from matchhub.profiles.policy import Permission, POLICY
from matchhub.profiles.views.blueprint import bp


@bp.get("/complaints")
@requires(POLICY, Permission.SEE_COMPLAINTS)
def complaints() -> ResponseReturnValue:
    actor, state = current_actor(), request.args.get("state", "")
    page = queries.complaints(actor, state=state, number=page_number())
    return render_template(
        "profiles/complaints.html", page=page, state=state, states=list(ComplaintState),
        is_desk=POLICY.allows(Permission.ANSWER_COMPLAINT, actor),
    )  # fmt: skip


@bp.get("/complaints/new")
@requires(POLICY, Permission.COMPLAIN)
def new_complaint() -> ResponseReturnValue:
    about = _named_in(request.args.get("about"))
    form = ComplaintForm(about_id=str(about.id))
    return render_template("profiles/complaint_form.html", form=form, about=about)


@bp.post("/complaints")
@requires(POLICY, Permission.COMPLAIN)
def complain() -> ResponseReturnValue:
    form, about = ComplaintForm(), _named_in(request.form.get("about_id"))
    if form.validate():
        with refusals_on(form):
            services.complain(
                about, reason=form.reason.data or "", text=form.text.data or "", actor=current_actor(), now=utcnow()
            )
    if is_refused(form):
        return render_template("profiles/complaint_form.html", form=form, about=about), 422
    flash(_("投诉已提交，有答复会通知你"), "success")
    return redirect(url_for(".complaints"))


@bp.get("/complaints/<int:complaint_id>")
@requires(POLICY, Permission.SEE_COMPLAINTS, load=queries.visible_complaint)
def complaint(complaint: Complaint) -> ResponseReturnValue:
    return render_template("profiles/complaint.html", **_shown(complaint, ComplaintAnswerForm()))


@bp.post("/complaints/<int:complaint_id>/answer")
@requires(POLICY, Permission.ANSWER_COMPLAINT, load=queries.visible_complaint)
def answer_complaint(complaint: Complaint) -> ResponseReturnValue:
    form = ComplaintAnswerForm()
    if form.validate():
        with refusals_on(form):
            services.answer_complaint(complaint, answer=form.answer.data or "", actor=current_actor(), now=utcnow())
    if is_refused(form):
        return render_template("profiles/complaint.html", **_shown(complaint, form)), 422
    flash(_("已答复"), "success")
    return redirect(url_for(".complaints", state=ComplaintState.OPEN.value))


def _shown(complaint: Complaint, form: ComplaintAnswerForm) -> dict[str, Any]:
    may_answer = POLICY.allows(Permission.ANSWER_COMPLAINT, current_actor(), complaint)
    return {
        "complaint": complaint,
        "form": form,
        "may_answer": may_answer and complaint.state is ComplaintState.OPEN,
        "is_desk": may_answer,
    }


def _named_in(typed: str | None) -> Organization:
    """The organization that an address or a form names. Raises NotFound."""
    try:
        found = queries.reportable(db.session(), row_id(typed))
    except (TypeError, ValueError):
        found = None
    if found is None:
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    return found


@bp.get("/blocks")
@requires(POLICY, Permission.SEE_BLOCKS)
def blocks() -> ResponseReturnValue:
    return render_template(
        "profiles/blocks.html",
        rows=queries.blocks(current_actor()),
        may_edit=POLICY.allows(Permission.BLOCK, current_actor()),
    )


@bp.post("/blocks")
@requires(POLICY, Permission.BLOCK)
def block() -> ResponseReturnValue:
    services.block(_named_in(request.form.get("organization_id")), actor=current_actor(), now=utcnow())
    flash(_("已屏蔽，你的列表里不再出现这家机构，双方也不能申请对接"), "success")
    return redirect(url_for(".blocks"))


@bp.post("/blocks/<int:relation_id>/removal")
@requires(POLICY, Permission.UNBLOCK, load=queries.own_block)
def unblock(relation: OrganizationRelation) -> ResponseReturnValue:
    services.unblock(relation, actor=current_actor(), now=utcnow())
    flash(_("已取消屏蔽"), "success")
    return redirect(url_for(".blocks"))
