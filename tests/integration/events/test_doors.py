"""The door: tickets, names, walk-ins, two doors at once, uploads that come late and twice, and what a phone may know."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from matchhub.accounts.enums import MembershipState, Role
from matchhub.accounts.models import Membership, TextAcceptance, User
from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.links import code_hash
from matchhub.core.outbox import Notice
from matchhub.core.policy import Actor
from matchhub.core.texts import current_text, TextKind
from matchhub.events import queries, services
from matchhub.events.enums import CheckInWay, Entry, RegistrationState, SeatRole
from matchhub.events.models import CheckIn, Event, Registration
from matchhub.events.queries.doors import masked
from matchhub.events.services import Answer, Arrival
from tests.cast import Cast
from tests.integration.events.conftest import counts, pool, register, salon
from tests.integration.pairs import actor

SOON = timedelta(hours=3)


@dataclass
class Door:
    """A salon that begins soon, with two guests who hold tickets and one who waits; ids only."""

    event_id: int
    host: Actor
    guests: list[Actor]
    places: list[int]

    def event(self) -> Event:
        db.session.expire_all()
        return db.session.get_one(Event, self.event_id)

    def code(self, place: int = 0) -> str:
        ticket = queries.ticket_of(db.session(), self.places[place])
        assert ticket is not None
        code = services.ticket_code(ticket)
        assert code is not None
        return code

    def scan(self, place: int = 0, **more: Any) -> Arrival:
        return Arrival(**{"at": utcnow(), "way": CheckInWay.SCAN, "code_hash": code_hash(self.code(place)), **more})

    def admit(self, *arrivals: Arrival, by: Actor | None = None, now: datetime | None = None) -> list[Answer]:
        with unit_of_work():
            event = db.session.get_one(Event, self.event_id)
            return services.admit(event, arrivals, actor=by or self.host, now=now or utcnow())

    def says(self, *arrivals: Arrival, **more: Any) -> list[Entry]:
        return [answer.entry for answer in self.admit(*arrivals, **more)]

    def states(self) -> list[str]:
        db.session.expire_all()
        return [db.session.get_one(Registration, place).state.value for place in self.places]

    def standing(self) -> list[CheckIn]:
        db.session.expire_all()
        return list(db.session.scalars(select(CheckIn).where(CheckIn.undone_at.is_(None)).order_by(CheckIn.id)))


@pytest.fixture
def door(people: Cast, firms: Callable[[int], list[Actor]]) -> Door:
    host, guests, now = actor(people.binjiang), firms(3), utcnow()
    event_id = salon(host, seats=2, starts_at=now + SOON, now=now - timedelta(days=5))
    places = [register(event_id, guest, now=now - timedelta(days=4)) for guest in guests]
    return Door(event_id, host, guests, places)


def walk_in(**more: Any) -> Arrival:
    facts = {
        "at": utcnow(),
        "way": CheckInWay.WALK_IN,
        "role": SeatRole.ENTERPRISE,
        "name": "现场来客",
        "ref": str(uuid4()),
    }
    return Arrival(**{**facts, **more})


def test_a_ticket_lets_in_once_and_says_when_and_where_the_first_time_was(door: Door) -> None:
    first = door.admit(door.scan(door="东门"))[0]
    again = door.admit(door.scan(door="西门"))[0]

    assert (first.entry, again.entry) == (Entry.IN, Entry.AGAIN)
    assert again.check_in is not None
    assert again.check_in.door == "东门"
    assert door.states() == ["attended", "registered", "waitlisted"]
    assert len(door.standing()) == 1


def test_without_the_guard_one_person_would_stand_in_the_list_twice(door: Door) -> None:
    door.admit(door.scan())
    row = door.standing()[0]
    values = {"event_id": row.event_id, "registration_id": row.registration_id, "way": row.way, "at": row.at}

    with pytest.raises(IntegrityError), unit_of_work() as session:
        session.add(CheckIn(**values, received_at=row.at))
        session.flush()


def test_what_opens_no_door_is_told_by_name(door: Door, people: Cast) -> None:
    now = utcnow()
    other = salon(door.host, starts_at=now + SOON, now=now - timedelta(days=5))
    elsewhere = register(other, door.guests[0], now=now - timedelta(days=4))
    with unit_of_work():
        ticket = queries.ticket_of(db.session(), elsewhere)
        assert ticket is not None
        foreign = code_hash(services.ticket_code(ticket) or "")
    revoked = door.scan(1)
    with unit_of_work():
        services.leave(db.session.get_one(Registration, door.places[1]), actor=door.guests[1], now=now)

    said = door.says(
        door.scan(code_hash=foreign), door.scan(code_hash=code_hash("NOTHING")), revoked,
        Arrival(now, CheckInWay.NAME, registration_id=elsewhere),
        Arrival(now, CheckInWay.NAME, registration_id=door.places[1]),
    )  # fmt: skip

    assert said == [Entry.OTHER_EVENT, Entry.UNKNOWN, Entry.UNKNOWN, Entry.UNKNOWN, Entry.NO_SEAT]
    assert door.standing() == []


def test_walk_ins_take_a_seat_or_are_refused(door: Door) -> None:
    full = door.says(walk_in())
    with unit_of_work():
        services.set_capacity(pool(door.event_id), 3, actor=door.host, now=utcnow())  # the one who waits is offered it
    while_others_wait = door.says(walk_in())
    with unit_of_work():
        services.set_capacity(pool(door.event_id), 4, actor=door.host, now=utcnow())
    number = "13900007777"
    twice = door.says(walk_in(mobile=number), walk_in(mobile=number))

    assert (full, while_others_wait, twice) == ([Entry.NO_SEAT], [Entry.NO_SEAT], [Entry.IN, Entry.AGAIN])
    assert counts(door.event_id) == (4, 4, 4, 0)
    assert queries.door_counts(db.session(), door.event_id)[0].arrived == 1


def test_somebody_from_the_line_is_given_a_seat_when_one_is_free(door: Door) -> None:
    waiting = door.places[2]
    with pytest.raises(errors.Conflict), unit_of_work():
        services.seat_here(db.session.get_one(Registration, waiting), door="", actor=door.host, now=utcnow())
    with unit_of_work():
        services.leave(db.session.get_one(Registration, door.places[0]), actor=door.guests[0], now=utcnow())

    with unit_of_work():
        row = db.session.get_one(Registration, waiting)
        assert row.state is RegistrationState.OFFERED
        services.seat_here(row, door="东门", actor=door.host, now=utcnow())

    assert door.states() == ["cancelled", "registered", "attended"]
    assert counts(door.event_id) == (2, 2, 2, 0)


def test_an_upload_that_is_repeated_adds_nothing_not_even_what_was_undone(door: Door) -> None:
    sent = [door.scan(0, ref=str(uuid4())), door.scan(1, ref=str(uuid4()))]
    assert door.says(*sent) == [Entry.IN, Entry.IN]
    with unit_of_work():
        services.undo_check_in(db.session.get_one(CheckIn, door.standing()[0].id), actor=door.host, now=utcnow())

    assert door.says(*sent) == [Entry.IN, Entry.IN]

    assert door.states() == ["registered", "attended", "waitlisted"]
    assert len(door.standing()) == 1
    notices = db.session.scalars(select(Notice.kind).where(Notice.kind == "event_registered")).all()
    assert len(notices) == 2  # from registering: to be taken for somebody else is no news


def test_of_two_doors_the_earlier_moment_stands(door: Door) -> None:
    now = utcnow()
    door.admit(door.scan(at=now, door="西门"))

    late = door.admit(door.scan(at=now - timedelta(minutes=9), door="东门", ref=str(uuid4())))[0]

    assert late.entry is Entry.AGAIN
    assert [(row.door, row.at) for row in door.standing()] == [("东门", now - timedelta(minutes=9))]


def test_doors_are_shut_before_the_day_and_to_strangers(door: Door, people: Cast) -> None:
    with pytest.raises(errors.Conflict):
        door.admit(door.scan(), now=utcnow() - timedelta(days=2))
    with pytest.raises(errors.Forbidden):
        door.admit(door.scan(), by=actor(people.xinghe))
    assert door.standing() == []


def test_a_colleague_who_is_named_keeps_the_door_and_nothing_else(
    door: Door, people: Cast, sign_in: Callable[[Membership], FlaskClient]
) -> None:
    with unit_of_work() as session:
        host = session.get_one(Membership, people.binjiang.id).organization_id
        user = User(name="门卫小陈", email="chen@binjiang.example")
        session.add(user)
        session.flush()
        seat = Membership(user_id=user.id, organization_id=host, role=Role.VIEWER, state=MembershipState.ACTIVE)
        texts = [current_text(session, kind, utcnow()).id for kind in (TextKind.TERMS, TextKind.PRIVACY)]
        session.add_all([seat, *(TextAcceptance(user_id=user.id, text_id=text, at=utcnow()) for text in texts)])
        session.flush()
        colleague, user_id = seat, user.id
    client, organizer = sign_in(colleague), sign_in(people.binjiang)
    page = f"/events/{door.event_id}/cockpit/door"
    assert client.get(page).status_code == 403

    assert organizer.post(f"/events/{door.event_id}/door-keepers", data={"user_id": user_id}).status_code == 302
    stranger = organizer.post(f"/events/{door.event_id}/door-keepers", data={"user_id": people.xinghe.user_id})

    assert stranger.status_code == 422
    assert client.get(page).status_code == 200
    assert client.get(f"/events/{door.event_id}/cockpit/seats").status_code == 403
    keeper = door.event().door_keepers[0]
    organizer.post(f"/door-keepers/{keeper.id}/departure")
    assert client.get(page).status_code == 403


def test_a_phone_is_told_as_little_as_a_door_needs(
    door: Door, people: Cast, sign_in: Callable[[Membership], FlaskClient]
) -> None:
    with unit_of_work() as session:
        row = session.get_one(Registration, door.places[0])
        row.name, row.mobile = "欧阳小丽", "13912345678"
    client = sign_in(people.binjiang)

    told = client.get(f"/events/{door.event_id}/cockpit/door/list.json")

    first = told.json["guests"][0]
    assert (first["name"], first["tail"], first["at"]) == ("欧*丽", "5678", None)
    assert first["key"] == code_hash(door.code())[:24]
    assert len(told.json["guests"]) == 2  # who waits is on no phone
    for secret in ("欧阳小丽", "13912345678", door.code()):
        assert secret not in told.get_data(as_text=True)
    assert [masked(name) for name in ("张三", "Anna Smith", "王", "")] == ["张*", "A* S*", "王*", "*"]


def test_the_page_works_without_scripts(door: Door, people: Cast, sign_in: Callable[[Membership], FlaskClient]) -> None:
    client, page = sign_in(people.binjiang), f"/events/{door.event_id}/cockpit/door"
    with unit_of_work() as session:
        session.get_one(Registration, door.places[1]).mobile = "13900004321"
    code = door.code().lower()

    done = client.post(f"/events/{door.event_id}/check-ins", data={"code": f"{code[:13]} {code[13:]}", "door": "东门"})
    again = client.post(f"/events/{door.event_id}/check-ins", data={"code": code}, follow_redirects=True).text
    by_tail = client.get(f"{page}?q=4321").text
    by_name = client.get(f"{page}?q=来客").text

    assert done.location.endswith("/door?door=%E4%B8%9C%E9%97%A8")
    assert "重复" in again
    assert f'value="{door.places[1]}"' in by_tail
    assert "给席位并签到" not in by_tail
    assert "给席位并签到" in by_name
    assert "0 / 2" not in by_name
    assert client.post(f"/events/{door.event_id}/check-ins", data={}).status_code == 422
    said = client.post(f"/events/{door.event_id}/walk-ins", data={"name": "", "mobile": "12", "ref": "x"})
    assert said.status_code == 422
    assert 'value="12"' in said.text
    undone = client.post(f"/check-ins/{door.standing()[0].id}/withdrawal", follow_redirects=True).text
    assert "签到已撤销" in undone


def test_an_upload_is_answered_line_by_line_and_nonsense_changes_nothing(
    door: Door, people: Cast, sign_in: Callable[[Membership], FlaskClient]
) -> None:
    client, where = sign_in(people.binjiang), f"/events/{door.event_id}/check-ins/uploads"
    at = int(utcnow().timestamp())
    good = {"ref": str(uuid4()), "at": at, "way": "scan", "hash": code_hash(door.code()), "door": "东门"}
    gone = {**good, "ref": str(uuid4()), "hash": code_hash("NOTHING")}

    for bad in (None, [], {"entries": "x"}, {"entries": [{**good, "at": "now"}]}, {"entries": [{**good, "hash": "zz"}]},
                {"entries": [{**good, "ref": "no"}]}, {"entries": [{"ref": good["ref"], "at": at, "way": "walk_in"}]},
                {"entries": [{**good, "door": "a\x00b"}]}, {"entries": [good] * 101}):  # fmt: skip
        assert client.post(where, json=bad).status_code in (400, 422)
    assert door.standing() == []

    told = client.post(where, json={"entries": [gone, good]}).json

    assert [one["entry"] for one in told["answers"]] == ["unknown", "in"]
    assert (told["arrived"], told["expected"]) == (1, 2)
    assert told["answers"][1]["undo_url"]


def test_a_walk_in_who_leaves_gives_the_place_back_and_may_come_again(door: Door) -> None:
    with unit_of_work():
        services.leave(db.session.get_one(Registration, door.places[2]), actor=door.guests[2], now=utcnow())
        services.set_capacity(pool(door.event_id), 3, actor=door.host, now=utcnow())
    number, sent = "13900008888", str(uuid4())
    came = door.admit(walk_in(mobile=number, ref=sent))[0]
    assert (came.entry, counts(door.event_id)) == (Entry.IN, (3, 3, 3, 0))

    assert came.check_in is not None
    with unit_of_work():
        services.undo_check_in(db.session.get_one(CheckIn, came.check_in.id), actor=door.host, now=utcnow())

    assert counts(door.event_id) == (3, 3, 2, 0)
    assert door.says(walk_in(mobile=number, ref=sent)) == [Entry.IN]  # an upload that is repeated brings nobody back
    assert counts(door.event_id) == (3, 3, 2, 0)
    other = door.says(walk_in(mobile="13900009999"))
    again = door.says(walk_in(mobile=number))
    assert (other, again, counts(door.event_id)) == ([Entry.IN], [Entry.NO_SEAT], (3, 3, 3, 0))
    with unit_of_work():
        services.set_capacity(pool(door.event_id), 4, actor=door.host, now=utcnow())
    assert door.says(walk_in(mobile=number)) == [Entry.IN]
    assert counts(door.event_id) == (4, 4, 4, 0)


def test_who_had_a_ticket_keeps_the_seat_when_the_entry_is_taken_back(door: Door) -> None:
    door.admit(door.scan())
    with unit_of_work():
        services.undo_check_in(db.session.get_one(CheckIn, door.standing()[0].id), actor=door.host, now=utcnow())

    assert (door.states()[0], counts(door.event_id)) == ("registered", (2, 2, 2, 1))
