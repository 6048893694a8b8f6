"""The bell: notices that have been read."""

from datetime import datetime

from sqlalchemy import update

from matchhub.core import audit, errors
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.outbox import Notice
from matchhub.core.policy import Actor


@writes
def read_notice(notice: Notice, *, actor: Actor, now: datetime) -> None:
    """Note that one's own notice has been read. Raises NotFound."""
    if notice.recipient_user_id != actor.user_id:
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    notice.read_at = notice.read_at or now
    audit.record(actor, "notice:read", notice)


@writes
def read_all_notices(*, actor: Actor, now: datetime) -> None:
    """Note that all of one's own notices that have come have been read."""
    db.session.execute(
        update(Notice)
        .where(Notice.recipient_user_id == actor.user_id, Notice.read_at.is_(None), Notice.due_at <= now)
        .values(read_at=now)
        .execution_options(synchronize_session=False)
    )
    audit.record(actor, "notice:read-all")
