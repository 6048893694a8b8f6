"""Everybody concerned is told once; reminders move with the event; calendars follow; clashes are shown, never forbidden."""

from datetime import timedelta

import icalendar
import pytest
from sqlalchemy import select

from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.outbox import MailState, Notice
from matchhub.events import exports, jobs, queries, services
from matchhub.events.enums import EventState, EventType
from matchhub.events.exports import CalendarHead
from matchhub.events.models import Event, Feed, Registration, Room, Venue
from matchhub.events.queries import ClashKind
from matchhub.events.services import EventFacts
from tests.integration.events.conftest import pool, register, salon
from tests.integration.pairs import actor

HEAD = CalendarHead("活动", "zh", "https://match.example")
HOSTILE = "沙龙\r\nATTENDEE:mailto:x@y.example\rBEGIN:VEVENT;\u2028,\\n"


def told(kind: str) -> list[Notice]:
    db.session.expire_all()
    return list(db.session.scalars(select(Notice).where(Notice.kind == kind).order_by(Notice.id)))


def act(service, event_id, *args, **more):
    with unit_of_work() as session:
        service(session.get_one(Event, event_id), *args, **more)


def test_a_move_is_told_to_all_who_hold_or_wait_once_and_names_both_times(people, firms):
    host = actor(people.binjiang)
    event_id, guests = salon(host, seats=1), firms(3)
    ids = [register(event_id, guest) for guest in guests]
    with unit_of_work() as session:
        services.leave(session.get_one(Registration, ids[2]), actor=guests[2], now=utcnow())
    now = utcnow()
    start = db.session.get_one(Event, event_id).starts_at
    act(services.move, event_id, start + timedelta(days=3), reason="场地检修", actor=host, now=now)

    assert told("event_moved") == []  # the worker tells
    for _ in range(2):
        jobs.tell_changes(utcnow())

    notices = told("event_moved")
    assert {n.recipient_user_id for n in notices} == {guests[0].user_id, guests[1].user_id} and len(notices) == 2
    assert notices[0].values["before"] != notices[0].values["when"] and notices[0].values["reason"] == "场地检修"


def test_more_than_a_chunk_is_told_to_the_last_and_the_change_goes_on_where_it_stopped(people, firms, monkeypatch):
    monkeypatch.setattr("matchhub.events.services.telling.CHUNK", 2)
    host = actor(people.binjiang)
    event_id = salon(host, seats=5)
    for guest in firms(5):
        register(event_id, guest)
    act(services.cancel, event_id, reason="讲师生病", actor=host, now=utcnow())

    jobs.tell_changes(utcnow())

    assert len(told("event_cancelled")) == 5


def test_reminders_go_out_once_move_with_the_event_and_never_for_the_past(people, firms):
    host, now = actor(people.binjiang), utcnow()
    event_id, (early, late) = salon(host, seats=5, starts_at=now + timedelta(days=10), now=now), firms(2)
    register(event_id, early, now=now)
    start = db.session.get_one(Event, event_id).starts_at  # reminders: 24 and 2 hours before

    jobs.remind(start - timedelta(hours=25))
    assert told("event_reminder") == []
    register(event_id, late, now=start - timedelta(hours=23))
    for _ in range(2):
        jobs.remind(start - timedelta(hours=22))
    assert [n.recipient_user_id for n in told("event_reminder")] == [early.user_id]  # late came after it was due

    act(services.move, event_id, start + timedelta(days=7), reason="x", actor=host, now=start - timedelta(hours=20))
    assert [n.mail_state for n in told("event_reminder")] == [MailState.CANCELLED]
    jobs.remind(start - timedelta(hours=1))  # two hours before the old start: nothing
    assert len(told("event_reminder")) == 1
    jobs.remind(start + timedelta(days=7) - timedelta(hours=1))  # only the nearer of the two that are due
    assert len(told("event_reminder")) == 3
    jobs.remind(start + timedelta(days=7, minutes=1))
    assert len(told("event_reminder")) == 3


def test_a_cancelled_event_reminds_nobody(people, firms):
    host, now = actor(people.binjiang), utcnow()
    event_id, (guest,) = salon(host, starts_at=now + timedelta(days=5), now=now), firms(1)
    register(event_id, guest, now=now)
    start = db.session.get_one(Event, event_id).starts_at
    act(services.cancel, event_id, reason="讲师生病", actor=host, now=now)

    jobs.remind(start - timedelta(hours=1))

    assert told("event_reminder") == []


def test_registration_closes_and_events_are_held_by_themselves(people, firms):
    host, now = actor(people.binjiang), utcnow()
    event_id = salon(host, starts_at=now + timedelta(days=5), now=now)
    start = db.session.get_one(Event, event_id).starts_at

    jobs.run_out(start)
    assert db.session.get_one(Event, event_id).state is EventState.CLOSED
    jobs.run_out(start + timedelta(hours=3))
    db.session.expire_all()
    assert db.session.get_one(Event, event_id).state is EventState.HELD


