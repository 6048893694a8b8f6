"""Signing in and out: password, then the second factor where there is one."""

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.accounts import services
from matchhub.accounts.forms import CodeForm, SignInForm
from matchhub.accounts.models import User, UserSession
from matchhub.accounts.policy import Permission, POLICY
from matchhub.accounts.queries import own_session, user_by_address
from matchhub.accounts.services import attempts
from matchhub.accounts.views.blueprint import bp
from matchhub.accounts.views.browser import (
    enter,
    HOME,
    limits_on,
    open_browser,
    refused_status,
    right_code,
    signed_in_row,
)
from matchhub.accounts.views.identity import signed_in_browser
from matchhub.core import ledger
from matchhub.core.addresses import parsed
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.web import current_actor, public, requires, safe_next


@bp.get("/session")
@public("strangers sign in here")
def session_form() -> ResponseReturnValue:
    form = SignInForm(next=safe_next(request.args.get("next"), HOME))
    browser = signed_in_browser()
    if browser is not None and browser.awaits_second_factor:
        return redirect(url_for(".second_factor_form", next=form.next.data))
    if current_actor().is_known:
        return redirect(form.next.data or HOME)
    return render_template("accounts/session_form.html", form=form)


@bp.post("/session")
@public("strangers sign in here")
def sign_in() -> ResponseReturnValue:
    form = SignInForm()
    user = _proved(form) if form.validate() else None
    if user is None:
        return render_template("accounts/session_form.html", form=form), refused_status(form)
    open_browser(user)
    target = safe_next(form.next.data, HOME)
    if user.totp_enabled_at is not None:
        return redirect(url_for(".second_factor_form", next=target))
    return redirect(target)


def _proved(form: SignInForm) -> User | None:
    """The person whose password this is. The same words and the same time for strangers, wrong ones and disabled ones."""
    now, actor = utcnow(), current_actor()
    address = parsed(form.address.data or "")
    with limits_on(form):
        attempt = attempts.begin("sign_in", address.value if address else form.address.data or "", actor=actor, now=now)
        user = user_by_address(db.session(), address) if address else None
        right = services.matches(user.password_hash if user else None, form.password.data or "")
        if user is not None and right and user.disabled_at is None:
            attempts.succeed(attempt)
            return user
        ledger.security_event(actor, "sign_in_refused", attempt=attempt)
        form.form_errors.append(_("手机、邮箱或密码不对"))
    return None


@bp.get("/session/second-factor")
@public("the password was right, the code is asked for")
def second_factor_form() -> ResponseReturnValue:
    form = CodeForm(next=safe_next(request.args.get("next"), HOME))
    browser = signed_in_browser()
    if browser is None or not browser.awaits_second_factor:
        return redirect(url_for(".session_form", next=form.next.data))
    return render_template("accounts/second_factor_form.html", form=form)


@bp.post("/session/second-factor")
@public("the password was right, the code is asked for")
def second_factor() -> ResponseReturnValue:
    form, browser, row = CodeForm(), signed_in_browser(), signed_in_row()
    if browser is None or row is None or not browser.awaits_second_factor:
        return redirect(url_for(".session_form"))
    proof = right_code(form, row) if form.validate() else None
    if proof is None:
        return render_template("accounts/second_factor_form.html", form=form), refused_status(form)
    enter(services.pass_second_factor(row, proof, actor=current_actor(), now=utcnow()))
    return redirect(safe_next(form.next.data, HOME))


@bp.post("/session/closure")
@public("who waits for the second factor may leave, too; the token of the form guards it")
def sign_out() -> ResponseReturnValue:
    row, actor = signed_in_row(), current_actor()
    if row is not None:
        services.end_session(row, actor=actor if actor.is_known else services.person_of(row), now=utcnow())
    session.clear()
    return redirect(url_for(".session_form"))


@bp.post("/sessions/<int:session_id>/closure")
@requires(POLICY, Permission.ACT, load=own_session)
def end_session(row: UserSession) -> ResponseReturnValue:
    services.end_session(row, actor=current_actor(), now=utcnow())
    return redirect(url_for(".account", _anchor="sessions"))


@bp.post("/sessions/closure")
@requires(POLICY, Permission.ACT)
def end_other_sessions() -> ResponseReturnValue:
    services.end_other_sessions(actor=current_actor(), now=utcnow())
    return redirect(url_for(".account", _anchor="sessions"))
