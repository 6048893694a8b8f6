"""Profiles by organization, and what a viewer may see of them."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, with_polymorphic

from matchhub.accounts.enums import OrganizationKind
from matchhub.accounts.models import Organization
from matchhub.core.db import db
from matchhub.core.policy import Actor
from matchhub.disclosure.enums import FieldGroup
from matchhub.disclosure.queries import Subject, Visible, visible_of
from matchhub.profiles.models import (
    BankProfile,
    CarrierProfile,
    EnterpriseProfile,
    InvestorProfile,
    MentorProfile,
    PastRound,
    Profile,
    Qualification,
)
from matchhub.profiles.policy import Permission, POLICY

MODELS: dict[OrganizationKind, type[Profile]] = {
    OrganizationKind.ENTERPRISE: EnterpriseProfile,
    OrganizationKind.INVESTOR: InvestorProfile,
    OrganizationKind.CARRIER: CarrierProfile,
    OrganizationKind.BANK: BankProfile,
    OrganizationKind.MENTOR: MentorProfile,
}
ANY = with_polymorphic(Profile, list(MODELS.values()))


def profile_of(session: Session, organization_id: int | None) -> Profile | None:
    """The profile of an organization with all its columns, in one query."""
    found: Profile | None = session.scalar(select(ANY).where(ANY.organization_id == organization_id))
    return found


def profiles_of(session: Session, organization_ids: Iterable[int]) -> dict[int, Profile]:
    """organization id → profile, all kinds in one query."""
    wanted = set(organization_ids)
    if not wanted:
        return {}
    rows: list[Profile] = list(session.scalars(select(ANY).where(ANY.organization_id.in_(wanted))))
    return {row.organization_id: row for row in rows}


def subject_of(organization: Organization, profile: Profile | None) -> Subject:
    """Whom a viewer looks at, as `disclosure` wants it."""
    carrier_id = profile.carrier_id if isinstance(profile, EnterpriseProfile) else None
    if organization.kind is OrganizationKind.CARRIER:
        carrier_id = organization.id
    return Subject(organization.id, organization.district_code, carrier_id)


def display_name(
    organization: Organization, visible: Visible, locale: str = "zh", *, profile: Profile | None = None
) -> str:
    """The name where identity is open to the viewer, else the code name (enterprises) in a confidential setting."""
    if FieldGroup.IDENTITY in visible.groups or organization.kind is not OrganizationKind.ENTERPRISE:
        return organization.label_en or organization.label if locale == "en" else organization.label
    code = profile.code_name if isinstance(profile, EnterpriseProfile) else ""
    return code or f"#{organization.id:04d}"


def visible_to(actor: Actor, profile: Profile, *, now: datetime) -> Visible:
    """What `actor` may see of the organization behind `profile`."""
    subject = subject_of(profile.organization, profile)
    return visible_of(db.session(), actor, subject, now=now)


def own_profile(actor: Actor, **ids: int) -> Profile | None:
    """The profile of the actor's own organization."""
    return profile_of(db.session(), actor.organization_id) if actor.organization_id else None


def reviewable_profile(actor: Actor, profile_id: int) -> Profile | None:
    """A profile that the actor reviews, or its own; None for everybody else."""
    found: Profile | None = db.session.scalar(select(ANY).where(ANY.id == profile_id))
    if found is None:
        return None
    may = POLICY.allows(Permission.REVIEW, actor, found) or found.organization_id == actor.organization_id
    return found if may else None


def carrier_for_roster(actor: Actor, **ids: int) -> Profile | None:
    """The carrier whose roster the actor keeps."""
    found = own_profile(actor)
    return found if isinstance(found, CarrierProfile) else None


def qualifications_of(session: Session, organization_id: int) -> list[Qualification]:
    """The certificates of an enterprise."""
    return list(
        session.scalars(
            select(Qualification).where(Qualification.organization_id == organization_id).order_by(Qualification.id)
        )
    )


def past_rounds_of(session: Session, investor_id: int, limit: int = 200) -> list[PastRound]:
    """The investments of an investor, newest first."""
    return list(
        session.scalars(
            select(PastRound)
            .where(PastRound.investor_id == investor_id)
            .order_by(PastRound.closed_on.desc(), PastRound.id.desc())
            .limit(limit)
        )
    )


def own_round(actor: Actor, round_id: int) -> PastRound | None:
    """One past investment of the actor's own organization."""
    row = db.session.get(PastRound, round_id)
    return row if row is not None and row.investor_id == actor.organization_id else None
