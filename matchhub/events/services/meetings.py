"""Meetings one to one: opened, joined, wished, planned, published, mended on the day.

A plan is made outside the write (`draft`, seconds at most) from what stands then, and adopted inside it (`adopt`), which
refuses what has changed meanwhile.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete

from matchhub.core import audit, errors, news
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.events import queries
from matchhub.events.enums import (
    AgendaKind,
    AHEAD_STATES,
    GIVER_ROLES,
    MeetingOutcome,
    MeetingSide,
    RegistrationState,
    RoundState,
    SeatRole,
    WishKind,
)
from matchhub.events.models import (
    Event,
    MeetingGuest,
    MeetingRound,
    MeetingWish,
    PlannedMeeting,
    Registration,
)
from matchhub.events.news import MeetingsTold
from matchhub.events.policy import Permission, POLICY
from matchhub.matches.engine import MeetingsAsked, MeetingsPlanned, People, plan_meetings

CANNOT = N_("这两方排不到一起")
"""Whatever the cause: a no must not show by other words than a full table."""


@dataclass(frozen=True, slots=True)
class RoundFacts:
    """What an organizer says of the meetings."""

    tables: int
    wishes_close_at: datetime
    slot_minutes: int = 15
    pause_minutes: int = 5
    giver_least: int = 1
    giver_most: int = 8
    firm_least: int = 1
    firm_most: int = 8


@writes
def open_meetings(event: Event, facts: RoundFacts, *, actor: Actor, now: datetime) -> MeetingRound:
    """Begin to collect wishes. Raises Forbidden, Invalid, Conflict (the agenda has no place for meetings, open already)."""
    POLICY.check(Permission.ORGANIZE, actor, event)
    if event.state not in AHEAD_STATES:
        raise errors.Conflict(N_("活动发布后才能开放会谈"))
    item = next((item for item in event.agenda if item.kind is AgendaKind.MEETINGS), None)
    if item is None:
        raise errors.Conflict(N_("日程里还没有「一对一会谈」，先加上"))
    if queries.round_of(db.session(), event.id) is not None:
        raise errors.Conflict(N_("已经开放了"))
    found = MeetingRound(event=event, item=item, tables=facts.tables, wishes_close_at=facts.wishes_close_at)
    _set(found, facts, now=now)
    db.session.add(found)
    db.session.flush()
    audit.record(actor, "meeting_round:open", event, tables=facts.tables)
    return found


@writes
def change_meetings(found: MeetingRound, facts: RoundFacts, *, actor: Actor, now: datetime) -> None:
    """Change tables, times or bounds while nothing is published. Raises Forbidden, Invalid, Conflict."""
    POLICY.check(Permission.ORGANIZE, actor, found)
    hold(found)
    if found.state is RoundState.PUBLISHED:
        raise errors.Conflict(N_("安排已发布，请重排而不是改规则"))
    _set(found, facts, now=now)
    audit.record(actor, "meeting_round:change", found.event, tables=facts.tables)


def _set(found: MeetingRound, facts: RoundFacts, *, now: datetime) -> None:
    if not 5 <= facts.slot_minutes <= 120 or not 0 <= facts.pause_minutes <= 60:
        raise errors.Invalid(N_("每场 5 到 120 分钟，间隔不超过 60 分钟"), field="slot_minutes")
    if facts.slot_minutes > found.item.minutes:
        raise errors.Invalid(N_("日程里留给会谈的时间不够一场"), field="slot_minutes")
    if not 1 <= facts.tables <= 200:
        raise errors.Invalid(N_("桌数在 1 到 200 之间"), field="tables")
    if facts.giver_least > facts.giver_most or facts.firm_least > facts.firm_most:
        raise errors.Invalid(N_("最少场数不应多于最多场数"), field="giver_least")
    if not now < facts.wishes_close_at <= found.event.starts_at:
        raise errors.Invalid(N_("意愿截止时间要在现在之后、活动开始之前"), field="wishes_close_on")
    for name in RoundFacts.__dataclass_fields__:
        setattr(found, name, getattr(facts, name))


# --- taking part ------------------------------------------------------------------------------------------------


def side_of(registration: Registration) -> MeetingSide | None:
    """On which side of a table somebody sits; None for those who do not take part in meetings."""
    role = registration.pool.role
    if role in GIVER_ROLES:
        return MeetingSide.GIVER
    return MeetingSide.FIRM if role is SeatRole.ENTERPRISE else None


@writes
def join(registration: Registration, away: Sequence[int], *, actor: Actor, now: datetime) -> MeetingGuest:
    """Take part: name and organization become visible to the other side of this room. Raises Forbidden, Conflict."""
    POLICY.check(Permission.TAKE_PART, actor, registration)
    found = queries.round_of(db.session(), registration.event_id)
    side = side_of(registration)
    if found is None or side is None or registration.state is not RegistrationState.REGISTERED:
        raise errors.Conflict(N_("现在不能参加会谈"))
    guest = queries.guest_of(db.session(), registration.id)
    if not found.takes_wishes(now):
        raise errors.Conflict(N_("意愿收集已截止"))
    if guest is None:
        guest = MeetingGuest(round=found, registration=registration, side=side, joined_at=now)
        db.session.add(guest)
    guest.left_at, guest.away = None, sorted({slot for slot in away if 0 <= slot < found.slots})
    db.session.flush()
    audit.record(actor, "meeting_guest:join", registration.event)
    return guest


@writes
def leave_meetings(guest: MeetingGuest, *, actor: Actor, now: datetime) -> None:
    """Take part no more; a published plan is mended by the organizer. Raises Forbidden."""
    POLICY.check(Permission.TAKE_PART, actor, guest)
    guest.left_at = now
    audit.record(actor, "meeting_guest:leave", guest.event)


@writes
def set_wishes(guest: MeetingGuest, said: Mapping[int, WishKind | None], *, actor: Actor, now: datetime) -> None:
    """Say whom to meet by guest id; None takes a wish back. Who is not named keeps the wish. Raises Forbidden, NotFound,
    Conflict (closed)."""
    POLICY.check(Permission.TAKE_PART, actor, guest)
    if not guest.round.takes_wishes(now):
        raise errors.Conflict(N_("意愿收集已截止"))
    session = db.session()
    others = {other.id for other in queries.guests_of(session, guest.round_id) if other.side is not guest.side}
    if not said.keys() <= others:
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    held = {row.other_id: row for row in queries.wish_rows(session, guest.id)}
    for other, kind in said.items():
        row = held.get(other)
        if kind is None:
            if row is not None:
                session.delete(row)
        elif row is None:
            session.add(MeetingWish(guest_id=guest.id, other_id=other, kind=kind))
        else:
            row.kind = kind
    audit.record(actor, "meeting_wish:set", guest.event)  # that something was wished, never what


# --- the plan ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan before it is adopted: guest ids by the planner's rows, and the version of the round that it was made from."""

    givers: tuple[int, ...]
    firms: tuple[int, ...]
    planned: MeetingsPlanned
    version: int
    musts: int
    musts_met: int

    @property
    def pairs(self) -> dict[tuple[int, int], tuple[int, int]]:
        """(giver, firm) → (slot, table)."""
        return {(self.givers[a], self.firms[b]): (slot or 0, table or 0) for a, b, slot, table in self.planned.meetings}


