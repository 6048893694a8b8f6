"""Two organizations that were one, and those that close: what hangs on them follows."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from matchhub.core.clock import city_date
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.policy import SYSTEM
from matchhub.profiles.enums import ProfileState, ResidencyStatus
from matchhub.profiles.models import Attachment, EnterpriseProfile, PastRound, Qualification, Residency
from matchhub.profiles.queries import open_residency_of, profile_of, qualifications_of
from matchhub.profiles.services.profiles import archive_profile
from matchhub.profiles.services.residencies import settle_scope


@writes
def on_merged(item: Any, *, now: datetime) -> None:
    """Listener: rows of `item.dropped` become rows of `item.kept`; where both have one, the kept one stands."""
    kept, dropped = item.kept.id, item.dropped.id
    for file in db.session.scalars(select(Attachment).where(Attachment.organization_id == dropped)):
        file.organization_id = kept
    for past in db.session.scalars(
        select(PastRound).where((PastRound.investor_id == dropped) | (PastRound.enterprise_id == dropped))
    ):
        past.investor_id = kept if past.investor_id == dropped else past.investor_id
        past.enterprise_id = kept if past.enterprise_id == dropped else past.enterprise_id
    held = {row.code for row in qualifications_of(db.session(), kept)}
    for row in db.session.scalars(select(Qualification).where(Qualification.organization_id == dropped)):
        if row.code in held:
            db.session.delete(row)
        else:
            row.organization_id = kept
    _merge_residencies(kept, dropped, now)
    _archive(dropped, now)


def _merge_residencies(kept: int, dropped: int, now: datetime) -> None:
    here = open_residency_of(db.session(), kept)
    there = open_residency_of(db.session(), dropped)
    if there is not None and here is not None:
        _end(there, now)
        db.session.flush()
    for row in db.session.scalars(select(Residency).where(Residency.enterprise_id == dropped)):
        row.enterprise_id = kept
    db.session.flush()
    if there is not None and here is None and isinstance(profile_of(db.session(), kept), EnterpriseProfile):
        settle_scope(kept, there.carrier, now=now)


def on_closed(item: Any, *, now: datetime) -> None:
    """Listener: an organization that has left is in no carrier any more, and its profile is put away."""
    row = open_residency_of(db.session(), item.organization.id)
    if row is not None:
        _end(row, now)
        settle_scope(item.organization.id, None, now=now)
    _archive(item.organization.id, now)


def _end(row: Residency, now: datetime) -> None:
    row.status, row.reason = ResidencyStatus.EXITED, N_("机构已关闭或已合并")
    row.left_on = max(city_date(now), row.entered_on or city_date(now))


def _archive(organization_id: int, now: datetime) -> None:
    profile = profile_of(db.session(), organization_id)
    if profile is not None and profile.state is not ProfileState.ARCHIVED:
        archive_profile(profile, actor=SYSTEM, now=now)
