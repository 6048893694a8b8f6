"""How the installation runs: what needs care, the jobs of the worker, the mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, UTC
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchhub.accounts.enums import OrganizationStatus
from matchhub.accounts.models import (
    Organization,
)
from matchhub.core.administration import administrator
from matchhub.core.db import db
from matchhub.core.jobs import HEARTBEAT, Job, JobLease
from matchhub.core.outbox import MailState, Notice
from matchhub.core.paging import Page, paged
from matchhub.core.policy import Actor
from matchhub.profiles.enums import ComplaintState
from matchhub.profiles.models import Complaint


@dataclass(frozen=True, slots=True)
class Overview:
    """The figures of the first page."""

    failed_mails: int
    late_jobs: Sequence[str]
    pending_organizations: int
    oldest_pending_at: datetime | None
    unverified_organizations: int
    open_complaints: int
    last_backup_at: datetime | None


@dataclass(frozen=True, slots=True)
class JobRow:
    """A duty of the worker, and how its last run went."""

    job: Job
    lease: JobLease | None
    is_late: bool


def overview(session: Session, *, duties: Sequence[Job], backups: Path, now: datetime) -> Overview:
    """The figures of the first page, in five queries."""
    failed = session.scalar(select(func.count()).where(Notice.mail_state == MailState.FAILED))
    pending = select(func.count(), func.min(Organization.updated_at)).where(
        Organization.status == OrganizationStatus.PENDING
    )
    waiting, oldest = session.execute(pending).one()
    unverified = session.scalar(select(func.count()).where(Organization.status == OrganizationStatus.UNVERIFIED))
    complaints = session.scalar(select(func.count()).where(Complaint.state == ComplaintState.OPEN))
    late = [row.job.name for row in job_rows(session, duties=duties, now=now) if row.is_late]
    return Overview(failed or 0, late, waiting, oldest, unverified or 0, complaints or 0, last_backup_at(backups))


def last_backup_at(folder: Path) -> datetime | None:
    """When the newest archive in the backup folder was written."""
    times = [path.stat().st_mtime for path in folder.glob("*.tar.gz")] if folder.is_dir() else []
    return datetime.fromtimestamp(max(times), UTC) if times else None


def job_rows(session: Session, *, duties: Sequence[Job], now: datetime) -> list[JobRow]:
    """Every duty of the worker with its lease, in one query."""
    leases = {row.name: row for row in session.scalars(select(JobLease))}
    return [JobRow(job, leases.get(job.name), _is_late(job, leases.get(job.name), now)) for job in duties]


def _is_late(job: Job, lease: JobLease | None, now: datetime) -> bool:
    """Due for one whole round (an hour for daily ones) and not begun, or ended in an error."""
    if lease is None or lease.started_at is None:
        return False
    slack = max(job.every_seconds, 60) if job.hour is None else 3600
    waited = (job.due_since(now) - lease.started_at).total_seconds()
    return bool(lease.last_error) or (not lease.is_held(now) and waited > slack)


def last_beat(session: Session) -> JobLease | None:
    """The worker's last sign of life."""
    return session.get(JobLease, HEARTBEAT)


def outbox(session: Session, *, state: str, text: str = "", number: int = 1) -> Page[Notice]:
    """Notices by how far their mail has come and by the beginning of the address, newest first."""
    statement = select(Notice).order_by(Notice.due_at.desc(), Notice.id.desc())
    if state in set(MailState):
        statement = statement.where(Notice.mail_state == MailState(state))
    if text := text.strip().lower():
        statement = statement.where(Notice.address.startswith(text, autoescape=True))
    return paged(session, statement, number)


def notice(actor: Actor, *, notice_id: int) -> Notice | None:
    """One notice, for an administrator."""
    return db.session.get(Notice, notice_id) if administrator(actor) else None


def mail_counts(session: Session) -> dict[MailState, int]:
    """How many notices there are in each state."""
    rows = session.execute(select(Notice.mail_state, func.count()).group_by(Notice.mail_state)).all()
    return {state: int(count) for state, count in rows}
