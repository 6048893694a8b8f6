"""Visitors without an account: a seat only by the mailed address, nothing told to strangers, places that move to accounts."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from matchhub import mail
from matchhub.accounts.models import SignInAttempt, User
from matchhub.accounts.services import recovery
from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.outbox import Notice
from matchhub.events import jobs, services
from matchhub.events.enums import Audience, RegistrationState, SeatRole
from matchhub.events.models import Event, GuestPlace, Registration
from tests.cast import Browser, stored
from tests.integration.events.conftest import pool, register, salon
from tests.integration.pairs import actor

MAIL = "lin.guest@example.com"


@pytest.fixture
def visitor(app):
    return Browser(app, app.response_class, use_cookies=True)


def typed(**more):
    return {"name": "林访客", "email": MAIL, "mobile": "138 0000 1234", "accept": "y"} | more


def open_salon(people, *, seats=1):
    """A salon with so many seats for the public, without approval."""
    host, event_id = actor(people.binjiang), salon(actor(people.binjiang))
    with unit_of_work():
        row = pool(event_id, SeatRole.PUBLIC)
        row.needs_approval = False
        services.set_capacity(row, seats, actor=host, now=utcnow())
    return event_id


def ask(visitor, event_id, **more):
    """Fills in the form; the token of the letter."""
    answer = visitor.post(f"/events/{event_id}/guest-places", data=typed(**more))
    assert answer.status_code == 302, answer.text
    db.session.expire_all()
    email = more.get("email", MAIL)
    place = db.session.scalars(
        select(GuestPlace).where(GuestPlace.event_id == event_id, GuestPlace.email == email)
    ).one()
    return services.guest_token(place)


def confirm(visitor, token):
    page = visitor.get(f"/guest-places/{token}").text
    seen = page.split('name="seen" value="')[1].split('"')[0]
    return visitor.post(f"/guest-places/{token}/confirmation", data={"seen": seen})


def letters(kind=""):
    """(kind, where the letter leads) of all letters to guests, in their order."""
    db.session.expire_all()
    rows = db.session.scalars(select(Notice).where(Notice.address == MAIL).order_by(Notice.id)).all()
    return [(row.kind, mail.render(row).text) for row in rows if kind in row.kind]


def test_a_seat_is_taken_by_the_mailed_address_and_not_before(people, visitor):
    event_id = open_salon(people)
    assert f"/events/{event_id}/guest-places/new" in visitor.get(f"/events/{event_id}").text
    token = ask(visitor, event_id)

    assert pool(event_id, SeatRole.PUBLIC).taken == 0 and db.session.scalar(select(Registration.id)) is None
    assert f"/guest-places/{token}" in letters("confirm")[0][1]
    confirm(visitor, token)
    page = visitor.get(f"/guest-places/{token}")

    db.session.expire_all()
    assert pool(event_id, SeatRole.PUBLIC).taken == 1
    assert "入场二维码" in page.text and page.headers["Cache-Control"] == "private, no-store"
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert f"/guest-places/{token}" in letters("event_registered")[0][1]
    assert "林访客" in visitor.get(f"/guest-places/{token}").text
    assert visitor.get(f"/guest-places/{token}/event.ics").data.count(b"BEGIN:VEVENT") == 1
    assert stored(Registration, 1, lambda r: (r.person_key, r.mobile)) == (f"mail:{MAIL}", "13800001234")


def test_the_answer_is_the_same_for_every_address_and_the_letter_says_the_rest(people, visitor):
    event_id = open_salon(people, seats=3)
    member = stored(User, people.xinghe.user_id, lambda u: u.email)
    token = ask(visitor, event_id)
    confirm(visitor, token)

    asked = (MAIL, member, "new@example.com")
    said = {visitor.post(f"/events/{event_id}/guest-places", data=typed(email=who)).location for who in asked}

    assert len(said) == 1
    assert letters("look") and f"/guest-places/{token}" in letters("look")[0][1]
    row = db.session.scalars(select(Notice).where(Notice.kind == "event_guest_sign_in")).one()
    assert row.address == member and "/guest-places/" not in mail.render(row).text and "registrations/new" in row.path


def test_a_guest_waits_sees_the_place_accepts_the_offer_and_leaves(people, visitor):
    event_id = open_salon(people)
    first, second = ask(visitor, event_id, email="first@example.com"), ask(visitor, event_id)
    confirm(visitor, first)
    confirm(visitor, second)
    assert "候补第 1 位" in visitor.get(f"/guest-places/{second}").text

    visitor.post(f"/guest-places/{first}/departure")
    assert "确认参加" in visitor.get(f"/guest-places/{second}").text
    assert f"/guest-places/{second}" in letters("offered")[0][1]
    visitor.post(f"/guest-places/{second}/acceptance")
    states = [row.state.value for row in db.session.scalars(select(Registration).order_by(Registration.id))]
    assert states == ["cancelled", "registered"]
    visitor.post(f"/guest-places/{second}/departure")
    visitor.post(f"/guest-places/{second}/return")

    db.session.expire_all()
    assert [row.state.value for row in db.session.scalars(select(Registration).order_by(Registration.id))] == states
    assert "确认参加" not in visitor.get(f"/guest-places/{second}").text


@pytest.mark.parametrize("what", ["acceptance", "refusal", "departure", "return", "confirmation", "takeover"])
def test_an_address_that_nobody_was_sent_opens_nothing(people, visitor, what):
    open_salon(people)

    assert visitor.post(f"/guest-places/{'A' * 26}/{what}").status_code == 404
    assert visitor.get(f"/guest-places/{'A' * 26}").status_code == 404


def test_one_key_opens_one_place_and_no_member_acts_for_a_guest(people, visitor, firms):
    event_id = open_salon(people, seats=2)
    token, (firm,) = ask(visitor, event_id), firms(1)
    confirm(visitor, token)
    registration = db.session.scalars(select(Registration)).one()

    with pytest.raises(errors.Forbidden), unit_of_work():
        services.leave(db.session.get_one(Registration, registration.id), actor=firm, now=utcnow())
    other = register(event_id, firm)
    for bears in ("registration:999", "", f"registration:{other}"):
        with pytest.raises(errors.Forbidden), unit_of_work():
            row = db.session.get_one(Registration, registration.id)
            services.leave(row, actor=replace(firm, bears=bears), now=utcnow())
    with pytest.raises(errors.Forbidden), unit_of_work():  # a key opens no place of an account
        row = db.session.get_one(Registration, other)
        services.decline_offer(row, actor=replace(actor(people.qingtian), bears=f"registration:{other}"), now=utcnow())


@pytest.mark.parametrize(
    "more", [{"name": " "}, {"email": "nobody"}, {"mobile": "12"}, {"accept": ""}, {"email": "13800001234"}]
)
def test_what_does_not_fit_is_said_and_nothing_is_mailed(people, visitor, more):
    event_id = open_salon(people)

    answer = visitor.post(f"/events/{event_id}/guest-places", data={k: v for k, v in typed(**more).items() if v})

    assert answer.status_code == 422 and db.session.scalar(select(GuestPlace.id)) is None


def test_what_is_not_public_takes_no_guests(people, visitor):
    event_id = open_salon(people)
    with unit_of_work() as session:
        session.get_one(Event, event_id).audience = Audience.MEMBERS

    assert visitor.get(f"/events/{event_id}/guest-places/new").status_code == 404
    assert visitor.post(f"/events/{event_id}/guest-places", data=typed()).status_code == 404


def test_one_address_asks_five_times_an_hour(people, visitor):
    event_id = open_salon(people)
    codes = [visitor.post(f"/events/{event_id}/guest-places", data=typed()).status_code for _ in range(6)]

    assert codes == [302] * 5 + [429]
    assert len(letters()) == 5 and len(db.session.scalars(select(SignInAttempt)).all()) == 5


def test_an_old_letter_and_a_changed_form_confirm_nothing(people, visitor):
    event_id = open_salon(people)
    token = ask(visitor, event_id)
    page = visitor.get(f"/guest-places/{token}").text
    ask(visitor, event_id, name="另一个人")
    old = page.split('name="seen" value="')[1].split('"')[0]

    assert visitor.post(f"/guest-places/{token}/confirmation", data={"seen": old}).status_code == 409
    with unit_of_work() as session:
        session.scalars(select(GuestPlace)).one().expires_at = utcnow() - timedelta(minutes=1)
    assert "已经过期" in visitor.get(f"/guest-places/{token}").text
    assert visitor.post(f"/guest-places/{token}/confirmation", data={"seen": "2"}).status_code == 409
    assert jobs.forget_guests(utcnow()) == 1 and db.session.scalar(select(GuestPlace.id)) is None


def test_signed_in_the_holder_of_the_letter_takes_the_place_over(people, visitor, sign_in):
    event_id = open_salon(people)
    token = ask(visitor, event_id)
    confirm(visitor, token)
    member = sign_in(people.xinghe)
    assert visitor.post(f"/guest-places/{token}/takeover").status_code == 403

    member.post(f"/guest-places/{token}/takeover")

    assert stored(Registration, 1, lambda r: (r.user_id, r.person_key)) == (
        people.xinghe.user_id, f"user:{people.xinghe.user_id}",
    )  # fmt: skip
    assert visitor.get(f"/guest-places/{token}").location.endswith("/registrations/1")
    assert visitor.post(f"/guest-places/{token}/departure").status_code == 404
    assert "入场二维码" in member.get("/registrations/1").text


def test_who_proves_the_address_later_has_the_places_in_the_account(people, visitor, app):
    event_id = open_salon(people)
    token = ask(visitor, event_id)
    confirm(visitor, token)
    with unit_of_work() as session:
        user = User(name="林访客", email=MAIL)
        session.add(user)
        session.flush()
        user_id = user.id
    assert stored(Registration, 1, lambda r: r.user_id) is None  # an account that has proved nothing gets nothing
    with unit_of_work():
        recovery.request_reset(MAIL, actor=actor(people.xinghe), now=utcnow())
        db.session.flush()
        secret = db.session.scalars(select(Notice).where(Notice.kind == "reset_requested")).one().path.split("/")[-1]
    with unit_of_work():
        recovery.use_reset(
            recovery.open_reset(secret, now=utcnow()), password_hash="x", actor=actor(people.xinghe), now=utcnow()
        )

    assert stored(Registration, 1, lambda r: (r.user_id, r.state)) == (user_id, RegistrationState.REGISTERED)


def test_where_the_account_has_a_seat_already_the_guests_is_given_back(people, visitor, firms):
    event_id, (firm,) = open_salon(people), firms(1)
    own = register(event_id, firm)
    token = ask(visitor, event_id)
    confirm(visitor, token)

    with unit_of_work():
        place = db.session.scalars(select(GuestPlace)).one()
        assert services.take_over(place, actor=firm, now=utcnow())

    rows = {row.id: (row.state.value, row.user_id) for row in db.session.scalars(select(Registration))}
    assert rows.pop(own) == ("registered", firm.user_id)
    assert list(rows.values()) == [("cancelled", None)]