def draft(
    found: MeetingRound,
    *,
    first: int = 0,
    lock: tuple[int, int] | None = None,
    missing: Mapping[int, int | None] | None = None,
    now: datetime,
) -> Draft:
    """The best plan as things stand, near the present one; `first`: slots before it are past; `lock`: a pair to add;
    `missing`: guest id → the first slot without that person (None: is back).

    Raises Conflict where locks contradict each other, and where the two can never sit together.
    """
    session = db.session()
    room = queries.room_of(session, found, now=now)
    asked = _asked(found, room, queries.meetings_of(session, found.id), first, lock, missing or {})
    try:
        planned = plan_meetings(asked)
    except ValueError as impossible:
        raise errors.Conflict(CANNOT) from impossible
    givers, firms = tuple(guest.id for guest in room.givers), tuple(guest.id for guest in room.firms)
    met = {(givers[a], firms[b]) for a, b, _, _ in planned.meetings}
    return Draft(givers, firms, planned, found.version, len(room.musts), len(room.musts & met))


def _asked(
    found: MeetingRound,
    room: queries.Room,
    standing: Sequence[PlannedMeeting],
    first: int,
    lock: tuple[int, int] | None,
    missing: Mapping[int, int | None],
) -> MeetingsAsked:
    rows = {guest.id: row for row, guest in enumerate(room.givers)}
    columns = {guest.id: column for column, guest in enumerate(room.firms)}
    here = [
        row for row in standing if row.slot is not None and row.giver_id in rows and row.firm_id in columns
    ]  # fmt: skip
    worth = [[room.worth.get((giver.id, firm.id)) for firm in room.firms] for giver in room.givers]
    if lock is not None and lock not in room.worth:
        raise errors.Conflict(CANNOT)
    past = [row for row in here if (row.slot or 0) < first]
    kept = [
        row for row in here if row.locked and (row.slot or 0) >= first and (row.giver_id, row.firm_id) in room.worth
    ]
    locks = [(rows[row.giver_id], columns[row.firm_id], row.slot, row.seat) for row in (*past, *kept)]
    if lock is not None:
        locks.append((rows[lock[0]], columns[lock[1]], None, None))
    return MeetingsAsked(
        worth,
        [found.tables] * found.slots,
        _people(room.givers, missing, found.slots, (found.giver_least, found.giver_most)),
        _people(room.firms, missing, found.slots, (found.firm_least, found.firm_most)),
        locks=locks,
        current=[(rows[row.giver_id], columns[row.firm_id], row.slot, row.seat) for row in here],
        first=first,
        stay=5.0 if first else 0.5,
    )


def _people(
    guests: Sequence[MeetingGuest], missing: Mapping[int, int | None], slots: int, bounds: tuple[int, int]
) -> People:
    def free(guest: MeetingGuest) -> list[bool]:
        since = missing.get(guest.id, guest.missing_from)
        return [slot not in guest.away and (since is None or slot < since) for slot in range(slots)]

    least, most = bounds
    return People([free(guest) for guest in guests], [least] * len(guests), [most] * len(guests))


