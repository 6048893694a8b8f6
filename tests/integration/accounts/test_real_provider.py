"""Signing in by a provider that others have written: the npm package oidc-provider, run by Node on loopback."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchhub.accounts import services
from matchhub.accounts.enums import Role
from matchhub.accounts.models import ExternalIdentity, Membership, Organization, User
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.oidc import Provider
from matchhub.core.web import App
from tests.cast import Browser, Cast
from tests.integration.accounts.test_registration import acting
from tests.integration.accounts.test_sign_in import count

HERE = Path(__file__).parent
INSTALLED = HERE.parents[2] / "build" / "oidc-provider"
NEEDED = "MATCHHUB_TEST_REQUIRE_PROVIDER"
CLIENT = {
    "client_id": "matchhub", "client_secret": "secret-of-the-client", "grant_types": ["authorization_code"],
    "redirect_uris": ["http://127.0.0.1:8000/session/provider/callback"],
}  # fmt: skip
PEOPLE = {
    "wangmin": {"name": "王敏", "email": "wangmin@kjj.example.gov.cn", "email_verified": True, "department": "科技局"},
    "lisi": {"name": "李四", "email": "lisi@kjj.example.gov.cn", "email_verified": False, "department": "科技局"},
    "zhao": {"name": "赵客", "email": "zhao@elsewhere.example", "email_verified": True, "department": "外单位"},
}


def reason_to_skip() -> str:
    node = shutil.which("node")
    if node is None:
        return "node is not installed: the sign-in is not tested against a real identity provider"
    if not (INSTALLED / "node_modules" / "oidc-provider").is_dir():
        return "run tests/ensure_provider.sh: the sign-in is not tested against a real identity provider"
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.strip().removeprefix("v").split(".")[0]) < 20:
        return f"node {version.strip()} is too old (20): the sign-in is not tested against a real identity provider"
    return ""


def jwks(alg: str) -> dict[str, Any]:
    key = ECKey.generate_key("P-256") if alg == "ES256" else RSAKey.generate_key(2048)
    return {"keys": [{**key.as_dict(private=True), "kid": "k1", "use": "sig", "alg": alg}]}


@pytest.fixture(params=["RS256", "PS256", "ES256"])
def issuer(request: pytest.FixtureRequest) -> Iterator[str]:
    """A running provider that signs by this algorithm; how its clients prove themselves differs too."""
    if reason := reason_to_skip():
        if os.environ.get(NEEDED):
            pytest.fail(reason)
        pytest.skip(reason)
    client = {**CLIENT, "id_token_signed_response_alg": request.param}
    given = {"module": str(INSTALLED), "jwks": jwks(request.param), "client": client, "people": PEOPLE}
    process = subprocess.Popen(
        ["node", str(HERE / "real_provider.mjs")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={"PATH": os.environ["PATH"], "PROVIDER": json.dumps(given)},
    )  # fmt: skip
    try:
        assert process.stdout is not None and process.stderr is not None
        ready = next((line for line in process.stdout if line.startswith("ready ")), "")
        assert ready, process.stderr.read()[-2000:]
        yield ready.split()[1]
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture
def site(app: App, issuer: str) -> Iterator[App]:
    app.extensions["matchhub_oidc"] = Provider(
        issuer=issuer, client_id=CLIENT["client_id"], client_secret=CLIENT["client_secret"],
        scopes=("openid", "profile", "email"),
    )  # fmt: skip
    yield app
    del app.extensions["matchhub_oidc"]


class Person:
    """Somebody at the provider's own pages: signs in there, agrees, and is sent back."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.http = requests.Session()
        self.http.trust_env = False

    def approve(self, address: str) -> str:
        """The path and query with which the provider sends the browser back to us."""
        page = self._followed(self.http.get(address, allow_redirects=False))
        for fields in ({"prompt": "login", "login": self.name, "password": "any"}, {"prompt": "consent"}):
            if isinstance(page, str):
                return page
            action = re.search(r'action="([^"]+)"', page.text)
            assert action is not None, page.text
            answer = self.http.post(urljoin(page.url, action[1]), data=fields, allow_redirects=False)
            page = self._followed(answer)
        assert isinstance(page, str), page.text
        return page

    def _followed(self, response: requests.Response) -> requests.Response | str:
        for _ in range(8):
            if response.status_code not in (302, 303):
                return response
            target = urljoin(response.url, response.headers["Location"])
            if urlsplit(target).path == "/session/provider/callback":
                return f"{urlsplit(target).path}?{urlsplit(target).query}"
            response = self.http.get(target, allow_redirects=False)
        raise AssertionError("the provider sends round in circles")


