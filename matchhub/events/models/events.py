"""What an event is: its template, its series, its place, its agenda, the questions of its form."""

from datetime import date, datetime, timedelta
from typing import Any, TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, JSON, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.accounts.models import Organization
from matchhub.core.db import Base, enum_type, state_column, Timestamped, UtcDateTime, Versioned
from matchhub.events.enums import (
    AgendaKind,
    AHEAD_STATES,
    Audience,
    EventMode,
    EventState,
    EventType,
    FieldKind,
    HolidayRule,
    PriorityRule,
    Rhythm,
    SeriesState,
)

if TYPE_CHECKING:
    from matchhub.events.models.stage import DoorKeeper


class EventTemplate(Timestamped, Base):
    """How events of one type begin, as versioned data: an administrator adds a version, events keep the one they came from.

    `content`: minutes, mode, agenda, seats, fields, lead_days, reminder_hours and texts; `templates.py` reads it.
    """

    __tablename__ = "event_template"
    __table_args__ = (UniqueConstraint("type", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[EventType] = mapped_column(enum_type(EventType))
    number: Mapped[int]
    effective_from: Mapped[date] = mapped_column(Date)
    source: Mapped[str] = mapped_column(String(300), default="")
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))


class Venue(Timestamped, Versioned, Base):
    """A house with rooms, kept by an organization that answers for it."""

    __tablename__ = "venue"

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120), default="")
    address: Mapped[str] = mapped_column(String(200))
    transport: Mapped[str] = mapped_column(String(300), default="")
    region_code: Mapped[str | None] = mapped_column(String(12))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rooms: Mapped[list["Room"]] = relationship(back_populates="venue", order_by="Room.id")
    organization: Mapped[Organization] = relationship()


class Room(Timestamped, Versioned, Base):
    """A room and how many people it holds."""

    __tablename__ = "room"
    __table_args__ = (UniqueConstraint("venue_id", "name"), CheckConstraint("capacity > 0", name="capacity_positive"))

    id: Mapped[int] = mapped_column(primary_key=True)
    venue_id: Mapped[int] = mapped_column(ForeignKey("venue.id"))
    name: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(100), default="")
    capacity: Mapped[int]
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    venue: Mapped[Venue] = relationship(back_populates="rooms")


