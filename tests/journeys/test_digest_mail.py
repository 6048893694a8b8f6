"""Monday's mail: it comes, its link leads to what it tells of, one click on its page ends it, and so does the mail program."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from matchhub import mail
from matchhub.core import delivery
from matchhub.core.clock import CITY_ZONE, utcnow
from matchhub.core.db import unit_of_work
from matchhub.core.web import App
from matchhub.core.wishes import Channel, Topic, wants
from matchhub.matches.models import Suggestion
from matchhub.matches.services.runs import request_run
from tests.cast import Cast
from tests.integration.pairs import need_of, offer_of
from tests.journeys.conftest import BOTH_WIDTHS_AND_LANGUAGES
from tests.journeys.steps import assert_accessible, Open, press
from tests.receivers import mail_server, Sink

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("digest_mail")]


@pytest.fixture
def sink() -> Iterator[Sink]:
    with mail_server() as handler:
        yield handler


def last_monday() -> datetime:
    """Monday morning of this week in the city, a minute after the letter is due."""
    today = utcnow().astimezone(CITY_ZONE)
    return (today - timedelta(days=today.weekday())).replace(hour=8, minute=1, second=0, microsecond=0)


def send(sink: Sink, now: datetime) -> None:
    """The week's letters are written and handed over, as the worker does it on Monday."""
    mail.issue_digests(now)
    with delivery.smtp(sink.url) as transport:
        delivery.deliver(
            now, transport=transport, render=mail.render, sender="matchhub@example.org", sender_name="汇配",
            clock=lambda: now,
        )  # fmt: skip


def letter_to(sink: Sink, name: str) -> int:
    """The number of the digest that somebody got."""
    found = [n for n, m in enumerate(sink.taken) if str(m["To"]).startswith(name) and m["List-Unsubscribe"]]
    found = [n for n in found if str(sink.taken[n]["Subject"]).startswith(("一周新情况", "This week"))]
    assert len(found) == 1
    return found[0]


def path_in(text: str, pattern: str) -> str:
    found = re.search(rf"https?://\S+?({pattern})", text)
    assert found is not None
    return found[1]


@BOTH_WIDTHS_AND_LANGUAGES
def test_a_digest_is_opened_followed_and_ended_with_one_click(
    app: App, people: Cast, open_browser: Open, work: Callable[[], None], sink: Sink, size: dict[str, int], locale: str
) -> None:
    fund, firm = people.yuanshan, people.xinghe
    fund_id, fund_user, firm_user = fund.id, fund.user_id, firm.user_id
    with unit_of_work() as session:
        session.add_all([need_of(firm.organization_id, "新材料-0001"), offer_of(fund.organization_id)])
        request_run(now=utcnow())
    work()
    monday = last_monday()
    with unit_of_work() as session:
        session.execute(update(Suggestion).values(first_at=monday - timedelta(days=4)))
    send(sink, monday)

    number = letter_to(sink, "yuanshan@")
    letter = open_browser(app, size=size, locale=locale)
    letter.set_content(sink.html(number))
    expect(letter.get_by_text("新材料-0001").first).to_be_visible()
    assert not letter.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1")
    page = open_browser(app, fund_id, size=size, locale=locale)
    page.goto(path_in(sink.text(number), r"/suggestions/\d+"))
    expect(page.locator(".pair-name").first).to_be_visible()
    assert_accessible(page)

    stranger = open_browser(app, size=size, locale=locale)  # nobody is signed in where the mail is read
    farewell = path_in(sink.text(number), r"/farewells/\S+")
    assert urlsplit(str(sink.taken[number]["List-Unsubscribe"]).strip("<>")).path == farewell
    stranger.goto(farewell)
    assert_accessible(stranger)
    with unit_of_work() as session:
        assert wants(session, fund_user, Topic.WEEKLY, Channel.MAIL)  # looking at the page ends nothing
    press(stranger.locator("form[action*='/farewells/'] button"))
    assert_accessible(stranger)
    with unit_of_work() as session:
        assert not wants(session, fund_user, Topic.WEEKLY, Channel.MAIL)
        assert wants(session, firm_user, Topic.WEEKLY, Channel.MAIL)

    other = sink.taken[letter_to(sink, "xinghe@")]
    assert other["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = urlsplit(str(other["List-Unsubscribe"]).strip("<>")).path
    said = stranger.request.post(address, form={"List-Unsubscribe": "One-Click"})
    assert said.status == 200
    with unit_of_work() as session:
        assert not wants(session, firm_user, Topic.WEEKLY, Channel.MAIL)
