"""When it is whose turn: times follow the order of the line-up, and a firm that knows its time hears of another one."""

from datetime import datetime

from matchhub.core import audit, news
from matchhub.core.db import db, writes
from matchhub.core.policy import SYSTEM
from matchhub.events import queries
from matchhub.events.enums import AgendaKind, PitchState
from matchhub.events.models import Event, Pitch
from matchhub.events.news import EventHeld, PitchTimed


@writes
def retime(event: Event, *, now: datetime) -> None:
    """One after the other from the begin of the agenda's item for pitches; reserves have no time."""
    item = next((item for item in event.agenda if item.kind is AgendaKind.PITCHES), None)
    start = item.offset_minutes if item is not None else 0
    on_stage, waiting = 0, 0
    told: list[Pitch] = []
    for pitch in queries.lineup_of(db.session(), event.id):
        if pitch.state is PitchState.RESERVE:
            pitch.position, pitch.offset_minutes, waiting = waiting, None, waiting + 1
            continue
        if pitch.state is PitchState.CONFIRMED and pitch.offset_minutes not in (None, start):
            told.append(pitch)
        pitch.position, pitch.offset_minutes = on_stage, start
        on_stage, start = on_stage + 1, start + pitch.minutes
    db.session.flush()
    for pitch in told:
        news.publish(PitchTimed(pitch), now=now)


@writes
def bring_forward(event: Event, pitch: Pitch, *, now: datetime) -> None:
    """`pitch` goes on before its turn: whom it passes over and whose time had not come goes on after it, at a new time."""
    session = db.session()
    pitches = queries.staged(session, event.id)
    passed = queries.passed_over(event, pitches, queries.clock_of(session, event.id), pitch, now=now)
    if not passed:
        return
    order = [one for one in pitches if one.id != pitch.id]
    order.insert(order.index(passed[0]), pitch)
    for number, one in enumerate(order):
        one.position = number
    session.flush()
    retime(event, now=now)


@writes
def present_by_plan(item: EventHeld, *, now: datetime) -> None:
    """Who stood in the line-up to the end was on, though nobody said so at the moment; who did not come was moved out."""
    for pitch in queries.staged(db.session(), item.event.id):
        if pitch.state is PitchState.CONFIRMED:
            pitch.state = PitchState.PRESENTED
            audit.record(SYSTEM, "pitch:present", pitch)
