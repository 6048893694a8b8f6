"""The numbers of a pool: taken, given back, waited for. Nothing else changes them.

Whoever calls holds the pool's row first (`hold`, or `enter`, which holds it by deciding), so that on PostgreSQL too one
decision is made after the other; the conditional update and the CHECK stand behind it. Every path that frees a seat ends
in `fill`.
"""

from datetime import datetime

from sqlalchemy import case, ColumnElement, update
from sqlalchemy.orm.attributes import set_committed_value

from matchhub.core import audit, errors, news
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor, SYSTEM
from matchhub.core.workdays import add_working_hours
from matchhub.events import queries
from matchhub.events.models import Event, Registration, SeatPool
from matchhub.events.news import RegistrationChanged
from matchhub.events.policy import Permission, POLICY
from matchhub.events.workflow import REGISTRATIONS

MOST_SEATS = 5000
NUMBERS = (SeatPool.capacity, SeatPool.ceiling, SeatPool.taken, SeatPool.waiting)


def enter(pool: SeatPool) -> bool:
    """A newcomer takes a free seat (True), or a place in the line: decided, and the pool held, by one statement."""
    free = (SeatPool.waiting == 0) & (SeatPool.taken < SeatPool.capacity)
    seat, wait = case((free, 1), else_=0), case((free, 0), else_=1)
    _changed(pool, SeatPool.id == pool.id, taken=SeatPool.taken + seat, waiting=SeatPool.waiting + wait)
    return pool.waiting == 0  # nobody gets a seat while somebody waits


def take(pool: SeatPool) -> bool:
    """Take one free seat; False where there is none."""
    return _changed(pool, SeatPool.taken < SeatPool.capacity, taken=SeatPool.taken + 1)


def give_back(pool: SeatPool) -> None:
    """Give one seat back; a lowered pool shrinks with it."""
    left = SeatPool.taken - 1
    ceiling = case((SeatPool.capacity > left, SeatPool.capacity), else_=left)
    _changed(pool, SeatPool.taken > 0, taken=left, ceiling=ceiling)


def join_line(pool: SeatPool) -> None:
    """One more waits."""
    _changed(pool, SeatPool.id == pool.id, waiting=SeatPool.waiting + 1)


def leave_line(pool: SeatPool) -> None:
    """One fewer waits."""
    _changed(pool, SeatPool.waiting > 0, waiting=SeatPool.waiting - 1)


def _seat_the_first(pool: SeatPool) -> bool:
    """Move one from the line to a seat, where there are both."""
    free = (SeatPool.taken < SeatPool.capacity) & (SeatPool.waiting > 0)
    return _changed(pool, free, taken=SeatPool.taken + 1, waiting=SeatPool.waiting - 1)


def _changed(pool: SeatPool, condition: ColumnElement[bool], **values: object) -> bool:
    statement = update(SeatPool).where(SeatPool.id == pool.id, condition).values(**values).returning(*NUMBERS)
    row = db.session.execute(statement.execution_options(synchronize_session=False)).one_or_none()
    if row is None:
        db.session.refresh(pool)
        return False
    for column, number in zip(NUMBERS, row, strict=True):
        set_committed_value(pool, column.key, number)
    return True


@writes
def fill(pool: SeatPool, event: Event, *, now: datetime) -> list[Registration]:
    """Offer every free seat to the first in line, for some working hours; who was offered one. The pool is held."""
    offered: list[Registration] = []
    while pool.waiting and pool.taken < pool.capacity and event.is_ahead(now) and _seat_the_first(pool):
        first = queries.first_in_line(db.session(), pool.id)
        if first is None:
            raise LookupError(f"pool {pool.id} counts people in line that are not there")
        REGISTRATIONS.advance(first, "offer", actor=SYSTEM)
        first.offered_at = now
        first.offered_until = min(add_working_hours(now, event.offer_hours), event.starts_at)
        db.session.flush()
        news.publish(RegistrationChanged(first, "offer"), now=now)
        offered.append(first)
    return offered


def check_capacity(capacity: int) -> None:
    """Raise Invalid for what no role can have."""
    if not 0 <= capacity <= MOST_SEATS:
        raise errors.Invalid(N_("请填写 %(low)s 到 %(high)s 之间的整数"), field="capacity", low=0, high=MOST_SEATS)


@writes
def set_capacity(pool: SeatPool, capacity: int, *, actor: Actor, now: datetime) -> list[Registration]:
    """More seats, or fewer: nobody who holds one loses it, the pool shrinks as they are given back. Who is offered one.

    Raises Invalid.
    """
    event = db.session.get_one(Event, pool.event_id)
    POLICY.check(Permission.ORGANIZE, actor, event)
    check_capacity(capacity)
    hold(pool)
    before = pool.capacity
    if before == capacity:
        return []
    ceiling = case((SeatPool.taken > capacity, SeatPool.taken), else_=capacity)
    _changed(pool, SeatPool.id == pool.id, capacity=capacity, ceiling=ceiling)
    audit.record(actor, "seat_pool:capacity", pool, before=before, after=capacity)
    return fill(pool, event, now=now)
