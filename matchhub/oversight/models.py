"""Targets as versioned data, the reminders that a carrier sends about silent pairs, and the figures of large scopes."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, ForeignKeyConstraint, Index, JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from matchhub.core.db import Base, enum_type, UtcDateTime
from matchhub.listings.enums import PairingKind
from matchhub.oversight.enums import Indicator


class Target(Base):
    """One version of a target: it holds from its effective day until a later version does. Rows are never changed."""

    __tablename__ = "target"
    __table_args__ = (
        CheckConstraint("low > 0", name="low_positive"),
        CheckConstraint("high IS NULL OR high > low", name="range"),
        Index("ix_target_version", "indicator", "effective_from"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    indicator: Mapped[Indicator] = mapped_column(enum_type(Indicator))
    low: Mapped[int] = mapped_column(BigInteger)  # reached from here on; areas in square metres
    high: Mapped[int | None] = mapped_column(BigInteger)  # where the plan names a range
    due_on: Mapped[date] = mapped_column(Date)
    effective_from: Mapped[date] = mapped_column(Date)
    source: Mapped[str] = mapped_column(String(300))
    set_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Reminder(Base):
    """A carrier asked a side of a silent pair to move; how often is limited per pair."""

    __tablename__ = "pair_reminder"
    __table_args__: Any = (
        Index("ix_pair_reminder_pair", "need_id", "offer_id", "at"),
        Index("ix_pair_reminder_carrier", "carrier_id", "at"),
        ForeignKeyConstraint(["need_id", "kind"], ["need.id", "need.kind"], name="need_of_kind"),
        ForeignKeyConstraint(["offer_id", "kind"], ["offer.id", "offer.kind"], name="offer_of_kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[PairingKind] = mapped_column(enum_type(PairingKind))
    need_id: Mapped[int] = mapped_column()
    offer_id: Mapped[int] = mapped_column()
    carrier_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    by_user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class KeptFigures(Base):
    """What the funnel of one scope came to when the worker counted it last; see `queries.kept` for what `figures` holds."""

    __tablename__ = "kept_figures"

    scope: Mapped[str] = mapped_column(String(12), primary_key=True)  # city, district, carrier
    own: Mapped[str] = mapped_column(String(20), primary_key=True)  # which district or carrier; '' for the city
    as_of: Mapped[datetime] = mapped_column(UtcDateTime)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
