"""What a firm and a reviewer are asked about events: calls to apply to, recommendations to confirm, a name to give, reviews."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, CompoundSelect, exists, func, literal, null, or_, select, union_all
from sqlalchemy.orm import Session

from matchhub.accounts.enums import OrganizationKind
from matchhub.accounts.models import Organization
from matchhub.core.labels import N_
from matchhub.core.outbox import Notice
from matchhub.events.enums import (
    AHEAD_STATES,
    ApplicationState,
    APPLIED_STATES,
    Audience,
    EventState,
    JuryState,
    PitchState,
)
from matchhub.events.models import (
    Event,
    Jury,
    JuryMember,
    Pitch,
    PitchApplication,
    PitchCall,
    PitchReview,
    PitchReviewer,
)
from matchhub.events.queries.jury import handed_in
from matchhub.events.queries.reviews import ties_of
from matchhub.events.queries.stage import staged
from matchhub.listings.enums import NeedState
from matchhub.listings.models import Need

CALLED_KIND = "pitch_call"
MOST_CALLS, CALLS_WITHIN = 2, timedelta(days=30)
CALL_SOON = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing to do: what and the button (msgids), which page with which number, about which event, until when."""

    what: str
    button: str
    endpoint: str
    values: dict[str, int]
    title: str
    title_en: str
    due: datetime
    count: int = 0


_APPLIED_ANYHOW = exists().where(
    PitchApplication.event_id == PitchCall.event_id, PitchApplication.organization_id == Need.organization_id
)
_IN_SCOPE = or_(  # the carrier's own firms and those of the district; the whole city where the event has no district
    Event.district_code.is_(None), Need.district_code == Event.district_code, Need.carrier_id == Event.carrier_id
)
NOTHING = null()
OPEN_CALLS = (
    select(
        Event.id.label("event_id"), Event.title, Event.title_en, PitchCall.closes_at.label("due"),
        NOTHING.label("application_id"), NOTHING.label("state"),
    )
    .join(PitchCall, PitchCall.event_id == Event.id)
    .where(
        Event.state.in_(AHEAD_STATES),
        Event.audience != Audience.INVITED,
        PitchCall.opens_at <= bindparam("now"),
        PitchCall.closes_at > bindparam("now"),
        PitchCall.closes_at < bindparam("soon"),
        select(Need.id)
        .where(Need.organization_id == bindparam("own"), Need.state == NeedState.OPEN, _IN_SCOPE, ~_APPLIED_ANYHOW)
        .correlate(Event, PitchCall)
        .exists(),
    )
)  # fmt: skip
RECOMMENDATIONS = (
    select(
        Event.id.label("event_id"), Event.title, Event.title_en, PitchCall.closes_at.label("due"),
        PitchApplication.id.label("application_id"), PitchApplication.state.label("state"),
    )
    .join(Event, Event.id == PitchApplication.event_id)
    .join(PitchCall, PitchCall.event_id == Event.id)
    .where(
        PitchApplication.organization_id == bindparam("own"),
        PitchApplication.state == ApplicationState.RECOMMENDED,
        Event.state.in_(AHEAD_STATES),
        PitchCall.closes_at > bindparam("now"),
    )
)  # fmt: skip
PUBLIC_AT = func.coalesce(Event.lineup_public_at, Event.starts_at)
UNNAMED = (
    select(
        Event.id.label("event_id"), Event.title, Event.title_en, PUBLIC_AT.label("due"),
        PitchApplication.id.label("application_id"), PitchApplication.state.label("state"),
    )
    .join(Event, Event.id == PitchApplication.event_id)
    .join(Pitch, Pitch.application_id == PitchApplication.id)
    .where(
        PitchApplication.organization_id == bindparam("own"),
        PitchApplication.state == ApplicationState.SELECTED,
        Pitch.state == PitchState.CONFIRMED,
        Pitch.named_since.is_(None),
        Event.state.in_(AHEAD_STATES),
        bindparam("now") < PUBLIC_AT,
    )
)  # fmt: skip
OF_FIRM: CompoundSelect[Any] = union_all(RECOMMENDATIONS, UNNAMED, OPEN_CALLS)
MOST_ROWS = 7


def asked_of_firm(session: Session, organization_id: int, *, now: datetime) -> list[Asked]:
    """What the firm has to decide about pitching: one statement."""
    given = {"own": organization_id, "now": now, "soon": now + CALL_SOON}
    rows = [_asked(row) for row in session.execute(OF_FIRM, given)]
    return sorted(rows, key=lambda one: one.due)[:MOST_ROWS]


def _asked(row: Any) -> Asked:
    state = None if row.state is None else ApplicationState(row.state)
    if state is ApplicationState.SELECTED:
        where = {"application_id": row.application_id}
        return Asked(
            N_("决定要不要公开名称"), N_("去决定"), "events.application", where, row.title, row.title_en, row.due
        )
    what, button = N_("路演征集快截止"), N_("去申请")
    if state is ApplicationState.RECOMMENDED:
        what, button = N_("决定去不去路演"), N_("看看并决定")
    return Asked(what, button, "events.new_application", {"event_id": row.event_id}, row.title, row.title_en, row.due)


