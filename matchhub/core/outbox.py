"""What tells someone something: notices for the bell and for mail, written in the transaction that they are about.

A row is the bell's entry and the mail's order in one. Unique per (kind, recipient, object, due time), so a retry of the
business transaction cannot tell twice. The worker sends what is due; a re-send carries the same Message-ID.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, JSON, select, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchhub.core import news
from matchhub.core.context import request_id
from matchhub.core.db import Base, db, enum_type, only_where, UtcDateTime
from matchhub.core.labels import Labelled, N_
from matchhub.core.wishes import Channel, Topic, wants


class MailState(Labelled):
    """How far the mail of a notice has come."""

    NONE = "none", N_("只在站内")
    PENDING = "pending", N_("待发送"), "blue"
    SENT = "sent", N_("已发送"), "green"
    FAILED = "failed", N_("发送失败"), "red"
    CANCELLED = "cancelled", N_("已撤销")


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """A kind of notice: its msgids with %(name)s places, under which topic people choose it, and on which channels it goes.

    An urgent one is mailed in quiet hours too; so is everything about security. `mail_path` makes the address in the letter
    of one person, where it carries what the bell and group chats must not.
    """

    code: str
    subject: str
    body: str
    mail: bool = True
    bell: bool = True
    topic: Topic = Topic.OTHER
    urgent: bool = False
    mail_path: Callable[["Notice"], str] | None = None

    @property
    def waits_for_morning(self) -> bool:
        """Whether its mail respects quiet hours."""
        return not (self.urgent or self.topic is Topic.SECURITY)


def _when_due(context: Any) -> datetime:
    due_at: datetime = context.get_current_parameters()["due_at"]
    return due_at


class Notice(Base):
    """One thing told to one person."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("kind", "recipient_key", "object_type", "object_id", "due_at"),
        Index("ix_notice_due", "mail_at", **only_where("mail_state = 'pending'")),
        Index("ix_notice_bell", "recipient_user_id", "read_at"),
        Index("ix_notice_due_at", "due_at"),
        CheckConstraint("recipient_user_id IS NOT NULL OR address <> '' OR robot_id IS NOT NULL", name="has_recipient"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    recipient_user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    recipient_key: Mapped[str] = mapped_column(String(120))
    organization_id: Mapped[int | None]  # as whose member the person is told
    robot_id: Mapped[int | None] = mapped_column(ForeignKey("group_robot.id"), index=True)  # told to a group instead
    address: Mapped[str] = mapped_column(String(254), default="")
    locale: Mapped[str] = mapped_column(String(8), default="zh")
    object_type: Mapped[str] = mapped_column(String(64), default="")
    object_id: Mapped[int] = mapped_column(default=0)
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    path: Mapped[str] = mapped_column(String(300), default="")  # where the notice leads
    bell: Mapped[bool] = mapped_column(default=True)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    mail_at: Mapped[datetime] = mapped_column(UtcDateTime, default=_when_due)  # or the end of quiet hours
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


@dataclass(frozen=True, slots=True)
class NoticeWritten:
    """Somebody is told something as a member of an organization: group robots listen."""

    kind: NoticeKind
    notice: Notice


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
) -> Notice | None:
    """Write the notice into the present transaction, on the channels that the person wants.

    `now` is when it may be told: the moment itself, or the end of the time in which the act can be undone. None when the
    very same one is there already, or where nobody would be told.
    """
    if about is not None and about.id is None:
        db.session.flush()
    notice = _drafted(kind, recipient, about, now)
    if is_written(notice) or (recipient.user_id is None and not notice.address):
        return None
    notice.values, notice.path = dict(values or {}), path
    db.session.add(notice)
    news.publish(NoticeWritten(kind, notice), now=now)
    return notice


def _drafted(kind: NoticeKind, recipient: Recipient, about: Any, due_at: datetime) -> Notice:
    session, user_id = db.session(), recipient.user_id
    mail = kind.mail and bool(recipient.address) and wants(session, user_id, kind.topic, Channel.MAIL)
    return Notice(
        kind=kind.code,
        recipient_user_id=user_id,
        recipient_key=recipient.key,
        organization_id=recipient.organization_id,
        address=recipient.address if mail else "",
        locale=recipient.locale,
        object_type=getattr(about, "__tablename__", ""),
        object_id=int(getattr(about, "id", 0) or 0),
        bell=kind.bell and user_id is not None and wants(session, user_id, kind.topic, Channel.BELL),
        due_at=due_at,
        mail_at=due_at,
        created_at=due_at,
        mail_state=MailState.PENDING if mail else MailState.NONE,
        message_id=f"<{uuid4().hex}@matchhub>" if mail else "",
        request_id=request_id(),
    )


def is_written(notice: Notice) -> bool:
    """Whether this recipient is told the same of the same object at the same time already."""
    same = select(Notice.id).where(
        Notice.kind == notice.kind,
        Notice.recipient_key == notice.recipient_key,
        Notice.object_type == notice.object_type,
        Notice.object_id == notice.object_id,
        Notice.due_at == notice.due_at,
    )
    return db.session.scalar(same) is not None


def cancel(about: Any) -> int:
    """Take back what has not been sent about `about`; the number of mails that will not go."""
    pending = db.session.scalars(
        select(Notice).where(
            Notice.object_type == about.__tablename__,
            Notice.object_id == about.id,
            Notice.mail_state == MailState.PENDING,
        )
    ).all()
    for notice in pending:
        notice.mail_state = MailState.CANCELLED
        notice.bell = False
    return len(pending)


def take_back(about: Any, *, now: datetime) -> int:
    """The act is undone before anybody was told: what is not due yet about `about` was never written. How many."""
    rows = db.session.scalars(
        select(Notice).where(
            Notice.object_type == about.__tablename__, Notice.object_id == about.id, Notice.due_at > now
        )
    ).all()
    for notice in rows:
        db.session.delete(notice)
    return len(rows)
