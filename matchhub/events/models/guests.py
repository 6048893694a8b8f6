"""Visitors without an account: who asked for a place by mail. And when people are free for events."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, JSON, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.accounts.models import User
from matchhub.core.db import Base, Timestamped, UtcDateTime, Versioned
from matchhub.events.models.events import Event
from matchhub.events.models.seats import Registration


class GuestPlace(Timestamped, Versioned, Base):
    """A visitor asks by mail for a place at a public event: nothing is held until the mailed address was opened and confirmed.

    From then on that address is the key to the place (`registration`). Its token is derived as a ticket's code is. Where the
    person has an account later, the place goes over to it and the address ends.
    """

    __tablename__ = "guest_place"
    __table_args__: Any = (
        UniqueConstraint("event_id", "email"),
        CheckConstraint("(confirmed_at IS NULL) = (registration_id IS NULL)", name="confirmed_with_a_place"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    email: Mapped[str] = mapped_column(String(254), index=True)
    name: Mapped[str] = mapped_column(String(60))
    organization_name: Mapped[str] = mapped_column(String(160), default="")
    mobile: Mapped[str] = mapped_column(String(20), default="")
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    locale: Mapped[str] = mapped_column(String(8), default="zh")
    text_id: Mapped[int] = mapped_column(ForeignKey("legal_text.id"))  # the privacy text that was agreed to
    nonce: Mapped[str] = mapped_column(String(32))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)  # of the question, not of the place
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    registration_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"), unique=True)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the place belongs to an account
    event: Mapped[Event] = relationship()
    registration: Mapped[Registration | None] = relationship()


class Availability(Timestamped, Versioned, Base):
    """When a person is free for events, as the person has stated it: parts of the week, and days on which not.

    `slots`: `0-morning` … `6-evening` (0 is Monday). `away`: pairs of days, the first and the last.
    """

    __tablename__ = "availability"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    slots: Mapped[list[str]] = mapped_column(JSON, default=list)
    away: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    stated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    user: Mapped[User] = relationship()
