"""People as an identity provider knows them, and the rules that make memberships of it."""

from collections.abc import Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload, Session

from matchhub.accounts.enums import MembershipState, OrganizationStatus
from matchhub.accounts.models import ExternalIdentity, Membership, Organization, SignInRule
from matchhub.accounts.queries.people import one
from matchhub.core.paging import Page, paged
from matchhub.core.policy import Actor


def identity_of(session: Session, issuer: str, subject: str) -> ExternalIdentity | None:
    """The linked identity, with its person; None where nobody is linked."""
    statement = select(ExternalIdentity).where(
        ExternalIdentity.issuer == issuer, ExternalIdentity.subject == subject, ExternalIdentity.ended_at.is_(None)
    )
    return session.scalar(statement.options(joinedload(ExternalIdentity.user, innerjoin=True)))


def identities_of(session: Session, user_id: int) -> list[ExternalIdentity]:
    """What a person has linked, oldest first."""
    statement = select(ExternalIdentity).where(ExternalIdentity.user_id == user_id, ExternalIdentity.ended_at.is_(None))
    return list(session.scalars(statement.order_by(ExternalIdentity.id)))


def own_identity(actor: Actor, identity_id: int) -> ExternalIdentity | None:
    """A linked identity of the actor."""
    return one(
        select(ExternalIdentity).where(
            ExternalIdentity.id == identity_id,
            ExternalIdentity.user_id == actor.user_id,
            ExternalIdentity.ended_at.is_(None),
        )
    )


def open_rules(session: Session, *, organization_id: int | None = None) -> list[SignInRule]:
    """The rules in force with their organizations, oldest first: one query."""
    statement = select(SignInRule).where(SignInRule.ended_at.is_(None))
    if organization_id is not None:
        statement = statement.where(SignInRule.organization_id == organization_id)
    statement = statement.options(joinedload(SignInRule.organization, innerjoin=True))
    return list(session.scalars(statement.order_by(SignInRule.id)))


def all_rules(session: Session, *, number: int = 1) -> Page[SignInRule]:
    """Every rule that there is or was, those in force first, the newest first."""
    statement = select(SignInRule).options(joinedload(SignInRule.organization, innerjoin=True))
    return paged(session, statement.order_by(SignInRule.ended_at.is_not(None), SignInRule.id.desc()), number)


def given_by_rules(session: Session, rule_ids: Sequence[int]) -> dict[int, int]:
    """How many memberships in force each rule has given: one query."""
    rows = session.execute(
        select(Membership.sign_in_rule_id, func.count())
        .where(Membership.sign_in_rule_id.in_(rule_ids), Membership.state == MembershipState.ACTIVE)
        .group_by(Membership.sign_in_rule_id)
    )
    return {rule_id: count for rule_id, count in rows if rule_id is not None}


def organization_called(session: Session, text: str) -> Organization | None:
    """The one open organization with this code, name or short name; None for none, and for several."""
    text = text.strip()
    if not text:
        return None
    found = session.scalars(
        select(Organization)
        .where(
            or_(Organization.uscc == text.upper(), Organization.name == text, Organization.short_name == text),
            Organization.status.not_in((OrganizationStatus.CLOSED, OrganizationStatus.MERGED)),
        )
        .limit(2)
    ).all()
    return found[0] if len(found) == 1 else None
