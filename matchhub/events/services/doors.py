"""Coming in: by ticket, by name, without a ticket; taken back; and what a door uploads that had no network.

Locks: pools first, then registrations by id, so that two doors that upload at once wait for each other and never cross.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from matchhub.core import audit, errors, news
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor, SYSTEM
from matchhub.events import queries
from matchhub.events.enums import CheckInWay, Entry, EventState, RegistrationSource, RegistrationState, SeatRole
from matchhub.events.models import CheckIn, DoorKeeper, Event, Registration, SeatPool
from matchhub.events.news import RegistrationChanged
from matchhub.events.policy import Permission, POLICY
from matchhub.events.services import seats, tickets
from matchhub.events.services.registrations import give_up, held_pool
from matchhub.events.workflow import REGISTRATIONS

OPENS_BEFORE = timedelta(hours=24)
DOOR_STATES = frozenset({EventState.PUBLISHED, EventState.CLOSED, EventState.HELD})
ADMITTED = frozenset({RegistrationState.REGISTERED, RegistrationState.ATTENDED, RegistrationState.NO_SHOW})


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody at a door. One of `code_hash` and `registration_id` says who; neither: a walk-in with the facts below."""

    at: datetime
    way: CheckInWay
    door: str = ""
    ref: str | None = None
    code_hash: str = ""
    registration_id: int | None = None
    role: SeatRole | None = None
    name: str = ""
    organization_name: str = ""
    mobile: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a door is told."""

    entry: Entry
    arrival: Arrival
    registration: Registration | None = None
    check_in: CheckIn | None = None


def doors_open_at(event: Event) -> datetime:
    """From when on somebody can be checked in."""
    return event.starts_at - OPENS_BEFORE


@writes
def admit(event: Event, arrivals: Sequence[Arrival], *, actor: Actor, now: datetime) -> list[Answer]:
    """Let people in, one or a whole upload; the answers in the order of the arrivals.

    Raises Forbidden, Conflict (too early, called off, archived). What is wrong with one arrival is its answer.
    """
    POLICY.check(Permission.LET_IN, actor, event)
    if event.state not in DOOR_STATES or now < doors_open_at(event):
        raise errors.Conflict(N_("签到在开始前 24 小时开放，活动取消或归档后关闭"))
    found = [_find(event, arrival) for arrival in arrivals]
    order = sorted(range(len(arrivals)), key=lambda place: _lock_order(found[place], place))
    answers: dict[int, Answer] = {}
    for place in order:
        answers[place] = _admit_one(event, arrivals[place], found[place], actor=actor, now=now)
        db.session.flush()
    return [answers[place] for place in range(len(arrivals))]


def _lock_order(found: Registration | Entry | None, place: int) -> tuple[int, int, int]:
    """Walk-ins, new and come back, first: they hold a pool."""
    if found is None or _left(found):
        return 0, 0, place
    return 1, found.id if isinstance(found, Registration) else 0, place


def _find(event: Event, arrival: Arrival) -> Registration | Entry | None:
    """Who it is; why not; None for somebody who is not on the list and gives a name."""
    session = db.session()
    if arrival.code_hash:
        ticket = queries.ticket_by_hash(session, arrival.code_hash)
        if ticket is None:
            return Entry.UNKNOWN
        return ticket.registration if ticket.registration.event_id == event.id else Entry.OTHER_EVENT
    if arrival.registration_id is not None:
        row = session.get(Registration, arrival.registration_id)
        return row if row is not None and row.event_id == event.id else Entry.UNKNOWN
    return queries.registration_of(session, event.id, walk_in_key(arrival)) or _by_mobile(event, arrival)


def _by_mobile(event: Event, arrival: Arrival) -> Registration | None:
    return queries.registration_by_mobile(db.session(), event.id, arrival.mobile) if arrival.mobile else None


def walk_in_key(arrival: Arrival) -> str:
    """By what somebody without a ticket is known: the mobile where it was given, else what the door called it."""
    return f"mobile:{arrival.mobile}" if arrival.mobile else f"walk_in:{arrival.ref}"


def _admit_one(
    event: Event, arrival: Arrival, found: Registration | Entry | None, *, actor: Actor, now: datetime
) -> Answer:
    if isinstance(found, Entry):
        return Answer(found, arrival)
    if found is not None and _left(found) and not _repeated(arrival):
        return _again_at_the_door(found, arrival, actor=actor, now=now)
    registration = found or _walk_in(event, arrival, actor=actor, now=now)
    if not isinstance(registration, Registration):
        return Answer(Entry.NO_SEAT, arrival)
    hold(registration)
    return _let_in(registration, arrival, actor=actor, now=now)


def _left(registration: Registration | Entry) -> bool:
    """Came without a ticket before, and left with the seat."""
    return (
        isinstance(registration, Registration)
        and registration.source is RegistrationSource.WALK_IN
        and registration.state is RegistrationState.CANCELLED
    )


def _repeated(arrival: Arrival) -> bool:
    return bool(arrival.ref) and queries.check_in_by_ref(db.session(), arrival.ref or "") is not None


def _again_at_the_door(registration: Registration, arrival: Arrival, *, actor: Actor, now: datetime) -> Answer:
    """Somebody who left comes back: a seat where there still is one."""
    pool = held_pool(registration)
    if not _left(registration):  # let in at another door while this one waited
        return _let_in(registration, arrival, actor=actor, now=now)
    if not _take_here(pool, registration.event, now=now):
        return Answer(Entry.NO_SEAT, arrival, registration)
    REGISTRATIONS.advance(registration, "seat_here", actor=actor)
    registration.ended_at, registration.seated_at = None, now
    tickets.issue(registration, now=now)
    db.session.flush()
    return _let_in(registration, arrival, actor=actor, now=now)


def _let_in(registration: Registration, arrival: Arrival, *, actor: Actor, now: datetime) -> Answer:
    """The registration is held."""
    session = db.session()
    if arrival.ref and (mine := queries.check_in_by_ref(session, arrival.ref)) is not None:
        return Answer(Entry.IN, arrival, mine.registration, mine)  # uploaded before; what was undone since stays undone
    standing = queries.standing_check_in(session, registration.id)
    if standing is not None:
        return _again(standing, registration, arrival, actor=actor)
    if registration.state not in ADMITTED:
        return Answer(Entry.NO_SEAT, arrival, registration)
    check_in = CheckIn(
        event_id=registration.event_id, registration=registration, way=arrival.way, door=arrival.door,
        at=min(arrival.at, now), received_at=now, by_user_id=actor.user_id, ref=arrival.ref,
    )  # fmt: skip
    session.add(check_in)
    if registration.state is not RegistrationState.ATTENDED:
        REGISTRATIONS.advance(registration, "attend", actor=actor)
    session.flush()
    audit.record(actor, "check_in:admit", check_in, way=arrival.way.value, door=arrival.door)
    news.publish(RegistrationChanged(registration, "attend"), now=now)
    return Answer(Entry.IN, arrival, registration, check_in)


def _again(standing: CheckIn, registration: Registration, arrival: Arrival, *, actor: Actor) -> Answer:
    """Two doors: the earlier moment stands, whichever was heard of first."""
    audit.record(actor, "check_in:again", standing, at=arrival.at.isoformat(), door=arrival.door)
    if arrival.at < standing.at:
        standing.at, standing.door, standing.way = arrival.at, arrival.door, arrival.way
    return Answer(Entry.AGAIN, arrival, registration, standing)


def _walk_in(event: Event, arrival: Arrival, *, actor: Actor, now: datetime) -> Registration | None:
    """A new registration with a seat; None where none is left for the role. Who came to another door at the same moment was
    written down there while this one waited for the pool."""
    pool = queries.pool_of(db.session(), event.id, arrival.role) if arrival.role is not None else None
    if pool is None:
        return None
    hold(pool)
    if isinstance(known := _find(event, arrival), Registration):
        return known
    if not _take_here(pool, event, now=now):
        return None
    registration = Registration(
        event=event, pool_id=pool.id, person_key=walk_in_key(arrival), name=arrival.name,
        organization_name=arrival.organization_name, mobile=arrival.mobile, state=RegistrationState.REGISTERED,
        source=RegistrationSource.WALK_IN, joined_at=now, seated_at=now,
    )  # fmt: skip
    db.session.add(registration)
    tickets.issue(registration, now=now)
    db.session.flush()
    audit.record(actor, "registration:walk_in", registration)
    return registration


def _take_here(pool: SeatPool, event: Event, *, now: datetime) -> bool:
    """A seat at the door, of a pool that is held: before the start not while others wait in line, afterwards any that is
    free."""
    return not (pool.waiting and now < event.starts_at) and seats.take(pool)


@writes
def seat_here(registration: Registration, *, door: str, actor: Actor, now: datetime) -> Answer:
    """Somebody on the list without a seat is given one that is free, and let in.

    Raises Conflict where none is left, or where the person has a seat.
    """
    event, pool = registration.event, db.session.get_one(SeatPool, registration.pool_id)
    POLICY.check(Permission.LET_IN, actor, registration)
    hold(pool)
    hold(registration)
    before = registration.state
    holds = before is RegistrationState.OFFERED
    waits = before is RegistrationState.WAITLISTED
    REGISTRATIONS.advance(registration, "seat_here", actor=actor)
    if waits:
        seats.leave_line(pool)
    if not holds and not _take_here(pool, event, now=now):
        raise errors.Conflict(N_("这类席位已满，先加席位数再签到"))
    registration.offered_until, registration.ended_at, registration.seated_at = None, None, now
    tickets.issue(registration, now=now)
    db.session.flush()
    return admit(
        event, [Arrival(now, CheckInWay.NAME, door, registration_id=registration.id)], actor=actor, now=now
    )[0]  # fmt: skip


@writes
def undo_check_in(check_in: CheckIn, *, actor: Actor, now: datetime) -> None:
    """It was somebody else: the seat stays, the person can come in again. Who had none before the door gave one (a walk-in)
    leaves with it, and the seat is free for the next. Raises Conflict when it was undone before."""
    registration = check_in.registration
    POLICY.check(Permission.LET_IN, actor, registration)
    held_pool(registration)
    hold(check_in)
    if check_in.undone_at is not None:
        raise errors.Conflict(N_("这次签到已经撤销过"))
    check_in.undone_at = now
    if registration.state is RegistrationState.ATTENDED:
        REGISTRATIONS.advance(registration, "undo_attend", actor=actor)
    if registration.source is RegistrationSource.WALK_IN and registration.state is RegistrationState.REGISTERED:
        give_up(registration, "leave", actor=SYSTEM, now=now)  # who keeps a door need not be the organizer
    audit.record(actor, "check_in:undo", check_in)
    news.publish(RegistrationChanged(registration, "undo_attend"), now=now)


@writes
def name_keeper(event: Event, user_id: int, *, actor: Actor) -> DoorKeeper:
    """A member of the host may let people in. Raises Invalid for anybody else."""
    POLICY.check(Permission.ORGANIZE, actor, event)
    if user_id not in {user.id for user in queries.host_people(db.session(), event)}:
        raise errors.Invalid(N_("请从列表里选"), field="user_id")
    keeper = next((row for row in event.door_keepers if row.user_id == user_id), None)
    if keeper is None:
        keeper = DoorKeeper(event=event, user_id=user_id)
        db.session.add(keeper)
        db.session.flush()
    keeper.ended_at = None
    audit.record(actor, "door_keeper:name", keeper)
    return keeper


@writes
def release_keeper(keeper: DoorKeeper, *, actor: Actor, now: datetime) -> None:
    """Not at the door any more."""
    POLICY.check(Permission.ORGANIZE, actor, keeper.event)
    keeper.ended_at = keeper.ended_at or now
    audit.record(actor, "door_keeper:release", keeper)
