"""Consents: who opened what to whom, for which purpose, under which text, until when."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, JSON, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.accounts.models import Organization
from matchhub.core.db import Base, UtcDateTime


class Consent(Base):
    """One side opens named groups of fields to one recipient. Withdrawal takes effect at the next request."""

    __tablename__ = "consent"
    __table_args__ = (
        Index("ix_consent_pair", "subject_id", "recipient_id"),
        CheckConstraint("subject_id <> recipient_id", name="two_parties"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    recipient_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    given_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    purpose: Mapped[str] = mapped_column(String(80))
    about_type: Mapped[str] = mapped_column(String(40))  # "introduction": a fact from above, written down
    about_id: Mapped[int | None]
    groups: Mapped[list[str]] = mapped_column(JSON, default=list)  # FieldGroup values
    file_ids: Mapped[list[int]] = mapped_column(JSON, default=list)  # attachments opened
    shown_values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # names of the fields shown on the screen
    text_id: Mapped[int] = mapped_column(ForeignKey("legal_text.id"))
    materials_text_id: Mapped[int | None] = mapped_column(ForeignKey("legal_text.id"))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    active_from: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when the other side agreed too
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    subject: Mapped[Organization] = relationship(foreign_keys=[subject_id])
    recipient: Mapped[Organization] = relationship(foreign_keys=[recipient_id])

    def is_active(self, now: datetime) -> bool:
        """Both have agreed, and neither time nor withdrawal has ended it."""
        return self.active_from is not None and self.active_from <= now < self.expires_at and self.withdrawn_at is None

    def is_over(self, now: datetime) -> bool:
        """Taken back, or past its date."""
        return self.withdrawn_at is not None or now >= self.expires_at

    @property
    def number(self) -> str:
        """The number on the receipt."""
        return f"{self.given_at:%Y%m%d}-{self.id:06d}"
