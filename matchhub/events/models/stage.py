"""The day itself: who keeps the door, what is on, what the jury says, whom an investor wants to hear more from."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, JSON, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.accounts.models import Organization, User
from matchhub.core.db import Base, state_column, Timestamped, UtcDateTime, Versioned
from matchhub.events.enums import JuryState
from matchhub.events.models.events import AgendaItem, Event
from matchhub.events.models.lineup import Pitch
from matchhub.events.models.seats import Registration
from matchhub.introductions.models import Introduction


class DoorKeeper(Timestamped, Base):
    """A member of the host who may let people in at this event, and nothing else."""

    __tablename__ = "door_keeper"
    __table_args__ = (UniqueConstraint("event_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    event: Mapped[Event] = relationship(back_populates="door_keepers")
    user: Mapped[User] = relationship()


class StageClock(Timestamped, Versioned, Base):
    """What is on at an event, and how late it is. `delay_minutes` counts for all that has not begun yet.

    Either an item of the agenda or a pitch is on; nothing is, before the organizer says so: then the plan's times tell.
    """

    __tablename__ = "stage_clock"
    __table_args__ = (
        CheckConstraint("delay_minutes BETWEEN -240 AND 480", name="delay"),
        CheckConstraint("item_id IS NULL OR pitch_id IS NULL", name="one_thing_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), unique=True)
    delay_minutes: Mapped[int] = mapped_column(default=0)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("agenda_item.id", ondelete="SET NULL"))
    pitch_id: Mapped[int | None] = mapped_column(ForeignKey("pitch.id"))
    on_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    event: Mapped[Event] = relationship()
    item: Mapped[AgendaItem | None] = relationship()
    pitch: Mapped[Pitch | None] = relationship()


class Jury(Timestamped, Versioned, Base):
    """Scores of the pitches of an event. Sealed until every member has handed in everything, or the organizer closes.

    `criteria`: code, label, label_en, weight, most; kept here, so that a later version of the template changes nothing.
    """

    __tablename__ = "jury"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), unique=True)
    state: Mapped[JuryState] = state_column(JuryState.SCORING)
    criteria: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    drop_extremes: Mapped[bool] = mapped_column(default=False)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    closing_reason: Mapped[str] = mapped_column(String(300), default="")  # empty where all were in
    event: Mapped[Event] = relationship()


class JuryMember(Timestamped, Versioned, Base):
    """Who scores, and as whose member: a person with an account, who needs no seat."""

    __tablename__ = "jury_member"
    __table_args__ = (UniqueConstraint("jury_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    jury_id: Mapped[int] = mapped_column(ForeignKey("jury.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    dismissed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    jury: Mapped[Jury] = relationship()
    user: Mapped[User] = relationship()
    organization: Mapped[Organization | None] = relationship()

    @property
    def event(self) -> Event:
        """The event whose pitches the member scores."""
        return self.jury.event


class JuryScore(Timestamped, Versioned, Base):
    """One member on one pitch. `points`: criterion → points. `conflict`: why not scored; such a row has no points."""

    __tablename__ = "jury_score"
    __table_args__ = (UniqueConstraint("member_id", "pitch_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("jury_member.id"))
    pitch_id: Mapped[int] = mapped_column(ForeignKey("pitch.id"), index=True)
    points: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    remark: Mapped[str] = mapped_column(String(300), default="")
    conflict: Mapped[str] = mapped_column(String(300), default="")
    handed_in_at: Mapped[datetime] = mapped_column(UtcDateTime)
    member: Mapped[JuryMember] = relationship()
    pitch: Mapped[Pitch] = relationship()


class PitchInterest(Timestamped, Versioned, Base):
    """An investor in the room wants to hear more of a project; `introduction_id` once the introduction is asked for."""

    __tablename__ = "pitch_interest"
    __table_args__ = (UniqueConstraint("pitch_id", "registration_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pitch_id: Mapped[int] = mapped_column(ForeignKey("pitch.id"))
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), index=True)
    said_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    introduction_id: Mapped[int | None] = mapped_column(ForeignKey("introduction.id", ondelete="SET NULL"), index=True)
    pitch: Mapped[Pitch] = relationship()
    registration: Mapped[Registration] = relationship()
    introduction: Mapped[Introduction | None] = relationship()
