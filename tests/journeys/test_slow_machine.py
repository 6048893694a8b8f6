"""On a slow line a form saves itself late: who presses 下一步 or a link meanwhile loses no click and no word."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect, Page, Route

from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import unit_of_work
from matchhub.core.web import App
from matchhub.listings.models import CreditNeed
from tests.cast import Cast, stored
from tests.integration.matches import kinds
from tests.journeys.conftest import PHONE, Watch
from tests.journeys.pairing import ready, start_need, stored_id
from tests.journeys.steps import Open, press

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("slow_machine")]
DRAFT = re.compile("/draft$")


def slow(page: Page, milliseconds: int = 1500) -> None:
    """Answers take so long to come; the server works as quickly as ever."""
    line = {"offline": False, "latency": milliseconds, "downloadThroughput": -1, "uploadThroughput": -1}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", line)


def impatient(route: Route) -> None:
    """The script as it was: a form that is sent cuts its draft off."""
    answer = route.fetch()
    cut = answer.text().replace("if (!this.underWay) {", "this.request?.abort(); {")
    assert cut != answer.text()
    route.fulfill(response=answer, body=cut)


def read(model: Any, identity: int, name: str) -> Any:
    return stored(model, identity, lambda row: getattr(row, name))


@pytest.fixture
def firm(app: App, people: Cast, open_browser: Open) -> Page:
    """The phone of 星河科技 at step 1 of a credit need."""
    ready(people)
    page = open_browser(app, people.xinghe.id, size=PHONE)
    start_need(page, "credit")
    page.fill("[name=needed_by]", (city_date(utcnow()) + timedelta(days=40)).isoformat())
    page.wait_for_timeout(900)
    return page


def type_while_a_draft_is_under_way(page: Page) -> None:
    """The draft has been kept with 50; its answer is still on the line when 500 stands in the field."""
    slow(page)
    amount = page.locator("[name=amount_max_yuan]")
    with page.expect_request(DRAFT):
        amount.fill("50")
    page.wait_for_timeout(400)
    amount.press("End")
    amount.press("0")


def test_a_form_sent_while_its_draft_is_under_way_arrives_with_the_last_word(app: App, firm: Page) -> None:
    type_while_a_draft_is_under_way(firm)

    button = firm.locator("main form button[type=submit][data-tone=primary]").first
    with firm.expect_navigation(url=re.compile(r"/steps/2")):
        button.click()
        button.click()  # impatience changes nothing

    assert read(CreditNeed, stored_id(CreditNeed), "amount_max_yuan") == 5_000_000


def test_without_waiting_the_form_meets_its_own_draft(app: App, firm: Page) -> None:
    """The control: the harm."""
    firm.route("**/autosave.js*", impatient)
    firm.reload()
    type_while_a_draft_is_under_way(firm)

    press(firm.locator("main form button[type=submit][data-tone=primary]").first)

    expect(firm).to_have_url(re.compile(r"/steps/1"))
    assert read(CreditNeed, stored_id(CreditNeed), "amount_max_yuan") == 500_000


def test_a_link_pressed_at_once_keeps_what_was_typed(app: App, firm: Page) -> None:
    slow(firm, 500)
    firm.fill("[name=amount_max_yuan]", "730")

    press(firm.locator(".page-header a[href='/needs']").first)

    assert read(CreditNeed, stored_id(CreditNeed), "amount_max_yuan") == 7_300_000


def test_a_window_that_is_closed_at_once_keeps_what_was_typed(app: App, firm: Page) -> None:
    firm.fill("[name=amount_max_yuan]", "730")

    firm.goto("about:blank")

    for _ in range(50):
        if read(CreditNeed, stored_id(CreditNeed), "amount_max_yuan") == 7_300_000:
            return
        firm.wait_for_timeout(100)
    raise AssertionError("what was typed is lost")


def test_a_server_that_keeps_no_draft_does_not_keep_the_form(app: App, firm: Page, watch: Watch) -> None:
    watch.expected |= {503}
    firm.route(DRAFT, lambda route: route.fulfill(status=503))
    with firm.expect_response(DRAFT):
        firm.fill("[name=amount_max_yuan]", "730")

    press(firm.locator("main form button[type=submit][data-tone=primary]").first)

    expect(firm).to_have_url(re.compile(r"/steps/2"))
    assert read(CreditNeed, stored_id(CreditNeed), "amount_max_yuan") == 7_300_000


def test_suggestions_come_into_the_page_and_cut_off_nothing(
    app: App, people: Cast, open_browser: Open, work: Callable[[], None]
) -> None:
    ready(people)
    with unit_of_work():
        kinds.add_credit_need(people.xinghe.organization_id)
    page = open_browser(app, people.xinghe.id)
    loaded: list[str] = []
    page.on("framenavigated", lambda frame: loaded.append(frame.url))
    page.goto("/suggestions")
    expect(page.locator("[data-hx-get*=progress]")).to_be_visible()

    work()

    expect(page.locator(".suggestion-row").first).to_be_visible()
    expect(page.locator("#pair-pane h2").first).to_be_visible()
    page.locator(".suggestion-row [data-key-focus]").last.click()
    expect(page.locator(".suggestion-row[aria-current] [data-key-focus]")).to_be_focused()
    assert len(loaded) == 1
