"""Who is in which carrier, as the actor may see it."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import bindparam, false, Integer, Select, select, String
from sqlalchemy.orm import aliased, joinedload, Session

from matchhub.accounts.enums import OrganizationKind, OrganizationStatus, Role
from matchhub.accounts.models import Organization
from matchhub.accounts.queries import NAMED
from matchhub.core.db import db, unindexed
from matchhub.core.paging import Page, placed
from matchhub.core.policy import Actor
from matchhub.profiles.enums import OPEN_RESIDENCY, ResidencyStatus
from matchhub.profiles.models import EnterpriseProfile, Residency

REGION, OWN = bindparam("region", type_=String), bindparam("own", type_=Integer)
PAGED = {"most": bindparam("most", type_=Integer), "first": bindparam("first", type_=Integer)}


def _whose(actor: Actor) -> str:
    """Whose residencies concern the actor: all, those of a district or of its own organization, or none."""
    if actor.role in (Role.CITY_OFFICER.value, Role.DISTRICT_OFFICER.value):
        return actor.role
    own = (OrganizationKind.CARRIER.value, OrganizationKind.ENTERPRISE.value)
    return actor.organization_kind if actor.organization_kind in own else ""


def _given(actor: Actor) -> dict[str, Any]:
    return {"region": actor.region_code, "own": actor.organization_id}


def _scoped(whose: str, *, are_many: bool = False) -> Select[Residency]:
    """The residencies that concern such an actor. Of many the newest are read until a page is full, not all of the district's
    carriers and then sorted."""
    statement = select(Residency)
    if whose == Role.CITY_OFFICER.value:
        return statement
    if whose == Role.DISTRICT_OFFICER.value:
        carrier = aliased(Organization)
        if are_many:
            of_district = carrier.id == unindexed(Residency.carrier_id)
            return statement.join(carrier, of_district).where(unindexed(carrier.district_code) == REGION)
        return statement.join(carrier, carrier.id == Residency.carrier_id).where(carrier.district_code == REGION)
    if whose == OrganizationKind.CARRIER.value:
        return statement.where(Residency.carrier_id == OWN)
    if whose == OrganizationKind.ENTERPRISE.value:
        return statement.where(Residency.enterprise_id == OWN)
    return statement.where(false())


@cache
def _listed(whose: str, status: ResidencyStatus | None, *, are_many: bool = False) -> Select[Residency]:
    """Kept: to put it together costs more than to run it."""
    found = _scoped(whose, are_many=are_many)
    return found if status is None else found.where(Residency.status == status)


@cache
def _newest(whose: str, status: ResidencyStatus | None, *, are_many: bool) -> Select[Residency]:
    """A page of them with the names of both sides."""
    return (
        _listed(whose, status, are_many=are_many)
        .options(joinedload(Residency.enterprise).load_only(*NAMED), joinedload(Residency.carrier).load_only(*NAMED))
        .order_by(Residency.id.desc())
        .limit(PAGED["most"])
        .offset(PAGED["first"])
    )


def residencies(
    actor: Actor, *, status: ResidencyStatus | None = None, number: int = 1, per_page: int = 50
) -> Page[Residency]:
    """What concerns the actor, newest first."""
    whose, given = _whose(actor), _given(actor)
    place = placed(db.session(), _listed(whose, status), number, per_page, given=given)
    newest = _newest(whose, status, are_many=place.is_capped)
    return place.of(db.session.scalars(newest, {**given, "most": per_page, "first": place.first}).unique().all())


def visible_residency(actor: Actor, residency_id: int) -> Residency | None:
    """One of them, or None."""
    sides = (joinedload(Residency.enterprise), joinedload(Residency.carrier))
    one = _scoped(_whose(actor)).where(Residency.id == residency_id).options(*sides)
    return db.session.scalar(one, _given(actor))


def open_residency_of(session: Session, enterprise_id: int) -> Residency | None:
    """Where the firm is now; None when it is in no carrier."""
    return session.scalar(
        select(Residency)
        .where(Residency.enterprise_id == enterprise_id, Residency.status.in_(OPEN_RESIDENCY))
        .options(joinedload(Residency.carrier), joinedload(Residency.enterprise))
    )


def firms_in(session: Session, carrier_id: int) -> list[Organization]:
    """The firms that are in a carrier now, by name."""
    return list(
        session.scalars(
            select(Organization)
            .join(Residency, Residency.enterprise_id == Organization.id)
            .where(Residency.carrier_id == carrier_id, Residency.status.in_(OPEN_RESIDENCY))
            .order_by(Organization.sort_key, Organization.id)
        )
    )


def carriers_to_choose(session: Session) -> list[Organization]:
    """The carriers that a firm may apply to."""
    return list(
        session.scalars(
            select(Organization)
            .where(Organization.kind == OrganizationKind.CARRIER, Organization.status == OrganizationStatus.VERIFIED)
            .order_by(Organization.sort_key, Organization.id)
        )
    )


def carriers_of(session: Session, organization_ids: Sequence[int]) -> dict[int, int]:
    """The carrier of each firm that is in one now, by the ids of their organizations: one query."""
    rows = session.execute(
        select(EnterpriseProfile.organization_id, EnterpriseProfile.carrier_id).where(
            EnterpriseProfile.organization_id.in_(organization_ids), EnterpriseProfile.carrier_id.is_not(None)
        )
    )
    return {firm: carrier for firm, carrier in rows if carrier is not None}
