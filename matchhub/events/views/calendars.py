"""The city's calendar, calendar files and subscriptions."""

from calendar import Calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask import current_app, flash, redirect, render_template, request, Response, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core import errors, ui
from matchhub.core.clock import city_date, CITY_ZONE, utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.web import current_actor, public, requires
from matchhub.core.workdays import is_workday
from matchhub.events import exports, queries, services
from matchhub.events.enums import EventState, FeedKind
from matchhub.events.exports import CalendarHead
from matchhub.events.models import Event, Feed
from matchhub.events.policy import Permission, POLICY
from matchhub.events.queries.wording import title_of, WEEKDAYS
from matchhub.events.views.blueprint import absolute, bp
from matchhub.events.views.lists import found_event

OPEN_PAGE = "the city's public events are for everybody; the others are found by `queries.found_by` alone"
VIEWS = ("month", "week", "list")
LIST_DAYS = 60
FEED_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the calendar."""

    on: date
    events: Sequence[Event]
    is_outside: bool
    is_off: bool
    is_today: bool

    @property
    def weekday(self) -> str:
        """周四, or Thu."""
        return WEEKDAYS[self.on.weekday()] if ui.locale_code() == "zh" else f"{self.on:%a}"


@bp.get("/city-calendar")
@public(OPEN_PAGE)
def city_calendar() -> ResponseReturnValue:
    shown = request.args.get("view", "month")
    shown = shown if shown in VIEWS else "month"
    on = _day(request.args.get("day", ""))
    first, last = _span(shown, on)
    start, end = (datetime.combine(day, time(0), CITY_ZONE) for day in (first, last))
    actor, session = current_actor(), db.session()
    events = queries.events_between(session, actor, start, end)
    own = [event for event in events if POLICY.allows(Permission.ORGANIZE, actor, event)]
    return render_template(
        "events/calendar.html", shown=shown, on=on, days=_days(events, first, last, on), events=events,
        clashes=queries.clashes_of(session, own), previous=_step(shown, on, -1), following=_step(shown, on, 1),
        today=city_date(utcnow()), views=VIEWS,
    )  # fmt: skip


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return city_date(utcnow())
    return found if 2000 <= found.year <= 2100 else city_date(utcnow())


def _span(shown: str, on: date) -> tuple[date, date]:
    """The first day shown and the one after the last."""
    if shown == "list":
        return on, on + timedelta(days=LIST_DAYS)
    if shown == "week":
        monday = on - timedelta(days=on.weekday())
        return monday, monday + timedelta(days=7)
    weeks = Calendar().monthdatescalendar(on.year, on.month)
    return weeks[0][0], weeks[-1][-1] + timedelta(days=1)


def _step(shown: str, on: date, by: int) -> date:
    if shown == "month":
        months = on.year * 12 + on.month - 1 + by
        return date(months // 12, months % 12 + 1, 1)
    return on + timedelta(days=(7 if shown == "week" else LIST_DAYS) * by)


def _days(events: Sequence[Event], first: date, last: date, on: date) -> list[Day]:
    by_day: dict[date, list[Event]] = {}
    for event in events:
        by_day.setdefault(max(city_date(event.starts_at), first), []).append(event)
    today = city_date(utcnow())
    days = (first + timedelta(days=number) for number in range((last - first).days))
    return [Day(day, by_day.get(day, []), day.month != on.month, not is_workday(day), day == today) for day in days]


@bp.get("/events/<int:event_id>/event.ics")
@public(OPEN_PAGE)
def calendar_file(event_id: int) -> ResponseReturnValue:
    event, actor = found_event(event_id), current_actor()
    if event.state is EventState.DRAFT:
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    own = queries.own_places(db.session(), actor, [event.id]).get(event.id)
    held = own if own is not None and own.state in queries.HOLDING else None
    return _calendar(
        exports.single(event, _head(title_of(event, ui.locale_code())), held), name=f"event-{event.id}.ics"
    )


@bp.get("/city-calendar.ics")
@public("the city's public events, for calendar programs")
def city_feed() -> ResponseReturnValue:
    site = ui.site()
    name = _("%(city)s创新活动", city=ui.in_locale(site, "city_name") if site else "")
    return _calendar(exports.calendar_of(queries.public_events(db.session(), now=utcnow()), _head(name)))


@bp.get("/feeds/<string:token>.ics")
@public("calendar programs cannot sign in: the address itself is the key, 128 bits, renewable")
def feed(token: str) -> ResponseReturnValue:
    session, now = db.session(), utcnow()
    found = queries.feed_by_token(session, token)
    if found is None:
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    locale = found.user.locale
    base = absolute("").rstrip("/")
    if found.series is not None:
        events = queries.public_events(session, series_id=found.series_id, now=now)
        head = CalendarHead(title_of(found.series, locale), locale, base)
        return _calendar(exports.calendar_of(events, head))
    rows = queries.events_of_person(session, found.user_id, now=now)
    head = CalendarHead("My dates" if locale == "en" else "我的活动", locale, base)
    return _calendar(exports.calendar_of([row[0] for row in rows], head, own={row[0].id: row[1] for row in rows}))


def _head(name: str) -> CalendarHead:
    return CalendarHead(name, ui.locale_code(), absolute("").rstrip("/"))


def _calendar(content: bytes, *, name: str = "") -> Response:
    response = current_app.response_class(content, content_type=f"{exports.MEDIA_TYPE}; charset=utf-8")
    if name:
        response.headers["Content-Disposition"] = f"attachment; filename={name}"
    response.headers["Cache-Control"] = f"private, max-age={FEED_SECONDS}"
    response.add_etag()
    response.make_conditional(request)
    return response


@bp.get("/calendar-feeds")
@requires(POLICY, Permission.LIST)
def feeds() -> ResponseReturnValue:
    rows = queries.feeds_of(db.session(), current_actor().user_id or 0)
    return render_template(
        "events/feeds.html", own=next((_address(row) for row in rows if row.kind is FeedKind.PERSON), None),
        series=[(row.series, _address(row)) for row in rows if row.kind is FeedKind.SERIES],
        city=absolute(url_for(".city_feed")),
    )  # fmt: skip


def _address(row: Feed) -> str | None:
    token = services.feed_token(row)
    return absolute(url_for(".feed", token=token)) if token else None


@bp.post("/calendar-feeds/renewal")
@requires(POLICY, Permission.LIST)
def renew_feed() -> ResponseReturnValue:
    services.renew_feed(None, actor=current_actor(), now=utcnow())
    flash(_("地址已更新，旧地址不再有内容"), "success")
    return redirect(url_for(".feeds"))


@bp.post("/event-series/<int:series_id>/feed")
@requires(POLICY, Permission.LIST)
def renew_series_feed(series_id: int) -> ResponseReturnValue:
    series = queries.public_series(db.session(), series_id)
    if series is None:
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    services.renew_feed(series, actor=current_actor(), now=utcnow())
    flash(_("订阅地址已生成"), "success")
    return redirect(url_for(".feeds"))