DESKS = (
    select(
        literal("review").label("kind"), PitchReviewer.id.label("number"), Event.id.label("event_id"), Event.title,
        Event.title_en, PUBLIC_AT.label("due"),
    )
    .join(Event, Event.id == PitchReviewer.event_id)
    .where(
        PitchReviewer.user_id == bindparam("own"),
        Event.state.in_(AHEAD_STATES),
        Event.starts_at > bindparam("now"),
        ~exists().where(Pitch.event_id == Event.id, Pitch.state != PitchState.DROPPED),  # the line-up is decided
    )
)  # fmt: skip
JURIES = (
    select(
        literal("jury").label("kind"), JuryMember.id.label("number"), Event.id.label("event_id"), Event.title,
        Event.title_en, Event.ends_at.label("due"),
    )
    .join(Jury, Jury.id == JuryMember.jury_id)
    .join(Event, Event.id == Jury.event_id)
    .where(
        JuryMember.user_id == bindparam("own"),
        JuryMember.dismissed_at.is_(None),
        Jury.state == JuryState.SCORING,
        Event.state.not_in((EventState.CANCELLED, EventState.ARCHIVED)),
        Event.starts_at < bindparam("until"),
        Event.ends_at > bindparam("since"),
    )
)  # fmt: skip
OF_JUDGE: CompoundSelect[Any] = union_all(DESKS, JURIES)
JURY_SPAN = timedelta(days=7)
"""From a week before the event until a week after it a member of its jury is asked."""
OPEN_REVIEWS = (
    select(PitchApplication)
    .where(
        PitchApplication.event_id == bindparam("event_id"),
        PitchApplication.state.in_(APPLIED_STATES),
        ~exists().where(
            PitchReview.application_id == PitchApplication.id,
            PitchReview.reviewer_id == bindparam("own"),
            or_(PitchReview.handed_in_at.is_not(None), PitchReview.conflict != ""),
        ),
    )
    .order_by(PitchApplication.id)
)


def asked_to_judge(session: Session, user_id: int, *, now: datetime) -> list[Asked]:
    """What the person still has to review or to score; not what a known tie keeps away. One statement where there is nothing."""
    given = {"own": user_id, "now": now, "until": now + JURY_SPAN, "since": now - JURY_SPAN}
    found = [_judging(session, user_id, row) for row in session.execute(OF_JUDGE, given).all()]
    return sorted((one for one in found if one is not None), key=lambda one: one.due)


def _judging(session: Session, user_id: int, row: Any) -> Asked | None:
    if row.kind == "review":
        waiting = list(session.scalars(OPEN_REVIEWS, {"event_id": row.event_id, "own": user_id}))
        count = len(waiting) - len(ties_of(session, user_id, waiting)) if waiting else 0
        where = {"event_id": row.event_id}
        made = Asked(
            N_("评审路演项目"), N_("去评审"), "events.reviewing", where, row.title, row.title_en, row.due, count
        )
        return made if count else None
    member = session.get_one(JuryMember, row.number)
    count = handed_in(session, member.jury).get(member.id, 0)
    where = {"member_id": row.number}
    made = Asked(N_("当路演评委"), N_("去打分"), "events.scoring", where, row.title, row.title_en, row.due, count)
    return made if count or not staged(session, row.event_id) else None


# --- whom a call is told ------------------------------------------------------------------------------------------


def firms_to_call(session: Session, call: PitchCall, *, after: int, now: datetime, limit: int) -> list[int]:
    """Ids of the next firms with a need that is out, within the call's scope, that have not applied and were not told of
    two calls within thirty days."""
    told = (
        select(func.count(Notice.object_id.distinct()))
        .where(
            Notice.kind == CALLED_KIND,
            Notice.organization_id == Organization.id,
            Notice.created_at > now - CALLS_WITHIN,
            Notice.object_id != call.id,
        )
        .correlate(Organization)
        .scalar_subquery()
    )
    applied = exists().where(
        PitchApplication.event_id == call.event_id, PitchApplication.organization_id == Organization.id
    )
    needing = select(Need.organization_id).where(Need.state == NeedState.OPEN, _scope_of(call.event))
    statement = (
        select(Organization.id)
        .where(
            Organization.id > after,
            Organization.kind == OrganizationKind.ENTERPRISE,
            Organization.id.in_(needing),
            ~applied,
            told < MOST_CALLS,
        )
        .order_by(Organization.id)
        .limit(limit)
    )
    return list(session.scalars(statement))


def _scope_of(event: Event) -> Any:
    if event.district_code is None:
        return Need.id.is_not(None)
    own = Need.district_code == event.district_code
    return own if event.carrier_id is None else or_(own, Need.carrier_id == event.carrier_id)
