"""Lists of others leave only after a fresh proof; the file carries a mark, and the trail who took what, how much and why."""

import io
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchhub.accounts import services
from matchhub.accounts.models import Membership, User, UserSession
from matchhub.core.audit import AuditEvent
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.oidc import Provider
from matchhub.core.web import App
from tests.cast import Browser, Cast
from tests.integration.accounts.conftest import PASSWORD, with_password
from tests.integration.accounts.fake_provider import CLIENT, FakeProvider, SECRET
from tests.integration.accounts.test_sign_in import sid_of, with_second_factor

Enter = Callable[[Membership], FlaskClient]
PEOPLE = "/administration/people/export.xlsx"
DEALS = "/deals/export.xlsx"
LATER = timedelta(minutes=16)
WHY = "核对在岗人员"


@pytest.fixture
def administrator(people: Cast, sign_in: Enter) -> FlaskClient:
    return sign_in(with_password(people.administrator))


@pytest.fixture
def fund(people: Cast, sign_in: Enter) -> FlaskClient:
    return sign_in(with_password(people.yuanshan))


def takings() -> list[AuditEvent]:
    with Session(db.engine) as session:
        return list(session.scalars(select(AuditEvent).where(AuditEvent.action == "list:take")))


def is_asked(client: FlaskClient, path: str) -> bool:
    answer = client.get(path)
    return answer.status_code == 302 and answer.location.startswith("/session/confirmation?next=")


def confirm(client: FlaskClient, path: str, **typed: str) -> int:
    return client.post("/session/confirmations", data={"next": path, "back": "/deals", **typed}).status_code


def test_soon_after_signing_in_a_list_leaves_at_once_and_later_after_the_password(fund: FlaskClient) -> None:
    assert fund.get(DEALS).data[:2] == b"PK"
    with time_machine.travel(utcnow() + LATER, tick=False):
        assert is_asked(fund, DEALS)
        page = fund.get(fund.get(DEALS, headers={"Referer": "http://localhost/deals?sort=next"}).location).text
        assert 'name="current"' in page and 'name="reason"' not in page and 'href="/deals?sort=next"' in page
        assert confirm(fund, DEALS, current="wrong") == 422 and is_asked(fund, DEALS)
        answer = fund.post("/session/confirmations", data={"next": DEALS, "back": "/deals", "current": PASSWORD})
        started = fund.get(answer.location).text
        assert f'content="0;url={DEALS}"' in started and 'href="/deals"' in started
        assert fund.get(DEALS).data[:2] == b"PK"
        assert fund.get(f"{DEALS}?sort=-next").data[:2] == b"PK"
    with time_machine.travel(utcnow() + 2 * LATER, tick=False):
        assert is_asked(fund, DEALS)


def test_what_was_asked_for_is_not_lost_on_the_way(administrator: FlaskClient) -> None:
    where = f"{PEOPLE}?q=川&only=locked"
    page = administrator.get(administrator.get(where).location).text
    assert 'value="/administration/people/export.xlsx?q=川&amp;only=locked"' in page


def test_who_works_for_a_bureau_says_why_and_the_trail_keeps_it(administrator: FlaskClient, people: Cast) -> None:
    assert is_asked(administrator, PEOPLE) and takings() == []
    assert confirm(administrator, PEOPLE) == 422 and is_asked(administrator, PEOPLE)
    assert confirm(administrator, PEOPLE, reason=WHY) == 302
    content = administrator.get(PEOPLE).data
    row = takings()[0]

    with Session(db.engine) as session:
        everybody = session.scalar(select(func.count(User.id)))
    assert (row.actor_user_id, row.details["reason"], row.details["rows"]) == (
        people.administrator.user_id, WHY, everybody
    )  # fmt: skip
    assert row.details["list"] == "administration.export_people" and len(takings()) == 1
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert row.details["mark"] in book.read("docProps/core.xml").decode()
        assert row.details["mark"] in book.read("xl/worksheets/sheet1.xml").decode()


def test_the_same_list_within_an_hour_is_asked_for_again_another_is_not(administrator: FlaskClient) -> None:
    confirm(administrator, PEOPLE, reason=WHY)
    administrator.get(PEOPLE)
    assert is_asked(administrator, PEOPLE)
    assert administrator.get(f"{PEOPLE}?q=川").data[:2] == b"PK"
    page = administrator.get(administrator.get(PEOPLE).location).text
    assert "下载过同一份" in page and 'name="current"' in page and 'name="reason"' in page
    assert confirm(administrator, PEOPLE, reason=WHY, current="wrong") == 422
    assert confirm(administrator, PEOPLE, reason=WHY, current=PASSWORD) == 302
    assert administrator.get(PEOPLE).data[:2] == b"PK"
    assert len(takings()) == 3


def test_nobody_takes_more_than_thirty_lists_an_hour(fund: FlaskClient) -> None:
    answers = [fund.get(f"{DEALS}?sort={number}").status_code for number in range(31)]
    assert answers == [200] * 30 + [429]
    with time_machine.travel(utcnow() + timedelta(hours=1, seconds=1), tick=False):
        assert is_asked(fund, DEALS)  # the limit has passed, the proof too


def test_a_proof_gives_the_session_a_new_id(fund: FlaskClient) -> None:
    with time_machine.travel(utcnow() + LATER, tick=False):
        before = sid_of(fund)
        assert confirm(fund, DEALS, current=PASSWORD) == 302
        assert sid_of(fund) != before and fund.get("/account").status_code == 200


