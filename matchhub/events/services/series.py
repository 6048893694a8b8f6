"""A series: its dates by the rhythm and the Chinese calendar, its events, what is still ahead changed together."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice

from matchhub.core import audit, errors
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.core.workdays import is_workday
from matchhub.events import queries
from matchhub.events.enums import AnnouncementKind, EventState, HolidayRule, Rhythm, SeriesState
from matchhub.events.models import Event, EventSeries
from matchhub.events.policy import Permission, POLICY
from matchhub.events.services.changes import announce, copy_seats, like, move, Parts
from matchhub.events.services.planning import publish

MOST = 26
LOOKED_AHEAD = 400  # dates of a rhythm that are tried at most


@dataclass(frozen=True, slots=True)
class RhythmFacts:
    """How an event repeats; the weekday, and its place in the month, are the event's own."""

    rhythm: Rhythm
    every: int
    holidays: HolidayRule
    count: int  # events in all, the first included
    title: str = ""


def dates(series: EventSeries) -> Iterator[tuple[date, date]]:
    """(the day that the rhythm names, the day on which it takes place), without what falls away. At most `LOOKED_AHEAD`."""
    for number in range(LOOKED_AHEAD):
        named = _named(series, number)
        if named is None or named < series.first_on:
            continue
        if series.last_on is not None and named > series.last_on:
            return
        held = _held(named, series.holidays)
        if held is not None:
            yield named, held


def _named(series: EventSeries, number: int) -> date | None:
    if series.rhythm is Rhythm.WEEKLY:
        first = series.first_on + timedelta(days=(series.weekday - series.first_on.weekday()) % 7)
        return first + timedelta(weeks=series.every * number)
    months = series.first_on.year * 12 + series.first_on.month - 1 + series.every * number
    return nth_weekday(months // 12, months % 12 + 1, series.weekday, series.nth or 1)


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date | None:
    """The nth such weekday of a month (-1: the last); None where there is none."""
    last = monthrange(year, month)[1]
    days = [day for day in range(1, last + 1) if date(year, month, day).weekday() == weekday]
    if nth == -1:
        return date(year, month, days[-1])
    return date(year, month, days[nth - 1]) if nth <= len(days) else None


def _held(named: date, rule: HolidayRule) -> date | None:
    """A series on weekdays wants people at work, one at the weekend wants them off: make-up days count."""
    if rule is HolidayRule.KEEP or is_workday(named) == (named.weekday() < 5):
        return named
    if rule is HolidayRule.SKIP:
        return None
    day = named + timedelta(days=1)
    while not is_workday(day):
        day += timedelta(days=1)
    return day


@writes
def make_series(event: Event, facts: RhythmFacts, *, actor: Actor, now: datetime) -> EventSeries:
    """The event becomes the first of a series; the others are copies of it, out if it is out.

    Raises Invalid, Conflict (is one of a series already).
    """
    POLICY.check(Permission.ORGANIZE, actor, event)
    hold(event)
    if event.series_id is not None:
        raise errors.Conflict(N_("这场活动已经属于一个系列"))
    if not 2 <= facts.count <= MOST:
        raise errors.Invalid(N_("填写 %(low)s 到 %(high)s 之间的整数"), field="count", low=2, high=MOST)
    series = _series_of(event, facts)
    db.session.add(series)
    db.session.flush()
    first = event.starts_at.astimezone(event.tz).date()
    event.series_id, event.series_on = series.id, first
    later = (pair for pair in dates(series) if pair[0] > first)
    for named, held in islice(later, facts.count - 1):
        _add(series, event, named, held, actor=actor, now=now)
    audit.record(actor, "event_series:create", series, count=facts.count)
    return series


def _series_of(event: Event, facts: RhythmFacts) -> EventSeries:
    start = event.starts_at.astimezone(event.tz)
    nth = (start.day - 1) // 7 + 1
    return EventSeries(
        type=event.type, host_id=event.host_id, title=facts.title.strip() or event.title, title_en=event.title_en,
        rhythm=facts.rhythm, every=facts.every, weekday=start.weekday(),
        nth=(nth if nth < 5 else -1) if facts.rhythm is Rhythm.MONTHLY else None,
        holidays=facts.holidays, first_on=start.date(), starts_minute=start.hour * 60 + start.minute,
        minutes=event.minutes, zone=event.zone, room_id=event.room_id,
    )  # fmt: skip


def _add(series: EventSeries, model: Event, named: date, held: date, *, actor: Actor, now: datetime) -> None:
    clock = time(series.starts_minute // 60, series.starts_minute % 60)
    made = like(model, datetime.combine(held, clock, model.tz), Parts())
    made.series_id, made.series_on, made.created_by_id = series.id, named, actor.user_id
    db.session.add(made)
    db.session.flush()
    copy_seats(model, made)
    if model.state is not EventState.DRAFT:
        publish(made, actor=actor, now=now)


@dataclass(frozen=True, slots=True)
class SeriesChange:
    """What changes in everything that is still ahead; None and '' leave as it is."""

    title: str = ""
    starts_time: time | None = None
    room_id: int | None = None
    place: str = ""
    summary: str = ""
    reason: str = ""


@writes
def change_ahead(series: EventSeries, change: SeriesChange, *, actor: Actor, now: datetime) -> int:
    """Change every event of the series that has not begun and was not called off; how many. Moves are told one by one."""
    POLICY.check(Permission.ORGANIZE, actor, series)
    hold(series)
    ahead = queries.ahead_in_series(db.session(), series.id, now=now)
    for event in ahead:
        _change_one(event, change, actor=actor, now=now)
    if change.title:
        series.title = change.title
    if change.starts_time is not None:
        series.starts_minute = change.starts_time.hour * 60 + change.starts_time.minute
    if change.room_id is not None:
        series.room_id = change.room_id
    audit.record(actor, "event_series:change", series, events=len(ahead))
    return len(ahead)


def _change_one(event: Event, change: SeriesChange, *, actor: Actor, now: datetime) -> None:
    words = {"title": change.title, "summary": change.summary, "place": change.place, "room_id": change.room_id}
    wanted = {name: value for name, value in words.items() if value and value != getattr(event, name)}
    for name, value in wanted.items():
        setattr(event, name, value)
    if wanted and event.state is not EventState.DRAFT:
        event.sequence += 1
        if {"place", "room_id"} & set(wanted):
            before = {"before": event.starts_at.isoformat()}
            announce(event, AnnouncementKind.MOVED, before, actor=actor, now=now)
    start = event.starts_at.astimezone(event.tz)
    if change.starts_time is None or change.starts_time == start.time():
        return
    starts_at = datetime.combine(start.date(), change.starts_time, event.tz)
    if event.state is EventState.DRAFT:
        event.registration_closes_at += starts_at - event.starts_at
        event.ends_at += starts_at - event.starts_at
        event.starts_at = starts_at
    else:
        move(event, starts_at, reason=change.reason, actor=actor, now=now)


@writes
def end_series(series: EventSeries, *, actor: Actor, now: datetime) -> None:
    """It does not go on; what is planned stays until it is called off."""
    POLICY.check(Permission.ORGANIZE, actor, series)
    hold(series)
    if series.state is SeriesState.ENDED:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=series.state)
    series.state = SeriesState.ENDED
    audit.record(actor, "event_series:end", series)
