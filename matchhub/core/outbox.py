"""What tells someone something: notices for the bell and for mail, written in the transaction that they are about.

A row is the bell's entry and the mail's order in one. Unique per (kind, recipient, object, due time), so a retry of the
business transaction cannot tell twice. The worker sends what is due; a re-send carries the same Message-ID.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, JSON, select, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchhub.core.context import request_id
from matchhub.core.db import Base, db, enum_type, only_where, UtcDateTime
from matchhub.core.labels import Labelled, N_

UNDO_SECONDS = 10


class MailState(Labelled):
    """How far the mail of a notice has come."""

    NONE = "none", N_("只在站内")
    PENDING = "pending", N_("待发送"), "blue"
    SENT = "sent", N_("已发送"), "green"
    FAILED = "failed", N_("发送失败"), "red"
    CANCELLED = "cancelled", N_("已撤销")


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """A kind of notice: its msgids with %(name)s places, and whether it is also sent by mail."""

    code: str
    subject: str
    body: str
    mail: bool = True
    bell: bool = True


class Notice(Base):
    """One thing told to one person."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("kind", "recipient_key", "object_type", "object_id", "due_at"),
        Index("ix_notice_due", "due_at", **only_where("mail_state = 'pending'")),
        Index("ix_notice_bell", "recipient_user_id", "read_at"),
        CheckConstraint("recipient_user_id IS NOT NULL OR address <> ''", name="has_recipient"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    recipient_user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    recipient_key: Mapped[str] = mapped_column(String(120))
    organization_id: Mapped[int | None]  # as whose member the person is told
    address: Mapped[str] = mapped_column(String(254), default="")
    locale: Mapped[str] = mapped_column(String(8), default="zh")
    object_type: Mapped[str] = mapped_column(String(64), default="")
    object_id: Mapped[int] = mapped_column(default=0)
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    path: Mapped[str] = mapped_column(String(300), default="")  # where the notice leads
    bell: Mapped[bool] = mapped_column(default=True)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    mail_state: Mapped[MailState] = mapped_column(enum_type(MailState), default=MailState.NONE)
    message_id: Mapped[str] = mapped_column(String(120), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str] = mapped_column(String(300), default="")
    request_id: Mapped[str] = mapped_column(String(40), default="")


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is told: a person with an account, or an address without one."""

    user_id: int | None = None
    address: str = ""
    locale: str = "zh"
    organization_id: int | None = None

    @property
    def key(self) -> str:
        return f"user:{self.user_id}" if self.user_id else self.address[:120]


@dataclass(slots=True)
class Registry:
    """The kinds of notice that `wiring.py` has collected from the features."""

    kinds: dict[str, NoticeKind] = field(default_factory=dict)

    def add(self, *kinds: NoticeKind) -> None:
        for kind in kinds:
            self.kinds[kind.code] = kind


KINDS = Registry()


def enqueue(
    kind: NoticeKind,
    recipient: Recipient,
    *,
    about: Any = None,
    values: Mapping[str, Any] | None = None,
    path: str = "",
    now: datetime,
    after_seconds: int = 0,
) -> Notice | None:
    """Write the notice into the present transaction; None when the very same one is there already."""
    due_at = now + timedelta(seconds=after_seconds)
    object_type = getattr(about, "__tablename__", "")
    if about is not None and about.id is None:
        db.session.flush()
    object_id = int(getattr(about, "id", 0) or 0)
    same = select(Notice.id).where(
        Notice.kind == kind.code,
        Notice.recipient_key == recipient.key,
        Notice.object_type == object_type,
        Notice.object_id == object_id,
        Notice.due_at == due_at,
    )
    if db.session.scalar(same) is not None:
        return None
    mail = kind.mail and bool(recipient.address)
    notice = Notice(
        kind=kind.code,
        recipient_user_id=recipient.user_id,
        recipient_key=recipient.key,
        organization_id=recipient.organization_id,
        address=recipient.address if mail else "",
        locale=recipient.locale,
        object_type=object_type,
        object_id=object_id,
        values=dict(values or {}),
        path=path,
        bell=kind.bell and recipient.user_id is not None,
        due_at=due_at,
        created_at=now,
        mail_state=MailState.PENDING if mail else MailState.NONE,
        message_id=f"<{uuid4().hex}@matchhub>" if mail else "",
        request_id=request_id(),
    )
    if not mail and recipient.user_id is None:
        return None
    db.session.add(notice)
    return notice


def cancel(about: Any, *, kind: NoticeKind | None = None) -> int:
    """Take back what has not been sent about `about`; the number of mails that will not go."""
    statement = select(Notice).where(
        Notice.object_type == about.__tablename__,
        Notice.object_id == about.id,
        Notice.mail_state == MailState.PENDING,
    )
    if kind is not None:
        statement = statement.where(Notice.kind == kind.code)
    pending = db.session.scalars(statement).all()
    for notice in pending:
        notice.mail_state = MailState.CANCELLED
        notice.bell = False
    return len(pending)
