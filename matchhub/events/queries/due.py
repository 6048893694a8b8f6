"""What the worker looks for."""

from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload, Session

from matchhub.core.outbox import Notice
from matchhub.events.enums import (
    AHEAD_STATES,
    EventState,
    InvitationState,
    OPEN_REGISTRATIONS,
    PitchState,
    RegistrationState,
)
from matchhub.events.models import Announcement, Event, EventInvitation, Pitch, Registration, Room
from matchhub.events.news import REMINDER_KIND

LONGEST_LEAD = timedelta(days=31)


def untold(session: Session) -> list[int]:
    """Ids of announcements that somebody has not been told of, in their order."""
    return list(
        session.scalars(select(Announcement.id).where(Announcement.told_at.is_(None)).order_by(Announcement.id))
    )


def concerned(session: Session, event_id: int, *, after: int, limit: int) -> list[Registration]:
    """The next of those with a place, in a line or asking for one."""
    statement = (
        select(Registration)
        .where(
            Registration.event_id == event_id, Registration.id > after, Registration.state.in_(OPEN_REGISTRATIONS)
        )
        .order_by(Registration.id)
        .limit(limit)
    )  # fmt: skip
    return list(session.scalars(statement))


def pitching_organizations(session: Session, event_id: int) -> list[int]:
    """Ids of the firms in the line-up, reserves too."""
    statement = select(Pitch.organization_id).where(Pitch.event_id == event_id, Pitch.state != PitchState.DROPPED)
    return list(session.scalars(statement.order_by(Pitch.id)))


def open_invitations(session: Session, event_id: int) -> list[EventInvitation]:
    """Who was invited and has not said no."""
    statement = select(EventInvitation).where(
        EventInvitation.event_id == event_id,
        EventInvitation.state.in_((InvitationState.SENT, InvitationState.ACCEPTED)),
    )
    return list(session.scalars(statement.order_by(EventInvitation.id)))


def registration_ids(event_id: int) -> Select[int]:
    """The ids of all registrations at an event, as a subquery."""
    return select(Registration.id).where(Registration.event_id == event_id)


def soon(session: Session, *, now: datetime) -> list[Event]:
    """Events ahead for which a reminder may be due."""
    statement = (
        select(Event)
        .options(selectinload(Event.room).joinedload(Room.venue, innerjoin=True))
        .where(Event.state.in_(AHEAD_STATES), Event.starts_at > now, Event.starts_at < now + LONGEST_LEAD)
        .order_by(Event.starts_at)
    )
    return list(session.scalars(statement))


def to_remind(session: Session, event_id: int, *, due_at: datetime, limit: int) -> list[Registration]:
    """Who held a seat when the reminder was due and was not told of it."""
    told = select(Notice.id).where(
        Notice.kind == REMINDER_KIND,
        Notice.object_type == Registration.__tablename__,
        Notice.object_id == Registration.id,
        Notice.due_at == due_at,
    )
    statement = (
        select(Registration)
        .where(
            Registration.event_id == event_id,
            Registration.state == RegistrationState.REGISTERED,
            Registration.seated_at <= due_at,
            ~told.exists(),
        )
        .order_by(Registration.id)
        .limit(limit)
    )
    return list(session.scalars(statement))


def to_close(session: Session, *, now: datetime) -> list[int]:
    """Ids of events whose registration is over."""
    over = (Event.state == EventState.PUBLISHED, Event.registration_closes_at <= now)
    return list(session.scalars(select(Event.id).where(*over)))


def to_hold(session: Session, *, now: datetime) -> list[int]:
    """Ids of events that are over."""
    return list(session.scalars(select(Event.id).where(Event.state.in_(AHEAD_STATES), Event.ends_at <= now)))
