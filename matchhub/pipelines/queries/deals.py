"""Deals as their parties find them."""

from collections.abc import Sequence

from sqlalchemy import func, or_, Select, select
from sqlalchemy.orm import joinedload, Session

from matchhub.core.db import db
from matchhub.core.paging import Page, paged
from matchhub.core.policy import Actor
from matchhub.introductions.models import Introduction
from matchhub.pipelines.enums import DealStage, OPEN_STAGES
from matchhub.pipelines.models import Deal

SORTS = {
    "next": (Deal.next_step_on.is_(None), Deal.next_step_on, Deal.id),
    "changed": (Deal.stage_changed_at.desc(), Deal.id.desc()),
    "opened": (Deal.opened_at.desc(), Deal.id.desc()),
}


def _loaded() -> Select[Deal]:
    return select(Deal).options(
        joinedload(Deal.enterprise, innerjoin=True),
        joinedload(Deal.investor, innerjoin=True),
        joinedload(Deal.introduction, innerjoin=True).options(
            joinedload(Introduction.enterprise, innerjoin=True),
            joinedload(Introduction.investor, innerjoin=True),
            joinedload(Introduction.need, innerjoin=True),
        ),
    )


def visible_deal(actor: Actor, deal_id: int) -> Deal | None:
    """A deal of the actor's own organization, from either side."""
    deal = db.session.scalar(_loaded().where(Deal.id == deal_id))
    if deal is None or actor.organization_id not in (deal.enterprise_id, deal.investor_id):
        return None
    return deal


def deals_of_investor(
    session: Session, investor_id: int, *, stage: str = "", sort: str = "next", number: int, per_page: int = 50
) -> Page[Deal]:
    """The investor's list: open ones unless a stage is chosen, by the next step."""
    statement = _loaded().where(Deal.investor_id == investor_id)
    if stage in set(DealStage):
        statement = statement.where(Deal.stage == stage)
    elif stage != "all":
        statement = statement.where(Deal.stage.in_(OPEN_STAGES))
    return paged(session, statement.order_by(*SORTS.get(sort, SORTS["next"])), number, per_page)


def deals_with(session: Session, organization_id: int) -> list[Deal]:
    """Every deal of an organization, on either side."""
    either = or_(Deal.enterprise_id == organization_id, Deal.investor_id == organization_id)
    return list(session.scalars(select(Deal).where(either)))


def stage_counts(session: Session, investor_id: int) -> dict[DealStage, int]:
    """How many deals stand at each stage."""
    rows = session.execute(select(Deal.stage, func.count()).where(Deal.investor_id == investor_id).group_by(Deal.stage))
    return {row[0]: row[1] for row in rows}


def deals_by_introduction(session: Session, introduction_ids: Sequence[int]) -> dict[int, Deal]:
    """introduction id → its deal."""
    rows = session.scalars(select(Deal).where(Deal.introduction_id.in_(introduction_ids)))
    return {deal.introduction_id: deal for deal in rows}
