"""Lists of large scopes: read in their order and counted up to a bound, they show the rows that small ones show; numbers that
the worker keeps are marked, and what a carrier is offered first stays right while pairs go."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from matchhub.accounts.models import Membership
from matchhub.console.auditing import queries as auditing
from matchhub.console.queries import firms, stewards
from matchhub.console.queries.firms import FirmFilter
from matchhub.core import paging
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.paging import Page, paged
from matchhub.core.web import App
from matchhub.introductions.models import Introduction
from matchhub.introductions.queries import Filters, managed
from matchhub.listings.enums import NeedState
from matchhub.listings.models import InvestmentMandate, Need
from matchhub.matches.models import Push
from matchhub.matches.queries import pushes
from matchhub.oversight import jobs
from matchhub.oversight.queries import funnel, kept, silence, targets, unanswered
from matchhub.oversight.queries.funnel import Cut, Stage
from matchhub.oversight.queries.unanswered import Narrowed
from matchhub.oversight.services import figures
from matchhub.pipelines.queries import confirmed_figures
from matchhub.profiles.queries import residencies
from tests.cast import Cast
from tests.integration.console.test_funnel import actor_as, run_to_outcome
from tests.integration.matches.test_pushes import another_pair
from tests.integration.oversight.conftest import incubated, quiet_since

SignIn = Callable[[Membership], FlaskClient]
LARGE_MODULES = (paging, funnel, firms)


@pytest.fixture
def city(app: App, people: Cast) -> Cast:
    """Four needs that went all the way and four that nobody answered, in two districts, three firms in one house."""
    binjiang = people.binjiang.organization_id
    for place, (firm, district) in enumerate(
        [(people.xinghe, "420704"), (people.qingtian, "EZ-GD"), (people.qingtian, "420704"), (people.xinghe, "EZ-GD")]
    ):
        run_to_outcome(people, firm, district=district, carrier_id=binjiang if place < 3 else None, industry="health")
    for firm in (people.xinghe, people.qingtian):
        incubated(firm, people.binjiang, since=date(2026, 1, 1))
    with unit_of_work() as session:
        for place, row in enumerate(session.scalars(select(Introduction).order_by(Introduction.id))):
            row.requested_at += timedelta(hours=7 * place % 5)
    for row_id in db.session.scalars(select(Introduction.id).order_by(Introduction.id)).all():
        quiet_since(row_id, 20 + row_id % 3)
    return people


@pytest.fixture
def bounded(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From now on a list of two rows is long."""

    def start() -> None:
        db.session.rollback()
        for module in LARGE_MODULES:
            monkeypatch.setattr(module, "COUNTED", 1)

    return start


def leafed(ask: Callable[[int], Page[Any]], read: Callable[[Any], Any]) -> list[Any]:
    """What all pages show, as far as the button goes on."""
    found, number = [], 1
    while True:
        page = ask(number)
        assert page.number == number
        found += [read(row) for row in page.items]
        if not page.has_next:
            return found
        number += 1
        assert number < 30


def lists(people: Cast) -> dict[str, tuple[Callable[[int], Page[Any]], Callable[[Any], Any]]]:
    """Lists of stewards, by pages of one row."""
    session, one = db.session(), {"per_page": 1}
    asked: dict[str, tuple[Callable[[int], Page[Any]], Callable[[Any], Any]]] = {}
    for name in ("city", "echeng", "binjiang"):
        actor = actor_as(getattr(people, name))
        asked[f"introductions {name}"] = (
            lambda number, actor=actor: managed(session, actor, Filters(), number=number, **one),
            lambda row: row.id,
        )
        asked[f"outcomes {name}"] = (
            lambda number, actor=actor: confirmed_figures(session, actor, Filters(), number=number, **one),
            lambda row: row.id,
        )
        asked[f"residencies {name}"] = (
            lambda number, actor=actor: residencies(actor, number=number, **one),
            lambda row: row.id,
        )
        asked[f"lonely {name}"] = (
            lambda number, actor=actor: unanswered.lonely_needs(
                session, actor, Narrowed(), days=14, now=utcnow(), number=number, **one
            ),
            lambda row: row.need_id,
        )
        for stage in (Stage.NEED, Stage.INTRODUCTION, Stage.MEETING, Stage.OUTCOME):
            asked[f"funnel {stage.value} {name}"] = (
                lambda number, actor=actor, stage=stage: funnel.stage_list(
                    session, actor, stage, Cut(), number=number, **one
                ),
                lambda row: row.subject_id,
            )
    carrier = actor_as(people.binjiang)
    asked["firms"] = (
        lambda number: firms.firms(session, carrier, FirmFilter(), now=utcnow(), number=number, **one),
        lambda row: row.organization.id,
    )
    asked["silent"] = (
        lambda number: silence.silent_pairs(session, carrier, now=utcnow(), number=number, **one),
        lambda row: (row.need.id, row.introduction_id),
    )
    return asked  # fmt: skip


