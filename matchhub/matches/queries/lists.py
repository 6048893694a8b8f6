"""The lists that a side is shown, and the pairs that it may ask about."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, func, Integer, or_, Select, select
from sqlalchemy.orm import contains_eager, load_only, selectin_polymorphic, Session, with_polymorphic

from matchhub.accounts.enums import OrganizationKind
from matchhub.core.clock import CITY_ZONE
from matchhub.core.db import db, UtcDateTime
from matchhub.core.policy import Actor
from matchhub.disclosure.queries import Subject, Visible, visible_fields
from matchhub.listings.enums import NeedState, OfferState, PairingKind
from matchhub.listings.models import Need, NEED_MODELS, Offer, OFFER_MODELS
from matchhub.matches.enums import FeedbackKind, Side
from matchhub.matches.models import Feedback, MatchingModel, PublishedRun, Suggestion
from matchhub.matches.queries.rows import Standing, standing, with_sides
from matchhub.profiles.enums import RelationKind
from matchhub.profiles.models import OrganizationRelation

DEFAULT_CAPACITY = 20
NEEDS = selectin_polymorphic(Need, list(NEED_MODELS.values()))
OFFERS = selectin_polymorphic(Offer, list(OFFER_MODELS.values()))

EACH_NEED: Any = with_polymorphic(Need, list(NEED_MODELS.values()))
EACH_OFFER: Any = with_polymorphic(Offer, list(OFFER_MODELS.values()))
OWN_OPEN_NEEDS: Select[Need] = (
    select(EACH_NEED)
    .where(EACH_NEED.organization_id == bindparam("own", type_=Integer), EACH_NEED.state == NeedState.OPEN)
    .order_by(EACH_NEED.id.desc())
)
OWN_OPEN_OFFERS: Select[Offer] = (
    select(EACH_OFFER)
    .where(EACH_OFFER.organization_id == bindparam("own", type_=Integer), EACH_OFFER.state == OfferState.OPEN)
    .order_by(EACH_OFFER.id.desc())
)
SAID = {
    side: select(Feedback)
    .options(load_only(Feedback.need_id, Feedback.offer_id, Feedback.kind, Feedback.at, Feedback.until))
    .where(Feedback.side == side, subject == bindparam("subject", type_=Integer))
    for side, subject in ((Side.NEED, Feedback.need_id), (Side.OFFER, Feedback.offer_id))
}
ACTIVE_MODELS = select(MatchingModel).where(MatchingModel.is_active)
SPECS = select(MatchingModel.kind, MatchingModel.spec).where(
    MatchingModel.is_active, MatchingModel.kind.in_(bindparam("kinds", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A need and an offer that somebody asks about, whether or not it stands in a list."""

    need: Need
    offer: Offer


def own_need(actor: Actor, need_id: int) -> Need | None:
    """A need of the actor's organization, in any state."""
    return db.session.scalar(
        select(Need).where(Need.id == need_id, Need.organization_id == actor.organization_id).options(NEEDS)
    )


def own_offer(actor: Actor, offer_id: int) -> Offer | None:
    """An offer of the actor's organization, in any state."""
    return db.session.scalar(
        select(Offer).where(Offer.id == offer_id, Offer.organization_id == actor.organization_id).options(OFFERS)
    )


def own_open_needs(session: Session, actor: Actor) -> Sequence[Need]:
    """The needs of the actor's organization that are suggested now."""
    if actor.organization_kind != OrganizationKind.ENTERPRISE:
        return ()  # nobody else asks
    return session.scalars(OWN_OPEN_NEEDS, {"own": actor.organization_id}).all()


def own_open_offers(session: Session, actor: Actor) -> Sequence[Offer]:
    """The offers of the actor's organization that are suggested now."""
    if actor.organization_kind == OrganizationKind.ENTERPRISE:
        return ()  # firms ask, others offer
    return session.scalars(OWN_OPEN_OFFERS, {"own": actor.organization_id}).all()


def _complete() -> Select[Any]:
    return (
        select(Suggestion)
        .join(Suggestion.need)
        .join(Suggestion.offer)
        .options(contains_eager(Suggestion.need).options(NEEDS), contains_eager(Suggestion.offer).options(OFFERS))
    )


def _blocked_pair() -> Select[Any]:
    """One of the two wants nothing to do with the other: no list shows them, from the next request on."""
    relation = OrganizationRelation
    return select(relation.id).where(
        relation.kind == RelationKind.BLOCKED,
        or_(
            and_(relation.from_id == Need.organization_id, relation.to_id == Offer.organization_id),
            and_(relation.from_id == Offer.organization_id, relation.to_id == Need.organization_id),
        ),
    )


def _paired(kind: PairingKind) -> Select[Any]:
    return select(Suggestion).join(Suggestion.need).join(Suggestion.offer).where(Suggestion.kind == kind)


@cache
def _listed(side: Side, kind: PairingKind) -> Select[Any]:
    """The list of `subject` at `now`: put together once, as every list is asked for in the same words."""
    subject = Suggestion.need_id if side is Side.NEED else Suggestion.offer_id
    subject_id, now = bindparam("subject", type_=Integer), bindparam("now", type_=UtcDateTime)
    put_away = select(Feedback.id).where(
        Feedback.side == side,
        Feedback.need_id == Suggestion.need_id,
        Feedback.offer_id == Suggestion.offer_id,
        or_(Feedback.kind == FeedbackKind.NOT_FIT, and_(Feedback.kind == FeedbackKind.LATER, Feedback.until > now)),
    )
    return (
        with_sides(_paired(kind), [kind], [side.other])
        .join(
            PublishedRun,
            and_(
                PublishedRun.side == side,
                PublishedRun.subject_id == subject_id,
                PublishedRun.run_id == Suggestion.run_id,
            ),
        )
        .where(
            Suggestion.side == side,
            subject == subject_id,
            Need.state == NeedState.OPEN,
            Offer.state == OfferState.OPEN,
            ~put_away.exists(),
            ~_blocked_pair().exists(),
        )
        .order_by(Suggestion.position)
    )