def test_guessing_is_limited(fund: FlaskClient) -> None:
    with time_machine.travel(utcnow() + LATER, tick=False):
        answers = [confirm(fund, DEALS, current=f"wrong {number}") for number in range(11)]
        assert answers == [422] * 10 + [429]
        assert confirm(fund, DEALS, current=PASSWORD) == 429 and is_asked(fund, DEALS)


def test_who_may_not_have_the_list_is_refused_and_not_asked(people: Cast, sign_in: Enter) -> None:
    with time_machine.travel(utcnow(), tick=False):
        client = sign_in(people.xinghe)
    with time_machine.travel(utcnow() + LATER, tick=False):
        assert client.get(PEOPLE).status_code == 403
        assert client.get("/needs/export.xlsx").data[:2] == b"PK"  # the own needs: nothing of others
    assert takings() == []


def test_nobody_is_led_out_of_the_house_by_a_confirmation(fund: FlaskClient) -> None:
    for evil in ("//evil.example", "https://evil.example/", "/\\evil.example"):
        assert fund.get("/session/confirmed", query_string={"next": evil}).location == "/"
        answer = fund.post("/session/confirmations", data={"next": evil, "back": evil})
        assert "evil" not in answer.location
        page = fund.get("/session/confirmed", query_string={"next": DEALS, "back": evil}).text
        assert 'href="/"' in page and "=//evil" not in page.replace("back%3D", "") and 'href="//evil' not in page


def test_only_what_is_a_list_is_begun_by_itself(fund: FlaskClient) -> None:
    assert fund.get("/session/confirmed", query_string={"next": "/account"}).location == "/account"
    assert fund.get("/session/confirmed", query_string={"next": "/nowhere"}).location == "/nowhere"


# --- without a password --------------------------------------------------------------------------------------------


@pytest.fixture
def provider(app: App) -> Iterator[FakeProvider]:
    fake = FakeProvider()
    app.extensions["matchhub_oidc"] = Provider(
        issuer=fake.issuer, client_id=CLIENT, client_secret=SECRET, scopes=("openid",)
    )
    yield fake
    del app.extensions["matchhub_oidc"]
    fake.close()


def linked(membership: Membership, provider: FakeProvider, subject: str = "person-1") -> None:
    with unit_of_work() as session:
        user = session.get_one(User, membership.user_id)
        actor = services.person_of(UserSession(user_id=user.id))
        services.link_identity(user, issuer=provider.issuer, subject=subject, actor=actor, now=utcnow())


def test_who_has_no_password_proves_by_a_code_once(app: App, people: Cast, sign_in: Enter) -> None:
    with_second_factor(app, people.yuanshan)
    fund = sign_in(people.yuanshan)
    with time_machine.travel(utcnow() + LATER, tick=False):
        assert is_asked(fund, DEALS)
        assert confirm(fund, DEALS, code="000000") == 422
        assert confirm(fund, DEALS, code="abcde-12345") == 302 and fund.get(DEALS).data[:2] == b"PK"
    with time_machine.travel(utcnow() + 3 * LATER, tick=False):
        assert confirm(fund, DEALS, code="abcde-12345") == 422, "a recovery code is good once"


def test_the_provider_proves_who_is_there_if_it_asked_anew(
    people: Cast, sign_in: Enter, provider: FakeProvider
) -> None:
    linked(people.yuanshan, provider)
    fund = sign_in(people.yuanshan)
    with time_machine.travel(utcnow() + LATER, tick=False):
        page = fund.get(fund.get(DEALS).location).text
        assert 'name="current"' not in page and "purpose=confirm" in page
        where = {"purpose": "confirm", "next": f"/session/confirmation?next={DEALS}"}
        left = fund.get("/session/provider", query_string=where).location
        assert "prompt=login" in left and "max_age=0" in left
        now = int(utcnow().timestamp())
        for told in ({}, {"auth_time": now - 3600}, {"auth_time": True}):
            left = fund.get("/session/provider", query_string=where).location
            assert fund.get(provider.approve(left, **told)).status_code == 400 and is_asked(fund, DEALS)
        left = fund.get("/session/provider", query_string=where).location
        assert fund.get(provider.approve(left, sub="somebody-else", auth_time=now)).status_code == 400
        assert is_asked(fund, DEALS)
        left = fund.get("/session/provider", query_string=where).location
        back = fund.get(provider.approve(left, auth_time=now))
        assert fund.get(back.location).location.startswith("/session/confirmed")
        assert fund.get(DEALS).data[:2] == b"PK"


def test_a_proof_of_one_is_none_of_another(people: Cast, sign_in: Enter, provider: FakeProvider) -> None:
    linked(people.yuanshan, provider)
    linked(people.beidou, provider, "person-2")
    fund = sign_in(people.yuanshan)
    with time_machine.travel(utcnow() + LATER, tick=False):
        left = fund.get("/session/provider?purpose=confirm").location
        answer = fund.get(provider.approve(left, sub="person-2", auth_time=int(utcnow().timestamp())))
        assert answer.status_code == 400 and is_asked(fund, DEALS)


def test_a_stranger_confirms_nothing(app: App) -> None:
    stranger = Browser(app, app.response_class, use_cookies=True)
    assert stranger.get("/session/confirmation").location.startswith("/session?next=")
    assert stranger.post("/session/confirmations", data={"next": DEALS}).status_code == 401
