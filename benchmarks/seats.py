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
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import flask_migrate
from sqlalchemy import func, select, text

from benchmarks.races import borrowed, made
from benchmarks.seats_crowd import arrive, rush, SEATS, settle, Tally
from benchmarks.seats_server import settings_for, VARIABLE
from benchmarks.seats_trail import faults_of
from matchhub.app import create_app
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.engine import WRITE
from matchhub.core.setup import found_installation
from matchhub.core.web import App
from matchhub.events.enums import SEATED_STATES
from matchhub.events.models import Registration
from tests.databases import PostgresDatabase

STARTS_WITHIN = 240  # seconds: a busy machine


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
    until, said = time.monotonic() + STARTS_WITHIN, "nothing"
    while time.monotonic() < until:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            connection.request("GET", "/session")
            said = str(connection.getresponse().status)
            if said == "200":
                return
        except OSError as error:
            said = str(error)
        time.sleep(0.25)
    raise RuntimeError(f"the server did not start within {STARTS_WITHIN} s: {said}")


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
            with db.engine.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
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
