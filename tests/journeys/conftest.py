"""A running MatchHub on SQLite with its worker, and a real browser at two widths and in two languages."""

import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from waitress.server import create_server

from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.web import App
from matchhub.wiring import JOBS
from tests import cast
from tests.databases import SqliteDatabase

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-sync"]
PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
BOTH_WIDTHS_AND_LANGUAGES = pytest.mark.parametrize(
    ("size", "locale"),
    [
        pytest.param(DESKTOP, "zh", id="1440-zh"),
        pytest.param(PHONE, "zh", id="390-zh", marks=pytest.mark.other_view),
        pytest.param(DESKTOP, "en", id="1440-en", marks=pytest.mark.other_view),
        pytest.param(PHONE, "en", id="390-en"),
    ],
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Headless Chromium; where there is none the journeys are skipped, loudly, and in CI that is a failure."""
    if not CHROMIUM:
        if os.environ.get("MATCHHUB_TEST_REQUIRE_CHROMIUM"):
            pytest.fail("no Chromium: the journeys cannot run")
        pytest.skip("no Chromium found: the journeys in the browser were NOT run")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def app(request: pytest.FixtureRequest, sqlite_database: SqliteDatabase) -> Iterator[App]:
    """Journeys run on SQLite."""
    sqlite_database.reset(cast.arrive if "people" in request.fixturenames else None)
    with sqlite_database.app.app_context():
        yield sqlite_database.app
        db.session.remove()


@pytest.fixture
def address(app: App) -> Iterator[str]:
    """Where the application answers, on loopback."""
    server = create_server(app, host="127.0.0.1", port=0, threads=6)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(5)


@pytest.fixture
def work(app: App) -> Callable[[], None]:
    """Let the worker do once what is due."""

    def run() -> None:
        db.session.remove()
        for job in JOBS:
            if job.hour is None:
                job.run(utcnow())
        db.session.remove()

    return run


@dataclass
class Watch:
    """What browsers complain about: scripts that fail, what the content policy blocks, answers that nobody expects."""

    expected: set[int] = field(default_factory=lambda: {409, 422})  # what the pages themselves answer with a form
    complaints: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        """Listen to a page."""
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))

    def _said(self, message: ConsoleMessage) -> None:
        answer = re.search(r"responded with a status of (\d+)", message.text)
        if message.type == "error" and not (answer and int(answer[1]) in self.expected):
            where = message.location.get("url", "")
            self.complaints.append(f"{where}: {message.text[:300]}")


@pytest.fixture
def watch() -> Iterator[Watch]:
    """No journey passes while a browser complains."""
    held = Watch()
    yield held
    assert held.complaints == []


@pytest.fixture
def open_browser(chromium: Browser, address: str, watch: Watch) -> Iterator[Callable[..., Page]]:
    """A page of a new browser, signed in as a membership where one is given."""
    contexts: list[BrowserContext] = []

    def opened(
        app: App, membership_id: int | None = None, *, size: dict[str, int] = DESKTOP, locale: str = "zh"
    ) -> Page:
        context = chromium.new_context(viewport=size, locale="zh-CN" if locale == "zh" else "en-GB", base_url=address)
        contexts.append(context)
        cookies = [{"name": "locale", "value": locale, "url": address}]
        if membership_id is not None:
            client = cast.browser(app, membership_id)
            held = client.get_cookie("matchhub")
            assert held is not None
            cookies.append({"name": "matchhub", "value": held.value, "url": address})
        context.add_cookies(cookies)  # type: ignore[arg-type]
        page = context.new_page()
        watch.over(page)
        page.set_default_timeout(20_000)  # a busy machine is no defect
        return page

    yield opened
    for context in contexts:
        context.close()
