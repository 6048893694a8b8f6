"""Seats: never oversold, never falsely sold out, nobody passed over, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.links import code_hash
from matchhub.events import queries, services
from matchhub.events.enums import EventType, SeatRole
from matchhub.events.models import Event, Registration, SeatPool, Ticket
from matchhub.events.services import Applicant, EventFacts
from matchhub.events.services import seats as seats_service
from tests.cast import stored
from tests.integration.events.conftest import counts, pool, register, salon, states
from tests.integration.pairs import actor


def act(service, registration_id, person, **more):
    with unit_of_work() as session:
        service(session.get_one(Registration, registration_id), actor=person, now=more.pop("now", utcnow()), **more)


def set_capacity(event_id, capacity, host):
    with unit_of_work():
        services.set_capacity(pool(event_id), capacity, actor=host, now=utcnow())


def test_who_comes_after_the_last_seat_waits_and_the_first_to_wait_is_offered_what_is_freed(people, firms):
    event_id, guests = salon(actor(people.binjiang)), firms(4)
    first, *_ = ids = [register(event_id, guest) for guest in guests]

    assert states(event_id) == ["registered", "registered", "waitlisted", "waitlisted"]
    assert counts(event_id) == (2, 2, 2, 2)
    act(services.leave, first, guests[0])

    assert states(event_id) == ["cancelled", "registered", "offered", "waitlisted"]
    assert counts(event_id) == (2, 2, 2, 1)
    act(services.accept_offer, ids[2], guests[2])
    assert states(event_id)[2] == "registered"


@pytest.mark.parametrize("service", [services.decline_offer, services.leave])
def test_an_offer_that_is_not_wanted_goes_to_the_next(people, firms, service):
    event_id, guests = salon(actor(people.binjiang), seats=1), firms(3)
    ids = [register(event_id, guest) for guest in guests]
    act(services.leave, ids[0], guests[0])

    act(service, ids[1], guests[1])

    assert states(event_id)[2] == "offered"
    assert counts(event_id) == (1, 1, 1, 0)


def test_an_offer_is_kept_for_four_working_hours_and_then_passed_on(people, firms):
    event_id, guests = salon(actor(people.binjiang), seats=1), firms(3)
    ids = [register(event_id, guest) for guest in guests]
    act(services.leave, ids[0], guests[0])
    until = stored(Registration, ids[1], lambda r: r.offered_until)

    with unit_of_work():
        assert services.lapse_offers(now=until - timedelta(seconds=1)) == 0
        assert services.lapse_offers(now=until) == 1
    with pytest.raises(errors.Conflict):
        act(services.accept_offer, ids[1], guests[1])

    assert states(event_id) == ["cancelled", "lapsed", "offered"]
    assert counts(event_id) == (1, 1, 1, 0)


def test_an_offer_that_is_over_cannot_be_accepted_before_the_worker_came_by(people, firms):
    event_id, guests = salon(actor(people.binjiang), seats=1), firms(2)
    ids = [register(event_id, guest) for guest in guests]
    act(services.leave, ids[0], guests[0])
    until = stored(Registration, ids[1], lambda r: r.offered_until)

    with pytest.raises(errors.Conflict):
        act(services.accept_offer, ids[1], guests[1], now=until)

    assert states(event_id)[1] == "offered"


def test_lowering_takes_no_seat_away_and_the_pool_shrinks_as_seats_come_back(people, firms):
    host = actor(people.binjiang)
    event_id, guests = salon(host, seats=3), firms(4)
    ids = [register(event_id, guest) for guest in guests]

    set_capacity(event_id, 1, host)
    assert counts(event_id) == (1, 3, 3, 1)
    act(services.leave, ids[0], guests[0])
    assert counts(event_id) == (1, 2, 2, 1)
    act(services.leave, ids[1], guests[1])
    assert counts(event_id) == (1, 1, 1, 1)
    act(services.leave, ids[2], guests[2])

    assert counts(event_id) == (1, 1, 1, 0)
    assert states(event_id)[3] == "offered"


def test_raising_offers_every_new_seat_in_the_order_of_the_line(people, firms):
    host = actor(people.binjiang)
    event_id, guests = salon(host, seats=0), firms(3)
    for guest in guests:
        register(event_id, guest)

    set_capacity(event_id, 2, host)

    assert states(event_id) == ["offered", "offered", "waitlisted"]
    assert counts(event_id) == (2, 2, 2, 1)


def test_a_person_has_one_place_and_may_come_again_after_leaving(people, firms):
    event_id, (guest,) = salon(actor(people.binjiang)), firms(1)
    registration_id = register(event_id, guest)

    with pytest.raises(errors.Conflict):
        register(event_id, guest)
    act(services.leave, registration_id, guest)

    assert register(event_id, guest) == registration_id
    assert counts(event_id) == (2, 2, 1, 0)


def test_without_the_condition_the_check_still_refuses_to_oversell(people, firms):
    event_id = salon(actor(people.binjiang), seats=1)

    with pytest.raises(IntegrityError), unit_of_work() as session:
        session.execute(update(SeatPool).where(SeatPool.event_id == event_id).values(taken=SeatPool.taken + 99))


def test_where_every_seat_is_taken_for_free_the_check_alone_stands(people, firms, monkeypatch):
    """The control: without the conditional update, a second person is let into the only seat, and only the CHECK sees it."""
    event_id, guests = salon(actor(people.binjiang), seats=1), firms(2)
    register(event_id, guests[0])
    monkeypatch.setattr(
        seats_service, "enter", lambda row: seats_service._changed(row, SeatPool.id == row.id, taken=SeatPool.taken + 1)
    )

    with pytest.raises(IntegrityError):
        register(event_id, guests[1])


def test_approval_gives_a_seat_or_a_place_in_the_line_by_the_day_of_asking(people, firms):
    host = actor(people.binjiang)
    event_id, guests = salon(host, seats=1), firms(3)
    with unit_of_work():
        pool(event_id).needs_approval = True
    now = utcnow()
    ids = [register(event_id, guest, now=now + timedelta(minutes=index)) for index, guest in enumerate(guests)]
    assert counts(event_id) == (1, 1, 0, 0)

    for index in (2, 1, 0):  # the last is let in first: it has the seat, the others wait in the order of asking
        act(services.approve, ids[index], host)

    assert states(event_id) == ["waitlisted", "waitlisted", "registered"]
    found = [queries.line_position(db.session(), db.session.get_one(Registration, ids[index])) for index in (0, 1)]
    assert found == [1, 2]
    with pytest.raises(errors.Forbidden):
        act(services.approve, ids[0], guests[0])


def test_a_ticket_opens_by_its_code_alone_and_ends_with_the_seat(people, firms):
    event_id, (guest,) = salon(actor(people.binjiang)), firms(1)
    registration_id = register(event_id, guest)
    ticket = db.session.scalars(select(Ticket)).one()
    code = services.ticket_code(ticket)

    assert len(code) == 26 and code not in (ticket.nonce, ticket.code_hash)
    assert code_hash(code.lower()) == ticket.code_hash
    act(services.leave, registration_id, guest)
    db.session.expire_all()

    assert services.ticket_code(ticket) is None
    register(event_id, guest)
    db.session.expire_all()
    assert services.ticket_code(db.session.get_one(Ticket, ticket.id)) not in (None, code)


def test_nobody_registers_for_what_is_closed_or_not_for_one(people, firms):
    host, (guest,) = actor(people.binjiang), firms(1)
    now = utcnow()
    event_id = salon(host, starts_at=now + timedelta(days=2), now=now)

    with pytest.raises(errors.Conflict), unit_of_work():
        late = now + timedelta(days=2)
        event = db.session.get_one(Event, event_id)
        services.register(event, SeatRole.ENTERPRISE, Applicant.of(guest), actor=guest, now=late)
    with pytest.raises(errors.Invalid), unit_of_work():
        event = db.session.get_one(Event, event_id)
        services.register(event, SeatRole.INVESTOR, Applicant.of(guest), actor=guest, now=now)
    with pytest.raises(errors.Forbidden), unit_of_work():
        draft = services.create(EventType.FORUM, EventFacts("论坛", now + timedelta(days=9)), actor=host, now=now)
        services.register(draft, SeatRole.ENTERPRISE, Applicant.of(guest), actor=guest, now=now)


def test_every_type_has_a_template_from_which_an_event_can_be_published(people):
    host, now = actor(people.binjiang), utcnow()
    with unit_of_work():
        for kind in EventType:
            facts = EventFacts(kind.label, now + timedelta(days=60), place="滨江路 1 号")
            event = services.create(kind, facts, actor=host, now=now)
            services.publish(event, actor=host, now=now)
            last = event.agenda[-1]
            assert last.offset_minutes + last.minutes == event.minutes
            assert event.takes_registrations(now)
