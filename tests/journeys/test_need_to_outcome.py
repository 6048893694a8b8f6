"""One record from need to outcome, as people live it: registration → verification → need → reasons → request → consent →
contacts → meeting → outcome by both → the officer's number rises by one."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect, Page

from matchhub.accounts.models import Organization
from matchhub.core.clock import CITY_ZONE, utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.web import App
from matchhub.introductions.models import Introduction, Meeting
from matchhub.listings.enums import OfferState, PairingKind
from matchhub.listings.models import EquityNeed, InvestmentMandate
from matchhub.matches.services.runs import request_run
from matchhub.profiles.enums import ProfileState
from matchhub.profiles.models import InvestorProfile
from tests import cast
from tests.cast import Cast
from tests.journeys.conftest import BOTH_WIDTHS_AND_LANGUAGES
from tests.journeys.steps import Camera, choose, choose_codes, go_on, Open, press

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("need_to_outcome")]
PASSWORD = "Qingkong-2026-Feng"


@BOTH_WIDTHS_AND_LANGUAGES
def test_a_need_runs_to_a_confirmed_outcome(
    app: App, people: Cast, open_browser: Open, work: Callable[[], None], size: dict[str, int], locale: str,
    request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    camera = Camera(f"{size['width']}-{locale}", keep=request.config.getoption("--pictures"))
    people_ids = {name: getattr(people, name).id for name in ("yuanshan", "echeng", "city")}
    looking_investor(people)
    with unit_of_work():
        request_run(now=utcnow())
    work()

    def browser(who: str | None = None) -> Page:
        return open_browser(app, people_ids[who] if who else None, size=size, locale=locale)

    founder = browser()
    register(founder, camera)
    verify(browser("echeng"), camera, "organization")
    fill_profile(founder, camera)
    verify(browser("echeng"), camera, "profile")
    city = browser("city")
    before = confirmed_outcomes(city)
    publish_need(founder, camera)
    work()
    ask(founder, camera)
    investor = browser("yuanshan")
    accept(investor, camera)
    see_contact(founder, camera)
    meet(founder, investor, camera)
    record_outcome(founder, investor, camera)
    assert confirmed_outcomes(city) == before + 1
    camera.take(city, "funnel")
    city.goto("/funnel/outcomes")
    camera.take(city, "funnel-list")

    assert camera.violations == []
    assert camera.seen >= 18


def looking_investor(people: Cast) -> None:
    """远山资本 has a published profile and an open mandate; so have a few others, so that the list is one."""
    now = utcnow()
    with unit_of_work() as session:
        firms = [people.yuanshan.organization_id, people.beidou.organization_id]
        for number in range(6):
            membership = cast.member(
                f"fund{number}", *cast.ORGANIZATIONS["beidou"][:1], f"武汉第{number}号创业投资有限公司", f"云岭{number}号",
                "420100", cast.ORGANIZATIONS["beidou"][4], name_en=f"Yunling Fund {number}",
            )  # fmt: skip
            firms.append(membership.organization_id)
        session.get_one(Organization, firms[0]).name_en = "Yuanshan Capital"
        session.get_one(Organization, firms[1]).name_en = "Beidu Ventures"
        for place, firm in enumerate(firms):
            near = place % 2 == 0
            session.add(
                InvestorProfile(
                    organization_id=firm, state=ProfileState.PUBLISHED, region_code="420700", fund_type="market",
                    contact_name="林远", contact_title="投资总监", contact_mobile="15400010002",
                    contact_email="lin@yuanshan.example", published_at=now,
                )
            )  # fmt: skip
            session.add(
                InvestmentMandate(
                    kind=PairingKind.EQUITY, organization_id=firm, state=OfferState.OPEN, title="新材料与装备早期",
                    industries=["new_materials"] if near else ["health"], rounds=["angel", "pre_a", "a"] if near else ["b"],
                    regions=["420000"] if place != 4 else [], ticket_min_yuan=3_000_000, ticket_max_yuan=20_000_000,
                    instruments=["equity"], capacity_per_month=10, reply_days=5, published_at=now,
                    statement="关注碳纤维等复合材料的早期项目，看重量产进度和客户验证。", expires_at=now + timedelta(days=300),
                )
            )  # fmt: skip


def register(page: Page, camera: Camera) -> None:
    page.goto("/")
    camera.take(page, "welcome")
    page.goto("/registration")
    page.fill("[name=uscc]", "91420704MA4KXXXX0O")
    page.fill("[name=name]", "x")
    go_on(page)
    expect(page.locator("[role=alert]").first).to_be_visible()
    camera.take(page, "registration-refused")
    page.fill("[name=uscc]", valid_code())
    page.select_option("[name=kind]", "enterprise")
    page.fill("[name=name]", "鄂州青禾碳纤维科技有限公司")
    page.fill("[name=person]", "周青禾")
    page.fill("[name=address]", "zhou@qinghe.example")
    page.fill("[name=password]", PASSWORD)
    page.check("[name=accept]")
    camera.take(page, "registration")
    go_on(page)
    page.wait_for_url(lambda url: "registration" not in url)
    page.goto("/")
    camera.take(page, "waiting")


def valid_code() -> str:
    from stdnum.cn import uscc  # noqa: PLC0415

    first = "91420704MA4F8K2Q3"
    return first + uscc.calc_check_digit(first)


def verify(officer: Page, camera: Camera, what: str) -> None:
    officer.goto("/")
    camera.take(officer, f"today-officer-{what}")
    officer.goto("/reviews/next")
    expect(officer).to_have_url(re.compile(f"/reviews/{what}/"))
    camera.take(officer, f"review-{what}")
    press(officer.locator(".page-header form button[type=submit]"))
    expect(officer.locator(".toasts, .flashes").first).to_be_attached()


def fill_profile(page: Page, camera: Camera) -> None:
    page.goto("/profile")
    camera.take(page, "profile")
    page.goto("/profile/steps/1")
    choose_codes(page, "industries", "new_materials.carbon_fibre")
    page.fill("[name=one_liner]", "高模量碳纤维预浸料")
    page.fill("[name=one_liner_en]", "High-modulus carbon fibre prepreg")
    choose(page, "stage", "growth")
    page.fill("[name=established_on]", "2022-05-18")
    choose(page, "region_code", "420704")
    camera.take(page, "profile-step-1")
    go_on(page)
    page.wait_for_url("**/steps/2*")
    page.fill("[name=summary]", "我们做碳纤维预浸料，供无人机和风电叶片厂使用，去年交付 12 吨，客户 9 家。")
    page.fill(
        "[name=summary_en]", "We make carbon fibre prepreg for drones and wind blades; 12 tonnes delivered last year."
    )
    go_on(page)
    page.wait_for_url("**/steps/3*")
    page.fill("[name=revenue_yuan]", "1280")
    page.fill("[name=rd_expense_yuan]", "260")
    go_on(page)
    page.wait_for_url("**/steps/4*")
    page.fill("[name=contact_name]", "周青禾")
    page.fill("[name=contact_mobile]", "15400010001")
    page.fill("[name=contact_email]", "zhou@qinghe.example")
    camera.take(page, "profile-step-4")
    go_on(page)
    page.goto("/profile")
    press(page.locator("form[action$='/profile/submission'] button"))
    camera.take(page, "profile-submitted")


def publish_need(page: Page, camera: Camera) -> None:
    page.goto("/needs")
    camera.take(page, "needs-empty")
    page.goto("/needs/new")
    press(page.locator("main form button[type=submit]").first)
    page.wait_for_url("**/steps/1*")
    page.fill("[name=amount_min_yuan]", "800")
    page.fill("[name=amount_max_yuan]", "500")
    day = (utcnow() + timedelta(days=120)).astimezone(CITY_ZONE).date().isoformat()
    page.fill("[name=needed_by]", day)
    go_on(page)
    expect(page.locator("[role=alert]").first).to_be_visible()
    assert page.input_value("[name=amount_min_yuan]") == "800"  # nothing typed is lost
    camera.take(page, "need-step-1-refused")
    page.fill("[name=amount_min_yuan]", "500")
    page.fill("[name=amount_max_yuan]", "800")
    go_on(page)
    page.wait_for_url("**/steps/2*")
    choose_codes(page, "purposes", "rnd")
    choose(page, "round_code", "a")
    choose_codes(page, "instruments", "equity")
    page.fill("[name=teaser]", "碳纤维预浸料扩产，找产业投资人")
    page.fill("[name=statement]", "第二条碳纤维预浸料产线年底投产，已签 9 家客户，融资用于设备和研发。")
    camera.take(page, "need-step-2")
    go_on(page)
    page.wait_for_url("**/steps/3*")
    camera.take(page, "need-step-3")
    press(page.locator("form[action$='/publication'] button[type=submit]").first)
    page.wait_for_url(lambda url: "/steps/" not in url)
    camera.take(page, "need-published")


def ask(page: Page, camera: Camera) -> None:
    page.goto("/suggestions")
    expect(page.get_by_text(re.compile("远山资本|Yuanshan Capital")).first).to_be_visible()
    camera.take(page, "suggestions")
    with db.session.no_autoflush:
        need = db.session.query(EquityNeed).filter(EquityNeed.code_name != "").one()
        offer = (
            db.session.query(InvestmentMandate)
            .join(Organization, InvestmentMandate.organization_id == Organization.id)
            .filter(Organization.short_name == "远山资本")
            .one()
        )
        need_id, offer_id = need.id, offer.id
        db.session.rollback()
    page.goto(f"/pairs?need={need_id}&offer={offer_id}")
    camera.take(page, "pair")
    press(page.locator("a[href^='/introductions/new']").first)
    page.wait_for_url("**/introductions/new*")
    assert not page.is_checked("[name=contact]")
    page.check("[name=contact]")
    page.fill("[name=purpose]", "想请你们看看我们的第二条产线。")
    camera.take(page, "consent-asking")
    go_on(page)
    page.wait_for_url(re.compile(r"/introductions/\d+"))
    camera.take(page, "introduction-asked")
    page.goto("/tracker")
    camera.take(page, "tracker")


def accept(page: Page, camera: Camera) -> None:
    page.goto("/")
    camera.take(page, "today-investor")
    page.goto(f"/introductions/{introduction_id()}")
    expect(page.get_by_text("15400010001")).to_have_count(0)
    page.goto(f"/introductions/{introduction_id()}/acceptance")
    page.check("[name=contact]")
    camera.take(page, "consent-answering")
    go_on(page)
    page.wait_for_url(re.compile(r"/introductions/\d+$"))


def see_contact(page: Page, camera: Camera) -> None:
    page.goto(f"/introductions/{introduction_id()}")
    press(page.locator("a[href$='/contact']"))
    expect(page.get_by_text("15400010002").first).to_be_visible(timeout=15000)
    camera.take(page, "introduction-agreed")


def meet(founder: Page, investor: Page, camera: Camera) -> None:
    when = (utcnow() + timedelta(days=2)).astimezone(CITY_ZONE)
    founder.goto(f"/introductions/{introduction_id()}")
    founder.fill("[name=starts_at]", when.strftime("%Y-%m-%dT14:00"))
    press(founder.locator("form[action$='/meetings'] button[type=submit]"))
    investor.goto(f"/introductions/{introduction_id()}")
    camera.take(investor, "meeting-proposed")
    press(investor.locator("form[action*='/meetings/'][action$='/acceptance'] button"))
    with unit_of_work() as session:  # two days go by
        meeting = session.query(Meeting).one()
        meeting.starts_at = utcnow() - timedelta(hours=2)
    founder.goto(f"/introductions/{introduction_id()}")
    founder.fill("[name=summary]", "看了产线，对方要看三个月的良率。")
    press(founder.locator("form[action*='/meetings/'][action$='/report'] button"))
    camera.take(founder, "meeting-held")


def record_outcome(founder: Page, investor: Page, camera: Camera) -> None:
    investor.goto("/deals")
    camera.take(investor, "deals")
    investor.goto(f"/introductions/{introduction_id()}")
    press(investor.locator(".page-header a[data-tone=primary]"))
    investor.fill("[name=amount_wan]", "600")
    investor.fill("[name=received_on]", utcnow().astimezone(CITY_ZONE).date().isoformat())
    camera.take(investor, "deal")
    press(investor.locator("form[action$='/outcome'] button[type=submit]"))
    founder.goto("/")
    camera.take(founder, "today-enterprise")
    founder.goto("/tracker")
    founder.goto(f"/deals/{stored_deal()}")
    press(founder.locator("form[action$='/confirmation'] button[type=submit]"))
    camera.take(founder, "outcome-confirmed")


def confirmed_outcomes(city: Page) -> int:
    """The city officer's number, as the page shows it."""
    city.goto("/funnel")
    return int(city.locator(".funnel-bars-count").last.inner_text())


def introduction_id() -> int:
    found = db.session.query(Introduction.id).order_by(Introduction.id.desc()).first()
    db.session.rollback()
    assert found is not None
    return int(found[0])


def stored_deal() -> int:
    from matchhub.pipelines.models import Deal  # noqa: PLC0415

    found = db.session.query(Deal.id).first()
    db.session.rollback()
    assert found is not None
    return int(found[0])
