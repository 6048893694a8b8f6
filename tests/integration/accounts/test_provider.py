"""Signing in by an identity provider: who is let in, who is not, and what no lie of a provider or a browser achieves."""

import dataclasses
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchhub.accounts import services
from matchhub.accounts.enums import MembershipState, Role
from matchhub.accounts.models import (
    ExternalIdentity,
    Membership,
    Organization,
    SignInAttempt,
    SignInRule,
    User,
    UserSession,
)
from matchhub.accounts.services import sign_in_rules
from matchhub.core import errors
from matchhub.core.audit import AuditEvent
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.ledger import SecurityEvent
from matchhub.core.oidc import Provider
from matchhub.core.outbox import Notice
from matchhub.core.policy import Actor
from matchhub.core.web import App
from tests.cast import Browser, Cast, stored
from tests.integration.accounts import fake_provider
from tests.integration.accounts.conftest import PASSWORD, with_password
from tests.integration.accounts.fake_provider import CLIENT, FakeProvider, SECRET
from tests.integration.accounts.test_registration import acting
from tests.integration.accounts.test_sign_in import count, with_second_factor

DOMAIN = "kjj.example.gov.cn"
WANG = {"name": "王敏", "email": f"wangmin@{DOMAIN}", "email_verified": True}
Enter = Callable[[Membership], FlaskClient]


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    fake = FakeProvider()
    yield fake
    fake.close()


@pytest.fixture
def site(app: App, provider: FakeProvider) -> Iterator[App]:
    """The application, with the provider that its settings would name."""
    before = app.extensions["matchhub"]
    app.extensions["matchhub_oidc"] = Provider(
        issuer=provider.issuer, client_id=CLIENT, client_secret=SECRET, scopes=("openid", "profile", "email")
    )
    yield app
    del app.extensions["matchhub_oidc"]
    app.extensions["matchhub"] = before


def settle(app: App, **changes: Any) -> None:
    app.extensions["matchhub"] = dataclasses.replace(app.extensions["matchhub"], **changes)


def rule(people: Cast, member: str = "city", role: Role = Role.CITY_OFFICER, **more: Any) -> int:
    claim, value = more.pop("claim", services.EMAIL_DOMAIN), more.pop("value", DOMAIN)
    organization_id = getattr(people, member).organization_id
    actor = acting(people.administrator)
    with unit_of_work() as session:
        organization = session.get_one(Organization, organization_id)
        made = services.add_rule(organization, claim=claim, value=value, role=role, actor=actor, now=utcnow(), **more)
        session.flush()
        return made.id


def leave(browser: FlaskClient, **query: str) -> str:
    response = browser.get("/session/provider", query_string=query)
    assert response.status_code == 302
    return str(response.location)


def come_back(browser: FlaskClient, provider: FakeProvider, *, query: dict[str, str] | None = None, **claims: Any):
    return browser.get(provider.approve(leave(browser, **(query or {})), **claims))


def only(model: type, *conditions: Any) -> Any:
    with Session(db.engine) as session:
        return session.scalars(select(model).where(*conditions)).one()


def traces(action: str) -> int:
    return count(AuditEvent, AuditEvent.action == action)


# --- the button and the way there ---------------------------------------------------------------------------------


def test_without_a_provider_there_is_no_button_and_no_page(stranger: Browser, people: Cast) -> None:
    assert "单位账号" not in stranger.get("/session").text
    assert stranger.get("/session/provider").status_code == 404
    assert stranger.get("/session/provider/callback?code=a&state=b").status_code == 404


def test_the_button_carries_on_to_where_one_wanted_to_go(site: App, stranger: Browser) -> None:
    assert 'href="/session/provider?next=/notices"' in stranger.get("/session?next=/notices").text


def test_one_leaves_with_pkce_a_nonce_and_the_address_of_the_settings(site: App, stranger: Browser) -> None:
    location = stranger.get("/session/provider", headers={"Host": "evil.example"}).location
    asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}

    assert asked["redirect_uri"] == "http://127.0.0.1:8000/session/provider/callback"
    assert asked["code_challenge_method"] == "S256" and len(asked["code_challenge"]) == 43
    assert len(asked["nonce"]) >= 24 and len(asked["state"]) >= 24 and asked["state"] != asked["nonce"]
    assert asked["scope"] == "openid profile email" and asked["response_type"] == "code"
    assert SECRET not in location


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/notices", "/notices"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\\evil.example", "/"),
        ("", "/"),
    ],
)
def test_nobody_is_led_out_of_the_house(
    site: App, stranger: Browser, provider: FakeProvider, people: Cast, wanted: str, reached: str
) -> None:
    rule(people, "binjiang", Role.EDITOR)

    assert come_back(stranger, provider, query={"next": wanted}, **WANG).location == reached


