"""Thousands want fifty seats over HTTP while others leave, are promoted, and the organizer lowers and raises the number.

    .venv/bin/python -m benchmarks.seats [--registrations 10000] [--clients 32] [--only sqlite] [--database-url URL]

The server is a process of its own: waitress with 8 threads on SQLite, gunicorn with 2 processes of 8 threads on PostgreSQL. Of
the clients one is the organizer, one plays those who leave, accept and decline; all others register, a person at a time,
and now and then the same person twice at once. Then the audit trail is read again from the beginning, step by step.

The bars, on each database: every registration answered, no 5xx but 503 with Retry-After; in the end exactly 50 seats held; never
more held than the ceiling at any step; nobody on the list twice; nobody seated while somebody waited, nobody told full while a
seat was free, every offer to the first in line. A second run with a wait of 20 ms: who waits too long gets 503 with Retry-After,
says so, tries again and is served. The control, guards off: it must oversell.
"""

import argparse
import http.client
import json
import os
import random
import re
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import flask_migrate
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import func, insert, select, text

from benchmarks.races import borrowed, made
from benchmarks.seats_server import settings_for, VARIABLE
from matchhub.accounts.enums import MembershipState, OrganizationKind, OrganizationStatus, Role
from matchhub.accounts.models import Membership, Organization, TextAcceptance, User, UserSession
from matchhub.accounts.queries import token_hash
from matchhub.app import create_app
from matchhub.core.audit import AuditEvent
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.setup import found_installation
from matchhub.core.texts import current_text, TextKind
from matchhub.core.web import App
from matchhub.events import services
from matchhub.events.enums import EventType, RegistrationState, SEATED_STATES, SeatRole
from matchhub.events.models import Registration, SeatPool
from matchhub.events.services import EventFacts
from tests import cast
from tests.databases import PostgresDatabase
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