def test_a_long_list_shows_the_rows_of_a_short_one_and_goes_on_to_its_end(
    city: Cast, bounded: Callable[[], None]
) -> None:
    short = {name: leafed(ask, read) for name, (ask, read) in lists(city).items()}
    bounded()
    long = {name: leafed(ask, read) for name, (ask, read) in lists(city).items()}

    assert long == short
    assert len(short["introductions city"]) == 4
    assert len(short["lonely city"]) == 4
    assert len(short["firms"]) == 2
    ask, _ = lists(city)["introductions city"]
    assert ask(1).is_capped
    assert ask(1).counted == "2+"
    assert not ask(4).is_capped


def test_the_pager_says_that_there_are_more(city: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(120):
        another_pair(city, number)
    monkeypatch.setattr(paging, "COUNTED", 60)
    page = sign_in(city.city).get("/needs").text

    assert "第 1 页 · 超过 100 条" in page
    assert "共 100+ 条" in page
    assert "第 3 页，共 3 页 · 128 条" in sign_in(city.city).get("/needs?page=3").text


def test_lists_of_a_large_scope_are_as_long_as_they_were_counted(
    city: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {name: ask(1).total for name, (ask, _) in lists(city).items()}
    monkeypatch.setattr(figures, "LARGE", 1)
    jobs.keep_figures(utcnow())
    db.session.rollback()

    assert {name: ask(1).total for name, (ask, _) in lists(city).items()} == before
    for name in ("introductions city", "outcomes city", "introductions binjiang", "outcomes binjiang"):
        assert lists(city)[name][0](1).as_of is not None
    assert leafed(*lists(city)["silent"])  # the longest silent are read until the page is full
    for membership, path in ((city.binjiang, "/silent-pairs"), (city.city, "/unanswered"), (city.binjiang, "/")):
        assert "截至 " in sign_in(membership).get(path).text
    assert "截至 " not in sign_in(city.city).get("/unanswered?days=30").text
    narrowed = managed(db.session(), actor_as(city.city), Filters(district="EZ-GD"), number=1)
    assert (narrowed.total, narrowed.as_of) == (2, None)


def test_a_home_tells_what_is_kept(city: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    actors = [actor_as(member) for member in (city.city, city.echeng, city.binjiang)]
    before = [stewards.steward_home(db.session(), actor, utcnow()).figures for actor in actors]
    incubated_before = [targets.incubated(db.session(), actor) for actor in actors[:2]]
    monkeypatch.setattr(figures, "LARGE", 1)
    jobs.keep_figures(utcnow())
    db.session.rollback()
    assert [stewards.steward_home(db.session(), actor, utcnow()).figures for actor in actors] == before
    assert [targets.incubated(db.session(), actor) for actor in actors[:2]] == incubated_before

    with unit_of_work() as session:
        session.scalars(select(Need).where(Need.carrier_id == city.binjiang.organization_id)).first().state = (  # type: ignore[union-attr]
            NeedState.PAUSED
        )
    assert [stewards.steward_home(db.session(), actor, utcnow()).figures for actor in actors] == before
    jobs.keep_figures(utcnow())
    db.session.rollback()
    assert [stewards.steward_home(db.session(), actor, utcnow()).figures for actor in actors] != before


def test_an_auditor_is_told_what_is_kept(city: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    before = auditing.trail_figures(db.session(), utcnow())
    assert "截至 " not in sign_in(city.auditor).get("/audit").text
    monkeypatch.setattr(figures, "LARGE", 1)
    jobs.keep_figures(utcnow())
    db.session.rollback()
    held = auditing.kept_trail(db.session())

    assert held is not None
    assert {name: held.trail[name] for name in before if name != "events"} == {
        name: count for name, count in before.items() if name != "events"
    }
    for path in ("/audit", "/audit/consents"):
        assert "截至 " in sign_in(city.auditor).get(path).text


@pytest.fixture
def carrier(people: Cast, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """Eight needs with one pair each, of which a screen shows three, and five stand in front."""
    for number in range(8):
        another_pair(people, number)
    monkeypatch.setattr(pushes, "A_SCREEN", 3)
    monkeypatch.setattr(pushes, "IN_FRONT", 5)
    pushes._best.cache_clear()
    monkeypatch.setattr(figures, "LARGE", 1)
    return people


@pytest.fixture(autouse=True)
def _anew() -> Any:
    yield
    pushes._best.cache_clear()


def shown(people: Cast) -> tuple[list[int], list[int]]:
    """The screen by what stood in front, and by all."""
    db.session.rollback()
    actor = actor_as(people.binjiang)
    front = kept.kept_front(db.session(), actor)
    assert front is not None
    by_front = [row.id for row in pushes.pushable(db.session(), actor, front)]
    return by_front, [row.id for row in pushes.pushable(db.session(), actor)]


def push_first(people: Cast) -> None:
    with unit_of_work() as session:
        row = pushes.pushable(session, actor_as(people.binjiang))[0]
        session.add(
            Push(
                kind=row.kind, need_id=row.need_id, offer_id=row.offer_id, carrier_id=people.binjiang.organization_id,
                by_user_id=people.binjiang.user_id, at=utcnow(),
            )
        )  # fmt: skip


def test_what_stood_in_front_is_the_screen_while_pairs_go_one_by_one(carrier: Cast) -> None:
    jobs.keep_figures(utcnow())
    for left in (3, 3, 3, 3, 3, 3, 2, 1, 0):
        by_front, by_all = shown(carrier)
        assert by_front == by_all
        assert len(by_all) == left
        if left:
            push_first(carrier)


def test_what_stands_in_front_is_asked_alone_while_it_fills_the_screen(
    carrier: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs.keep_figures(utcnow())
    asked: list[bool] = []
    best = pushes._best
    monkeypatch.setattr(pushes, "_best", lambda in_front=False: asked.append(in_front) or best(in_front=in_front))
    actor, front = actor_as(carrier.binjiang), kept.kept_front(db.session(), actor_as(carrier.binjiang))
    pushes.pushable(db.session(), actor, front)
    assert asked == [True]
    monkeypatch.setattr(pushes, "_best", best)
    for _ in range(3):
        push_first(carrier)
    monkeypatch.setattr(pushes, "_best", lambda in_front=False: asked.append(in_front) or best(in_front=in_front))
    pushes.pushable(db.session(), actor, front)
    assert asked == [True, True, False]  # two of the five are left: the others are asked too


def test_a_need_that_was_published_since_is_shown_at_once(carrier: Cast) -> None:
    jobs.keep_figures(utcnow() - timedelta(minutes=5))
    suggestion_id = another_pair(carrier, 9)
    with unit_of_work() as session:
        row = session.get_one(pushes.Suggestion, suggestion_id)
        row.score = 0.99
        session.get_one(Need, row.need_id).published_at = utcnow()
    by_front, by_all = shown(carrier)

    assert by_front == by_all
    assert by_front[0] == suggestion_id


def test_another_carrier_has_a_front_of_its_own(carrier: Cast) -> None:
    another_pair(carrier, 10, carrier=carrier.gedian)
    another_pair(carrier, 11, carrier=carrier.gedian)
    jobs.keep_figures(utcnow())
    db.session.rollback()
    foreign = kept.kept_front(db.session(), actor_as(carrier.gedian))

    assert foreign is not None
    assert len(foreign.need_ids) == 2
    assert pushes.pushable(db.session(), actor_as(carrier.binjiang), foreign) == []  # ids alone open nothing


def test_keys_are_sorted_first_and_the_rows_are_the_same(city: Cast, sign_in: SignIn) -> None:
    statement = select(InvestmentMandate).order_by(InvestmentMandate.title, InvestmentMandate.id.desc())
    plain = [paged(db.session(), statement, number, 1).items[0].id for number in (1, 2, 3)]
    by_keys = [paged(db.session(), statement, number, 1, by=InvestmentMandate.id).items[0].id for number in (1, 2, 3)]

    assert by_keys == plain
    assert len(set(plain)) == 3