# --- a rule lets in ----------------------------------------------------------------------------------------------


def test_a_rule_makes_an_account_a_membership_and_a_session(
    site: App, stranger: Browser, provider: FakeProvider, people: Cast
) -> None:
    made = rule(people, "binjiang", Role.EDITOR)

    assert come_back(stranger, provider, **WANG).status_code == 302

    user = only(User, User.email == WANG["email"])
    membership = only(Membership, Membership.user_id == user.id)
    session = only(UserSession, UserSession.user_id == user.id)
    assert (user.name, user.password_hash) == ("王敏", None)
    assert (membership.organization_id, membership.role) == (people.binjiang.organization_id, Role.EDITOR)
    assert (membership.sign_in_rule_id, session.membership_id) == (made, membership.id)
    assert session.external_identity_id == only(ExternalIdentity).id
    assert only(SignInAttempt, SignInAttempt.kind == "provider").succeeded
    assert {a: traces(a) for a in ("user:make-by-rule", "identity:link", "membership:give-by-rule", "session:open")} == {
        "user:make-by-rule": 1, "identity:link": 1, "membership:give-by-rule": 1, "session:open": 1
    }  # fmt: skip
    assert stranger.get("/account").status_code == 302  # the terms come first, as for everybody
    assert stranger.get("/account").location.startswith("/texts/acceptance")


def test_the_second_time_it_is_the_same_person(
    site: App, stranger: Browser, another: Callable[[], Browser], provider: FakeProvider, people: Cast
) -> None:
    rule(people, "binjiang", Role.EDITOR)
    come_back(stranger, provider, **WANG)

    assert come_back(another(), provider, **{**WANG, "email": f"other@{DOMAIN}", "name": "别名"}).status_code == 302
    assert count(User, User.name.in_(("王敏", "别名"))) == 1 and count(ExternalIdentity) == 1


@pytest.mark.parametrize(
    ("told", "fits"),
    [
        ({"department": "鄂城区科技局"}, True), ({"department": ["办公室", "鄂城区科技局"]}, True),
        ({"department": " 鄂城区科技局 "}, True), ({"department": "鄂城区科技局二科"}, False), ({"department": None}, False),
        ({"department": {"鄂城区科技局": 1}}, False), ({"group": "鄂城区科技局"}, False),
    ],
)  # fmt: skip
def test_a_claim_fits_as_a_whole_or_as_one_of_a_list(
    site: App, stranger: Browser, provider: FakeProvider, people: Cast, told: dict[str, Any], fits: bool
) -> None:
    rule(people, "echeng", Role.DISTRICT_OFFICER, claim="department", value="鄂城区科技局", region_code="420704")

    assert come_back(stranger, provider, **WANG, **told).status_code == (302 if fits else 403)
    assert count(Membership, Membership.sign_in_rule_id.is_not(None), Membership.region_code == "420704") == int(fits)


def test_what_only_userinfo_tells_counts_too(
    site: App, stranger: Browser, provider: FakeProvider, people: Cast
) -> None:
    rule(people, "binjiang", Role.EDITOR)
    provider.userinfo = {"sub": "person-1", **WANG}

    assert come_back(stranger, provider).status_code == 302


def test_a_verified_mobile_number_is_an_address(
    site: App, stranger: Browser, provider: FakeProvider, people: Cast
) -> None:
    rule(people, "binjiang", Role.EDITOR, claim="department", value="园区办")
    told = {"phone_number": "+86 138 1234 5678", "phone_number_verified": True, "department": "园区办", "name": "李想"}

    assert come_back(stranger, provider, **told).status_code == 302
    assert only(User, User.mobile == "13812345678").name == "李想"


# --- and nobody else ---------------------------------------------------------------------------------------------


def test_an_unknown_person_is_told_what_to_do_and_nothing_is_made(
    site: App, stranger: Browser, provider: FakeProvider, people: Cast
) -> None:
    before = count(User)

    response = come_back(stranger, provider, **WANG)

    assert response.status_code == 403
    assert "还没有你的账户" in response.text and "/registration" in response.text and "用密码登录" in response.text
    assert (count(User), count(ExternalIdentity), count(UserSession)) == (before, 0, 0)
    assert count(SecurityEvent, SecurityEvent.kind == "provider_unknown") == 1


