"""Signed-in browsers: opened, given a new id, switched to another membership, ended."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from matchhub.accounts.enums import MembershipState
from matchhub.accounts.models import ExternalIdentity, Membership, User, UserSession
from matchhub.accounts.queries import token_hash
from matchhub.core import audit, errors, ledger
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor


@writes
def open_session(
    user: User,
    *,
    membership: Membership | None,
    now: datetime,
    hours: int = 12,
    ip: str = "",
    browser: str = "",
    second_factor: bool = False,
    identity: ExternalIdentity | None = None,
    replaces: str | None = None,
) -> str:
    """Sign a browser in and return its id; `replaces` (the id it came with) is dead from now on.

    `identity` where the proof is the word of an identity provider.
    """
    if replaces:
        _end_where(UserSession.sid_hash == token_hash(replaces), now=now)
    sid = secrets.token_urlsafe(32)
    row = UserSession(
        sid_hash=token_hash(sid), user_id=user.id, membership_id=membership.id if membership else None, created_at=now,
        last_seen_at=now, expires_at=now + timedelta(hours=hours), second_factor_at=now if second_factor else None,
        ip=ip, browser=browser[:160], external_identity_id=identity.id if identity else None,
    )  # fmt: skip
    db.session.add(row)
    audit.record(Actor(user_id=user.id, ip=ip), "session:open", row, identity=row.external_identity_id)
    return sid


@writes
def select_membership(membership: Membership, *, actor: Actor, now: datetime) -> str:
    """Act for another of one's own organizations from now on; returns the session's new id. Raises NotFound, Conflict."""
    row = db.session.get(UserSession, actor.session_id)
    if row is None or membership.user_id != actor.user_id:
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    if membership.state is not MembershipState.ACTIVE or not membership.organization.is_open:
        raise errors.Conflict(N_("你已不在这个机构"))
    if not acts_by(row, membership):
        raise errors.Conflict(N_("这个身份要用单位账号登录，请退出后重新登录"))
    row.membership_id = membership.id
    audit.record(actor, "session:membership", membership)
    return renewed(row)


@writes
def end_session(row: UserSession, *, actor: Actor, now: datetime) -> None:
    """Sign one of one's own browsers out; effective with its next request. Raises NotFound."""
    if row.user_id != actor.user_id:
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    row.ended_at = row.ended_at or now
    audit.record(actor, "session:end", row)


@writes
def end_other_sessions(*, actor: Actor, now: datetime) -> int:
    """Sign all other browsers of the actor out; how many there were."""
    count = end_sessions_of(actor.user_id, but=actor.session_id, now=now)
    audit.record(actor, "session:end-others", None, count=count)
    return count


def acts_by(row: UserSession, membership: Membership) -> bool:
    """Whether this session may act in the membership: what a rule gave needs the provider's word at the sign-in."""
    return membership.sign_in_rule_id is None or row.external_identity_id is not None


def end_sessions_by(identity_id: int, *, now: datetime) -> int:
    """Inside a write: end what was opened on the word of a provider about one identity."""
    return _end_where(UserSession.external_identity_id == identity_id, now=now)


def person_of(row: UserSession) -> Actor:
    """The person of a session that does not act yet, who may still end it."""
    return Actor(user_id=row.user_id, session_id=row.id)


def end_sessions_of(user_id: int | None, *, but: int | None = None, now: datetime) -> int:
    """Inside a write: end the sessions of a person (after a new password, a new role, a disabled account)."""
    return _end_where(UserSession.user_id == user_id, UserSession.id != (but or 0), now=now)


def _end_where(*conditions: ColumnElement[bool], now: datetime) -> int:
    open_rows = db.session.scalars(select(UserSession).where(UserSession.ended_at.is_(None), *conditions)).all()
    for row in open_rows:
        row.ended_at = now
    return len(open_rows)


def renewed(row: UserSession) -> str:
    """Inside a write: give the session a new id, which is returned; the old one is dead."""
    sid = secrets.token_urlsafe(32)
    row.sid_hash = token_hash(sid)
    return sid


def seen(session_id: int, user_id: int, now: datetime) -> ledger.Entry:
    """A ledger entry that says that the browser was here: no page waits for it."""

    def entry(session: Session) -> None:
        session.execute(update(UserSession).where(UserSession.id == session_id).values(last_seen_at=now))
        session.execute(update(User).where(User.id == user_id).values(last_seen_at=now, updated_at=User.updated_at))

    return entry
