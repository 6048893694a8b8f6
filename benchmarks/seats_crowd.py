"""Those who want a seat: who they are, how they ask over HTTP, who leaves meanwhile, and the organizer who changes the number."""

import http.client
import random
import re
import secrets
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import func, insert, select

from matchhub.accounts.enums import MembershipState, OrganizationKind, OrganizationStatus, Role
from matchhub.accounts.models import Membership, Organization, TextAcceptance, User, UserSession
from matchhub.accounts.queries import token_hash
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.texts import current_text, TextKind
from matchhub.core.web import App
from matchhub.events import services
from matchhub.events.enums import EventType, RegistrationState, SeatRole
from matchhub.events.models import Registration, SeatPool
from matchhub.events.services import EventFacts
from tests import cast
from tests.integration.pairs import actor

SEATS, FIRMS = 50, 200
CSRF = "0" * 40
PLACE = re.compile(r"/registrations/(\d+)")


@dataclass
class Tally:
    """What the clients saw."""

    statuses: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    refused_without_word: int = 0
    retries: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str, status: int, seconds: float) -> None:
        with self.lock:
            self.statuses[f"{what} {status}"] += 1
            if what == "register":
                self.seconds.append(seconds)


class Client:
    """One connection to the server, speaking for one person after another."""

    def __init__(self, port: int, tally: Tally, token: str) -> None:
        self.port, self.tally, self.token = port, tally, token

    def post(self, what: str, path: str, cookie: str, data: dict[str, str] | None = None) -> tuple[int, str]:
        """Send a form; who is told 503 waits as long as it says and tries again. Status and where it leads."""
        while True:
            began = time.perf_counter()
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
            headers = {"Cookie": f"matchhub={cookie}", "Content-Type": "application/x-www-form-urlencoded"}
            connection.request("POST", path, urlencode({**(data or {}), "csrf_token": self.token}), headers)
            answer = connection.getresponse()
            body = answer.read().decode()
            after, location = answer.getheader("Retry-After"), answer.getheader("Location") or ""
            connection.close()
            self.tally.note(what, answer.status, time.perf_counter() - began)
            if answer.status != 503:
                return answer.status, location
            with self.tally.lock:
                self.tally.retries += 1
                self.tally.refused_without_word += after is None or "几秒后再试" not in body
            time.sleep(random.uniform(0.05, 0.3))  # the page says 3 s; a shorter patience presses harder


@dataclass
class Scene:
    """The salon, its people's cookies by the id of the user, the organizer's."""

    app: App
    event_id: int
    pool_id: int
    cookies: dict[int, str]
    host: str
    token: str


def arrive(app: App, people: int) -> Scene:
    """A published salon with fifty seats for firms, and so many people of firms, signed in."""
    crew = cast.arrive()
    host, now = actor(crew.binjiang), utcnow()
    with unit_of_work() as session:
        event = services.create(
            EventType.SALON, EventFacts("创业沙龙", now + timedelta(days=30), place="大厅"), actor=host, now=now
        )
        pool = session.query(SeatPool).filter_by(event_id=event.id, role=SeatRole.ENTERPRISE).one()
        services.set_capacity(pool, SEATS, actor=host, now=now)
        services.publish(event, actor=host, now=now)
        event_id, pool_id = event.id, pool.id
        firms = [_firm(number) for number in range(FIRMS)]
        session.add_all(firms)
        session.flush()
        firm_ids = [firm.id for firm in firms]
    sids = _people(people, firm_ids)
    dumps = app.session_interface.get_signing_serializer(app).dumps  # type: ignore[attr-defined]
    cookies = {user_id: dumps(_cookie(sid)) for user_id, sid in sids.items()}
    browser = cast.browser(app, crew.binjiang.id)
    with browser.session_transaction() as held:
        own = dumps(_cookie(held["_user_id"]))
    token = URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps(CSRF)
    return Scene(app, event_id, pool_id, cookies, own, str(token))


def _cookie(sid: str) -> dict[str, Any]:
    return {"_user_id": sid, "_fresh": True, "csrf_token": CSRF}


def _firm(number: int) -> Organization:
    name = f"来客{number:03d}"
    return Organization(
        kind=OrganizationKind.ENTERPRISE, name=name, short_name=name, sort_key=name, region_code="420704",
        district_code="420704", status=OrganizationStatus.VERIFIED, verified_at=utcnow(),
    )  # fmt: skip