@pytest.mark.parametrize("domain", ["evil-{}", "{}.evil.example", "x.{}", "evil{}"])
def test_a_domain_that_only_begins_or_ends_alike_is_another(
    site: App, stranger: Browser, provider: FakeProvider, people: Cast, domain: str
) -> None:
    rule(people, "binjiang", Role.EDITOR)

    assert come_back(stranger, provider, **{**WANG, "email": f"wang@{domain.format(DOMAIN)}"}).status_code == 403
    assert come_back(stranger, provider, **WANG).status_code == 302  # the control: the domain itself


@pytest.mark.parametrize("verified", [False, None, "no", 1])
def test_an_unverified_address_is_no_domain_and_no_address(
    site: App, stranger: Browser, provider: FakeProvider, people: Cast, verified: Any
) -> None:
    rule(people, "binjiang", Role.EDITOR)
    rule(people, "gedian", Role.EDITOR, claim="department", value="园区办")
    told = {**WANG, "email_verified": verified}

    assert come_back(stranger, provider, **told).status_code == 403
    assert come_back(stranger, provider, **told, email_domain=DOMAIN).status_code == 403
    response = come_back(stranger, provider, **told, department="园区办")

    assert response.status_code == 403 and "已验证" in response.text
    assert count(ExternalIdentity) == 0


@pytest.mark.parametrize("verified", [True, False])
def test_an_account_is_never_taken_over_by_its_address(
    site: App, stranger: Browser, provider: FakeProvider, people: Cast, verified: bool
) -> None:
    rule(people, "binjiang", Role.EDITOR, claim="department", value="园区办")
    told = {"email": "xinghe@xinghe.example", "email_verified": verified, "department": "园区办"}

    response = come_back(stranger, provider, **told)

    assert response.status_code == 403 and ("在这里已有账户" in response.text) is verified
    assert (count(ExternalIdentity), count(UserSession)) == (0, 0)


def test_a_disabled_person_stays_out(site: App, stranger: Browser, provider: FakeProvider, people: Cast) -> None:
    linked(people.xinghe, provider)
    with unit_of_work() as session:
        session.get_one(User, people.xinghe.user_id).disabled_at = utcnow()

    assert come_back(stranger, provider).status_code == 403
    assert count(UserSession) == 0


# --- lies --------------------------------------------------------------------------------------------------------

HOUR = 3600


def now_seconds() -> int:
    return int(utcnow().timestamp())


