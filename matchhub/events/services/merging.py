"""Two rows were one organization: what it holds, applies for, is invited to and attends goes with it."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from matchhub.accounts.news import OrganizationMerged
from matchhub.core import audit
from matchhub.core.db import db, writes
from matchhub.core.policy import SYSTEM
from matchhub.events.enums import ApplicationState, PitchState
from matchhub.events.models import (
    Event,
    EventInvitation,
    EventSeries,
    JuryMember,
    Pitch,
    PitchApplication,
    PitchReviewer,
    Registration,
    Venue,
)
from matchhub.events.services.calls import withdraw_application

MOVED: tuple[Any, ...] = (
    Venue.organization_id,
    EventSeries.host_id,
    Event.host_id,
    Event.carrier_id,
    EventInvitation.organization_id,
    PitchApplication.recommended_by_id,
    PitchReviewer.organization_id,
    JuryMember.organization_id,
    Registration.organization_id,
)


@writes
def follow_merge(item: OrganizationMerged, *, now: datetime) -> None:
    """Everything of `dropped` is `kept`'s. Where both applied to one event, one application stays: the one that is selected,
    else the kept one's."""
    kept, dropped, session = item.kept.id, item.dropped.id, db.session()
    session.flush()
    applications = session.scalars(select(PitchApplication).where(PitchApplication.organization_id == dropped)).all()
    for row in applications:
        _settle(row, kept, now=now)
        row.organization_id = kept
        session.flush()
    pitches = session.scalars(select(Pitch).where(Pitch.organization_id == dropped)).all()
    for pitch in pitches:
        if _stands_twice(pitch, kept):
            pitch.state, pitch.named_since, pitch.offset_minutes = PitchState.DROPPED, None, None
        pitch.organization_id = kept
        session.flush()
    for column in MOVED:
        session.execute(
            update(column.class_).where(column == dropped).values({column.key: kept}),
            execution_options={"synchronize_session": False},
        )
    session.expire_all()
    audit.record(
        SYSTEM, "events:merge", item.kept, dropped=dropped, applications=len(applications), pitches=len(pitches)
    )


def _settle(row: PitchApplication, kept: int, *, now: datetime) -> None:
    """Of two open applications to one event one is withdrawn, before they become one firm's."""
    if row.state is ApplicationState.WITHDRAWN:
        return
    other = db.session.scalar(
        select(PitchApplication).where(
            PitchApplication.event_id == row.event_id,
            PitchApplication.organization_id == kept,
            PitchApplication.state != ApplicationState.WITHDRAWN,
        )
    )
    if other is None:
        return
    is_selected = row.state is ApplicationState.SELECTED and other.state is not ApplicationState.SELECTED
    withdraw_application(other if is_selected else row, actor=SYSTEM, now=now)
    db.session.flush()


def _stands_twice(pitch: Pitch, kept: int) -> bool:
    if pitch.state is PitchState.DROPPED:
        return False
    other = select(Pitch.id).where(
        Pitch.event_id == pitch.event_id, Pitch.organization_id == kept, Pitch.state != PitchState.DROPPED
    )
    return db.session.scalar(other) is not None
