"""The administrator's day: what needs care, a person who cannot sign in, the rules; in both languages."""

import pytest
from playwright.sync_api import expect

from matchhub.core.web import App
from tests.cast import Cast
from tests.journeys.conftest import DESKTOP
from tests.journeys.steps import Camera, Open

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_a_person_who_cannot_sign_in_gets_a_code_once(
    app: App, people: Cast, open_browser: Open, locale: str, request: pytest.FixtureRequest
) -> None:
    camera = Camera(f"1440-{locale}", request.config.getoption("--pictures"))
    page = open_browser(app, people.administrator.id, size=DESKTOP, locale=locale)

    camera.read(page, administration_overview="/administration", administration_rules="/administration/dictionaries")
    page.goto(f"/administration/people/{people.xinghe.user_id}")
    camera.take(page, "administration-person")
    page.locator("main form[action$='/reset-code'] button").click()
    page.locator("#confirm-dialog [data-confirm-button]").click()
    told = page.locator("main .alert[data-tone=success]")
    expect(told).to_be_visible()
    code = told.inner_text().split()[-1]
    page.goto(f"/administration/people/{people.xinghe.user_id}")

    expect(page.locator("main")).not_to_contain_text(code)
    assert (camera.violations, camera.seen) == ([], 3)
