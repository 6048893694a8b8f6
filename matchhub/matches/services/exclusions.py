"""Pairs that must not be suggested: facts that higher features write down here."""

from datetime import datetime

from sqlalchemy import delete, select

from matchhub.core.db import db, writes
from matchhub.matches.models import Exclusion


@writes
def exclude(need_id: int, offer_id: int, *, reason: str, now: datetime, until: datetime | None = None) -> Exclusion:
    """Leave the pair out of all lists until then (None: until released); a second call moves the date, not the beginning."""
    held = db.session.scalar(
        select(Exclusion).where(
            Exclusion.need_id == need_id, Exclusion.offer_id == offer_id, Exclusion.reason == reason
        )
    )
    if held is None:
        held = Exclusion(need_id=need_id, offer_id=offer_id, reason=reason, created_at=now)
        db.session.add(held)
    held.until = until
    db.session.flush()
    return held


@writes
def release(need_id: int, offer_id: int, *, reason: str | None = None) -> int:
    """Let the pair be suggested again; only for one reason where one is given. How many rows went."""
    statement = delete(Exclusion).where(Exclusion.need_id == need_id, Exclusion.offer_id == offer_id)
    if reason is not None:
        statement = statement.where(Exclusion.reason == reason)
    return int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]