def _people(number: int, firm_ids: list[int]) -> dict[int, str]:
    """user id → the secret of the browser, stored in bulk."""
    now = utcnow()
    stamps = {"created_at": now, "updated_at": now}
    with unit_of_work() as session:
        first = (session.scalar(select(func.max(User.id))) or 0) + 1
        ids = list(range(first, first + number))
        session.execute(
            insert(User), [{"id": i, "name": f"人{i}", "mobile": f"139{i:08d}", "version": 1, **stamps} for i in ids]
        )
        texts = [current_text(session, kind, now).id for kind in (TextKind.TERMS, TextKind.PRIVACY)]
        session.execute(insert(TextAcceptance), [{"user_id": i, "text_id": t, "at": now} for i in ids for t in texts])
        base = (session.scalar(select(func.max(Membership.id))) or 0) + 1
        session.execute(
            insert(Membership),
            [
                {"id": base + place, "user_id": i, "organization_id": firm_ids[i % len(firm_ids)], "role": Role.EDITOR,
                 "state": MembershipState.ACTIVE, "version": 1, **stamps}
                for place, i in enumerate(ids)
            ],
        )  # fmt: skip
        sids = {i: secrets.token_urlsafe(24) for i in ids}
        session.execute(
            insert(UserSession),
            [
                {"sid_hash": token_hash(sids[i]), "user_id": i, "membership_id": base + place, "created_at": now,
                 "last_seen_at": now, "expires_at": now + timedelta(hours=12)}
                for place, i in enumerate(ids)
            ],
        )  # fmt: skip
    return sids


def rush(scene: Scene, port: int, people: list[int], clients: int, *, stir: bool) -> Tally:
    """All of `people` register, spread over the clients; with `stir` others leave and the number changes meanwhile."""
    tally, over = Tally(), threading.Event()
    queue = iter(people)
    guard = threading.Lock()

    def registering(number: int) -> None:
        client, mood = Client(port, tally, scene.token), random.Random(number)
        while True:
            with guard:
                user_id = next(queue, None)
            if user_id is None:
                return
            _register(client, scene, user_id, twice=mood.random() < 0.02)

    work = [threading.Thread(target=registering, args=(number,)) for number in range(clients - 2 if stir else clients)]
    extra = (
        [threading.Thread(target=job, args=(scene, port, tally, over)) for job in (_guests, _organizer)] if stir else []
    )
    for thread in (*work, *extra):
        thread.start()
    for thread in work:
        thread.join()
    over.set()
    for thread in extra:
        thread.join()
    return tally


def _register(client: Client, scene: Scene, user_id: int, *, twice: bool) -> None:
    """One person; `twice`: a second tab sends the same form at the same moment."""
    sends = [
        threading.Thread(
            target=client.post,
            args=(
                "register",
                f"/events/{scene.event_id}/registrations",
                scene.cookies[user_id],
                {"role": "enterprise"},
            ),
        )
        for _ in range(2 if twice else 1)
    ]
    for one in sends:
        one.start()
    for one in sends:
        one.join()


def _guests(scene: Scene, port: int, tally: Tally, over: threading.Event) -> None:
    """People who hold a seat leave; who is offered one accepts or declines. They look at the database to know their turn."""
    client, mood = Client(port, tally, scene.token), random.Random(7)
    while not over.is_set():
        rows = _holding(scene)
        for registration_id, user_id, state in mood.sample(rows, min(4, len(rows))):
            cookie, where = scene.cookies[user_id], f"/registrations/{registration_id}"
            if state is RegistrationState.OFFERED:
                noun = "acceptance" if mood.random() < 0.7 else "refusal"
                client.post(noun, f"{where}/{noun}", cookie)
            else:
                client.post("departure", f"{where}/departure", cookie)
                if mood.random() < 0.3:  # and comes again, at the end of the line
                    _register(client, scene, user_id, twice=False)
        time.sleep(0.02)


def _holding(scene: Scene) -> list[tuple[int, int, RegistrationState]]:
    with scene.app.app_context():
        statement = select(Registration.id, Registration.user_id, Registration.state).where(
            Registration.pool_id == scene.pool_id,
            Registration.state.in_((RegistrationState.REGISTERED, RegistrationState.OFFERED)),
        )
        rows = [(row[0], row[1] or 0, row[2]) for row in db.session.execute(statement)]
        db.session.rollback()
        return rows


def _organizer(scene: Scene, port: int, tally: Tally, over: threading.Event) -> None:
    """Lowers and raises, below what is held too; ends where it began."""
    client, number = Client(port, tally, scene.token), 0
    while not over.is_set():
        wanted = (40, 55, 20, 50, 60, SEATS)[number % 6]
        client.post("capacity", f"/seat-pools/{scene.pool_id}/capacity", scene.host, {"capacity": str(wanted)})
        number += 1
        over.wait(0.4)
    client.post("capacity", f"/seat-pools/{scene.pool_id}/capacity", scene.host, {"capacity": str(SEATS)})


def settle(scene: Scene, port: int, tally: Tally) -> None:
    """After a lowering more may sit than there are seats: they leave one by one, until the two are equal."""
    client = Client(port, tally, scene.token)
    while True:
        with scene.app.app_context():
            db.session.rollback()
            pool = db.session.get_one(SeatPool, scene.pool_id)
            capacity, taken = pool.capacity, pool.taken
            db.session.rollback()
        if taken <= capacity:
            return
        registration_id, user_id, _ = _holding(scene)[0]
        client.post("departure", f"/registrations/{registration_id}/departure", scene.cookies[user_id])
