"""Legal words by version: terms, privacy, and the text of each consent. A consent names the version that was shown."""

from datetime import datetime

from sqlalchemy import Index, select, String, Text
from sqlalchemy.orm import Mapped, mapped_column, Session

from matchhub.core.db import Base, enum_type, UtcDateTime
from matchhub.core.labels import Labelled, N_


class TextKind(Labelled):
    """What a legal text is for."""

    TERMS = "terms", N_("服务条款")
    PRIVACY = "privacy", N_("隐私说明")
    CONTACT_CONSENT = "contact_consent", N_("联系方式授权")
    MATERIALS_CONSENT = "materials_consent", N_("材料授权")
    NDA = "nda", N_("保密约定")


class LegalText(Base):
    """One version of one text, in both languages; never changed after it took effect."""

    __tablename__ = "legal_text"
    __table_args__ = (Index("uq_legal_text_version", "kind", "version", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[TextKind] = mapped_column(enum_type(TextKind))
    version: Mapped[str] = mapped_column(String(20))
    body: Mapped[str] = mapped_column(Text)
    body_en: Mapped[str] = mapped_column(Text, default="")
    effective_at: Mapped[datetime] = mapped_column(UtcDateTime)

    def words(self, locale: str) -> str:
        """The body in `locale`."""
        return self.body if locale.startswith("zh") else (self.body_en or self.body)


def current_text(session: Session, kind: TextKind, now: datetime) -> LegalText:
    """The version of `kind` in force at `now`; raises LookupError where none was ever published."""
    row = session.scalar(
        select(LegalText)
        .where(LegalText.kind == kind, LegalText.effective_at <= now)
        .order_by(LegalText.effective_at.desc(), LegalText.id.desc())
        .limit(1)
    )
    if row is None:
        raise LookupError(f"no text of kind {kind.value}; run `matchhub init`")
    return row
