"""Suggestions and what they rest on: versioned weights, runs, exclusions, feedback."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, JSON, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.core.clock import utcnow
from matchhub.core.db import Base, enum_type, only_where, state_column, Timestamped, UtcDateTime, Versioned
from matchhub.listings.enums import PairingKind
from matchhub.listings.models import Need, Offer
from matchhub.matches.enums import Alert, FeedbackKind, RunState, Side, Verdict


class MatchingModel(Base):
    """A version of the weights and cut points of one pairing."""

    __tablename__ = "matching_model"
    __table_args__ = (
        UniqueConstraint("kind", "name"),
        Index("uq_matching_model_active", "kind", unique=True, **only_where("is_active")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[PairingKind] = mapped_column(enum_type(PairingKind))
    name: Mapped[str] = mapped_column(String(40))
    spec: Mapped[dict[str, Any]] = mapped_column(JSON)
    is_active: Mapped[bool] = mapped_column(default=False)
    is_sample: Mapped[bool] = mapped_column(default=True)  # 示例: proposed by us, not official
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    activated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when it was last put to use


class ModelTrial(Base):
    """A dry run of other weights: what the lists would look like, computed by the worker and shown to those who decide."""

    __tablename__ = "model_trial"
    __table_args__ = (Index("ix_model_trial_kind", "kind", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[PairingKind] = mapped_column(enum_type(PairingKind))
    base_id: Mapped[int] = mapped_column(ForeignKey("matching_model.id"))  # the version in use when it was asked for
    spec: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[RunState] = state_column(RunState.QUEUED)
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # see services.trials
    compared: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(300), default="")
    by_user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MatchRun(Base):
    """One computation: of everything, of one need or of one offer. The row in state queued is the queue."""

    __tablename__ = "match_run"
    __table_args__ = (
        Index("ix_match_run_queue", "id", **only_where("state = 'queued'")),
        CheckConstraint("need_id IS NULL OR offer_id IS NULL", name="one_subject"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[PairingKind] = mapped_column(enum_type(PairingKind))
    model_id: Mapped[int | None] = mapped_column(ForeignKey("matching_model.id"))
    need_id: Mapped[int | None] = mapped_column(ForeignKey("need.id"), index=True)
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("offer.id"), index=True)
    state: Mapped[RunState] = state_column(RunState.QUEUED)
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    compared: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(String(300), default="")


class PublishedRun(Base):
    """Which run's list is shown for one need or offer: one pointer, moved when the list is complete."""

    __tablename__ = "published_run"

    side: Mapped[Side] = mapped_column(enum_type(Side), primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("match_run.id"))
    compared: Mapped[int] = mapped_column(default=0)
    fits: Mapped[int] = mapped_column(default=0)
    may_fit: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    # when a list first held a pair that fits or may fit: `at` moves with every night's run
    suggested_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Suggestion(Base):
    """A pair in the list of one side, as one run computed it. Scores are in [0, 1].

    `told`: the facts that a row of the list may speak of (see `telling`); the sentences are made on view, from what the
    reader may see.
    """

    __tablename__ = "suggestion"
    __table_args__ = (
        UniqueConstraint("run_id", "side", "need_id", "offer_id"),
        Index("ix_suggestion_need", "side", "need_id", "run_id"),
        Index("ix_suggestion_offer", "side", "offer_id", "run_id"),
        ForeignKeyConstraint(["need_id", "kind"], ["need.id", "need.kind"], name="need_of_kind"),
        ForeignKeyConstraint(["offer_id", "kind"], ["offer.id", "offer.kind"], name="offer_of_kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("match_run.id"))
    side: Mapped[Side] = mapped_column(enum_type(Side))
    kind: Mapped[PairingKind] = mapped_column(enum_type(PairingKind))
    need_id: Mapped[int] = mapped_column()
    offer_id: Mapped[int] = mapped_column()
    position: Mapped[int]
    score: Mapped[float]
    score_for_need: Mapped[float | None]
    score_for_offer: Mapped[float | None]
    coverage: Mapped[float]
    verdict: Mapped[Verdict] = mapped_column(enum_type(Verdict))
    unknown_count: Mapped[int] = mapped_column(default=0)
    told: Mapped[list[Any]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    first_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # since when the pair has stood in this list
    need: Mapped[Need] = relationship(foreign_keys=[need_id, kind], viewonly=True)
    offer: Mapped[Offer] = relationship(foreign_keys=[offer_id, kind], viewonly=True)


class Feedback(Base):
    """What a side said of a pair: respected in its own lists, never shown to the other side."""

    __tablename__ = "match_feedback"
    __table_args__ = (UniqueConstraint("side", "need_id", "offer_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    side: Mapped[Side] = mapped_column(enum_type(Side))
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), index=True)
    kind: Mapped[FeedbackKind] = mapped_column(enum_type(FeedbackKind))
    reason: Mapped[str] = mapped_column(String(60), default="")
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)  # `later`: hidden until then
    by_user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    former: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # what was said before, for undoing


ENGAGED = "engaged"  # the reason of a pair that works together: counts against Mentorship.firms_at_most


class Exclusion(Base):
    """A pair that must not be suggested until a time: a fact written down by a higher feature."""

    __tablename__ = "match_exclusion"
    __table_args__ = (UniqueConstraint("need_id", "offer_id", "reason"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("need.id"), index=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), index=True)
    reason: Mapped[str] = mapped_column(String(40))  # in_progress, cooling_off, revoked, engaged
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(
        UtcDateTime, default=utcnow
    )  # in_progress ones take capacity that month


class Push(Base):
    """A pair that a firm's carrier recommended to it; once a pair, told to the firm alone."""

    __tablename__ = "match_push"
    __table_args__ = (
        UniqueConstraint("need_id", "offer_id"),
        Index("ix_match_push_carrier", "carrier_id", "at"),
        ForeignKeyConstraint(["need_id", "kind"], ["need.id", "need.kind"], name="need_of_kind"),
        ForeignKeyConstraint(["offer_id", "kind"], ["offer.id", "offer.kind"], name="offer_of_kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[PairingKind] = mapped_column(enum_type(PairingKind))
    need_id: Mapped[int] = mapped_column()
    offer_id: Mapped[int] = mapped_column()
    carrier_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    note: Mapped[str] = mapped_column(String(120), default="")  # the carrier's words to the firm
    by_user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    need: Mapped[Need] = relationship(foreign_keys=[need_id, kind], viewonly=True)
    offer: Mapped[Offer] = relationship(foreign_keys=[offer_id, kind], viewonly=True)


class SavedSearch(Timestamped, Versioned, Base):
    """A filtered list that a person keeps as a member of one organization, and how often to say that more is on it."""

    __tablename__ = "saved_search"
    __table_args__ = (
        Index("uq_saved_search", "user_id", "organization_id", "list_code", "query", unique=True),
        Index("ix_saved_search_alert", "checked_at", **only_where("alert <> 'none'")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    list_code: Mapped[str] = mapped_column(String(40))
    query: Mapped[str] = mapped_column(String(400), default="")  # as it stands in the address, in a fixed order
    name: Mapped[str] = mapped_column(String(60))
    alert: Mapped[Alert] = mapped_column(enum_type(Alert), default=Alert.WEEKLY)
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime)  # what was there by then is not new
