"""Walks the URL map as each role: from the home along the links that are there, until every rule that it can reach was met."""

import re
import shutil
import threading
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import flask_migrate
from flask.testing import FlaskClient
from sqlalchemy import select
from waitress.server import create_server
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from matchhub.accounts.enums import MembershipState, OrganizationKind, Role
from matchhub.accounts.models import Membership, Organization
from matchhub.app import create_app
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.web import App
from matchhub.demo import city
from matchhub.settings import Settings
from tests.cast import Browser, browser

SECRET = "only-for-the-walk-" * 3
VISITOR = "visitor"
ROLES = (
    VISITOR, "enterprise", "investor", "bank", "mentor", "carrier", "district_officer", "city_officer",
    "administrator", "auditor",
)  # fmt: skip
BUREAU_ROLES = (Role.DISTRICT_OFFICER, Role.CITY_OFFICER, Role.ADMINISTRATOR, Role.AUDITOR)
CHANGES_WHO_READS = {"console.language", "console.large_text", "accounts.leave_for_provider"}
READINESS = "administration.readyz"  # 503 here: no worker runs
LINK = re.compile(r'(?:href|hx-get|data-url|action)="([^"#]+)', re.IGNORECASE)
SAMPLES = 3  # addresses of one rule that are kept for one role
VISITS = 3  # addresses of one rule that are opened to find more links


@dataclass
class Found:
    """What a role met: pages by rule, and rules that answered with something else than a page."""

    role: str
    pages: dict[str, dict[str, str]] = field(default_factory=dict)  # endpoint → address → HTML
    others: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)


def build(folder: Path, ready: Path | None = None) -> App:
    """An application on a city of its own: built here, or copied from `ready`."""
    folder.mkdir(parents=True, exist_ok=True)
    if ready is not None:
        shutil.copytree(ready, folder, dirs_exist_ok=True)
    app = create_app(Settings(secret_key=SECRET, environment="test", data_dir=folder, rate_limits=False))
    with app.app_context():
        flask_migrate.upgrade()
        if ready is None:
            for _ in city.build(now=utcnow()) or ():
                pass
    return app


def members() -> dict[str, int]:
    """One membership for each role: the organization with the most to show comes first in the city."""
    found: dict[str, int] = {}
    statement = (
        select(Membership.id, Membership.role, Organization.kind)
        .join(Organization)
        .where(Membership.state == MembershipState.ACTIVE)
        .order_by(Membership.id)
    )
    for identity, role, kind in db.session.execute(statement):
        if role in BUREAU_ROLES or (role is Role.OWNER and kind is not OrganizationKind.BUREAU):
            found.setdefault(role.value if role in BUREAU_ROLES else kind.value, identity)
    return found


def clients(app: App, roles: tuple[str, ...] = ROLES) -> dict[str, FlaskClient]:
    """A signed-in client for each role; the visitor's is signed in as nobody."""
    with app.app_context():
        of_role = members()
        return {
            role: Browser(app, app.response_class, use_cookies=True) if role == VISITOR else browser(app, of_role[role])
            for role in roles
        }


def walk(app: App, role: str, client: FlaskClient, seeds: tuple[str, ...] = ()) -> Found:
    """Follow the links of each page, a few addresses of each rule, `seeds` first; rules without parameters are tried too."""
    found, visits, seen = Found(role), Counter[str](), set[str]()
    plain = tuple(rule.rule for rule in readable(app) if not rule.arguments)
    waiting = deque(("/", *seeds, *plain))
    while waiting:
        address = waiting.popleft()
        endpoint = endpoint_of(app, address)
        if endpoint is None or address in seen or visits[endpoint] >= VISITS:
            continue
        seen.add(address)
        visits[endpoint] += 1
        waiting.extend(note(found, endpoint, address, client.get(address)))
    return found


def note(found: Found, endpoint: str, address: str, response: TestResponse) -> list[str]:
    """Keep what answered; where it leads."""
    if response.status_code >= 500 and endpoint != READINESS:
        found.broken.append(f"{address} as {found.role}: {response.status_code}")
    if response.status_code in (301, 302, 303):
        found.others.add(endpoint)
        return [relative(address, response.headers["Location"])]
    if response.status_code != 200:
        return []
    body = response.get_data(as_text=True) if response.mimetype == "text/html" else ""
    if not body.lstrip().lower().startswith("<!doctype"):
        found.others.add(endpoint)
        return []
    kept = found.pages.setdefault(endpoint, {})
    if len(kept) < SAMPLES:
        kept[address] = body
    return [relative(address, link.replace("&amp;", "&")) for link in LINK.findall(body)]


def readable(app: App) -> list[Rule]:
    """The rules that answer GET and only show."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint not in {"static", *CHANGES_WHO_READS}
    ]


def endpoint_of(app: App, address: str) -> str | None:
    """Which rule answers GET at this address; None for none of ours."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return None
    try:
        endpoint, _ = app.url_map.bind("localhost").match(parts.path, method="GET")
    except HTTPException:
        return None
    return None if endpoint in {"static", *CHANGES_WHO_READS} else str(endpoint)


def relative(page: str, link: str) -> str:
    """The address of a link on a page, within this site."""
    joined = urljoin(f"http://localhost{page}", link)
    return joined.removeprefix("http://localhost").partition("#")[0]


def unreached(app: App, walks: list[Found]) -> list[str]:
    """Rules that no role met."""
    met = {endpoint for found in walks for endpoint in (*found.pages, *found.others)}
    return sorted({rule.rule for rule in readable(app) if rule.endpoint not in met})


@contextmanager
def served(app: App) -> Iterator[str]:
    """The application behind waitress on a free port of loopback, while it is needed."""
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(5)
