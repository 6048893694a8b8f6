"""Firms in carriers: asking, answering, incubating, graduating, leaving."""

from collections.abc import Callable
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.ui import in_locale, locale_code
from matchhub.core.uploads import KINDS
from matchhub.core.web import current_actor, file_response, is_refused, page_number, refusals_on, requires, takes_away
from matchhub.profiles import queries, services
from matchhub.profiles.enums import OPEN_RESIDENCY, ResidencyStatus
from matchhub.profiles.exports import residency_sheet
from matchhub.profiles.forms.small import AnswerForm, ApplicationForm, ClaimInvitationForm
from matchhub.profiles.models import Profile, Residency
from matchhub.profiles.policy import Permission, POLICY
from matchhub.profiles.queries.directory import EXPORTED
from matchhub.profiles.views.blueprint import bp
from matchhub.profiles.workflow import RESIDENCIES
from matchhub.settings import Settings


@bp.get("/residencies")
@requires(POLICY, Permission.SEE_RESIDENCIES)
def residencies() -> ResponseReturnValue:
    return render_template("profiles/residencies.html", **_page())


@bp.get("/residencies/export.xlsx")
@requires(POLICY, Permission.SEE_RESIDENCIES)
@takes_away(N_("企业入驻"))
def export_residencies() -> ResponseReturnValue:
    page = queries.residencies(current_actor(), status=_asked_status(), per_page=EXPORTED)
    content = residency_sheet(page.items, locale=locale_code(), translate=lambda text: str(_(text)))
    return file_response(content, name=f"{_('企业入驻')}.xlsx", media_type=KINDS["xlsx"])


def _asked_status() -> ResidencyStatus | None:
    code = request.args.get("status", "")
    return next((state for state in ResidencyStatus if state.value == code), None)


def _page(form: ApplicationForm | None = None) -> dict[str, Any]:
    actor, status = current_actor(), _asked_status()
    may_apply = POLICY.allows(Permission.APPLY, actor)
    choices = {str(o.id): in_locale(o, "label") for o in queries.carriers_to_choose(db.session())} if may_apply else {}
    form = form or ApplicationForm(formdata=None)
    form.carrier_id.choices = choices
    page = queries.residencies(actor, status=status, number=page_number())
    return {
        "page": page,
        "status": status,
        "statuses": list(ResidencyStatus),
        "form": form if may_apply and choices else None,
        "may_keep_roster": POLICY.allows(Permission.KEEP_ROSTER, actor),
        "actions": {row.id: RESIDENCIES.available(row, actor) for row in page.items},
    }


