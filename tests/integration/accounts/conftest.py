"""A stranger's browser, a person with a password, and how a form is filled in."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchhub.accounts import services
from matchhub.accounts.models import Membership, User
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.texts import current_text, TextKind
from matchhub.core.web import App
from tests.cast import Browser, Cast

PASSWORD = "River-Stone-2026"
HASHED = services.hashed(PASSWORD)


def code_of(body: str) -> str:
    """A right code for 17 characters: the check digit is computed here, from the standard's own words."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    weights = [pow(3, i, 31) for i in range(17)]
    total = sum(w * alphabet.index(c) for w, c in zip(weights, body, strict=True))
    return body + alphabet[(31 - total) % 31]


@pytest.fixture
def stranger(app: App) -> Browser:
    return Browser(app, app.response_class, use_cookies=True)


@pytest.fixture
def another(app: App) -> Callable[[], Browser]:
    return lambda: Browser(app, app.response_class, use_cookies=True)


@pytest.fixture
def lin(people: Cast) -> Membership:
    """星河科技's owner, with a password."""
    return with_password(people.xinghe)


def with_password(membership: Membership) -> Membership:
    identity = membership.id
    with unit_of_work() as session:
        user = session.get_one(User, membership.user_id)
        user.password_hash, user.password_changed_at = HASHED, utcnow()
    return db.session.get_one(Membership, identity)


@pytest.fixture
def text_ids(app: App) -> str:
    return "-".join(str(current_text(db.session(), kind, utcnow()).id) for kind in (TextKind.TERMS, TextKind.PRIVACY))


@pytest.fixture
def registration(text_ids: str) -> dict[str, str]:
    return {
        "uscc": code_of("91420704MA4KX1AB0"), "kind": "enterprise", "name": "鄂州青禾生物有限公司", "person": "周青",
        "address": "zhou@qinghe.example", "password": PASSWORD, "accept": "y", "texts": text_ids,
    }  # fmt: skip


def found_user(address: str) -> User | None:
    with Session(db.engine) as session:
        return session.scalar(select(User).where((User.email == address) | (User.mobile == address)))
