"""Signed-in browsers, what the layout shows of their person, and the bell."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, or_, Select, select
from sqlalchemy.orm import joinedload, Session

from matchhub.accounts.models import Membership, UserSession
from matchhub.accounts.queries.people import active_memberships, one, token_hash
from matchhub.core.outbox import Notice
from matchhub.core.policy import Actor

# Asked for by every page. Kept here, as to put a statement together and to find its text costs more than to run it.
BROWSER = (
    select(UserSession)
    .where(UserSession.sid_hash == bindparam("sid_hash"))
    .options(
        joinedload(UserSession.user, innerjoin=True),
        joinedload(UserSession.membership).joinedload(Membership.organization),
    )
)
UNREAD = (
    select(Notice.organization_id, func.count(Notice.id))
    .where(
        Notice.recipient_user_id == bindparam("user_id"),
        Notice.bell.is_(True),
        Notice.read_at.is_(None),
        Notice.due_at <= bindparam("now"),
    )
    .group_by(Notice.organization_id)
)


def session_by_id(session: Session, sid: str, *, now: datetime, idle: timedelta) -> UserSession | None:
    """The signed-in browser behind a cookie, with person, membership and organization in one query; None when over."""
    row = session.scalar(BROWSER, {"sid_hash": token_hash(sid)})
    if row is None or row.ended_at is not None or row.expires_at <= now or row.last_seen_at + idle <= now:
        return None
    return None if row.user.disabled_at is not None else row


def open_sessions(session: Session, user_id: int, *, now: datetime, idle: timedelta) -> list[UserSession]:
    """Where a person is signed in, the latest first."""
    return list(
        session.scalars(
            select(UserSession)
            .where(
                UserSession.user_id == user_id,
                UserSession.ended_at.is_(None),
                UserSession.expires_at > now,
                UserSession.last_seen_at > now - idle,
            )
            .order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())
        )
    )


def own_session(actor: Actor, session_id: int) -> UserSession | None:
    """A signed-in browser of the actor."""
    return one(select(UserSession).where(UserSession.id == session_id, UserSession.user_id == actor.user_id))


@dataclass(frozen=True, slots=True)
class ViewerMembership:
    """One organization that the viewer may act for, with the notices that wait there."""

    id: int
    organization_name: str
    role_label: str
    acting: bool
    count: int


@dataclass(frozen=True, slots=True)
class Viewer:
    """What the layout shows of the person at the screen."""

    name: str
    organization_name: str
    role_label: str
    memberships: list[ViewerMembership]
    unread_notices: int


def viewer_of(session: Session, actor: Actor, *, now: datetime, speak: Callable[[str], str] = str) -> Viewer | None:
    """The viewer for the layout, None for visitors: two queries, however many memberships and notices."""
    if actor.user_id is None:
        return None
    waiting = unread_by_organization(session, actor.user_id, now=now)
    memberships = [
        ViewerMembership(
            m.id,
            m.organization.label,
            speak(m.role.label),
            m.id == actor.membership_id,
            waiting.get(m.organization_id, 0),
        )
        for m in active_memberships(session, actor.user_id)
        if m.organization.is_open
    ]
    acting = next((m for m in memberships if m.acting), None)
    return Viewer(
        name=actor.name,
        organization_name=acting.organization_name if acting else "",
        role_label=acting.role_label if acting else "",
        memberships=memberships,
        unread_notices=waiting.get(None, 0) + waiting.get(actor.organization_id or 0, 0),
    )


def unread_by_organization(session: Session, user_id: int, *, now: datetime) -> dict[int | None, int]:
    """How many notices wait for a person, by the organization that they concern."""
    rows = session.execute(UNREAD, {"user_id": user_id, "now": now})
    return {row[0]: row[1] for row in rows}


def notices_to(actor: Actor, now: datetime) -> Select[Notice]:
    """The bell's list: what concerns the person, or the organization that the person acts for; newest first."""
    return (
        select(Notice)
        .where(
            Notice.recipient_user_id == actor.user_id,
            Notice.bell.is_(True),
            Notice.due_at <= now,
            or_(Notice.organization_id.is_(None), Notice.organization_id == actor.organization_id),
        )
        .order_by(Notice.due_at.desc(), Notice.id.desc())
    )


def own_notice(actor: Actor, notice_id: int) -> Notice | None:
    """A notice to the actor."""
    return one(select(Notice).where(Notice.id == notice_id, Notice.recipient_user_id == actor.user_id))
