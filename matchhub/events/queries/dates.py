"""When an event could take place: who says to be free, who is committed elsewhere, what else happens, who rests."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchhub.accounts.enums import MembershipState
from matchhub.accounts.models import Membership
from matchhub.core.labels import Labelled, N_
from matchhub.core.workdays import is_workday
from matchhub.events.enums import AHEAD_STATES, DayPart, InvitationState, OPEN_REGISTRATIONS, PitchState
from matchhub.events.models import Availability, Event, EventInvitation, Pitch, Registration
from matchhub.events.queries.calendars import people_at

DAYS_AHEAD, LEAST_DAYS = 60, 7
CLOCKS = (time(9, 30), time(14))  # beside the event's own
INVITED = (InvitationState.DRAFT, InvitationState.SENT, InvitationState.ACCEPTED)
WEIGHTS = {"elsewhere": 1.5, "cannot": 1.0, "unknown": 0.25}


class DateReason(Labelled):
    """Why a date is good or not; `%(count)s` is people or events."""

    FREE = "free", N_("%(count)s 位说有空"), "green"
    CANNOT = "cannot", N_("%(count)s 位说没空"), "amber"
    ELSEWHERE = "elsewhere", N_("%(count)s 位已答应别的活动"), "red"
    UNKNOWN = "unknown", N_("%(count)s 位没说"), "grey"
    ROOM_TAKEN = "room_taken", N_("房间已有 %(count)s 场活动"), "red"
    HOST_BUSY = "host_busy", N_("你们同时有 %(count)s 场活动"), "amber"
    REST_DAY = "rest_day", N_("这一天休息"), "amber"


COSTS = {DateReason.ROOM_TAKEN: 1.0, DateReason.HOST_BUSY: 0.5, DateReason.REST_DAY: 1.0}


@dataclass(frozen=True, slots=True)
class Option:
    """One possible start, how good it is (more is better; everybody free and nothing in the way is 1), and why."""

    starts_at: datetime
    score: float
    reasons: list[tuple[DateReason, int]] = field(default_factory=list)


def concerned_people(session: Session, event: Event) -> list[int]:
    """Ids of those without whom there is no event: who is invited or shall be, takes part, or belongs to a pitching firm."""
    invited = select(EventInvitation.user_id).where(
        EventInvitation.event_id == event.id, EventInvitation.user_id.is_not(None), EventInvitation.state.in_(INVITED)
    )
    taking_part = select(Registration.user_id).where(
        Registration.event_id == event.id, Registration.user_id.is_not(None), Registration.state.in_(OPEN_REGISTRATIONS)
    )
    pitching = (
        select(Membership.user_id)
        .join(Pitch, Pitch.organization_id == Membership.organization_id)
        .where(
            Pitch.event_id == event.id, Pitch.state != PitchState.DROPPED, Membership.state == MembershipState.ACTIVE
        )
    )
    found = {row for statement in (invited, taking_part, pitching) for row in session.scalars(statement) if row}
    return sorted(found)


def availability_of(session: Session, user_ids: Iterable[int]) -> dict[int, Availability]:
    """What people have stated, by person; one query."""
    rows = session.scalars(select(Availability).where(Availability.user_id.in_(list(user_ids))))
    return {row.user_id: row for row in rows}


def is_free(stated: Availability, local: datetime) -> bool:
    """Whether the person said to be free in this part of the week, and not to be away that day."""
    day = local.date().isoformat()
    away = any(first <= day <= last for first, last in stated.away)
    return not away and f"{local.weekday()}-{DayPart.of(local.hour).value}" in stated.slots


def date_options(session: Session, event: Event, *, now: datetime, most: int = 10) -> list[Option]:
    """The best starts of the next weeks, the best first; of one day only the best hour."""
    people = concerned_people(session, event)
    stated = availability_of(session, people)
    first, last = now + timedelta(days=LEAST_DAYS), now + timedelta(days=LEAST_DAYS + DAYS_AHEAD)
    others = _others(session, event, first, last + timedelta(minutes=event.minutes))
    busy = people_at(session, others)
    found: dict[date, Option] = {}
    for starts_at in _starts(event, first, last):
        option = _judged(event, starts_at, people, stated, others, busy)
        day = starts_at.astimezone(event.tz).date()
        if day not in found or option.score > found[day].score:
            found[day] = option
    return sorted(found.values(), key=lambda one: (-one.score, one.starts_at))[:most]


def _starts(event: Event, first: datetime, last: datetime) -> list[datetime]:
    own = event.starts_at.astimezone(event.tz).timetz().replace(tzinfo=None)
    clocks = dict.fromkeys((own, *CLOCKS))
    day, found = first.astimezone(event.tz).date(), []
    while day <= last.astimezone(event.tz).date():
        found += [datetime.combine(day, clock, event.tz) for clock in clocks]
        day += timedelta(days=1)
    return [moment for moment in found if first <= moment <= last]


def _others(session: Session, event: Event, first: datetime, last: datetime) -> list[Event]:
    statement = select(Event).where(
        Event.state.in_(AHEAD_STATES), Event.starts_at < last, Event.ends_at > first, Event.id != event.id
    )
    return list(session.scalars(statement))


def _judged(
    event: Event,
    starts_at: datetime,
    people: Sequence[int],
    stated: Mapping[int, Availability],
    others: Sequence[Event],
    busy: Mapping[int, set[int]],
) -> Option:
    ends_at, local = starts_at + timedelta(minutes=event.minutes), starts_at.astimezone(event.tz)
    same_time = [other for other in others if other.starts_at < ends_at and starts_at < other.ends_at]
    elsewhere = {who for other in same_time for who in busy.get(other.id, ())} & set(people)
    asked = [who for who in people if who in stated and who not in elsewhere]
    free = sum(is_free(stated[who], local) for who in asked)
    unknown = len(people) - len(elsewhere) - len(asked)
    counts = {
        DateReason.FREE: free, DateReason.CANNOT: len(asked) - free, DateReason.ELSEWHERE: len(elsewhere),
        DateReason.UNKNOWN: unknown,
        DateReason.ROOM_TAKEN: sum(event.room_id is not None and one.room_id == event.room_id for one in same_time),
        DateReason.HOST_BUSY: sum(one.host_id == event.host_id for one in same_time),
        DateReason.REST_DAY: int(not is_workday(local.date())),
    }  # fmt: skip
    lost = (
        WEIGHTS["elsewhere"] * len(elsewhere) + WEIGHTS["cannot"] * (len(asked) - free) + WEIGHTS["unknown"] * unknown
    )
    score = 1 - lost / max(1, len(people)) - sum(cost for reason, cost in COSTS.items() if counts[reason])
    return Option(starts_at, round(score, 4), [(reason, count) for reason, count in counts.items() if count])