class EventSeries(Timestamped, Versioned, Base):
    """Events with a rhythm. `starts_minute` is the minute of the local day, so that a rhythm keeps its hour.

    Weekly: every `every` weeks on `weekday` (0 is Monday), counted from `first_on`. Monthly: on the `nth` weekday (-1: the
    last) of every `every` months.
    """

    __tablename__ = "event_series"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("every BETWEEN 1 AND 12", name="every"),
        CheckConstraint("(rhythm = 'monthly') = (nth IS NOT NULL)", name="nth_of_month"),
        CheckConstraint("minutes > 0", name="length"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    type: Mapped[EventType] = mapped_column(enum_type(EventType))
    host_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    title: Mapped[str] = mapped_column(String(80))
    title_en: Mapped[str] = mapped_column(String(160), default="")
    state: Mapped[SeriesState] = state_column(SeriesState.ACTIVE)
    rhythm: Mapped[Rhythm] = mapped_column(enum_type(Rhythm))
    every: Mapped[int]
    weekday: Mapped[int]
    nth: Mapped[int | None]
    holidays: Mapped[HolidayRule] = mapped_column(enum_type(HolidayRule))
    first_on: Mapped[date] = mapped_column(Date)
    last_on: Mapped[date | None] = mapped_column(Date)
    starts_minute: Mapped[int]
    minutes: Mapped[int]
    zone: Mapped[str] = mapped_column(String(40), default="Asia/Shanghai")
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id"))
    host: Mapped[Organization] = relationship()
    room: Mapped[Room | None] = relationship()


class Event(Timestamped, Versioned, Base):
    """One event. `carrier_id` and `district_code` are the scope, set by the server from the host.

    `sequence` rises with every change that a calendar must learn of. `moved_from` is the start before the last move.
    """

    __tablename__ = "event"
    __table_args__: Any = (
        UniqueConstraint("series_id", "series_on"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("offer_hours BETWEEN 1 AND 72", name="offer_hours"),
        Index("ix_event_calendar", "starts_at", "state"),
        Index("ix_event_host", "host_id", "state"),
        Index("ix_event_room", "room_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(60), unique=True)  # for calendars: never changes
    type: Mapped[EventType] = mapped_column(enum_type(EventType), index=True)
    template_id: Mapped[int] = mapped_column(ForeignKey("event_template.id"))
    series_id: Mapped[int | None] = mapped_column(ForeignKey("event_series.id"))
    series_on: Mapped[date | None] = mapped_column(Date)  # the day that the rhythm named, wherever the event went
    host_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    carrier_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), index=True)
    district_code: Mapped[str | None] = mapped_column(String(12), index=True)
    title: Mapped[str] = mapped_column(String(80))
    title_en: Mapped[str] = mapped_column(String(160), default="")
    summary: Mapped[str] = mapped_column(Text, default="")
    summary_en: Mapped[str] = mapped_column(Text, default="")
    audience: Mapped[Audience] = mapped_column(enum_type(Audience), default=Audience.PUBLIC)
    mode: Mapped[EventMode] = mapped_column(enum_type(EventMode), default=EventMode.ON_SITE)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("room.id"))
    place: Mapped[str] = mapped_column(String(200), default="")  # where there is no room of ours
    join_url: Mapped[str] = mapped_column(String(500), default="")  # for those who hold a seat
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    zone: Mapped[str] = mapped_column(String(40), default="Asia/Shanghai")
    registration_closes_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lineup_public_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # 项目 12月3日公布
    state: Mapped[EventState] = state_column(EventState.DRAFT)
    sequence: Mapped[int] = mapped_column(default=0)
    priority: Mapped[PriorityRule] = mapped_column(enum_type(PriorityRule), default=PriorityRule.ARRIVAL)
    offer_hours: Mapped[int] = mapped_column(default=4)  # working hours in which an offered seat is kept
    reminder_hours: Mapped[list[int]] = mapped_column(JSON, default=list)  # before the start
    reminders_since: Mapped[datetime | None] = mapped_column(
        UtcDateTime
    )  # what was due before they were set stays unsaid
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    moved_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    change_reason: Mapped[str] = mapped_column(String(300), default="")  # of the last move, or of the cancellation
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    held_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    host: Mapped[Organization] = relationship(foreign_keys=[host_id])
    room: Mapped[Room | None] = relationship()
    series: Mapped[EventSeries | None] = relationship()
    template: Mapped[EventTemplate] = relationship()
    agenda: Mapped[list["AgendaItem"]] = relationship(
        back_populates="event", order_by="AgendaItem.offset_minutes, AgendaItem.id", cascade="all, delete-orphan"
    )
    fields: Mapped[list["FormField"]] = relationship(
        back_populates="event", order_by="FormField.position, FormField.id", cascade="all, delete-orphan"
    )
    door_keepers: Mapped[list["DoorKeeper"]] = relationship(
        back_populates="event", order_by="DoorKeeper.id", cascade="all, delete-orphan"
    )

    @property
    def tz(self) -> ZoneInfo:
        """The event's own zone."""
        return ZoneInfo(self.zone)

    @property
    def minutes(self) -> int:
        """How long it takes."""
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    def is_ahead(self, now: datetime) -> bool:
        """Published, not called off, not begun."""
        return self.state in AHEAD_STATES and now < self.starts_at

    def takes_registrations(self, now: datetime) -> bool:
        """Whether somebody may register or be offered a seat now."""
        return self.state is EventState.PUBLISHED and now < self.registration_closes_at


class AgendaItem(Timestamped, Base):
    """One item, relative to the start, so that it moves with the event."""

    __tablename__ = "agenda_item"
    __table_args__ = (CheckConstraint("minutes > 0 AND offset_minutes >= 0", name="times"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    kind: Mapped[AgendaKind] = mapped_column(enum_type(AgendaKind))
    offset_minutes: Mapped[int]
    minutes: Mapped[int]
    title: Mapped[str] = mapped_column(String(80))
    title_en: Mapped[str] = mapped_column(String(160), default="")
    speaker: Mapped[str] = mapped_column(String(120), default="")
    event: Mapped[Event] = relationship(back_populates="agenda")

    def starts_at(self, event_starts_at: datetime) -> datetime:
        """When it begins."""
        return event_starts_at + timedelta(minutes=self.offset_minutes)


class FormField(Timestamped, Base):
    """One question of the registration form. Asked of `roles` (empty: of all), and where `when_key` was answered so."""

    __tablename__ = "form_field"
    __table_args__ = (UniqueConstraint("event_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    key: Mapped[str] = mapped_column(String(40))
    position: Mapped[int] = mapped_column(default=0)
    kind: Mapped[FieldKind] = mapped_column(enum_type(FieldKind))
    label: Mapped[str] = mapped_column(String(120))
    label_en: Mapped[str] = mapped_column(String(200), default="")
    hint: Mapped[str] = mapped_column(String(200), default="")
    options: Mapped[list[str]] = mapped_column(JSON, default=list)  # the words to choose from
    required: Mapped[bool] = mapped_column(default=False)
    roles: Mapped[list[str]] = mapped_column(JSON, default=list)  # SeatRole values
    when_key: Mapped[str] = mapped_column(String(40), default="")
    when_values: Mapped[list[str]] = mapped_column(JSON, default=list)
    event: Mapped[Event] = relationship(back_populates="fields")
