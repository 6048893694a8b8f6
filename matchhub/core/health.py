"""Whether the installation is well: the same questions for /readyz, the administrator's page and `matchhub check`."""

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from matchhub.core.jobs import HEARTBEAT, JobLease
from matchhub.core.labels import N_
from matchhub.core.outbox import MailState, Notice
from matchhub.settings import ROOT

HEARTBEAT_LIMIT = timedelta(seconds=90)
OUTBOX_LIMIT = timedelta(minutes=15)
LEAST_FREE_BYTES = 500 * 2**20


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `name` is stable, `label` a msgid with %(name)s places that `values` fill."""

    name: str
    label: str
    is_well: bool
    values: dict[str, object]


@lru_cache(maxsize=1)
def code_head() -> str:
    """The newest migration that this code brings."""
    return ScriptDirectory(str(ROOT / "migrations")).get_current_head() or ""


def database_head(session: Session) -> str:
    """The migration that the database is at; '' before the first."""
    try:
        return str(session.scalar(text("SELECT version_num FROM alembic_version")) or "")
    except SQLAlchemyError:
        session.rollback()
        return ""


def findings(session: Session, *, data_dir: Path, now: datetime) -> list[Finding]:
    """Everything that is looked at, well or not. Raises SQLAlchemyError when the database does not answer."""
    head = database_head(session)
    if head != code_head():
        return [Finding("head", N_("数据库还没有升级"), False, {})]
    return [
        Finding("head", N_("数据库版本与程序一致"), True, {}),
        worker_finding(session, now=now),
        outbox_finding(session, now=now),
        disk_finding(data_dir),
    ]


def worker_finding(session: Session, *, now: datetime) -> Finding:
    """Whether a worker has said lately that it is alive."""
    beat = session.scalar(select(JobLease.started_at).where(JobLease.name == HEARTBEAT))
    if beat is None or now - beat > HEARTBEAT_LIMIT:
        return Finding("worker", N_("后台进程没有在运行"), False, {})
    return Finding("worker", N_("后台进程在运行"), True, {})


def outbox_finding(session: Session, *, now: datetime) -> Finding:
    """Whether mail that was due has waited too long."""
    oldest = session.scalar(
        select(func.min(Notice.mail_at)).where(Notice.mail_state == MailState.PENDING, Notice.mail_at <= now)
    )
    minutes = int((now - oldest).total_seconds() // 60) if oldest else 0
    if oldest and now - oldest > OUTBOX_LIMIT:
        return Finding("outbox", N_("最早的邮件已等了 %(minutes)s 分钟"), False, {"minutes": minutes})
    return Finding("outbox", N_("邮件没有积压"), True, {})


def disk_finding(data_dir: Path) -> Finding:
    """Whether there is room to write."""
    free = shutil.disk_usage(data_dir if data_dir.exists() else data_dir.resolve().parent).free
    return Finding(
        "disk", N_("磁盘剩余 %(gigabytes)s GB"), free >= LEAST_FREE_BYTES, {"gigabytes": f"{free / 2**30:.1f}"}
    )
