"""Signing in by an identity provider: leaving for it, coming back, and linking it to the account that one has."""

from typing import Any

from flask import current_app, Flask, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.accounts import services
from matchhub.accounts.forms import PasswordForm
from matchhub.accounts.models import ExternalIdentity, UsedCode
from matchhub.accounts.policy import Permission, POLICY
from matchhub.accounts.queries import identity_of, own_identity, token_hash
from matchhub.accounts.services import attempts
from matchhub.accounts.views.blueprint import bp
from matchhub.accounts.views.browser import (
    check_current_password,
    HOME,
    open_browser,
    own_user,
    prove_again,
    refused_status,
    settings,
    signed_in_row,
)
from matchhub.core import ledger
from matchhub.core.clock import utcnow
from matchhub.core.db import db, finish
from matchhub.core.errors import Invalid, NotFound
from matchhub.core.labels import N_
from matchhub.core.oidc import proved_anew, Provider, ProviderError, Trip
from matchhub.core.ui import locale_code, site
from matchhub.core.web import current_actor, is_refused, public, requires, safe_next

EXTENSION = "matchhub_oidc"
TRIP = "provider_trip"
PENDING = "pending_identity"
PURPOSES = ("link", "confirm")  # what somebody who is signed in leaves for
WORDS = {
    "denied": N_("你在单位账号那边取消了登录。"),
    "late": N_("离开得太久了，请重新登录。"),
    "not_anew": N_("单位账号没有让你重新登录，不能作为确认。请用密码确认。"),
}
DOWN = N_("现在连不上单位账号的登录服务，请稍后再试，或用密码登录。")
NOT_DONE = N_("登录没有完成，请重新登录。")


def init_app(app: Flask) -> None:
    """Keep the provider that the settings name, if any, and let templates know what it is called."""
    held = app.extensions["matchhub"]
    if held.oidc_issuer:
        app.extensions[EXTENSION] = Provider(
            issuer=held.oidc_issuer, client_id=held.oidc_client_id, client_secret=held.oidc_client_secret,
            scopes=held.oidc_scopes,
        )  # fmt: skip
    app.context_processor(lambda: {"provider_label": provider_label()})


def provider_label() -> str:
    """What people here call the provider; '' where there is none."""
    if EXTENSION not in current_app.extensions:
        return ""
    return settings().oidc_label_en if locale_code() == "en" else settings().oidc_label


def return_address() -> str:
    """Where the provider sends people back to: from the settings, never from what the request calls this host."""
    return settings().base_url.rstrip("/") + url_for("accounts.return_from_provider")


@bp.get("/session/provider")
@public("strangers leave for the identity provider here")
def leave_for_provider() -> ResponseReturnValue:
    actor, purpose = current_actor(), request.args.get("purpose")
    target = safe_next(request.args.get("next"), HOME)
    if actor.is_known and purpose not in PURPOSES:
        return redirect(target)
    try:
        address, trip = _provider().depart(redirect_uri=return_address(), now=utcnow(), anew=purpose == "confirm")
    except ProviderError as error:
        return _not_done(error)
    session[TRIP] = {
        "trip": trip.kept(), "next": target, "links": actor.user_id if purpose == "link" else None,
        "confirms": actor.user_id if purpose == "confirm" else None,
    }  # fmt: skip
    return redirect(address)


@bp.get("/session/provider/callback")
@public("strangers come back from the identity provider here")
def return_from_provider() -> ResponseReturnValue:
    left = session.pop(TRIP, None)
    try:
        told = services.believed(_told(left), second_factors=settings().oidc_second_factor)
    except ProviderError as error:
        return _not_done(error)
    if left.get("confirms") is not None:
        return _confirmed(told, left)
    if left["links"] is None:
        return _signed_in(told, safe_next(left["next"], HOME))
    if left["links"] != current_actor().user_id:
        return _not_done(ProviderError("another_person"))
    session[PENDING] = {
        "user": left["links"], "issuer": told.issuer, "subject": told.subject,
        "name": told.name or (told.address.value if told.address else told.subject),
    }  # fmt: skip
    return redirect(url_for(".identity_form"))


