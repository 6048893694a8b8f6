"""Nonsense in every id, every query and every field of every form: refused or taken as text, never an error of ours."""

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import quote_from_bytes

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from matchhub.accounts.models import Membership
from matchhub.core import db as database
from matchhub.core.db import db
from matchhub.core.web import App
from tests.cast import Cast
from tests.conftest import ROOT
from tests.integration import test_access_matrix
from tests.integration.test_access_matrix import address, nobody, rules, World

world = test_access_matrix.world

TEXTS = {
    "a NUL byte": b"a\x00b",
    "a lone surrogate": b"\xed\xa0\x80",
    "a percent sign": b"%_%5c%",
    "a huge number": b"1" + b"0" * 30,
    "a huge exponent": b"1e400",
    "not a number": b"NaN",
    "a negative number": b"-1",
    "a wide digit": "９".encode(),
    "the first day": b"0001-01-01",
    "the last minute": b"9999-12-31T23:59",
    "the last month": b"9999-12",
    "a long text": b"x" * 100_000,
}
IN_ADDRESSES = (
    "a NUL byte", "a lone surrogate", "a percent sign", "a huge number", "a negative number", "the first day",
    "the last month",
)  # fmt: skip
IN_FIELDS = (
    "a huge number", "a huge exponent", "not a number", "a negative number", "the first day", "the last minute",
    "a long text",
)  # fmt: skip
IN_FORMS = ("a NUL byte", "a lone surrogate", "a percent sign")  # what is refused or taken before any field is read
WHO = ("xinghe", "yuanshan", "binjiang", "city", "administrator")
HUGE = ("99999999999999999999", "2147483648", "%00", "１")
STATUSES = (400, 403, 404, 405)
PUBLIC = ("/session", "/registration", "/registration?without-code=1", "/password-resets/new", "/")
URLENCODED = "application/x-www-form-urlencoded"
LEAVES = re.compile(r"^/sessions?/|/selection$|^/session$")
QUERY = re.compile(r"request\.args(?:\.get\(|\[)\"([\w-]+)\"|args\.get\(\"([\w-]+)\"")


def query_names() -> list[str]:
    """The names that some view reads from the address."""
    found = {"page", "next"}
    for file in (ROOT / "matchhub").rglob("*.py"):
        for one, other in QUERY.findall(file.read_text(encoding="utf-8")):
            found.add(one or other)
    return sorted(found)


@dataclass
class Filled:
    """A form of a page, filled in as the page has it."""

    action: str
    values: list[tuple[str, str]] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, tuple[str, ...]]:
        return re.sub(r"\d+", "#", self.action), tuple(self.names)

    @property
    def names(self) -> list[str]:
        return sorted({name for name, _ in self.values} - {"csrf_token"})


class Forms(HTMLParser):
    """The POST forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Filled] = []
        self._open: Filled | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Filled(given.get("action", "")) if given.get("method", "").lower() == "post" else None
            if self._open is not None:
                self.found.append(self._open)
        elif self._open is not None and tag in ("input", "textarea", "select", "button") and given.get("name"):
            self._open.values.append((given["name"], given.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


def body(values: list[tuple[str, str]], name: str, hostile: bytes) -> bytes:
    """The form as a browser sends it, one field replaced by these bytes."""
    sent = [(key, value.encode()) for key, value in values if key not in (name, "csrf_token")]
    return b"&".join(
        f"{quote_from_bytes(key.encode())}={quote_from_bytes(value)}".encode()
        for key, value in [*sent, (name, hostile)]
    )


@pytest.fixture
def nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every write goes to the database and is taken back, so that each form finds the world as it was."""
    finish = database.finish

    def take_back(*, commit: bool) -> None:
        try:
            if commit and db.session().info.get("writing"):
                db.session.flush()
        finally:
            finish(commit=False)

    monkeypatch.setattr(database, "finish", take_back)


@dataclass
class Readers:
    """Browsers of everybody, and who gets in where."""

    clients: dict[str, FlaskClient]

    def of(self, page: str) -> Iterator[tuple[str, FlaskClient, TestResponse]]:
        """Those whom the page lets in; one of each kind of page."""
        seen = set()
        for who, client in self.clients.items():
            response = client.get(page)
            is_page = response.status_code == 200 and response.mimetype == "text/html"
            kind = re.sub(r"\d+|<[^>]*>|\s", "", response.text)[:4000] if is_page else str(response.status_code)[:1]
            if kind not in ("3", "4") and hash(kind) not in seen:
                seen.add(hash(kind))
                yield who, client, response


@pytest.fixture
def readers(app: App, people: Cast, sign_in: Callable[[Membership], FlaskClient]) -> Readers:
    return Readers({name: sign_in(getattr(people, name)) for name in WHO} | {"nobody": nobody(app)})


def pages(app: App, world: World) -> Iterator[str]:
    for with_object in (True, False):
        for rule in rules(app, with_object=with_object, method="GET"):
            yield address(app, rule, world.arguments(rule)) + world.queries.get(rule.endpoint, "")
    yield from PUBLIC


def test_an_id_that_no_row_can_have_is_not_found(app: App, people: Cast, world: World, sign_in: Callable) -> None:
    client, wrong = sign_in(people.xinghe), []
    for method in ("GET", "POST"):
        for rule in rules(app, with_object=True, method=method):
            for huge in HUGE:
                hostile = re.sub(r"<[^>]+>", huge, rule.rule)
                status = client.open(hostile, method=method).status_code
                if status not in STATUSES:
                    wrong.append(f"{method} {hostile}: {status}")

    assert wrong == []


@pytest.mark.slow
def test_nonsense_in_an_address_is_no_error_of_ours(app: App, world: World, readers: Readers) -> None:
    wrong, names, tried = [], query_names(), 0
    for page in pages(app, world):
        path, _, usual = page.partition("?")
        kept = {part.split("=")[0] for part in usual.split("&") if part}
        for who, client, _ in readers.of(page):
            for what in IN_ADDRESSES:
                value = quote_from_bytes(TEXTS[what])
                query = "&".join([*filter(None, usual.split("&")), *(f"{n}={value}" for n in names if n not in kept)])
                tried += 1
                status = client.get(f"{path}?{query}").status_code
                if status >= 500:
                    wrong.append(f"{path} with {what} as {who}: {status}")
    print(f"\n{tried} addresses")

    assert wrong == []


@pytest.mark.slow
def test_nonsense_in_a_form_is_no_error_of_ours(
    app: App, world: World, readers: Readers, nothing_is_kept: None
) -> None:
    wrong, tried, seen = [], 0, set()
    for page in pages(app, world):
        for who, client, response in readers.of(page):
            for form in forms_of(response):
                if form.key in seen:
                    continue
                seen.add(form.key)
                some = itertools.product(form.names[:1], IN_FORMS)
                for name, what in itertools.chain(some, itertools.product(form.names, IN_FIELDS)):
                    tried += 1
                    status = client.post(
                        form.action, data=body(form.values, name, TEXTS[what]), content_type=URLENCODED
                    )
                    if status.status_code >= 500 or (what == "a NUL byte" and status.status_code < 400):
                        wrong.append(f"{form.action} {name} with {what} as {who}: {status.status_code}")
    print(f"\n{len(seen)} forms, {tried} tries")

    assert wrong == []
    assert len(seen) > 40


def forms_of(response: TestResponse) -> list[Filled]:
    """The forms of a page that keep the browser signed in."""
    parser = Forms()
    parser.feed(response.text if response.mimetype == "text/html" else "")
    return [form for form in parser.found if not LEAVES.search(form.action)]
