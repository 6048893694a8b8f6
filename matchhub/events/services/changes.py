"""What happens to an event after it was made: edited, moved, called off, closed, copied."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import uuid4

from matchhub.core import audit, errors, news
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.events import queries
from matchhub.events.enums import AnnouncementKind, EventState
from matchhub.events.models import AgendaItem, Announcement, Event, FormField, SeatPool
from matchhub.events.news import EventCancelled, EventHeld, EventMoved
from matchhub.events.policy import Permission, POLICY
from matchhub.events.services.planning import check_facts, EventFacts
from matchhub.events.services.telling import hold_reminders
from matchhub.events.workflow import EVENTS

T = TypeVar("T", AgendaItem, FormField)
REASON_LENGTH = 300
CHANGEABLE = (EventState.DRAFT, EventState.PUBLISHED, EventState.CLOSED)


@writes
def change(event: Event, facts: EventFacts, *, actor: Actor, now: datetime) -> None:
    """Other words, mode or place. Once it is out, another time or place is a move: everybody concerned is told.

    Raises Invalid, Conflict (over or called off).
    """
    POLICY.check(Permission.ORGANIZE, actor, event)
    hold(event)
    check_changeable(event)
    if event.state is not EventState.DRAFT:
        facts = replace(facts, starts_at=event.starts_at, minutes=event.minutes)
    check_facts(facts, now=now if facts.starts_at != event.starts_at else facts.starts_at - timedelta(seconds=1))
    before = _place_of(event)
    if facts.starts_at != event.starts_at:
        shift(event, facts.starts_at)
    _write(event, facts)
    audit.record(actor, "event:change", event)
    if event.state is not EventState.DRAFT:
        event.sequence += 1
        if _place_of(event) != before:
            announce(event, AnnouncementKind.MOVED, {"before": event.starts_at.isoformat()}, actor=actor, now=now)


def _write(event: Event, facts: EventFacts) -> None:
    event.title, event.title_en = facts.title.strip(), facts.title_en.strip()
    event.summary, event.summary_en = (facts.summary or "").strip(), (facts.summary_en or "").strip()
    event.room_id, event.place, event.join_url = facts.room_id, facts.place.strip(), facts.join_url.strip()
    event.mode, event.audience = facts.mode or event.mode, facts.audience
    if facts.minutes is not None:
        event.ends_at = event.starts_at + timedelta(minutes=facts.minutes)


def _place_of(event: Event) -> tuple[object, ...]:
    return event.room_id, event.place, event.mode


def check_changeable(event: Event) -> None:
    """Raise Conflict where it is over or called off."""
    if event.state not in CHANGEABLE:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=event.state)


def shift(event: Event, starts_at: datetime) -> None:
    """All that hangs on the start goes with it."""
    by = starts_at - event.starts_at
    event.starts_at += by
    event.ends_at += by
    event.registration_closes_at += by
    if event.lineup_public_at is not None:
        event.lineup_public_at += by


@writes
def move(event: Event, starts_at: datetime, *, reason: str, actor: Actor, now: datetime) -> None:
    """Another time: agenda, deadlines and reminders go with it, everybody concerned is told."""
    POLICY.check(Permission.ORGANIZE, actor, event)
    hold(event)
    if event.state not in (EventState.PUBLISHED, EventState.CLOSED):
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=event.state)
    if starts_at <= now:
        raise errors.Invalid(N_("开始时间要晚于现在"), field="starts_on")
    if starts_at == event.starts_at:
        raise errors.Invalid(N_("选另一个时间"), field="starts_on")
    before = event.starts_at
    shift(event, starts_at)
    event.moved_from, event.change_reason = before, reason.strip()[:REASON_LENGTH]
    event.sequence += 1
    audit.record(actor, "event:move", event, before=before.isoformat(), after=starts_at.isoformat())
    hold_reminders(event)
    announce(event, AnnouncementKind.MOVED, {"before": before.isoformat()}, actor=actor, now=now)
    news.publish(EventMoved(event), now=now)


@writes
def cancel(event: Event, *, reason: str, actor: Actor, now: datetime) -> None:
    """Call it off: everybody concerned is told, calendars get their CANCEL, reminders are held."""
    hold(event)
    EVENTS.advance(event, "cancel", actor=actor, reason=reason)
    event.cancelled_at, event.change_reason = now, reason.strip()[:REASON_LENGTH]
    event.sequence += 1
    hold_reminders(event)
    announce(event, AnnouncementKind.CANCELLED, {}, actor=actor, now=now)
    news.publish(EventCancelled(event), now=now)


@writes
def announce(event: Event, kind: AnnouncementKind, values: dict[str, str], *, actor: Actor, now: datetime) -> None:
    """Write down that everybody concerned has to be told; the worker tells them."""
    row = Announcement(event_id=event.id, kind=kind, made_at=now, made_by_id=actor.user_id, values=values)
    db.session.add(row)


@writes
def close(event: Event, *, actor: Actor, now: datetime) -> None:
    """Nobody new; who waits still gets what is given back."""
    hold(event)
    EVENTS.advance(event, "close", actor=actor)


@writes
def reopen(event: Event, *, actor: Actor, now: datetime) -> None:
    """Registration goes on."""
    hold(event)
    if event.starts_at <= now:
        raise errors.Conflict(N_("活动已经开始"))
    EVENTS.advance(event, "reopen", actor=actor)
    if event.registration_closes_at <= now:
        event.registration_closes_at = event.starts_at


@writes
def mark_held(event: Event, *, actor: Actor, now: datetime) -> None:
    """It took place."""
    hold(event)
    if event.starts_at > now:
        raise errors.Conflict(N_("活动还没有开始"))
    EVENTS.advance(event, "hold", actor=actor)
    event.held_at = now
    news.publish(EventHeld(event), now=now)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a copy takes along, besides title, words, place and length."""

    agenda: bool = True
    seats: bool = True
    form: bool = True


