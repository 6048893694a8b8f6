"""Who is signed in, and what the layout shows of them."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload, Session

from matchhub.accounts.enums import MembershipState
from matchhub.accounts.models import Membership, Organization, User, UserSession
from matchhub.core.outbox import Recipient


def token_hash(token: str) -> str:
    """What is stored of a random token (256 bits, so a fast hash is enough)."""
    return hashlib.sha256(token.encode()).hexdigest()


def session_by_id(session: Session, sid: str, *, now: datetime, idle: timedelta) -> UserSession | None:
    """The signed-in browser behind a cookie, with person, membership and organization in one query; None when over."""
    row = session.scalar(
        select(UserSession)
        .where(UserSession.sid_hash == token_hash(sid))
        .options(
            joinedload(UserSession.user, innerjoin=True),
            joinedload(UserSession.membership).joinedload(Membership.organization),
        )
    )
    if row is None or row.ended_at is not None or row.expires_at <= now or row.last_seen_at + idle <= now:
        return None
    return None if row.user.disabled_at is not None else row


def active_memberships(session: Session, user_id: int) -> list[Membership]:
    """The memberships in force of a person, each with its organization, oldest first."""
    return list(
        session.scalars(
            select(Membership)
            .join(Organization)
            .where(Membership.user_id == user_id, Membership.state == MembershipState.ACTIVE)
            .options(joinedload(Membership.organization, innerjoin=True))
            .order_by(Membership.id)
        )
    )


def people_of(session: Session, organization_id: int) -> list[User]:
    """The people who act for an organization now: whom a notice to it reaches."""
    return list(
        session.scalars(
            select(User)
            .join(Membership, Membership.user_id == User.id)
            .where(
                Membership.organization_id == organization_id,
                Membership.state == MembershipState.ACTIVE,
                User.disabled_at.is_(None),
            )
            .order_by(User.id)
        )
    )


def recipients_of(session: Session, organization_id: int) -> list[Recipient]:
    """Everyone who is told of what concerns an organization; nobody where it is unclaimed."""
    return [
        Recipient(user_id=user.id, address=user.email or "", locale=user.locale, organization_id=organization_id)
        for user in people_of(session, organization_id)
    ]
