"""From the cookie to the actor: the cookie carries a random id, the row behind it is the truth."""

from datetime import timedelta

from flask import current_app, Flask, request
from flask_login import current_user, LoginManager, UserMixin

from matchhub.accounts.queries import Browser, browser_by_sid
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.policy import Actor
from matchhub.settings import Settings


class SignedIn(UserMixin):
    """What Flask-Login keeps of a signed-in browser."""

    def __init__(self, sid: str, browser: Browser) -> None:
        self.sid = sid
        self.browser = browser

    def get_id(self) -> str:
        return self.sid


def load(sid: str) -> SignedIn | None:
    """The browser behind a session id, or None when its session is over."""
    settings: Settings = current_app.extensions["matchhub"]
    found = browser_by_sid(db.session(), sid, now=utcnow(), idle=timedelta(minutes=settings.idle_minutes))
    return SignedIn(sid, found) if found else None


def signed_in_browser() -> Browser | None:
    """The browser behind the cookie, also while its second factor is missing."""
    found = current_user._get_current_object() if current_user else None
    return found.browser if isinstance(found, SignedIn) else None


def identify() -> Actor:
    """The actor of this request. A session that still waits for its second factor acts as nobody."""
    ip, browser = request.remote_addr or "", signed_in_browser()
    if browser is None or browser.awaits_second_factor:
        return Actor(ip=ip)
    return actor_of(browser, ip=ip)


def actor_of(browser: Browser, *, ip: str = "") -> Actor:
    """The actor of a browser: a person, and the one membership that acts now if it is still in force."""
    held = browser.acting
    if held is None:
        return Actor(user_id=browser.user_id, name=browser.user_name, ip=ip, session_id=browser.id)
    return Actor(
        user_id=browser.user_id,
        name=browser.user_name,
        membership_id=held.id,
        organization_id=held.organization_id,
        organization_kind=held.organization_kind.value,
        organization_verified=held.organization_verified,
        role=held.role.value,
        region_code=held.region_code,
        district_code=held.district_code,
        ip=ip,
        session_id=browser.id,
    )


def init_app(app: Flask) -> None:
    """Let Flask-Login find the session, and `current_actor` the actor."""
    manager = LoginManager(app)
    manager.session_protection = None
    manager.user_loader(load)
    app.extensions["matchhub_identify"] = identify