def test_a_calendar_file_keeps_its_uid_raises_its_sequence_and_cancels(people):
    host = actor(people.binjiang)
    event_id = salon(host)
    event = db.session.get_one(Event, event_id)
    first = icalendar.Calendar.from_ical(exports.single(event, HEAD))
    entry = first.events[0]
    assert first["METHOD"] == "PUBLISH" and entry["DTSTART"].params["TZID"] == "Asia/Shanghai" and first.timezones
    act(services.move, event_id, event.starts_at + timedelta(days=1), reason="x", actor=host, now=utcnow())
    second = icalendar.Calendar.from_ical(exports.single(db.session.get_one(Event, event_id), HEAD)).events[0]
    act(services.cancel, event_id, reason="x", actor=host, now=utcnow())
    last = icalendar.Calendar.from_ical(exports.single(db.session.get_one(Event, event_id), HEAD))

    assert entry["UID"] == second["UID"] == last.events[0]["UID"]
    assert [one["SEQUENCE"] for one in (entry, second, last.events[0])] == [0, 1, 2]
    assert last["METHOD"] == "CANCEL" and last.events[0]["STATUS"] == "CANCELLED"


def test_a_hostile_title_stays_one_event_without_attendees(people):
    with unit_of_work():
        facts = EventFacts(HOSTILE, utcnow() + timedelta(days=9), place=HOSTILE)
        event = services.create(EventType.SALON, facts, actor=actor(people.binjiang), now=utcnow())
        content = exports.single(event, HEAD)
    read = icalendar.Calendar.from_ical(content)

    assert len(read.events) == 1 and "ATTENDEE" not in read.events[0]
    assert {part.name for part in read.walk()} == {"VCALENDAR", "VEVENT", "VTIMEZONE", "STANDARD", "DAYLIGHT"}
    assert content.count(b"\nBEGIN:VEVENT") == 1
    assert b"\nATTENDEE" not in content and b"\rATTENDEE" not in content


def test_a_private_address_shows_ones_own_dates_until_it_is_renewed(app, people, sign_in):
    event_id, firm, visitor = salon(actor(people.binjiang)), sign_in(people.xinghe), app.test_client()
    firm.post(f"/events/{event_id}/registrations", data={"role": "enterprise"})
    firm.post("/calendar-feeds/renewal")
    db.session.expire_all()
    feed = db.session.scalars(select(Feed)).one()
    address = f"/feeds/{services.feed_token(feed)}.ics"

    read = icalendar.Calendar.from_ical(visitor.get(address).data)
    assert [str(entry["SUMMARY"]) for entry in read.events] == ["创业沙龙"]
    assert address in firm.get("/calendar-feeds").text
    firm.post("/calendar-feeds/renewal")

    assert visitor.get(address).status_code == 404 == visitor.get("/feeds/nonsense.ics").status_code
    assert (
        "星河科技" not in visitor.get("/city-calendar.ics").text
        and "BEGIN:VEVENT" in visitor.get("/city-calendar.ics").text
    )


@pytest.mark.parametrize("view", ["month", "week", "list", "nonsense"])
def test_the_city_calendar_shows_what_is_on_without_scripts(app, people, view):
    event_id = salon(actor(people.binjiang))
    day = city_date(db.session.get_one(Event, event_id).starts_at)

    page = app.test_client().get(f"/city-calendar?view={view}&day={day}")

    assert page.status_code == 200 and f'href="/events/{event_id}"' in page.text
    assert app.test_client().get("/city-calendar?day=99-99").status_code == 200


def test_clashes_are_ordered_by_severity_and_forbid_nothing(people, firms, sign_in):
    host, other, now = actor(people.binjiang), actor(people.gedian), utcnow()
    start = now + timedelta(days=20)
    with unit_of_work() as session:
        room = Room(
            venue=Venue(organization_id=host.organization_id, name="大厦", address="路"), name="厅", capacity=10
        )
        session.add(room)
        session.flush()
        ids = []
        for holder in (host, host, other):
            facts = EventFacts("沙龙", start, room_id=room.id)
            event = services.create(EventType.SALON, facts, actor=holder, now=now)
            services.publish(event, actor=holder, now=now)
            ids.append(event.id)
    found = queries.clashes_of(db.session(), [db.session.get_one(Event, ids[0])])[ids[0]]

    assert [clash.kind for clash in found][:2] == [ClashKind.ROOM_TAKEN, ClashKind.ROOM_TAKEN]
    assert {ClashKind.HOST_TWICE, ClashKind.ROOM_TOO_SMALL} <= {clash.kind for clash in found}
    assert "同一房间同时有别的活动" in sign_in(people.binjiang).get(f"/events/{ids[0]}/cockpit").text
    assert pool(ids[0]).capacity > 10  # and was published all the same
