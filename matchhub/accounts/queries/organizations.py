"""Organizations: by code, by district, waiting to be checked, and who looks after a person."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, ColumnElement, false, Select, select, true, union_all
from sqlalchemy.orm import selectinload, Session

from matchhub.accounts.enums import EDITING_ROLES, MembershipState, OrganizationKind, OrganizationStatus, Role
from matchhub.accounts.models import Membership, Organization, User
from matchhub.accounts.policy import Person, Reach
from matchhub.accounts.queries.people import active_memberships, user_by_address
from matchhub.core import dictionaries
from matchhub.core.addresses import Address
from matchhub.core.installation import required
from matchhub.core.policy import Actor

# What a list shows of an organization, which has twenty columns more.
NAMED = (
    Organization.kind, Organization.name, Organization.name_en, Organization.short_name, Organization.region_code,
    Organization.district_code, Organization.status, Organization.version,
)  # fmt: skip


def organization_by_uscc(session: Session, uscc: str | None) -> Organization | None:
    """The organization that holds this code, merged ones aside."""
    if not uscc:
        return None
    return session.scalar(
        select(Organization)
        .where(Organization.uscc == uscc, Organization.status != OrganizationStatus.MERGED)
        .options(selectinload(Organization.memberships))
    )


def district_of(session: Session, region_code: str | None) -> str | None:
    """The district of this city (or functional zone) that a region lies in; None outside, and for the city as a whole."""
    city = required(session).city_region
    words = dictionaries.snapshot(session)
    entry = words.get("regions", region_code)
    while entry is not None and entry.parent != city:
        entry = words.get("regions", entry.parent)
    return entry.code if entry else None


def lies_in_city(session: Session, region_code: str | None) -> bool:
    """Whether a region is this city or a part of it, also one that the dictionary does not know (420701)."""
    city = required(session).city_region
    if region_code is None:
        return False
    return region_code[:4] == city[:4] or district_of(session, region_code) is not None


def districts(session: Session) -> list[dictionaries.Entry]:
    """The districts and functional zones of this city."""
    city = required(session).city_region
    return [entry for entry in dictionaries.snapshot(session).entries("regions") if entry.parent == city]


def organizations_to_verify(actor: Actor) -> Select[Organization]:
    """What waits for this reviewer, oldest first: pending organizations and claims in scope, never one's own."""
    claimed = (
        select(Membership.organization_id)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(Membership.state == MembershipState.REQUESTED, Organization.is_claimed.is_(False))
    )
    pending = select(Organization.id).where(Organization.status == OrganizationStatus.PENDING)
    waiting = Organization.id.in_(union_all(pending, claimed))  # few: not the whole district, asked one by one
    mine = select(Membership.organization_id).where(
        Membership.user_id == actor.user_id,
        Membership.state.in_((MembershipState.ACTIVE, MembershipState.REQUESTED)),
    )
    return (
        select(Organization)
        .where(waiting, _in_stewardship(actor), Organization.id.not_in(mine))
        .order_by(Organization.created_at, Organization.id)
    )


def _in_stewardship(actor: Actor) -> ColumnElement[bool]:
    """The rows of `policy.steward` and of administrators as a condition."""
    if actor.role in (Role.CITY_OFFICER.value, Role.ADMINISTRATOR.value):
        return true()
    if actor.role == Role.DISTRICT_OFFICER.value:
        return Organization.district_code == actor.region_code
    operator = actor.organization_kind == OrganizationKind.CARRIER.value and actor.organization_verified
    if operator and actor.role in {role.value for role in EDITING_ROLES} and actor.district_code:
        return and_(Organization.district_code == actor.district_code, Organization.kind == OrganizationKind.ENTERPRISE)
    return false()


@dataclass(slots=True)
class Stewardship:
    """Which carrier looks after which firm: a fact of a higher feature, given down by `wiring.py`."""

    carriers_of: Callable[[Session, Sequence[int]], Mapping[int, int]] = lambda session, ids: {}


STEWARDSHIP = Stewardship()


def person_by_address(session: Session, address: Address | None) -> tuple[User, Person] | None:
    """A person who can sign in and everything that the person acts for, as scopes must know it."""
    user = user_by_address(session, address) if address else None
    if user is None or user.disabled_at is not None:
        return None
    memberships = active_memberships(session, user.id)
    carriers = STEWARDSHIP.carriers_of(session, [m.organization_id for m in memberships])
    reaches = [
        Reach(m.organization.kind, m.organization.district_code, carriers.get(m.organization_id)) for m in memberships
    ]
    return user, Person(user.id, reaches)
