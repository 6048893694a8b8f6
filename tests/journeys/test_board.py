"""The board's day of an investor: by keyboard alone, by dragging, on the phone, and when a colleague was faster."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect, Locator, Page
from sqlalchemy import select

from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import unit_of_work
from matchhub.core.web import App
from matchhub.pipelines import services
from matchhub.pipelines.enums import DealStage, OutcomeState
from matchhub.pipelines.models import BoardMove, Deal, DealNote, Outcome
from tests.cast import Cast, stored
from tests.integration.pairs import agreed, Scene, stage
from tests.journeys.conftest import DESKTOP, PHONE
from tests.journeys.steps import assert_accessible, Open, press

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("board")]


@pytest.fixture
def scene(people: Cast) -> Scene:
    """星河科技 and 远山资本 have agreed: one card lies in the first column."""
    found = stage(people)
    agreed(found)
    return found


def tab_to(page: Page, wanted: Locator, most: int = 60) -> None:
    """Press Tab until it is there, as somebody does who has no mouse."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if wanted.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"{most} times Tab do not lead there")


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_the_day_by_keyboard_alone(app: App, people: Cast, scene: Scene, open_browser: Open, locale: str) -> None:
    """From the first Tab on 今日: nothing is pointed at, and no focus is set but by keys."""
    page = open_browser(app, people.yuanshan.id, size=DESKTOP, locale=locale)
    page.goto("/")
    tab_to(page, page.locator("nav a[href='/board']").first)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/board$"))
    assert_accessible(page)
    card = page.locator("#deal-1")

    page.keyboard.press("j")
    expect(card.locator("[data-key-focus]")).to_be_focused()
    page.keyboard.press("m")
    page.keyboard.press("3")
    expect(page.locator('[data-column="due_diligence"] #deal-1')).to_be_visible()
    expect(card.locator("[data-key-focus]")).to_be_focused()
    assert stored(Deal, 1, lambda d: d.stage) is DealStage.DUE_DILIGENCE

    page.keyboard.press("n")
    expect(page.locator("#next_step")).to_be_focused()
    page.keyboard.type("jm3")  # keys are off in fields
    page.keyboard.press("Enter")
    expect(card).to_contain_text("jm3")
    assert stored(Deal, 1, lambda d: (d.next_step, d.stage)) == ("jm3", DealStage.DUE_DILIGENCE)

    expect(page.locator("#deal-pane h2").first).to_be_visible()  # the address opens the panel again
    tab_to(page, page.locator("#body"))
    page.keyboard.type("只给自己看")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".deal-notes")).to_contain_text("只给自己看")
    assert stored(DealNote, 1, lambda n: n.body) == "只给自己看"
    assert_accessible(page)

    page.keyboard.press("r")
    expect(page.locator("#amount_wan")).to_be_focused()
    page.keyboard.type("555")
    page.keyboard.press("Enter")
    expect(page.locator("#outcome")).to_contain_text("555" if locale == "zh" else "¥5.55m")
    assert stored(Outcome, 1, lambda o: (o.state, o.amount_yuan)) == (OutcomeState.ENTERED, 5_550_000)
    assert stored(Outcome, 1, lambda o: o.received_on) == city_date(utcnow())

    page.keyboard.press("Escape")
    expect(page.locator("#deal-pane")).to_be_empty()
    expect(card.locator("[data-key-focus]")).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#keys-help")).to_be_visible()


def test_a_result_is_entered_on_the_page_of_today(app: App, people: Cast, scene: Scene, open_browser: Open) -> None:
    page = open_browser(app, people.yuanshan.id, size=PHONE)
    page.goto("/")
    page.locator(".today-row a[href='/deals/1']").click()
    expect(page.locator("#deal-pane h2").first).to_be_focused()
    page.locator("#outcome summary").first.click()
    page.fill("#amount_wan", "555")
    press(page.locator("#outcome form button[type=submit]").first)
    expect(page).to_have_url(re.compile("/$"))
    assert_accessible(page)
    assert stored(Outcome, 1, lambda o: o.amount_yuan) == 5_550_000


def test_a_card_is_dragged_and_a_switched_off_key_does_nothing(
    app: App, people: Cast, scene: Scene, open_browser: Open
) -> None:
    page = open_browser(app, people.yuanshan.id, size=DESKTOP)
    page.goto("/board")

    page.locator("#deal-1").drag_to(page.locator('[data-column="in_talks"]'))

    expect(page.locator('[data-column="in_talks"] #deal-1')).to_be_visible()
    expect(page.locator(".toast")).to_contain_text("洽谈中")
    expect(page.locator("#column-in_talks")).to_contain_text("1")
    assert stored(Deal, 1, lambda d: (d.stage, d.move_count)) == (DealStage.IN_TALKS, 1)

    page.evaluate("localStorage.setItem('matchhub.keys', 'off')")
    page.locator("#deal-1 [data-key-focus]").focus()
    page.keyboard.press("m")
    expect(page.locator("#deal-1 .menu-panel")).to_be_hidden()


def test_who_drags_too_late_sees_both_moves_and_chooses_again(
    app: App, people: Cast, scene: Scene, open_browser: Open
) -> None:
    page = open_browser(app, people.yuanshan.id, size=DESKTOP)
    page.goto("/board")
    with unit_of_work() as session:
        deal = session.get_one(Deal, 1)
        services.place(deal, "term_sheet", seen=0, actor=scene.fund, now=utcnow())

    page.locator("#deal-1").drag_to(page.locator('[data-column="in_talks"]'))

    clash = page.locator(".board-clash")
    expect(clash).to_be_focused()
    expect(clash).to_contain_text("从「初步接触」移到「意向条款」")
    expect(clash).to_contain_text("你想移到「洽谈中」")
    expect(page.locator('[data-column="term_sheet"] #deal-1')).to_be_visible()
    assert_accessible(page)
    clash.get_by_role("button", name="仍移到「洽谈中」").click()
    expect(page.locator('[data-column="in_talks"] #deal-1')).to_be_visible()
    with unit_of_work() as session:
        assert [move.after for move in session.scalars(select(BoardMove).order_by(BoardMove.id))] == [
            "意向条款",
            "洽谈中",
        ]


def test_the_phone_shows_one_stage_at_a_time(app: App, people: Cast, scene: Scene, open_browser: Open) -> None:
    with unit_of_work() as session:
        services.plan(
            session.get_one(Deal, 1), next_step="约财务", next_step_on=city_date(utcnow() + timedelta(days=2)),
            actor=scene.fund, now=utcnow(),
        )  # fmt: skip
    page = open_browser(app, people.yuanshan.id, size=PHONE)
    page.goto("/board")

    expect(page.locator(".board-column:visible")).to_have_count(1)
    expect(page.locator("#deal-1")).to_be_visible()
    page.locator("#deal-1 .menu summary").click()
    page.locator("#deal-1").get_by_role("button", name="洽谈中").click()
    page.locator(".board-stages").get_by_role("link", name="洽谈中").click()
    expect(page.locator(".board-column:visible")).to_have_count(1)
    expect(page.locator("#deal-1")).to_be_visible()
    assert_accessible(page)
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1")
    page.locator("#deal-1 [data-key-focus]").click()
    expect(page.locator("#next_step")).to_have_value("约财务")  # a page of its own
    assert_accessible(page)
