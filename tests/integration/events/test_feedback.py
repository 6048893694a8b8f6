"""Who came is asked once, answers once without signing in, and is read in sums alone."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from matchhub.accounts.models import Membership
from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.outbox import KINDS, Notice
from matchhub.core.policy import Actor, SYSTEM
from matchhub.core.web import App
from matchhub.events import jobs, queries, services
from matchhub.events.enums import EventType, RegistrationState
from matchhub.events.models import CheckIn, Event, Feedback, Registration
from tests.cast import Browser, Cast
from tests.integration.events.conftest import register, salon
from tests.integration.pairs import actor

GOOD = {"answer-overall": "5", "answer-content": "4", "answer-pace": "4", "answer-again": "yes"}


@pytest.fixture
def held(people: Cast, firms: Callable[[int], list[Actor]]) -> tuple[int, list[Actor], datetime]:
    """A salon that ended two hours ago, with seven who held a seat: its id, they, and when it began."""
    host, now = actor(people.binjiang), utcnow()
    past, guests = now - timedelta(days=20), firms(7)
    event_id = salon(host, seats=9, starts_at=now - timedelta(hours=4), now=past)
    for guest in guests:
        register(event_id, guest, now=past)
    with unit_of_work() as session:
        event = session.get_one(Event, event_id)
        event.ends_at = now - timedelta(hours=2)
        services.mark_held(event, actor=SYSTEM, now=now)
    return event_id, guests, now


def browser(app: App) -> FlaskClient:
    """Of somebody who has not signed in."""
    return Browser(app, app.response_class, use_cookies=True)


def rows() -> list[Feedback]:
    db.session.expire_all()
    return list(db.session.scalars(select(Feedback).order_by(Feedback.id)))


def code(row: Feedback) -> str:
    found = services.feedback_code(row)
    assert found is not None
    return found


def say(client: FlaskClient, row: Feedback, **more: str) -> int:
    return client.post(f"/feedback/{code(row)}", data=GOOD | more).status_code


def test_who_came_is_asked_once_and_only_soon_after(held: tuple[int, list[Actor], datetime]) -> None:
    event_id, guests, now = held
    with unit_of_work() as session:  # the door kept a list: two came
        mine = select(Registration).where(Registration.event_id == event_id).order_by(Registration.id)
        places = session.scalars(mine).all()
        for place in places[:2]:
            place.state = RegistrationState.ATTENDED
            session.add(CheckIn(event_id=event_id, registration_id=place.id, way="name", at=now, received_at=now))

    jobs.ask_feedback(now - timedelta(hours=1, minutes=5))  # fifty-five minutes after the end
    assert rows() == []
    for _ in range(2):
        jobs.ask_feedback(now)

    told = db.session.scalars(select(Notice).where(Notice.kind == "event_feedback")).all()
    assert {notice.recipient_user_id for notice in told} == {guest.user_id for guest in guests[:2]}
    assert len(told) == len(rows()) == 2
    mail_path = KINDS.kinds["event_feedback"].mail_path
    assert mail_path is not None
    assert {mail_path(notice) for notice in told} == {f"/feedback/{code(row)}" for row in rows()}


def test_where_the_door_kept_no_list_all_who_held_a_seat_are_asked_but_never_late(
    held: tuple[int, list[Actor], datetime],
) -> None:
    _, _, now = held

    jobs.ask_feedback(now + timedelta(days=4))
    assert rows() == []
    jobs.ask_feedback(now)
    assert len(rows()) == 7


def test_a_person_answers_once_without_signing_in(app: App, held: tuple[int, list[Actor], datetime]) -> None:
    event_id, _, now = held
    jobs.ask_feedback(now)
    first, visitor = rows()[0], browser(app)

    page = visitor.get(f"/feedback/{code(first)}")
    assert page.status_code == 200 and page.text.count("5 很好") == 3
    bad = visitor.post(f"/feedback/{code(first)}", data=GOOD | {"answer-pace": "9", "answer-words": "场地很好找"})
    assert bad.status_code == 422 and "场地很好找" in bad.text
    assert say(visitor, first, **{"answer-words": "认识了两位同行", "quotable": "y"}) == 302
    assert "已收到" in visitor.get(f"/feedback/{code(first)}").text
    assert say(visitor, first, **{"answer-overall": "1"}) == 409

    kept = rows()[0]
    assert kept.answers == {"overall": 5, "content": 4, "pace": 4, "again": "yes", "words": "认识了两位同行"}
    assert kept.quotable and [row.answered_at is None for row in rows()] == [False] + [True] * 6
    assert visitor.get("/feedback/NOBODYKNOWSTHIS").status_code == 404
    with unit_of_work() as session:
        session.get_one(Feedback, rows()[1].id).closes_at = now - timedelta(days=1)
    assert say(visitor, rows()[1]) == 409
    assert queries.results_of(db.session(), db.session.get_one(Event, event_id)).answered == 1


def test_sums_stand_from_five_on_and_never_move_by_one_answer(
    app: App, held: tuple[int, list[Actor], datetime], people: Cast, sign_in: Callable[[Membership], FlaskClient]
) -> None:
    event_id, _, now = held
    jobs.ask_feedback(now)
    visitor, organizer, page = browser(app), sign_in(people.binjiang), f"/events/{event_id}/cockpit/follow-up"
    for number, row in enumerate(rows()[:4]):
        say(visitor, row, **{"answer-words": f"第{number}句", "quotable": "y" if number % 2 else ""})

    shown = organizer.get(page).text
    assert "不足 5 份" in shown and "第0句" not in shown
    say(visitor, rows()[4])
    shown = organizer.get(page).text
    assert "平均 5.0 分" in shown and "第0句" in shown
    say(visitor, rows()[5], **{"answer-overall": "1", "answer-words": "太挤了"})
    assert "平均 5.0 分" in organizer.get(page).text and "太挤了" not in organizer.get(page).text

    found = queries.results_of(db.session(), db.session.get_one(Event, event_id))
    assert (found.asked, found.answered, found.counted) == (7, 6, 5)
    assert sorted(quote.words for quote in found.quotes) == ["第1句", "第3句"]
    assert sign_in(people.gedian).get(page).status_code == 404


def test_todays_page_asks_until_it_is_answered(
    app: App, held: tuple[int, list[Actor], datetime], sign_in: Callable[[Membership], FlaskClient]
) -> None:
    _, guests, now = held
    jobs.ask_feedback(now)
    guest = sign_in(db.session.get_one(Membership, guests[0].membership_id))

    assert "一分钟答完" in guest.get("/").text
    assert f"/feedback/{code(rows()[0])}" in guest.get(f"/registrations/{rows()[0].registration_id}").text
    say(browser(app), rows()[0])
    assert "一分钟答完" not in guest.get("/").text


def test_an_event_is_followed_up_and_put_away(
    held: tuple[int, list[Actor], datetime], people: Cast, sign_in: Callable[[Membership], FlaskClient]
) -> None:
    event_id, _, _ = held
    organizer, other = sign_in(people.binjiang), sign_in(people.gedian)

    assert other.post(f"/events/{event_id}/follow-up-completion").status_code == 404
    assert organizer.post(f"/events/{event_id}/follow-up-completion").status_code == 302
    assert organizer.post(f"/events/{event_id}/follow-up-completion").status_code == 409
    assert organizer.post(f"/events/{event_id}/archiving").status_code == 302
    db.session.expire_all()
    assert db.session.get_one(Event, event_id).state.value == "archived"


def test_an_administrator_writes_the_questions_of_the_next_version(
    people: Cast, sign_in: Callable[[Membership], FlaskClient]
) -> None:
    admin, address, now = sign_in(people.administrator), "/event-templates/salon", utcnow()
    before = queries.newest_template(db.session(), EventType.SALON).content["feedback"]
    sent = {
        "agenda": "120 | talk | 分享 | Talk", "mode": "on_site", "starts": "14:00", "enterprise_seats": "20",
        "closes": "1", "offer_hours": "4", "priority": "arrival", "source": "示例", "effective_from": city_date(now),
    }  # fmt: skip
    assert before[0]["label"] in admin.get(address).text
    for wrong in ("stars | 好吗", "text | 一\ntext | 二\nrating | 三", "rating | 只有一个问题"):
        assert admin.post(address, data=sent | {"feedback": wrong}).status_code == 422
    lines = f"rating | {before[0]['label']} | Worth it?\nyes_no | 会推荐给别人吗\nrating | 讲得清楚吗 | Was it clear?"

    assert admin.post(address, data=sent | {"feedback": lines}).status_code == 302
    asked = queries.newest_template(db.session(), EventType.SALON).content["feedback"]
    assert [(row["key"], row["kind"], row["label_en"]) for row in asked] == [
        ("overall", "rating", "Worth it?"), ("q2", "yes_no", ""), ("q3", "rating", "Was it clear?")
    ]  # fmt: skip
    admin.post(address, data=sent)
    assert (
        queries.newest_template(db.session(), EventType.SALON).content["feedback"] == asked
    )  # nothing said: as before
