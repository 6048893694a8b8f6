"""Deals and credit cases after an introduction, what a fund keeps about its deals for itself, and the ledger of outcomes."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    JSON,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.accounts.models import Organization, User
from matchhub.core.db import Base, enum_type, only_where, state_column, Timestamped, UtcDateTime, Versioned
from matchhub.introductions.models import Introduction
from matchhub.listings.enums import PairingKind
from matchhub.pipelines.enums import CaseStage, DealStage, OutcomeState


class Deal(Timestamped, Versioned, Base):
    """What an accepted introduction about equity became.

    `stage` is what both sides may know of; `own_stage_id`, the assignee and the next step are the fund's own. The stage is
    repeated in the foreign key, so that a card never lies in a column that means something else.
    """

    __tablename__ = "deal"
    __table_args__: Any = (
        Index("ix_deal_investor", "investor_id", "stage"),
        ForeignKeyConstraint(["own_stage_id", "stage"], ["own_stage.id", "own_stage.stage"], name="own_stage_of_stage"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    introduction_id: Mapped[int] = mapped_column(ForeignKey("introduction.id"), unique=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    investor_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    stage: Mapped[DealStage] = state_column(DealStage.CONTACTED)
    stage_changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_step: Mapped[str] = mapped_column(String(120), default="")  # the investor's own
    next_step_on: Mapped[date | None] = mapped_column(Date)
    own_stage_id: Mapped[int | None] = mapped_column(index=True)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    move_count: Mapped[int] = mapped_column(default=0, server_default="0")  # what a mover must have seen
    exit_reason: Mapped[str] = mapped_column(String(40), default="")
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    introduction: Mapped[Introduction] = relationship()
    enterprise: Mapped[Organization] = relationship(foreign_keys=[enterprise_id])
    investor: Mapped[Organization] = relationship(foreign_keys=[investor_id])


class OwnStage(Timestamped, Versioned, Base):
    """A column of a fund's board: its own name for one stage of a deal. Without rows the stages themselves are the columns."""

    __tablename__ = "own_stage"
    __table_args__ = (UniqueConstraint("organization_id", "name"), UniqueConstraint("id", "stage"))

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    stage: Mapped[DealStage] = mapped_column(enum_type(DealStage))  # never changes: deals point at it
    name: Mapped[str] = mapped_column(String(20))
    position: Mapped[int]


