"""The organizer's and the guest's way through the pages."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event as sa_event
from sqlalchemy import select

from matchhub.core.clock import CITY_ZONE, utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.events import services
from matchhub.events.enums import Audience, EventState, EventType, RegistrationState
from matchhub.events.models import Event, Registration
from tests.cast import stored
from tests.integration.events.conftest import counts, pool, register, salon
from tests.integration.pairs import actor


def typed(**more):
    day = (utcnow() + timedelta(days=40)).astimezone(CITY_ZONE).date()
    facts = {
        "title": "新材料专场路演", "starts_on": f"{day}", "starts_time": "14:00", "mode": "on_site", "room_id": "",
        "place": "滨江路 1 号", "minutes": "180", "audience": "public", "zone": "Asia/Shanghai", "summary": "八个项目",
    }  # fmt: skip
    return facts | more


def test_a_roadshow_is_published_in_four_screens_and_four_fields(people, sign_in):
    host = sign_in(people.binjiang)
    assert "/events/new/roadshow" in host.get("/events/new").text  # 1
    page = host.get("/events/new/roadshow").text  # 2
    form = page[page.index('action="/events/new/roadshow"') : page.index("介绍、英文")]
    assert len(re.findall(r'<input[^>]*type="(?:text|date|time)"', form)) == 4

    made = host.post("/events/new/roadshow", data=typed())
    draft = host.get(made.location).text  # 3
    assert "发布活动" in draft
    out = host.post(f"{made.location.removesuffix('/cockpit')}/publication")

    assert "新材料专场路演" in host.get(out.location).text  # 4
    assert stored(Event, 1, lambda e: (e.state, len(e.agenda))) == (EventState.PUBLISHED, 4)


@pytest.mark.parametrize(
    "change",
    [{"title": " "}, {"starts_on": "2001-01-01"}, {"starts_on": ""}, {"starts_time": "25:00"}, {"mode": "by-post"},
     {"room_id": "77"}, {"minutes": "3"}, {"join_url": "javascript:alert(1)"}, {"zone": "Mars/Olympus"}],
)  # fmt: skip
def test_an_event_must_make_sense_and_nothing_typed_is_lost(people, sign_in, change):
    answer = sign_in(people.binjiang).post("/events/new/salon", data=typed(**change))

    assert answer.status_code == 422
    assert "滨江路 1 号" in answer.text and db.session.scalar(select(Event.id)) is None


def test_without_a_place_nothing_is_published_and_the_page_says_so(people, sign_in):
    host = sign_in(people.binjiang)
    host.post("/events/new/salon", data=typed(place=""))

    answer = host.post("/events/1/publication")

    assert answer.status_code == 422 and "填写地点，或选一个房间" in answer.text
    assert stored(Event, 1, lambda e: e.state) is EventState.DRAFT


def test_a_guest_registers_sees_the_ticket_and_leaves(people, sign_in):
    event_id, firm = salon(actor(people.binjiang)), sign_in(people.xinghe)
    assert "报名" in firm.get(f"/events/{event_id}/registrations/new").text

    made = firm.post(f"/events/{event_id}/registrations", data={"role": "enterprise", "answer-looking_for": "材料专家"})
    page = firm.get(made.location).text

    assert "data:image/svg+xml" in page and "材料专家" in page and "已报名" in page
    assert firm.post(f"{made.location}/departure").status_code == 302
    assert stored(Registration, 1, lambda r: r.state) is RegistrationState.CANCELLED


def test_who_waits_reads_the_place_in_the_line_and_accepts_what_is_offered(people, sign_in, firms):
    event_id, (first, second) = salon(actor(people.binjiang), seats=1), firms(2)
    register(event_id, first)
    firm = sign_in(people.xinghe)
    where = firm.post(f"/events/{event_id}/registrations", data={"role": "enterprise"}).location
    register(event_id, second)
    assert "候补第 1 位" in firm.get(where).text
    with unit_of_work() as session:
        services.leave(session.get_one(Registration, 1), actor=first, now=utcnow())

    assert "有席位了" in firm.get(where).text
    assert "确认席位" in firm.get("/").text
    assert firm.post(f"{where}/acceptance").status_code == 302
    assert counts(event_id) == (1, 1, 1, 1)


def test_questions_are_asked_by_role_and_by_what_was_answered(people, sign_in):
    with unit_of_work():
        host, now = actor(people.binjiang), utcnow()
        facts = services.EventFacts("直通车", now + timedelta(days=30), place="大厅")
        event = services.create(EventType.EXPRESS, facts, actor=host, now=now)
        pool(event.id).needs_approval = False
        services.publish(event, actor=host, now=now)
        event_id = event.id
    firm = sign_in(people.xinghe)

    wrong = firm.post(
        f"/events/{event_id}/registrations",
        data={"role": "enterprise", "answer-amount": "一百", "answer-collateral": "有"},
    )
    assert wrong.status_code == 422 and "填写数字" in wrong.text
    firm.post(
        f"/events/{event_id}/registrations",
        data={
            "role": "enterprise",
            "answer-amount": "100",
            "answer-collateral": "没有",
            "answer-collateral_what": "厂房",
        },
    )

    assert stored(Registration, 1, lambda r: r.answers) == {"amount": 100.0, "collateral": "没有"}


def test_the_host_sees_the_list_changes_seats_and_decides(people, sign_in, firms):
    host, (first, second) = actor(people.binjiang), firms(2)
    event_id = salon(host, seats=1)
    with unit_of_work():
        pool(event_id).needs_approval = True
    register(event_id, first)
    register(event_id, second)
    desk = sign_in(people.binjiang)

    assert desk.post("/registrations/1/approval").status_code == 302
    assert desk.post("/registrations/2/rejection", data={"reason": " "}).status_code == 422
    assert desk.post("/registrations/2/rejection", data={"reason": "本场只限新材料企业"}).status_code == 302
    assert desk.post(f"/seat-pools/{pool(event_id).id}/capacity", data={"capacity": "x"}).status_code == 422
    assert desk.post(f"/seat-pools/{pool(event_id).id}/capacity", data={"capacity": "7"}).status_code == 302

    assert counts(event_id) == (7, 7, 1, 0)
    assert "来客000" in desk.get(f"/events/{event_id}/cockpit/seats").text


def test_strangers_find_public_events_and_nothing_else(app, people, sign_in):
    host, now = actor(people.binjiang), utcnow()
    event_id = salon(host)
    with unit_of_work():
        hidden = services.create(
            EventType.FORUM, services.EventFacts("内部论坛", now + timedelta(days=9)), actor=host, now=now
        ).id
    visitor, other = app.test_client(), sign_in(people.gedian)

    assert visitor.get("/events").status_code == 200 and "创业沙龙" in visitor.get(f"/events/{event_id}").text
    assert visitor.get(f"/events/{event_id}/poster").status_code == 200
    assert visitor.get(f"/share-cards/events/{event_id}.png").mimetype == "image/png"
    for client in (visitor, other):
        assert client.get(f"/events/{hidden}").status_code == 404
        assert client.get(f"/share-cards/events/{hidden}.png").status_code == 404
    assert other.get(f"/events/{event_id}/cockpit").status_code == 404
    with unit_of_work() as session:
        session.get_one(Event, event_id).audience = Audience.INVITED
    assert visitor.get(f"/events/{event_id}").status_code == 404 == other.get(f"/events/{event_id}").status_code


def test_the_list_costs_the_same_for_one_and_for_three(app, people):
    host = actor(people.binjiang)
    salon(host)
    visitor = app.test_client()

    def asked() -> int:
        found = []
        listen = lambda *args: found.append(args[2])  # noqa: E731
        sa_event.listen(db.engine, "before_cursor_execute", listen)
        assert visitor.get("/events").status_code == 200
        sa_event.remove(db.engine, "before_cursor_execute", listen)
        return len(found)

    asked()
    one = asked()
    salon(host)
    salon(host)
    asked()  # the first after a write says once more that it only reads

    assert asked() == one


@pytest.mark.parametrize("page", ["cockpit", "cockpit/settings"])
def test_the_cockpit_tells_its_reminders_in_both_languages(people, sign_in, page):
    event_id, host = salon(actor(people.binjiang)), sign_in(people.binjiang)
    said = {}
    for hours in ([24, 2], [1], []):
        with unit_of_work() as session:
            session.get_one(Event, event_id).reminder_hours = hours
        for locale in ("zh", "en"):
            host.set_cookie("locale", locale)
            said[locale, len(hours)] = host.get(f"/events/{event_id}/{page}").text

    assert "开始前 24、2 小时" in said["zh", 2]
    assert "24, 2 hours before the start" in said["en", 2]
    assert "1 hour before the start" in said["en", 1]
    assert "不提醒" in said["zh", 0]
