"""What calendars hold: the feed of an address, the events of a person, of a series, of the city; clashes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, Session

from matchhub.core.labels import Labelled, N_
from matchhub.core.links import code_hash
from matchhub.core.workdays import is_workday
from matchhub.events.enums import (
    AHEAD_STATES,
    Audience,
    EventMode,
    EventState,
    FeedKind,
    InvitationState,
    OPEN_REGISTRATIONS,
    PitchState,
    RegistrationState,
)
from matchhub.events.models import Event, EventInvitation, EventSeries, Feed, Pitch, Registration, SeatPool
from matchhub.events.queries.finding import loaded

KEPT = timedelta(days=90)  # how long what is over stays in a subscription
MOST = 500


def feed_of(session: Session, user_id: int, kind: FeedKind, series_id: int | None = None) -> Feed | None:
    """A person's address in force."""
    statement = select(Feed).where(
        Feed.user_id == user_id, Feed.kind == kind, Feed.series_id == series_id, Feed.ended_at.is_(None)
    )  # fmt: skip
    return session.scalar(statement)


def feeds_of(session: Session, user_id: int) -> list[Feed]:
    """A person's addresses in force."""
    statement = select(Feed).options(joinedload(Feed.series)).where(Feed.user_id == user_id, Feed.ended_at.is_(None))
    return list(session.scalars(statement.order_by(Feed.id)))


def feed_by_token(session: Session, token: str) -> Feed | None:
    """The subscription of an address; None for one that was renewed or never was, or whose person is gone."""
    feed = session.scalar(select(Feed).where(Feed.token_hash == code_hash(token), Feed.ended_at.is_(None)))
    return None if feed is None or feed.user.disabled_at is not None else feed


def events_of_person(session: Session, user_id: int, *, now: datetime) -> list[tuple[Event, Registration]]:
    """What somebody takes part in, waits for or asked for, with what was called off, so that calendars learn of it."""
    shown = (*OPEN_REGISTRATIONS, RegistrationState.ATTENDED)
    statement = (
        loaded()
        .add_columns(Registration)
        .join(Registration, Registration.event_id == Event.id)
        .where(Registration.user_id == user_id, Registration.state.in_(shown), Event.ends_at > now - KEPT)
        .order_by(Event.starts_at)
        .limit(MOST)
    )
    return [(row[0], row[1]) for row in session.execute(statement)]


def public_events(session: Session, *, series_id: int | None = None, now: datetime) -> list[Event]:
    """What the city's calendar holds, or a series: public events only, called off or not."""
    statement = loaded().where(
        Event.audience == Audience.PUBLIC, Event.state != EventState.DRAFT, Event.ends_at > now - KEPT
    )  # fmt: skip
    if series_id is not None:
        statement = statement.where(Event.series_id == series_id)
    return list(session.scalars(statement.order_by(Event.starts_at).limit(MOST)))


def public_series(session: Session, series_id: int) -> EventSeries | None:
    """A series of which at least one event is public and out."""
    out = select(Event.id).where(
        Event.series_id == EventSeries.id, Event.audience == Audience.PUBLIC, Event.state != EventState.DRAFT
    )
    return session.scalar(select(EventSeries).where(EventSeries.id == series_id, out.exists()))


class Severity(Labelled):
    """How bad a clash is; none of them forbids anything."""

    HIGH = "high", N_("严重"), "red"
    MEDIUM = "medium", N_("注意"), "amber"
    LOW = "low", N_("提示"), "blue"


class ClashKind(Labelled):
    """What does not go together."""

    ROOM_TAKEN = "room_taken", N_("同一房间同时有别的活动")
    HOST_TWICE = "host_twice", N_("主办方同时有两场活动")
    FIRM_TWICE = "firm_twice", N_("路演企业同时在另一场")
    ROOM_TOO_SMALL = "room_too_small", N_("席位比房间能坐的人多")
    GUEST_ELSEWHERE = "guest_elsewhere", N_("受邀的人已经答应了另一场")
    HOLIDAY = "holiday", N_("这一天放假")


SEVERITY = {
    ClashKind.ROOM_TAKEN: Severity.HIGH,
    ClashKind.FIRM_TWICE: Severity.HIGH,
    ClashKind.ROOM_TOO_SMALL: Severity.MEDIUM,
    ClashKind.HOST_TWICE: Severity.MEDIUM,
    ClashKind.GUEST_ELSEWHERE: Severity.MEDIUM,
    ClashKind.HOLIDAY: Severity.LOW,
}