def come(browser: Browser, person: Person) -> Any:
    return browser.get(person.approve(browser.get("/session/provider").location))


@pytest.fixture
def department_rule(people: Cast) -> None:
    organization_id, actor = people.binjiang.organization_id, acting(people.administrator)
    with unit_of_work() as session:
        services.add_rule(
            session.get_one(Organization, organization_id), claim="department", value="科技局", role=Role.EDITOR,
            actor=actor, now=utcnow(),
        )  # fmt: skip


def test_a_rule_lets_a_person_in_and_nobody_else(
    site: App, people: Cast, department_rule: None, stranger: Browser, another: Callable[[], Browser]
) -> None:
    assert come(stranger, Person("wangmin")).status_code == 302
    assert stranger.get("/notices").location.startswith("/texts/acceptance")  # in: the terms come first

    unverified, unknown = come(another(), Person("lisi")), come(another(), Person("zhao"))

    assert (unverified.status_code, unknown.status_code) == (403, 403)
    assert "已验证" in unverified.text and "还没有你的账户" in unknown.text
    with Session(db.engine) as session:
        user = session.scalars(select(User).where(User.name == "王敏")).one()
        held = session.scalars(select(Membership).where(Membership.user_id == user.id)).one()
        assert (user.email, held.role) == ("wangmin@kjj.example.gov.cn", Role.EDITOR)
        assert held.organization_id == people.binjiang.organization_id
    assert count(ExternalIdentity) == 1


def test_the_same_person_comes_again_and_an_answer_is_good_once(
    site: App, people: Cast, department_rule: None, stranger: Browser, another: Callable[[], Browser]
) -> None:
    person = Person("wangmin")
    come(stranger, person)
    browser = another()
    address = person.approve(browser.get("/session/provider").location)
    cookie = browser.get_cookie("matchhub").value

    assert browser.get(address).status_code == 302
    browser.set_cookie("matchhub", cookie)
    assert browser.get(address).status_code == 400
    assert count(ExternalIdentity) == 1


def test_a_code_that_was_changed_on_the_way_lets_nobody_in(
    site: App, people: Cast, department_rule: None, stranger: Browser
) -> None:
    address = Person("wangmin").approve(stranger.get("/session/provider").location)

    assert stranger.get(re.sub(r"code=[^&]{4}", "code=AAAA", address)).status_code == 400
    assert count(ExternalIdentity) == 0


def test_the_provider_refuses_a_code_without_the_verifier_of_its_browser(
    site: App, people: Cast, department_rule: None, stranger: Browser, another: Callable[[], Browser]
) -> None:
    """A stolen code: the thief's browser knows another verifier, and puts its own state beside the code."""
    thief = another()
    stolen = Person("wangmin").approve(stranger.get("/session/provider").location)
    own = thief.get("/session/provider").location
    code, state = re.search(r"code=([^&]+)", stolen), re.search(r"state=([^&]+)", own)
    assert code is not None and state is not None
    issuer = re.search(r"iss=([^&]+)", stolen)

    response = thief.get(
        f"/session/provider/callback?code={code[1]}&state={state[1]}&iss={issuer[1] if issuer else ''}"
    )

    assert response.status_code == 400 and count(ExternalIdentity) == 0
