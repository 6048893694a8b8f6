"""Ways back in: a mailed link, or a code that somebody hands over."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.accounts import services
from matchhub.accounts.forms import AddressForm, NewPasswordForm, ResetCodeForm
from matchhub.accounts.models import PasswordReset
from matchhub.accounts.policy import Permission, POLICY
from matchhub.accounts.queries import person_by_address
from matchhub.accounts.services import attempts
from matchhub.accounts.views.blueprint import bp
from matchhub.accounts.views.browser import limits_on, new_password_hash, refused_status, settings
from matchhub.core import ledger
from matchhub.core.addresses import parsed
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.errors import Invalid
from matchhub.core.labels import N_
from matchhub.core.web import current_actor, is_refused, public, refusals_on, requires


@bp.get("/password-resets")
@public("who forgot the password asks for a link here")
def reset_request_form() -> ResponseReturnValue:
    return _request_page(AddressForm())


@bp.post("/password-resets")
@public("who forgot the password asks for a link here; the answer is the same for everyone")
def request_reset() -> ResponseReturnValue:
    form, now, actor = AddressForm(), utcnow(), current_actor()
    if form.validate():
        with limits_on(form):
            attempts.begin("reset_request", (form.address.data or "").lower(), actor=actor, now=now)
    if is_refused(form):
        return _request_page(form, refused_status(form))
    services.request_reset(form.address.data or "", actor=actor, now=now)
    flash(_("如果这个地址有账户，链接已经发出，30 分钟内有效"), "success")
    return redirect(url_for(".reset_request_form"))


@bp.get("/password-resets/<string:token>")
@public("the link itself is the proof")
def reset_form(token: str) -> ResponseReturnValue:
    good = services.open_reset(token, now=utcnow()) is not None
    return render_template("accounts/reset_form.html", form=NewPasswordForm(), token=token, good=good)


@bp.post("/password-resets/<string:token>/completion")
@public("the link itself is the proof")
def complete_reset(token: str) -> ResponseReturnValue:
    form = NewPasswordForm()
    reset = services.open_reset(token, now=utcnow())
    if form.validate() and reset is not None:
        _use(form, reset)
    if reset is None or is_refused(form):
        return render_template("accounts/reset_form.html", form=form, token=token, good=reset is not None), 422
    return redirect(url_for(".session_form"))


@bp.get("/reset-codes")
@public("who was handed a code sets a new password here")
def reset_code_form() -> ResponseReturnValue:
    return render_template("accounts/reset_code_form.html", form=ResetCodeForm())


@bp.post("/reset-codes/uses")
@public("who was handed a code sets a new password here")
def use_reset_code() -> ResponseReturnValue:
    form = ResetCodeForm()
    if form.validate():
        _use_code(form)
    if is_refused(form):
        return render_template("accounts/reset_code_form.html", form=form), refused_status(form)
    return redirect(url_for(".session_form"))


@bp.get("/reset-codes/new")
@requires(POLICY, Permission.ISSUE_CODE)
def issue_code_form() -> ResponseReturnValue:
    return render_template("accounts/issue_code_form.html", form=AddressForm())


@bp.post("/reset-codes")
@requires(POLICY, Permission.ISSUE_CODE)
def issue_code() -> ResponseReturnValue:
    form, actor = AddressForm(), current_actor()
    found = person_by_address(db.session(), parsed(form.address.data or "")) if form.validate() else None
    if found is None or not POLICY.allows(Permission.ISSUE_CODE, actor, found[1]):
        if not form.errors:
            form.refuse(Invalid(N_("没有找到这个人，或者不在你的范围内"), field="address"))
        return render_template("accounts/issue_code_form.html", form=form), 422
    code = services.issue_reset_code(*found, actor=actor, now=utcnow())
    words = _("当面或电话告诉本人，24 小时内有效，只能用一次。关掉这一页后就看不到了。")
    return render_template("accounts/shown_once.html", title=_("一次性重置码"), words=words, items=[code])


def _request_page(form: AddressForm, status: int = 200) -> ResponseReturnValue:
    return render_template("accounts/reset_request_form.html", form=form, mails=bool(settings().mail_url)), status


def _use_code(form: ResetCodeForm) -> None:
    now, actor = utcnow(), current_actor()
    with limits_on(form):
        attempt = attempts.begin("reset", (form.address.data or "").lower(), actor=actor, now=now)
        reset = services.open_reset_by_code(form.address.data or "", form.code.data or "", now=now)
        if reset is None:
            ledger.security_event(actor, "reset_code_refused", attempt=attempt)
            form.refuse(Invalid(N_("手机、邮箱或重置码不对，或已经用过、过期"), field="code"))
        else:
            _use(form, reset)
            if not is_refused(form):
                attempts.succeed(attempt)


def _use(form: NewPasswordForm, reset: PasswordReset) -> None:
    hashed = new_password_hash(form)
    if not hashed:
        return
    with refusals_on(form):
        services.use_reset(reset, password_hash=hashed, actor=current_actor(), now=utcnow())
    if not is_refused(form):
        flash(_("密码已重设，请用新密码登录"), "success")
