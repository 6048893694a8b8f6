"""On the day: what is on, how late it is, and an investor who wants to hear more."""

from datetime import datetime, timedelta

from matchhub.core import audit, errors
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.events import queries
from matchhub.events.enums import PitchState
from matchhub.events.models import Event, Pitch, PitchInterest, Registration, StageClock
from matchhub.events.policy import Permission, POLICY
from matchhub.events.services.timing import bring_forward
from matchhub.introductions.news import IntroductionRequested

LEAST_DELAY, MOST_DELAY = -240, 480
AFTERWARDS = timedelta(days=14)  # as long interest can be said after the end


@writes
def put_on(
    event: Event, *, item_id: int | None = None, pitch_id: int | None = None, actor: Actor, now: datetime
) -> StageClock:
    """Say what is on now; how late that is, is the delay of all that follows. Neither: the plan tells again.

    A pitch that goes on before its turn changes the order: whom it passes over is on after it.
    Raises Forbidden, NotFound (not of this event), Conflict (long before or after the event).
    """
    POLICY.check(Permission.ORGANIZE, actor, event)
    clock = _clock(event)
    early = db.session.get(Pitch, pitch_id) if pitch_id else None
    if early is not None and early.event_id == event.id:
        bring_forward(event, early, now=now)
    pitches = queries.staged(db.session(), event.id)
    slot = next(
        (
            one
            for one in queries.slots_of(event, pitches, None, now=now)
            if (one.item is not None and one.item.id == item_id) or (one.pitch is not None and one.pitch.id == pitch_id)
        ),
        None,
    )
    if slot is None and (item_id or pitch_id):
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    clock.item_id, clock.pitch_id, clock.on_since = None, None, None
    if slot is not None:
        late = round((now - slot.starts_at).total_seconds() / 60)
        if not LEAST_DELAY <= late <= MOST_DELAY:
            raise errors.Conflict(N_("离计划的时间太远，活动当天再用"))
        clock.item_id = slot.item.id if slot.item else None
        clock.pitch_id = slot.pitch.id if slot.pitch else None
        clock.on_since, clock.delay_minutes = now, late
        if slot.pitch is not None and slot.pitch.state is PitchState.CONFIRMED:
            slot.pitch.state = PitchState.PRESENTED
    audit.record(actor, "stage_clock:put_on", clock, item=clock.item_id, pitch=clock.pitch_id)
    return clock


@writes
def set_delay(event: Event, minutes: int, *, actor: Actor) -> StageClock:
    """All that has not begun is so much later. Raises Forbidden, Invalid."""
    POLICY.check(Permission.ORGANIZE, actor, event)
    if not LEAST_DELAY <= minutes <= MOST_DELAY:
        raise errors.Invalid(
            N_("请填写 %(low)s 到 %(high)s 之间的整数"), field="minutes", low=LEAST_DELAY, high=MOST_DELAY
        )
    clock = _clock(event)
    clock.delay_minutes = minutes
    audit.record(actor, "stage_clock:delay", clock, minutes=minutes)
    return clock


def _clock(event: Event) -> StageClock:
    hold(event)
    clock = queries.clock_of(db.session(), event.id)
    if clock is None:
        clock = StageClock(event=event, delay_minutes=0)
        db.session.add(clock)
        db.session.flush()
    return clock


@writes
def say_interest(pitch: Pitch, place: Registration, *, actor: Actor, now: datetime) -> PitchInterest:
    """An investor in the room wants to hear more; asking for the introduction is a step of its own, with its consent.

    Raises Forbidden, Conflict (before the event or long after it).
    """
    POLICY.check(Permission.TAKE_PART, actor, place)
    event = pitch.event
    if not queries.may_be_interested(place) or place.event_id != event.id:
        raise errors.Forbidden(N_("你没有做这件事的权限"))
    if not event.starts_at - timedelta(hours=1) <= now <= event.ends_at + AFTERWARDS:
        raise errors.Conflict(N_("活动当天到结束后 14 天内可以点感兴趣"))
    hold(place)
    row = queries.interest_of(db.session(), pitch.id, place.id)
    if row is None:
        row = PitchInterest(pitch_id=pitch.id, registration_id=place.id, said_at=now)
        db.session.add(row)
        db.session.flush()
    elif row.withdrawn_at is not None:
        row.said_at, row.withdrawn_at = now, None
    audit.record(actor, "pitch_interest:say", row)
    return row


@writes
def take_interest_back(interest: PitchInterest, *, actor: Actor, now: datetime) -> None:
    """Not any more; an introduction that was asked for is taken back where introductions are."""
    POLICY.check(Permission.TAKE_PART, actor, interest)
    hold(interest)
    if interest.introduction_id is not None:
        raise errors.Conflict(N_("已经申请对接，请在对接里撤回"))
    interest.withdrawn_at = interest.withdrawn_at or now
    audit.record(actor, "pitch_interest:take_back", interest)


def follow_request(item: IntroductionRequested, *, now: datetime) -> None:
    """An introduction was asked for: an interest that was said in the room led to it."""
    for row in queries.interests_behind(db.session(), item.introduction):
        row.introduction_id = item.introduction.id
