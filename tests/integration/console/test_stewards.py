"""今日 of those who look after others: at most seven, the nearest deadline first, each leading to its page."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from matchhub.accounts.models import Membership
from matchhub.console.queries import firms, stewards
from matchhub.core.clock import city_date, CITY_ZONE, utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.listings.models import Need
from matchhub.profiles.enums import ProfileState, ResidencyStatus
from matchhub.profiles.models import EnterpriseProfile
from tests.cast import Cast
from tests.integration import pairs
from tests.integration.console.test_funnel import actor_as, counted
from tests.integration.oversight.conftest import incubated, quiet_since
from tests.integration.pairs import Scene

SignIn = Callable[[Membership], FlaskClient]


@pytest.fixture
def scene(people: Cast) -> Scene:
    return pairs.stage(people)


def submitted(session_add: Callable[[object], None], firm: Membership, carrier: Membership) -> None:
    session_add(
        EnterpriseProfile(
            organization_id=firm.organization_id, state=ProfileState.SUBMITTED, submitted_at=utcnow(),
            carrier_id=carrier.organization_id,
        )
    )  # fmt: skip


def words(membership: Membership) -> list[str]:
    return [row.what for row in stewards.steward_home(db.session(), actor_as(membership), utcnow()).rows]


def test_an_operator_sees_what_is_nearest_first(scene: Scene, people: Cast, sign_in: SignIn) -> None:
    today = city_date(utcnow())
    incubated(people.xinghe, people.binjiang, since=firms.months_ago(today, 47))
    incubated(people.beidou, people.binjiang, since=firms.months_ago(today, 60))
    incubated(people.yuanshan, people.binjiang, since=today, status=ResidencyStatus.APPLIED)
    with unit_of_work() as session:
        submitted(session.add, people.qingtian, people.binjiang)
    quiet_since(pairs.agreed(scene), 20)
    found = words(people.binjiang)

    assert found[0] == "在孵超过 48 个月"
    assert set(found[1:3]) == {"审核资料", "处理入驻申请"}
    assert found[3] == "在孵接近 48 个月，准备毕业"
    assert set(found[4:]) == {"有对接没有动静，提醒一下", "这周还没有推送过配对"}


def test_the_city_sees_targets_that_are_missed_and_a_district_does_not(people: Cast) -> None:
    assert words(people.city).count("目标没有达到") == 5
    assert words(people.echeng) == []


def test_officers_see_needs_that_nobody_asked_about(scene: Scene, people: Cast) -> None:
    with unit_of_work() as session:
        session.get_one(Need, scene.need_id).published_at = utcnow() - timedelta(days=20)

    assert "有需求两周没有人问" in words(people.echeng)
    assert "有需求两周没有人问" not in words(people.gedian_officer)


def test_never_more_than_seven(people: Cast) -> None:
    with unit_of_work() as session:
        for number in range(9):
            need = pairs.need_of(
                people.qingtian.organization_id, f"n{number}", binjiang=people.binjiang.organization_id
            )
            need.state, need.submitted_at = need.state.SUBMITTED, utcnow()
            session.add(need)

    assert len(words(people.binjiang)) == 7


def test_an_answer_is_promised_for_the_third_working_day() -> None:
    friday = datetime(2026, 11, 20, 9, tzinfo=CITY_ZONE)

    assert stewards.answer_due(friday).astimezone(CITY_ZONE).date() == date(2026, 11, 25)


@pytest.mark.parametrize("who", ["binjiang", "echeng", "city"])
def test_every_row_and_figure_leads_to_a_page(scene: Scene, people: Cast, sign_in: SignIn, who: str) -> None:
    incubated(people.xinghe, people.binjiang, since=date(2020, 1, 1))
    with unit_of_work() as session:
        submitted(session.add, people.qingtian, people.binjiang)
        session.get_one(Need, scene.need_id).published_at = utcnow() - timedelta(days=20)
    client = sign_in(getattr(people, who))
    page = client.get("/").text
    addresses = re.findall(r'data-tone="secondary" href="([^"]+)"', page)
    addresses += re.findall(r'class="stat-value"><a href="([^"]+)"', page)

    assert len(addresses) >= 4
    for address in addresses:
        assert client.get(address.replace("&amp;", "&")).status_code in (200, 302), address


def test_figures_and_their_lists_agree(scene: Scene, people: Cast) -> None:
    incubated(people.xinghe, people.binjiang, since=date(2024, 1, 1))
    actor = actor_as(people.binjiang)
    values = {figure.endpoint: figure.value for figure in stewards.steward_home(db.session(), actor, utcnow()).figures}

    assert values == {"console.firms": 1, "listings.needs": 1, "oversight.silent_pairs": 0, "matches.sent_pushes": 0}


@pytest.mark.parametrize("who", ["binjiang", "city"])
def test_the_home_costs_the_same_for_one_submission_and_for_three(
    scene: Scene, people: Cast, sign_in: SignIn, who: str
) -> None:
    def cost() -> int:
        client = sign_in(getattr(people, who))
        client.get("/")
        db.session.rollback()
        with counted() as seen:
            assert client.get("/").status_code == 200
        return len(seen)

    def submit(name: str) -> None:
        with unit_of_work() as session:
            need = pairs.need_of(people.qingtian.organization_id, name, binjiang=people.binjiang.organization_id)
            need.state, need.submitted_at = need.state.SUBMITTED, utcnow()
            session.add(need)

    submit("n1")
    few = cost()
    submit("n2")
    submit("n3")
    assert cost() == few
