"""Versions of the weights, their trials, and how far attention spreads in the lists that are shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from matchhub.accounts.models import Organization
from matchhub.listings.enums import OfferState, PairingKind
from matchhub.listings.models import Need, Offer
from matchhub.matches.enums import RunState, Side
from matchhub.matches.models import MatchingModel, MatchRun, ModelTrial, PublishedRun, Suggestion

FIRST, NAMED = 10, 5


def versions(session: Session, kind: PairingKind) -> Sequence[MatchingModel]:
    """All versions of a kind, the one in use first, then by when they were last in use."""
    return session.scalars(
        select(MatchingModel)
        .where(MatchingModel.kind == kind)
        .order_by(MatchingModel.is_active.desc(), MatchingModel.activated_at.desc(), MatchingModel.id.desc())
    ).all()


def model_by_id(session: Session, model_id: int) -> MatchingModel | None:
    """One version."""
    return session.get(MatchingModel, model_id)


def trial_by_id(session: Session, trial_id: int) -> ModelTrial | None:
    """One trial."""
    return session.get(ModelTrial, trial_id)


def trials(session: Session, kind: PairingKind, most: int = 5) -> Sequence[ModelTrial]:
    """The latest trials of a kind."""
    return session.scalars(
        select(ModelTrial).where(ModelTrial.kind == kind).order_by(ModelTrial.id.desc()).limit(most)
    ).all()


def last_full_run(session: Session, kind: PairingKind) -> MatchRun | None:
    """The newest comparison of everything that ended well."""
    return session.scalar(
        select(MatchRun)
        .where(
            MatchRun.kind == kind,
            MatchRun.need_id.is_(None),
            MatchRun.offer_id.is_(None),
            MatchRun.state == RunState.DONE,
        )
        .order_by(MatchRun.id.desc())
        .limit(1)
    )


@dataclass(frozen=True, slots=True)
class Spread:
    """How the first ten places of the needs' lists fall on the open offers, exactly: who shows it rounds it.

    coverage: the share of the offers in any of them; gini: 0 all equally often, towards 1 one has all.
    """

    lists: int
    offers: int
    coverage: float
    gini: float
    most_shown: Sequence[tuple[Organization, int]]
    never_shown: int


def spread(session: Session, kind: PairingKind) -> Spread | None:
    """The exposure in the lists that are shown now; None where there is no list or no offer."""
    shown = and_(
        PublishedRun.side == Side.NEED,
        PublishedRun.subject_id == Suggestion.need_id,
        PublishedRun.run_id == Suggestion.run_id,
    )
    rows = session.execute(
        select(Suggestion.offer_id, func.count())
        .join(PublishedRun, shown)
        .where(Suggestion.side == Side.NEED, Suggestion.kind == kind, Suggestion.position <= FIRST)
        .group_by(Suggestion.offer_id)
    )
    count = {row[0]: int(row[1]) for row in rows}
    open_ = select(Offer.id, Offer.organization_id).where(Offer.kind == kind, Offer.state == OfferState.OPEN)
    owner = {row[0]: int(row[1]) for row in session.execute(open_)}
    lists = (
        session.scalar(
            select(func.count())
            .select_from(PublishedRun)
            .join(Need, Need.id == PublishedRun.subject_id)
            .where(PublishedRun.side == Side.NEED, Need.kind == kind)
        )
        or 0
    )
    if not owner or not lists:
        return None
    counts = sorted(count.get(offer_id, 0) for offer_id in owner)
    best = sorted(((count.get(o, 0), -o) for o in owner), reverse=True)[:NAMED]
    top = [(owner[-negative], number) for number, negative in best if number]
    names = {o.id: o for o in session.scalars(select(Organization).where(Organization.id.in_([one for one, _ in top])))}
    return Spread(
        lists,
        len(counts),
        sum(number > 0 for number in counts) / len(counts),
        gini(counts),
        [(names[organization_id], number) for organization_id, number in top],
        counts.count(0),
    )


def gini(ordered: Sequence[int]) -> float:
    """The Gini coefficient of counts in rising order; 0 where all are 0."""
    total, size = sum(ordered), len(ordered)
    weighed = sum((2 * place - size - 1) * number for place, number in enumerate(ordered, start=1))
    return weighed / (size * total) if total else 0.0