LIES: dict[str, Callable[[], dict[str, Any]]] = {
    "another nonce": lambda: {"nonce": "of-somebody-else"},
    "no nonce": lambda: {"nonce": None},
    "expired": lambda: {"exp": now_seconds() - 120, "iat": now_seconds() - HOUR},
    "no expiry": lambda: {"exp": None},
    "from the future": lambda: {"iat": now_seconds() + HOUR},
    "not yet valid": lambda: {"nbf": now_seconds() + HOUR},
    "another issuer": lambda: {"iss": "https://login.evil.example"},
    "an issuer that begins alike": lambda: {"iss": "http://127.0.0.1"},
    "another audience": lambda: {"aud": "another-client"},
    "ours among others, for another": lambda: {"aud": [CLIENT, "another"], "azp": "another"},
    "ours among others, for nobody": lambda: {"aud": [CLIENT, "another"]},
    "an access token of somebody else": lambda: {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    "no subject": lambda: {"sub": ""},
    "a subject that is a number": lambda: {"sub": 7},
    "a subject too long": lambda: {"sub": "x" * 256},
}
SIGNERS = (
    fake_provider.by_nobody, fake_provider.by_a_stranger, fake_provider.by_the_public_key_as_a_secret,
    fake_provider.by_the_client_secret, fake_provider.with_words_changed_after_signing, lambda *_: "no.token",
)  # fmt: skip


def nobody_came_in(response: Any) -> bool:
    refused = count(SecurityEvent, SecurityEvent.kind == "provider_refused") == 1
    return response.status_code == 400 and refused and count(UserSession) == count(ExternalIdentity) == 0


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_is_not_for_us_now_lets_nobody_in(
    site: App, stranger: Browser, provider: FakeProvider, people: Cast, lie: str
) -> None:
    rule(people, "binjiang", Role.EDITOR)

    assert nobody_came_in(come_back(stranger, provider, **{**WANG, **LIES[lie]()}))
    assert come_back(stranger, provider, **WANG).status_code == 302  # the control: the same without the lie


@pytest.mark.parametrize("signer", SIGNERS)
def test_a_token_that_the_provider_did_not_sign_lets_nobody_in(
    site: App, stranger: Browser, provider: FakeProvider, people: Cast, signer: fake_provider.Signer
) -> None:
    rule(people, "binjiang", Role.EDITOR)
    provider.sign = signer

    assert nobody_came_in(come_back(stranger, provider, **WANG))
    provider.sign = fake_provider.honestly
    assert come_back(stranger, provider, **WANG).status_code == 302


def test_userinfo_about_somebody_else_lets_nobody_in(
    site: App, stranger: Browser, provider: FakeProvider, people: Cast
) -> None:
    rule(people, "binjiang", Role.EDITOR)
    provider.userinfo = {"sub": "person-2", **WANG}

    assert nobody_came_in(come_back(stranger, provider))


def test_userinfo_cannot_speak_over_the_signed_token(
    site: App, stranger: Browser, provider: FakeProvider, people: Cast
) -> None:
    rule(people, "binjiang", Role.EDITOR, claim="department", value="园区办")
    provider.userinfo = {"sub": "person-1", "department": "园区办", "iss": "https://evil.example"}

    assert come_back(stranger, provider, **WANG, department="食堂").status_code == 403


@pytest.mark.parametrize(
    "query", ["code=x&state=forged", "code=x", "state=forged", "", "error=access_denied&state=forged"]
)
def test_a_forged_return_lets_nobody_in(
    site: App, stranger: Browser, provider: FakeProvider, people: Cast, query: str
) -> None:
    rule(people, "binjiang", Role.EDITOR)
    leave(stranger)

    assert nobody_came_in(stranger.get(f"/session/provider/callback?{query}"))


def test_the_answer_of_somebody_elses_browser_lets_nobody_in(
    site: App, stranger: Browser, another: Callable[[], Browser], provider: FakeProvider, people: Cast
) -> None:
    rule(people, "binjiang", Role.EDITOR)
    address = provider.approve(leave(another()), **WANG)

    assert nobody_came_in(stranger.get(address))
    leave(stranger)
    assert stranger.get(address).status_code == 400


def test_an_answer_is_good_once_even_with_the_cookie_of_before(
    site: App, stranger: Browser, another: Callable[[], Browser], provider: FakeProvider, people: Cast
) -> None:
    rule(people, "binjiang", Role.EDITOR)
    address = provider.approve(leave(stranger), **WANG)
    thief = another()
    thief.set_cookie("matchhub", stranger.get_cookie("matchhub").value)
    assert stranger.get(address).status_code == 302
    provider._codes[parse_qs(urlsplit(address).query)["code"][0]] = {  # a provider that takes a code twice
        "asked": {"code_challenge": "", "redirect_uri": ""}, "claims": {},
    }  # fmt: skip

    assert thief.get(address).status_code == 400
    assert only(SecurityEvent, SecurityEvent.kind == "provider_refused").details == {"reason": "replayed"}
    assert count(UserSession) == 1


def test_who_stays_away_too_long_begins_anew(
    site: App, stranger: Browser, provider: FakeProvider, people: Cast
) -> None:
    rule(people, "binjiang", Role.EDITOR)
    address = provider.approve(leave(stranger), **WANG, exp=now_seconds() + HOUR)

    with time_machine.travel(utcnow() + timedelta(minutes=11), tick=False):
        response = stranger.get(address)

    assert nobody_came_in(response) and "离开得太久" in response.text


def test_the_answer_of_another_provider_is_not_mixed_up_with_ours(
    site: App, stranger: Browser, provider: FakeProvider, people: Cast
) -> None:
    rule(people, "binjiang", Role.EDITOR)
    address = provider.approve(leave(stranger), **WANG)

    assert nobody_came_in(stranger.get(f"{address}&iss=https://evil.example"))
    address = provider.approve(leave(stranger), **WANG)
    assert stranger.get(f"{address}&iss={provider.issuer}").status_code == 302


def test_a_provider_that_promises_to_name_itself_must(
    site: App, stranger: Browser, provider: FakeProvider, people: Cast
) -> None:
    rule(people, "binjiang", Role.EDITOR)
    provider.metadata = {"authorization_response_iss_parameter_supported": True}

    assert nobody_came_in(come_back(stranger, provider, **WANG))


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"}, {"token_endpoint": "http://evil.example/token"}, {"token_endpoint": None},
        {"jwks_uri": "http://evil.example/keys"},
    ],
)  # fmt: skip
def test_metadata_that_cannot_be_trusted_let_nobody_in(
    site: App, stranger: Browser, provider: FakeProvider, people: Cast, metadata: dict[str, Any]
) -> None:
    provider.metadata = metadata
    response = stranger.get("/session/provider")
    if response.status_code == 302:
        response = stranger.get(provider.approve(response.location, **WANG))

    assert response.status_code == 503 and count(UserSession) == 0


