"""Complaints as the complainer and the city find them; whom an organization has blocked."""

from sqlalchemy import case, false, Select, select
from sqlalchemy.orm import joinedload, Session

from matchhub.accounts.enums import OrganizationKind
from matchhub.accounts.models import Organization
from matchhub.core.db import db
from matchhub.core.paging import Page, paged
from matchhub.core.policy import Actor
from matchhub.profiles.enums import ComplaintState, RelationKind
from matchhub.profiles.models import Complaint, OrganizationRelation
from matchhub.profiles.policy import Permission, POLICY


def _scoped(actor: Actor) -> Select[Complaint]:
    """All for those who answer; one's own for the others."""
    statement = select(Complaint).options(
        joinedload(Complaint.complainer, innerjoin=True), joinedload(Complaint.about, innerjoin=True)
    )
    if POLICY.allows(Permission.ANSWER_COMPLAINT, actor):
        return statement
    if actor.organization_id is None:
        return statement.where(false())
    return statement.where(Complaint.complainer_id == actor.organization_id)


def complaints(actor: Actor, *, state: str = "", number: int = 1, per_page: int = 50) -> Page[Complaint]:
    """What the actor may see, what waits first: the city reads the oldest of it first, a complainer the newest."""
    statement = _scoped(actor)
    if state in set(ComplaintState):
        statement = statement.where(Complaint.state == ComplaintState(state))
    oldest_first = POLICY.allows(Permission.ANSWER_COMPLAINT, actor)
    order = Complaint.id.asc() if oldest_first else Complaint.id.desc()
    waiting_first = case((Complaint.state == ComplaintState.OPEN, 0), else_=1)
    return paged(db.session(), statement.order_by(waiting_first, order), number, per_page)


def visible_complaint(actor: Actor, complaint_id: int) -> Complaint | None:
    """One of them, or None."""
    return db.session.scalar(_scoped(actor).where(Complaint.id == complaint_id))


def reportable(session: Session, organization_id: int) -> Organization | None:
    """An organization that a member may report or block: in a directory, not of the administration."""
    found = session.get(Organization, organization_id)
    if found is None or not found.is_verified or found.kind is OrganizationKind.BUREAU:
        return None
    return found


def blocks(actor: Actor) -> list[tuple[OrganizationRelation, Organization]]:
    """Whom the actor's organization has blocked, the last first: one query."""
    rows = db.session.execute(
        select(OrganizationRelation, Organization)
        .join(Organization, Organization.id == OrganizationRelation.to_id)
        .where(
            OrganizationRelation.from_id == (actor.organization_id or 0),
            OrganizationRelation.kind == RelationKind.BLOCKED,
        )
        .order_by(OrganizationRelation.id.desc())
    )
    return [(relation, organization) for relation, organization in rows]


def own_block(actor: Actor, relation_id: int) -> OrganizationRelation | None:
    """One of them, or None."""
    row = db.session.get(OrganizationRelation, relation_id)
    if row is None or row.kind is not RelationKind.BLOCKED or row.from_id != actor.organization_id:
        return None
    return row


def block_of(actor: Actor, organization_id: int) -> OrganizationRelation | None:
    """The actor's block of this organization; None where there is none."""
    return db.session.scalar(
        select(OrganizationRelation).where(
            OrganizationRelation.from_id == (actor.organization_id or 0),
            OrganizationRelation.to_id == organization_id,
            OrganizationRelation.kind == RelationKind.BLOCKED,
        )
    )
