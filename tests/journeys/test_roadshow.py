"""A roadshow from its template to the report: called, reviewed, lined up, invited, seated, met, scored, followed up."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import cycle
from pathlib import Path

import pytest
from playwright.sync_api import expect, Page

from matchhub.core.db import db
from matchhub.core.web import App
from matchhub.events import queries
from matchhub.events.enums import EventState, JuryState, MeetingOutcome, PitchState
from matchhub.events.models import CheckIn, Event, Feedback, FollowUp, Jury, PlannedMeeting
from tests.cast import Cast
from tests.journeys import roadshow_before as before
from tests.journeys.conftest import BOTH_WIDTHS_AND_LANGUAGES, Watch
from tests.journeys.roadshow import arrive, BEGAN, pitch_of, posting, Roadshow, score
from tests.journeys.steps import Camera, choose, go_on, Open, press
from tests.journeys.wire import Wire
from tests.receivers import mail_server, Sink

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("roadshow")]
ONLINE = {"zh": "在线", "en": "Online"}


@pytest.fixture
def sink() -> Iterator[Sink]:
    with mail_server() as handler:
        yield handler


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


@BOTH_WIDTHS_AND_LANGUAGES
def test_a_roadshow_runs_from_its_template_to_its_report(
    app: App, people: Cast, open_browser: Open, work: Callable[[], None], watch: Watch, wire: Wire, sink: Sink,
    size: dict[str, int], locale: str, request: pytest.FixtureRequest, tmp_path: Path,
) -> None:  # fmt: skip
    camera = Camera(f"{size['width']}-{locale}", request.config.getoption("--pictures"))
    show = Roadshow(app, open_browser, sink, camera, arrive(people), size, locale)
    work()

    before.plan(show)
    before.call(show)
    before.apply(show)
    before.review(show)
    before.line_up(show)
    before.be_named(show)
    before.invite(show)
    before.register(show)
    before.pass_a_seat_on(show)
    before.plan_meetings(show)
    show.begin(BEGAN)
    let_in(show, wire)
    watch.complaints = [line for line in watch.complaints if "net::ERR_" not in line]  # what a cut wire sounds like
    sealed = judge(show)
    close_jury(show, sealed)
    show.begin(BEGAN)  # however long all that took
    say_interest(show)
    show.begin(timedelta(hours=5))
    note_meeting(show)
    work()
    assert one_of(Event, lambda row: row.state) is EventState.HELD
    give_feedback(show)
    show.pass_days(7)
    work()
    follow_up(show)
    report(show, tmp_path)

    assert camera.violations == []
    assert camera.seen == 35


def one_of(model: type, read: Callable[..., object]) -> object:
    """What the only row says."""
    db.session.remove()
    return read(db.session.query(model).one())


# --- on the day ----------------------------------------------------------------------------------------------------


def let_in(show: Roadshow, wire: Wire) -> None:
    """Two come while the network is there, one while it is cut, and that is uploaded once it is back."""
    codes = {part: ticket(show, part) for part in ("fund", "firm", "bank", "guest")}
    door = show.go("host", "cockpit/door")
    door.locator("#door[data-kept]").wait_for()
    expect(door.locator(".tabs [aria-current]")).to_be_in_viewport()
    for part in ("fund", "guest", "bank"):
        enter(door, codes[part])
        expect(door.locator("#door-result")).to_have_attribute("data-tone", "green")
        expect(door.locator("#door-code [name=code]")).to_have_value("")
    expect(door.locator("#door-latest li")).to_have_count(3)
    show.camera.take(door, "roadshow-door")
    wire.cut()
    enter(door, codes["firm"])
    expect(door.locator("#door-net")).to_contain_text("1")
    assert came_in() == 3
    wire.mend()
    door.evaluate("dispatchEvent(new Event('online'))")
    expect(door.locator("#door-net")).to_have_text(ONLINE[show.locale])
    assert came_in() == 4


def ticket(show: Roadshow, part: str) -> str:
    """The code as it stands on somebody's ticket."""
    page = show.page(part)
    page.goto(f"/registrations/{show.place(part)}")
    return page.locator(".event-ticket-code").inner_text().replace(" ", "")


def enter(door: Page, code: str) -> None:
    door.fill("#door-code [name=code]", code)
    door.locator("#door-code button").click()


def came_in() -> int:
    db.session.remove()
    return db.session.query(CheckIn).count()


def judge(show: Roadshow) -> Page:
    """The organizer asks two for their scores; one hands in, and nobody reads them yet."""
    host = show.go("host", "cockpit/jury")
    press(posting(host, "/jury"))
    for part in ("bank", "guest"):
        host.select_option("#jury-member", str(show.member(part).user_id))
        press(posting(host, "/jury-members"))
    hand_in(show, "bank", cycle([7, 8, 6, 9]))
    result = host.request.get(f"/events/{show.event_id}/jury-result")
    assert result.status == 404
    host.reload()
    expect(host.locator(f"#jury-member option[value='{show.member('bank').user_id}']")).to_have_count(
        0
    )  # a member already
    show.camera.take(host, "roadshow-jury")
    return host