@writes
def adopt(
    found: MeetingRound, made: Draft, *, lock: tuple[int, int] | None = None, actor: Actor, now: datetime
) -> None:
    """Put a draft in the place of the present plan. Raises Forbidden, Conflict (the round has changed meanwhile)."""
    POLICY.check(Permission.ORGANIZE, actor, found)
    hold(found)
    if found.version != made.version:
        raise errors.Conflict(N_("会谈刚被改过，请再排一次"))
    before = {(row.giver_id, row.firm_id): row for row in queries.meetings_of(db.session(), found.id)}
    told = {pair: (row.told_slot, row.told_seat, row.locked, row.outcome) for pair, row in before.items()}
    db.session.execute(delete(PlannedMeeting).where(PlannedMeeting.round_id == found.id))
    db.session.expire_all()
    for pair, (slot, seat) in made.pairs.items():
        told_slot, told_seat, locked, outcome = told.get(pair, (None, None, False, MeetingOutcome.PLANNED))
        db.session.add(
            PlannedMeeting(
                round_id=found.id, giver_id=pair[0], firm_id=pair[1], slot=slot, seat=seat, outcome=outcome,
                told_slot=told_slot, told_seat=told_seat, locked=locked or pair == lock,
            )
        )  # fmt: skip
    _keep_dropped(found, told, made, now=now)
    found.worth, found.gap, found.planned_at = made.planned.worth, made.planned.gap, now
    if found.state is RoundState.COLLECTING:
        found.state = RoundState.PLANNED
    audit.record(actor, "meeting_round:plan", found.event, meetings=len(made.pairs))


def _keep_dropped(
    found: MeetingRound,
    told: dict[tuple[int, int], tuple[int | None, int | None, bool, MeetingOutcome]],
    made: Draft,
    *,
    now: datetime,
) -> None:
    """Meetings that were told and are no more stay until that is told as well."""
    for (giver, firm), (slot, seat, _, _) in told.items():
        if slot is not None and (giver, firm) not in made.pairs:
            db.session.add(
                PlannedMeeting(
                    round_id=found.id, giver_id=giver, firm_id=firm, told_slot=slot, told_seat=seat, dropped_at=now
                )
            )


@writes
def set_lock(meeting: PlannedMeeting, locked: bool, *, actor: Actor) -> None:
    """Keep a meeting where it is whatever is planned anew, or let it go again. Raises Forbidden."""
    POLICY.check(Permission.ORGANIZE, actor, meeting)
    meeting.locked = locked
    audit.record(actor, "planned_meeting:lock" if locked else "planned_meeting:unlock", meeting.event)


@writes
def publish_meetings(found: MeetingRound, *, actor: Actor, now: datetime) -> int:
    """Everybody whose meetings are new or have changed is told; how many people. Raises Forbidden, Conflict."""
    POLICY.check(Permission.ORGANIZE, actor, found)
    hold(found)
    if found.planned_at is None:
        raise errors.Conflict(N_("先排会谈，再发布"))
    concerned: set[int] = set()
    for row in queries.meetings_of(db.session(), found.id):
        if row.is_news:
            concerned |= {row.giver_id, row.firm_id}
        row.told_slot, row.told_seat = row.slot, row.seat
        if row.dropped_at is not None:
            db.session.delete(row)
    found.state, found.published_at = RoundState.PUBLISHED, now
    for guest in queries.guests_of(db.session(), found.id):
        if guest.id in concerned:
            news.publish(MeetingsTold(guest), now=now)
    audit.record(actor, "meeting_round:publish", found.event, people=len(concerned))
    return len(concerned)


# --- on the day -------------------------------------------------------------------------------------------------


@writes
def mend(guest: MeetingGuest, first: int | None, made: Draft, *, actor: Actor, now: datetime) -> int:
    """Somebody is not there from a slot on (None: is back), and this draft is the plan without them: adopted, and told at
    once where the plan was out. How many people are told. Raises Forbidden, Conflict."""
    POLICY.check(Permission.ORGANIZE, actor, guest)
    found, is_out = guest.round, guest.round.state is RoundState.PUBLISHED
    adopt(found, made, actor=actor, now=now)
    guest.missing_from = first
    audit.record(actor, "meeting_guest:missing", guest.event, slot=first)
    return publish_meetings(found, actor=actor, now=now) if is_out else 0


@writes
def record_outcome(meeting: PlannedMeeting, outcome: MeetingOutcome, *, actor: Actor) -> None:
    """Whether the two met. Raises Forbidden."""
    POLICY.check(Permission.ORGANIZE, actor, meeting)
    meeting.outcome = outcome
    audit.record(actor, "planned_meeting:outcome", meeting.event, outcome=outcome.value)


def present_slot(found: MeetingRound, *, now: datetime) -> int:
    """The first slot that has not begun: what lies before it is past."""
    return sum(found.slot_starts_at(slot) <= now for slot in range(found.slots))
