"""今日 shows every role what waits for it, each row leading somewhere, at a constant cost."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from matchhub.accounts.enums import OrganizationStatus
from matchhub.accounts.models import Membership, Organization
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.outbox import MailState, Notice
from matchhub.core.web import App
from matchhub.profiles.models import EnterpriseProfile
from tests.cast import Cast
from tests.integration import pairs
from tests.integration.console.test_funnel import counted
from tests.integration.pairs import Scene

SignIn = Callable[[Membership], FlaskClient]


@pytest.fixture
def scene(people: Cast) -> Scene:
    return pairs.stage(people)


def rows(page: str) -> list[str]:
    return re.findall(r'class="today-row-what">([^<]+)<', page)


def test_a_visitor_sees_what_this_is(app: App) -> None:
    page = app.test_client().get("/")

    assert page.status_code == 200
    assert "机构注册" in page.text


@pytest.mark.parametrize("who", ["xinghe", "yuanshan", "binjiang", "echeng", "city", "administrator", "auditor"])
def test_every_role_has_a_home_even_with_nothing_to_do(people: Cast, sign_in: SignIn, who: str) -> None:
    assert sign_in(getattr(people, who)).get("/", follow_redirects=True).status_code == 200


def test_who_is_asked_finds_the_request_on_top(scene: Scene, people: Cast, sign_in: SignIn) -> None:
    pairs.asked(scene)
    page = sign_in(people.yuanshan).get("/")

    assert page.status_code == 200
    assert rows(page.text)[0] == "回应对接申请"
    assert rows(sign_in(people.xinghe).get("/").text)[:1] != ["回应对接申请"]


def test_what_was_agreed_and_met_leads_to_the_next_thing(scene: Scene, people: Cast, sign_in: SignIn) -> None:
    introduction_id = pairs.agreed(scene)
    pairs.met(introduction_id, scene)
    for membership in (people.xinghe, people.yuanshan):
        page = sign_in(membership).get("/")
        assert page.status_code == 200
        for address in re.findall(r'data-tone="secondary" href="([^"]+)"', page.text):
            assert sign_in(membership).get(address).status_code in (200, 302)


def test_an_organization_that_waits_is_told_until_when(people: Cast, sign_in: SignIn) -> None:
    with unit_of_work() as session:
        session.get_one(Organization, people.xinghe.organization_id).status = OrganizationStatus.PENDING
    page = sign_in(people.xinghe).get("/")

    assert "正在核验，最晚" in page.text


def test_an_administrator_sees_failed_mail(people: Cast, sign_in: SignIn) -> None:
    now = utcnow()
    with unit_of_work() as session:
        session.add(
            Notice(
                kind="x", recipient_key="a@b.example", address="a@b.example", due_at=now - timedelta(hours=1),
                created_at=now, mail_state=MailState.FAILED,
            )
        )  # fmt: skip
    page = sign_in(people.administrator).get("/", follow_redirects=True)

    assert page.status_code == 200


def test_the_home_costs_the_same_for_one_request_and_for_three(scene: Scene, people: Cast, sign_in: SignIn) -> None:
    def queries() -> int:
        client = sign_in(people.yuanshan)
        client.get("/")
        db.session.rollback()
        with counted() as seen:
            assert client.get("/").status_code == 200
        return len(seen)

    pairs.asked(scene)
    few = queries()
    with unit_of_work() as session:
        session.add(EnterpriseProfile(organization_id=people.qingtian.organization_id, contact_mobile="13700003333"))
    for number in range(2):
        with unit_of_work() as session:
            need = pairs.need_of(people.qingtian.organization_id, f"高端装备-{number}")
            session.add(need)
            session.flush()
            need_id = need.id
        other = replace(scene, need_id=need_id, firm=pairs.actor(people.qingtian))
        pairs.asked(other, by=other.firm)

    assert queries() == few


@pytest.mark.parametrize(
    ("who", "most"), [("binjiang", 13), ("echeng", 12), ("city", 14), ("xinghe", 17), ("yuanshan", 17)]
)
def test_a_home_asks_each_source_once(scene: Scene, people: Cast, sign_in: SignIn, who: str, most: int) -> None:
    client = sign_in(getattr(people, who))
    client.get("/")
    db.session.rollback()
    with counted() as seen:
        client.get("/")

    assert len(seen) <= most, "\n".join(seen)
