"""The stage of a roadshow: who plays, how days pass, and the letters whose links are followed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from playwright.sync_api import Locator, Page
from sqlalchemy import select, update

from matchhub import mail
from matchhub.accounts.enums import OrganizationKind, Role
from matchhub.accounts.models import Membership, Organization
from matchhub.core import delivery
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.web import App
from matchhub.events.models import Event, EventContact, Pitch, PitchApplication, Registration
from matchhub.matches.services.runs import request_full_runs
from matchhub.profiles.models import BankProfile, EnterpriseProfile, InvestorProfile, Profile
from tests import cast
from tests.cast import Cast
from tests.integration.matches.conftest import add_need, add_offer
from tests.integration.pairs import reachable
from tests.journeys.steps import Camera, Open, press
from tests.receivers import Sink

BEGAN, LASTS = timedelta(minutes=20), timedelta(hours=3)
FIRMS = ("firm", "second", "third")


def arrive(people: Cast) -> dict[str, int]:
    """Three firms with a need, two funds that look for such, a bank; by part, the ids of their memberships."""
    with unit_of_work():
        third = cast.member(
            "lanhai", OrganizationKind.ENTERPRISE, "鄂州蓝海传感有限公司", "蓝海传感", "420704", Role.OWNER
        )
        parts = {
            "host": people.binjiang, "firm": people.xinghe, "second": people.qingtian, "third": third,
            "fund": people.yuanshan, "guest": people.beidou, "bank": people.bank, "mentor": people.mentor,
        }  # fmt: skip
        _name(parts)
        for number, part in enumerate(FIRMS):
            add_need(parts[part].organization_id, code_name=f"新材料-000{number + 1}", teaser=TEASERS[number])
            _contact(EnterpriseProfile, parts[part], "周星河", f"1540001000{number}")
        for part in ("fund", "guest"):
            add_offer(parts[part].organization_id)
            _contact(InvestorProfile, parts[part], "林远", "15400010007")
        _contact(BankProfile, people.bank, "林江", "15400010008")
        request_full_runs(now=utcnow())
        return {part: member.id for part, member in parts.items()}


TEASERS = ("碳纤维预浸料产线扩建", "陶瓷基复合材料零件", "压力传感器量产")
ENGLISH = {
    "host": "Binjiang Incubator", "firm": "Xinghe", "second": "Qingtian", "third": "Lanhai Sensors",
    "fund": "Yuanshan Capital", "guest": "Beidu Ventures", "bank": "Jiangcheng Bank", "mentor": "Gu Chuan",
}  # fmt: skip


def _name(parts: dict[str, Membership]) -> None:
    for part, member in parts.items():
        db.session.get_one(Organization, member.organization_id).name_en = ENGLISH[part]


def _contact(model: type[Profile], member: Membership, name: str, mobile: str) -> None:
    reachable(db.session(), model, member.organization_id, contact_name=name, contact_mobile=mobile)


@dataclass
class Roadshow:
    """The event, who plays, and their browsers."""

    app: App
    opened: Open
    sink: Sink
    camera: Camera
    ids: dict[str, int]
    size: dict[str, int]
    locale: str
    event_id: int = 0
    pages: dict[str, Page] = field(default_factory=dict)

    def page(self, part: str) -> Page:
        """The browser of one of them; a stranger has a new one each time."""
        if part == "stranger":
            return self.opened(self.app, size=self.size, locale=self.locale)
        if part not in self.pages:
            self.pages[part] = self.opened(self.app, self.ids[part], size=self.size, locale=self.locale)
        return self.pages[part]

    def go(self, part: str, path: str) -> Page:
        """Somebody opens a page of the event: `cockpit/call`."""
        page = self.page(part)
        page.goto(f"/events/{self.event_id}/{path}".rstrip("/"))
        return page

    def member(self, part: str) -> Membership:
        return db.session.get_one(Membership, self.ids[part])

    def application(self, part: str) -> int:
        mine = PitchApplication.organization_id == self.member(part).organization_id
        return one(select(PitchApplication.id).where(mine))

    def pitches(self) -> list[int]:
        """Ids of who is on stage, in order."""
        db.session.remove()
        return list(db.session.scalars(select(Pitch.id).where(Pitch.state != "reserve").order_by(Pitch.position)))

    def pitch(self, part: str) -> int:
        return one(select(Pitch.id).where(Pitch.organization_id == self.member(part).organization_id))

    def place(self, part: str) -> int:
        """The id of somebody's registration."""
        return one(select(Registration.id).where(Registration.user_id == self.member(part).user_id))

    def begin(self, before: timedelta) -> None:
        """The day has come: the event began so long ago, and every date before it is over."""
        start = utcnow() - before
        with unit_of_work() as session:
            event = session.get_one(Event, self.event_id)
            event.starts_at, event.ends_at = start, start + LASTS
            event.registration_closes_at = event.lineup_public_at = start - timedelta(days=1)

    def pass_days(self, days: int) -> None:
        """So many days and an hour went by since they met."""
        with unit_of_work() as session:
            session.execute(update(EventContact).values(met_at=utcnow() - timedelta(days=days, hours=1)))

    def letter(self, part: str, pattern: str, *, about: str = "") -> str:
        """The path that the newest letter of this kind to somebody, about this one, leads to."""
        hand_over(self.sink, utcnow())
        address = self.member(part).user.email or ""
        for number in range(len(self.sink.taken) - 1, -1, -1):
            message, text = self.sink.taken[number], self.sink.text(number)
            found = re.search(rf"https?://[^\s/]+({pattern})", text)
            if found and about in f"{message['Subject']}{text}" and address in str(message["To"]):
                return found[1]
        raise AssertionError(f"no letter to {address} with {pattern}")


def hand_over(sink: Sink, now: datetime) -> None:
    """Letters leave as the worker sends them."""
    db.session.remove()
    with delivery.smtp(sink.url) as transport:
        delivery.deliver(
            now, transport=transport, render=mail.render, sender="matchhub@example.org", sender_name="汇配",
            clock=lambda: now,
        )  # fmt: skip


def one(statement: object) -> int:
    """The one id that a fresh session finds."""
    db.session.remove()
    return int(db.session.scalars(statement).one())  # type: ignore[call-overload]


def pitch_of(pitch_id: int) -> Pitch:
    """A pitch as a fresh session finds it."""
    db.session.remove()
    return db.session.get_one(Pitch, pitch_id)


def posting(page: Page, ending: str, **fields: object) -> Locator:
    """The button of the form that posts to an address with this ending, and sends these values."""
    sent = "".join(f":has(input[name={name}][value='{value}'])" for name, value in fields.items())
    return page.locator(f"main form[method=post][action$='{ending}']{sent} button[type=submit]").first


def press_surely(button: Locator) -> None:
    """Press a button that asks first, and say yes."""
    button.click()
    press(button.page.locator("#confirm-dialog [data-confirm-button]"))


def score(page: Page, within: str, points: Iterator[int]) -> None:
    """Fill every criterion that stands within."""
    for box in page.locator(f"{within} input[name^=score_]").all():
        box.fill(str(next(points)))
