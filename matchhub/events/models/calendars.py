"""Calendar subscriptions, and what everyone concerned still has to be told."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, JSON, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.accounts.models import User
from matchhub.core.db import Base, enum_type, only_where, UtcDateTime
from matchhub.events.enums import AnnouncementKind, FeedKind
from matchhub.events.models.events import Event, EventSeries


class Feed(Base):
    """One person's address that a calendar program reads without signing in. Renewing it ends the old one; the token is
    derived as a ticket's code is."""

    __tablename__ = "feed"
    __table_args__: Any = (
        Index("one_feed_per_person", "user_id", unique=True, **only_where("ended_at IS NULL AND kind = 'person'")),
        Index(
            "one_feed_per_series", "user_id", "series_id", unique=True,
            **only_where("ended_at IS NULL AND kind = 'series'"),
        ),
        CheckConstraint("(kind = 'series') = (series_id IS NOT NULL)", name="which_series"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[FeedKind] = mapped_column(enum_type(FeedKind))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    series_id: Mapped[int | None] = mapped_column(ForeignKey("event_series.id"))
    nonce: Mapped[str] = mapped_column(String(32))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    user: Mapped[User] = relationship()
    series: Mapped[EventSeries | None] = relationship()


class Announcement(Base):
    """A change that everyone concerned is told of: written with the change, told by the worker in chunks."""

    __tablename__ = "announcement"
    __table_args__ = (Index("ix_announcement_untold", "made_at", **only_where("told_at IS NULL")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), index=True)
    kind: Mapped[AnnouncementKind] = mapped_column(enum_type(AnnouncementKind))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # before and after
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    event: Mapped[Event] = relationship()
