"""What a loan and a mentoring share on their way: find the suggestion, ask, agree; and who stands ready to answer."""

import re
from typing import Any

from playwright.sync_api import expect, Page
from sqlalchemy import select

from matchhub.accounts.models import Organization
from matchhub.core.clock import utcnow
from matchhub.core.db import unit_of_work
from matchhub.introductions.models import Introduction
from matchhub.matches.services.runs import request_full_runs
from matchhub.profiles.models import BankProfile, EnterpriseProfile, MentorProfile
from tests.cast import Cast
from tests.integration.matches import kinds
from tests.integration.pairs import reachable
from tests.journeys.steps import Camera, go_on, press

FIRM_MOBILE, GIVER_MOBILE = "15400010001", "15400010002"


def ready(people: Cast) -> None:
    """星河科技 with a profile; a bank with two products and a mentor with two offers that wait for needs."""
    with unit_of_work() as session:
        firm_id = people.xinghe.organization_id
        kinds.add_firm(firm_id, summary="给无人机企业做碳纤维机身，已有 12 家客户。")
        reachable(session, EnterpriseProfile, firm_id, contact_name="周星河", contact_mobile=FIRM_MOBILE)
        reachable(session, BankProfile, people.bank.organization_id, contact_name="林江", contact_mobile=GIVER_MOBILE)
        kinds.add_mentor(people.mentor.organization_id)
        reachable(
            session, MentorProfile, people.mentor.organization_id, contact_name="顾川", contact_mobile=GIVER_MOBILE
        )
        for member, name in ((people.xinghe, "Xinghe"), (people.bank, "Jiangcheng Bank"), (people.mentor, "Gu Chuan")):
            session.get_one(Organization, member.organization_id).name_en = name
        kinds.add_product(people.bank.organization_id, materials=["licence", "statements", "tax"])
        kinds.add_product(people.bank.organization_id, title="设备贷", guarantees=["equipment"], preferences=[])
        kinds.add_mentorship(people.mentor.organization_id)
        kinds.add_mentorship(people.mentor.organization_id, title="出海", topics=["going_abroad"])
        request_full_runs(now=utcnow())


def start_need(page: Page, kind: str) -> None:
    """From the place 需求 to step 1 of a new need of this kind."""
    page.goto("/needs/new")
    press(page.locator(f"form:has(input[name=kind][value={kind}]) button[type=submit]"))
    expect(page).to_have_url(re.compile(r"/needs/\d+/steps/1"))


def publish(page: Page, camera: Camera, name: str) -> None:
    """The third step, and the published need."""
    expect(page).to_have_url(re.compile(r"/steps/3"))
    camera.take(page, f"{name}-step-3")
    press(page.locator("form[action$='/publication'] button[type=submit]"))
    expect(page).not_to_have_url(re.compile("/steps/"))


def ask(page: Page, camera: Camera, name: str, giver: str) -> None:
    """The firm reads why, and asks for an introduction with its contact."""
    page.goto("/suggestions")
    row = page.locator(".suggestion-list > li").first
    expect(row).to_contain_text(giver)
    expect(row.locator(".reasons, .reason-chip").first).to_be_visible()
    camera.take(page, f"{name}-suggestions")
    page.goto(str(row.locator("a[href^='/suggestions/']").first.get_attribute("href")))
    camera.take(page, f"{name}-pair")
    press(page.locator("a[href^='/introductions/new']").first)
    page.check("[name=contact]")
    page.fill("[name=purpose]", "想请你们看看这件事怎么办。")
    camera.take(page, f"{name}-asking")
    go_on(page)
    expect(page).to_have_url(re.compile(r"/introductions/\d+$"))


def agree(page: Page, camera: Camera, name: str) -> None:
    """The other side reads who asks and opens its own contact."""
    page.goto("/")
    camera.take(page, f"{name}-today")
    page.goto(f"/introductions/{the_introduction()}")
    expect(page.get_by_text(FIRM_MOBILE)).to_have_count(0)
    press(page.locator(".page-header a[href$='/acceptance']"))
    assert not page.is_checked("[name=contact]")
    page.check("[name=contact]")
    camera.take(page, f"{name}-answering")
    go_on(page)
    expect(page).to_have_url(re.compile(r"/introductions/\d+$"))


def see_contact(page: Page) -> None:
    """What was agreed to is there."""
    page.goto(f"/introductions/{the_introduction()}")
    press(page.locator("a[href$='/contact']"))
    expect(page.get_by_text(GIVER_MOBILE).first).to_be_visible()


def the_introduction() -> int:
    return stored_id(Introduction)


def stored_id(model: Any) -> int:
    """The id of the only row."""
    with unit_of_work() as session:
        return int(session.scalars(select(model.id)).one())