@writes
def copy(event: Event, starts_at: datetime, parts: Parts, *, actor: Actor, now: datetime) -> Event:
    """A new draft like this one, at another time, with the chosen parts; nobody is registered."""
    POLICY.check(Permission.ORGANIZE, actor, event)
    if starts_at <= now:
        raise errors.Invalid(N_("开始时间要晚于现在"), field="starts_on")
    made = like(event, starts_at, parts)
    made.created_by_id = actor.user_id
    db.session.add(made)
    db.session.flush()
    copy_seats(event, made, keep=parts.seats)
    audit.record(actor, "event:copy", made, source=event.id)
    return made


def like(event: Event, starts_at: datetime, parts: Parts) -> Event:
    """The copy itself, not yet stored and without seats."""
    by = starts_at - event.starts_at
    names = (
        "type", "template_id", "host_id", "carrier_id", "district_code", "title", "title_en", "summary", "summary_en",
        "audience", "mode", "room_id", "place", "join_url", "zone", "priority", "offer_hours",
    )  # fmt: skip
    public = event.lineup_public_at
    return Event(
        uid=f"{uuid4().hex}@matchhub",
        **{name: getattr(event, name) for name in names},
        reminder_hours=list(event.reminder_hours),
        starts_at=starts_at,
        ends_at=event.ends_at + by,
        registration_closes_at=event.registration_closes_at + by,
        lineup_public_at=public + by if public else None,
        agenda=[_same(AgendaItem, item) for item in event.agenda] if parts.agenda else [],
        fields=[_same(FormField, item) for item in event.fields] if parts.form else [],
    )


SAME = {
    AgendaItem: ("kind", "offset_minutes", "minutes", "title", "title_en", "speaker"),
    FormField: (
        "key", "position", "kind", "label", "label_en", "hint", "options", "required", "roles", "when_key", "when_values",
    ),
}  # fmt: skip


def _same(kind: type[T], item: T) -> T:
    return kind(**{name: getattr(item, name) for name in SAME[kind]})


def same_question(question: FormField, other: FormField) -> FormField:
    """`other`, asking the same."""
    for name in SAME[FormField]:
        setattr(other, name, getattr(question, name))
    return other


@writes
def copy_seats(event: Event, made: Event, *, keep: bool = True) -> None:
    """The same pools, all seats free; without `keep` none are given out yet."""
    for pool in queries.pools_of(db.session(), event.id):
        capacity = pool.capacity if keep else 0
        db.session.add(
            SeatPool(
                event_id=made.id, role=pool.role, position=pool.position, capacity=capacity, ceiling=capacity,
                taken=0, waiting=0, needs_approval=pool.needs_approval,
            )
        )  # fmt: skip


@writes
def discard(event: Event, *, actor: Actor, now: datetime) -> None:
    """Throw a draft away."""
    POLICY.check(Permission.ORGANIZE, actor, event)
    hold(event)
    if event.state is not EventState.DRAFT:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=event.state)
    audit.record(actor, "event:discard", event, title=event.title)
    for pool in queries.pools_of(db.session(), event.id):
        db.session.delete(pool)
    db.session.flush()
    db.session.delete(event)
