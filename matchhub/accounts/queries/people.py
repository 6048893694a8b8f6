"""People, whom they act for, who is told, and who was invited."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import bindparam, Integer, Row, Select, select
from sqlalchemy.orm import contains_eager, joinedload, Session

from matchhub.accounts.enums import MembershipState, Role
from matchhub.accounts.models import Invitation, Membership, Organization, User
from matchhub.core.addresses import Address
from matchhub.core.db import db
from matchhub.core.outbox import Recipient
from matchhub.core.policy import Actor

T = TypeVar("T")

# Asked for by every page, so put together once.
MEMBERSHIPS = (
    select(Membership)
    .join(Organization)
    .where(Membership.user_id == bindparam("user_id"), Membership.state == MembershipState.ACTIVE)
    .options(contains_eager(Membership.organization))
    .order_by(Membership.id)
)


def token_hash(token: str) -> str:
    """What is stored of a random token (256 bits, so a fast hash is enough)."""
    return hashlib.sha256(token.encode()).hexdigest()


def user_by_address(session: Session, address: Address) -> User | None:
    """The account that signs in by this e-mail or mobile."""
    column = User.email if address.is_email else User.mobile
    return session.scalar(select(User).where(column == address.value))


def recipient(user: User, organization_id: int | None = None) -> Recipient:
    """One person, as a notice reaches the person."""
    return Recipient(user_id=user.id, address=user.email or "", locale=user.locale, organization_id=organization_id)


def active_memberships(session: Session, user_id: int) -> list[Membership]:
    """The memberships in force of a person, each with its organization, oldest first."""
    return list(session.scalars(MEMBERSHIPS, {"user_id": user_id}))


ACTING = (
    select(User.id, User.name)
    .join(Membership, Membership.user_id == User.id)
    .where(
        Membership.organization_id == bindparam("organization", type_=Integer),
        Membership.state == MembershipState.ACTIVE,
        User.disabled_at.is_(None),
    )
    .order_by(User.id)
)


def people_of(session: Session, organization_id: int) -> list[User]:
    """The people who act for an organization now: whom a notice to it reaches."""
    return list(session.scalars(ACTING.with_only_columns(User), {"organization": organization_id}))


def names_of_people(session: Session, organization_id: int) -> Sequence[Row[int, str]]:
    """(id, name) of the same people."""
    return session.execute(ACTING, {"organization": organization_id}).all()


def recipients_of(session: Session, organization_id: int) -> list[Recipient]:
    """Everyone who is told of what concerns an organization; nobody where it is unclaimed."""
    return [
        Recipient(user_id=user.id, address=user.email or "", locale=user.locale, organization_id=organization_id)
        for user in people_of(session, organization_id)
    ]


def reviewers_of(session: Session, *, carrier_id: int | None, district_code: str | None) -> list[Recipient]:
    """Who checks what a firm hands in: the people of its carrier, else the officers of its district, else of the city."""
    return (
        (recipients_of(session, carrier_id) if carrier_id is not None else [])
        or (_officers(session, Role.DISTRICT_OFFICER, district_code) if district_code else [])
        or _officers(session, Role.CITY_OFFICER, None)
    )


def _officers(session: Session, role: Role, region_code: str | None) -> list[Recipient]:
    statement = (
        select(Membership)
        .join(User, User.id == Membership.user_id)
        .where(Membership.role == role, Membership.state == MembershipState.ACTIVE, User.disabled_at.is_(None))
        .options(joinedload(Membership.user, innerjoin=True))
        .order_by(Membership.id)
    )
    if region_code is not None:
        statement = statement.where(Membership.region_code == region_code)
    return [recipient(row.user, row.organization_id) for row in session.scalars(statement)]


def active_owners(session: Session, organization_id: int) -> list[Membership]:
    """The memberships of those who answer for an organization."""
    return list(
        session.scalars(
            select(Membership)
            .join(User, User.id == Membership.user_id)
            .where(
                Membership.organization_id == organization_id,
                Membership.state == MembershipState.ACTIVE,
                Membership.role == Role.OWNER,
                User.disabled_at.is_(None),
            )
            .options(joinedload(Membership.user, innerjoin=True))
            .order_by(Membership.id)
        )
    )


def owners_of(session: Session, organization_id: int) -> list[Recipient]:
    """Those who answer for an organization, as notices reach them."""
    return [recipient(owner.user, organization_id) for owner in active_owners(session, organization_id)]


def own_membership(actor: Actor, membership_id: int) -> Membership | None:
    """A membership of the actor."""
    return one(select(Membership).where(Membership.id == membership_id, Membership.user_id == actor.user_id))


def colleague(actor: Actor, membership_id: int) -> Membership | None:
    """A membership in the organization that the actor acts for."""
    return one(
        select(Membership).where(Membership.id == membership_id, Membership.organization_id == actor.organization_id)
    )


def colleagues_of(session: Session, organization_id: int) -> list[Membership]:
    """Everyone in an organization or asking to be, with the person: one query."""
    return list(
        session.scalars(
            select(Membership)
            .where(
                Membership.organization_id == organization_id,
                Membership.state.in_((MembershipState.ACTIVE, MembershipState.REQUESTED)),
            )
            .options(joinedload(Membership.user, innerjoin=True))
            .order_by(Membership.state.desc(), Membership.id)
        )
    )


def own_invitation(actor: Actor, invitation_id: int) -> Invitation | None:
    """An invitation into the organization that the actor acts for."""
    return one(
        select(Invitation).where(Invitation.id == invitation_id, Invitation.organization_id == actor.organization_id)
    )


def open_invitations(session: Session, organization_id: int, now: datetime) -> list[Invitation]:
    """Invitations that wait for an answer."""
    return list(
        session.scalars(
            select(Invitation)
            .where(
                Invitation.organization_id == organization_id,
                Invitation.accepted_at.is_(None),
                Invitation.revoked_at.is_(None),
                Invitation.expires_at > now,
            )
            .order_by(Invitation.id)
        )
    )


def invitation_by_token(session: Session, token: str) -> Invitation | None:
    """The invitation behind a link, with its organization."""
    statement = select(Invitation).where(Invitation.token_hash == token_hash(token))
    return session.scalar(statement.options(joinedload(Invitation.organization, innerjoin=True)))


def waiting_memberships(session: Session, user_id: int) -> list[Membership]:
    """What a person waits for: organizations being checked, requests not answered yet."""
    return list(
        session.scalars(
            select(Membership)
            .join(Organization)
            .where(
                Membership.user_id == user_id,
                Membership.state.in_((MembershipState.ACTIVE, MembershipState.REQUESTED, MembershipState.REFUSED)),
            )
            .options(joinedload(Membership.organization, innerjoin=True))
            .order_by(Membership.id)
        )
    )


def one(statement: Select[T]) -> T | None:
    """The first row, or None."""
    found: T | None = db.session.scalar(statement)
    return found
