"""Two people answer one introduction at the same moment, over HTTP, against a running server."""

import http.client
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import func, select
from waitress.server import create_server

from matchhub.accounts.enums import MembershipState, OrganizationKind, Role
from matchhub.accounts.models import Membership, TextAcceptance, User
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.outbox import Notice
from matchhub.core.texts import current_text, TextKind
from matchhub.core.web import App
from matchhub.disclosure.models import Consent
from matchhub.disclosure.services import Choice
from matchhub.introductions import services
from matchhub.introductions.enums import IntroductionState
from matchhub.introductions.models import Introduction
from matchhub.introductions.queries import Pair
from matchhub.listings.models import Offer
from matchhub.pipelines.models import Deal
from matchhub.profiles.models import EnterpriseProfile
from tests import cast
from tests.integration.pairs import actor, need_of, Scene

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
LABELS = {IntroductionState.ACCEPTED: "双方同意", IntroductionState.DECLINED: "已婉拒"}


@contextmanager
def served(app: App) -> Iterator[int]:
    """The application behind waitress on a free port of this machine."""
    server = create_server(app, host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield int(server.effective_port)
    finally:
        server.close()
        thread.join(5)


class Person:
    """A browser that speaks HTTP to the server: its cookie, its connection."""

    def __init__(self, port: int, cookie: str) -> None:
        self.port, self.cookie, self.token = port, cookie, ""

    def send(self, method: str, path: str, data: dict[str, Any] | None = None) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": f"matchhub={self.cookie}", "Content-Type": "application/x-www-form-urlencoded"}
        connection.request(method, path, urlencode(data or {}), headers)
        answer = connection.getresponse()
        body = answer.read().decode()
        for name, value in answer.getheaders():
            if name == "Set-Cookie" and value.startswith("matchhub="):
                self.cookie = value.split(";")[0].removeprefix("matchhub=")
        connection.close()
        return answer.status, body

    def open(self, path: str) -> str:
        """Open a page with a form, and keep the token that stands in it."""
        status, page = self.send("GET", path)
        found = TOKEN.search(page)
        if status != 200 or found is None:
            raise AssertionError(f"{path}: {status}")
        self.token = found[1]
        return page


@dataclass
class Result:
    """What one round came to."""

    statuses: tuple[int, ...]
    faults: list[str]
    seconds: tuple[float, ...]


def colleague(membership: Membership) -> Membership:
    """A second person who may answer for the same organization."""
    now, organization_id = utcnow(), membership.organization_id
    with unit_of_work() as session:
        user = User(name="另一位同事", email="second@yuanshan.example")
        session.add(user)
        session.flush()
        for kind in (TextKind.TERMS, TextKind.PRIVACY):
            session.add(TextAcceptance(user_id=user.id, text_id=current_text(session, kind, now).id, at=now))
        made = Membership(
            user_id=user.id, organization_id=organization_id, role=Role.EDITOR, state=MembershipState.ACTIVE
        )
        session.add(made)
        session.flush()
        identity = made.id
    return db.session.get_one(Membership, identity)


def person(app: App, port: int, membership: Membership) -> Person:
    """That person, signed in."""
    client = cast.browser(app, membership.id)
    cookie = client.get_cookie("matchhub")
    assert cookie is not None
    return Person(port, cookie.value)


def request(scene: Scene, number: int) -> int:
    """A firm that nobody has met asks the fund; the introduction's id."""
    name = f"赛手{number:04d}"
    with unit_of_work() as session:
        firm = cast.member(f"racer{number}", OrganizationKind.ENTERPRISE, name, name, "420704", Role.OWNER)
        profile = EnterpriseProfile(
            organization_id=firm.organization_id, contact_name="周", contact_mobile="13900003333"
        )
        need = need_of(firm.organization_id, f"新材料-{5000 + number}")
        session.add_all([profile, need])
        session.flush()
        own = actor(firm)
        pair = Pair(need, session.get_one(Offer, scene.offer_id), firm.organization_id)
        choice = Choice(True, False, False, (), scene.contact_text, scene.materials_text)
        return services.ask(pair, choice, purpose="", actor=own, now=utcnow()).id


def race(people: tuple[Person, Person], scene: Scene, introduction_id: int, nouns: tuple[str, str]) -> Result:
    """Both open the page, then both send their answer at the same moment."""
    address, start = f"/introductions/{introduction_id}", threading.Barrier(2)
    answers: dict[int, tuple[int, str, float]] = {}
    for one in people:
        one.open(f"{address}/acceptance")

    def answer(index: int) -> None:
        data = scene.form() if nouns[index] == "acceptance" else {"reason": "stage"}
        start.wait(30)
        began = time.perf_counter()
        status, page = people[index].send(
            "POST", f"{address}/{nouns[index]}", {**data, "csrf_token": people[index].token}
        )
        answers[index] = (status, page, time.perf_counter() - began)

    threads = [threading.Thread(target=answer, args=(index,)) for index in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return judged(introduction_id, nouns, [answers.get(index, (0, "", 0.0)) for index in (0, 1)])


def judged(introduction_id: int, nouns: tuple[str, str], answers: list[tuple[int, str, float]]) -> Result:
    """What is wrong with a round: nothing, where one answer counts and the other is told so."""
    statuses = tuple(status for status, _, _ in answers)
    facts = stored_facts(introduction_id)
    faults = []
    if sorted(statuses) != [302, 409]:
        faults.append(f"answers {statuses}")
    else:
        won = nouns[statuses.index(302)]
        expected = IntroductionState.ACCEPTED if won == "acceptance" else IntroductionState.DECLINED
        polite = answers[statuses.index(409)][1]
        if facts["state"] is not expected:
            faults.append(f"{won} won, the row says {facts['state']}")
        if "已经处理过了" not in polite or LABELS[expected] not in polite:
            faults.append("the second was not told the present state")
    agreed = facts["state"] is IntroductionState.ACCEPTED
    wanted = {"deals": int(agreed), "consents": 2 * int(agreed), "accepted": int(agreed), "declined": int(not agreed)}
    faults += [f"{facts[key]} {key}, not {number}" for key, number in wanted.items() if facts[key] != number]
    return Result(statuses, faults, tuple(seconds for _, _, seconds in answers))


def stored_facts(introduction_id: int) -> dict[str, Any]:
    """What the database holds of an introduction after a round."""
    db.session.rollback()

    def count(model: Any, *conditions: Any) -> int:
        return db.session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0

    about = (Notice.object_type == "introduction", Notice.object_id == introduction_id)
    found = {
        "state": db.session.scalar(select(Introduction.state).where(Introduction.id == introduction_id)),
        "deals": count(Deal, Deal.introduction_id == introduction_id),
        "consents": count(
            Consent,
            Consent.about_id == introduction_id,
            Consent.active_from.is_not(None),
            Consent.withdrawn_at.is_(None),
        ),
        "accepted": count(Notice, *about, Notice.kind == "introduction_accepted"),
        "declined": count(Notice, *about, Notice.kind.startswith("introduction_declined")),
    }
    db.session.rollback()
    return found
