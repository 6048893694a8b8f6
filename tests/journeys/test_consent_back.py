"""A firm takes its consent back on 我的授权; at the reader's next click the deck is gone, page pictures too."""

import pytest
from playwright.sync_api import expect, Locator

from matchhub.core.web import App
from matchhub.introductions.enums import IntroductionState
from matchhub.introductions.models import Introduction
from tests.cast import browser, Cast, stored
from tests.integration.pairs import agreed, stage
from tests.integration.profiles.test_data_room import THREE_PAGES
from tests.journeys.conftest import BOTH_WIDTHS_AND_LANGUAGES, Watch
from tests.journeys.steps import assert_accessible, Open, press

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("consent_back")]


def wait_until_drawn(picture: Locator) -> None:
    """Until the picture has its pixels; asked from outside, as the page's policy forbids evaluated strings."""
    for _ in range(100):
        if picture.evaluate("image => image.naturalWidth") > 100:
            return
        picture.page.wait_for_timeout(100)
    raise AssertionError("the page was not drawn")


@pytest.fixture
def deck_id(app: App, people: Cast) -> int:
    """An agreed introduction in which the firm opened its deck, three pages that can be drawn."""
    from io import BytesIO  # noqa: PLC0415

    scene = stage(people)
    owner = browser(app, people.xinghe.id)
    file = {"file": (BytesIO(THREE_PAGES), "金丝雀商业计划书.pdf")}
    assert owner.post(f"/attachments/{scene.deck_id}/version", data=file).status_code == 302
    agreed(scene)
    return scene.deck_id


@BOTH_WIDTHS_AND_LANGUAGES
def test_a_consent_taken_back_closes_the_deck_at_the_next_click(
    app: App, people: Cast, deck_id: int, open_browser: Open, watch: Watch, size: dict[str, int], locale: str
) -> None:
    ids = people.xinghe.id, people.yuanshan.id
    owner, reader = (open_browser(app, identity, size=size, locale=locale) for identity in ids)
    reader.goto("/disclosures?tab=received")
    assert_accessible(reader)
    press(reader.locator(f"a[href='/attachments/{deck_id}']"))
    picture = reader.locator(".page-viewer img").first
    expect(picture).to_be_visible()
    wait_until_drawn(picture)
    assert_accessible(reader)
    source = str(picture.get_attribute("src"))
    assert reader.request.get(source).status == 200  # the control

    owner.goto("/disclosures")
    assert_accessible(owner)
    row = owner.locator("tr", has=owner.locator(f"a[href='/attachments/{deck_id}/record']"))
    row.locator("form[action$='/withdrawal'] button").click()
    with owner.expect_navigation():
        owner.locator("dialog[open] button[value=confirm]").click()
    owner.goto("/disclosures?tab=over")
    assert_accessible(owner)

    watch.expected |= {403, 404, 410}
    assert reader.request.get(source).status == 404
    reader.reload()
    expect(reader.locator(".error-page, h1").first).to_be_visible()
    expect(reader.locator(".page-viewer")).to_have_count(0)
    expect(reader.get_by_text("金丝雀商业计划书")).to_have_count(0)
    reader.goto("/disclosures?tab=received")
    expect(reader.get_by_text("金丝雀商业计划书")).to_have_count(0)
    assert_accessible(reader)
    assert stored(Introduction, 1, lambda row: row.state) is IntroductionState.REVOKED
