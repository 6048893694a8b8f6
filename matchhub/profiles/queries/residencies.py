"""Who is in which carrier, as the actor may see it."""

from collections.abc import Sequence

from sqlalchemy import false, Select, select
from sqlalchemy.orm import aliased, joinedload, Session

from matchhub.accounts.enums import OrganizationKind, OrganizationStatus, Role
from matchhub.accounts.models import Organization
from matchhub.core.db import db, unindexed
from matchhub.core.paging import Page, placed
from matchhub.core.policy import Actor
from matchhub.profiles.enums import OPEN_RESIDENCY, ResidencyStatus
from matchhub.profiles.models import EnterpriseProfile, Residency


def _scoped(actor: Actor, *, are_many: bool = False) -> Select[Residency]:
    """The residencies that concern the actor: of its own organization, or of carriers in an officer's district. Of many the
    newest are read until a page is full, not all of the district's carriers and then sorted."""
    carrier = aliased(Organization)
    statement = select(Residency).options(joinedload(Residency.enterprise), joinedload(Residency.carrier))
    if actor.role == Role.CITY_OFFICER.value:
        return statement
    if actor.role == Role.DISTRICT_OFFICER.value:
        if are_many:
            of_district = carrier.id == unindexed(Residency.carrier_id)
            return statement.join(carrier, of_district).where(unindexed(carrier.district_code) == actor.region_code)
        of_district = carrier.id == Residency.carrier_id
        return statement.join(carrier, of_district).where(carrier.district_code == actor.region_code)
    if actor.organization_kind == OrganizationKind.CARRIER.value:
        return statement.where(Residency.carrier_id == actor.organization_id)
    if actor.organization_kind == OrganizationKind.ENTERPRISE.value:
        return statement.where(Residency.enterprise_id == actor.organization_id)
    return statement.where(false())


def residencies(
    actor: Actor, *, status: ResidencyStatus | None = None, number: int = 1, per_page: int = 50
) -> Page[Residency]:
    """What concerns the actor, newest first."""
    of_status = (Residency.status == status,) if status is not None else ()
    place = placed(db.session(), _scoped(actor).where(*of_status), number, per_page)
    newest = _scoped(actor, are_many=place.is_capped).where(*of_status).order_by(Residency.id.desc())
    return place.of(db.session.scalars(newest.limit(per_page).offset(place.first)).unique().all())


def visible_residency(actor: Actor, residency_id: int) -> Residency | None:
    """One of them, or None."""
    return db.session.scalar(_scoped(actor).where(Residency.id == residency_id))


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
