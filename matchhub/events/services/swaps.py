"""Another order of the line-up, another firm in it: what that costs, and once the line-up is out, who is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from matchhub.core import audit, errors, news
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.events import queries
from matchhub.events.enums import AnnouncementKind, ApplicationState, PitchState
from matchhub.events.models import Pitch, PitchApplication, PitchCall
from matchhub.events.news import ApplicationChanged
from matchhub.events.policy import Permission, POLICY
from matchhub.events.queries.lineup import LineupBasis
from matchhub.events.services.changes import announce
from matchhub.events.services.lineup import call_behind, check_closed_and_ahead, new_pitch, Reason, reasons_for
from matchhub.events.services.timing import retime
from matchhub.events.workflow import APPLICATIONS
from matchhub.matches.engine import explain_lineup, swap_cost

ON_STAGE = (PitchState.PROPOSED, PitchState.CONFIRMED, PitchState.PRESENTED)
SWAPPABLE = (PitchState.PROPOSED, PitchState.CONFIRMED)


@writes
def place_pitch(pitch: Pitch, position: int, *, actor: Actor, now: datetime) -> None:
    """Put an entry, or a reserve, at another place among its like (from 0); times follow, and once the line-up is out the
    firms whose time changes are told. Raises Forbidden, Conflict."""
    POLICY.check(Permission.ORGANIZE, actor, pitch)
    call = call_behind(pitch)
    _held(call, now=now)
    hold(pitch)
    waits = pitch.state is PitchState.RESERVE
    row = [one for one in queries.lineup_of(db.session(), pitch.event_id) if (one.state is PitchState.RESERVE) is waits]
    others = [one for one in row if one.id != pitch.id]
    if len(others) == len(row):
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=pitch.state)
    others.insert(max(0, min(position, len(others))), pitch)
    for number, one in enumerate(others):
        one.position = number
    db.session.flush()
    retime(call.event, now=now)
    if pitch.state is PitchState.CONFIRMED:
        call.event.sequence += 1
    audit.record(actor, "line_up:place", pitch, position=position)


def _held(call: PitchCall, *, now: datetime) -> None:
    hold(call.event)
    hold(call)
    check_closed_and_ahead(call, now=now)


@dataclass(frozen=True, slots=True)
class Swap:
    """One out, one in, and what that brings (negative: costs): guests who find somebody, different values by kind."""

    out: Pitch
    into: PitchApplication
    interested: float
    values: Mapping[str, int]
    points: float


def weigh_swap(call: PitchCall, out: Pitch, into: PitchApplication, *, now: datetime) -> Swap:
    """What a swap costs. Raises Conflict where the one is not on stage or the other is."""
    basis, rows = _standing(call, now=now)
    out_row, into_row = basis.row_of(out.application_id or 0), basis.row_of(into.id)
    if out_row not in rows or into_row is None or into_row in rows:
        raise _impossible()
    interested, values, points = swap_cost(basis.applicants, call.places, rows, out=out_row, into=into_row)
    return Swap(out, into, interested, values, points)


def _impossible() -> errors.Conflict:
    return errors.Conflict(N_("这两个项目现在换不了"))


def _standing(call: PitchCall, *, now: datetime) -> tuple[LineupBasis, list[int]]:
    """The basis and the rows that are on stage."""
    session = db.session()
    basis = queries.lineup_basis(session, call.event, queries.applications_of(session, call.event_id), now=now)
    pitches = [pitch for pitch in queries.lineup_of(session, call.event_id) if pitch.state in ON_STAGE]
    found = [basis.row_of(pitch.application_id or 0) for pitch in pitches]
    return basis, [row for row in found if row is not None]


def explain_swap(call: PitchCall, out: Pitch, into: PitchApplication, *, now: datetime) -> dict[int, list[Reason]]:
    """application id → why it is in, after the swap."""
    basis, rows = _standing(call, now=now)
    out_row, into_row = basis.row_of(out.application_id or 0), basis.row_of(into.id)
    if out_row not in rows or into_row is None or into_row in rows:
        raise _impossible()
    after = [into_row if row == out_row else row for row in rows]
    told = explain_lineup(basis.applicants, call.places, after)
    return {basis.applications[placed.row].id: reasons_for(basis, placed) for placed in told}


@writes
def swap(
    call: PitchCall, out: Pitch, into: PitchApplication, reasons: Mapping[int, Sequence[Reason]], *, why: str = "",
    actor: Actor, now: datetime,
) -> Pitch:  # fmt: skip
    """Put `into` at the place of `out`. Once the line-up is out, `out` goes to the reserves and is told `why`, `into` is told,
    and so is everybody concerned. `reasons`: as `explain_swap` found them outside the write.

    Raises Forbidden, Conflict, Invalid (out already, and no reason given).
    """
    POLICY.check(Permission.ORGANIZE, actor, call)
    _held(call, now=now)
    hold(out)
    waiting = queries.pitch_for(db.session(), into.id)
    _check_swappable(call, out, into, waiting)
    is_out = out.state is PitchState.CONFIRMED
    made = _exchange(call, out, into, waiting)
    if is_out:
        _tell_both(out, into, why, actor=actor, now=now)
    elif waiting is None:
        db.session.delete(out)
    db.session.flush()
    for pitch in queries.lineup_of(db.session(), call.event_id):
        if pitch.state in SWAPPABLE:
            pitch.reasons = list(reasons.get(pitch.application_id or 0, pitch.reasons))
    retime(call.event, now=now)
    audit.record(actor, "line_up:swap", call.event, out=out.organization_id, into=into.organization_id)
    if is_out:
        call.event.sequence += 1
        announce(call.event, AnnouncementKind.LINEUP, {}, actor=actor, now=now)
    return made


def _check_swappable(call: PitchCall, out: Pitch, into: PitchApplication, waiting: Pitch | None) -> None:
    if out.event_id != call.event_id or into.event_id != call.event_id or out.state not in SWAPPABLE:
        raise _impossible()
    is_on = waiting is not None and waiting.state is not PitchState.RESERVE
    if is_on or into.state in (ApplicationState.WITHDRAWN, ApplicationState.RECOMMENDED):
        raise _impossible()


def _exchange(call: PitchCall, out: Pitch, into: PitchApplication, waiting: Pitch | None) -> Pitch:
    """The two change their places; who did not wait among the reserves is new."""
    made = waiting or new_pitch(into, call, PitchState.RESERVE, LAST_RESERVE, [])
    made.state, out.state = out.state, PitchState.RESERVE
    made.position, out.position = out.position, made.position
    out.reasons, out.named_since = [], None
    if waiting is None:
        db.session.add(made)
    return made


LAST_RESERVE = 1000  # behind all others


def _tell_both(out: Pitch, into: PitchApplication, why: str, *, actor: Actor, now: datetime) -> None:
    """Both firms know where they stood: the one hears that it waits, and why; the other that it is on."""
    gone = db.session.get(PitchApplication, out.application_id) if out.application_id else None
    if gone is None:
        raise _impossible()
    APPLICATIONS.advance(gone, "step_back", actor=actor, reason=why)
    APPLICATIONS.advance(into, "select", actor=actor)
    gone.decided_at = into.decided_at = now
    news.publish(ApplicationChanged(gone, why.strip()), now=now)
    news.publish(ApplicationChanged(into), now=now)
