"""Meetings one to one at an event: the round, who takes part, whom they want to meet, the plan."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, JSON, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.core.db import Base, enum_type, state_column, Timestamped, UtcDateTime, Versioned
from matchhub.events.enums import MeetingOutcome, MeetingSide, RoundState, WishKind
from matchhub.events.models.events import AgendaItem, Event
from matchhub.events.models.seats import Registration


class MeetingRound(Timestamped, Versioned, Base):
    """The meetings one to one of an event. Slots follow from the agenda item; bounds are meetings per person and side.

    `worth`, `gap`: of the present plan, see the matcher's plans of meetings.
    """

    __tablename__ = "meeting_round"
    __table_args__ = (
        CheckConstraint("slot_minutes > 0 AND pause_minutes >= 0", name="times"),
        CheckConstraint("tables > 0", name="tables"),
        CheckConstraint("giver_least >= 0 AND giver_least <= giver_most", name="giver_bounds"),
        CheckConstraint("firm_least >= 0 AND firm_least <= firm_most", name="firm_bounds"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), unique=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("agenda_item.id"))
    state: Mapped[RoundState] = state_column(RoundState.COLLECTING)
    slot_minutes: Mapped[int] = mapped_column(default=15)
    pause_minutes: Mapped[int] = mapped_column(default=5)
    tables: Mapped[int]
    giver_least: Mapped[int] = mapped_column(default=1)
    giver_most: Mapped[int] = mapped_column(default=8)
    firm_least: Mapped[int] = mapped_column(default=1)
    firm_most: Mapped[int] = mapped_column(default=8)
    wishes_close_at: Mapped[datetime] = mapped_column(UtcDateTime)
    planned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    worth: Mapped[float] = mapped_column(default=0.0)
    gap: Mapped[float] = mapped_column(default=0.0)
    event: Mapped[Event] = relationship()
    item: Mapped[AgendaItem] = relationship()

    @property
    def slots(self) -> int:
        """How many meetings fit one after the other."""
        return max(0, (self.item.minutes + self.pause_minutes) // (self.slot_minutes + self.pause_minutes))

    def slot_starts_at(self, slot: int) -> datetime:
        """When a slot begins."""
        begins = self.item.starts_at(self.event.starts_at)
        return begins + timedelta(minutes=slot * (self.slot_minutes + self.pause_minutes))

    def takes_wishes(self, now: datetime) -> bool:
        """Whether somebody may still say whom to meet."""
        return self.state is not RoundState.PUBLISHED and now < self.wishes_close_at


class MeetingGuest(Timestamped, Versioned, Base):
    """Somebody who takes part in the meetings; joining shows one's name and organization to the other side of the room.

    `away`: slots in which the person cannot. `missing_from`: on the day, the first slot without them.
    """

    __tablename__ = "meeting_guest"
    __table_args__ = (UniqueConstraint("round_id", "registration_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("meeting_round.id"))
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), index=True)
    side: Mapped[MeetingSide] = mapped_column(enum_type(MeetingSide))
    away: Mapped[list[int]] = mapped_column(JSON, default=list)
    missing_from: Mapped[int | None]
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    round: Mapped[MeetingRound] = relationship()
    registration: Mapped[Registration] = relationship(lazy="joined", innerjoin=True)

    @property
    def event(self) -> Event:
        """The event whose meetings these are."""
        return self.round.event


class MeetingWish(Timestamped, Base):
    """Whom one guest wants to meet, or not. Read by the plan alone, and by whoever wished."""

    __tablename__ = "meeting_wish"
    __table_args__ = (
        UniqueConstraint("guest_id", "other_id"),
        CheckConstraint("guest_id <> other_id", name="two_guests"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    guest_id: Mapped[int] = mapped_column(ForeignKey("meeting_guest.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("meeting_guest.id"), index=True)
    kind: Mapped[WishKind] = mapped_column(enum_type(WishKind))


class PlannedMeeting(Timestamped, Versioned, Base):
    """One meeting of the plan. `told_slot`, `told_table`: what the two were told last; None before the first time.

    A meeting that was told and is taken out stays as a row with `dropped_at` until that is told as well.
    """

    __tablename__ = "planned_meeting"
    __table_args__: Any = (
        UniqueConstraint("giver_id", "firm_id"),
        CheckConstraint("(slot IS NULL) = (dropped_at IS NOT NULL)", name="slot_or_dropped"),
        CheckConstraint("(slot IS NULL) = (seat IS NULL)", name="slot_and_table"),
        UniqueConstraint("giver_id", "slot", name="uq_planned_meeting_giver_slot"),
        UniqueConstraint("firm_id", "slot", name="uq_planned_meeting_firm_slot"),
        UniqueConstraint("round_id", "slot", "seat", name="uq_planned_meeting_table"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("meeting_round.id"))
    giver_id: Mapped[int] = mapped_column(ForeignKey("meeting_guest.id"))
    firm_id: Mapped[int] = mapped_column(ForeignKey("meeting_guest.id"))
    slot: Mapped[int | None]
    seat: Mapped[int | None]  # the table, from 0
    locked: Mapped[bool] = mapped_column(default=False)
    outcome: Mapped[MeetingOutcome] = mapped_column(enum_type(MeetingOutcome), default=MeetingOutcome.PLANNED)
    told_slot: Mapped[int | None]
    told_seat: Mapped[int | None]
    dropped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    round: Mapped[MeetingRound] = relationship()
    giver: Mapped[MeetingGuest] = relationship(foreign_keys=[giver_id], lazy="joined", innerjoin=True)
    firm: Mapped[MeetingGuest] = relationship(foreign_keys=[firm_id], lazy="joined", innerjoin=True)

    @property
    def event(self) -> Event:
        """The event whose meeting this is."""
        return self.round.event

    @property
    def is_news(self) -> bool:
        """Whether the two have to be told something that they were not told."""
        return (self.slot, self.seat) != (self.told_slot, self.told_seat)
