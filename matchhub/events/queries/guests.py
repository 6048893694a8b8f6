"""Visitors without an account, by the address that was mailed to them."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, Session

from matchhub.core.links import code_hash
from matchhub.events.models import GuestPlace


def guest_place_by_token(session: Session, token: str) -> GuestPlace | None:
    """The place that an address is the key to; None for an address that nobody was sent."""
    statement = select(GuestPlace).where(GuestPlace.token_hash == code_hash(token))
    return session.scalar(statement.options(joinedload(GuestPlace.event, innerjoin=True)))


def guest_place_at(session: Session, event_id: int, email: str) -> GuestPlace | None:
    """What an address asked for at an event."""
    return session.scalar(select(GuestPlace).where(GuestPlace.event_id == event_id, GuestPlace.email == email))


def guest_place_of(session: Session, registration_id: int) -> GuestPlace | None:
    """Whose key opens a registration; None where it belongs to an account."""
    statement = select(GuestPlace).where(GuestPlace.registration_id == registration_id, GuestPlace.ended_at.is_(None))
    return session.scalar(statement)


def guest_places_of(session: Session, email: str) -> list[GuestPlace]:
    """All confirmed places of an address that no account has."""
    statement = select(GuestPlace).where(
        GuestPlace.email == email, GuestPlace.confirmed_at.is_not(None), GuestPlace.ended_at.is_(None)
    )
    return list(session.scalars(statement.order_by(GuestPlace.id)))


def unconfirmed(session: Session, *, now: datetime, limit: int) -> list[GuestPlace]:
    """What was asked, not confirmed, and is over."""
    statement = select(GuestPlace).where(GuestPlace.confirmed_at.is_(None), GuestPlace.expires_at <= now)
    return list(session.scalars(statement.order_by(GuestPlace.id).limit(limit)))
