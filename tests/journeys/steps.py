"""What every journey does: press a button and arrive, choose a chip, look at a page with axe and the camera."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

from tests.journeys import guide_pictures
from tests.journeys.conftest import PICTURES

Open = Callable[..., Page]
SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"


def violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it stands."""
    found = Axe().run(page)
    return [f"{rule['id']} {rule['nodes'][0]['html'][:160]}" for rule in found.response["violations"]]


def assert_accessible(page: Page) -> None:
    assert violations(page) == []


@dataclass
class Camera:
    """Takes the pictures of the docs and lets axe look at every page that it takes."""

    name: str
    keep: bool
    violations: list[str] = field(default_factory=list)
    seen: int = 0

    def take(self, page: Page, title: str) -> None:
        self.seen += 1
        page.evaluate("window.scrollTo(0, 0)")
        if page.locator(".error-page").count():
            self.violations.append(f"{title}: {page.locator('h1').inner_text()}")
        if page.evaluate(SIDEWAYS):
            self.violations.append(f"{title}: scrolls sideways")
        self.violations += [f"{title}: {found}" for found in violations(page)]
        if self.keep:
            self.picture(page, PICTURES / f"{title}-{self.name}.png")

    def read(self, page: Page, **addresses: str) -> None:
        """Open pages one after the other and take each."""
        for title, address in addresses.items():
            page.goto(address)
            self.take(page, title.replace("_", "-"))

    @staticmethod
    def picture(page: Page, target: Path) -> None:
        """The whole page, as a window that is tall enough would show it (bars stay where they belong)."""
        target.parent.mkdir(parents=True, exist_ok=True)
        size = page.viewport_size
        assert size is not None
        page.set_viewport_size(
            {"width": size["width"], "height": page.evaluate("document.documentElement.scrollHeight")}
        )
        page.screenshot(path=str(target))
        guide_pictures.keep(target)
        page.set_viewport_size(size)


def press(button: Locator) -> None:
    """Press a button and wait until its answer is there: a test that walks on at once would cut it off."""
    with button.page.expect_navigation(wait_until="domcontentloaded"):  # pictures may take longer
        button.click()


def go_on(page: Page) -> None:
    """Press the one primary button of the form."""
    press(page.locator("main form button[type=submit][data-tone=primary]").first)


def in_the_middle(control: Locator) -> None:
    """Clear of the bars that stand above the lower edge of a phone."""
    control.evaluate("control => control.scrollIntoView({block: 'center', behavior: 'instant'})")


def choose(page: Page, name: str, value: str) -> None:
    """A select, or the chip of a radio group."""
    control = page.locator(f"select[name={name}]")
    if control.count():
        control.select_option(value)
    else:
        box = page.locator(f"input[name={name}][value='{value}']")
        in_the_middle(box)
        box.check(force=True)


def choose_codes(page: Page, name: str, *values: str) -> None:
    """Chips of a set, on one or two levels."""
    for value in values:
        box = page.locator(f"input[name={name}][value='{value}']")
        folded = page.locator(f"details:has(input[name={name}][value='{value}'])")
        for place in range(folded.count()):
            if folded.nth(place).get_attribute("open") is None:
                folded.nth(place).locator("summary").first.click()
        in_the_middle(box)
        box.check(force=True)
