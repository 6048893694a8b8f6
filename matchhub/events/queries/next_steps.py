"""What an organizer has to do next, event by event: one statement, whatever the number of events."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, Row, select
from sqlalchemy.orm import Session

from matchhub.core.labels import N_
from matchhub.events.enums import (
    AHEAD_STATES,
    ApplicationState,
    EventState,
    InvitationState,
    OVER_STATES,
    PitchState,
    RegistrationState,
)
from matchhub.events.models import (
    Event,
    EventInvitation,
    EventReport,
    Pitch,
    PitchApplication,
    PitchCall,
    PitchReview,
    PitchReviewer,
    Registration,
)

CALL_SOON, LINE_UP_SOON, START_SOON, ANSWERS_SOON = (
    timedelta(days=3), timedelta(days=7), timedelta(hours=36), timedelta(days=10),
)  # fmt: skip
REPORT_FROM, REPORT_UNTIL = timedelta(days=14), timedelta(days=60)
"""Feedback is in after a fortnight; after two months nobody is reminded of the report."""


@dataclass(frozen=True, slots=True)
class NextStep:
    """Something to do about an event: what and the button (msgids), which page, until when, how many."""

    what: str
    button: str
    endpoint: str
    event_id: int
    title: str
    due: datetime | None = None
    count: int = 0
    is_urgent: bool = False
    title_en: str = ""


def _how_many(column: Any, *conditions: Any) -> Any:
    return select(func.count(column)).where(*conditions).correlate(Event).scalar_subquery()


APPLIED = _how_many(
    PitchApplication.id, PitchApplication.event_id == Event.id, PitchApplication.state == ApplicationState.SUBMITTED
)
REVIEWERS = _how_many(PitchReviewer.id, PitchReviewer.event_id == Event.id)
HANDED_IN = _how_many(
    PitchReview.id,
    PitchReview.application_id == PitchApplication.id,
    PitchApplication.event_id == Event.id,
    PitchApplication.state == ApplicationState.SUBMITTED,
    or_(PitchReview.handed_in_at.is_not(None), PitchReview.conflict != ""),
)
PITCHES = _how_many(Pitch.id, Pitch.event_id == Event.id, Pitch.state != PitchState.DROPPED)
UNANSWERED = _how_many(
    EventInvitation.id, EventInvitation.event_id == Event.id, EventInvitation.state == InvitationState.SENT
)
PENDING = _how_many(Registration.id, Registration.event_id == Event.id, Registration.state == RegistrationState.PENDING)
REPORTS = _how_many(EventReport.id, EventReport.event_id == Event.id)
OF_HOST = (  # of the host `own`
    select(
        Event.id, Event.title, Event.title_en, Event.state, Event.starts_at, Event.ends_at, Event.lineup_public_at,
        PitchCall.closes_at, APPLIED.label("applied"), REVIEWERS.label("reviewers"), HANDED_IN.label("handed_in"),
        PITCHES.label("pitches"), UNANSWERED.label("unanswered"), PENDING.label("pending"), REPORTS.label("reports"),
    )
    .outerjoin(PitchCall, PitchCall.event_id == Event.id)
    .where(
        Event.host_id == bindparam("own"),
        or_(
            and_(Event.state.in_(AHEAD_STATES), Event.starts_at > bindparam("now")),
            and_(
                Event.state.in_(OVER_STATES - {EventState.ARCHIVED}),
                Event.ends_at <= bindparam("reported_from"),
                Event.ends_at > bindparam("reported_until"),
            ),
        ),
    )
    .order_by(Event.starts_at)
    .limit(40)
)  # fmt: skip


def next_steps(session: Session, host_id: int, *, now: datetime) -> list[NextStep]:
    """What the host has to do about its events, the nearest event first."""
    given = {"own": host_id, "now": now, "reported_from": now - REPORT_FROM, "reported_until": now - REPORT_UNTIL}
    rows = session.execute(OF_HOST, given)
    return [replace(step, title_en=row.title_en) for row in rows for step in _steps(row, now)]


def _steps(row: Row[Any], now: datetime) -> Iterator[NextStep]:
    """The steps of one event."""
    if row.state not in AHEAD_STATES:
        if not row.reports:
            yield NextStep(N_("发布成效报告"), N_("去发布"), "events.report", row.id, row.title)
        return
    yield from _call_steps(row, now)
    if row.pending:
        yield NextStep(N_("审核报名"), N_("去审核"), "events.seats", row.id, row.title, row.starts_at, row.pending)
    if row.unanswered and row.starts_at < now + ANSWERS_SOON:
        what = N_("受邀者还没回应")
        yield NextStep(what, N_("去看看"), "events.cockpit", row.id, row.title, row.starts_at, row.unanswered)
    if row.starts_at < now + START_SOON:
        yield NextStep(
            N_("活动就要开始"), N_("去准备"), "events.cockpit", row.id, row.title, row.starts_at, is_urgent=True
        )


def _call_steps(row: Row[Any], now: datetime) -> Iterator[NextStep]:
    """The call closes; reviews are missing; the line-up is not decided."""
    if row.closes_at is None or row.pitches:
        return
    if now < row.closes_at:
        if row.closes_at < now + CALL_SOON:
            yield NextStep(N_("征集快截止"), N_("看申请"), "events.call", row.id, row.title, row.closes_at, row.applied)
        return
    missing = row.applied * row.reviewers - row.handed_in
    public = row.lineup_public_at or row.starts_at
    if missing > 0:
        yield NextStep(N_("评审还没交齐"), N_("看进度"), "events.call", row.id, row.title, public, missing)
    elif row.applied:
        near = public < now + LINE_UP_SOON
        yield NextStep(N_("定路演阵容"), N_("去决定"), "events.line_up", row.id, row.title, public, is_urgent=near)
