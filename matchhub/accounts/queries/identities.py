"""People as an identity provider knows them, and the rules that make memberships of it."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload, Session

from matchhub.accounts.models import ExternalIdentity, SignInRule
from matchhub.accounts.queries.people import one
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
