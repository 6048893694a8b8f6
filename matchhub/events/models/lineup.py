"""The call, who applies to pitch, what reviewers say, and the line-up."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, JSON, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.accounts.models import Organization, User
from matchhub.core.db import Base, only_where, state_column, Timestamped, UtcDateTime, Versioned
from matchhub.disclosure.models import Consent
from matchhub.events.enums import ApplicationState, PitchState
from matchhub.events.models.events import Event
from matchhub.listings.models import Need


class PitchCall(Timestamped, Versioned, Base):
    """An event asks firms to pitch. `criteria`: code, label, label_en, weight, most; blind hides who applies."""

    __tablename__ = "pitch_call"
    __table_args__ = (
        CheckConstraint("closes_at > opens_at", name="closes_after_opening"),
        CheckConstraint("places > 0 AND reserves >= 0", name="places"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), unique=True)
    opens_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime] = mapped_column(UtcDateTime)
    places: Mapped[int]
    reserves: Mapped[int]
    pitch_minutes: Mapped[int]
    blind: Mapped[bool] = mapped_column(default=False)
    criteria: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    words: Mapped[str] = mapped_column(Text, default="")
    event: Mapped[Event] = relationship()

    def is_open(self, now: datetime) -> bool:
        """Whether a firm may apply, or change what it sent, now."""
        return self.event.is_ahead(now) and self.opens_at <= now < self.closes_at


class PitchApplication(Timestamped, Versioned, Base):
    """A firm applies with a need that it already has, or is recommended by its carrier and has still to agree.

    `consent`: what the firm opens to the organizer; withdrawing it withdraws the application. Of the deck only what it holds
    is open.
    """

    __tablename__ = "pitch_application"
    __table_args__ = (
        Index(
            "uq_pitch_application_open", "event_id", "organization_id", unique=True,
            **only_where("state <> 'withdrawn'"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
    state: Mapped[ApplicationState] = state_column(ApplicationState.SUBMITTED)
    words: Mapped[str] = mapped_column(String(500), default="")
    recommended_by_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))  # the carrier
    applied_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    applied_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    consent_id: Mapped[int | None] = mapped_column(ForeignKey("consent.id"))
    event: Mapped[Event] = relationship()
    need: Mapped[Need] = relationship()
    organization: Mapped[Organization] = relationship(foreign_keys=[organization_id])
    recommended_by: Mapped[Organization | None] = relationship(foreign_keys=[recommended_by_id])
    consent: Mapped[Consent | None] = relationship()


class PitchReviewer(Timestamped, Base):
    """Somebody whom the organizer asked to score the applications of an event."""

    __tablename__ = "pitch_reviewer"
    __table_args__ = (UniqueConstraint("event_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))  # as whose member
    named_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    event: Mapped[Event] = relationship()
    user: Mapped[User] = relationship(foreign_keys=[user_id])
    organization: Mapped[Organization] = relationship()


class PitchReview(Timestamped, Versioned, Base):
    """One reviewer on one application; others read it once they have handed in their own. `conflict`: why not reviewed."""

    __tablename__ = "pitch_review"
    __table_args__ = (UniqueConstraint("application_id", "reviewer_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("pitch_application.id"))
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    scores: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)  # criterion → points
    remark: Mapped[str] = mapped_column(String(500), default="")
    conflict: Mapped[str] = mapped_column(String(300), default="")
    handed_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    application: Mapped[PitchApplication] = relationship()
    reviewer: Mapped[User] = relationship()


class Pitch(Timestamped, Versioned, Base):
    """An entry of the line-up. Its name is public only while `named_since` is set: the firm's own, separate consent."""

    __tablename__ = "pitch"
    __table_args__ = (
        Index(
            "uq_pitch_open", "event_id", "organization_id", unique=True, **only_where("state <> 'dropped'"),
        ),
        CheckConstraint("minutes > 0", name="length"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
    application_id: Mapped[int | None] = mapped_column(ForeignKey("pitch_application.id"))
    state: Mapped[PitchState] = state_column(PitchState.PROPOSED)
    position: Mapped[int] = mapped_column(default=0)
    offset_minutes: Mapped[int | None]  # from the event's start; None for reserves
    minutes: Mapped[int]
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # why the proposal has it
    named_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    named_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    public_line: Mapped[str] = mapped_column(String(80), default="")  # what the firm lets the page say of it
    public_line_en: Mapped[str] = mapped_column(String(160), default="")
    event: Mapped[Event] = relationship()
    need: Mapped[Need] = relationship()
    organization: Mapped[Organization] = relationship()

    @property
    def is_named(self) -> bool:
        """Whether the public page may name the firm."""
        return self.named_since is not None and self.state in (PitchState.CONFIRMED, PitchState.PRESENTED)

    @property
    def starts_at(self) -> datetime | None:
        """When it is this firm's turn; None for reserves."""
        return None if self.offset_minutes is None else self.event.starts_at + timedelta(minutes=self.offset_minutes)
