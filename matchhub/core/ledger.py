"""The second, short transaction: access audit, sign-in attempts, sessions, used codes, security events, last-seen.

Entries are kept until the request's own transaction has ended and are then written, whatever its outcome. `write_now`
writes at once, for what must be durable before the first byte leaves or must be known to be unique.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column, Session

from matchhub.core import audit
from matchhub.core.clock import utcnow
from matchhub.core.context import request_id
from matchhub.core.db import Base, db, UtcDateTime, writing
from matchhub.core.engine import WRITE
from matchhub.core.policy import Actor

Entry = Callable[[Session], Any]


class SecurityEvent(Base):
    """Something that a security officer would want to know: a refusal, a lock-out, a reused code."""

    __tablename__ = "security_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow, index=True)
    kind: Mapped[str] = mapped_column(String(64), index=True)
    actor_user_id: Mapped[int | None]
    actor_organization_id: Mapped[int | None]
    ip: Mapped[str] = mapped_column(String(64), default="")
    request_id: Mapped[str] = mapped_column(String(40), default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


def add(row: Base) -> None:
    """Keep `row` for the ledger transaction that follows the request's own."""
    later(lambda session: session.add(row))


def later(entry: Entry) -> None:
    """Keep a function of a session for the ledger transaction that follows the request's own."""
    db.session().info.setdefault("ledger", []).append(entry)


def security_event(actor: Actor, kind: str, **details: Any) -> None:
    """Note a security event; survives the refusal that it is about."""
    add(
        SecurityEvent(
            kind=kind,
            actor_user_id=actor.user_id,
            actor_organization_id=actor.organization_id,
            ip=actor.ip,
            request_id=request_id(),
            details=details,
        )
    )


def forget() -> None:
    """Drop what was kept: the request that noted it begins anew."""
    db.session().info.pop("ledger", None)


def flush() -> None:
    """Write what was kept. Called once after the request's transaction has ended."""
    entries: list[Entry] = db.session().info.pop("ledger", [])
    if entries:
        write_now(lambda session: [entry(session) for entry in entries])


def write_now(entry: Entry) -> None:
    """Write at once in a transaction of its own. Raises RuntimeError inside a write phase: it would wait for itself."""
    if writing():
        raise RuntimeError("end the write phase before writing the ledger")
    with Session(db.engine) as session:
        session.connection(execution_options={WRITE: True})
        entry(session)
        session.commit()


def take(row: Base) -> bool:
    """Store `row` at once; False when a unique key says that it was there already (a used code, a used token)."""
    try:
        write_now(lambda session: session.add(row))
    except IntegrityError:
        return False
    return True


def record_access(actor: Actor, action: str, subject: Any, **details: Any) -> None:
    """Make the reading of a deck or a contact durable before the first byte leaves."""
    row = audit.event(actor, action, subject, **details)
    write_now(lambda session: session.add(row))
