"""规则: who comes by the identity provider and acts for whom."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from matchhub.accounts import services
from matchhub.accounts.enums import Role
from matchhub.accounts.models import SignInRule
from matchhub.accounts.queries import all_rules, given_by_rules, organization_called
from matchhub.accounts.views.provider import return_address
from matchhub.console.administration import queries
from matchhub.console.administration.forms import SignInRuleForm
from matchhub.console.administration.views.blueprint import bp, settings
from matchhub.core.administration import Permission, POLICY
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.errors import Invalid
from matchhub.core.labels import N_
from matchhub.core.web import current_actor, is_refused, page_number, refusals_on, requires


@bp.get("/administration/sign-in-rules")
@requires(POLICY, Permission.VIEW)
def sign_in_rules() -> ResponseReturnValue:
    return _page(SignInRuleForm(claim=services.EMAIL_DOMAIN))


@bp.post("/administration/sign-in-rules")
@requires(POLICY, Permission.CONFIGURE)
def add_sign_in_rule() -> ResponseReturnValue:
    form = SignInRuleForm()
    if form.validate_on_submit():
        with refusals_on(form):
            _added(form)
    if is_refused(form):
        return _page(form), 422
    flash(_("规则已增加，下次登录起生效"), "success")
    return redirect(url_for(".sign_in_rules"))


@bp.post("/administration/sign-in-rules/<int:rule_id>/closure")
@requires(POLICY, Permission.CONFIGURE, load=queries.sign_in_rule)
def end_sign_in_rule(rule: SignInRule) -> ResponseReturnValue:
    count = services.end_rule(rule, actor=current_actor(), now=utcnow())
    flash(
        ngettext("规则已停用，%(num)s 人的成员身份随之结束", "规则已停用，%(num)s 人的成员身份随之结束", count),
        "success",
    )
    return redirect(url_for(".sign_in_rules"))


def _added(form: SignInRuleForm) -> None:
    organization = organization_called(db.session(), form.organization.data or "")
    if organization is None:
        raise Invalid(N_("没有这家机构，或有几家同名，请填统一社会信用代码"), field="organization")
    services.add_rule(
        organization, claim=form.claim.data or "", value=form.value.data or "", role=Role(form.role.data),
        region_code=form.region_code.data or None, actor=current_actor(), now=utcnow(),
    )  # fmt: skip


def _page(form: SignInRuleForm) -> str:
    page = all_rules(db.session(), number=page_number())
    return render_template(
        "administration/sign_in_rules.html", page=page, form=form, issuer=settings().oidc_issuer,
        given=given_by_rules(db.session(), [rule.id for rule in page.items]), return_address=return_address(),
    )  # fmt: skip
