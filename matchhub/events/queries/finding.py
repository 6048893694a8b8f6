"""Which events somebody finds: the public ones, those for members, those to which one is invited, one's own."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, ColumnElement, false, func, or_, Select, select, true
from sqlalchemy.orm import joinedload, selectinload, Session

from matchhub.accounts.enums import Role
from matchhub.core.db import db
from matchhub.core.paging import Page, paged
from matchhub.core.policy import Actor
from matchhub.events.enums import AHEAD_STATES, Audience, EventState, EventType, RegistrationState
from matchhub.events.models import Event, EventInvitation, EventSeries, Pitch, Registration, Room, SeatPool, Venue


def loaded() -> Select[Event]:
    """Events with what every page says of them: host, room and house. By queries of their own: a row that is joined to what
    may be missing cannot be held (`hold` reads it again as it was loaded)."""
    return select(Event).options(
        selectinload(Event.host), selectinload(Event.room).joinedload(Room.venue, innerjoin=True)
    )  # fmt: skip


def found_by(actor: Actor) -> ColumnElement[bool]:
    """The condition under which an actor finds an event."""
    out = Event.state != EventState.DRAFT
    own = Event.host_id == actor.organization_id if actor.organization_id else false()
    members = Event.audience == Audience.MEMBERS if actor.is_known and actor.organization_verified else false()
    invited: ColumnElement[bool] = false()
    if actor.user_id:
        for table in (EventInvitation, Registration):
            invited = (
                invited | select(table.id).where(table.event_id == Event.id, table.user_id == actor.user_id).exists()
            )
    return or_(own, and_(out, or_(Event.audience == Audience.PUBLIC, members, invited)))


def visible_event(actor: Actor, event_id: int) -> Event | None:
    """An event that the actor finds."""
    return db.session.scalar(loaded().where(Event.id == event_id, found_by(actor)))


def found_among(session: Session, actor: Actor, ids: Collection[int]) -> list[Event]:
    """Those of these events that the actor finds."""
    return list(session.scalars(loaded().where(Event.id.in_(ids), found_by(actor))))


def own_event(actor: Actor, event_id: int) -> Event | None:
    """An event of the actor's own organization."""
    if actor.organization_id is None:
        return None
    return db.session.scalar(loaded().where(Event.id == event_id, Event.host_id == actor.organization_id))


def reported_event(actor: Actor, event_id: int) -> Event | None:
    """An event of the own organization, or one of an officer's district; the city's officer has all that are out."""
    if (own := own_event(actor, event_id)) is not None:
        return own
    if actor.role not in (Role.CITY_OFFICER.value, Role.DISTRICT_OFFICER.value):
        return None
    district = Event.district_code == actor.region_code if actor.role == Role.DISTRICT_OFFICER.value else true()
    return db.session.scalar(loaded().where(Event.id == event_id, Event.state != EventState.DRAFT, district))


def visible_registration(actor: Actor, registration_id: int) -> Registration | None:
    """One's own registration, or one at an event of the own organization."""
    row = db.session.get(Registration, registration_id)
    if row is None or not actor.is_known:
        return None
    return row if row.user_id == actor.user_id or own_event(actor, row.event_id) is not None else None


def visible_pool(actor: Actor, pool_id: int) -> SeatPool | None:
    """Seats of an event of the own organization."""
    row = db.session.get(SeatPool, pool_id)
    return None if row is None or own_event(actor, row.event_id) is None else row


def own_venue(actor: Actor, venue_id: int) -> Venue | None:
    """A house that the own organization keeps."""
    row = db.session.get(Venue, venue_id)
    return None if row is None or actor.organization_id is None or row.organization_id != actor.organization_id else row


