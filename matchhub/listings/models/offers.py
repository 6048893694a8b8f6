"""What organizations can give. The kind is repeated in foreign keys so that only like meets like."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, JSON, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.accounts.models import Organization
from matchhub.core.db import Base, enum_type, state_column, Timestamped, UtcDateTime, Versioned
from matchhub.listings.enums import OfferState, PairingKind


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


class LoanProduct(Offer):
    """A bank's product. Amounts in 元, rates in basis points a year, terms in months, `payout_days` in working days.

    `rules`: admission facts, each {"field", "op", "value", "hard", "note"}: what a firm must show (see `credit` recipe).
    `preferences`: better terms for some firms, each {"qualification", "rate_bp", "note"}.
    """

    __tablename__ = "loan_product"
    __mapper_args__ = {"polymorphic_identity": PairingKind.CREDIT}
    __table_args__: Any = (
        CheckConstraint("amount_min_yuan IS NULL OR amount_min_yuan > 0", name="min_positive"),
        CheckConstraint(
            "amount_min_yuan IS NULL OR amount_max_yuan IS NULL OR amount_max_yuan >= amount_min_yuan", name="range"
        ),
        CheckConstraint("rate_min_bp IS NULL OR rate_max_bp IS NULL OR rate_max_bp >= rate_min_bp", name="rates"),
        CheckConstraint(
            "term_min_months IS NULL OR term_max_months IS NULL OR term_max_months >= term_min_months", name="terms"
        ),
    )

    id: Mapped[int] = mapped_column(ForeignKey("offer.id", ondelete="CASCADE"), primary_key=True)
    instrument: Mapped[str | None] = mapped_column(String(40))  # a loan of the dictionary instruments
    amount_min_yuan: Mapped[int | None] = mapped_column(BigInteger)
    amount_max_yuan: Mapped[int | None] = mapped_column(BigInteger)
    rate_min_bp: Mapped[int | None]
    rate_max_bp: Mapped[int | None]
    term_min_months: Mapped[int | None]
    term_max_months: Mapped[int | None]
    guarantees: Mapped[list[str]] = mapped_column(JSON, default=list)  # what it accepts: guarantee_types
    repayments: Mapped[list[str]] = mapped_column(JSON, default=list)  # repayment_ways
    stages: Mapped[list[str]] = mapped_column(JSON, default=list)  # company_stages that it is made for
    payout_days: Mapped[int | None]
    welcomes_first_loan: Mapped[bool | None]
    rules: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    preferences: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    materials: Mapped[list[str]] = mapped_column(JSON, default=list)  # loan_materials that an application needs


class Mentorship(Offer):
    """What a registered mentor offers. `slots`: weekly free times, each {"weekday": 0-6, "from": "14:00", "to": "17:00"}."""

    __tablename__ = "mentorship"
    __mapper_args__ = {"polymorphic_identity": PairingKind.MENTORING}
    __table_args__: Any = (CheckConstraint("firms_at_most IS NULL OR firms_at_most BETWEEN 1 AND 50", name="firms"),)

    id: Mapped[int] = mapped_column(ForeignKey("offer.id", ondelete="CASCADE"), primary_key=True)
    topics: Mapped[list[str]] = mapped_column(JSON, default=list)
    stages: Mapped[list[str]] = mapped_column(JSON, default=list)  # company_stages
    meeting_modes: Mapped[list[str]] = mapped_column(JSON, default=list)
    slots: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    firms_at_most: Mapped[int | None]  # engagements at the same time


OFFER_MODELS: dict[PairingKind, type[Offer]] = {
    PairingKind.EQUITY: InvestmentMandate,
    PairingKind.CREDIT: LoanProduct,
    PairingKind.MENTORING: Mentorship,
}