def test_a_provider_that_is_down_is_said_politely(site: App, stranger: Browser, provider: FakeProvider) -> None:
    provider.close()

    response = stranger.get("/session/provider")

    assert response.status_code == 503 and "用密码登录" in response.text


def test_a_new_key_of_the_provider_is_looked_up(
    site: App, stranger: Browser, another: Callable[[], Browser], provider: FakeProvider, people: Cast,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    rule(people, "binjiang", Role.EDITOR)
    come_back(stranger, provider, **WANG)
    provider.key = fake_provider.new_key()

    assert come_back(another(), provider, **WANG).status_code == 400  # asked a moment ago: not again
    monkeypatch.setattr("matchhub.core.oidc.REFETCH_SECONDS", 0)
    assert come_back(another(), provider, **WANG).status_code == 302
    assert provider.asked.count("/keys") >= 2 and provider.asked.count("/.well-known/openid-configuration") == 1


def test_who_fails_again_and_again_waits(site: App, stranger: Browser, people: Cast) -> None:
    for _ in range(30):
        assert stranger.get("/session/provider/callback?state=x&code=y").status_code == 400

    assert stranger.get("/session/provider/callback?state=x&code=y").status_code == 429


# --- the second factor -------------------------------------------------------------------------------------------


def linked(membership: Membership, provider: FakeProvider, subject: str = "person-1") -> int:
    user_id, issuer, now = membership.user_id, provider.issuer, utcnow()
    with unit_of_work() as session:
        row = ExternalIdentity(issuer=issuer, subject=subject, user_id=user_id, created_at=now, last_used_at=now)
        session.add(row)
        session.flush()
        return row.id


@pytest.mark.parametrize("told", [{}, {"amr": ["mfa"]}, {"acr": "high"}])
def test_an_officer_is_asked_for_the_own_second_factor(
    site: App, stranger: Browser, provider: FakeProvider, people: Cast, told: dict[str, Any]
) -> None:
    with_second_factor(site, people.city)
    linked(people.city, provider)

    response = come_back(stranger, provider, **told)

    assert response.location.startswith("/session/second-factor")
    assert stranger.get("/account").location.startswith("/session/second-factor")


@pytest.mark.parametrize(
    ("told", "counts"),
    [
        ({"amr": ["pwd", "otp"]}, True), ({"acr": "urn:level:2"}, True), ({"amr": ["pwd"]}, False), ({}, False),
        ({"amr": [{"otp": 1}, "pwd"]}, False), ({"acr": ["urn:level:2"]}, False),
    ],
)  # fmt: skip
def test_the_providers_second_factor_counts_where_the_settings_say_so(
    site: App, stranger: Browser, provider: FakeProvider, people: Cast, told: dict[str, Any], counts: bool
) -> None:
    settle(site, oidc_second_factor=("otp", "urn:level:2"))
    with_second_factor(site, people.city)
    linked(people.city, provider)

    assert (come_back(stranger, provider, **told).location == "/") is counts
    assert (stranger.get("/account").status_code == 200) is counts


def test_an_officer_made_by_a_rule_sets_up_a_second_factor_first(
    site: App, stranger: Browser, provider: FakeProvider, people: Cast
) -> None:
    rule(people)
    come_back(stranger, provider, **WANG)

    assert stranger.get("/reviews").location == "/account/second-factor"


# --- what a rule gives, and takes --------------------------------------------------------------------------------


def membership_of(name: str) -> Membership:
    return only(Membership, Membership.user_id == only(User, User.name == name).id)


def test_what_a_rule_gave_is_closed_to_a_password(
    site: App, stranger: Browser, another: Callable[[], Browser], provider: FakeProvider, people: Cast
) -> None:
    rule(people, "binjiang", Role.EDITOR)
    come_back(stranger, provider, **WANG)
    given = with_password(membership_of("王敏"))
    browser = another()
    assert browser.post("/session", data={"address": WANG["email"], "password": PASSWORD}).status_code == 302

    assert only(UserSession, UserSession.external_identity_id.is_(None)).membership_id is None
    services_row = only(UserSession, UserSession.external_identity_id.is_(None)).id
    accept_texts(given.user_id)
    assert browser.post(f"/memberships/{given.id}/selection").status_code == 409
    with unit_of_work() as session:  # even a session that somehow points there acts for nobody
        session.get_one(UserSession, services_row).membership_id = given.id
    assert browser.get("/colleagues").status_code == 403
    assert stranger.get("/colleagues").status_code == 200  # the control


def accept_texts(user_id: int) -> None:
    from matchhub.accounts.models import TextAcceptance  # noqa: PLC0415
    from matchhub.core.texts import current_text, TextKind  # noqa: PLC0415

    with unit_of_work() as session:
        for kind in (TextKind.TERMS, TextKind.PRIVACY):
            text = current_text(session, kind, utcnow())
            session.add(TextAcceptance(user_id=user_id, text_id=text.id, at=utcnow()))


def test_ending_a_rule_ends_what_it_gave_at_the_next_click(
    site: App, stranger: Browser, provider: FakeProvider, people: Cast, sign_in: Enter
) -> None:
    made = rule(people, "binjiang", Role.EDITOR)
    come_back(stranger, provider, **WANG)
    accept_texts(membership_of("王敏").user_id)
    assert stranger.get("/colleagues").status_code == 200

    assert sign_in(people.administrator).post(f"/administration/sign-in-rules/{made}/closure").status_code == 302

    assert stranger.get("/colleagues").status_code == 403
    assert stored(Membership, membership_of("王敏").id, lambda m: m.state) is MembershipState.ENDED


def test_who_moves_to_another_department_loses_the_one_and_gets_the_other(
    site: App, stranger: Browser, provider: FakeProvider, people: Cast
) -> None:
    rule(people, "binjiang", Role.EDITOR, claim="department", value="甲")
    rule(people, "gedian", Role.VIEWER, claim="department", value="乙")
    come_back(stranger, provider, **WANG, department="甲")
    stranger.post("/session/closure")

    come_back(stranger, provider, **WANG, department="乙")

    with Session(db.engine) as session:
        held = session.scalars(select(Membership).where(Membership.user_id == only(User, User.name == "王敏").id)).all()
        assert [(m.organization_id, m.role, m.state) for m in held] == [
            (people.binjiang.organization_id, Role.EDITOR, MembershipState.ENDED),
            (people.gedian.organization_id, Role.VIEWER, MembershipState.ACTIVE),
        ]
    assert traces("membership:end-by-rule") == 1


def test_who_comes_back_to_the_department_is_in_again(
    site: App, stranger: Browser, provider: FakeProvider, people: Cast
) -> None:
    rule(people, "binjiang", Role.EDITOR, claim="department", value="甲")
    for department in ("甲", "丙", "甲"):
        assert come_back(stranger, provider, **WANG, department=department).status_code == 302
        stranger.post("/session/closure")

    held = only(Membership, Membership.sign_in_rule_id.is_not(None))
    assert held.state is MembershipState.ACTIVE


def test_what_was_taken_away_by_hand_no_rule_gives_again(
    site: App, stranger: Browser, provider: FakeProvider, people: Cast, sign_in: Enter
) -> None:
    rule(people, "binjiang", Role.EDITOR)
    come_back(stranger, provider, **WANG)
    given = membership_of("王敏")
    assert sign_in(people.binjiang).post(f"/colleagues/{given.id}/removal").status_code == 302

    assert come_back(stranger, provider, **WANG).status_code == 302

    assert membership_of("王敏").state is MembershipState.ENDED


def test_a_membership_given_by_hand_is_left_alone(
    site: App, stranger: Browser, provider: FakeProvider, people: Cast
) -> None:
    linked(people.binjiang, provider)
    rule(people, "binjiang", Role.VIEWER)

    come_back(stranger, provider, **WANG)
    stranger.post("/session/closure")
    come_back(stranger, provider, sub="person-1")

    assert stored(Membership, people.binjiang.id, lambda m: (m.role, m.state)) == (Role.OWNER, MembershipState.ACTIVE)


def test_two_organizations_become_one_and_keep_one_rule(people: Cast) -> None:
    first, second = rule(people, "binjiang", Role.EDITOR), rule(people, "gedian", Role.EDITOR)
    third = rule(people, "gedian", Role.VIEWER, claim="department", value="园区办")
    keep_id, drop_id = people.binjiang.organization_id, people.gedian.organization_id
    with unit_of_work() as session:
        keep, drop = (session.get_one(Organization, i) for i in (keep_id, drop_id))
        services.merge_organizations(keep, drop, actor=acting(people.administrator), now=utcnow())

    def read(r: SignInRule) -> tuple[int, bool]:
        return r.organization_id, r.ended_at is None

    assert stored(SignInRule, first, read) == (keep_id, True)
    assert stored(SignInRule, second, read) == (drop_id, False)
    assert stored(SignInRule, third, read) == (keep_id, True)


def test_a_closed_organization_has_no_rules(people: Cast) -> None:
    made, organization_id = rule(people, "binjiang", Role.EDITOR), people.binjiang.organization_id
    with unit_of_work() as session:
        found = session.get_one(Organization, organization_id)
        services.close_organization(found, actor=acting(people.administrator), now=utcnow())

    assert stored(SignInRule, made, lambda r: r.ended_at is not None)


# --- linking ------------------------------------------------------------------------------------------------------


@pytest.fixture
def prepared(site: App, lin: Membership, sign_in: Enter, provider: FakeProvider) -> FlaskClient:
    """星河科技's owner, back from the provider, with the question whether to link."""
    browser = sign_in(lin)
    assert come_back(browser, provider, query={"purpose": "link"}, **WANG).location == "/account/identities/new"
    assert "王敏" in browser.get("/account/identities/new").text
    return browser


def test_linking_takes_the_password_and_lets_in_from_then_on(
    prepared: FlaskClient, another: Callable[[], Browser], provider: FakeProvider, people: Cast
) -> None:
    assert count(ExternalIdentity) == 0  # coming back alone links nothing
    assert prepared.post("/account/identities", data={"current": PASSWORD}).status_code == 302

    assert only(Notice, Notice.kind == "identity_linked").recipient_user_id == people.xinghe.user_id
    assert "已绑定" in prepared.get("/account").text
    browser = another()
    assert come_back(browser, provider, **WANG).location == "/"
    assert browser.get("/account").status_code == 200
    assert only(UserSession, UserSession.external_identity_id.is_not(None)).user_id == people.xinghe.user_id


@pytest.mark.parametrize("password", ["", "wrong"])
def test_without_the_password_nothing_is_linked(prepared: FlaskClient, password: str) -> None:
    assert prepared.post("/account/identities", data={"current": password}).status_code == 422
    assert count(ExternalIdentity) == 0


def test_nothing_is_linked_without_having_been_at_the_provider(
    site: App, lin: Membership, sign_in: Enter, prepared: FlaskClient
) -> None:
    assert sign_in(lin).post("/account/identities", data={"current": PASSWORD}).status_code == 302
    assert count(ExternalIdentity) == 0


def test_a_return_that_was_begun_as_somebody_else_links_nothing(
    site: App, lin: Membership, people: Cast, sign_in: Enter, provider: FakeProvider
) -> None:
    browser = sign_in(people.yuanshan)
    address = provider.approve(leave(browser, purpose="link"), **WANG)
    with sign_in(lin).session_transaction() as own, browser.session_transaction() as cookie:
        cookie["_user_id"] = own["_user_id"]

    assert browser.get(address).status_code == 400


def test_a_stranger_cannot_begin_to_link(site: App, stranger: Browser, provider: FakeProvider, people: Cast) -> None:
    assert come_back(stranger, provider, query={"purpose": "link"}, **WANG).status_code == 403
    assert stranger.post("/account/identities", data={"current": PASSWORD}).status_code == 401


def test_an_identity_belongs_to_one_person(prepared: FlaskClient, people: Cast, provider: FakeProvider) -> None:
    linked(people.yuanshan, provider)

    assert prepared.post("/account/identities", data={"current": PASSWORD}).status_code == 409
    assert only(ExternalIdentity).user_id == people.yuanshan.user_id


def test_unlinking_ends_what_it_opened(
    prepared: FlaskClient, another: Callable[[], Browser], provider: FakeProvider, people: Cast, sign_in: Enter
) -> None:
    prepared.post("/account/identities", data={"current": PASSWORD})
    browser, identity_id = another(), only(ExternalIdentity).id
    come_back(browser, provider, **WANG)
    assert sign_in(people.yuanshan).post(f"/account/identities/{identity_id}/closure").status_code == 404

    assert prepared.post(f"/account/identities/{identity_id}/closure").status_code == 302

    assert browser.get("/account").status_code == 302
    assert come_back(another(), provider, **WANG).status_code == 403
    assert traces("identity:unlink") == 1


def test_who_has_no_other_way_in_keeps_the_identity(people: Cast, sign_in: Enter, provider: FakeProvider) -> None:
    identity_id = linked(people.xinghe, provider)

    assert sign_in(people.xinghe).post(f"/account/identities/{identity_id}/closure").status_code == 409
    assert stored(ExternalIdentity, identity_id, lambda i: i.ended_at) is None


# --- the administrator's page ------------------------------------------------------------------------------------

GOOD = {
    "claim": "email_domain", "value": f"@{DOMAIN.upper()}", "organization": "市科技局", "role": "city_officer",
    "region_code": "",
}  # fmt: skip


def test_the_administrator_adds_a_rule(people: Cast, sign_in: Enter) -> None:
    browser = sign_in(people.administrator)

    assert browser.post("/administration/sign-in-rules", data=GOOD).status_code == 302

    made = only(SignInRule)
    assert (made.value, made.organization_id, made.role) == (DOMAIN, people.city.organization_id, Role.CITY_OFFICER)
    assert DOMAIN in browser.get("/administration/sign-in-rules").text
    assert traces("sign-in-rule:add") == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"organization": "没有这家"}, "没有这家机构"), ({"value": ""}, "填写字段的值"), ({"value": "QQ.com"}, "公共邮箱"),
        ({"value": "kjj"}, "@ 之后的部分"), ({"claim": "部门"}, "提供方给出的字段名"), ({"role": "editor"}, "没有这个角色"),
        ({"role": "district_officer"}, "要选所在区"), ({"role": "administrator"}, ""), ({"role": "owner"}, ""),
    ],
)  # fmt: skip
def test_a_wrong_rule_is_not_added_and_nothing_typed_is_lost(
    people: Cast, sign_in: Enter, wrong: dict[str, str], words: str
) -> None:
    response = sign_in(people.administrator).post("/administration/sign-in-rules", data=GOOD | wrong)

    assert response.status_code == 422 and words in response.text
    assert (wrong.get("organization") or "市科技局") in response.text
    assert count(SignInRule) == 0