def own_series(actor: Actor, series_id: int) -> EventSeries | None:
    """A series of the own organization."""
    row = db.session.get(EventSeries, series_id)
    return None if row is None or actor.organization_id is None or row.host_id != actor.organization_id else row


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a reader of the list chose. `which`: ahead, past, mine (I take part), own (we hold)."""

    which: str = "ahead"
    kind: str = ""
    region: str = ""


def events_found(session: Session, actor: Actor, chosen: Chosen, *, now: datetime, number: int) -> Page[Event]:
    """The list: what is ahead with the nearest first, what is over with the latest first."""
    statement = loaded().where(found_by(actor), *_conditions(actor, chosen, now))
    order = Event.starts_at.desc() if chosen.which == "past" else Event.starts_at
    return paged(session, statement.order_by(order, Event.id), number, 20)


def _conditions(actor: Actor, chosen: Chosen, now: datetime) -> list[ColumnElement[bool]]:
    which: dict[str, ColumnElement[bool]] = {
        "past": and_(Event.ends_at <= now, Event.state.not_in((EventState.CANCELLED, EventState.DRAFT))),
        "mine": and_(Event.ends_at > now, _takes_part(actor)),
        "own": (Event.host_id == actor.organization_id) if actor.organization_id else false(),
    }
    ahead = and_(Event.ends_at > now, Event.state.in_(AHEAD_STATES))
    found = [which.get(chosen.which, ahead)]
    if chosen.kind in set(EventType):
        found.append(Event.type == chosen.kind)
    if chosen.region:
        found.append(Event.district_code == chosen.region)
    return found


def _takes_part(actor: Actor) -> ColumnElement[bool]:
    if not actor.user_id:
        return false()
    open_states = (RegistrationState.PENDING, RegistrationState.REGISTERED, RegistrationState.WAITLISTED,
                   RegistrationState.OFFERED, RegistrationState.ATTENDED)  # fmt: skip
    mine = (Registration.event_id == Event.id, Registration.user_id == actor.user_id)
    return select(Registration.id).where(*mine, Registration.state.in_(open_states)).exists()


def events_between(
    session: Session, actor: Actor, start: datetime, end: datetime, *, host_id: int | None = None
) -> list[Event]:
    """What the actor finds in a span of time, called off or not, by the hour."""
    own = Event.host_id == host_id if host_id else true()
    statement = loaded().where(found_by(actor), Event.starts_at < end, Event.ends_at > start, own)
    return list(session.scalars(statement.order_by(Event.starts_at, Event.id)))


def coming_public(session: Session, *, now: datetime, limit: int) -> list[Event]:
    """The next public events."""
    statement = loaded().where(
        Event.audience == Audience.PUBLIC, Event.state.in_(AHEAD_STATES), Event.starts_at > now
    )  # fmt: skip
    return list(session.scalars(statement.order_by(Event.starts_at, Event.id).limit(limit)))


def seats_left(session: Session, event_ids: Sequence[int]) -> dict[int, list[SeatPool]]:
    """event id → its pools, in order: one query."""
    found: dict[int, list[SeatPool]] = {event_id: [] for event_id in event_ids}
    statement = select(SeatPool).where(SeatPool.event_id.in_(event_ids)).order_by(SeatPool.position, SeatPool.id)
    for row in session.scalars(statement):
        found[row.event_id].append(row)
    return found


def own_places(session: Session, actor: Actor, event_ids: Sequence[int]) -> dict[int, Registration]:
    """event id → the actor's own registration: one query."""
    if not actor.user_id:
        return {}
    statement = select(Registration).where(
        Registration.user_id == actor.user_id, Registration.event_id.in_(event_ids)
    )  # fmt: skip
    return {row.event_id: row for row in session.scalars(statement)}


def named_pitches(session: Session, event_id: int) -> list[Pitch]:
    """The line-up as the public page may name it: only firms that have consented to it."""
    statement = (
        select(Pitch)
        .options(joinedload(Pitch.organization, innerjoin=True))
        .where(Pitch.event_id == event_id, Pitch.named_since.is_not(None))
        .order_by(Pitch.position, Pitch.id)
    )
    return [row for row in session.scalars(statement) if row.is_named]


