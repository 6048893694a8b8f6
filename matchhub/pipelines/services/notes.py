"""What a fund writes about a deal for itself: no officer, auditor, administrator or firm reads it."""

from datetime import datetime, timedelta

from sqlalchemy import select

from matchhub.core import audit, errors
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.pipelines.models import Deal, DealNote
from matchhub.pipelines.policy import Permission, POLICY

LONGEST = 2_000
SAID_TWICE = timedelta(seconds=20)


@writes
def write_note(deal: Deal, body: str, *, actor: Actor, now: datetime) -> DealNote:
    """Add a note; the same words twice within seconds, as a double press sends them, once. The trail says that one was
    written, never what."""
    POLICY.check(Permission.WRITE_NOTE, actor, deal)
    if not body.strip():
        raise errors.Invalid(N_("写下备注"), field="body")
    if len(body) > LONGEST:
        raise errors.Invalid(N_("不要超过 %(max)s 字"), field="body", max=LONGEST)
    hold(deal)
    if said := _just_written(deal, body.strip(), actor, since=now - SAID_TWICE):
        return said
    note = DealNote(
        deal_id=deal.id, organization_id=actor.organization_id, author_id=actor.user_id, body=body.strip(), at=now
    )
    db.session.add(note)
    audit.record(actor, "deal_note:write", note)
    return note


def _just_written(deal: Deal, body: str, actor: Actor, *, since: datetime) -> DealNote | None:
    same = (DealNote.deal_id == deal.id, DealNote.author_id == actor.user_id, DealNote.body == body)
    return db.session.scalar(select(DealNote).where(*same, DealNote.at >= since).limit(1))


@writes
def remove_note(note: DealNote, *, actor: Actor, now: datetime) -> None:
    """Take back a note of one's own: its words are gone."""
    POLICY.check(Permission.REMOVE_NOTE, actor, note)
    audit.record(actor, "deal_note:remove", note)
    db.session.delete(note)
