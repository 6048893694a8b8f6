"""The door of an event on a phone: tickets from a photo and from the camera, no network, reloading, uploading once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import segno
from PIL import Image
from playwright.sync_api import Browser, Error, expect, Page
from sqlalchemy import select

from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.policy import Actor
from matchhub.core.web import App
from matchhub.events import queries, services
from matchhub.events.enums import EventType, SeatRole
from matchhub.events.models import CheckIn, Event
from matchhub.events.services import Applicant, EventFacts
from tests import cast
from tests.cast import Cast
from tests.integration.pairs import actor
from tests.journeys.conftest import CHROMIUM, FLAGS, PHONE, Watch
from tests.journeys.steps import assert_accessible, Open, press, SIDEWAYS
from tests.journeys.wire import Wire


@dataclass
class Salon:
    """It begins in two hours; two firms hold tickets."""

    event_id: int
    codes: list[str]

    @property
    def page(self) -> str:
        return f"/events/{self.event_id}/cockpit/door"


@pytest.fixture
def wire() -> Iterator[Wire]:
    held = Wire()
    yield held
    held.close()


@pytest.fixture
def address(address: str, wire: Wire) -> str:
    """Through the wire."""
    wire.target = ("127.0.0.1", int(address.rsplit(":", 1)[1]))
    return f"http://127.0.0.1:{wire.port}"


@pytest.fixture
def salon(people: Cast) -> Salon:
    now, host = utcnow(), actor(people.binjiang)
    before = now - timedelta(days=4)
    with unit_of_work():
        facts = EventFacts("创业沙龙", now + timedelta(hours=2), title_en="Founders’ salon", place="滨江路 1 号")
        event = services.create(EventType.SALON, facts, actor=host, now=before)
        services.publish(event, actor=host, now=before)
        event_id = event.id
    return Salon(event_id, [_ticket(event_id, actor(member), before) for member in (people.xinghe, people.qingtian)])


def _ticket(event_id: int, guest: Actor, now: object) -> str:
    with unit_of_work():
        event = db.session.get_one(Event, event_id)
        place = services.register(event, SeatRole.ENTERPRISE, Applicant.of(guest), actor=guest, now=now)  # type: ignore[arg-type]
        db.session.flush()
        ticket = queries.ticket_of(db.session(), place.id)
        assert ticket is not None
        return services.ticket_code(ticket) or ""


def came_in() -> list[tuple[str, str]]:
    db.session.remove()
    return [(row.way.value, row.door) for row in db.session.scalars(select(CheckIn).order_by(CheckIn.id))]


def result(page: Page) -> str:
    return page.locator("#door-result").inner_text()


def enter(page: Page, code: str) -> None:
    page.get_by_label("票码", exact=True).fill(code)
    page.locator("#door-code button").click()


def test_a_door_without_network_scans_on_and_uploads_once(
    app: App, people: Cast, salon: Salon, open_browser: Open, watch: Watch, wire: Wire, tmp_path: Path
) -> None:
    page = open_browser(app, people.binjiang.id, size=PHONE)
    page.goto(salon.page)
    page.get_by_label("这是哪个门").fill("东门")
    page.locator("#door[data-kept]").wait_for()
    photo = tmp_path / "ticket.png"
    segno.make_qr(salon.codes[0], error="m").save(str(photo), scale=8, border=4)
    page.locator("#door-photo").set_input_files(photo)
    expect(page.locator("#door-result")).to_contain_text("已签到")
    assert came_in() == [("scan", "东门")]
    assert page.evaluate(SIDEWAYS) is False
    assert_accessible(page)

    wire.cut()
    enter(page, salon.codes[1])
    expect(page.locator("#door-result")).to_contain_text("离线记录")
    page.reload()
    expect(page.locator("#door-net")).to_contain_text("离线，已存 1 条")
    enter(page, salon.codes[1])
    expect(page.locator("#door-result")).to_contain_text("重复")
    enter(page, "AAAABBBBCCCCDDDDEEEEFFFFGG")
    expect(page.locator("#door-result")).to_contain_text("没找到")
    page.get_by_label("姓名、单位或手机后 4 位").fill("星")
    page.locator("#door-search button").click()
    expect(page.locator("#door-found li")).to_have_count(1)
    page.locator("#door-walk-in [name=name]").fill("路过的人")
    page.locator("#door-walk-in [name=role][value=enterprise]").check(force=True)
    page.locator("#door-walk-in button").click()
    expect(page.locator("#door-net")).to_contain_text("离线，已存 2 条")
    kept = page.evaluate("JSON.stringify(localStorage)")
    assert salon.codes[1] not in kept
    assert len(came_in()) == 1  # without network nothing can have arrived

    wire.mend()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#door-net")).to_have_text("在线")
    page.reload()
    expect(page.locator("[data-part=arrived]")).to_have_text("3")
    assert sorted(came_in()) == [("scan", "东门"), ("scan", "东门"), ("walk_in", "东门")]

    page.locator("details[data-menu] summary").first.click()
    press(page.locator("form[action$='/session/closure'] button").first)
    watch.complaints = [line for line in watch.complaints if "net::ERR_" not in line]  # what a cut wire sounds like
    assert "matchhub-door:list" not in page.evaluate("Object.keys(localStorage).join()")


def test_without_the_worker_a_reload_loses_the_page(
    app: App, people: Cast, salon: Salon, chromium: Browser, address: str, wire: Wire
) -> None:
    context = chromium.new_context(viewport=PHONE, base_url=address, service_workers="block")  # type: ignore[arg-type]
    held = cast.browser(app, people.binjiang.id).get_cookie("matchhub")
    assert held is not None
    context.add_cookies([{"name": "matchhub", "value": held.value, "url": address}])
    page = context.new_page()
    page.goto(salon.page)
    wire.cut()

    with pytest.raises(Error):
        page.reload()

    context.close()


def test_the_camera_reads_a_ticket(
    app: App, people: Cast, salon: Salon, chromium: Browser, address: str, tmp_path: Path
) -> None:
    film = tmp_path / "ticket.y4m"
    _film(salon.codes[0], film)
    fake = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    ]
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=[*FLAGS, *fake])
    context = browser.new_context(viewport=PHONE, base_url=address, locale="en-GB", permissions=["camera"])  # type: ignore[arg-type]
    held = cast.browser(app, people.binjiang.id).get_cookie("matchhub")
    assert held is not None
    context.add_cookies([{"name": "matchhub", "value": held.value, "url": address},
                         {"name": "locale", "value": "en", "url": address}])  # fmt: skip
    page = context.new_page()
    page.goto(salon.page)
    page.locator("#door-camera").click()
    expect(page.locator("#door-result")).to_have_attribute("data-tone", "green", timeout=20_000)
    page.locator("#door-camera").click()
    expect(page.locator("#door-video")).to_be_hidden()
    browser.close()

    assert [way for way, _ in came_in()] == ["scan"]


def _film(code: str, target: Path) -> None:
    """A few frames of a QR code on white, as uncompressed film."""
    picture = target.with_suffix(".png")
    segno.make_qr(code, error="m").save(str(picture), scale=10, border=6)
    frame = Image.new("L", (640, 480), 235)
    drawn = Image.open(picture).convert("L").resize((420, 420))
    frame.paste(drawn, (110, 30))
    grey = bytes([128]) * (320 * 240 * 2)
    with target.open("wb") as film:
        film.write(b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420jpeg\n")
        for _ in range(5):
            film.write(b"FRAME\n" + frame.tobytes() + grey)
