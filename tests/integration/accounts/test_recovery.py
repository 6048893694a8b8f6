"""Ways back in, and what a new password or address ends."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchhub.accounts import services
from matchhub.accounts.enums import MembershipState, Role
from matchhub.accounts.models import Membership, PasswordReset, User, UserSession
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.outbox import Notice
from matchhub.profiles.models import EnterpriseProfile
from tests.cast import Browser, Cast, stored
from tests.integration.accounts.conftest import PASSWORD
from tests.integration.accounts.test_sign_in import enter, with_second_factor

NEW = "Harbour-Bridge-88"


def mailed_token() -> str:
    with Session(db.engine) as session:
        path = session.scalar(
            select(Notice.path).where(Notice.kind == "reset_requested").order_by(Notice.id.desc()).limit(1)
        )
    assert path
    return str(path).rsplit("/", 1)[1]


def ask(client: Browser, address: str = "xinghe@xinghe.example"):
    return client.post("/password-resets", data={"address": address})


def complete(client: Browser, token: str, password: str = NEW):
    return client.post(f"/password-resets/{token}/completion", data={"password": password})


def count(model: type, *conditions: object) -> int:
    with Session(db.engine) as session:
        return session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


def test_asking_is_answered_alike_for_everybody(stranger: Browser, lin: Membership) -> None:
    answers = []
    for address in ("xinghe@xinghe.example", "nobody@nobody.example", "13800000000", "nonsense"):
        response = ask(stranger, address)
        answers.append(
            (
                response.status_code,
                response.headers["Location"],
                stranger.get("/password-resets").text.count("链接已经发出"),
            )
        )
    assert len(set(answers)) == 1
    assert count(PasswordReset) == 1


def test_a_reset_sets_the_password_once_and_ends_all_sessions(
    stranger: Browser, lin: Membership, another: Callable
) -> None:
    inside = another()
    enter(inside)
    ask(stranger)
    token = mailed_token()
    assert complete(stranger, token, "short").status_code == 422
    assert complete(stranger, token).headers["Location"] == "/session"
    assert complete(stranger, token, "Another-Pass-99").status_code == 422
    assert inside.get("/account").status_code == 302
    assert stranger.get("/account").status_code == 302
    assert enter(stranger, password=PASSWORD).status_code == 422
    assert enter(stranger, password=NEW).status_code == 302


def test_a_reset_is_dead_after_thirty_minutes(stranger: Browser, lin: Membership) -> None:
    ask(stranger)
    token = mailed_token()
    with unit_of_work() as session:
        reset = session.scalars(select(PasswordReset)).one()
        reset.expires_at -= timedelta(minutes=31)
    assert complete(stranger, token).status_code == 422
    assert "过期" in stranger.get(f"/password-resets/{token}").text


def test_a_reset_dies_with_a_change_of_address(stranger: Browser, lin: Membership, another: Callable) -> None:
    ask(stranger)
    token, inside = mailed_token(), another()
    enter(inside)
    wrong = inside.post("/account/address", data={"address": "lin@xinghe.example", "current": "wrong"})
    assert wrong.status_code == 422 and "密码不对" in wrong.text
    taken = inside.post("/account/address", data={"address": "yuanshan@yuanshan.example", "current": PASSWORD})
    assert taken.status_code == 422
    done = inside.post("/account/address", data={"address": "lin@xinghe.example", "current": PASSWORD})
    assert done.status_code == 302
    assert complete(stranger, token).status_code == 422


def test_a_reset_does_not_pass_by_the_second_factor(app, stranger: Browser, lin: Membership) -> None:
    with_second_factor(app, lin)
    ask(stranger)
    complete(stranger, mailed_token())
    assert "/session/second-factor" in enter(stranger, password=NEW).headers["Location"]
    assert stranger.get("/account").status_code == 302


def test_asking_is_limited_to_five_a_day(stranger: Browser, lin: Membership) -> None:
    answers = [ask(stranger).status_code for _ in range(6)]
    assert answers == [302] * 5 + [429]


def test_a_new_password_ends_the_other_sessions(stranger: Browser, lin: Membership, another: Callable) -> None:
    inside = another()
    enter(inside)
    enter(stranger)
    bad = stranger.post("/account/password", data={"current": "wrong", "password": NEW})
    assert bad.status_code == 422 and inside.get("/account").status_code == 200
    assert stranger.post("/account/password", data={"current": PASSWORD, "password": NEW}).status_code == 302
    assert inside.get("/account").status_code == 302
    assert stranger.get("/account").status_code == 200


def test_one_ends_own_sessions_only(
    stranger: Browser, lin: Membership, another: Callable, people: Cast, sign_in: Callable
) -> None:
    inside = another()
    enter(inside)
    enter(stranger)
    with Session(db.engine) as session:
        first = session.scalars(select(UserSession.id).order_by(UserSession.id)).first()
    assert sign_in(people.yuanshan).post(f"/sessions/{first}/closure").status_code == 404
    assert inside.get("/account").status_code == 200
    assert stranger.post(f"/sessions/{first}/closure").status_code == 302
    assert inside.get("/account").status_code == 302


@pytest.mark.parametrize(
    ("who", "target", "may"),
    [
        ("echeng", "xinghe", True), ("city", "qingtian", True), ("administrator", "city", True),
        ("gedian_officer", "xinghe", False), ("echeng", "city", False), ("city", "administrator", False),
        ("binjiang", "xinghe", False), ("city", "city", False), ("yuanshan", "xinghe", False), ("auditor", "xinghe", False),
    ],
)  # fmt: skip
def test_who_may_issue_a_code_for_whom(people: Cast, sign_in: Callable, who: str, target: str, may: bool) -> None:
    response = sign_in(getattr(people, who)).post("/reset-codes", data={"address": f"{target}@{target}.example"})
    assert response.status_code == 200 if may else response.status_code in (403, 422)
    assert count(PasswordReset) == int(may)


def test_a_code_is_not_issued_where_one_organization_lies_outside(people: Cast, sign_in: Callable) -> None:
    user_id, elsewhere = people.xinghe.user_id, people.beidou.organization_id
    with unit_of_work() as session:
        session.add(
            Membership(user_id=user_id, organization_id=elsewhere, role=Role.EDITOR, state=MembershipState.ACTIVE)
        )
    response = sign_in(people.echeng).post("/reset-codes", data={"address": "xinghe@xinghe.example"})
    assert response.status_code == 422 and count(PasswordReset) == 0


def test_an_issued_code_works_once_for_its_person_only(people: Cast, sign_in: Callable, stranger: Browser) -> None:
    page = sign_in(people.echeng).post("/reset-codes", data={"address": "xinghe@xinghe.example"}).text
    found = re.search(r"[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}", page)
    assert found
    data = {"address": "xinghe@xinghe.example", "code": found.group(0), "password": NEW}
    assert stranger.post("/reset-codes/uses", data={**data, "address": "yuanshan@yuanshan.example"}).status_code == 422
    assert stranger.post("/reset-codes/uses", data={**data, "password": "short"}).status_code == 422
    typed = {**data, "code": found.group(0).lower().replace("-", " ")}
    assert stranger.post("/reset-codes/uses", data=typed).status_code == 302
    assert stranger.post("/reset-codes/uses", data=data).status_code == 422
    assert services.matches(stored(User, people.xinghe.user_id, lambda u: u.password_hash), NEW)


def test_the_bell_shows_ones_own_notices_and_marks_them_read(people: Cast, sign_in: Callable) -> None:
    sign_in(people.echeng).post("/reset-codes", data={"address": "xinghe@xinghe.example"})
    client = sign_in(people.xinghe)
    assert "一次性重置码" in client.get("/notices").text
    with Session(db.engine) as session:
        identity = session.scalars(select(Notice.id)).one()
    assert sign_in(people.yuanshan).post(f"/notices/{identity}/reading").status_code == 404
    assert client.post(f"/notices/{identity}/reading").headers["Location"] == "/account"
    assert stored(Notice, identity, lambda n: n.read_at) is not None
    assert client.post("/notices/readings").status_code == 302


def test_presence_is_noted_every_five_minutes_at_most(people: Cast, sign_in: Callable) -> None:
    client = sign_in(people.xinghe)
    with unit_of_work() as session:
        row = session.scalars(select(UserSession)).one()
        row.last_seen_at, identity = utcnow() - timedelta(minutes=6), row.id
    client.get("/account")
    seen = stored(UserSession, identity, lambda s: s.last_seen_at)
    assert utcnow() - seen < timedelta(minutes=1)
    db.session.expire_all()
    client.get("/account")
    assert stored(UserSession, identity, lambda s: s.last_seen_at) == seen


def test_preferences_are_kept(people: Cast, sign_in: Callable) -> None:
    client = sign_in(people.xinghe)
    assert client.post("/account/preferences", data={"name": "", "locale": "en"}).status_code == 422
    assert client.post("/account/preferences", data={"name": "林舟", "locale": "en"}).status_code == 302
    assert stored(User, people.xinghe.user_id, lambda u: (u.name, u.locale)) == ("林舟", "en")


def test_an_operator_helps_the_people_of_its_own_firms(people: Cast, sign_in: Callable) -> None:
    organization_id, carrier_id = people.xinghe.organization_id, people.binjiang.organization_id
    with unit_of_work() as session:
        session.add(EnterpriseProfile(organization_id=organization_id, carrier_id=carrier_id))
    asked = {"address": "xinghe@xinghe.example"}
    assert sign_in(people.gedian).post("/reset-codes", data=asked).status_code == 422
    assert sign_in(people.binjiang).post("/reset-codes", data=asked).status_code == 200
