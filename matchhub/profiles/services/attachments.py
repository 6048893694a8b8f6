"""Files that an organization keeps here."""

from datetime import datetime

from sqlalchemy import func, select

from matchhub.core import audit, errors, pages
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.core.uploads import CheckedUpload, keep
from matchhub.profiles.enums import AttachmentKind
from matchhub.profiles.models import Attachment, Profile
from matchhub.profiles.policy import Permission, POLICY
from matchhub.profiles.queries import profile_of

MAX_FILES = 30


@writes
def attach(profile: Profile, upload: CheckedUpload, kind: AttachmentKind, *, actor: Actor, now: datetime) -> Attachment:
    """Add a checked file to the organization's materials."""
    POLICY.check(Permission.EDIT_OWN, actor, profile)
    there = select(func.count(Attachment.id)).where(
        Attachment.organization_id == profile.organization_id, Attachment.removed_at.is_(None)
    )
    if (db.session.scalar(there) or 0) >= MAX_FILES:
        raise errors.Invalid(N_("最多保存 %(most)s 个文件，请先移除不用的"), field="file", most=MAX_FILES)
    stored = keep(upload, organization_id=profile.organization_id, user_id=actor.user_id, now=now)
    row = Attachment(organization_id=profile.organization_id, kind=kind, file_id=stored.id, file=stored)
    db.session.add(row)
    audit.record(actor, "attachment:add", row, kind=kind.value, size=stored.size)
    return row


@writes
def replace_file(row: Attachment, upload: CheckedUpload, *, actor: Actor, now: datetime) -> None:
    """Put a newer document in the place of a file: whoever may read it reads the new one, and promises secrecy anew.

    Raises Invalid (field `file`) where those who may only look could not look at the new one.
    """
    POLICY.check(Permission.EDIT_OWN, actor, profile_of(db.session(), row.organization_id))
    if row.removed_at is not None:
        raise errors.Conflict(N_("文件已经移除了"))
    if pages.is_shown(row.file.media_type) and not pages.is_shown(upload.media_type):
        raise errors.Invalid(N_("新版本请用 PDF 或图片，只能在线看的一方才看得到"), field="file")
    before = row.file.sha256
    row.file = keep(upload, organization_id=row.organization_id, user_id=actor.user_id, now=now)
    audit.record(actor, "attachment:replace", row, before=before[:12], after=upload.sha256[:12])


@writes
def remove_attachment(row: Attachment, *, actor: Actor, now: datetime) -> None:
    """Nobody can read the file from now on, whoever it was opened to."""
    POLICY.check(Permission.EDIT_OWN, actor, profile_of(db.session(), row.organization_id))
    if row.removed_at is not None:
        raise errors.Conflict(N_("文件已经移除了"))
    row.removed_at = now
    audit.record(actor, "attachment:remove", row)
