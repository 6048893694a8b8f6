"""Who holds a seat, who waits and where in the line."""

from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, Select, select
from sqlalchemy.orm import Session

from matchhub.events.enums import RegistrationState, SeatRole
from matchhub.events.models import Event, Registration, SeatPool, Ticket

LATELY = timedelta(days=365)
IN_LINE = (Registration.rank, Registration.waiting_since, Registration.id)


def pools_of(session: Session, event_id: int) -> list[SeatPool]:
    """The seats by role, in the event's order."""
    statement = select(SeatPool).where(SeatPool.event_id == event_id).order_by(SeatPool.position, SeatPool.id)
    return list(session.scalars(statement))


def pool_of(session: Session, event_id: int, role: SeatRole) -> SeatPool | None:
    """The seats of one role; None where the event has none for it."""
    return session.scalar(select(SeatPool).where(SeatPool.event_id == event_id, SeatPool.role == role))


def registration_of(session: Session, event_id: int, person_key: str) -> Registration | None:
    """The one row of a person at an event."""
    statement = select(Registration).where(Registration.event_id == event_id, Registration.person_key == person_key)
    return session.scalar(statement)


def _waiting(pool_id: int) -> Select[Registration]:
    return select(Registration).where(
        Registration.pool_id == pool_id, Registration.state == RegistrationState.WAITLISTED
    )


def first_in_line(session: Session, pool_id: int) -> Registration | None:
    """Whom the next free seat is offered to."""
    return session.scalar(_waiting(pool_id).order_by(*IN_LINE).limit(1))


def line_position(session: Session, registration: Registration) -> int:
    """The place in the line, from 1."""
    own = registration
    earlier = or_(
        Registration.rank < own.rank,
        and_(Registration.rank == own.rank, Registration.waiting_since < own.waiting_since),
        and_(
            Registration.rank == own.rank,
            Registration.waiting_since == own.waiting_since,
            Registration.id < own.id,
        ),
    )
    statement = select(func.count()).select_from(_waiting(own.pool_id).where(earlier).subquery())
    return 1 + (session.scalar(statement) or 0)


def ticket_of(session: Session, registration_id: int) -> Ticket | None:
    """The ticket of a registration, revoked or not."""
    return session.scalar(select(Ticket).where(Ticket.registration_id == registration_id))


def was_here_lately(session: Session, person_key: str, *, now: datetime) -> bool:
    """Whether the person attended any event within a year."""
    statement = (
        select(Registration.id)
        .join(Event, Event.id == Registration.event_id)
        .where(
            Registration.person_key == person_key,
            Registration.state == RegistrationState.ATTENDED,
            Event.starts_at > now - LATELY,
        )
        .limit(1)
    )
    return session.scalar(statement) is not None


def lapsed_offers(session: Session, *, now: datetime, limit: int) -> list[Registration]:
    """Offers whose time is over, the oldest first."""
    over = (Registration.state == RegistrationState.OFFERED, Registration.offered_until <= now)
    return list(session.scalars(select(Registration).where(*over).order_by(Registration.offered_until).limit(limit)))
