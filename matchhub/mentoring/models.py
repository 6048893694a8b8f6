"""Engagements after an introduction about mentoring, their goals, and the log of sessions."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, JSON, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.accounts.models import Organization
from matchhub.core.db import Base, enum_type, state_column, Timestamped, UtcDateTime, Versioned
from matchhub.introductions.enums import MeetingMode
from matchhub.introductions.models import Introduction
from matchhub.mentoring.enums import EngagementState, SessionState


class Engagement(Timestamped, Versioned, Base):
    """What an accepted introduction about mentoring became: one mentor, one firm, until it is finished or ended."""

    __tablename__ = "engagement"
    __table_args__ = (Index("ix_engagement_mentor", "mentor_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    introduction_id: Mapped[int] = mapped_column(ForeignKey("introduction.id"), unique=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
    mentorship_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), index=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    mentor_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    state: Mapped[EngagementState] = state_column(EngagementState.ACTIVE)
    exit_reason: Mapped[str] = mapped_column(String(40), default="")  # a code of mentoring_exit_reasons
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    introduction: Mapped[Introduction] = relationship()
    enterprise: Mapped[Organization] = relationship(foreign_keys=[enterprise_id])
    mentor: Mapped[Organization] = relationship(foreign_keys=[mentor_id])


class Goal(Timestamped, Base):
    """One thing that the two want to reach, as both may read and tick off."""

    __tablename__ = "engagement_goal"

    id: Mapped[int] = mapped_column(primary_key=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"), index=True)
    words: Mapped[str] = mapped_column(String(120))
    reached_on: Mapped[date | None] = mapped_column(Date)
    engagement: Mapped[Engagement] = relationship()


class MentoringSession(Timestamped, Versioned, Base):
    """One session as the mentor logs it. `topics`: codes of mentor_topics. Counts once the firm has confirmed it."""

    __tablename__ = "mentoring_session"
    __table_args__ = (CheckConstraint("minutes BETWEEN 10 AND 480", name="length"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"), index=True)
    state: Mapped[SessionState] = state_column(SessionState.LOGGED)
    held_on: Mapped[date] = mapped_column(Date)
    minutes: Mapped[int]
    mode: Mapped[MeetingMode] = mapped_column(enum_type(MeetingMode))
    topics: Mapped[list[str]] = mapped_column(JSON, default=list)
    summary: Mapped[str] = mapped_column(String(500))
    next_step: Mapped[str] = mapped_column(String(200), default="")
    logged_by_user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    decided_by_user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dispute_reason: Mapped[str] = mapped_column(String(300), default="")
    engagement: Mapped[Engagement] = relationship()
