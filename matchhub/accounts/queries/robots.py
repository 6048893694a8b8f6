"""The group robots of an organization."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchhub.core.db import db
from matchhub.core.policy import Actor
from matchhub.core.robots import GroupRobot


def robots_of(session: Session, organization_id: int) -> list[GroupRobot]:
    """The robots in use of an organization, oldest first."""
    return list(
        session.scalars(
            select(GroupRobot)
            .where(GroupRobot.organization_id == organization_id, GroupRobot.removed_at.is_(None))
            .order_by(GroupRobot.id)
        )
    )


def own_robot(actor: Actor, robot_id: int) -> GroupRobot | None:
    """A robot in use of the organization that the actor acts for."""
    robot: GroupRobot | None = db.session.scalar(
        select(GroupRobot).where(
            GroupRobot.id == robot_id,
            GroupRobot.organization_id == actor.organization_id,
            GroupRobot.removed_at.is_(None),
        )
    )
    return robot