class BoardMove(Base):
    """A card went from one column to another: by whom, when. The names are those of that day. The fund's own."""

    __tablename__ = "board_move"

    id: Mapped[int] = mapped_column(primary_key=True)
    deal_id: Mapped[int] = mapped_column(ForeignKey("deal.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))  # None: a meeting or a result moved it
    before: Mapped[str] = mapped_column(String(20))
    after: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    user: Mapped[User | None] = relationship()


class DealNote(Timestamped, Versioned, Base):
    """What a fund writes about a deal for itself. Nobody outside that organization reads it, whatever the role."""

    __tablename__ = "deal_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    deal_id: Mapped[int] = mapped_column(ForeignKey("deal.id"), index=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    body: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    author: Mapped[User] = relationship()


class SavedView(Timestamped, Base):
    """A name that one person gave to filters of the board or of the table. The filters themselves are in the address."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("user_id", "organization_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    name: Mapped[str] = mapped_column(String(20))
    is_table: Mapped[bool] = mapped_column(default=False)
    filters: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class CreditCase(Timestamped, Versioned, Base):
    """What an accepted introduction about a loan became: the bank's work on it. Amount in 元, rate in basis points."""

    __tablename__ = "credit_case"
    __table_args__ = (
        CheckConstraint("granted_yuan IS NULL OR granted_yuan > 0", name="granted_positive"),
        CheckConstraint("rate_bp IS NULL OR rate_bp BETWEEN 1 AND 3600", name="rate"),
        Index("ix_credit_case_bank", "bank_id", "stage"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    introduction_id: Mapped[int] = mapped_column(ForeignKey("introduction.id"), unique=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), index=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    bank_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    stage: Mapped[CaseStage] = state_column(CaseStage.CLAIMED)
    stage_changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    granted_yuan: Mapped[int | None] = mapped_column(BigInteger)
    rate_bp: Mapped[int | None]
    exit_reason: Mapped[str] = mapped_column(String(40), default="")  # a code of credit_exit_reasons
    to_firm: Mapped[str] = mapped_column(String(300), default="")  # the bank's words to the firm at a return or refusal
    introduction: Mapped[Introduction] = relationship()
    enterprise: Mapped[Organization] = relationship(foreign_keys=[enterprise_id])
    bank: Mapped[Organization] = relationship(foreign_keys=[bank_id])
    documents: Mapped[list["CaseDocument"]] = relationship(order_by="CaseDocument.id", lazy="selectin")

    @property
    def missing(self) -> list[str]:
        """Codes of the loan_materials that the bank still waits for."""
        return [document.code for document in self.documents if document.received_at is None]


class CaseDocument(Base):
    """One paper that the product asks for, and when the bank had it in hand."""

    __tablename__ = "credit_case_document"
    __table_args__ = (UniqueConstraint("case_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("credit_case.id"), index=True)
    code: Mapped[str] = mapped_column(String(40))  # of loan_materials
    received_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    received_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))


class CaseEntry(Base):
    """One line of a case's history: a stage that it came to, or a note. Notes are the bank's own."""

    __tablename__ = "credit_case_entry"
    __table_args__ = (CheckConstraint("stage IS NOT NULL OR note <> ''", name="says_something"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("credit_case.id"), index=True)
    stage: Mapped[CaseStage | None] = mapped_column(enum_type(CaseStage))
    note: Mapped[str] = mapped_column(String(500), default="")
    by_user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Outcome(Timestamped, Versioned, Base):
    """What came of an introduction. Counts in the city's figures once both have confirmed it.

    Shares and loans: amount in 元, instrument, the day on which the money came. Mentoring: sessions, minutes, the last day.
    """

    __tablename__ = "outcome"
    __table_args__ = (
        CheckConstraint("amount_yuan > 0", name="amount_positive"),
        CheckConstraint("(kind = 'mentoring') = (amount_yuan IS NULL)", name="amount_of_money"),
        CheckConstraint("(kind = 'mentoring') = (sessions IS NOT NULL)", name="sessions_of_mentoring"),
        CheckConstraint("(sessions IS NULL) = (minutes IS NULL)", name="sessions_with_minutes"),
        CheckConstraint("(kind = 'equity') = (deal_id IS NOT NULL)", name="deal_of_equity"),
        CheckConstraint("(kind = 'credit') = (case_id IS NOT NULL)", name="case_of_credit"),
        Index("ix_outcome_in_state", "state", "received_on"),
        Index("uq_outcome_open", "introduction_id", unique=True, **only_where("state IN ('entered', 'confirmed')")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    introduction_id: Mapped[int] = mapped_column(ForeignKey("introduction.id"), index=True)
    kind: Mapped[PairingKind] = mapped_column(enum_type(PairingKind), index=True)
    deal_id: Mapped[int | None] = mapped_column(ForeignKey("deal.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("credit_case.id"), index=True)
    state: Mapped[OutcomeState] = state_column(OutcomeState.ENTERED, is_indexed=False)
    amount_yuan: Mapped[int | None] = mapped_column(BigInteger)
    sessions: Mapped[int | None]
    minutes: Mapped[int | None]
    instrument: Mapped[str] = mapped_column(String(40))  # empty for mentoring
    received_on: Mapped[date] = mapped_column(Date)
    note: Mapped[str] = mapped_column(String(300), default="")
    meets_need: Mapped[bool] = mapped_column(default=False)  # the firm's word: with this, the need is met
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    entered_by_user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    confirmed_by_user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dispute_reason: Mapped[str] = mapped_column(String(300), default="")
    introduction: Mapped[Introduction] = relationship()
    deal: Mapped[Deal | None] = relationship()
    case: Mapped[CreditCase | None] = relationship()

    @property
    def is_from_firm(self) -> bool:
        """Whether the firm entered it, and not the other side."""
        return self.entered_by_id == self.introduction.enterprise_id
