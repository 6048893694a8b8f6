"""Series: dates by the rhythm and the Chinese calendar, what is ahead changed together, venues."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from matchhub.core import errors
from matchhub.core.clock import city_date, CITY_ZONE, utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.events import queries, services
from matchhub.events.enums import EventState, EventType, HolidayRule, Rhythm
from matchhub.events.models import Announcement, Event, EventSeries
from matchhub.events.services import EventFacts, RhythmFacts, SeriesChange
from tests.integration.pairs import actor

NOW = datetime(2026, 9, 1, 1, 0, tzinfo=ZoneInfo("UTC"))


def series_from(host, *, on: date, facts: RhythmFacts, publish: bool = True) -> int:
    with unit_of_work():
        start = datetime.combine(on, time(14), CITY_ZONE)
        event = services.create(EventType.SALON, EventFacts("双周沙龙", start, place="大厅"), actor=host, now=NOW)
        if publish:
            services.publish(event, actor=host, now=NOW)
        return services.make_series(event, facts, actor=host, now=NOW).id


def days_of(series_id: int) -> list[str]:
    return [f"{e.starts_at.astimezone(CITY_ZONE):%m-%d}" for e in queries.events_of_series(db.session(), series_id)]


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        (HolidayRule.SKIP, ["09-17", "10-15", "10-29", "11-12"]),  # 1 October falls away
        (HolidayRule.NEXT_WORKDAY, ["09-17", "10-08", "10-15", "10-29"]),  # to the first day after the holiday
        (HolidayRule.KEEP, ["09-17", "10-01", "10-15", "10-29"]),
    ],
)
def test_every_second_thursday_minds_the_national_holiday(people, rule, days):
    facts = RhythmFacts(Rhythm.WEEKLY, 2, rule, count=4)

    assert days_of(series_from(actor(people.binjiang), on=date(2026, 9, 17), facts=facts)) == days


def test_a_weekend_series_minds_make_up_workdays(people):
    facts = RhythmFacts(Rhythm.WEEKLY, 1, HolidayRule.SKIP, count=4)
    series_id = series_from(actor(people.binjiang), on=date(2026, 9, 12), facts=facts)

    assert days_of(series_id) == ["09-12", "09-19", "09-26", "10-03"]
    series = db.session.get_one(EventSeries, series_id)
    assert date(2026, 10, 10) not in [held for _, held in services.dates(series)]  # a Saturday on which people work


def test_the_third_thursday_of_each_month(people):
    facts = RhythmFacts(Rhythm.MONTHLY, 1, HolidayRule.SKIP, count=3)

    assert days_of(series_from(actor(people.binjiang), on=date(2026, 9, 17), facts=facts)) == [
        "09-17",
        "10-15",
        "11-19",
    ]


def test_what_is_ahead_changes_together_and_each_move_is_announced(people):
    host = actor(people.binjiang)
    series_id = series_from(host, on=date(2026, 9, 17), facts=RhythmFacts(Rhythm.WEEKLY, 2, HolidayRule.SKIP, count=4))
    later = datetime(2026, 10, 1, tzinfo=CITY_ZONE)

    with unit_of_work() as session:
        change = SeriesChange(title="晚间沙龙", starts_time=time(19), reason="方便下班后来")
        changed = services.change_ahead(session.get_one(EventSeries, series_id), change, actor=host, now=later)

    assert changed == 3
    events = queries.events_of_series(db.session(), series_id)
    assert [(e.title, e.starts_at.astimezone(CITY_ZONE).hour) for e in events] == [("双周沙龙", 14)] + [
        ("晚间沙龙", 19)
    ] * 3
    assert {e.sequence for e in events[1:]} == {2} and events[0].sequence == 0
    assert db.session.query(Announcement).count() == 3


def test_an_event_is_of_one_series_only_and_drafts_make_drafts(people):
    host = actor(people.binjiang)
    facts = RhythmFacts(Rhythm.WEEKLY, 2, HolidayRule.SKIP, count=3)
    series_id = series_from(host, on=date(2026, 9, 17), facts=facts, publish=False)
    events = queries.events_of_series(db.session(), series_id)

    assert {event.state for event in events} == {EventState.DRAFT}
    with pytest.raises(errors.Conflict), unit_of_work() as session:
        services.make_series(session.get_one(Event, events[0].id), facts, actor=host, now=NOW)


def test_series_and_venues_through_the_pages(people, sign_in):
    host, other = sign_in(people.binjiang), sign_in(people.gedian)
    assert host.post("/venues", data={"name": "滨江大厦", "address": "滨江路 1 号"}).status_code == 302
    assert host.post("/venues", data={"name": " ", "address": "滨江路 1 号"}).status_code == 422
    assert host.post("/venues/1/rooms", data={"name": "一号厅", "capacity": "80"}).status_code == 302
    assert host.post("/venues/1/rooms", data={"name": "一号厅", "capacity": "80"}).status_code == 422
    assert other.post("/venues/1/rooms", data={"name": "二号厅", "capacity": "80"}).status_code == 404
    facts = {
        "title": "双周沙龙", "starts_on": f"{utcnow().year + 1}-06-10", "starts_time": "14:00", "mode": "on_site",
        "room_id": "1", "minutes": "120", "audience": "public", "zone": "Asia/Shanghai",
    }  # fmt: skip
    host.post("/events/new/salon", data=facts)

    made = host.post(
        "/events/1/series",
        data={"title": "双周沙龙", "rhythm": "weekly", "every": "2", "holidays": "skip", "count": "3"},
    )
    page = host.get(made.location).text

    assert page.count("滨江大厦 一号厅") >= 3
    assert host.post("/event-series/1/changes", data={"place": "", "starts_time": "25:00"}).status_code == 422
    assert host.post("/event-series/1/changes", data={"starts_time": "15:30"}).status_code == 302
    assert "15:30" in host.get(made.location).text
    assert host.post("/event-series/1/closure").status_code == 302
    assert host.get("/event-series").status_code == 200 and other.get("/event-series/1").status_code == 404


def test_an_administrator_adds_a_version_and_older_events_keep_theirs(people, sign_in):
    admin, host = sign_in(people.administrator), actor(people.binjiang)
    start = datetime.combine(utcnow().date() + timedelta(days=30), time(14), CITY_ZONE)
    with unit_of_work():
        old = services.create(EventType.SALON, EventFacts("旧沙龙", start, place="大厅"), actor=host, now=utcnow()).id
    facts = {
        "summary": "新的介绍", "mode": "on_site", "starts": "19:00", "agenda": "20 | welcome | 开场 | Welcome\n40 | talk | 分享",
        "closes": "0", "reminders": "48、3", "priority": "verified", "offer_hours": "6", "source": "示例",
        "effective_from": f"{city_date(utcnow())}", "enterprise_seats": "25", "public_seats": "5", "public_approval": "y",
    }  # fmt: skip

    assert admin.get("/event-templates/salon").status_code == 200
    assert admin.post("/event-templates/salon", data=facts | {"agenda": "二十分钟开场"}).status_code == 422
    assert admin.post("/event-templates/salon", data=facts | {"reminders": "明天"}).status_code == 422
    assert admin.post("/event-templates/salon", data=facts).status_code == 302
    assert sign_in(people.binjiang).get("/event-templates").status_code == 403
    with unit_of_work():
        event = services.create(EventType.SALON, EventFacts("新沙龙", start, place="大厅"), actor=host, now=utcnow())
        assert (event.minutes, event.reminder_hours, event.offer_hours, event.summary) == (60, [48, 3], 6, "新的介绍")
        pools = queries.pools_of(db.session(), event.id)
        assert [(p.role.value, p.capacity, p.needs_approval) for p in pools] == [
            ("enterprise", 25, False), ("public", 5, True)
        ]  # fmt: skip
    assert db.session.get_one(Event, old).minutes == 120
