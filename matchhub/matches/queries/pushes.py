"""Pairs that a carrier may recommend to its firms, what it has recommended, and what a firm was recommended."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import and_, bindparam, exists, func, Integer, Select, select
from sqlalchemy.orm import aliased, contains_eager, joinedload, load_only, selectinload, Session

from matchhub.accounts.models import Organization
from matchhub.accounts.queries import NAMED
from matchhub.core.db import db
from matchhub.core.paging import Page, paged
from matchhub.core.policy import Actor
from matchhub.listings.enums import NeedState, OfferState, PairingKind
from matchhub.listings.models import Need, Offer
from matchhub.matches.enums import Side, Verdict
from matchhub.matches.models import Exclusion, Feedback, PublishedRun, Push, Suggestion
from matchhub.matches.queries.lists import NEEDS, OFFERS
from matchhub.matches.queries.rows import by_id

A_SCREEN = 20
FROM_EACH_NEED = 3


@cache
def _candidates() -> Select[Suggestion]:
    """Suggestions of open needs of the firms of `carrier` that somebody reads and has said nothing about.

    What is in progress, cooling off or was recommended before is left out. The scope is the server's.
    """
    untouched = (
        ~exists().where(Push.need_id == Suggestion.need_id, Push.offer_id == Suggestion.offer_id),
        ~exists().where(Exclusion.need_id == Suggestion.need_id, Exclusion.offer_id == Suggestion.offer_id),
        ~exists().where(
            Feedback.side == Side.NEED,
            Feedback.need_id == Suggestion.need_id,
            Feedback.offer_id == Suggestion.offer_id,
        ),
    )
    owner = aliased(Organization)
    own = select(Need.id).where(Need.carrier_id == bindparam("carrier", type_=Integer)).correlate(None)
    return (
        select(Suggestion)
        .join(Suggestion.need)
        .join(Suggestion.offer)
        .join(owner, owner.id == Need.organization_id)
        .join(
            PublishedRun,
            and_(
                PublishedRun.side == Side.NEED,
                PublishedRun.subject_id == Suggestion.need_id,
                PublishedRun.run_id == Suggestion.run_id,
            ),
        )
        .where(
            Suggestion.side == Side.NEED,
            Suggestion.verdict != Verdict.FAILS,
            Suggestion.need_id.in_(own),  # so that a database begins with the carrier's needs, not with all suggestions
            Need.state == NeedState.OPEN,
            Offer.state == OfferState.OPEN,
            owner.is_claimed,
            *untouched,
        )
    )


@cache
def _best() -> Select[tuple[int, PairingKind]]:
    """Ids and kinds of the best of them, in order."""
    ranked = (
        _candidates()
        .with_only_columns(
            Suggestion.id,
            Suggestion.kind,
            Suggestion.score,
            func.row_number().over(partition_by=Suggestion.need_id, order_by=Suggestion.position).label("turn"),
            maintain_column_froms=True,
        )
        .subquery()
    )
    return (
        select(ranked.c.id, ranked.c.kind)
        .where(ranked.c.turn <= FROM_EACH_NEED)
        .order_by(ranked.c.turn, ranked.c.score.desc(), ranked.c.id)
        .limit(A_SCREEN)
    )


def pushable(session: Session, actor: Actor) -> Sequence[Suggestion]:
    """The best pairs for one screen: at most three a need, the best of every need before the second of any."""
    kinds = {row.id: row.kind for row in session.execute(_best(), {"carrier": actor.organization_id})}
    rows = by_id(session, kinds)
    return [rows[row_id] for row_id in kinds]


def pushable_by_id(actor: Actor, suggestion_ids: Sequence[int]) -> list[Suggestion]:
    """Those of these suggestions that the actor may recommend now."""
    with_both = (selectinload(Suggestion.need).options(NEEDS), selectinload(Suggestion.offer).options(OFFERS))
    wanted = _candidates().options(*with_both).where(Suggestion.id.in_(suggestion_ids)).order_by(Suggestion.id)
    return list(db.session.scalars(wanted, {"carrier": actor.organization_id}).unique())


def pushed_by(session: Session, actor: Actor, *, number: int, per_page: int = 50) -> Page[Push]:
    """What the carrier has recommended, newest first."""
    statement = (
        select(Push)
        .options(joinedload(Push.need), joinedload(Push.offer))
        .where(Push.carrier_id == actor.organization_id)
        .order_by(Push.at.desc(), Push.id.desc())
    )
    return paged(session, statement, number, per_page)


def pushed_count(session: Session, actor: Actor, *, since: datetime) -> int:
    """How many pairs the carrier has recommended since then."""
    return session.scalar(pushes_since("since"), {"own": actor.organization_id, "since": since}) or 0


def pushes_since(since: str) -> Select[int]:
    """How many pairs the carrier `own` has recommended since the moment that is given under this name."""
    return select(func.count(Push.id)).where(Push.carrier_id == bindparam("own"), Push.at >= bindparam(since))


def pushed_to(session: Session, need_id: int) -> list[Push]:
    """What the carrier recommended for a need and is still open, newest first: for the need's owner alone."""
    return list(session.scalars(PUSHED_TO, {"need": need_id}).unique())


PUSHED_TO = (
    select(Push)
    .join(Push.offer)
    .options(
        contains_eager(Push.offer).options(
            load_only(Offer.kind, Offer.organization_id, Offer.title, Offer.state),
            joinedload(Offer.organization, innerjoin=True).load_only(*NAMED),
        )
    )
    .where(
        Push.need_id == bindparam("need", type_=Integer),
        Offer.state == OfferState.OPEN,
        ~exists().where(
            Feedback.side == Side.NEED, Feedback.need_id == Push.need_id, Feedback.offer_id == Push.offer_id
        ),
        ~exists().where(Exclusion.need_id == Push.need_id, Exclusion.offer_id == Push.offer_id),
    )
    .order_by(Push.at.desc(), Push.id.desc())
)
