"""What the worker runs and who holds it: one lease row per job, taken by a conditional update, never run twice at once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, String, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from matchhub.core.db import Base, db, unit_of_work, UtcDateTime


@dataclass(frozen=True, slots=True)
class Job:
    """A named duty of the worker: run every so many seconds, or daily at `hour` (city time). Must be safe to repeat."""

    name: str
    run: Callable[[datetime], object]
    every_seconds: int = 60
    hour: int | None = None
    lease_seconds: int = 300


class JobLease(Base):
    """A job, who holds it and until when; and when it last ended, for the health page."""

    __tablename__ = "job_lease"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    owner: Mapped[str] = mapped_column(String(80), default="")
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str] = mapped_column(String(500), default="")


def take(name: str, owner: str, *, now: datetime, seconds: int) -> bool:
    """Take the job `name` for `seconds`; False when another worker holds it."""
    try:
        with unit_of_work() as session:
            if session.get(JobLease, name) is None:
                session.add(JobLease(name=name))
                session.flush()
            taken = session.execute(
                update(JobLease)
                .where(
                    JobLease.name == name, or_(JobLease.until.is_(None), JobLease.until < now, JobLease.owner == owner)
                )
                .values(owner=owner, until=now + timedelta(seconds=seconds), started_at=now)
                .execution_options(synchronize_session=False)
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
