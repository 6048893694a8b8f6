"""Deals after an introduction, and the ledger of outcomes that both sides confirmed."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.accounts.models import Organization
from matchhub.core.db import Base, only_where, state_column, Timestamped, UtcDateTime, Versioned
from matchhub.introductions.models import Introduction
from matchhub.pipelines.enums import DealStage, OutcomeState


class Deal(Timestamped, Versioned, Base):
    """What an accepted introduction about equity became."""

    __tablename__ = "deal"
    __table_args__ = (Index("ix_deal_investor", "investor_id", "stage"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    introduction_id: Mapped[int] = mapped_column(ForeignKey("introduction.id"), unique=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    investor_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    stage: Mapped[DealStage] = state_column(DealStage.CONTACTED)
    stage_changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_step: Mapped[str] = mapped_column(String(120), default="")  # the investor's own
    next_step_on: Mapped[date | None] = mapped_column(Date)
    exit_reason: Mapped[str] = mapped_column(String(40), default="")
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    introduction: Mapped[Introduction] = relationship()
    enterprise: Mapped[Organization] = relationship(foreign_keys=[enterprise_id])
    investor: Mapped[Organization] = relationship(foreign_keys=[investor_id])


class Outcome(Timestamped, Versioned, Base):
    """What came of a deal: amount in 元, day, instrument. Counts in the city's figures once both have confirmed it."""

    __tablename__ = "outcome"
    __table_args__ = (
        CheckConstraint("amount_yuan > 0", name="amount_positive"),
        Index("uq_outcome_open", "deal_id", unique=True, **only_where("state IN ('entered', 'confirmed')")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    deal_id: Mapped[int] = mapped_column(ForeignKey("deal.id"), index=True)
    state: Mapped[OutcomeState] = state_column(OutcomeState.ENTERED)
    amount_yuan: Mapped[int] = mapped_column(BigInteger)
    instrument: Mapped[str] = mapped_column(String(40))
    received_on: Mapped[date] = mapped_column(Date)
    note: Mapped[str] = mapped_column(String(300), default="")
    meets_need: Mapped[bool] = mapped_column(default=False)  # the firm's word: with this, the need is met
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    entered_by_user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    confirmed_by_user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dispute_reason: Mapped[str] = mapped_column(String(300), default="")
    deal: Mapped[Deal] = relationship()
