"""What an event came to: counted from the record, exact for whom it concerns, protected for everybody else, and on paper."""

from collections.abc import Callable
from datetime import timedelta

import pypdfium2
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from matchhub.accounts.models import Membership
from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.policy import ANONYMOUS
from matchhub.core.web import App
from matchhub.events import queries, services
from matchhub.events.enums import Audience
from matchhub.events.models import Event, EventReport
from matchhub.events.queries import LedgerStage
from matchhub.events.queries.ledger import Count, protected
from matchhub.listings.models import Need
from matchhub.pipelines import services as pipelines
from matchhub.pipelines.models import Deal
from matchhub.pipelines.services import Result
from tests.cast import Cast
from tests.integration.events.test_follow_ups import browser, Held, setting
from tests.integration.pairs import actor, agreed

SignIn = Callable[[Membership], FlaskClient]


@pytest.fixture
def done(people: Cast) -> Held:
    """远山资本 and 星河科技 met at the roadshow, agreed, and the money has come: both say so."""
    held = setting(people)
    agreed(held.scene)
    held.gather()
    now = utcnow()
    with unit_of_work() as session:
        result = Result(3_210_000, "equity", city_date(now))
        outcome = pipelines.enter(session.scalars(select(Deal)).one(), result, actor=held.scene.fund, now=now)
        pipelines.confirm(outcome, actor=held.scene.firm, now=now)
        session.get_one(Need, held.scene.need_id).carrier_id = None
    return held


def read(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    return "".join(page.get_textpage().get_text_range() for page in document)


@pytest.mark.parametrize(
    ("total", "open_", "told"), [(0, False, 0), (4, False, None), (5, False, 5), (9, False, 5), (4, True, 4)]
)
def test_small_counts_are_not_told_and_larger_ones_by_fives(total: int, open_: bool, told: int | None) -> None:
    assert protected(total, is_open=open_).told == told


def test_the_ledger_counts_the_record_exactly_for_who_looks_after_it(done: Held, people: Cast) -> None:
    event = db.session.get_one(Event, done.event_id)
    city = queries.ledger_of(db.session(), actor(people.city), event)
    host = queries.ledger_of(db.session(), done.host, event)
    nobody = queries.ledger_of(db.session(), ANONYMOUS, event)

    assert (city.registered, city.came, city.met) == (2, 2, 1)
    assert [city.count(stage).exact for stage in LedgerStage] == [1, 1, 1, 1]
    assert (
        [host.count(stage) for stage in LedgerStage]
        == [Count(None, None)] * 4
        == [city.count(stage, for_all=True) for stage in LedgerStage]
    )
    assert [line.yuan for line in city.seen(LedgerStage.CONFIRMED)] == [3_210_000]
    assert host.seen(LedgerStage.AGREED) == nobody.seen(LedgerStage.AGREED) == []
    assert city.yuan is None  # a sum over one would be that one


def test_officers_and_the_host_read_it_live_others_when_it_is_published(
    app: App, done: Held, people: Cast, sign_in: SignIn
) -> None:
    city, host, visitor = sign_in(people.city), sign_in(people.binjiang), browser(app)
    live, public = f"/events/{done.event_id}/cockpit/report", f"/events/{done.event_id}/report"

    assert city.get(live).status_code == host.get(live).status_code == 200
    assert "发布报告" in host.get(live).text and "发布报告" not in city.get(live).text
    assert sign_in(people.gedian).get(live).status_code == 404 == sign_in(people.yuanshan).get(live).status_code
    assert visitor.get(public).status_code == 404
    assert city.post(public, data={"words": "x"}).status_code == 404
    assert host.post(public, data={"words": "字" * 1001}).status_code == 422
    assert host.post(public, data={"words": "八个项目，两家当场约了尽调。"}).status_code == 302

    shown = visitor.get(public).text
    assert "八个项目" in shown and "不足 5" in shown
    assert f'href="{public}"' in visitor.get(f"/events/{done.event_id}").text
    assert f'href="{live}"' in city.get(f"/events/{done.event_id}").text
    for secret in ("星河科技", "远山资本", "321"):
        assert secret not in shown.split("<main", 1)[1]
    with unit_of_work() as session:
        session.get_one(Event, done.event_id).audience = Audience.INVITED
    assert visitor.get(public).status_code == 404


def test_what_was_published_stays_as_it_was(app: App, done: Held, people: Cast, sign_in: SignIn) -> None:
    host, visitor = sign_in(people.binjiang), browser(app)
    host.post(f"/events/{done.event_id}/report", data={"words": ""})
    before = db.session.scalars(select(EventReport)).one().figures
    with unit_of_work() as session:
        event = session.get_one(Event, done.event_id)
        event.ends_at -= timedelta(minutes=5)
        for contact in queries.contacts_of(session, event.id):
            services.end_contact(contact, contact.ended_as, now=utcnow())  # type: ignore[arg-type]

    paper = visitor.get(f"/events/{done.event_id}/report.pdf")
    assert paper.mimetype == "application/pdf"
    words = read(paper.data)
    assert "成效报告" in words and "从邀请到成果" in words and "不足 5" in words and "1 / 1" in words
    assert "星河科技" not in words
    db.session.expire_all()
    assert db.session.scalars(select(EventReport)).one().figures == before
    city = sign_in(people.city)
    assert "不足 5" not in read(city.get(f"/events/{done.event_id}/cockpit/report.pdf").data).split("这些数")[0]


def test_the_list_behind_a_figure_has_no_names(done: Held, people: Cast, sign_in: SignIn) -> None:
    page = sign_in(people.city).get(f"/events/{done.event_id}/cockpit/ledger?stage=confirmed").text
    own = sign_in(people.binjiang).get(f"/events/{done.event_id}/cockpit/ledger?stage=confirmed").text

    assert "已到账" in page and "已到账" not in own
    assert "星河科技" not in page.split("<main", 1)[1] and "321" not in page