def tickets_of(session: Session, user_id: int, *, now: datetime) -> list[Registration]:
    """What a person has registered for and is not over, the nearest first."""
    statement = (
        select(Registration)
        .join(Event, Event.id == Registration.event_id)
        .options(
            joinedload(Registration.event, innerjoin=True).options(
                joinedload(Event.host, innerjoin=True), joinedload(Event.room).joinedload(Room.venue, innerjoin=True)
            ),
            joinedload(Registration.pool, innerjoin=True),
        )
        .where(Registration.user_id == user_id, Event.ends_at > now)
        .order_by(Event.starts_at, Registration.id)
    )
    return list(session.scalars(statement))


def registrations_at(session: Session, event_id: int, *, state: str = "", number: int = 1) -> Page[Registration]:
    """Who is on the list, by state and order of the line."""
    statement = (
        select(Registration)
        .options(joinedload(Registration.pool, innerjoin=True), joinedload(Registration.organization))
        .where(Registration.event_id == event_id)
    )
    if state in set(RegistrationState):
        statement = statement.where(Registration.state == state)
    line = (Registration.rank, Registration.waiting_since, Registration.joined_at, Registration.id)
    order = line if state == RegistrationState.WAITLISTED.value else (Registration.joined_at, Registration.id)
    return paged(session, statement.order_by(*order), number, 50)


def registration_counts(session: Session, event_id: int) -> dict[RegistrationState, int]:
    """How many stand in each state."""
    rows = session.execute(
        select(Registration.state, func.count()).where(Registration.event_id == event_id).group_by(Registration.state)
    )
    return {row[0]: row[1] for row in rows}


def open_rooms(session: Session) -> list[Room]:
    """Rooms that can be chosen, by house."""
    statement = (
        select(Room)
        .join(Venue, Venue.id == Room.venue_id)
        .options(joinedload(Room.venue, innerjoin=True))
        .where(Room.closed_at.is_(None), Venue.closed_at.is_(None))
        .order_by(Venue.name, Room.name)
    )
    return list(session.scalars(statement))


def venues_of(session: Session, organization_id: int) -> list[Venue]:
    """The houses that an organization keeps."""
    statement = (
        select(Venue)
        .options(selectinload(Venue.rooms))
        .where(Venue.organization_id == organization_id, Venue.closed_at.is_(None))
    )
    return list(session.scalars(statement.order_by(Venue.name)))


def ahead_in_series(session: Session, series_id: int, *, now: datetime) -> list[Event]:
    """What a series still has before it and has not called off."""
    changeable = (EventState.DRAFT, *AHEAD_STATES)
    statement = loaded().where(Event.series_id == series_id, Event.starts_at > now, Event.state.in_(changeable))
    return list(session.scalars(statement.order_by(Event.starts_at)))


def events_of_series(session: Session, series_id: int) -> list[Event]:
    """All events of a series, the earliest first."""
    return list(session.scalars(loaded().where(Event.series_id == series_id).order_by(Event.starts_at)))


def series_of_host(session: Session, host_id: int) -> list[EventSeries]:
    """The series that an organization holds, the newest first."""
    return list(
        session.scalars(select(EventSeries).where(EventSeries.host_id == host_id).order_by(EventSeries.id.desc()))
    )


@dataclass(frozen=True, slots=True)
class NearPlace:
    """A person's seat at an event; `offered_until` where it waits for the person's word."""

    registration_id: int
    offered_until: datetime | None
    title: str
    title_en: str
    starts_at: datetime


NEAR_PLACES = (  # of the person `user_id`
    select(Registration.id, Registration.offered_until, Event.title, Event.title_en, Event.starts_at)
    .join(Event, Event.id == Registration.event_id)
    .where(
        Registration.user_id == bindparam("user_id"),
        Event.starts_at > bindparam("now"),
        Event.state.in_(AHEAD_STATES),
        or_(
            and_(Registration.state == RegistrationState.REGISTERED, Event.starts_at < bindparam("before")),
            and_(Registration.state == RegistrationState.OFFERED, Registration.offered_until > bindparam("now")),
        ),
    )
    .order_by(Event.starts_at)
    .limit(7)
)
