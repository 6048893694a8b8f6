"""Who acts when nobody is at the screen: members to whom something is sent or computed later, with the rights of that moment."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchhub.accounts.enums import MembershipState, OrganizationKind, OrganizationStatus
from matchhub.accounts.models import Membership, Organization, User
from matchhub.core.policy import Actor

DIGESTED = (OrganizationKind.ENTERPRISE, OrganizationKind.INVESTOR, OrganizationKind.BANK, OrganizationKind.MENTOR)


def actor_of(membership: Membership | None) -> Actor | None:
    """The actor of a membership as it stands now; None where it has ended or the person or organization is gone."""
    if membership is None or membership.state is not MembershipState.ACTIVE:
        return None
    user, organization = membership.user, membership.organization
    if user.disabled_at is not None or not organization.is_open:
        return None
    return Actor(
        user_id=user.id,
        name=user.name,
        membership_id=membership.id,
        organization_id=organization.id,
        organization_kind=organization.kind.value,
        organization_verified=organization.is_verified,
        role=membership.role.value,
        region_code=membership.region_code,
        district_code=organization.district_code,
    )


def acting_for(session: Session, user_id: int, organization_id: int) -> Actor | None:
    """The person as a member of this organization; None where that is over."""
    return actor_of(
        session.scalar(
            select(Membership).where(
                Membership.user_id == user_id,
                Membership.organization_id == organization_id,
                Membership.state == MembershipState.ACTIVE,
            )
        )
    )


def digest_readers(session: Session) -> list[int]:
    """Ids of the memberships that a weekly digest may go to: people with an e-mail in verified, matched organizations."""
    return list(
        session.scalars(
            select(Membership.id)
            .join(Organization, Organization.id == Membership.organization_id)
            .join(User, User.id == Membership.user_id)
            .where(
                Membership.state == MembershipState.ACTIVE,
                Organization.status == OrganizationStatus.VERIFIED,
                Organization.kind.in_(DIGESTED),
                User.disabled_at.is_(None),
                User.email.is_not(None),
            )
            .order_by(Membership.id)
        )
    )
