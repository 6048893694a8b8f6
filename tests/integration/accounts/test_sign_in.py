"""Signing in and out, limits, sessions and where one is led."""

import re
from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchhub.accounts import services
from matchhub.accounts.models import (
    Membership,
    RecoveryCode,
    SignInAttempt,
    TextAcceptance,
    UsedCode,
    User,
    UserSession,
)
from matchhub.accounts.queries import token_hash
from matchhub.accounts.services.second_factor import recovery_hash
from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.ledger import SecurityEvent
from matchhub.core.texts import LegalText, TextKind
from matchhub.core.web import App
from tests.cast import Browser, Cast, stored
from tests.integration.accounts.conftest import PASSWORD
from tests.integration.accounts.test_registration import acting

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def sid_of(client: FlaskClient) -> str | None:
    with client.session_transaction() as cookie:
        return cookie.get("_user_id")


def enter(client: FlaskClient, address: str = "xinghe@xinghe.example", password: str = PASSWORD, **more: str):
    return client.post("/session", data={"address": address, "password": password, **more})


def count(model: type, *conditions: object) -> int:
    with Session(db.engine) as session:
        return session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


def wide(code: str) -> str:
    return code.translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})


def with_second_factor(app: App, membership: Membership) -> None:
    vault = services.Vault((app.config["SECRET_KEY"],))
    user_id = membership.user_id
    with unit_of_work() as session:
        user = session.get_one(User, user_id)
        user.totp_secret, user.totp_enabled_at = vault.seal(SECRET), utcnow()
        session.add(RecoveryCode(user_id=user_id, code_hash=recovery_hash(user_id, "abcde-12345")))


@pytest.mark.parametrize("address", ["xinghe@xinghe.example", " XINGHE@xinghe.example ", "ｘinghe@xinghe.example"])
def test_a_person_signs_in_however_the_address_is_typed(stranger: Browser, lin: Membership, address: str) -> None:
    assert enter(stranger, address).status_code == 302
    assert stranger.get("/account").status_code == 200


def test_a_mobile_number_signs_in_too(stranger: Browser, lin: Membership) -> None:
    with unit_of_work() as session:
        session.get_one(User, lin.user_id).mobile = "13812345678"
    assert enter(stranger, "+86 138-1234-5678").status_code == 302


def test_the_session_gets_a_new_id_and_the_old_one_is_dead(stranger: Browser, lin: Membership) -> None:
    enter(stranger)
    before = sid_of(stranger)
    stranger.post(f"/memberships/{lin.id}/selection")
    after = sid_of(stranger)
    enter(stranger)
    assert len({before, after, sid_of(stranger)}) == 3
    assert count(UserSession, UserSession.ended_at.is_(None)) == 1


def test_wrong_unknown_and_disabled_are_answered_alike(stranger: Browser, lin: Membership, people: Cast) -> None:
    disabled = people.yuanshan.user_id
    with unit_of_work() as session:
        user = session.get_one(User, disabled)
        user.password_hash, user.disabled_at = session.get_one(User, lin.user_id).password_hash, utcnow()
    answers = []
    for address, password in (
        ("xinghe@xinghe.example", "wrong-Password-1"),
        ("nobody@nobody.example", "wrong-Password-1"),
        ("yuanshan@yuanshan.example", PASSWORD),
    ):
        response = enter(stranger, address, password)
        body = response.text.replace(address, "…")
        answers.append((response.status_code, "手机、邮箱或密码不对" in body, len(body)))
    assert len(set(answers)) == 1 and answers[0][:2] == (422, True)


def test_guessing_is_limited_and_no_forwarded_address_helps(stranger: Browser, lin: Membership) -> None:
    for number in range(10):
        headers = {"X-Forwarded-For": f"10.0.0.{number}"}
        stranger.post("/session", data={"address": "xinghe@xinghe.example", "password": "x"}, headers=headers)
    response = enter(stranger)
    assert response.status_code == 429 and "试的次数太多了" in response.text
    assert count(SecurityEvent, SecurityEvent.kind == "sign_in_limited") == 1


def test_ten_right_passwords_limit_nobody(stranger: Browser, lin: Membership) -> None:
    for _ in range(12):
        assert enter(stranger).status_code == 302


def test_a_limited_account_opens_again_after_five_minutes(stranger: Browser, lin: Membership) -> None:
    for _ in range(10):
        enter(stranger, password="x")
    with unit_of_work() as session:
        for attempt in session.scalars(select(SignInAttempt)):
            attempt.at -= timedelta(minutes=6)
    assert enter(stranger).status_code == 302


