"""The files of an organization, and who may read one."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchhub.accounts.models import Organization
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.policy import Actor
from matchhub.disclosure.queries import Material, visible_of
from matchhub.profiles.models import Attachment
from matchhub.profiles.queries.profiles import profile_of, subject_of


def attachments_of(session: Session, organization_id: int) -> list[Attachment]:
    """The files that are there, newest first."""
    return list(
        session.scalars(
            select(Attachment)
            .where(Attachment.organization_id == organization_id, Attachment.removed_at.is_(None))
            .order_by(Attachment.id.desc())
        )
    )


def own_attachment(actor: Actor, attachment_id: int) -> Attachment | None:
    """A file of the actor's own organization that has not been removed."""
    row = db.session.get(Attachment, attachment_id)
    if row is None or row.removed_at is not None or row.organization_id != actor.organization_id:
        return None
    return row


def recorded_attachment(actor: Actor, attachment_id: int) -> Attachment | None:
    """A file of the actor's own organization, removed or not: who looked at it stays to be seen."""
    row = db.session.get(Attachment, attachment_id)
    return row if row is not None and row.organization_id == actor.organization_id else None


def readable_attachment(actor: Actor, attachment_id: int) -> Attachment | None:
    """A file of one's own, or one that its owner has opened to the actor's organization and not taken back."""
    row = db.session.get(Attachment, attachment_id)
    if row is None or row.removed_at is not None:
        return None
    owner = db.session.get_one(Organization, row.organization_id)
    if not owner.is_open:
        return None
    subject = subject_of(owner, profile_of(db.session(), owner.id))
    return row if visible_of(db.session(), actor, subject, now=utcnow()).material(row.id) else None


def is_downloadable(actor: Actor, row: Attachment) -> bool:
    """Whether the actor may take a copy of a readable file away: the owner may, others where the owner chose so."""
    owner = db.session.get_one(Organization, row.organization_id)
    subject = subject_of(owner, profile_of(db.session(), owner.id))
    return visible_of(db.session(), actor, subject, now=utcnow()).downloadable(row.id)


def material_of(row: Attachment) -> Material:
    """The file in the plain values that `disclosure` takes."""
    return Material(row.id, row.organization_id, row.file.name, row.file.sha256)
