"""A mentoring from the form to a confirmed result: asked, agreed, logged on the phone, confirmed from the mail, told."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect, Page

from matchhub import mail
from matchhub.core import delivery
from matchhub.core.clock import utcnow
from matchhub.core.web import App
from matchhub.mentoring.enums import SessionState
from matchhub.mentoring.models import Engagement, MentoringSession
from matchhub.pipelines.enums import OutcomeState
from matchhub.pipelines.models import Outcome
from tests.cast import Cast, stored
from tests.journeys.conftest import BOTH_WIDTHS_AND_LANGUAGES, PHONE
from tests.journeys.pairing import agree, ask, publish, ready, see_contact, start_need, stored_id, the_introduction
from tests.journeys.steps import Camera, choose, choose_codes, go_on, Open, press
from tests.receivers import mail_server, Sink

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("mentoring")]


@pytest.fixture
def sink() -> Iterator[Sink]:
    with mail_server() as handler:
        yield handler


@BOTH_WIDTHS_AND_LANGUAGES
def test_a_mentoring_runs_to_a_confirmed_result(
    app: App, people: Cast, open_browser: Open, work: Callable[[], None], sink: Sink, size: dict[str, int], locale: str,
    request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    keep = request.config.getoption("--pictures")
    camera = Camera(f"{size['width']}-{locale}", keep)
    ids = {"firm": people.xinghe.id, "mentor": people.mentor.id}
    ready(people)
    work()

    firm = open_browser(app, ids["firm"], size=size, locale=locale)
    mentor = open_browser(app, ids["mentor"], size=PHONE, locale=locale)  # between two talks, whatever the firm sits at
    mentor_camera = Camera(f"390-{locale}", keep and size is PHONE)
    describe(firm, camera)
    publish(firm, camera, "mentoring-need")
    work()
    ask(firm, camera, "mentoring", "顾川" if locale == "zh" else "Gu Chuan")
    agree(mentor, mentor_camera, "mentoring")
    see_contact(firm)
    engagement_id = stored_id(Engagement)
    log_session(mentor, mentor_camera)
    confirm_from_mail(open_browser(app, size=size, locale=locale), camera, sink)
    assert stored(MentoringSession, 1, lambda row: row.state) is SessionState.CONFIRMED
    tell_result(mentor, mentor_camera)
    confirm_result(firm, camera, engagement_id, "已确认" if locale == "zh" else "Confirmed")

    assert stored(Outcome, 1, lambda row: (row.state, row.sessions, row.minutes)) == (OutcomeState.CONFIRMED, 1, 60)
    camera.read(firm, mentoring_tracker="/tracker", mentoring_thread=f"/introductions/{the_introduction()}")
    mentor_camera.read(mentor, mentoring_home="/", mentoring_list="/engagements", mentoring_offers="/offers")
    at_the_desk = open_browser(app, ids["mentor"], size=size, locale=locale)
    camera.read(at_the_desk, mentor_time="/offers", mentor_sessions=f"/engagements/{engagement_id}")
    assert camera.violations + mentor_camera.violations == []
    assert (camera.seen, mentor_camera.seen) == (12, 7)


def describe(page: Page, camera: Camera) -> None:
    start_need(page, "mentoring")
    choose_codes(page, "topics", "ip")
    choose(page, "urgency", "one_month")
    choose_codes(page, "meeting_modes", "online")
    camera.take(page, "mentoring-need-step-1")
    go_on(page)
    expect(page).to_have_url(re.compile("/steps/2"))
    page.fill("[name=statement]", "三项碳纤维专利怎么布局，想在半年内理清。")
    page.fill("[name=teaser]", "想理清专利布局")
    camera.take(page, "mentoring-need-step-2")
    go_on(page)


def log_session(mentor: Page, camera: Camera) -> None:
    """Two fields are typed at most; the day, the hour and the topics stand there already."""
    mentor.goto("/engagements")
    press(mentor.locator("main tbody a[href^='/engagements/']").first)
    press(mentor.locator(".page-header a[data-tone=primary]"))
    mentor.fill("[name=summary]", "看了三项专利，先报核心工艺。")
    mentor.fill("[name=next_step]", "两周内给出申请清单")
    camera.take(mentor, "mentoring-log")
    go_on(mentor)
    expect(mentor.locator("#session-1")).to_be_visible()


def confirm_from_mail(page: Page, camera: Camera, sink: Sink) -> None:
    """Whoever reads the firm's mail taps once; this browser has never signed in."""
    now = utcnow()
    with delivery.smtp(sink.url) as transport:
        delivery.deliver(
            now, transport=transport, render=mail.render, sender="matchhub@example.org", sender_name="汇配",
            clock=lambda: now,
        )  # fmt: skip
    letters = [n for n, message in enumerate(sink.taken) if "请确认一次辅导" in str(message["Subject"])]
    assert len(letters) == 1 and str(sink.taken[letters[0]]["To"]).startswith("xinghe@")
    found = re.search(r"https?://\S+/session-confirmations/\S+", sink.text(letters[0]))
    assert found is not None
    page.goto(urlsplit(found[0]).path)
    expect(page.get_by_text("看了三项专利")).to_have_count(0)  # the link shows no words of the talk
    camera.take(page, "mentoring-confirmation")
    press(page.locator("form[action*='/session-confirmations/'] button"))


def tell_result(mentor: Page, camera: Camera) -> None:
    mentor.reload()
    mentor.locator("#result summary").first.click()
    mentor.fill("#result [name=words]", "交出专利布局清单，两项已受理。")
    press(mentor.locator("form[action$='/result'] button[type=submit]"))
    camera.take(mentor, "mentoring-result")


def confirm_result(firm: Page, camera: Camera, engagement_id: int, confirmed: str) -> None:
    firm.goto("/")
    firm.goto(f"/engagements/{engagement_id}")
    press(firm.locator("#result form[action$='/confirmation'] button[type=submit]"))
    expect(firm.locator("#result")).to_contain_text(confirmed)
    camera.take(firm, "mentoring-confirmed")