def test_a_stranger_elsewhere_cannot_keep_the_owner_out(stranger: Browser, lin: Membership, another: Callable) -> None:
    enter(stranger)
    thief = another()
    for _ in range(11):
        thief.post("/session", data={"address": "xinghe@xinghe.example", "password": "x"},
                   environ_overrides={"REMOTE_ADDR": "203.0.113.9"})  # fmt: skip
    assert enter(another()).status_code == 302


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "/\\evil.example", "https:evil.example", "javascript:alert(1)", "/a\r\nb", "\t//evil", "@evil"],
)
def test_sign_in_leads_nowhere_outside(stranger: Browser, lin: Membership, target: str) -> None:
    assert enter(stranger, next=target).headers["Location"] == "/"


def test_sign_in_leads_back_to_the_page_that_was_asked_for(stranger: Browser, lin: Membership) -> None:
    asked = stranger.get("/account?x=1")
    assert asked.status_code == 302 and "next=/account" in asked.headers["Location"]
    assert enter(stranger, next="/account?x=1").headers["Location"] == "/account?x=1"


def test_a_form_without_its_token_is_refused(stranger: Browser, lin: Membership) -> None:
    data = {"address": "xinghe@xinghe.example", "password": PASSWORD}
    assert stranger.post("/session", data=data, with_token=False).status_code == 400
    assert stranger.post("/session/closure", with_token=False).status_code == 400


def test_signing_out_ends_the_session(stranger: Browser, lin: Membership) -> None:
    enter(stranger)
    sid = sid_of(stranger) or ""
    assert stranger.post("/session/closure").status_code == 302
    assert count(UserSession, UserSession.sid_hash == token_hash(sid), UserSession.ended_at.is_not(None)) == 1


def test_with_a_second_factor_the_password_alone_opens_nothing(app: App, stranger: Browser, lin: Membership) -> None:
    with_second_factor(app, lin)
    response = enter(stranger)
    assert "/session/second-factor" in response.headers["Location"]
    assert stranger.get("/account").status_code == 302
    assert stranger.post("/account/preferences", data={"name": "x", "locale": "zh"}).status_code in (302, 401)
    assert stored(User, lin.user_id, lambda u: u.name) != "x"


@pytest.mark.parametrize("shape", ["plain", "spaced", "full-width"])
def test_a_code_opens_the_session_under_a_new_id(app: App, stranger: Browser, lin: Membership, shape: str) -> None:
    with_second_factor(app, lin)
    enter(stranger)
    before, code = sid_of(stranger), pyotp.TOTP(SECRET).now()
    typed = wide(code) if shape == "full-width" else f"{code[:3]} {code[3:]}"
    assert stranger.post("/session/second-factor", data={"code": typed}).status_code == 302
    assert stranger.get("/account").status_code == 200
    assert sid_of(stranger) != before


def test_a_code_is_good_once_however_it_is_written(
    app: App, stranger: Browser, lin: Membership, another: Callable
) -> None:
    with_second_factor(app, lin)
    code = pyotp.TOTP(SECRET).now()
    enter(stranger)
    assert stranger.post("/session/second-factor", data={"code": code}).status_code == 302
    second = another()
    enter(second)
    for typed in (code, f"{code[:3]} {code[3:]}", wide(code)):
        assert second.post("/session/second-factor", data={"code": typed}).status_code == 422
    assert count(UsedCode) == 1 and count(SecurityEvent, SecurityEvent.kind == "code_reused") == 3


def test_a_recovery_code_is_good_once(app: App, stranger: Browser, lin: Membership, another: Callable) -> None:
    with_second_factor(app, lin)
    enter(stranger)
    assert stranger.post("/session/second-factor", data={"code": "ABCDE 12345"}).status_code == 302
    second = another()
    enter(second)
    assert second.post("/session/second-factor", data={"code": "abcde-12345"}).status_code == 422


def test_codes_are_limited_to_five_tries(app: App, stranger: Browser, lin: Membership) -> None:
    with_second_factor(app, lin)
    enter(stranger)
    answers = [stranger.post("/session/second-factor", data={"code": "000000"}).status_code for _ in range(6)]
    assert answers[-1] == 429 and set(answers[:-1]) == {422}


