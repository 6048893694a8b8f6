"""Deals as their parties find them."""

from collections.abc import Sequence

from sqlalchemy import or_, Select, select
from sqlalchemy.orm import joinedload, Session

from matchhub.core.db import db
from matchhub.core.policy import Actor
from matchhub.introductions.models import Introduction
from matchhub.pipelines.models import Deal


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


def deals_with(session: Session, organization_id: int) -> list[Deal]:
    """Every deal of an organization, on either side."""
    either = or_(Deal.enterprise_id == organization_id, Deal.investor_id == organization_id)
    return list(session.scalars(select(Deal).where(either)))


def deals_by_introduction(session: Session, introduction_ids: Sequence[int]) -> dict[int, Deal]:
    """introduction id → its deal."""
    rows = session.scalars(select(Deal).where(Deal.introduction_id.in_(introduction_ids)))
    return {deal.introduction_id: deal for deal in rows}
