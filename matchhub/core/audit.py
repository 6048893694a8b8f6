"""The trail: one append-only row for each write, in the same transaction, and for each reading of a deck or a contact."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from matchhub.core.clock import utcnow
from matchhub.core.context import request_id
from matchhub.core.db import Base, db, UtcDateTime
from matchhub.core.policy import Actor


class AuditEvent(Base):
    """Who did what to which object, when, on whose behalf. No personal data: names of fields, not their contents."""

    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_object", "object_type", "object_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, index=True)
    action: Mapped[str] = mapped_column(String(80), index=True)
    actor_user_id: Mapped[int | None]
    actor_organization_id: Mapped[int | None] = mapped_column(index=True)
    actor_role: Mapped[str] = mapped_column(String(32), default="")
    object_type: Mapped[str] = mapped_column(String(64), default="")
    object_id: Mapped[int | None]
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    request_id: Mapped[str] = mapped_column(String(40), default="")
    ip: Mapped[str] = mapped_column(String(64), default="")


def event(actor: Actor, action: str, subject: Any = None, **details: Any) -> AuditEvent:
    """The row for one action, not yet stored. `subject` is a mapped row, flushed so that it has an id."""
    return AuditEvent(
        action=action,
        actor_user_id=actor.user_id,
        actor_organization_id=actor.organization_id,
        actor_role="system" if actor.system else actor.role,
        object_type=getattr(subject, "__tablename__", ""),
        object_id=getattr(subject, "id", None),
        details={key: value for key, value in details.items() if value is not None},
        request_id=request_id(),
        ip=actor.ip,
    )


def record(actor: Actor, action: str, subject: Any = None, **details: Any) -> None:
    """Leave a trace of a write, in its own transaction: both happen or neither."""
    if subject is not None and getattr(subject, "id", None) is None:
        db.session.flush()
    db.session.add(event(actor, action, subject, **details))
