"""Pairs that a carrier may recommend to its firms, what it has recommended, and what a firm was recommended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, exists, func, Integer, Row, Select, select, Subquery, union_all
from sqlalchemy.orm import aliased, contains_eager, joinedload, load_only, selectinload, Session

from matchhub.accounts.models import Organization
from matchhub.accounts.queries import NAMED
from matchhub.core.db import db, UtcDateTime
from matchhub.core.paging import Page, paged
from matchhub.core.policy import Actor
from matchhub.listings.enums import NeedState, OfferState, PairingKind
from matchhub.listings.models import Need, Offer
from matchhub.matches.enums import Side, Verdict
from matchhub.matches.models import Exclusion, Feedback, PublishedRun, Push, Suggestion
from matchhub.matches.queries.lists import NEEDS, OFFERS
from matchhub.matches.queries.rows import Standing, standing, with_sides

A_SCREEN = 20
FROM_EACH_NEED = 3
BOTH_SIDES = (Side.NEED, Side.OFFER)
IN_FRONT = 30  # needs: more than a screen shows, so that it is full when some of their pairs have gone


@dataclass(frozen=True, slots=True)
class Front:
    """The needs of a carrier whose best pairs stood in front when they were counted, and the first pair of all the others:
    its score and id, None where there are no others."""

    counted_at: datetime
    need_ids: Sequence[int]
    following: tuple[float, int] | None


@cache
def _candidates(*, in_front: bool = False) -> Select[Suggestion]:
    """Suggestions of open needs of the firms of `carrier` that somebody reads and has said nothing about.

    What is in progress, cooling off or was recommended before is left out. The scope is the server's. `in_front`: of the needs
    `front` and of those published since `counted_at` alone.
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
    own: Any = select(Need.id).where(Need.carrier_id == bindparam("carrier", type_=Integer)).correlate(None)
    if in_front:
        own = union_all(
            own.where(Need.id.in_(bindparam("front", type_=Integer, expanding=True))),
            own.where(Need.published_at > bindparam("counted_at", type_=UtcDateTime)),
        )
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
def _best(*, in_front: bool = False) -> Select[Any]:
    """The best of them in order, with all that a screen shows of them: of every kind in one query."""
    ranked = _ranked(in_front=in_front)
    best = (
        select(ranked.c.id, ranked.c.turn)
        .where(ranked.c.turn <= FROM_EACH_NEED)
        .order_by(ranked.c.turn, ranked.c.score.desc(), ranked.c.id)
        .limit(A_SCREEN)
        .subquery()
    )
    pairs = select(Suggestion).join(best, best.c.id == Suggestion.id).join(Suggestion.need).join(Suggestion.offer)
    ordered = pairs.order_by(best.c.turn, Suggestion.score.desc(), Suggestion.id)
    return with_sides(ordered, PairingKind, BOTH_SIDES).add_columns(best.c.turn)


@cache
def _ranked(*, in_front: bool = False) -> Subquery:
    """The candidates, each with the turn that it has among those of its need."""
    return (
        _candidates(in_front=in_front)
        .with_only_columns(
            Suggestion.id,
            Suggestion.need_id,
            Suggestion.score,
            func.row_number().over(partition_by=Suggestion.need_id, order_by=Suggestion.position).label("turn"),
            maintain_column_froms=True,
        )
        .subquery()
    )


def front_of(session: Session, carrier_id: int, *, now: datetime) -> Front:
    """Which needs of a carrier stand in front: to rank all that a large carrier may recommend costs more than a page may."""
    ranked = _ranked()
    firsts = select(ranked.c.need_id, ranked.c.score, ranked.c.id).where(ranked.c.turn == 1)
    ordered = firsts.order_by(ranked.c.score.desc(), ranked.c.id).limit(IN_FRONT + 1)
    rows = session.execute(ordered, {"carrier": carrier_id}).all()
    beyond = rows[IN_FRONT] if len(rows) > IN_FRONT else None
    return Front(now, [row.need_id for row in rows[:IN_FRONT]], (beyond.score, beyond.id) if beyond else None)


def pushable(session: Session, actor: Actor, front: Front | None = None) -> list[Standing]:
    """The best pairs for one screen: at most three a need, the best of every need before the second of any.

    `front`: what stood in front when the worker counted. It is asked alone while no other pair can come before what it
    still has; only a list that was made anew since waits for the next count.
    """
    return list(standing(_best_of(session, actor, front), BOTH_SIDES))


def _best_of(session: Session, actor: Actor, front: Front | None) -> Sequence[Row[Any]]:
    own = {"carrier": actor.organization_id}
    if front is not None:
        near = own | {"front": front.need_ids, "counted_at": front.counted_at}
        rows = session.execute(_best(in_front=True), near).all()
        if _is_ahead(rows, front):
            return rows
    return session.execute(_best(), own).all()


def _is_ahead(rows: Sequence[Row[Any]], front: Front) -> bool:
    """Whether nothing of the needs behind can belong on the screen."""
    if front.following is None:
        return True
    score, suggestion_id = front.following
    last = rows[-1] if len(rows) == A_SCREEN else None
    return last is not None and last.turn == 1 and (-last.score, last.id) <= (-score, suggestion_id)


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
