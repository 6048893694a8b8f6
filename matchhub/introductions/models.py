"""One party asks to meet another about a need; what they say; when they meet."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.accounts.models import Organization
from matchhub.core.db import Base, enum_type, only_where, state_column, Timestamped, UtcDateTime, Versioned
from matchhub.disclosure.models import Consent
from matchhub.introductions.enums import IntroductionState, MeetingMode, MeetingState
from matchhub.listings.enums import PairingKind
from matchhub.listings.models import Need, Offer


class Introduction(Timestamped, Versioned, Base):
    """One party asks to meet another about a need; the other answers."""

    __tablename__ = "introduction"
    __table_args__: Any = (
        Index(
            "uq_introduction_open", "need_id", "offer_id", unique=True,
            **only_where("state IN ('requested', 'accepted')"),
        ),
        Index("ix_introduction_need", "need_id"),
        Index("ix_introduction_requester", "requester_id", "state"),
        Index("ix_introduction_recipient", "recipient_id", "state"),
        Index("ix_introduction_requested_at", "requested_at"),
        Index("ix_introduction_in_state", "state", "last_activity_at"),
        CheckConstraint("requester_id <> recipient_id", name="two_parties"),
        ForeignKeyConstraint(["need_id", "kind"], ["need.id", "need.kind"], name="need_of_kind"),
        ForeignKeyConstraint(["offer_id", "kind"], ["offer.id", "offer.kind"], name="offer_of_kind"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[PairingKind] = mapped_column(enum_type(PairingKind))
    need_id: Mapped[int] = mapped_column()
    offer_id: Mapped[int] = mapped_column(index=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)  # the need's owner
    investor_id: Mapped[int] = mapped_column(
        ForeignKey("organization.id"), index=True
    )  # the offer's: fund, bank, mentor
    requester_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    recipient_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    requested_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    state: Mapped[IntroductionState] = state_column(IntroductionState.REQUESTED, is_indexed=False)
    purpose: Mapped[str] = mapped_column(String(300), default="")  # the asker's words to the recipient
    awaits_claim: Mapped[bool] = mapped_column(default=False)  # the recipient has no members yet
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))  # who declined, revoked or closed it
    last_activity_at: Mapped[datetime] = mapped_column(UtcDateTime)
    refusal_reason: Mapped[str] = mapped_column(String(40), default="")  # a code of refusal_reasons
    closing_reason: Mapped[str] = mapped_column(String(40), default="")
    refusal_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # declined, but can still be undone until then
    refusal_by_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"))
    ask_again_on: Mapped[datetime | None] = mapped_column(UtcDateTime)
    requester_consent_id: Mapped[int | None] = mapped_column(ForeignKey("consent.id"))
    recipient_consent_id: Mapped[int | None] = mapped_column(ForeignKey("consent.id"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("match_run.id"))  # the suggestion's run, for evaluation
    score: Mapped[float | None]
    need: Mapped[Need] = relationship(foreign_keys=[need_id, kind], viewonly=True)
    offer: Mapped[Offer] = relationship(foreign_keys=[offer_id, kind], viewonly=True)
    enterprise: Mapped[Organization] = relationship(foreign_keys=[enterprise_id])
    investor: Mapped[Organization] = relationship(foreign_keys=[investor_id])
    requester_consent: Mapped[Consent | None] = relationship(foreign_keys=[requester_consent_id])
    recipient_consent: Mapped[Consent | None] = relationship(foreign_keys=[recipient_consent_id])

    def is_open(self, now: datetime) -> bool:
        """Waiting within its time, or agreed."""
        if self.state is IntroductionState.REQUESTED:
            return now < self.expires_at
        return self.state is IntroductionState.ACCEPTED

    def is_party(self, organization_id: int | None) -> bool:
        """Whether the organization is one of the two."""
        return organization_id is not None and organization_id in (self.enterprise_id, self.investor_id)

    def consent_of(self, organization_id: int | None) -> Consent | None:
        """What this party opened to the other."""
        return self.requester_consent if organization_id == self.requester_id else self.recipient_consent

    def other_than(self, organization_id: int | None) -> Organization:
        """The other party."""
        return self.investor if organization_id == self.enterprise_id else self.enterprise


class Message(Base):
    """One line of the thread."""

    __tablename__ = "message"

    id: Mapped[int] = mapped_column(primary_key=True)
    introduction_id: Mapped[int] = mapped_column(ForeignKey("introduction.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    body: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)  # when it leaves; the other side sees it from then on
    introduction: Mapped[Introduction] = relationship()


class Meeting(Timestamped, Versioned, Base):
    """A time that one side proposes and the other accepts; afterwards, that it was held."""

    __tablename__ = "meeting"
    __table_args__ = (CheckConstraint("minutes BETWEEN 10 AND 480", name="length"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    introduction_id: Mapped[int] = mapped_column(ForeignKey("introduction.id"), index=True)
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    proposed_by_user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    state: Mapped[MeetingState] = state_column(MeetingState.PROPOSED)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    minutes: Mapped[int] = mapped_column(default=30)
    mode: Mapped[MeetingMode] = mapped_column(enum_type(MeetingMode))
    place: Mapped[str] = mapped_column(String(200), default="")
    note: Mapped[str] = mapped_column(String(500), default="")
    summary: Mapped[str] = mapped_column(Text, default="")
    held_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    introduction: Mapped[Introduction] = relationship()
