"""What they ask for and what they offer; the kind is repeated in foreign keys so that only like meets like."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, JSON, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.accounts.models import Organization
from matchhub.core.db import Base, enum_type, state_column, Timestamped, UtcDateTime, Versioned
from matchhub.listings.enums import NeedState, OfferState, PairingKind


class Need(Timestamped, Versioned, Base):
    """What an organization asks for. `district_code` and `carrier_id` are the scope at publication, set by the server."""

    __tablename__ = "need"
    __table_args__: Any = (
        UniqueConstraint("id", "kind"),
        Index("ix_need_list", "kind", "state", "published_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[PairingKind] = mapped_column(enum_type(PairingKind))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    state: Mapped[NeedState] = state_column(NeedState.DRAFT)
    code_name: Mapped[str] = mapped_column(String(40), default="")  # what strangers see instead of the name
    teaser: Mapped[str] = mapped_column(String(80), default="")
    teaser_en: Mapped[str] = mapped_column(String(200), default="")
    statement: Mapped[str] = mapped_column(Text, default="")
    industries: Mapped[list[str]] = mapped_column(JSON, default=list)
    lead_industry: Mapped[str | None] = mapped_column(String(80), index=True)
    region_code: Mapped[str | None] = mapped_column(String(12))
    district_code: Mapped[str | None] = mapped_column(String(12), index=True)
    carrier_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), index=True)
    deck_id: Mapped[int | None] = mapped_column(ForeignKey("attachment.id"))
    return_reason: Mapped[str] = mapped_column(String(500), default="")
    closing_reason: Mapped[str] = mapped_column(String(40), default="")  # a code of closing_reasons
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # that it expires soon
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_submission: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    organization: Mapped[Organization] = relationship(foreign_keys=[organization_id], lazy="joined", innerjoin=True)

    __mapper_args__ = {"polymorphic_on": "kind", "version_id_col": Versioned.version}


class EquityNeed(Need):
    """Money for shares. Amounts in 元; `equity_max_pct` in whole percent."""

    __tablename__ = "equity_need"
    __mapper_args__ = {"polymorphic_identity": PairingKind.EQUITY}
    __table_args__: Any = (
        CheckConstraint("amount_min_yuan IS NULL OR amount_min_yuan > 0", name="min_positive"),
        CheckConstraint(
            "amount_min_yuan IS NULL OR amount_max_yuan IS NULL OR amount_max_yuan >= amount_min_yuan", name="range"
        ),
        CheckConstraint("equity_max_pct IS NULL OR equity_max_pct BETWEEN 1 AND 100", name="percent"),
    )

    id: Mapped[int] = mapped_column(ForeignKey("need.id", ondelete="CASCADE"), primary_key=True)
    amount_min_yuan: Mapped[int | None] = mapped_column(BigInteger)
    amount_max_yuan: Mapped[int | None] = mapped_column(BigInteger)
    round_code: Mapped[str | None] = mapped_column(String(40))
    instruments: Mapped[list[str]] = mapped_column(JSON, default=list)
    purposes: Mapped[list[str]] = mapped_column(JSON, default=list)
    equity_max_pct: Mapped[int | None]
    excludes: Mapped[list[str]] = mapped_column(JSON, default=list)  # what the firm rules out: control, buy_back …
    needed_by: Mapped[date | None] = mapped_column(Date)


class Offer(Timestamped, Versioned, Base):
    """What an organization can give."""

    __tablename__ = "offer"
    __table_args__: Any = (
        UniqueConstraint("id", "kind"),
        Index("ix_offer_list", "kind", "state"),
        CheckConstraint("capacity_per_month IS NULL OR capacity_per_month BETWEEN 1 AND 200", name="capacity"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[PairingKind] = mapped_column(enum_type(PairingKind))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    state: Mapped[OfferState] = state_column(OfferState.DRAFT)
    title: Mapped[str] = mapped_column(String(80), default="")
    statement: Mapped[str] = mapped_column(Text, default="")
    statement_en: Mapped[str] = mapped_column(Text, default="")
    industries: Mapped[list[str]] = mapped_column(JSON, default=list)
    regions: Mapped[list[str]] = mapped_column(JSON, default=list)  # empty: not stated; ["100000"]: the whole country
    exclusions: Mapped[list[str]] = mapped_column(JSON, default=list)  # industries that are out of the question
    must: Mapped[list[str]] = mapped_column(JSON, default=list)  # which wishes are conditions: round, region, amount …
    capacity_per_month: Mapped[int | None]
    reply_days: Mapped[int | None]
    is_inferred: Mapped[bool] = mapped_column(default=False)  # from past rounds, by an import
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # that it expires soon
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    organization: Mapped[Organization] = relationship(lazy="joined", innerjoin=True)

    __mapper_args__ = {"polymorphic_on": "kind", "version_id_col": Versioned.version}


class InvestmentMandate(Offer):
    """What a fund or an angel looks for. Ticket in 元 for one investment."""

    __tablename__ = "investment_mandate"
    __mapper_args__ = {"polymorphic_identity": PairingKind.EQUITY}
    __table_args__: Any = (
        CheckConstraint("ticket_min_yuan IS NULL OR ticket_min_yuan > 0", name="min_positive"),
        CheckConstraint(
            "ticket_min_yuan IS NULL OR ticket_max_yuan IS NULL OR ticket_max_yuan >= ticket_min_yuan", name="range"
        ),
    )

    id: Mapped[int] = mapped_column(ForeignKey("offer.id", ondelete="CASCADE"), primary_key=True)
    ticket_min_yuan: Mapped[int | None] = mapped_column(BigInteger)
    ticket_max_yuan: Mapped[int | None] = mapped_column(BigInteger)
    rounds: Mapped[list[str]] = mapped_column(JSON, default=list)
    instruments: Mapped[list[str]] = mapped_column(JSON, default=list)
    qualifications: Mapped[list[str]] = mapped_column(JSON, default=list)  # preferred
    leads: Mapped[bool | None]