@bp.post("/residencies")
@requires(POLICY, Permission.APPLY, load=queries.own_profile)
def apply(profile: Profile) -> ResponseReturnValue:
    form = ApplicationForm()
    if form.validate():
        with refusals_on(form):
            services.apply(profile.organization, form.carrier_id.data, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return render_template("profiles/residencies.html", **_page(form)), 422
    flash(_("申请已发给载体"), "success")
    return redirect(url_for(".residencies"))


@bp.get("/residencies/<int:residency_id>")
@requires(POLICY, Permission.SEE_RESIDENCIES, load=queries.visible_residency)
def residency(row: Residency) -> ResponseReturnValue:
    return _one(row, AnswerForm(formdata=None))


def _one(row: Residency, form: AnswerForm, invitation: ClaimInvitationForm | None = None) -> str:
    actions = [item for item in RESIDENCIES.available(row, current_actor()) if item.action != "move"]
    elsewhere = queries.open_residency_of(db.session(), row.enterprise_id)
    if elsewhere is not None and elsewhere.id == row.id:
        elsewhere = None
    invites = _may_invite(row)
    return render_template(
        "profiles/residency.html", row=row, form=form, actions=actions, elsewhere=elsewhere,
        invitation=(invitation or ClaimInvitationForm(formdata=None)) if invites else None,
    )  # fmt: skip


def _may_invite(row: Residency) -> bool:
    """Whether the firm still lacks people and the actor may call them."""
    is_waiting = row.status in OPEN_RESIDENCY and row.enterprise.is_open and not row.enterprise.is_claimed
    return is_waiting and POLICY.allows(Permission.INVITE_FIRM, current_actor(), row)


@bp.post("/residencies/<int:residency_id>/invitations")
@requires(POLICY, Permission.INVITE_FIRM, load=queries.visible_residency)
def invite_firm(row: Residency) -> ResponseReturnValue:
    form, invitation, token = ClaimInvitationForm(), None, ""
    if form.validate():
        with refusals_on(form):
            invitation, token = services.invite_firm(
                row, address=form.address.data or "", name=form.name.data or "", actor=current_actor(), now=utcnow()
            )
    if invitation is None or is_refused(form):
        return _one(row, AnswerForm(formdata=None), form), 422
    return _invited(row, mailed="@" in invitation.address, token=token)


def _invited(row: Residency, *, mailed: bool, token: str) -> ResponseReturnValue:
    """Back to the firm where the mail carries the link; else the link, this once."""
    settings: Settings = current_app.extensions["matchhub"]
    if mailed and settings.mail_url:
        flash(_("邀请已发出，14 天内有效"), "success")
        return redirect(url_for(".residency", residency_id=row.id))
    link = settings.base_url.rstrip("/") + url_for("accounts.invitation", token=token)
    words = _("把链接发给本人，14 天内有效，只能用一次。关掉这一页后就看不到了。")
    return render_template("accounts/shown_once.html", title=_("邀请链接"), words=words, items=[link])


def _answered(row: Residency, call: Callable[[AnswerForm], None]) -> ResponseReturnValue:
    form = AnswerForm()
    if form.validate():
        with refusals_on(form):
            call(form)
    if is_refused(form):
        return _one(row, form), 422
    flash(_("已更新入驻情况"), "success")
    return redirect(url_for(".residency", residency_id=row.id))


@bp.post("/residencies/<int:residency_id>/admission")
@requires(POLICY, Permission.ANSWER_RESIDENCY, load=queries.visible_residency)
def admit(row: Residency) -> ResponseReturnValue:
    return _answered(
        row, lambda form: services.admit(row, entered_on=form.on.data, actor=current_actor(), now=utcnow())
    )


@bp.post("/residencies/<int:residency_id>/refusal")
@requires(POLICY, Permission.ANSWER_RESIDENCY, load=queries.visible_residency)
def refuse(row: Residency) -> ResponseReturnValue:
    return _answered(
        row, lambda form: services.refuse(row, reason=form.reason.data or "", actor=current_actor(), now=utcnow())
    )


@bp.post("/residencies/<int:residency_id>/incubation")
@requires(POLICY, Permission.ANSWER_RESIDENCY, load=queries.visible_residency)
def incubate(row: Residency) -> ResponseReturnValue:
    return _answered(row, lambda form: services.incubate(row, since=form.on.data, actor=current_actor(), now=utcnow()))


@bp.post("/residencies/<int:residency_id>/graduation")
@requires(POLICY, Permission.ANSWER_RESIDENCY, load=queries.visible_residency)
def graduate(row: Residency) -> ResponseReturnValue:
    return _answered(
        row, lambda form: services.graduate(row, left_on=form.on.data, actor=current_actor(), now=utcnow())
    )


@bp.post("/residencies/<int:residency_id>/exit")
@requires(POLICY, Permission.ANSWER_RESIDENCY, load=queries.visible_residency)
def exit_residency(row: Residency) -> ResponseReturnValue:
    return _answered(
        row,
        lambda form: services.exit_residency(
            row, reason=form.reason.data or "", left_on=form.on.data, moved_to=form.moved_to.data or "",
            actor=current_actor(), now=utcnow(),
        ),
    )  # fmt: skip


@bp.post("/residencies/<int:residency_id>/withdrawal")
@requires(POLICY, Permission.WITHDRAW, load=queries.visible_residency)
def withdraw(row: Residency) -> ResponseReturnValue:
    services.withdraw_application(row, actor=current_actor(), now=utcnow())
    flash(_("申请已撤回"), "success")
    return redirect(url_for(".residencies"))