@pytest.mark.parametrize("role", sorted(sign_in_rules.BY_NAME_ONLY))
def test_no_rule_makes_an_owner_or_an_administrator(people: Cast, role: Role) -> None:
    with pytest.raises(errors.Invalid):
        rule(people, "binjiang" if role is Role.OWNER else "administrator", role)


def test_the_same_rule_stands_once(people: Cast, sign_in: Enter) -> None:
    rule(people)

    assert sign_in(people.administrator).post("/administration/sign-in-rules", data=GOOD).status_code == 422
    assert count(SignInRule) == 1


def test_an_ended_rule_is_not_ended_again(people: Cast, sign_in: Enter) -> None:
    browser, made = sign_in(people.administrator), rule(people)

    assert [browser.post(f"/administration/sign-in-rules/{made}/closure").status_code for _ in range(2)] == [302, 409]
    assert browser.post("/administration/sign-in-rules/999/closure").status_code == 404
    assert browser.post("/administration/sign-in-rules", data=GOOD).status_code == 302  # and may be made anew


@pytest.mark.parametrize("who", ["city", "auditor", "binjiang", "xinghe"])
def test_nobody_else_makes_rules(people: Cast, sign_in: Enter, who: str) -> None:
    browser, made = sign_in(getattr(people, who)), rule(people)

    assert browser.get("/administration/sign-in-rules").status_code == 403
    assert browser.post("/administration/sign-in-rules", data=GOOD).status_code == 403
    assert browser.post(f"/administration/sign-in-rules/{made}/closure").status_code == 404
    with pytest.raises(errors.Forbidden), unit_of_work() as session:
        services.end_rule(session.get_one(SignInRule, made), actor=Actor(user_id=1, role="owner"), now=utcnow())
