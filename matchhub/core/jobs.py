"""What the worker runs and who holds it: one lease row per job, taken by a conditional update, never run twice at once."""

import os
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import or_, select, String, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from matchhub.core.clock import CITY_ZONE
from matchhub.core.db import Base, db, unit_of_work, UtcDateTime

HEARTBEAT = "worker"
HEARTBEAT_SECONDS = 20
CLOCK_SLACK = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Job:
    """A named duty of the worker: run every so many seconds, or daily at `hour` (city time). Must be safe to repeat."""

    name: str
    run: Callable[[datetime], object]
    label: str = ""  # what an administrator reads, a msgid
    every_seconds: int = 60
    hour: int | None = None
    lease_seconds: int = 300

    def due_since(self, now: datetime) -> datetime:
        """The moment since which a start counts as done: a job that started later is not due at `now`."""
        if self.hour is None:
            return now - timedelta(seconds=self.every_seconds)
        local = now.astimezone(CITY_ZONE)
        today = datetime.combine(local.date(), time(self.hour), CITY_ZONE)
        return today if local >= today else today - timedelta(days=1)


class JobLease(Base):
    """A job, who holds it and until when; and when it last ended, for the health page."""

    __tablename__ = "job_lease"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    owner: Mapped[str] = mapped_column(String(80), default="")
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str] = mapped_column(String(500), default="")

    @property
    def was_cut_off(self) -> bool:
        """Whether the last run never ended: its worker was killed."""
        return self.started_at is not None and (self.finished_at is None or self.finished_at < self.started_at)

    def is_held(self, now: datetime) -> bool:
        """Whether a worker holds it now."""
        return self.until is not None and self.until >= now

    def is_due(self, job: Job, now: datetime) -> bool:
        """Whether a worker should try to take it. A start in the future is a clock that was set back."""
        if self.is_held(now) and not is_gone(self.owner):
            return False
        started = self.started_at
        return started is None or started < job.due_since(now) or started > now + CLOCK_SLACK or self.was_cut_off


def here() -> str:
    """Which machine, and which view of its processes: within it a process can be seen to be gone."""
    with suppress(OSError):
        return f"{socket.gethostname()[:40]}:{os.stat('/proc/self/ns/pid').st_ino}"
    return socket.gethostname()[:40]


def owner_name() -> str:
    """What this process is called as the holder of a job."""
    return f"{here()}:{os.getpid()}:{secrets.token_hex(4)}"


def is_gone(owner: str) -> bool:
    """Whether the process that holds a job is known to have ended: only one of this very machine can be."""
    place, _, rest = owner.rpartition(":")[0].rpartition(":")
    if place != here() or not rest.isdigit():
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def take(
    name: str,
    owner: str,
    *,
    now: datetime,
    seconds: int,
    unless_started_since: datetime | None = None,
    after: str | None = None,
) -> bool:
    """Take the job `name` for `seconds`; False when another worker holds it or has run it `unless_started_since` then.

    `after`: the holder whose process is gone, and whose lease therefore counts no more.
    """
    try:
        with unit_of_work() as session:
            if session.get(JobLease, name) is None:
                session.add(JobLease(name=name))
                session.flush()
            statement = update(JobLease).where(
                JobLease.name == name,
                or_(JobLease.until.is_(None), JobLease.until < now, JobLease.owner.in_((owner, after or owner))),
            )
            if unless_started_since is not None:
                statement = statement.where(
                    or_(
                        JobLease.started_at.is_(None),
                        JobLease.started_at < unless_started_since,
                        JobLease.started_at > now + CLOCK_SLACK,
                        JobLease.finished_at.is_(None),
                        JobLease.finished_at < JobLease.started_at,
                    )
                )
            taken = session.execute(
                statement.values(owner=owner, until=now + timedelta(seconds=seconds), started_at=now).execution_options(
                    synchronize_session=False
                )
            )
            return bool(taken.rowcount)  # type: ignore[attr-defined]
    except IntegrityError:
        return False


def give_back(name: str, owner: str, *, now: datetime, error: str = "") -> None:
    """End the lease and note how it went."""
    with unit_of_work():
        db.session.execute(
            update(JobLease)
            .where(JobLease.name == name, JobLease.owner == owner)
            .values(until=None, finished_at=now, last_error=error[:500])
            .execution_options(synchronize_session=False)
        )


def beat(owner: str, *, now: datetime) -> None:
    """Say that a worker is alive."""
    with unit_of_work() as session:
        row = session.get(JobLease, HEARTBEAT)
        if row is None:
            session.add(JobLease(name=HEARTBEAT, owner=owner, started_at=now, finished_at=now))
        else:
            row.owner, row.started_at, row.finished_at = owner, now, now


def leases() -> dict[str, JobLease]:
    """All rows by the name of their job."""
    return {row.name: row for row in db.session.scalars(select(JobLease))}
