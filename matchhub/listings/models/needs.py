"""What organizations ask for. The kind is repeated in foreign keys so that only like meets like."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, JSON, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.accounts.models import Organization
from matchhub.core.db import Base, enum_type, state_column, Timestamped, UtcDateTime, Versioned
from matchhub.listings.enums import NeedState, PairingKind


class Need(Timestamped, Versioned, Base):
    """What an organization asks for. `district_code` and `carrier_id` are the scope at publication, set by the server."""

    __tablename__ = "need"
    __table_args__: Any = (
        UniqueConstraint("id", "kind"),
        Index("ix_need_list", "kind", "state", "published_at"),
        Index("ix_need_published_at", "published_at", "state"),
        Index("ix_need_in_state", "state", "published_at"),
        Index("ix_need_of_scope", "carrier_id", "district_code"),
        Index("ix_need_of_district", "district_code", "published_at", "state"),
        Index("ix_need_of_carrier", "carrier_id", "published_at", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[PairingKind] = mapped_column(enum_type(PairingKind))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    state: Mapped[NeedState] = state_column(NeedState.DRAFT, is_indexed=False)
    code_name: Mapped[str] = mapped_column(String(40), default="")  # what strangers see instead of the name
    teaser: Mapped[str] = mapped_column(String(80), default="")
    teaser_en: Mapped[str] = mapped_column(String(200), default="")
    statement: Mapped[str] = mapped_column(Text, default="")
    industries: Mapped[list[str]] = mapped_column(JSON, default=list)
    lead_industry: Mapped[str | None] = mapped_column(String(80), index=True)
    region_code: Mapped[str | None] = mapped_column(String(12))
    district_code: Mapped[str | None] = mapped_column(String(12))
    carrier_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
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


class CreditNeed(Need):
    """A loan. Amounts in 元, `rate_max_bp` in basis points a year (385 is 3.85 %)."""

    __tablename__ = "credit_need"
    __mapper_args__ = {"polymorphic_identity": PairingKind.CREDIT}
    __table_args__: Any = (
        CheckConstraint("amount_min_yuan IS NULL OR amount_min_yuan > 0", name="min_positive"),
        CheckConstraint(
            "amount_min_yuan IS NULL OR amount_max_yuan IS NULL OR amount_max_yuan >= amount_min_yuan", name="range"
        ),
        CheckConstraint("term_months IS NULL OR term_months BETWEEN 1 AND 360", name="term"),
        CheckConstraint("rate_max_bp IS NULL OR rate_max_bp BETWEEN 1 AND 3600", name="rate"),
    )

    id: Mapped[int] = mapped_column(ForeignKey("need.id", ondelete="CASCADE"), primary_key=True)
    amount_min_yuan: Mapped[int | None] = mapped_column(BigInteger)
    amount_max_yuan: Mapped[int | None] = mapped_column(BigInteger)
    term_months: Mapped[int | None]
    rate_max_bp: Mapped[int | None]  # the highest rate that the firm accepts
    purposes: Mapped[list[str]] = mapped_column(JSON, default=list)
    guarantees: Mapped[list[str]] = mapped_column(JSON, default=list)  # what the firm can put up: guarantee_types
    ip_types: Mapped[list[str]] = mapped_column(JSON, default=list)  # granted rights that it could pledge
    is_first_loan: Mapped[bool | None]  # no bank has lent to it yet, as it says itself
    has_clean_record: Mapped[bool | None]  # no overdue debt or enforcement, as it says itself
    needed_by: Mapped[date | None] = mapped_column(Date)


class MentoringNeed(Need):
    """Advice. `topics` and `meeting_modes` are codes; the goal is the need's statement."""

    __tablename__ = "mentoring_need"
    __mapper_args__ = {"polymorphic_identity": PairingKind.MENTORING}
    __table_args__: Any = (
        CheckConstraint("sessions_wanted IS NULL OR sessions_wanted BETWEEN 1 AND 50", name="sessions"),
    )

    id: Mapped[int] = mapped_column(ForeignKey("need.id", ondelete="CASCADE"), primary_key=True)
    topics: Mapped[list[str]] = mapped_column(JSON, default=list)
    urgency: Mapped[str | None] = mapped_column(String(40))  # a code of urgencies
    meeting_modes: Mapped[list[str]] = mapped_column(JSON, default=list)  # on_site, online, phone
    sessions_wanted: Mapped[int | None]
    needed_by: Mapped[date | None] = mapped_column(Date)


NEED_MODELS: dict[PairingKind, type[Need]] = {
    PairingKind.EQUITY: EquityNeed,
    PairingKind.CREDIT: CreditNeed,
    PairingKind.MENTORING: MentoringNeed,
}
