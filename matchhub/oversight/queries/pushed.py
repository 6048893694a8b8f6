"""What became of the pairs that a carrier recommended: read, answered, asked for an introduction, with a result.

Counts over all that it recommended, never of one pair: with whom a firm talks belongs to the two sides.
"""

from typing import Any

from sqlalchemy import and_, bindparam, case, exists, func, Integer, or_, Select, select
from sqlalchemy.orm import Session

from matchhub.core.outbox import Notice
from matchhub.core.policy import Actor
from matchhub.introductions.models import Introduction
from matchhub.listings.models import Need
from matchhub.matches.enums import Side
from matchhub.matches.models import Feedback, Push
from matchhub.matches.notices import KINDS
from matchhub.pipelines.enums import OutcomeState
from matchhub.pipelines.models import Outcome

STEPS = ("pushed", "read", "answered", "introduced", "resulted")


def became_of_pushes(session: Session, actor: Actor) -> dict[str, int]:
    """How many of the actor's pushes have come how far, by STEPS: one query."""
    row = session.execute(CAME_TO, {"own": actor.organization_id}).one()
    return {step: getattr(row, step) or 0 for step in STEPS}


def _statement() -> Select[Any]:
    this = (Introduction.need_id == Push.need_id, Introduction.offer_id == Push.offer_id)
    talked = exists().where(*this, Introduction.requested_at >= Push.at)
    said = exists().where(
        Feedback.side == Side.NEED, Feedback.need_id == Push.need_id, Feedback.offer_id == Push.offer_id
    )
    opened = exists().where(
        Notice.kind.in_([kind.code for kind in KINDS]),
        Notice.organization_id == Need.organization_id,
        Notice.created_at == Push.at,  # one notice tells of all pairs of one push
        Notice.read_at.is_not(None),
    )
    confirmed = and_(Outcome.introduction_id == Introduction.id, Outcome.state == OutcomeState.CONFIRMED)
    resulted = exists().where(*this, Introduction.requested_at >= Push.at, confirmed)
    reached = {
        "read": or_(opened, said, talked), "answered": or_(said, talked), "introduced": talked, "resulted": resulted,
    }  # fmt: skip
    steps: list[Any] = [func.count(case((condition, 1))).label(step) for step, condition in reached.items()]
    return (
        select(func.count(Push.id).label("pushed"), *steps)
        .join(Need, Need.id == Push.need_id)
        .where(Push.carrier_id == bindparam("own", type_=Integer))
    )


CAME_TO = _statement()