def shown(session: Session, side: Side, subject_id: int, kind: PairingKind, *, now: datetime) -> list[Standing]:
    """The published list of a need or offer, best first: without what is no longer open and what this side put away. Of its
    rows the other side alone is read: the own one is the same in all."""
    rows = session.execute(_listed(side, kind), {"subject": subject_id, "now": now})
    return list(standing(rows, [side.other]))


def suggestion(actor: Actor, suggestion_id: int) -> Suggestion | None:
    """A row of a list of the actor's organization."""
    own = or_(
        and_(Suggestion.side == Side.NEED, Need.organization_id == actor.organization_id),
        and_(Suggestion.side == Side.OFFER, Offer.organization_id == actor.organization_id),
    )
    found = _complete().where(Suggestion.id == suggestion_id, own, ~_blocked_pair().exists())
    return db.session.scalars(found).unique().one_or_none()


def pair(actor: Actor, need_id: int, offer_id: int) -> Pair | None:
    """A pair of which one side is the actor's own and the other one open; nobody is asked about across a block."""
    need = db.session.scalar(select(Need).where(Need.id == need_id).options(NEEDS))
    offer = db.session.scalar(select(Offer).where(Offer.id == offer_id).options(OFFERS))
    if need is None or offer is None or actor.organization_id is None:
        return None
    own_needs, own_offers = (side.organization_id == actor.organization_id for side in (need, offer))
    open_to_firm = own_needs and offer.state is OfferState.OPEN and offer.organization.is_open
    open_to_fund = own_offers and need.state is NeedState.OPEN and need.organization.is_open
    if not (open_to_firm or open_to_fund) or _blocked(need.organization_id, offer.organization_id):
        return None
    return Pair(need, offer)


def _blocked(one: int, other: int) -> bool:
    relation = OrganizationRelation
    between = or_(
        and_(relation.from_id == one, relation.to_id == other), and_(relation.from_id == other, relation.to_id == one)
    )
    return db.session.scalar(select(relation.id).where(between, relation.kind == RelationKind.BLOCKED)) is not None


def offers_by_id(session: Session, ids: Sequence[int]) -> dict[int, Offer]:
    """Some offers with their owners, from one query and its eager loads."""
    return {offer.id: offer for offer in session.scalars(select(Offer).where(Offer.id.in_(ids)).options(OFFERS))}


def feedback_on(session: Session, side: Side, subject_id: int) -> dict[int, Feedback]:
    """What this side said, by the id of the other."""
    other = "offer_id" if side is Side.NEED else "need_id"
    return {getattr(row, other): row for row in session.scalars(SAID[side], {"subject": subject_id})}


def answered_this_week(session: Session, offer_id: int, *, now: datetime) -> int:
    """How many suggestions the owner of an offer has answered since Monday in the city."""
    today = now.astimezone(CITY_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = today - timedelta(days=today.weekday())
    counted = select(func.count(Feedback.id)).where(
        Feedback.side == Side.OFFER, Feedback.offer_id == offer_id, Feedback.at >= monday
    )
    return session.scalar(counted) or 0


def position(session: Session, side: Side, need_id: int, offer_id: int) -> tuple[int, Suggestion] | None:
    """Where a pair stands in the shown list of its own side: how long that list is, and the row."""
    subject, subject_id = (Suggestion.need_id, need_id) if side is Side.NEED else (Suggestion.offer_id, offer_id)
    rows = session.scalars(
        select(Suggestion)
        .join(
            PublishedRun,
            and_(
                PublishedRun.side == side,
                PublishedRun.subject_id == subject_id,
                PublishedRun.run_id == Suggestion.run_id,
            ),
        )
        .where(Suggestion.side == side, subject == subject_id)
    ).all()
    row = next((row for row in rows if (row.need_id, row.offer_id) == (need_id, offer_id)), None)
    return None if row is None else (len(rows), row)


def sight_of(session: Session, actor: Actor, needs: Sequence[Need], *, now: datetime) -> Mapping[int, Visible]:
    """organization id → what the actor may see of the owners of these needs: one query."""
    subjects = [Subject(need.organization_id, need.district_code, need.carrier_id) for need in needs]
    return visible_fields(session, actor, subjects, now=now)


def specs_in_force(session: Session, kinds: Iterable[PairingKind]) -> dict[PairingKind, dict[str, Any]]:
    """The weights and cut points of these kinds, for a page that has rows of them: no more is read than it needs."""
    wanted = sorted(set(kinds))
    return {row.kind: row.spec for row in session.execute(SPECS, {"kinds": wanted})} if wanted else {}


def active_models(session: Session) -> dict[PairingKind, MatchingModel]:
    """The versions of the weights in force."""
    return {model.kind: model for model in session.scalars(ACTIVE_MODELS)}


def found_counts(session: Session, side: Side, subject_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """How many fit and may fit in the shown list of each need or offer; those without a list yet are not in it."""
    rows = session.execute(
        select(PublishedRun.subject_id, PublishedRun.fits, PublishedRun.may_fit).where(
            PublishedRun.side == side, PublishedRun.subject_id.in_(subject_ids)
        )
    )
    return {row.subject_id: (row.fits, row.may_fit) for row in rows}
