"""What a firm asked for and nobody has been asked about yet."""

from sqlalchemy import bindparam, Integer, select
from sqlalchemy.orm import lazyload, load_only, Session

from matchhub.listings.enums import NeedState
from matchhub.listings.models import Need

UNDER_REVIEW = (NeedState.SUBMITTED, NeedState.RETURNED)
WITH_REVIEWERS = (
    select(Need)
    .options(load_only(Need.kind, Need.state, Need.code_name, Need.teaser, Need.teaser_en), lazyload(Need.organization))
    .where(Need.organization_id == bindparam("own", type_=Integer), Need.state.in_(UNDER_REVIEW))
    .order_by(Need.id.desc())
)


def needs_under_review(session: Session, organization_id: int) -> list[Need]:
    """The needs of every kind that wait for their review or came back from it, the newest first."""
    return list(session.scalars(WITH_REVIEWERS, {"own": organization_id}))
