"""Seats by role, who holds or waits for one, tickets, and who came in."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, JSON, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.accounts.models import Organization, User
from matchhub.core.db import Base, enum_type, only_where, Timestamped, UtcDateTime, Versioned
from matchhub.events.enums import CheckInWay, RegistrationSource, RegistrationState, SeatRole
from matchhub.events.models.events import Event


class SeatPool(Timestamped, Base):
    """The seats of one role. Only `services.seats` changes the numbers, by conditional updates.

    `capacity` is what the organizer wants, `ceiling` the most that may be held at this moment: equal to `capacity`, unless
    it was lowered below `taken`; then it falls with every seat that is given back, until both are equal again. `waiting` is
    the length of the waiting list, kept here so that one row decides everything.
    """

    __tablename__ = "seat_pool"
    __table_args__ = (
        UniqueConstraint("event_id", "role"),
        UniqueConstraint("id", "event_id"),
        CheckConstraint("capacity >= 0", name="capacity_not_negative"),
        CheckConstraint("taken >= 0", name="taken_not_negative"),
        CheckConstraint("waiting >= 0", name="waiting_not_negative"),
        CheckConstraint("taken <= ceiling", name="never_oversold"),
        CheckConstraint("ceiling >= capacity", name="ceiling_over_capacity"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    role: Mapped[SeatRole] = mapped_column(enum_type(SeatRole))
    position: Mapped[int] = mapped_column(default=0)
    capacity: Mapped[int]
    ceiling: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int] = mapped_column(default=0)
    needs_approval: Mapped[bool] = mapped_column(default=False)
    event: Mapped[Event] = relationship()

    @property
    def left(self) -> int:
        """Seats that a newcomer may have: none while others wait."""
        return 0 if self.waiting else max(0, self.capacity - self.taken)


class Registration(Timestamped, Versioned, Base):
    """One person at one event, for good: who leaves and comes again keeps the row. `person_key` is `user:7` or `mail:…`.

    `waiting_since` and `rank` order the waiting list; `offered_until` ends an offer.
    """

    __tablename__ = "registration"
    __table_args__: Any = (
        UniqueConstraint("event_id", "person_key"),
        ForeignKeyConstraint(["pool_id", "event_id"], ["seat_pool.id", "seat_pool.event_id"], name="pool_of_event"),
        Index("ix_registration_queue", "pool_id", "state", "rank", "waiting_since", "id"),
        Index("ix_registration_offers", "offered_until", **only_where("state = 'offered'")),
        CheckConstraint("(state = 'offered') = (offered_until IS NOT NULL)", name="offer_ends"),
        CheckConstraint("state <> 'waitlisted' OR waiting_since IS NOT NULL", name="waits_since"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    pool_id: Mapped[int] = mapped_column()
    person_key: Mapped[str] = mapped_column(String(270))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    organization_name: Mapped[str] = mapped_column(String(160), default="")  # as a guest without account wrote it
    email: Mapped[str] = mapped_column(String(254), default="")  # of a guest without account
    mobile: Mapped[str] = mapped_column(String(20), default="")
    locale: Mapped[str] = mapped_column(String(8), default="zh")
    state: Mapped[RegistrationState] = mapped_column(enum_type(RegistrationState))
    source: Mapped[RegistrationSource] = mapped_column(enum_type(RegistrationSource), default=RegistrationSource.SELF)
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("event_invitation.id"), index=True)
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    waiting_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rank: Mapped[int] = mapped_column(default=0)  # 0 goes first; from the event's declared rule
    offered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    offered_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    refusal_reason: Mapped[str] = mapped_column(String(300), default="")
    event: Mapped[Event] = relationship(foreign_keys=[event_id])
    pool: Mapped[SeatPool] = relationship(
        foreign_keys=[pool_id, event_id], viewonly=True, lazy="joined", innerjoin=True
    )
    user: Mapped[User | None] = relationship(foreign_keys=[user_id])
    organization: Mapped[Organization | None] = relationship()


class Ticket(Base):
    """What lets one person in. The code is derived from `nonce` with the installation's secret and stored as a hash only:
    a copy of the database opens no door, and the page can still draw the code."""

    __tablename__ = "ticket"

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), unique=True)
    nonce: Mapped[str] = mapped_column(String(32))
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the seat was given back
    registration: Mapped[Registration] = relationship()


class CheckIn(Base):
    """Somebody came in: exactly one open row per registration, however many doors and uploads there were."""

    __tablename__ = "check_in"
    __table_args__ = (
        Index("one_entry_per_registration", "registration_id", unique=True, **only_where("undone_at IS NULL")),
        Index("one_entry_per_upload", "ref", unique=True, **only_where("ref IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"))
    way: Mapped[CheckInWay] = mapped_column(enum_type(CheckInWay))
    door: Mapped[str] = mapped_column(String(40), default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)  # at the door
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)  # here: later where the door had no network
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ref: Mapped[str | None] = mapped_column(
        String(36)
    )  # what the door called it: an upload that is repeated adds nothing
    event: Mapped[Event] = relationship()
    registration: Mapped[Registration] = relationship()
