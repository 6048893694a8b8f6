"""What comes before the day of a roadshow: from the template to the plan of the meetings, each station by its pages."""

import re
from datetime import timedelta
from itertools import cycle

from playwright.sync_api import expect

from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import db
from matchhub.events.models import Event, SeatPool
from tests.journeys.pairing import stored_id
from tests.journeys.roadshow import FIRMS, pitch_of, posting, press_surely, Roadshow, score
from tests.journeys.steps import go_on, press

HALF = "text => text.offsetWidth > text.parentElement.offsetWidth / 2"


def plan(show: Roadshow) -> None:
    """From the template to an event that is out."""
    host = show.page("host")
    host.goto("/events/new")
    show.camera.take(host, "roadshow-templates")
    press(host.locator("main a[href$='/events/new/roadshow']"))
    host.fill("[name=starts_on]", (city_date(utcnow()) + timedelta(days=30)).isoformat())
    host.fill("[name=place]", "滨江路 1 号")
    show.camera.take(host, "roadshow-new")
    go_on(host)
    expect(host).to_have_url(re.compile(r"/events/\d+/cockpit$"))
    show.event_id = stored_id(Event)
    show.camera.take(host, "roadshow-cockpit")
    press(posting(host, "/publication"))
    expect(host).to_have_url(re.compile(r"/events/\d+$"))
    show.camera.take(host, "roadshow-event")


def call(show: Roadshow) -> None:
    """Firms are called, blind; a mentor and the host's own person review."""
    host = show.go("host", "cockpit/call")
    assert not host.is_checked("[name=blind]")
    host.check("[name=blind]")
    host.fill("[name=places]", "2")
    host.fill("[name=reserves]", "1")
    show.camera.take(host, "roadshow-call-rules")
    go_on(host)
    for part in ("mentor", "host"):
        host.select_option("#reviewer", str(show.member(part).user_id))
        press(posting(host, "/reviewers"))


def apply(show: Roadshow) -> None:
    """Each firm from the event's page, with a need and what it opens."""
    for part in FIRMS:
        firm = show.go(part, "")
        press(firm.locator(".page-header a[href$='/applications/new']"))
        assert not firm.is_checked("[name=contact]")
        firm.check("[name=contact]")
        if part == "firm":
            firm.fill("[name=words]", "星河科技已有 12 家客户")
            show.camera.take(firm, "roadshow-apply")
        go_on(firm)
        expect(firm).to_have_url(re.compile(r"/pitch-applications/\d+$"))
    show.camera.take(show.page("firm"), "roadshow-application")


def review(show: Roadshow) -> None:
    """Both hand in what they think, without knowing of whom; others' scores show after one's own."""
    points = cycle([8, 7, 9, 6])
    for part in ("mentor", "host"):
        page = show.go(part, "reviewing")
        expect(page.locator("main")).not_to_contain_text(re.compile("星河|Xinghe"))
        if part == "mentor":
            show.camera.take(page, "roadshow-reviewing")
        for firm in FIRMS:
            page.goto(f"/pitch-applications/{show.application(firm)}/review")
            expect(page.locator("main")).not_to_contain_text(re.compile("星河|Xinghe"))
            score(page, "main", points)
            if firm == "firm" and part == "mentor":
                show.camera.take(page, "roadshow-review")
            press(page.locator("button[name=hand_in]"))
    host = show.go("host", "cockpit/call")
    show.camera.take(host, "roadshow-call")
    press_surely(posting(host, "/call/closure"))


def line_up(show: Roadshow) -> None:
    """Proposed with reasons, with one firm that the organizer wants; adopted, put in order, published."""
    host = show.go("host", "cockpit/line-up")
    expect(host.locator(".pitch-reasons li").first).to_be_visible()
    host.check(f"input[type=checkbox][name=fixed][value='{show.application('firm')}']")
    press(host.locator("main form[method=get] button[type=submit]"))
    assert host.is_checked(f"input[type=checkbox][name=fixed][value='{show.application('firm')}']")
    show.camera.take(host, "roadshow-proposal")
    press(posting(host, "/line-up"))
    assert len(show.pitches()) == 2
    pitch = show.pitch("firm")
    if show.pitches()[0] == pitch:
        press(posting(host, f"/pitches/{pitch}/place", position=1))
    assert show.pitches()[1] == pitch
    press_surely(posting(host, "/line-up/publication"))
    show.camera.take(host, "roadshow-line-up")


