"""One's own account: name, address, password, second factor, signed-in browsers."""

from datetime import timedelta

import segno
from flask import flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.accounts import services
from matchhub.accounts.enums import SECOND_FACTOR_ROLES
from matchhub.accounts.forms import ChangeAddressForm, ChangePasswordForm, CodeForm, PasswordForm, PreferencesForm
from matchhub.accounts.models import Membership
from matchhub.accounts.policy import Permission, POLICY
from matchhub.accounts.queries import active_memberships, identities_of, open_sessions, own_membership
from matchhub.accounts.services import attempts
from matchhub.accounts.views.blueprint import bp
from matchhub.accounts.views.browser import (
    browser_name,
    check_current_password,
    enter,
    HOME,
    limits_on,
    new_password_hash,
    own_user,
    refused_status,
    settings,
    vault,
)
from matchhub.core import addresses, ledger
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.errors import Conflict, Invalid
from matchhub.core.fields import tell_apart
from matchhub.core.labels import N_
from matchhub.core.ui import site
from matchhub.core.web import current_actor, Form, is_refused, refusals_on, requires

PENDING_SECRET = "pending_second_factor"
YEAR = timedelta(days=365)


@bp.get("/account")
@requires(POLICY, Permission.ACT)
def account() -> ResponseReturnValue:
    return _page()


@bp.post("/account/preferences")
@requires(POLICY, Permission.ACT)
def change_preferences() -> ResponseReturnValue:
    form = PreferencesForm()
    if not form.validate():
        return _page(preferences=form)
    services.change_preferences(
        own_user(), name=form.name.data or "", locale=form.locale.data, actor=current_actor(), now=utcnow()
    )
    response = redirect(url_for(".account"))
    response.set_cookie("locale", form.locale.data, max_age=YEAR, samesite="Lax", httponly=True)
    return response


@bp.post("/account/address")
@requires(POLICY, Permission.ACT)
def change_address() -> ResponseReturnValue:
    form = ChangeAddressForm()
    if form.validate():
        check_current_password(form)
    if not is_refused(form):
        with refusals_on(form):
            address = addresses.read(form.address.data or "")
            services.change_address(own_user(), address=address, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _page(address=form)
    flash(_("登录地址已修改"), "success")
    return redirect(url_for(".account"))


@bp.post("/account/password")
@requires(POLICY, Permission.ACT)
def change_password() -> ResponseReturnValue:
    form, user = ChangePasswordForm(), own_user()
    if form.validate():
        check_current_password(form)
    hashed = "" if is_refused(form) else new_password_hash(form, personal=(user.email, user.mobile))
    if is_refused(form):
        return _page(password=form)
    services.change_password(user, password_hash=hashed, actor=current_actor(), now=utcnow())
    flash(_("密码已修改，其他设备已退出"), "success")
    return redirect(url_for(".account"))


@bp.get("/account/second-factor")
@requires(POLICY, Permission.ACT)
def second_factor_setup() -> ResponseReturnValue:
    session[PENDING_SECRET] = session.get(PENDING_SECRET) or services.new_secret()
    return _setup_page(CodeForm())


@bp.post("/account/second-factor")
@requires(POLICY, Permission.ACT)
def enable_second_factor() -> ResponseReturnValue:
    form, user, secret = CodeForm(), own_user(), session.get(PENDING_SECRET)
    if secret is None or user.totp_enabled_at is not None:
        return redirect(url_for(".second_factor_setup" if secret is None else ".account"))
    if form.validate():
        _check_code(form, secret)
    if is_refused(form):
        return _setup_page(form, refused_status(form))
    codes = services.new_recovery_codes()
    services.enable_second_factor(user, secret=secret, codes=codes, vault=vault(), actor=current_actor(), now=utcnow())
    session.pop(PENDING_SECRET)
    return _codes_page(codes)


@bp.post("/account/recovery-codes")
@requires(POLICY, Permission.ACT)
def renew_recovery_codes() -> ResponseReturnValue:
    form = PasswordForm()
    if form.validate():
        check_current_password(form)
    if is_refused(form):
        return _page(codes=form)
    codes = services.new_recovery_codes()
    services.renew_recovery_codes(own_user(), codes=codes, actor=current_actor(), now=utcnow())
    return _codes_page(codes)


@bp.post("/account/second-factor/closure")
@requires(POLICY, Permission.ACT)
def disable_second_factor() -> ResponseReturnValue:
    form = PasswordForm()
    if form.validate():
        check_current_password(form)
    if is_refused(form):
        return _page(codes=form)
    services.disable_second_factor(own_user(), actor=current_actor(), now=utcnow())
    flash(_("两步验证已关闭"), "success")
    return redirect(url_for(".account"))


@bp.post("/memberships/<int:membership_id>/selection")
@requires(POLICY, Permission.ACT, load=own_membership)
def select_membership(membership: Membership) -> ResponseReturnValue:
    enter(services.select_membership(membership, actor=current_actor(), now=utcnow()))
    return redirect(HOME)


def _page(**forms: Form) -> ResponseReturnValue:
    user, now, actor = own_user(), utcnow(), current_actor()
    idle = timedelta(minutes=settings().idle_minutes)
    shown: dict[str, Form] = {
        "preferences": PreferencesForm(formdata=None, name=user.name, locale=user.locale),
        "address": ChangeAddressForm(formdata=None),
        "password": ChangePasswordForm(formdata=None),
        "codes": PasswordForm(formdata=None),
        **forms,
    }
    tell_apart(shown)
    page = render_template(
        "accounts/account.html",
        user=user,
        forms=shown,
        sessions=[(row, browser_name(row.browser)) for row in open_sessions(db.session(), user.id, now=now, idle=idle)],
        session_id=actor.session_id,
        identities=identities_of(db.session(), user.id),
        must_have_second_factor=any(m.role in SECOND_FACTOR_ROLES for m in active_memberships(db.session(), user.id)),
    )
    status = max((refused_status(form) for form in forms.values()), default=200)
    return page, status


def _check_code(form: CodeForm, secret: str) -> None:
    now, actor = utcnow(), current_actor()
    with limits_on(form):
        attempt = attempts.begin("second_factor", f"user:{actor.user_id}", actor=actor, now=now)
        proof = services.prove(secret, form.code.data or "", now=now)
        if proof is not None and services.redeem(actor.user_id or 0, proof, actor=actor, now=now):
            attempts.succeed(attempt)
        else:
            ledger.security_event(actor, "code_refused", user=actor.user_id)
            form.refuse(Invalid(N_("验证码不对或已经用过，换下一个再试"), field="code"))


def _setup_page(form: CodeForm, status: int = 200) -> ResponseReturnValue:
    user, secret, here = own_user(), session[PENDING_SECRET], site()
    if user.totp_enabled_at is not None:
        raise Conflict(N_("两步验证已经开启"))
    issuer = f"{here.product_name} {here.city_name}" if here else "MatchHub"
    uri = services.provisioning_uri(secret, account=user.email or user.mobile or user.name, issuer=issuer)
    picture = segno.make(uri, error="m").svg_data_uri(scale=5, border=2)
    must = current_actor().role in {role.value for role in SECOND_FACTOR_ROLES}
    page = render_template("accounts/second_factor_setup.html", form=form, secret=secret, picture=picture, must=must)
    return page, status


def _codes_page(codes: list[str]) -> ResponseReturnValue:
    words = _("手机不在身边时，用恢复码代替验证码，每个只能用一次。抄下来或打印，关掉这一页后就看不到了。")
    return render_template("accounts/shown_once.html", title=_("恢复码"), words=words, items=codes)
