"""What every answer and every form holds to, whoever asks: headers, tokens, methods, forged addresses, hostile words."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import cast, literal, select, String, update
from werkzeug.test import TestResponse

from matchhub.accounts.models import Membership, Organization, PasswordReset, User
from matchhub.app import create_app
from matchhub.core.db import Base, db, unit_of_work
from matchhub.core.delivery import smtp
from matchhub.core.outbox import Notice
from matchhub.core.uploads import StoredFile
from matchhub.core.web import App
from matchhub.events.models import AgendaItem, Event, Pitch, Venue
from matchhub.introductions.models import Introduction, Message
from matchhub.listings.models import Need, Offer
from matchhub.pipelines.models import Deal, DealNote, OwnStage, SavedView
from matchhub.profiles.models import Complaint, PastRound, Profile
from tests.cast import Cast
from tests.integration import test_access_matrix
from tests.integration.test_access_matrix import address, nobody, rows_of_everything, rules, World

world = test_access_matrix.world
Enter = Callable[[Membership], FlaskClient]
WHO = ("xinghe", "yuanshan", "bank", "mentor", "binjiang", "city", "administrator", "auditor")
EVIL = {"Origin": "https://evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"}
BY_ADDRESS = {"accounts.take_leave"}  # RFC 8058: the mail program posts without a page, the address is the secret


def every_address(app: App, world: World, method: str) -> Iterator[tuple[str, str]]:
    """(endpoint, address) of every rule of this method that is not public."""
    for with_object in (True, False):
        for rule in rules(app, with_object=with_object, method=method):
            yield rule.endpoint, address(app, rule, world.arguments(rule)) + world.queries.get(rule.endpoint, "")


def everybody(people: Cast, sign_in: Enter) -> dict[str, FlaskClient]:
    return {name: sign_in(getattr(people, name)) for name in WHO}


def test_every_answer_carries_its_headers_and_no_foreign_page_may_read_it(
    app: App, people: Cast, world: World, sign_in: Enter
) -> None:
    wrong, seen = [], 0
    clients = [sign_in(people.xinghe), sign_in(people.city), nobody(app)]
    for endpoint, path in every_address(app, world, "GET"):
        for client in clients:
            response = client.get(path, headers=EVIL)
            seen += 1
            wrong += [f"{endpoint}: {fault}" for fault in faults(response)]

    assert wrong == [] and seen > 500


def faults(response: TestResponse) -> Iterator[str]:
    """What the headers of an answer lack."""
    held = response.headers
    policy = held.get("Content-Security-Policy", "")
    if "default-src" not in policy or "unsafe" in policy or "evil" in policy:
        yield f"policy {policy}"
    if held.get("X-Frame-Options") != "DENY" or held.get("X-Content-Type-Options") != "nosniff":
        yield "may be framed or sniffed"
    if "no-store" not in held.get("Cache-Control", "") or "Cookie" not in held.get("Vary", ""):
        yield f"may be kept: {held.get('Cache-Control')}"
    if any(name.lower().startswith("access-control") for name, _ in held.items()):
        yield "may be read by a foreign page"
    if "evil" in held.get("Location", ""):
        yield f"leads to {held['Location']}"


@pytest.mark.parametrize("token", ["", "of another browser", "IjEi.aaaa.bbbb"])
def test_no_form_is_taken_without_the_token_of_its_own_browser(
    app: App, people: Cast, world: World, sign_in: Enter, token: str
) -> None:
    client, other = sign_in(people.xinghe), sign_in(people.yuanshan)
    sent = other._token() if token.startswith("of") else token
    before, wrong = rows_of_everything(), []
    for endpoint, path in every_address(app, world, "POST"):
        for body in ({"data": {"csrf_token": sent}}, {"data": "{}", "content_type": "text/plain"}):
            status = client.open(path, method="POST", with_token=False, **body).status_code
            if status != 400 and endpoint not in BY_ADDRESS:
                wrong.append(f"{endpoint}: {status}")

    assert wrong == [] and rows_of_everything() == before


def test_other_methods_and_a_method_in_a_header_change_nothing(
    app: App, people: Cast, world: World, sign_in: Enter
) -> None:
    client, before, wrong = sign_in(people.xinghe), rows_of_everything(), []
    for endpoint, path in every_address(app, world, "GET"):
        statuses = {method: client.open(path, method=method).status_code for method in ("PUT", "PATCH", "DELETE")}
        client.get(path, headers={"X-HTTP-Method-Override": "DELETE", "X-Method-Override": "POST"})
        wrong += [
            f"{method} {endpoint}: {status}" for method, status in statuses.items() if status not in (400, 404, 405)
        ]

    assert wrong == [] and rows_of_everything() == before


def test_a_forged_host_is_refused_and_no_letter_names_it(app: App, people: Cast, tmp_path: Path) -> None:
    settings = replace(
        app.extensions["matchhub"], data_dir=tmp_path, trusted_hosts=("matchhub.example",), proxy_count=0
    )
    strict = create_app(settings).test_client()
    headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-For": "10.1.1.1", "X-Forwarded-Proto": "https"}

    assert strict.get("/session", headers={"Host": "evil.example"}).status_code == 400
    assert strict.get("/session", headers={"Host": "matchhub.example"} | headers).status_code == 200
    address_of = db.session.scalars(select(User.email).where(User.id == people.xinghe.user_id)).one()
    asked = nobody(app).post("/password-resets", data={"address": address_of}, headers=headers)
    assert asked.status_code in (200, 302)
    assert db.session.scalars(select(PasswordReset)).all()
    for notice in db.session.scalars(select(Notice)):
        assert "evil.example" not in f"{notice.values} {notice.path} {notice.address}"


def test_parts_of_a_form_are_counted(app: App, people: Cast, sign_in: Enter) -> None:
    many = {f"field{number}": "x" for number in range(2_000)}
    status = sign_in(people.xinghe).post("/needs", data=many, content_type="multipart/form-data").status_code

    assert status == 413


PAYLOADS = (
    '"><script>alert(1)</script>', "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "javascript:alert(1)",
    "'-alert(1)-'", "</title><script>1</script>", "<a href=javascript:alert(1)>x</a>", "[x](javascript:alert(1))",
    "{{7*7}}${7*7}%(secret)s{0.__class__}", "</textarea><iframe src=//evil.example>", "\u202e<b onmouseover=a()>",
    "<!--><script>1</script>-->", "<style>@import'//evil.example'</style>", "&lt;script&gt;1&lt;/script&gt;",
)  # fmt: skip
WORDS_OF_PEOPLE: dict[type[Base], tuple[str, ...]] = {
    Organization: ("name", "short_name", "name_en"), User: ("name",), Need: ("teaser", "teaser_en", "statement"),
    Offer: ("title", "statement", "statement_en"), Introduction: ("purpose",), Message: ("body",),
    Deal: ("next_step",), DealNote: ("body",), OwnStage: ("name",), SavedView: ("name",),
    Complaint: ("text", "answer"), PastRound: ("company_name",), StoredFile: ("name",), Pitch: ("public_line",),
    Profile: ("one_liner", "summary", "address", "website", "contact_name", "contact_title"),
    Event: ("title", "title_en", "place", "summary", "join_url", "change_reason"), AgendaItem: ("title", "speaker"),
    Venue: ("name", "address", "transport"),
}  # fmt: skip


def plant(payload: str) -> int:
    """Put the words into everything that people write, cut to its length; how many columns that were."""
    planted = 0
    with unit_of_work() as session:
        for model, names in WORDS_OF_PEOPLE.items():
            for column in (getattr(model, name) for name in names):
                length = getattr(column.property.columns[0].type, "length", None)
                words = literal(payload[: length - 6] if length else payload) + cast(model.id, String)  # type: ignore[attr-defined]
                session.execute(update(model).values({column: words}))
                planted += 1
    return planted


class Inert(HTMLParser):
    """Notes what could run or lead away in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        self.found += [f"{tag} {name}" for name in held if name.startswith("on")]
        for target in (
            held.get(name, "").strip().lower() for name in ("href", "src", "action", "formaction", "hx-get")
        ):
            if tag == "img" and target.startswith("data:image/"):
                continue  # the picture of a code; a picture runs nothing
            if target.startswith(("javascript:", "data:", "//")) or "evil.example" in target.partition("?")[0]:
                self.found.append(f"{tag} to {target[:60]}")
        if tag in ("iframe", "object", "embed") or (tag == "script" and not held.get("src", "").startswith("/static/")):
            self.found += [] if held.get("type") == "application/json" or held.get("nonce") else [f"a {tag}"]


