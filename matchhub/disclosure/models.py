"""Consents: who opened what to whom, under which text, until when; and what became of the files: promises and viewings."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, JSON, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.accounts.models import Organization, User
from matchhub.core.db import Base, only_where, UtcDateTime
from matchhub.core.texts import LegalText


class Consent(Base):
    """One side opens named groups of fields to one recipient. Withdrawal takes effect at the next request."""

    __tablename__ = "consent"
    __table_args__ = (
        Index("ix_consent_pair", "subject_id", "recipient_id"),
        Index("ix_consent_recipient", "recipient_id", "active_from"),
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
    allows_download: Mapped[bool] = mapped_column(default=False)  # else the files may be looked at here and no more
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


class NonDisclosure(Base):
    """What its owner wants promised before anybody opens a file. Another text is another row: the old one stays readable."""

    __tablename__ = "non_disclosure"
    __table_args__ = (
        Index("one_non_disclosure_per_file", "attachment_id", unique=True, **only_where("ended_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    attachment_id: Mapped[int] = mapped_column(index=True)  # a fact from above, written down
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))  # whose file it is
    body: Mapped[str] = mapped_column(Text, default="")  # own words; empty: the platform's text in force
    required_at: Mapped[datetime] = mapped_column(UtcDateTime)
    required_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class NdaAcceptance(Base):
    """One person promised, for an organization, what one text says about one document, as its bytes then were."""

    __tablename__ = "nda_acceptance"
    __table_args__ = (Index("ix_nda_acceptance_person", "attachment_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    non_disclosure_id: Mapped[int] = mapped_column(ForeignKey("non_disclosure.id"))
    legal_text_id: Mapped[int | None] = mapped_column(
        ForeignKey("legal_text.id")
    )  # where the words were the platform's
    text_version: Mapped[str] = mapped_column(String(20))
    text_sha256: Mapped[str] = mapped_column(String(64))
    attachment_id: Mapped[int]
    document_name: Mapped[str] = mapped_column(String(160))
    document_sha256: Mapped[str] = mapped_column(String(64))
    owner_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    name: Mapped[str] = mapped_column(String(60))  # as the person signed
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    ip: Mapped[str] = mapped_column(String(64), default="")
    owner: Mapped[Organization] = relationship(foreign_keys=[owner_id])
    organization: Mapped[Organization] = relationship(foreign_keys=[organization_id])
    non_disclosure: Mapped[NonDisclosure] = relationship()
    legal_text: Mapped[LegalText | None] = relationship()

    @property
    def number(self) -> str:
        """The number on the receipt."""
        return f"{self.at:%Y%m%d}-N{self.id:06d}"


class MaterialView(Base):
    """One sitting of one person with one document: written before the first byte leaves, page by page."""

    __tablename__ = "material_view"
    __table_args__ = (Index("ix_material_view_file", "attachment_id", "organization_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)  # stands in the watermark
    attachment_id: Mapped[int]
    document_name: Mapped[str] = mapped_column(String(160))
    document_sha256: Mapped[str] = mapped_column(String(64))
    owner_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    pages: Mapped[list[int]] = mapped_column(JSON, default=list)  # those whose picture was fetched, in order
    downloaded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    organization: Mapped[Organization] = relationship(foreign_keys=[organization_id])
    user: Mapped[User] = relationship()

    @property
    def minutes(self) -> int:
        """About how long, from opening it to the last page that was fetched."""
        return round((self.last_at - self.opened_at).total_seconds() / 60)
