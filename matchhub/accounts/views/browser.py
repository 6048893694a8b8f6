"""The browser at hand: its session id, entered and left; limits and proofs that views ask for."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import current_app, request, session

from matchhub.accounts import services
from matchhub.accounts.models import ExternalIdentity, Membership, Organization, User, UserSession
from matchhub.accounts.queries import active_memberships
from matchhub.accounts.services import attempts, taking
from matchhub.accounts.views.identity import signed_in_browser
from matchhub.core import ledger
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.errors import Forbidden, Invalid, TooMany
from matchhub.core.labels import N_
from matchhub.core.web import current_actor, Form, is_refused, spoken_message
from matchhub.settings import Settings

HOME = "/"
SID = "_user_id"
SAID = "said_why"  # what the person last said lists are for, and when
BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Mac OS", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


def settings() -> Settings:
    """The settings of this application."""
    held: Settings = current_app.extensions["matchhub"]
    return held


def vault() -> services.Vault:
    """Opens and seals the secrets of second factors."""
    return services.Vault((settings().secret_key, *settings().secret_key_fallbacks))


def own_user() -> User:
    """The account of the person who acts."""
    return db.session.get_one(User, current_actor().user_id)


def signed_in_row() -> UserSession | None:
    """The session row behind the cookie, also while its second factor is missing: for what changes it."""
    browser = signed_in_browser()
    return db.session.get(UserSession, browser.id) if browser else None


def enter(sid: str) -> None:
    """Let the cookie carry `sid`; everything that it carried before is gone, the token of forms too."""
    flashes = session.get("_flashes")
    session.clear()
    session[SID], session["_fresh"] = sid, True
    if flashes:
        session["_flashes"] = flashes


def prove_again(row: UserSession) -> None:
    """The person has just proved to be there: under a new id, which keeps what was said about the lists."""
    said = session.get(SAID)
    enter(taking.prove_again(row, actor=current_actor(), now=utcnow()))
    if said:
        session[SAID] = said


def present_sid() -> str | None:
    """The id that the cookie carries."""
    return session.get(SID)


def open_browser(
    user: User,
    *,
    membership: Membership | None = None,
    second_factor: bool = False,
    identity: ExternalIdentity | None = None,
) -> None:
    """Sign this browser in for `user` under a new id; the one that it came with is dead."""
    chosen = membership or usual_membership(user, by_provider=identity is not None)
    sid = services.open_session(
        user,
        membership=chosen,
        now=utcnow(),
        hours=settings().session_hours,
        ip=request.remote_addr or "",
        browser=request.user_agent.string,
        second_factor=second_factor,
        identity=identity,
        replaces=present_sid(),
    )
    enter(sid)


def usual_membership(user: User, *, by_provider: bool = False) -> Membership | None:
    """The first organization that a person may act for; what a rule gave only to who comes by the provider."""
    held = active_memberships(db.session(), user.id)
    found = [m for m in held if m.organization.is_open and (by_provider or m.sign_in_rule_id is None)]
    return found[0] if found else None


@contextmanager
def limits_on(form: Form) -> Iterator[None]:
    """What was tried too often is said on the form."""
    try:
        yield
    except TooMany as error:
        form.retry_after = error.retry_after
        form.form_errors.append(spoken_message(error))


def refused_status(form: Form) -> int:
    """429 for what was tried too often, 422 for what is wrong."""
    return 429 if getattr(form, "retry_after", None) else 422


@contextmanager
def words_on(form: Form) -> Iterator[None]:
    """What a check finds wrong before the write is said on the form."""
    try:
        yield
    except Invalid as error:
        form.refuse(error)


def check_current_password(form: Any) -> None:
    """Ask for the present password before something grave; wrong ones are limited."""
    user = own_user()
    with limits_on(form):
        attempt = attempts.begin("password", f"user:{user.id}", actor=current_actor(), now=utcnow())
        if services.matches(user.password_hash, form.current.data):
            attempts.succeed(attempt)
        else:
            form.refuse(Invalid(N_("密码不对"), field="current"))


def right_code(form: Any, row: UserSession) -> services.Proof | None:
    """The proof in a code of the second factor or a recovery code, used up; None where it is wrong, said on the form."""
    now, actor, user = utcnow(), current_actor(), row.user
    with limits_on(form):
        attempt = attempts.begin("second_factor", f"user:{user.id}", actor=actor, now=now)
        code = form.code.data or ""
        proof = services.prove(vault().open(user.totp_secret), code, now=now) or services.prove_recovery(user.id, code)
        if proof is not None and services.redeem(user.id, proof, actor=actor, now=now):
            attempts.succeed(attempt)
            return proof
        ledger.security_event(actor, "code_refused", user=user.id)
        form.refuse(Invalid(N_("验证码不对或已经用过，换下一个再试")))
    return None


def new_password_hash(form: Any, *, personal: tuple[str | None, ...] = (), field: str = "password") -> str:
    """The hash of the password that was chosen; '' where it is too weak, which is said on the form."""
    with words_on(form):
        services.check_strength(form[field].data, profile=settings().password_profile, personal=personal, field=field)
    return "" if is_refused(form) else services.hashed(form[field].data)


def own_organization() -> Organization:
    """The organization that the actor acts for. Raises Forbidden where there is none."""
    found = db.session.get(Organization, current_actor().organization_id or 0)
    if found is None:
        raise Forbidden(N_("你没有做这件事的权限"))
    return found


def browser_name(agent: str) -> str:
    """What people call the browser and the system that a user agent names; '' for neither."""
    names = (next((name for mark, name in marks if mark in agent), "") for marks in (BROWSERS, SYSTEMS))
    return " · ".join(name for name in names if name)
