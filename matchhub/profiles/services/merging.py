"""Two organizations that were one, and those that close: what hangs on them follows."""

from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from matchhub.core.clock import city_date
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.policy import SYSTEM
from matchhub.profiles.enums import ComplaintState, ProfileState, ResidencyStatus
from matchhub.profiles.models import (
    Attachment,
    Complaint,
    EnterpriseProfile,
    OrganizationRelation,
    PastRound,
    Qualification,
    Residency,
)
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
    _merge_ties(kept, dropped)
    _merge_complaints(kept, dropped)
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


def _merge_ties(kept: int, dropped: int) -> None:
    """Blocks and shares follow; one that `kept` has already, or that would tie it to itself, goes."""
    relation, both = OrganizationRelation, (kept, dropped)
    concerned = or_(relation.from_id.in_(both), relation.to_id.in_(both))
    ties = list(db.session.scalars(select(relation).where(concerned).order_by(relation.id)))
    held = {(tie.from_id, tie.to_id, tie.kind) for tie in ties}
    for tie in ties:
        if dropped not in (tie.from_id, tie.to_id):
            continue
        from_id, to_id = (kept if end == dropped else end for end in (tie.from_id, tie.to_id))
        if from_id == to_id or (from_id, to_id, tie.kind) in held:
            db.session.delete(tie)
        else:
            tie.from_id, tie.to_id = from_id, to_id
            held.add((from_id, to_id, tie.kind))


def _merge_complaints(kept: int, dropped: int) -> None:
    """Complaints follow; one between the two has lost its object, one that `kept` has open already stays where it is."""
    both = (kept, dropped)
    concerned = or_(Complaint.complainer_id.in_(both), Complaint.about_id.in_(both))
    complaints = list(db.session.scalars(select(Complaint).where(concerned).order_by(Complaint.id)))
    waiting = {(c.complainer_id, c.about_id) for c in complaints if c.state is ComplaintState.OPEN}
    for complaint in complaints:
        ends = (complaint.complainer_id, complaint.about_id)
        moved = (kept if ends[0] == dropped else ends[0], kept if ends[1] == dropped else ends[1])
        is_double = complaint.state is ComplaintState.OPEN and moved in waiting
        if moved != ends and moved[0] != moved[1] and not is_double:
            complaint.complainer_id, complaint.about_id = moved
            waiting.add(moved)


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
