"""An event's own agenda, rules and seats by role: its template began them, its organizer changes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update

from matchhub.core import audit, errors
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.events import queries
from matchhub.events.enums import AgendaKind, EventState, PriorityRule, RoundState, SeatRole
from matchhub.events.models import AgendaItem, Event, Pitch, SeatPool
from matchhub.events.policy import Permission, POLICY
from matchhub.events.services.changes import check_changeable
from matchhub.events.services.seats import check_capacity

MOST_ITEMS, LONGEST_EVENT = 40, 7 * 24 * 60
STALE = N_("别人刚改过，页面上是旧的，请看最新情况再改")


@dataclass(frozen=True, slots=True)
class AgendaRow:
    """One item; they follow one another. `id`: of the item that this was, None for a new one."""

    id: int | None
    kind: AgendaKind
    minutes: int
    title: str
    title_en: str = ""
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """When registration closes and the line-up comes out, who goes first in the line, how long an offer is kept, reminders."""

    registration_closes_at: datetime
    lineup_public_at: datetime | None
    priority: PriorityRule
    offer_hours: int
    reminder_hours: Sequence[int]


@writes
def edited(event: Event, *, seen: int | None, actor: Actor, now: datetime) -> None:
    """Inside a write: the event is the actor's to edit, held, and still as it was `seen`. Raises Forbidden, Conflict."""
    POLICY.check(Permission.ORGANIZE, actor, event)
    hold(event)
    check_changeable(event)
    if seen is not None and event.version != seen:
        raise errors.Conflict(STALE)
    event.updated_at = now  # so that its version rises with whatever of it changes


@writes
def set_agenda(event: Event, rows: Sequence[AgendaRow], *, seen: int, actor: Actor, now: datetime) -> None:
    """The items in their order, one after the other; the event ends with the last.

    Raises Invalid (none, too long, the item of planned meetings), Conflict (changed meanwhile).
    """
    edited(event, seen=seen, actor=actor, now=now)
    write_agenda(event, rows)
    audit.record(actor, "event:agenda", event, items=len(rows))


@writes
def write_agenda(event: Event, rows: Sequence[AgendaRow]) -> None:
    """Inside a write, on a held event."""
    _check_agenda(event, rows)
    before = {item.id: item for item in event.agenda}
    pitches_at = _begin_of(event.agenda, AgendaKind.PITCHES)
    offset, kept = 0, []
    for row in rows:
        item = before.get(row.id or 0) or AgendaItem(event=event)
        item.kind, item.offset_minutes, item.minutes = row.kind, offset, row.minutes
        item.title, item.title_en, item.speaker = row.title.strip(), row.title_en.strip(), row.speaker.strip()
        kept.append(item)
        offset += row.minutes
    event.agenda[:] = kept
    _end_after(event, offset)
    _take_pitches_along(event, pitches_at, _begin_of(kept, AgendaKind.PITCHES))


def _check_agenda(event: Event, rows: Sequence[AgendaRow]) -> None:
    if not rows or len(rows) > MOST_ITEMS:
        raise errors.Invalid(N_("议程写 1 到 %(most)s 项"), most=MOST_ITEMS)
    total = sum(row.minutes for row in rows)
    if any(row.minutes < 1 for row in rows) or not 15 <= total <= LONGEST_EVENT:
        raise errors.Invalid(N_("整个议程在 15 分钟到 7 天之间"))
    found = queries.round_of(db.session(), event.id)
    if found is None:
        return
    row = next((row for row in rows if row.id == found.item_id), None)
    if row is None or row.kind is not AgendaKind.MEETINGS:
        raise errors.Invalid(N_("一对一会谈已经开放意愿，这一项不能去掉，也不能改类别"))
    if found.state is not RoundState.COLLECTING and row.minutes != found.item.minutes:
        raise errors.Invalid(N_("一对一会谈已经排好，这一项的时长不能改"))


def _begin_of(items: Sequence[AgendaItem], kind: AgendaKind) -> int | None:
    return next((item.offset_minutes for item in items if item.kind is kind), None)


