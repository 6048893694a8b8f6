"""A loan from the form to the first confirmed payout: the firm and the bank in two browsers."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect, Page

from matchhub.core.clock import city_date, utcnow
from matchhub.core.web import App
from matchhub.pipelines.enums import CaseStage, OutcomeState
from matchhub.pipelines.models import CreditCase, Outcome
from tests.cast import Cast, stored
from tests.journeys.conftest import BOTH_WIDTHS_AND_LANGUAGES
from tests.journeys.pairing import agree, ask, publish, ready, see_contact, start_need, stored_id, the_introduction
from tests.journeys.steps import Camera, choose, choose_codes, go_on, Open, press

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("credit")]
PAPERS = {"zh": ("营业执照", "近两年财务报表"), "en": ("Business licence", "Financial statements")}


@BOTH_WIDTHS_AND_LANGUAGES
def test_a_loan_runs_to_a_confirmed_payout(
    app: App, people: Cast, open_browser: Open, work: Callable[[], None], size: dict[str, int], locale: str,
    request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    camera = Camera(f"{size['width']}-{locale}", request.config.getoption("--pictures"))
    ids = {"firm": people.xinghe.id, "bank": people.bank.id}
    ready(people)
    work()

    firm, bank = (open_browser(app, ids[who], size=size, locale=locale) for who in ("firm", "bank"))
    describe(firm, camera)
    publish(firm, camera, "credit-need")
    work()
    ask(firm, camera, "credit", "江城银行" if locale == "zh" else "Jiangcheng Bank")
    agree(bank, camera, "credit")
    see_contact(firm)
    case_id = stored_id(CreditCase)
    collect_papers(bank, firm, camera, case_id, locale)
    grant(bank, firm, camera, case_id)
    pay_out(bank, camera, case_id)
    confirm(firm, camera, case_id)

    assert stored(CreditCase, case_id, lambda case: case.stage) is CaseStage.DISBURSED
    assert stored(Outcome, 1, lambda row: (row.state, row.amount_yuan)) == (OutcomeState.CONFIRMED, 5_000_000)
    camera.read(firm, credit_tracker="/tracker", credit_introduction=f"/introductions/{the_introduction()}")
    camera.read(bank, credit_cases="/credit-cases", credit_products="/offers")
    assert camera.violations == []
    assert camera.seen == 18


def describe(page: Page, camera: Camera) -> None:
    start_need(page, "credit")
    page.fill("[name=amount_max_yuan]", "500")
    page.fill("[name=needed_by]", (city_date(utcnow()) + timedelta(days=40)).isoformat())
    camera.take(page, "credit-need-step-1")
    go_on(page)
    expect(page).to_have_url(re.compile("/steps/2"))
    choose_codes(page, "purposes", "working_capital")
    choose_codes(page, "guarantees", "unsecured")
    choose(page, "has_clean_record", "yes")
    page.fill("[name=teaser]", "碳纤维订单备料，借一年")
    camera.take(page, "credit-need-step-2")
    go_on(page)


def collect_papers(bank: Page, firm: Page, camera: Camera, case_id: int, locale: str) -> None:
    """The bank says what it has; the firm reads what is missing."""
    bank.goto("/credit-cases")
    press(bank.locator(f"a[href='/credit-cases/{case_id}']"))
    move(bank, "collect")
    bank.locator("#documents input[value=licence]").check(force=True)
    press(bank.locator("#documents button[type=submit]"))
    camera.take(bank, "credit-case-documents")
    firm.goto("/tracker")
    firm.goto(f"/credit-cases/{case_id}")
    licence, statements = PAPERS[locale]
    expect(firm.locator("#documents")).to_contain_text(statements)
    expect(firm.locator("#documents")).not_to_contain_text(licence)
    camera.take(firm, "credit-case-missing")
    for paper in ("statements", "tax"):
        bank.locator(f"#documents input[value={paper}]").check(force=True)
    press(bank.locator("#documents button[type=submit]"))


def move(bank: Page, action: str) -> None:
    """By the menu 移到…."""
    bank.locator(".page-header summary").click()
    press(bank.locator(f".page-header form:has(input[value={action}]) button"))


def grant(bank: Page, firm: Page, camera: Camera, case_id: int) -> None:
    move(bank, "survey")
    move(bank, "submit")
    bank.fill("#grant [name=amount_yuan]", "500")
    bank.fill("#grant [name=rate]", "3.85")
    press(bank.locator("#grant button[type=submit]"))
    firm.goto(f"/credit-cases/{case_id}")
    expect(firm.get_by_text("3.85%").first).to_be_visible()
    camera.take(firm, "credit-case-granted")


def pay_out(bank: Page, camera: Camera, case_id: int) -> None:
    if not bank.input_value("#payout [name=amount_wan]"):
        bank.fill("#payout [name=amount_wan]", "500")
    bank.fill("#payout [name=received_on]", city_date(utcnow()).isoformat())
    camera.take(bank, "credit-case-payout")
    press(bank.locator("form[action$='/payout'] button[type=submit]"))


def confirm(firm: Page, camera: Camera, case_id: int) -> None:
    firm.goto("/")
    camera.take(firm, "credit-today-firm")
    firm.goto(f"/credit-cases/{case_id}")
    press(firm.locator("form[action$='/confirmation'] button[type=submit]"))
    camera.take(firm, "credit-confirmed")