def hand_in(show: Roadshow, part: str, points: Iterator[int]) -> None:
    """From the ticket to the scores of every pitch."""
    page = show.page(part)
    page.goto(f"/registrations/{show.place(part)}")
    press(page.locator(".page-header a[href^='/jury-members/']"))
    for pitch_id in show.pitches():
        score(page, f"#pitch-{pitch_id}", points)
        if part == "bank":
            show.camera.take(page, f"roadshow-scoring-{show.pitches().index(pitch_id) + 1}")
        press(page.locator(f"#pitch-{pitch_id} button[data-tone=primary]"))


def close_jury(show: Roadshow, host: Page) -> None:
    """The last score closes it, and then it is told."""
    hand_in(show, "guest", cycle([9, 8, 9, 8]))
    assert one_of(Jury, lambda row: row.state) is JuryState.CLOSED
    host.reload()
    press(host.locator(".page-header a[href$='/jury-result']"))
    expect(host.locator("main tbody tr")).to_have_count(2)
    show.camera.take(host, "roadshow-result")


def say_interest(show: Roadshow) -> None:
    """The firm is put on when its turn comes; the fund wants to hear more and asks for the introduction; the firm agrees."""
    host = show.go("host", "cockpit/stage")
    press(posting(host, "/stage", pitch_id=show.pitch("firm")))
    assert pitch_of(show.pitch("firm")).state is PitchState.PRESENTED
    show.camera.take(host, "roadshow-stage")
    fund = show.go("fund", "live")
    show.camera.take(fund, "roadshow-live")
    press(posting(fund, f"/pitches/{show.pitch('firm')}/interests"))
    expect(fund).to_have_url(re.compile("/introductions/new"))
    fund.check("[name=contact]")
    fund.fill("[name=purpose]", "想谈谈扩产。")
    go_on(fund)
    firm = show.page("firm")
    firm.goto(fund.url)
    press(firm.locator(".page-header a[href$='/acceptance']"))
    firm.check("[name=contact]")
    go_on(firm)
    stranger = show.page("stranger")
    stranger.goto(f"/events/{show.event_id}")
    expect(stranger.locator(".event-pitches")).to_contain_text("碳纤维预浸料")
    expect(stranger.locator(".event-pitches li")).to_have_count(1)


# --- after ---------------------------------------------------------------------------------------------------------


def note_meeting(show: Roadshow) -> None:
    """The organizer notes that the two met."""
    host = show.go("host", "cockpit/meetings")
    press(posting(host, "/outcome", outcome="met"))
    db.session.remove()
    assert db.session.query(PlannedMeeting).filter_by(outcome=MeetingOutcome.MET).count() == 1


def give_feedback(show: Roadshow) -> None:
    """Whoever came is asked, and answers by the mailed link."""
    page = show.page("stranger")
    page.goto(show.letter("guest", r"/feedback/\S+"))
    for key in ("overall", "people", "pace"):
        choose(page, f"answer-{key}", "5")
    choose(page, "answer-again", "yes")
    show.camera.take(page, "roadshow-feedback")
    go_on(page)
    db.session.remove()
    rows = db.session.query(Feedback).filter_by(event_id=show.event_id).all()
    assert len(rows) == 4  # whoever came, and nobody else
    assert [row.registration_id for row in rows if row.answered_at] == [show.place("guest")]


def follow_up(show: Roadshow) -> None:
    """After a week both are asked what became of it; the firm answers by the mailed link."""
    page = show.page("stranger")
    page.goto(show.letter("firm", r"/follow-ups/\S+", about="远山资本"))
    show.camera.take(page, "roadshow-question")
    press(posting(page, page.url.rsplit("/", 1)[1], answer="talking"))
    expect(page.locator("main a[href^='/introductions/']")).to_be_visible()
    db.session.remove()
    answered = db.session.query(FollowUp).filter(FollowUp.answered_at.is_not(None)).one()
    assert (answered.day, answered.answer.value if answered.answer else "") == (7, "talking")
    host = show.go("host", "cockpit/follow-up")
    expect(host.locator(".tabs [aria-current]")).to_be_in_viewport()
    show.camera.take(host, "roadshow-follow-up")


def report(show: Roadshow, folder: Path) -> None:
    """The organizer publishes the report; anybody reads it and takes its PDF."""
    host = show.go("host", "cockpit/report")
    show.camera.take(host, "roadshow-report")
    host.fill("[name=words]", "三个项目里两个谈下去了。")
    press(posting(host, "/report"))
    db.session.remove()
    assert queries.report_of(db.session(), show.event_id)
    page = show.page("stranger")
    page.goto(f"/events/{show.event_id}/report")
    show.camera.take(page, "roadshow-published-report")
    with page.expect_download() as download:
        page.locator("main a[href$='/report.pdf']").click()
    download.value.save_as(folder / "report.pdf")
    assert (folder / "report.pdf").read_bytes().startswith(b"%PDF")
