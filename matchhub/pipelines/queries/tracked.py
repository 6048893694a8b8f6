"""What a firm asked for and nobody has been asked about yet."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchhub.listings.enums import NeedState
from matchhub.listings.models import Need

UNDER_REVIEW = (NeedState.SUBMITTED, NeedState.RETURNED)


def needs_under_review(session: Session, organization_id: int) -> list[Need]:
    """The needs of every kind that wait for their review or came back from it, the newest first."""
    mine = select(Need).where(Need.organization_id == organization_id, Need.state.in_(UNDER_REVIEW))
    return list(session.scalars(mine.order_by(Need.id.desc())))