@pytest.mark.slow
@pytest.mark.parametrize("app", ["sqlite"], indirect=True)  # pages are the same on both databases
def test_hostile_words_stay_words_on_every_page(app: App, people: Cast, world: World, sign_in: Enter) -> None:
    clients, wrong, pages = everybody(people, sign_in), [], 0
    paths = sorted(set(every_address(app, world, "GET")))
    for payload in ("".join(PAYLOADS), "javascript:alert(1)//"):
        assert plant(payload) > 20
        for endpoint, path in paths:
            for name, client in clients.items():
                response = client.get(path)
                if response.status_code != 200 or response.mimetype != "text/html":
                    continue
                pages += 1
                reader = Inert()
                reader.feed(response.text)
                wrong += [f"{endpoint} as {name}: {found}" for found in reader.found]
                wrong += [f"{endpoint} as {name}: computed"] if "49$" in response.text else []
    print(f"\n{pages} pages")

    assert wrong == [] and pages > 500


def test_the_reader_notices_what_could_run() -> None:
    reader = Inert()
    reader.feed('<p onclick="a()">x</p><a href="javascript:1">y</a><script>1</script><iframe></iframe>')

    assert reader.found == ["p onclick", "a to javascript:1", "a script", "a iframe"]


@pytest.fixture
def forged(tmp_path: Path) -> Iterator[int]:
    """A mail server with a certificate that nobody vouches for; its port."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run([*command, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()

    threading.Thread(target=serve, daemon=True).start()
    yield listening.getsockname()[1]
    listening.close()


def test_a_mail_server_that_nobody_vouches_for_gets_no_letter(forged: int) -> None:
    letter = EmailMessage()
    letter["From"], letter["To"] = "a@a.example", "b@b.example"

    with smtp(f"smtps://127.0.0.1:{forged}") as transport, pytest.raises(ssl.SSLCertVerificationError):
        transport.send(letter)