@contextmanager
def serving(app: App, folder: Path, *, url: str, guarded: bool = True, wait: float = 8.0) -> Iterator[int]:
    """The server, in a process of its own, for as long as this lasts; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    asked = {"folder": str(folder), "url": url, "guarded": guarded, "wait": wait, "port": port}
    if url:
        command = [
            str(Path(sys.executable).parent / "gunicorn"), "benchmarks.seats_server:make()", "--worker-class", "gthread",
            "--workers", "2", "--threads", "8", "--bind", f"127.0.0.1:{port}", "--timeout", "120", "--log-level", "error",
        ]  # fmt: skip
    else:
        command = [sys.executable, "-m", "benchmarks.seats_server"]
    log = open(folder / "server.log", "ab")  # noqa: SIM115 -- closed below
    server = subprocess.Popen(command, env={**os.environ, VARIABLE: json.dumps(asked)}, stdout=log, stderr=log)
    try:
        _await(port)
        yield port
    finally:
        server.terminate()
        server.wait(60)
        log.close()


def _await(port: int) -> None:
    for _ in range(240):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            connection.request("GET", "/session")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.25)
    raise RuntimeError("the server did not start")


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


def faults_of(scene: Scene) -> tuple[list[str], dict[str, int]]:
    """What the database and the trail say is wrong; and how many steps of which kind there were."""
    with scene.app.app_context():
        db.session.rollback()
        pool = db.session.get_one(SeatPool, scene.pool_id)
        rows = db.session.execute(
            select(Registration.id, Registration.user_id, Registration.state, Registration.rank, Registration.waiting_since)
            .where(Registration.event_id == scene.event_id)
        ).all()  # fmt: skip
        trail = db.session.execute(
            select(AuditEvent.action, AuditEvent.object_type, AuditEvent.object_id, AuditEvent.details)
            .where(AuditEvent.object_type.in_(("registration", "seat_pool")))
            .order_by(AuditEvent.id)
        ).all()
        seated = sum(row.state in SEATED_STATES for row in rows)
        waiting = sum(row.state is RegistrationState.WAITLISTED for row in rows)
        faults = []
        if not (pool.taken == seated == pool.capacity == pool.ceiling == SEATS):
            faults.append(f"{pool.taken} counted, {seated} seated, {pool.capacity} seats, ceiling {pool.ceiling}")
        if pool.waiting != waiting:
            faults.append(f"{pool.waiting} counted in line, {waiting} wait")
        if len({row.user_id for row in rows}) != len(rows):
            faults.append("somebody stands on the list twice")
        db.session.rollback()
    more, steps = replay([tuple(row) for row in trail])
    return faults + more, steps


def replay(trail: list[tuple[Any, ...]]) -> tuple[list[str], dict[str, int]]:
    """Go through the trail again from the first row: who held, who waited, what was free at each step."""
    room, steps = Room(), Counter[str]()
    for action, _, object_id, details in trail:
        verb = action.partition(":")[2]
        steps[verb] += 1
        if action == "seat_pool:capacity":
            room.capacity_changed(details)
        else:
            getattr(room, verb, room.passed)(object_id, details)
        if len(room.held) > room.ceiling:
            room.faults.append(f"{len(room.held)} held under a ceiling of {room.ceiling} after {action} {object_id}")
    return room.faults[:20], dict(steps)


@dataclass
class Room:
    """The seats as the trail tells of them; each verb of the trail is a method. One rank: first come, first served."""

    capacity: int = SEATS
    ceiling: int = SEATS
    held: set[int] = field(default_factory=set)
    line: dict[int, str] = field(default_factory=dict)  # who waits → since when
    faults: list[str] = field(default_factory=list)

    def passed(self, who: int, details: dict[str, Any]) -> None:
        """Changes no number: an offer that is accepted keeps its seat."""

    def capacity_changed(self, details: dict[str, Any]) -> None:
        self.capacity = details["after"]
        self.ceiling = max(self.capacity, len(self.held))

    def register(self, who: int, details: dict[str, Any]) -> None:
        seated = details["after"] == "registered"
        free = not self.line and len(self.held) < self.capacity
        if seated != free:
            self.faults.append(
                f"{who} {details['after']}: {len(self.line)} waited, {len(self.held)} of {self.capacity} held"
            )
        if seated:
            self.held.add(who)
        else:
            self.line[who] = details["since"]

    def offer(self, who: int, details: dict[str, Any]) -> None:
        first = min(self.line, key=lambda one: (self.line[one], one), default=None)
        if who != first or len(self.held) >= self.capacity:
            self.faults.append(f"offered to {who}, first was {first}; {len(self.held)} of {self.capacity} held")
        self.line.pop(who, None)
        self.held.add(who)

    def leave(self, who: int, details: dict[str, Any]) -> None:
        if who in self.held:
            self.held.discard(who)
            self.ceiling = max(self.capacity, len(self.held))
        self.line.pop(who, None)

    decline = lapse = leave


def figures_of(tally: Tally, seconds: float) -> dict[str, Any]:
    taken = sorted(1000 * one for one in tally.seconds)
    return {
        "answers": dict(sorted(tally.statuses.items())),
        "per_second": round(len(taken) / seconds, 1),
        "p50_ms": round(statistics.median(taken), 1),
        "p95_ms": round(taken[int(len(taken) * 0.95) - 1], 1),
        "max_ms": round(taken[-1], 1),
        "seconds": round(seconds, 1),
        "busy_503": tally.retries,
        "busy_without_word": tally.refused_without_word,
    }


def bad_answers(tally: Tally) -> list[str]:
    """Answers that must not be: anything but success, a polite 409, or 503."""
    return [
        f"{what}: {number}" for what, number in tally.statuses.items() if what.split()[1] not in ("302", "409", "503")
    ]


def measure(name: str, folder: Path, url: str, asked: argparse.Namespace) -> dict[str, Any]:
    """Everything for one database."""
    found: dict[str, Any] = {}
    app = fresh(folder / "race", url)
    with app.app_context():
        scene = arrive(app, asked.registrations)
        people = list(scene.cookies)
        random.Random(1).shuffle(people)
        db.engine.dispose()
        with serving(app, folder / "race", url=url) as port:
            began = time.perf_counter()
            tally = rush(scene, port, people, asked.clients, stir=True)
            seconds = time.perf_counter() - began
            settle(scene, port, tally)
        faults, steps = faults_of(scene)
        found["race"] = figures_of(tally, seconds) | {"steps": steps, "faults": faults + bad_answers(tally)}
        db.engine.dispose()
    print(f"{name} race: {json.dumps(found['race'], ensure_ascii=False)}", flush=True)
    found["busy"] = impatient(folder / "busy", url, asked)
    print(f"{name} impatient: {json.dumps(found['busy'], ensure_ascii=False)}", flush=True)
    found["control"] = control(folder / "control", url, asked)
    print(f"{name} control, guards off: {json.dumps(found['control'], ensure_ascii=False)}", flush=True)
    found["met"] = (
        not found["race"]["faults"] and not found["busy"]["faults"] and found["race"]["busy_without_word"] == 0
        and found["busy"]["busy_without_word"] == 0 and found["busy"]["busy_503"] > 0
        and found["control"]["oversold_by"] > 0
    )  # fmt: skip
    return found


def impatient(folder: Path, url: str, asked: argparse.Namespace) -> dict[str, Any]:
    """A wait of 20 ms: many are told to come again, and all are served in the end."""
    app = fresh(folder, url)
    with app.app_context():
        scene = arrive(app, asked.few)
        db.engine.dispose()
        with serving(app, folder, url=url, wait=0.02) as port:
            began = time.perf_counter()
            tally = rush(scene, port, list(scene.cookies), asked.clients, stir=False)
            seconds = time.perf_counter() - began
        faults, steps = faults_of(scene)
        db.engine.dispose()
    return figures_of(tally, seconds) | {"steps": steps, "faults": faults + bad_answers(tally)}


def control(folder: Path, url: str, asked: argparse.Namespace) -> dict[str, Any]:
    """Count first, insert then, no CHECK: by how many the fifty seats are oversold."""
    app = fresh(folder, url)
    with app.app_context():
        scene = arrive(app, asked.few)
        _drop_check(url)
        db.engine.dispose()
        with serving(app, folder, url=url, guarded=False) as port:
            tally = rush(scene, port, list(scene.cookies), asked.clients, stir=False)
        db.session.rollback()
        seated = db.session.scalar(
            select(func.count()).where(Registration.event_id == scene.event_id, Registration.state.in_(SEATED_STATES))
        )
        db.session.rollback()
        db.engine.dispose()
    return {"seated": seated, "oversold_by": (seated or 0) - SEATS, "answers": dict(tally.statuses)}


def _drop_check(url: str) -> None:
    """Take `taken <= ceiling` out of this database."""
    name = "ck_seat_pool_never_oversold"
    with unit_of_work() as session:
        if url:
            session.execute(text(f"ALTER TABLE seat_pool DROP CONSTRAINT {name}"))
            return
        session.execute(text("PRAGMA writable_schema=ON"))
        row = session.scalar(text("SELECT sql FROM sqlite_master WHERE name = 'seat_pool'"))
        changed = str(row).replace("taken <= ceiling", "taken >= 0")
        assert changed != row
        session.execute(text("UPDATE sqlite_master SET sql = :sql WHERE name = 'seat_pool'"), {"sql": changed})
        session.execute(text("PRAGMA writable_schema=OFF"))


def fresh(folder: Path, url: str) -> App:
    """A founded, empty installation; on PostgreSQL its rows are set back by building it anew."""
    folder.mkdir(parents=True, exist_ok=True)
    app = create_app(settings_for(str(folder), url, 30))
    with app.app_context():
        if url:
            with db.engine.connect() as connection:
                connection.execution_options(isolation_level="AUTOCOMMIT")
                connection.execute(text("DROP SCHEMA public CASCADE"))
                connection.execute(text("CREATE SCHEMA public"))
        flask_migrate.upgrade()
        with unit_of_work():
            found_installation(city_name="鄂州市", city_name_en="Ezhou", city_region="420700", now=utcnow())
        db.engine.dispose()
    return app


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--registrations", type=int, default=10_000)
    parser.add_argument("--few", type=int, default=600, help="registrations of the two smaller runs")
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--database-url", default="")
    asked = parser.parse_args()
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        if asked.only != "postgresql":
            figures["sqlite"] = measure("sqlite", made(folder, "sqlite"), "", asked)
        if asked.only != "sqlite":
            url, server = (asked.database_url, None) if asked.database_url else borrowed(made(folder, "server"))
            if url:
                database = PostgresDatabase(made(folder, "template"), url, "seats")
                figures["postgresql"] = measure("postgresql", made(folder, "postgresql"), database.url, asked)
                database.drop()
            if server is not None:
                server.cleanup()
    met = bool(figures) and all(row["met"] for row in figures.values())
    print(
        json.dumps({"registrations": asked.registrations, "clients": asked.clients, "databases": figures, "met": met})
    )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