def _end_after(event: Event, minutes: int) -> None:
    ends_at = event.starts_at + timedelta(minutes=minutes)
    if ends_at != event.ends_at:
        event.ends_at = ends_at
        event.sequence += event.state is not EventState.DRAFT  # calendars learn of it


def _take_pitches_along(event: Event, before: int | None, after: int | None) -> None:
    """The line-up lies within its item and goes with it."""
    if before is None or after is None or before == after:
        return
    moved = update(Pitch).where(Pitch.event_id == event.id, Pitch.offset_minutes.is_not(None))
    moved = moved.values(offset_minutes=Pitch.offset_minutes + (after - before), version=Pitch.version + 1)
    db.session.execute(moved.execution_options(synchronize_session="fetch"))


@writes
def set_rules(event: Event, facts: RuleFacts, *, seen: int, actor: Actor, now: datetime) -> None:
    """Raises Invalid (closes after the start, the order of a line in which people stand), Conflict (changed meanwhile)."""
    edited(event, seen=seen, actor=actor, now=now)
    write_rules(event, facts, now=now)
    audit.record(actor, "event:rules", event)


@writes
def write_rules(event: Event, facts: RuleFacts, *, now: datetime) -> None:
    """Inside a write, on a held event."""
    if facts.registration_closes_at > event.starts_at:
        raise errors.Invalid(N_("报名截止不能晚于开始时间"), field="closes_on")
    if facts.lineup_public_at is not None and facts.lineup_public_at > event.starts_at:
        raise errors.Invalid(N_("公布项目不能晚于开始时间"), field="public_on")
    waiting = queries.waiting_at(db.session(), event.id) if facts.priority is not event.priority else 0
    if waiting:
        raise errors.Invalid(N_("已有 %(count)s 人候补，顺序不能再改"), field="priority", count=waiting)
    hours = sorted(set(facts.reminder_hours), reverse=True)
    if hours != event.reminder_hours:
        event.reminder_hours, event.reminders_since = hours, now
    event.registration_closes_at, event.lineup_public_at = facts.registration_closes_at, facts.lineup_public_at
    event.priority, event.offer_hours = facts.priority, facts.offer_hours


@writes
def add_pool(event: Event, role: SeatRole, capacity: int, *, approval: bool, actor: Actor, now: datetime) -> SeatPool:
    """Seats for a role that has none yet. Raises Invalid."""
    edited(event, seen=None, actor=actor, now=now)
    check_capacity(capacity)
    pools = queries.pools_of(db.session(), event.id)
    if any(pool.role is role for pool in pools):
        raise errors.Invalid(N_("这个身份已有席位，改数字就行"), field="role")
    pool = SeatPool(
        event_id=event.id, role=role, position=1 + max((pool.position for pool in pools), default=0), capacity=capacity,
        ceiling=capacity, taken=0, waiting=0, needs_approval=approval,
    )  # fmt: skip
    db.session.add(pool)
    audit.record(actor, "seat_pool:add", pool, role=role.value, capacity=capacity)
    return pool


@writes
def remove_pool(pool: SeatPool, *, actor: Actor, now: datetime) -> None:
    """No seats for this role any more. Raises Conflict where somebody has registered for them, or they are the last."""
    edited(pool.event, seen=None, actor=actor, now=now)
    hold(pool)
    if queries.is_pool_used(db.session(), pool.id):
        raise errors.Conflict(N_("已经有人报过这个身份，把席位数改成 0 就不再收人"))
    if len(queries.pools_of(db.session(), pool.event_id)) == 1:
        raise errors.Conflict(N_("至少给一种角色留席位"))
    audit.record(actor, "seat_pool:remove", pool, role=pool.role.value)
    db.session.delete(pool)


@writes
def set_approval(pool: SeatPool, needed: bool, *, actor: Actor, now: datetime) -> None:
    """Whether who registers from now on is looked at first; who asked before is still to be decided on."""
    edited(pool.event, seen=None, actor=actor, now=now)
    hold(pool)
    pool.needs_approval = needed
    audit.record(actor, "seat_pool:approval", pool, needed=needed)