@dataclass(frozen=True, slots=True)
class Clash:
    """One thing that does not go together. `with_id` names the other event, `count` how many people or seats."""

    event_id: int
    kind: ClashKind
    with_id: int | None = None
    count: int = 0

    @property
    def severity(self) -> Severity:
        return SEVERITY[self.kind]


def clashes_of(session: Session, events: Sequence[Event]) -> dict[int, list[Clash]]:
    """event id → what clashes, the worst first. Compared with every event of the city, whoever may find it."""
    shown = [event for event in events if event.state in (EventState.DRAFT, *AHEAD_STATES)]
    found: dict[int, list[Clash]] = {event.id: [] for event in events}
    if not shown:
        return found
    others = _around(session, shown)
    seats = _seats_of(session, [event.id for event in shown])
    firms, guests = _firms_of(session, others), _guests_of(session, others)
    for event in shown:
        for other in others:
            if other.id != event.id and other.starts_at < event.ends_at and event.starts_at < other.ends_at:
                found[event.id] += _between(event, other, firms, guests)
        found[event.id] += _alone(event, seats.get(event.id, 0))
        found[event.id].sort(key=lambda clash: (list(Severity).index(clash.severity), clash.kind, clash.with_id or 0))
    return found


def _around(session: Session, shown: Sequence[Event]) -> list[Event]:
    """Everything ahead within the span of the shown ones, and the shown ones themselves."""
    first, last = min(event.starts_at for event in shown), max(event.ends_at for event in shown)
    within = (Event.starts_at < last, Event.ends_at > first)
    ids = [event.id for event in shown]
    statement = loaded().where(or_(Event.state.in_(AHEAD_STATES), Event.id.in_(ids)), *within)
    return list(session.scalars(statement))


def _between(event: Event, other: Event, firms: dict[int, set[int]], guests: dict[int, set[int]]) -> list[Clash]:
    found = []
    if event.room_id is not None and event.room_id == other.room_id:
        found.append(Clash(event.id, ClashKind.ROOM_TAKEN, other.id))
    if event.host_id == other.host_id:
        found.append(Clash(event.id, ClashKind.HOST_TWICE, other.id))
    if twice := firms.get(event.id, set()) & firms.get(other.id, set()):
        found.append(Clash(event.id, ClashKind.FIRM_TWICE, other.id, len(twice)))
    if away := guests.get(event.id, set()) & guests.get(other.id, set()):
        found.append(Clash(event.id, ClashKind.GUEST_ELSEWHERE, other.id, len(away)))
    return found


def _alone(event: Event, seats: int) -> list[Clash]:
    found = []
    if event.room is not None and event.mode is EventMode.ON_SITE and seats > event.room.capacity:
        found.append(Clash(event.id, ClashKind.ROOM_TOO_SMALL, count=seats - event.room.capacity))
    day = event.starts_at.astimezone(event.tz).date()
    if day.weekday() < 5 and not is_workday(day):
        found.append(Clash(event.id, ClashKind.HOLIDAY))
    return found


def _seats_of(session: Session, event_ids: Sequence[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for row in session.scalars(select(SeatPool).where(SeatPool.event_id.in_(event_ids))):
        found[row.event_id] = found.get(row.event_id, 0) + row.ceiling
    return found


def _firms_of(session: Session, events: Sequence[Event]) -> dict[int, set[int]]:
    statement = select(Pitch.event_id, Pitch.organization_id).where(
        Pitch.event_id.in_([event.id for event in events]), Pitch.state != PitchState.DROPPED
    )
    return _grouped((row[0], row[1]) for row in session.execute(statement))


def _guests_of(session: Session, events: Sequence[Event]) -> dict[int, set[int]]:
    """Who is invited or has a seat, by person."""
    ids = [event.id for event in events]
    found: list[tuple[int, int]] = []
    invited = select(EventInvitation.event_id, EventInvitation.user_id).where(
        EventInvitation.event_id.in_(ids), EventInvitation.user_id.is_not(None),
        EventInvitation.state.in_((InvitationState.SENT, InvitationState.ACCEPTED)),
    )  # fmt: skip
    seated = select(Registration.event_id, Registration.user_id).where(
        Registration.event_id.in_(ids), Registration.user_id.is_not(None),
        Registration.state == RegistrationState.REGISTERED,
    )  # fmt: skip
    for statement in (invited, seated):
        found += [(row[0], row[1] or 0) for row in session.execute(statement)]
    return _grouped(found)


def people_at(session: Session, events: Sequence[Event]) -> dict[int, set[int]]:
    """event id → the people who are invited or have a seat."""
    return _guests_of(session, events)


def _grouped(rows: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for event_id, one in rows:
        found.setdefault(event_id, set()).add(one)
    return found