@bp.get("/account/identities/new")
@requires(POLICY, Permission.ACT)
def identity_form() -> ResponseReturnValue:
    return _link_page(PasswordForm())


@bp.post("/account/identities")
@requires(POLICY, Permission.ACT)
def link_identity() -> ResponseReturnValue:
    form, pending = PasswordForm(), _pending()
    if pending is None:
        return redirect(url_for(".account", _anchor="identities"))
    if form.validate():
        check_current_password(form)
    if is_refused(form):
        return _link_page(form, refused_status(form))
    session.pop(PENDING)
    services.link_identity(
        own_user(), issuer=pending["issuer"], subject=pending["subject"], actor=current_actor(), now=utcnow()
    )
    return redirect(url_for(".account", _anchor="identities"))


@bp.post("/account/identities/<int:identity_id>/closure")
@requires(POLICY, Permission.ACT, load=own_identity)
def unlink_identity(identity: ExternalIdentity) -> ResponseReturnValue:
    services.unlink_identity(identity, actor=current_actor(), now=utcnow())
    return redirect(url_for(".account", _anchor="identities"))


def _provider() -> Provider:
    """The provider of this installation. Raises NotFound where there is none."""
    found: Provider | None = current_app.extensions.get(EXTENSION)
    if found is None:
        raise NotFound(N_("没有这一页，或者你不能看"))
    return found


def _told(left: Any) -> dict[str, Any]:
    """What the provider signed about who comes back. Each trip is good once, whatever cookie is sent along."""
    now, actor, provider = utcnow(), current_actor(), _provider()
    attempt = attempts.begin("provider", f"place:{actor.ip}", actor=actor, now=now)
    if not isinstance(left, dict):
        raise ProviderError("state")
    trip = Trip(**left["trip"])
    if not ledger.take(UsedCode(user_id=0, code=f"oidc:{token_hash(trip.state)}", at=now)):
        raise ProviderError("replayed")
    claims = provider.arrive(request.args.to_dict(), trip, redirect_uri=return_address(), now=now)
    attempts.succeed(attempt)
    return claims


def _signed_in(told: services.Assertion, target: str) -> ResponseReturnValue:
    try:
        identity = services.come_in(told, locale=locale_code(), actor=current_actor(), now=utcnow())
    except Invalid as refusal:
        finish(commit=False)
        ledger.security_event(current_actor(), "provider_unknown", subject=token_hash(told.subject)[:16])
        page = render_template("accounts/provider_unknown.html", words=_(refusal.message), site=site())
        return page, 403
    open_browser(identity.user, identity=identity, second_factor=told.has_second_factor)
    if identity.user.totp_enabled_at is not None and not told.has_second_factor:
        return redirect(url_for(".second_factor_form", next=target))
    return redirect(target)


def _confirmed(told: services.Assertion, left: dict[str, Any]) -> ResponseReturnValue:
    """Who signed in here has just proved at the provider to be there: under an identity that is linked, and now."""
    row, known = signed_in_row(), identity_of(db.session(), told.issuer, told.subject)
    if row is None or known is None or not known.user_id == row.user_id == left["confirms"]:
        return _not_done(ProviderError("another_person"))
    if not proved_anew(told.claims, Trip(**left["trip"])):
        return _not_done(ProviderError("not_anew"))
    prove_again(row)
    return redirect(safe_next(left["next"], HOME))


def _not_done(error: ProviderError) -> ResponseReturnValue:
    ledger.security_event(current_actor(), "provider_refused", reason=error.reason)
    words = DOWN if error.is_down else WORDS.get(error.reason, NOT_DONE)
    return render_template("accounts/provider_refused.html", words=_(words)), 503 if error.is_down else 400


def _pending() -> dict[str, Any] | None:
    """The identity that this person has just proved at the provider and not linked yet."""
    kept = session.get(PENDING)
    return kept if isinstance(kept, dict) and kept["user"] == current_actor().user_id else None


def _link_page(form: PasswordForm, status: int = 200) -> ResponseReturnValue:
    pending = _pending()
    if pending is None:
        return redirect(url_for(".account", _anchor="identities"))
    return render_template("accounts/identity_form.html", form=form, name=pending["name"]), status
