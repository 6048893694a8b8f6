"""What people want to be told: one page, quiet hours, and a way out of every mail that may be left."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select

from matchhub import mail
from matchhub.accounts.services import kinds
from matchhub.core import delivery, outbox
from matchhub.core.clock import CITY_ZONE
from matchhub.core.db import db, unit_of_work
from matchhub.core.outbox import MailState, Notice, NoticeKind, Recipient
from matchhub.core.wishes import Channel, choosable, Farewells, NoticeWish, QuietHours, Topic
from matchhub.introductions.notices import CANCELLED, WROTE
from matchhub.wiring import NOTICE_KINDS
from tests.cast import stored
from tests.receivers import mail_server, Sink

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=CITY_ZONE)  # a Wednesday
NIGHT = datetime(2026, 11, 25, 22, 30, tzinfo=CITY_ZONE)
MORNING = datetime(2026, 11, 26, 8, 0, tzinfo=CITY_ZONE)
EVERYTHING = [f"{topic}:{channel}" for topic in Topic for channel in Channel if choosable(topic, channel)]
VALUES = {"who": "远山资本", "when": "明天", "what": "新材料-0007"}


@pytest.fixture
def sink() -> Iterator[Sink]:
    with mail_server() as handler:
        yield handler


def tell(membership, kind: NoticeKind = WROTE, *, now: datetime = NOON, locale: str = "zh") -> int | None:
    with unit_of_work():
        to = Recipient(membership.user_id, "xinghe@xinghe.example", locale, membership.organization_id)
        notice = outbox.enqueue(kind, to, values=VALUES, path="/introductions/1", now=now)
        db.session.flush()
        return notice.id if notice else None


def send(sink: Sink, now: datetime) -> int:
    with delivery.smtp(sink.url) as transport:
        return delivery.deliver(
            now, transport=transport, render=mail.render, sender="matchhub@example.org", sender_name="汇配",
            clock=lambda: now, quiet=mail.quiet_until,
        )  # fmt: skip


def form(*, without: tuple[str, ...] = (), **more: str) -> dict[str, object]:
    wanted = [choice for choice in EVERYTHING if choice not in without]
    return {"wanted": wanted, "quiet": "y", "quiet_from": "21:00", "quiet_to": "08:00"} | more


def farewell(message) -> str:
    return urlsplit(str(message["List-Unsubscribe"]).strip("<>")).path


def test_the_settings_hang_under_the_avatar_and_say_why_security_stays(people, sign_in):
    client = sign_in(people.xinghe)

    assert 'href="/account/notices"' in client.get("/account").text
    page = client.get("/account/notices").text
    assert "不能关闭" in page
    assert 'value="security:mail"' not in page
    assert 'value="21:00"' in page and 'value="08:00"' in page
    assert re.search(r'value="messages:mail"[^>]* checked', page)
    assert re.search(r'value="reviews:mail"[^>]*>', page) and not re.search(r'value="reviews:mail"[^>]* checked', page)


def test_what_is_switched_off_is_not_mailed_but_stays_in_the_bell(people, sign_in, sink):
    client = sign_in(people.xinghe)
    assert client.post("/account/notices", data=form(without=("messages:mail",))).status_code == 302

    notice_id = tell(people.xinghe)

    assert send(sink, NOON) == 0
    assert stored(Notice, notice_id, lambda n: (n.mail_state, n.bell)) == (MailState.NONE, True)
    page = client.get("/account/notices").text
    assert not re.search(r'value="messages:mail"[^>]* checked', page)


def test_what_is_switched_off_in_the_bell_still_comes_by_mail(people, sign_in, sink):
    client = sign_in(people.xinghe)
    client.post("/account/notices", data=form(without=("messages:bell",)))

    tell(people.xinghe)

    assert send(sink, NOON) == 1
    assert "远山资本" not in client.get("/notices").text


def test_without_a_choice_it_is_told_on_both(people, sign_in, sink):
    tell(people.xinghe, now=NOON - timedelta(days=2))

    assert send(sink, NOON) == 1
    with unit_of_work() as session:
        assert session.scalar(select(Notice.bell))


def test_security_is_mailed_whatever_was_sent(people, sign_in, sink):
    client = sign_in(people.xinghe)
    client.post("/account/notices", data={"wanted": []})

    tell(people.xinghe, kinds.PASSWORD_CHANGED)

    assert send(sink, NIGHT) == 1
    assert sink.taken[0]["List-Unsubscribe"] is None
    assert db.session.scalar(select(func.count()).where(NoticeWish.topic == Topic.SECURITY)) == 0


@pytest.mark.parametrize("data", [{"wanted": ["messages:pigeon"]}, {"quiet_from": "25:99"}, {"quiet_to": "21:00"}])
def test_nonsense_is_refused_and_changes_nothing(people, sign_in, data):
    response = sign_in(people.xinghe).post("/account/notices", data=form() | data)

    assert response.status_code == 422
    assert db.session.scalar(select(func.count()).select_from(NoticeWish)) == 0


def test_strangers_have_no_settings(app):
    assert app.test_client().get("/account/notices").status_code == 302


def test_at_night_the_mail_waits_and_the_bell_does_not(people, sink):
    notice_id = tell(people.xinghe, now=NIGHT)

    assert send(sink, NIGHT) == 0
    assert stored(Notice, notice_id, lambda n: (n.bell, n.due_at, n.mail_at, n.attempts)) == (True, NIGHT, MORNING, 0)
    assert send(sink, MORNING - timedelta(minutes=1)) == 0
    assert send(sink, MORNING) == 1


def test_what_is_urgent_does_not_wait(people, sink):
    tell(people.xinghe, CANCELLED, now=NIGHT)

    assert send(sink, NIGHT) == 1


def test_quiet_hours_switched_off_are_no_quiet_hours(people, sign_in, sink):
    data = form()
    del data["quiet"]
    sign_in(people.xinghe).post("/account/notices", data=data)
    tell(people.xinghe, now=NIGHT)

    assert send(sink, NIGHT) == 1


def test_days_off_are_quiet_for_whoever_wants_it(people, sign_in, sink):
    sign_in(people.xinghe).post("/account/notices", data=form(rest_days="y"))
    saturday = datetime(2026, 11, 28, 12, 0, tzinfo=CITY_ZONE)
    notice_id = tell(people.xinghe, now=saturday)

    assert send(sink, saturday) == 0
    assert stored(Notice, notice_id, lambda n: n.mail_at) == datetime(2026, 11, 30, 8, 0, tzinfo=CITY_ZONE)
    assert stored(QuietHours, people.xinghe.user_id, lambda q: q.rest_days)


def test_one_press_in_the_mail_program_ends_this_topic_and_no_other(app, people, sink):
    tell(people.xinghe)
    tell(people.xinghe, CANCELLED)
    send(sink, NOON)
    first = sink.taken[0]
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = farewell(first)
    assert f"http://127.0.0.1:8000{address}" in sink.text(0)
    assert address in sink.html(0) and "/account/notices" in sink.html(0)

    stranger = app.test_client()  # a mail program: no cookie, no token of ours
    assert stranger.post(address, data={"List-Unsubscribe": "One-Click"}).status_code == 200

    tell(people.xinghe, now=NOON + timedelta(hours=1))
    tell(people.xinghe, CANCELLED, now=NOON + timedelta(hours=1))
    assert send(sink, NOON + timedelta(hours=1)) == 1
    assert len(sink.taken) == 3
    assert "取消" in str(sink.taken[-1]["Subject"])


def test_opening_the_link_changes_nothing(app, people, sink):
    tell(people.xinghe)
    send(sink, NOON)
    address = farewell(sink.taken[0])
    visitor = app.test_client()

    page = visitor.get(address)
    visitor.head(address)

    assert page.status_code == 200
    assert page.text.count(f'action="{address}"') == 1
    assert db.session.scalar(select(func.count()).select_from(NoticeWish)) == 0
    assert "通知设置" in visitor.post(address).text


def test_a_mail_that_waits_is_not_sent_to_who_has_left_meanwhile(app, people, sink):
    notice_id = tell(people.xinghe, now=NIGHT)
    token = Farewells((app.config["SECRET_KEY"],)).token(people.xinghe.user_id, Topic.MESSAGES)
    app.test_client().post(f"/farewells/{token}")

    assert send(sink, MORNING) == 0
    assert stored(Notice, notice_id, lambda n: n.mail_state) is MailState.CANCELLED


def test_a_link_that_was_not_made_here_leads_nowhere(app, people):
    good = Farewells((app.config["SECRET_KEY"],))
    foreign = Farewells(("another installation's secret key",))
    tokens = (
        "nobody-knows-this",
        foreign.token(people.xinghe.user_id, Topic.MESSAGES),
        good.token(people.xinghe.user_id, Topic.SECURITY),
        good.token(999_999, Topic.MESSAGES),
        good.token(people.xinghe.user_id, Topic.MESSAGES)[:-1],
    )

    assert {app.test_client().post(f"/farewells/{token}").status_code for token in tokens} == {404}
    assert db.session.scalar(select(func.count()).select_from(NoticeWish)) == 0


def test_links_survive_a_change_of_the_secret():
    token = Farewells(("old",)).token(7, Topic.MESSAGES)

    assert Farewells(("new", "old")).read(token) == (7, Topic.MESSAGES)
    assert Farewells(("new",)).read(token) is None


def test_english_letters_take_leave_in_english(people, sink):
    tell(people.xinghe, locale="en")
    send(sink, NOON)

    assert not re.search("[\u4e00-\u9fff]", sink.text().replace("远山资本", ""))


def test_every_kind_that_may_be_left_says_how(people, sink):
    for kind in NOTICE_KINDS:
        notice = Notice(recipient_user_id=people.xinghe.user_id, kind=kind.code)
        assert bool(mail._farewell_url(notice, kind)) is (kind.topic is not Topic.SECURITY)
