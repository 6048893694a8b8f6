"""From the cookie to the actor: the cookie carries a random id, the row behind it is the truth."""

from datetime import timedelta

from flask import current_app, Flask, request
from flask_login import current_user, LoginManager, UserMixin

from matchhub.accounts.enums import MembershipState
from matchhub.accounts.models import Membership, UserSession
from matchhub.accounts.queries import session_by_id
from matchhub.accounts.services import acts_by
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.policy import Actor
from matchhub.settings import Settings


class SignedIn(UserMixin):
    """What Flask-Login keeps of a signed-in browser."""

    def __init__(self, sid: str, row: UserSession) -> None:
        self.sid = sid
        self.row = row

    def get_id(self) -> str:
        return self.sid


def load(sid: str) -> SignedIn | None:
    """The browser behind a session id, or None when its session is over."""
    settings: Settings = current_app.extensions["matchhub"]
    row = session_by_id(db.session(), sid, now=utcnow(), idle=timedelta(minutes=settings.idle_minutes))
    return SignedIn(sid, row) if row else None


def identify() -> Actor:
    """The actor of this request. A session that still waits for its second factor acts as nobody."""
    ip = request.remote_addr or ""
    signed_in = current_user._get_current_object() if current_user else None
    if not isinstance(signed_in, SignedIn) or awaits_second_factor(signed_in.row):
        return Actor(ip=ip)
    return actor_of(signed_in.row, ip=ip)


def awaits_second_factor(row: UserSession) -> bool:
    """Whether the password was right but the code is still missing."""
    return row.user.totp_enabled_at is not None and row.second_factor_at is None


def actor_of(row: UserSession, *, ip: str = "") -> Actor:
    """The actor of a session: a person, and the one membership that acts now if it is still in force."""
    membership = row.membership
    if membership is None or not _in_force(membership) or not acts_by(row, membership):
        return Actor(user_id=row.user_id, name=row.user.name, ip=ip, session_id=row.id)
    organization = membership.organization
    return Actor(
        user_id=row.user_id,
        name=row.user.name,
        membership_id=membership.id,
        organization_id=organization.id,
        organization_kind=organization.kind.value,
        organization_verified=organization.is_verified,
        role=membership.role.value,
        region_code=membership.region_code,
        district_code=organization.district_code,
        ip=ip,
        session_id=row.id,
    )


def _in_force(membership: Membership) -> bool:
    return membership.state is MembershipState.ACTIVE and membership.organization.is_open


def init_app(app: Flask) -> None:
    """Let Flask-Login find the session, and `current_actor` the actor."""
    manager = LoginManager(app)
    manager.session_protection = None
    manager.user_loader(load)
    app.extensions["matchhub_identify"] = identify
