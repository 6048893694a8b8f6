"""People say when they are free; a host sees which dates suit, and why, and takes one."""

from datetime import datetime, time, timedelta

from sqlalchemy import select

from matchhub.core.clock import CITY_ZONE, utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.outbox import Notice
from matchhub.events import queries, services
from matchhub.events.enums import DayPart, EventType
from matchhub.events.models import Availability, Event
from matchhub.events.queries.dates import DateReason
from matchhub.events.services import EventFacts
from tests.cast import stored
from tests.integration.events.conftest import register, salon
from tests.integration.pairs import actor


def slots(*weekdays, part=DayPart.AFTERNOON):
    return [f"{weekday}-{part.value}" for weekday in weekdays]


def states(people_slots):
    with unit_of_work():
        for person, own in people_slots.items():
            services.state_availability(own, [], actor=person, now=utcnow())


def afternoon(event_id):
    """The event begins at two in the afternoon."""
    with unit_of_work() as session:
        event = session.get_one(Event, event_id)
        start = event.starts_at.astimezone(CITY_ZONE).replace(hour=14, minute=0, second=0, microsecond=0)
        event.starts_at, event.ends_at = start, start + timedelta(hours=2)


def options_of(event_id, most=99):
    return queries.date_options(db.session(), db.session.get_one(Event, event_id), now=utcnow(), most=most)


def test_the_day_on_which_most_are_free_comes_first_and_says_so(people, firms):
    event_id, guests = salon(actor(people.binjiang), seats=5), firms(4)
    afternoon(event_id)
    for guest in guests[:3]:
        register(event_id, guest)
    states({guests[0]: slots(1, 3), guests[1]: slots(3), guests[3]: slots(0)})  # the last is not concerned

    found = options_of(event_id)
    local = found[0].starts_at.astimezone(CITY_ZONE)

    assert (local.weekday(), local.time()) == (3, time(14))
    assert dict(found[0].reasons) == {DateReason.FREE: 2, DateReason.UNKNOWN: 1}
    assert len({one.starts_at.date() for one in found}) == len(found)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_what_stands_in_the_way_costs_and_is_named(people, firms):
    host, (guest,) = actor(people.binjiang), firms(1)
    event_id = salon(host, seats=5)
    afternoon(event_id)
    register(event_id, guest)
    states({guest: slots(*range(7))})
    best = options_of(event_id)[0].starts_at
    other = salon(host, starts_at=best)
    register(other, guest)
    with unit_of_work():
        services.state_availability(
            slots(*range(7)), [(best.date() + timedelta(days=1), best.date() + timedelta(days=1))], actor=guest, now=utcnow()
        )  # fmt: skip

    by_day = {one.starts_at.astimezone(CITY_ZONE).date(): dict(one.reasons) for one in options_of(event_id)}
    day = best.astimezone(CITY_ZONE).date()

    assert DateReason.HOST_BUSY in by_day[day] or DateReason.ELSEWHERE not in by_day[day]  # another hour of that day
    same_hour = [one for one in options_of(event_id) if one.starts_at == best]
    assert all({DateReason.ELSEWHERE, DateReason.HOST_BUSY} <= set(dict(one.reasons)) for one in same_hour)
    assert by_day[day + timedelta(days=1)].get(DateReason.CANNOT) == 1
    rest = next(day for day in by_day if day.weekday() == 6 and DateReason.REST_DAY in by_day[day])
    assert rest.weekday() == 6


def test_who_has_not_said_is_asked_once_and_says_it_on_one_page(people, firms, sign_in):
    host, event_id = sign_in(people.binjiang), salon(actor(people.binjiang), seats=5)
    register(event_id, actor(people.xinghe))
    for _ in range(2):
        host.post(f"/events/{event_id}/availability-requests")
    assert len(db.session.scalars(select(Notice).where(Notice.kind == "event_availability")).all()) == 1
    firm = sign_in(people.xinghe)

    said = {"slots": ["1-morning", "3-afternoon"], "away": "2099-01-01 到 2099-01-05"}
    assert firm.post("/availability", data=said).status_code == 302
    row = stored(Availability, people.xinghe.user_id, lambda a: (a.slots, a.away))
    assert row == (["1-morning", "3-afternoon"], [["2099-01-01", "2099-01-05"]])
    assert 'value="3-afternoon" checked' in firm.get("/availability").text
    for wrong in ({"away": "next week"}, {"away": "2099-01-05 到 2099-01-01"}, {"slots": ["9-night"]}):
        assert firm.post("/availability", data=said | wrong).status_code == 422
    assert "1 位说过" in host.get(f"/events/{event_id}/dates").text


def test_a_draft_takes_the_date_and_what_is_out_is_moved_instead(people, sign_in):
    host, client, now = actor(people.binjiang), sign_in(people.binjiang), utcnow()
    with unit_of_work():
        draft = services.create(EventType.SALON, EventFacts("沙龙", now + timedelta(days=30)), actor=host, now=now).id
    lead = stored(Event, draft, lambda e: e.starts_at - e.registration_closes_at)
    day = (now + timedelta(days=40)).date()

    assert client.post(f"/events/{draft}/dates", data={"start": f"{day}T14:00"}).status_code == 302
    assert stored(Event, draft, lambda e: e.starts_at) == datetime.combine(day, time(14), CITY_ZONE)
    assert stored(Event, draft, lambda e: e.starts_at - e.registration_closes_at) == lead
    assert client.post(f"/events/{draft}/dates", data={"start": "soon"}).status_code == 400
    out = salon(host)
    assert client.post(f"/events/{out}/dates", data={"start": f"{day}T14:00"}).status_code == 409
    assert f'value="{day}"' in client.get(f"/events/{out}/postponement?start={day}T14:00").text
    assert sign_in(people.gedian).get(f"/events/{draft}/dates").status_code == 404
