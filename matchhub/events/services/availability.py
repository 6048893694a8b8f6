"""When people are free for events: stated by themselves, asked for by a host, once for each event."""

from collections.abc import Sequence
from datetime import date, datetime

from matchhub.accounts.models import User
from matchhub.accounts.queries import recipient
from matchhub.core import audit, errors, news
from matchhub.core.clock import city_date
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.events import queries
from matchhub.events.enums import DayPart, EventState
from matchhub.events.models import Availability, Event
from matchhub.events.news import AvailabilityAsked
from matchhub.events.policy import Permission, POLICY
from matchhub.events.services.changes import shift
from matchhub.events.services.editing import edited

MOST_AWAY = 20
SLOTS = tuple(f"{weekday}-{part.value}" for weekday in range(7) for part in DayPart)


@writes
def state_availability(
    slots: Sequence[str], away: Sequence[tuple[date, date]], *, actor: Actor, now: datetime
) -> Availability:
    """Parts of the week in which the actor is free, and spans of days on which not. Raises Invalid."""
    POLICY.check(Permission.LIST, actor)
    if not set(slots) <= set(SLOTS):
        raise errors.Invalid(N_("请从列表里选"), field="slots")
    if len(away) > MOST_AWAY or any(last < first for first, last in away):
        raise errors.Invalid(N_("每行写一段，先写第一天，例如 2026-12-20 到 2026-12-25"), field="away")
    row = db.session.get(Availability, actor.user_id) or Availability(user_id=actor.user_id)
    row.slots, row.stated_at = [slot for slot in SLOTS if slot in slots], now
    today = city_date(now)
    row.away = [[first.isoformat(), last.isoformat()] for first, last in sorted(away) if last >= today]
    db.session.add(row)
    audit.record(actor, "availability:state", db.session.get_one(User, actor.user_id))
    return row


@writes
def ask_availability(event: Event, *, actor: Actor, now: datetime) -> int:
    """Ask those concerned who have not said when they are free; nobody twice for one event. How many were told now."""
    POLICY.check(Permission.ORGANIZE, actor, event)
    people = queries.concerned_people(db.session(), event)
    stated = queries.availability_of(db.session(), people)
    silent = [who for who in people if who not in stated]
    for user_id in silent:
        user = db.session.get_one(User, user_id)
        news.publish(AvailabilityAsked(event, recipient(user)), now=now)
    audit.record(actor, "event:ask-availability", event, people=len(silent))
    return len(silent)


@writes
def choose_date(event: Event, starts_at: datetime, *, actor: Actor, now: datetime) -> None:
    """A draft takes place then; what hangs on the start goes with it. Raises Invalid, Conflict (out already: it moves)."""
    edited(event, seen=None, actor=actor, now=now)
    if event.state is not EventState.DRAFT:
        raise errors.Conflict(N_("活动已发布，要用改期"))
    if starts_at <= now:
        raise errors.Invalid(N_("开始时间要晚于现在"))
    shift(event, starts_at)
    audit.record(actor, "event:choose-date", event, starts_at=starts_at.isoformat())
