"""Whom an event invites, in waves."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, JSON, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.accounts.models import Organization, User
from matchhub.core.db import Base, enum_type, state_column, Timestamped, UtcDateTime, Versioned
from matchhub.events.enums import InvitationState, SeatRole
from matchhub.events.models.events import Event


class InvitationWave(Timestamped, Versioned, Base):
    """Invitations that go out together."""

    __tablename__ = "invitation_wave"
    __table_args__ = (UniqueConstraint("event_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    number: Mapped[int]
    planned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    event: Mapped[Event] = relationship()


class EventInvitation(Timestamped, Versioned, Base):
    """One person is invited, a member or a guest from outside. The token of the mail is derived as a ticket's code is.

    `reasons`: facts and numbers for the sentence in the mail, never what the other side keeps confidential.
    """

    __tablename__ = "event_invitation"
    __table_args__ = (UniqueConstraint("event_id", "person_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    wave_id: Mapped[int | None] = mapped_column(ForeignKey("invitation_wave.id"), index=True)
    person_key: Mapped[str] = mapped_column(String(270))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    organization_name: Mapped[str] = mapped_column(String(160), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    mobile: Mapped[str] = mapped_column(String(20), default="")
    locale: Mapped[str] = mapped_column(String(8), default="zh")
    role: Mapped[SeatRole] = mapped_column(enum_type(SeatRole))
    state: Mapped[InvitationState] = state_column(InvitationState.DRAFT)
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    nonce: Mapped[str] = mapped_column(String(32))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    event: Mapped[Event] = relationship()
    wave: Mapped[InvitationWave | None] = relationship()
    user: Mapped[User | None] = relationship()
    organization: Mapped[Organization | None] = relationship()


class InvitationStop(Timestamped, Base):
    """Somebody wants no more invitations to events, whoever sends them; said with one tap in a mail."""

    __tablename__ = "invitation_stop"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_key: Mapped[str] = mapped_column(String(270), unique=True)
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("event_invitation.id"))  # in which it was said
    at: Mapped[datetime] = mapped_column(UtcDateTime)