def test_an_officer_without_a_second_factor_sets_it_up_first(app: App, stranger: Browser, people: Cast) -> None:
    from tests.integration.accounts.conftest import with_password  # noqa: PLC0415

    city = with_password(people.city)
    with unit_of_work() as session:
        user = session.get_one(User, city.user_id)
        user.totp_secret = user.totp_enabled_at = None
    enter(stranger, "city@city.example")
    assert stranger.get("/account").headers["Location"].startswith("/account/second-factor")
    page = stranger.get("/account/second-factor")
    assert page.status_code == 200 and "data:image/svg+xml" in page.text
    with stranger.session_transaction() as cookie:
        secret = cookie["pending_second_factor"]
    wrong = stranger.post("/account/second-factor", data={"code": "000000"})
    assert wrong.status_code == 422
    done = stranger.post("/account/second-factor", data={"code": pyotp.TOTP(secret).now()})
    assert done.status_code == 200 and "恢复码" in done.text
    assert stranger.get("/account").status_code == 200
    assert stored(User, city.user_id, lambda u: u.totp_secret) not in (None, secret)
    assert count(RecoveryCode, RecoveryCode.user_id == city.user_id) == 8


def test_an_officer_cannot_switch_it_off(app: App, stranger: Browser, people: Cast, sign_in: Callable) -> None:
    from tests.integration.accounts.conftest import with_password  # noqa: PLC0415

    city = with_password(people.city)
    client = sign_in(city)
    response = client.post("/account/second-factor/closure", data={"current": PASSWORD})
    assert response.status_code == 409
    assert stored(User, city.user_id, lambda u: u.totp_enabled_at) is not None


def test_new_terms_are_accepted_before_going_on(stranger: Browser, lin: Membership) -> None:
    with unit_of_work() as session:
        session.add(LegalText(kind=TextKind.TERMS, version="2027-01", body="新条款", effective_at=utcnow()))
    enter(stranger)
    assert stranger.get("/account").headers["Location"].startswith("/texts/acceptance")
    assert "新条款" in stranger.get("/texts/acceptance").text
    assert stranger.post("/texts/acceptances", data={"accept": "y", "texts": "1-2"}).status_code == 422
    page = stranger.get("/texts/acceptance").text
    ids = page.split('name="texts"')[1].split('value="')[1].split('"')[0]
    assert (
        stranger.post("/texts/acceptances?next=/account", data={"accept": "y", "texts": ids}).headers["Location"]
        == "/account"
    )
    assert stranger.get("/account").status_code == 200


def test_what_one_person_accepts_another_still_has_to(app: App, people: Cast, sign_in) -> None:
    with unit_of_work() as session:
        text = LegalText(kind=TextKind.TERMS, version="2027-02", body="新条款", effective_at=utcnow())
        session.add(text)
        session.flush()
        session.add(TextAcceptance(user_id=people.xinghe.user_id, text_id=text.id, at=utcnow()))
    accepted, not_yet = sign_in(people.xinghe), sign_in(people.yuanshan)

    assert accepted.get("/notices").status_code == 200  # the control
    assert not_yet.get("/notices").headers["Location"].startswith("/texts/acceptance")


@pytest.mark.parametrize(
    "path", ["/terms", "/privacy", "/session", "/registration", "/password-resets", "/reset-codes"]
)
def test_public_pages_are_open(stranger: Browser, app: App, path: str) -> None:
    assert stranger.get(path).status_code == 200


def test_the_development_sign_in_does_not_exist_elsewhere(stranger: Browser, app: App) -> None:
    assert stranger.get("/development/session").status_code == 404
    assert not [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/development")]


def test_new_recovery_codes_replace_the_old_ones(
    app: App, stranger: Browser, lin: Membership, sign_in: Callable, another: Callable
) -> None:
    with_second_factor(app, lin)
    own = sign_in(lin)
    assert own.post("/account/recovery-codes", data={"current": "wrong"}).status_code == 422
    assert count(RecoveryCode) == 1
    page = own.post("/account/recovery-codes", data={"current": PASSWORD})
    codes = re.findall(r"shown-once\">([a-z0-9]{5}-[a-z0-9]{5})<", page.text)
    assert page.status_code == 200 and len(codes) == 8 == count(RecoveryCode)
    enter(stranger)
    assert stranger.post("/session/second-factor", data={"code": "abcde-12345"}).status_code == 422
    assert stranger.post("/session/second-factor", data={"code": codes[0]}).status_code == 302


def test_recovery_codes_need_a_second_factor_and_are_ones_own(
    app: App, lin: Membership, people: Cast, sign_in: Callable
) -> None:
    assert sign_in(lin).post("/account/recovery-codes", data={"current": PASSWORD}).status_code == 409
    with pytest.raises(errors.Forbidden), unit_of_work() as session:
        services.renew_recovery_codes(
            session.get_one(User, people.yuanshan.user_id), codes=["x"], actor=acting(lin), now=utcnow()
        )


def test_a_limit_that_is_reached_says_so(stranger: Browser, lin: Membership) -> None:
    for _ in range(10):
        enter(stranger, password="Wrong-Stone-2026")
    response = enter(stranger, password="Wrong-Stone-2026")
    assert response.status_code == 429 and "请过 5 分钟再试" in response.text
