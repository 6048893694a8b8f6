"""The review queue: organizations to verify, profiles and needs to check, within the reviewer's scope; oldest first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, false, literal, select
from sqlalchemy.orm import Session

from matchhub.accounts.enums import OrganizationKind, Role
from matchhub.accounts.models import Organization
from matchhub.accounts.queries import organizations_to_verify
from matchhub.core.labels import Labelled, N_
from matchhub.core.policy import Actor
from matchhub.listings.enums import NeedState
from matchhub.listings.models import Need
from matchhub.profiles.enums import ProfileState
from matchhub.profiles.models import Profile

LIMIT = 200
FIRMS = Profile.metadata.tables["enterprise_profile"]  # the table: joining the class would join `profile` twice


class ReviewKind(Labelled):
    """What is to be looked at."""

    ORGANIZATION = "organization", N_("核验机构")
    PROFILE = "profile", N_("审核资料")
    NEED = "need", N_("审核需求")


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """One thing in the queue."""

    kind: ReviewKind
    id: int
    organization: Organization
    since: datetime
    subject: Any

    @property
    def district_code(self) -> str | None:
        return self.organization.district_code


def queue(session: Session, actor: Actor) -> list[ReviewItem]:
    """Everything that waits for this reviewer, oldest first: three queries."""
    items = [*_organizations(session, actor), *_profiles(session, actor), *_needs(session, actor)]
    return sorted(items, key=lambda item: item.since)[:LIMIT]


def item(session: Session, actor: Actor, kind: ReviewKind, identity: int) -> ReviewItem | None:
    """One thing of the queue, if it is still in it and in scope."""
    return next((found for found in queue(session, actor) if found.kind is kind and found.id == identity), None)


def _organization_scope(actor: Actor) -> ColumnElement[bool]:
    if actor.role in (Role.CITY_OFFICER, Role.ADMINISTRATOR):
        return literal(True)
    if actor.role == Role.DISTRICT_OFFICER and actor.region_code:
        return Organization.district_code == actor.region_code
    if actor.organization_kind == OrganizationKind.CARRIER and actor.organization_verified and actor.district_code:
        return (Organization.district_code == actor.district_code) & (Organization.kind == OrganizationKind.ENTERPRISE)
    return false()


def _organizations(session: Session, actor: Actor) -> list[ReviewItem]:
    rows = session.scalars(organizations_to_verify(actor).limit(LIMIT))
    return [ReviewItem(ReviewKind.ORGANIZATION, row.id, row, row.created_at, row) for row in rows]


def _scope(actor: Actor, district: Any, carrier: Any) -> ColumnElement[bool]:
    if actor.role == Role.CITY_OFFICER:
        return literal(True)
    if actor.role == Role.DISTRICT_OFFICER and actor.region_code:
        return district == actor.region_code
    if actor.organization_kind == OrganizationKind.CARRIER and actor.organization_verified:
        return carrier == actor.organization_id
    return false()


def _profiles(session: Session, actor: Actor) -> list[ReviewItem]:
    rows = session.scalars(
        select(Profile)
        .join(Organization, Profile.organization_id == Organization.id)
        .outerjoin(FIRMS, FIRMS.c.id == Profile.id)
        .where(
            Profile.state == ProfileState.SUBMITTED,
            _scope(actor, Organization.district_code, FIRMS.c.carrier_id),
            Organization.id != (actor.organization_id or 0),
        )
        .order_by(Profile.submitted_at)
        .limit(LIMIT)
    ).unique()
    return [
        ReviewItem(ReviewKind.PROFILE, row.id, row.organization, row.submitted_at or row.updated_at, row)
        for row in rows
    ]


def _needs(session: Session, actor: Actor) -> list[ReviewItem]:
    rows = session.scalars(
        select(Need)
        .where(Need.state == NeedState.SUBMITTED, _scope(actor, Need.district_code, Need.carrier_id))
        .order_by(Need.submitted_at)
        .limit(LIMIT)
    )
    return [
        ReviewItem(ReviewKind.NEED, row.id, row.organization, row.submitted_at or row.updated_at, row) for row in rows
    ]


def was_in_scope(session: Session, actor: Actor, kind: ReviewKind, identity: int) -> bool:
    """Whether the thing exists in the reviewer's scope though it no longer waits: somebody was faster."""
    if kind is ReviewKind.ORGANIZATION:
        statement: Any = select(Organization.id).where(Organization.id == identity, _organization_scope(actor))
    elif kind is ReviewKind.PROFILE:
        statement = (
            select(Profile.id)
            .join(Organization, Profile.organization_id == Organization.id)
            .outerjoin(FIRMS, FIRMS.c.id == Profile.id)
            .where(Profile.id == identity, _scope(actor, Organization.district_code, FIRMS.c.carrier_id))
        )
    else:
        statement = select(Need.id).where(Need.id == identity, _scope(actor, Need.district_code, Need.carrier_id))
    return session.scalar(statement) is not None