def be_named(show: Roadshow) -> None:
    """The firm agrees to be named, from its own list of applications."""
    firm = show.page("firm")
    firm.goto("/pitch-applications")
    press(firm.locator(f"main a[href='/pitch-applications/{show.application('firm')}']").first)
    firm.check("[name=agree]")
    firm.fill("[name=line]", "碳纤维预浸料")
    show.camera.take(firm, "roadshow-naming")
    press(posting(firm, "/naming"))
    assert pitch_of(show.pitch("firm")).is_named


def invite(show: Roadshow) -> None:
    """A wave to whom the matcher suggests; one answers from the mailed link, signed in nowhere."""
    host = show.go("host", "cockpit/invitations")
    expect(host.locator("[name=person]")).to_have_count(2)
    show.camera.take(host, "roadshow-invitations")
    press(posting(host, "/invitation-waves"))
    letter = show.page("stranger")
    letter.goto(show.letter("guest", r"/event-invitations/\S+"))
    show.camera.take(letter, "roadshow-invited")
    press(posting(letter, "/acceptance"))
    expect(letter.locator("form[action$='/acceptance']")).to_have_count(0)
    assert show.place("guest")


def register(show: Roadshow) -> None:
    """Two seats for firms: two get them, the third waits; the fund and the bank come too."""
    host = show.go("host", "cockpit/seats")
    pool_id = db.session.query(SeatPool.id).filter_by(event_id=show.event_id, role="enterprise").scalar()
    host.fill(f"#capacity-{pool_id}", "2")
    press(posting(host, f"/seat-pools/{pool_id}/capacity"))
    for part in (*FIRMS, "fund", "bank"):
        page = show.go(part, "")
        press(page.locator(".page-header a[href$='/registrations/new']"))
        if part == "fund":
            show.camera.take(page, "roadshow-register")
        go_on(page)
        expect(page).to_have_url(re.compile(r"/registrations/\d+$"))
    show.camera.take(show.page("third"), "roadshow-waiting")
    expect(show.page("third").locator(".event-ticket")).to_have_count(0)


def pass_a_seat_on(show: Roadshow) -> None:
    """One firm leaves, the next in line is offered the seat and takes it."""
    second = show.page("second")
    press_surely(posting(second, "/departure"))
    third = show.page("third")
    third.goto(f"/registrations/{show.place('third')}")
    show.camera.take(third, "roadshow-offered")
    assert third.locator(".alert-text").first.evaluate(HALF)  # its buttons do not squeeze it
    press(posting(third, "/acceptance"))
    show.camera.take(third, "roadshow-ticket")
    expect(third.locator(".event-ticket")).to_be_visible()


def plan_meetings(show: Roadshow) -> None:
    """Both sides say whom they want to meet; the plan is made and published."""
    host = show.go("host", "cockpit/meetings")
    host.fill("[name=tables]", "4")
    go_on(host)
    for part in ("fund", "bank", "firm", "third"):
        page = show.page(part)
        page.goto(f"/registrations/{show.place(part)}")
        press(page.locator(".page-header a[href$='/meetings']"))
        go_on(page)
    for part, wish in (("fund", "must"), ("firm", "gladly")):
        page = show.page(part)
        page.reload()
        page.locator(f"input[name^=wish-][value={wish}]").first.check(force=True)
        show.camera.take(page, f"roadshow-wishes-{part}")
        go_on(page)
    host.reload()
    press(posting(host, "/meetings/plan"))
    press_surely(posting(host, "/meetings/publication"))
    show.camera.take(host, "roadshow-meetings")
    firm = show.page("firm")
    firm.reload()
    expect(firm.locator(".meeting-own li").first).to_be_visible()
    show.camera.take(firm, "roadshow-own-meetings")
