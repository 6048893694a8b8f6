"""What follows an event: what people say of it, whom they met, what became of that, the report."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, JSON, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.core.db import Base, enum_type, only_where, Timestamped, UtcDateTime, Versioned
from matchhub.events.enums import ContactEnd, ContactSource, FollowUpAnswer, MeetingSide
from matchhub.events.models.events import Event
from matchhub.events.models.lineup import Pitch
from matchhub.events.models.seats import Registration
from matchhub.introductions.models import Introduction


class Feedback(Timestamped, Versioned, Base):
    """Somebody who came is asked once, and answers once. Read in sums alone. The token of the mail is derived as a ticket's is.

    `answers`: by the key of the template's question. `quotable`: the person lets the report quote the words, without a name.
    """

    __tablename__ = "event_feedback"
    __table_args__ = (
        Index("ix_event_feedback_answered", "event_id", "answered_at"),
        CheckConstraint("answered_at IS NOT NULL OR NOT quotable", name="quotes_need_words"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), unique=True)
    nonce: Mapped[str] = mapped_column(String(32))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    quotable: Mapped[bool] = mapped_column(default=False)
    event: Mapped[Event] = relationship()
    registration: Mapped[Registration] = relationship()

    def is_open(self, now: datetime) -> bool:
        """Whether it can still be answered."""
        return self.answered_at is None and now < self.closes_at


class EventContact(Timestamped, Versioned, Base):
    """Two who found each other at an event: one row for a pair, however they met. It ends with a result, or with a no.

    What becomes of it stands in the introduction and its deal, case or engagement; nothing of that is stored here.
    """

    __tablename__ = "event_contact"
    __table_args__: Any = (
        UniqueConstraint("giver_place_id", "firm_place_id"),
        UniqueConstraint("giver_place_id", "pitch_id"),
        CheckConstraint("firm_place_id IS NOT NULL OR pitch_id IS NOT NULL", name="has_a_firm"),
        CheckConstraint("(ended_at IS NULL) = (ended_as IS NULL)", name="ends_somehow"),
        Index("ix_event_contact_open", "met_at", **only_where("ended_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    source: Mapped[ContactSource] = mapped_column(enum_type(ContactSource))
    giver_place_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    firm_place_id: Mapped[int | None] = mapped_column(ForeignKey("registration.id"), index=True)
    pitch_id: Mapped[int | None] = mapped_column(ForeignKey("pitch.id"), index=True)
    introduction_id: Mapped[int | None] = mapped_column(ForeignKey("introduction.id"), index=True)
    met_at: Mapped[datetime] = mapped_column(UtcDateTime)  # the end of the event: follow-ups count from it
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_as: Mapped[ContactEnd | None] = mapped_column(enum_type(ContactEnd))
    event: Mapped[Event] = relationship()
    giver_place: Mapped[Registration] = relationship(foreign_keys=[giver_place_id])
    firm_place: Mapped[Registration | None] = relationship(foreign_keys=[firm_place_id])
    pitch: Mapped[Pitch | None] = relationship()
    introduction: Mapped[Introduction | None] = relationship()

    @property
    def giver_id(self) -> int | None:
        """The organization on the side of money and advice."""
        return self.giver_place.organization_id

    @property
    def firm_id(self) -> int | None:
        """The firm."""
        if self.firm_place is not None:
            return self.firm_place.organization_id
        return self.pitch.organization_id if self.pitch is not None else None


class FollowUp(Timestamped, Versioned, Base):
    """One side of a contact is asked what became of it, so many days after: once. Unanswered, the next one takes its place."""

    __tablename__ = "follow_up"
    __table_args__ = (
        UniqueConstraint("contact_id", "side", "day"),
        CheckConstraint("day > 0", name="after_the_event"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered_when"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("event_contact.id"))
    side: Mapped[MeetingSide] = mapped_column(enum_type(MeetingSide))
    day: Mapped[int]
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    nonce: Mapped[str] = mapped_column(String(32))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    answer: Mapped[FollowUpAnswer | None] = mapped_column(enum_type(FollowUpAnswer))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    contact: Mapped[EventContact] = relationship()

    @property
    def event(self) -> Event:
        """The event at which the two met."""
        return self.contact.event


class EventReport(Timestamped, Versioned, Base):
    """What an event came to, as published: the figures of that day, which do not change under the reader."""

    __tablename__ = "event_report"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), unique=True)
    as_of: Mapped[datetime] = mapped_column(UtcDateTime)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    words: Mapped[str] = mapped_column(Text, default="")  # the organizer's own
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    event: Mapped[Event] = relationship()
