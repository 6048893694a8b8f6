"""Five thousand people are reminded of an event while the workers that do it are killed again and again.

    .venv/bin/python -m benchmarks.reminders [--reminders 5000] [--workers 3] [--kills 50] [--database-url postgresql+psycopg://…]

Three `matchhub worker` processes share one database (SQLite, or the one that is given, which is emptied) and hand their mail to
a mail server in this process. Each time so many letters have come in, one of them gets SIGKILL, mostly the one that delivers
or writes the reminders, and another is started in its place. The mail server takes its time to answer, so that some die
between its answer and our note of it.

The bars: every person has the reminder; whoever has it more than once has it under one Message-ID; nobody has two reminders in
the outbox; every kill hit a running worker. Then the event moves by a week: nothing more goes out for the old start.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, func, insert, select
from sqlalchemy.engine import Engine
from sqlalchemy.pool import NullPool

from benchmarks.seats import fresh
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.jobs import JobLease
from matchhub.core.outbox import MailState, Notice
from matchhub.core.web import App
from matchhub.events import services
from matchhub.events.enums import EventType, RegistrationSource, RegistrationState, SeatRole
from matchhub.events.models import Event, Registration, SeatPool
from matchhub.events.news import REMINDER_KIND
from matchhub.events.services import EventFacts
from tests import cast
from tests.integration.pairs import actor
from tests.receivers import mail_server, Sink

SECRET = "only-for-this-measurement-" * 2
LEAD = 24  # hours before the start
HOLDERS = ("delivery", "event_reminders")


@dataclass
class Crew:
    """The workers that run, and those that were killed."""

    environment: dict[str, str]
    log: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    killed: Counter[str] = field(default_factory=Counter)

    def start(self) -> None:
        with open(self.log, "ab") as log:
            command = [sys.executable, "-m", "matchhub.cli", "worker"]
            self.running.append(subprocess.Popen(command, env=self.environment, stdout=log, stderr=log))

    def kill(self, pid: int | None) -> None:
        """SIGKILL to the worker with this id, or to any; another takes its place."""
        found = next((one for one in self.running if one.pid == pid), None)
        victim = found or random.choice(self.running)
        victim.send_signal(signal.SIGKILL)
        self.killed["holder" if found else "any"] += victim.wait(30) == -signal.SIGKILL
        self.running.remove(victim)
        self.start()

    def end(self) -> None:
        for one in self.running:
            one.terminate()
        for one in self.running:
            try:
                one.wait(40)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait(10)


def slowly(sink: Sink, seconds: float) -> Any:
    """The server takes a message and answers a little later."""

    async def taken(server: Any, session: Any, envelope: Any) -> str:
        sink.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        await asyncio.sleep(seconds)
        return "250 OK"

    return taken


def gather(app: App, number: int) -> int:
    """An event tomorrow for which so many guests hold a seat; the reminder was due a moment ago. Its id."""
    crew = cast.arrive()
    host, now = actor(crew.binjiang), utcnow()
    with unit_of_work() as session:
        starts_at = now + timedelta(hours=LEAD, minutes=-1)
        event = services.create(EventType.FORUM, EventFacts("主题论坛", starts_at, place="大厅"), actor=host, now=now)
        event.reminder_hours = [LEAD]
        pool = session.query(SeatPool).filter_by(event_id=event.id, role=SeatRole.PUBLIC).one()
        services.set_capacity(pool, number, actor=host, now=now)
        services.publish(event, actor=host, now=now)
        seated = now - timedelta(days=1)
        session.execute(
            insert(Registration),
            [
                {"event_id": event.id, "pool_id": pool.id, "person_key": f"mail:g{n}@example.com", "name": f"来宾{n}",
                 "email": f"g{n}@example.com", "organization_name": "", "mobile": "", "locale": "zh", "rank": 0,
                 "state": RegistrationState.REGISTERED, "source": RegistrationSource.SELF, "answers": {}, "version": 1,
                 "refusal_reason": "", "joined_at": seated, "seated_at": seated, "created_at": seated, "updated_at": seated}
                for n in range(number)
            ],
        )  # fmt: skip
        pool.taken = number
        return event.id


def holder(engine: Engine) -> int | None:
    """The process that delivers, or writes the reminders, at this moment."""
    with engine.connect() as connection:
        rows = connection.execute(
            select(JobLease.name, JobLease.owner).where(JobLease.name.in_(HOLDERS), JobLease.until.is_not(None))
        ).all()
    owners = {row.name: row.owner for row in rows}
    owner = next((owners[name] for name in HOLDERS if name in owners), "")
    return int(owner.split(":")[2]) if owner.count(":") == 3 else None


def storm(crew: Crew, sink: Sink, engine: Engine, asked: argparse.Namespace) -> float:
    """Kill whenever so many letters more have come in, or nothing comes; until all kills are done and all have the letter."""
    began, step, mark, quiet = time.monotonic(), asked.reminders // (asked.kills + 5), 0, time.monotonic()
    while time.monotonic() - began < asked.most_seconds:
        time.sleep(0.05)
        come = len(sink.taken)
        if sum(crew.killed.values()) < asked.kills and (come >= mark + step or time.monotonic() - quiet > 45):
            crew.kill(holder(engine) if random.random() < 0.85 else None)
            mark, quiet = come, time.monotonic()
        elif come > mark + step:
            quiet = time.monotonic()
        if sum(crew.killed.values()) >= asked.kills and not waiting(engine, asked.reminders):
            break
    return time.monotonic() - began


def waiting(engine: Engine, wanted: int) -> bool:
    """Whether some reminder is not written, or not sent yet."""
    with engine.connect() as connection:
        written = connection.scalar(select(func.count()).where(Notice.kind == REMINDER_KIND)) or 0
        pending = connection.scalar(
            select(func.count()).where(Notice.kind == REMINDER_KIND, Notice.mail_state == MailState.PENDING)
        )
    return written < wanted or bool(pending)


def judged(sink: Sink, engine: Engine, asked: argparse.Namespace) -> dict[str, Any]:
    """Who has the letter, how often, under which ids."""
    ids: dict[str, list[str]] = defaultdict(list)
    for message in list(sink.taken):
        ids[str(message["To"])].append(str(message["Message-ID"]))
    wanted = {f"g{n}@example.com" for n in range(asked.reminders)}
    with engine.connect() as connection:
        rows = connection.execute(
            select(Notice.recipient_key, func.count())
            .where(Notice.kind == REMINDER_KIND)
            .group_by(Notice.recipient_key)
        ).all()
    doubled = sum(row[1] > 1 for row in rows)
    return {
        "letters": sum(len(found) for found in ids.values()),
        "missing": len(wanted - set(ids)),
        "strangers": len(set(ids) - wanted),
        "had_it_twice": sum(len(found) > 1 for found in ids.values()),
        "repeats_under_another_id": sum(len(set(found)) > 1 for found in ids.values()),
        "doubled_in_the_outbox": doubled,
    }


def moved_on(app: App, event_id: int, sink: Sink) -> int:
    """The event moves by a week: how many reminders the worker would send now."""
    with app.app_context():
        before = len(sink.taken)
        now = utcnow()
        with unit_of_work() as session:
            event = session.get_one(Event, event_id)
            event.starts_at += timedelta(days=7)
            event.ends_at += timedelta(days=7)
        with unit_of_work() as session:
            due = services.remind(session.get_one(Event, event_id), now=now)
        db.engine.dispose()
        return due + len(sink.taken) - before


def measure(folder: Path, asked: argparse.Namespace) -> dict[str, Any]:
    app = fresh(folder, asked.database_url)
    with app.app_context():
        event_id = gather(app, asked.reminders)
        address = app.config["SQLALCHEMY_DATABASE_URI"]
        db.session.remove()
        db.engine.dispose()
    engine = create_engine(address, poolclass=NullPool)
    with mail_server() as sink:
        sink.handle_DATA = slowly(sink, asked.answer_seconds)  # type: ignore[method-assign]
        environment = {
            **os.environ, "MATCHHUB_ENVIRONMENT": "test", "MATCHHUB_SECRET_KEY": SECRET, "MATCHHUB_DATA_DIR": str(folder),
            "MATCHHUB_DATABASE_URL": asked.database_url, "MATCHHUB_MAIL_URL": sink.url,
        }  # fmt: skip
        crew = Crew(environment, folder / "workers.log")
        try:
            for _ in range(asked.workers):
                crew.start()
            seconds = storm(crew, sink, engine, asked)
        finally:
            crew.end()
        found = judged(sink, engine, asked) | {"sent_for_the_old_start": moved_on(app, event_id, sink)}
    engine.dispose()
    return found | {"kills": sum(crew.killed.values()), "killed": dict(crew.killed), "seconds": round(seconds, 1)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reminders", type=int, default=5000)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--answer-seconds", type=float, default=0.01, help="how long the mail server takes to answer")
    parser.add_argument("--most-seconds", type=int, default=1800, help="then what is missing counts as missing")
    parser.add_argument("--database-url", default="")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), asked)
    bars = ("missing", "strangers", "repeats_under_another_id", "doubled_in_the_outbox", "sent_for_the_old_start")
    met = all(found[name] == 0 for name in bars) and found["kills"] >= asked.kills
    for name, value in found.items():
        print(f"{name:28} {value}")
    print(json.dumps({"reminders": asked.reminders, "workers": asked.workers, **found, "met": met}))
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
