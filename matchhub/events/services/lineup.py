"""The line-up: proposed by the matcher with its reasons, decided by the organizer, mended when a firm drops out.

A proposal is made outside the write (`propose`) and adopted inside it (`adopt_lineup`). What a firm lets the public page say
of it is the firm's alone to give and take back.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete

from matchhub.core import audit, errors, news
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor, SYSTEM
from matchhub.events import queries
from matchhub.events.enums import AnnouncementKind, ApplicationState, PitchState
from matchhub.events.models import Pitch, PitchApplication, PitchCall
from matchhub.events.news import ApplicationChanged
from matchhub.events.policy import Permission, POLICY
from matchhub.events.queries.lineup import GOOD_CHANCE, LineupBasis
from matchhub.events.services.changes import announce
from matchhub.events.services.timing import retime
from matchhub.events.workflow import APPLICATIONS
from matchhub.matches.engine import Placed, propose_lineup

SHOWN_GUESTS = 2
Reason = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the organizer says before the proposal: ids of applications put in or left out, and the least score in percent."""

    fixed: frozenset[int] = frozenset()
    barred: frozenset[int] = frozenset()
    least: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """A line-up before it is adopted. `interested`: how many of the guests are expected to find somebody for them."""

    basis: LineupBasis
    entries: tuple[tuple[PitchApplication, list[Reason]], ...]
    reserves: tuple[PitchApplication, ...]
    others: tuple[PitchApplication, ...]
    interested: float
    values: Mapping[str, int]
    version: int


def propose(call: PitchCall, wanted: Wanted, scores: Mapping[int, float | None], *, now: datetime) -> Proposal:
    """The line-up that makes the room worth coming for. `scores`: application id → percent, as the organizer may read them;
    who is below the least is left out unless put in. Raises Invalid (more put in than there are places)."""
    session = db.session()
    rows = [
        row for row in queries.applications_of(session, call.event_id) if row.state is not ApplicationState.WITHDRAWN
    ]
    low = {row.id for row in rows if (percent := scores.get(row.id)) is not None and percent < wanted.least}
    basis = queries.lineup_basis(session, call.event, rows, fixed=wanted.fixed, barred=wanted.barred | low, now=now)
    try:
        found = propose_lineup(basis.applicants, call.places, call.reserves)
    except ValueError as impossible:
        raise errors.Invalid(N_("一定要上的比名额还多"), field="fixed") from impossible
    entries = tuple((rows[placed.row], reasons_for(basis, placed)) for placed in found.places)
    reserves = tuple(rows[row] for row in found.reserves)
    taken = {row.id for row, _ in entries} | {row.id for row in reserves}
    others = tuple(row for row in rows if row.id not in taken)
    return Proposal(basis, entries, reserves, others, found.interested, found.values, call.version)


def reasons_for(basis: LineupBasis, placed: Placed) -> list[Reason]:
    """Why one is in, most telling first: facts and numbers that the page puts into words."""
    row = basis.applications[placed.row]
    chances = basis.applicants[placed.row].chances
    wanting = sum(chance is not None and chance >= GOOD_CHANCE for chance in chances)
    found: list[Reason] = []
    if wanting:
        shown = [] if basis.is_assumed else [basis.guests[guest].id for guest in placed.guests[:SHOWN_GUESTS]]
        found.append({"code": "interest", "count": wanting, "of": len(basis.guests), "guests": shown})
    found += [{"code": "only", "kind": kind, "value": value} for kind, value in placed.only.items()]
    if row.organization_id in basis.first:
        found.append({"code": "first"})
    if passed := basis.passed_over.get(row.organization_id, 0):
        found.append({"code": "passed", "count": passed})
    return found or [{"code": "rest"}]


@writes
def adopt_lineup(call: PitchCall, made: Proposal, *, actor: Actor, now: datetime) -> None:
    """The proposal becomes the draft of the line-up, in the place of an earlier draft; nobody is told yet.

    Raises Forbidden, Conflict (the call goes on, firms have been told, something changed meanwhile).
    """
    POLICY.check(Permission.ORGANIZE, actor, call)
    hold(call)
    _check_not_out(call, now=now)
    ids = [row.id for row, _ in made.entries] + [row.id for row in made.reserves]
    states = {row.id: row.state for row in queries.applications_of(db.session(), call.event_id)}
    if call.version != made.version or any(identity not in states for identity in ids):
        raise errors.Conflict(N_("申请刚有变动，请再看一次提议"))
    db.session.execute(delete(Pitch).where(Pitch.event_id == call.event_id, Pitch.state != PitchState.DROPPED))
    db.session.expire_all()
    for position, (row, reasons) in enumerate(made.entries):
        db.session.add(new_pitch(row, call, PitchState.PROPOSED, position, reasons))
    for position, row in enumerate(made.reserves):
        db.session.add(new_pitch(row, call, PitchState.RESERVE, position, []))
    db.session.flush()
    retime(call.event, now=now)
    audit.record(actor, "line_up:adopt", call.event, pitches=len(made.entries), reserves=len(made.reserves))


def check_closed_and_ahead(call: PitchCall, *, now: datetime) -> None:
    """Raise Conflict where firms still apply, or where the event has begun."""
    if call.is_open(now):
        raise errors.Conflict(N_("征集还没有截止，先看提议，截止后再定"))
    if not call.event.is_ahead(now):
        raise errors.Conflict(N_("活动已经开始或结束"))


def _check_not_out(call: PitchCall, *, now: datetime) -> None:
    check_closed_and_ahead(call, now=now)
    if any(pitch.state is PitchState.CONFIRMED for pitch in queries.lineup_of(db.session(), call.event_id)):
        raise errors.Conflict(N_("阵容已经公布，企业已收到通知"))


def new_pitch(row: PitchApplication, call: PitchCall, state: PitchState, position: int, reasons: list[Reason]) -> Pitch:
    """The entry that an application becomes, not yet stored."""
    return Pitch(
        event_id=call.event_id, organization_id=row.organization_id, need_id=row.need_id, application_id=row.id,
        state=state, position=position, minutes=call.pitch_minutes, reasons=reasons,
    )  # fmt: skip


def call_behind(pitch: Pitch) -> PitchCall:
    """The call of the event of a pitch; raises LookupError where there was none."""
    found = queries.call_of(db.session(), pitch.event_id)
    if found is None:
        raise LookupError(f"pitch {pitch.id} belongs to no call")
    return found


# --- published, dropped, named ------------------------------------------------------------------------------------


@writes
def publish_lineup(call: PitchCall, *, actor: Actor, now: datetime) -> int:
    """The firms are told: selected, in reserve, not this time; how many pitch. Raises Forbidden, Conflict."""
    POLICY.check(Permission.ORGANIZE, actor, call)
    hold(call)
    _check_not_out(call, now=now)
    pitches = queries.lineup_of(db.session(), call.event_id)
    on_stage = {pitch.application_id for pitch in pitches if pitch.state is PitchState.PROPOSED}
    waiting = {pitch.application_id for pitch in pitches if pitch.state is PitchState.RESERVE}
    if not on_stage:
        raise errors.Conflict(N_("先定阵容，再公布"))
    for pitch in pitches:
        if pitch.state is PitchState.PROPOSED:
            pitch.state = PitchState.CONFIRMED
    for row in queries.applications_of(db.session(), call.event_id):
        if row.state is ApplicationState.SUBMITTED:
            action = "select" if row.id in on_stage else "reserve" if row.id in waiting else "reject"
            _decide(row, action, actor=actor, now=now)
    audit.record(actor, "line_up:publish", call.event, pitches=len(on_stage))
    return len(on_stage)


def _decide(row: PitchApplication, action: str, *, actor: Actor, now: datetime) -> None:
    APPLICATIONS.advance(row, action, actor=actor)
    row.decided_at = now
    news.publish(ApplicationChanged(row), now=now)


@writes
def drop_pitch(pitch: Pitch, *, actor: Actor, now: datetime) -> Pitch | None:
    """A firm is out, at its own or the organizer's word: the first reserve steps up to its place, times follow, and once the
    line-up was out everybody concerned is told. Who stepped up. Raises Forbidden, Conflict."""
    if not POLICY.allows(Permission.SPEAK_FOR_FIRM, actor, pitch):
        POLICY.check(Permission.RUN, actor, pitch)
    call = call_behind(pitch)
    hold(call.event)
    hold(pitch)
    if pitch.state in (PitchState.DROPPED, PitchState.PRESENTED):
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=pitch.state)
    before, position = pitch.state, pitch.position
    pitch.state, pitch.named_since, pitch.offset_minutes = PitchState.DROPPED, None, None
    db.session.flush()
    audit.record(actor, "pitch:drop", pitch, before=before.value)
    stepped = None
    if before in (PitchState.PROPOSED, PitchState.CONFIRMED):
        stepped = _step_up(call, before, position, actor=actor, now=now)
    retime(call.event, now=now)
    if before is PitchState.CONFIRMED:
        call.event.sequence += 1
        announce(call.event, AnnouncementKind.LINEUP, {}, actor=actor, now=now)
    return stepped


def _step_up(call: PitchCall, state: PitchState, position: int, *, actor: Actor, now: datetime) -> Pitch | None:
    waiting = [one for one in queries.lineup_of(db.session(), call.event_id) if one.state is PitchState.RESERVE]
    if not waiting:
        return None
    first = waiting[0]
    first.state, first.position = state, position
    first.reasons = [{"code": "stepped"}]
    db.session.flush()
    audit.record(actor, "pitch:step_up", first, position=position)
    row = db.session.get(PitchApplication, first.application_id) if first.application_id else None
    if state is PitchState.CONFIRMED and row is not None and row.state is ApplicationState.RESERVE:
        APPLICATIONS.advance(row, "step_up", actor=SYSTEM)  # whoever made room need not be the organizer
        row.decided_at = now
        news.publish(ApplicationChanged(row), now=now)
    return first


LINE_LENGTH = 80


@writes
def name_firm(pitch: Pitch, line: str, line_en: str = "", *, actor: Actor, now: datetime) -> None:
    """The firm lets the public page name it, and say one line of it. Raises Forbidden, Conflict (not in the line-up)."""
    POLICY.check(Permission.SPEAK_FOR_FIRM, actor, pitch)
    hold(pitch)
    if pitch.state not in (PitchState.CONFIRMED, PitchState.PRESENTED):
        raise errors.Conflict(N_("入选后才能决定要不要公开名称"))
    pitch.public_line, pitch.public_line_en = line.strip()[:LINE_LENGTH], line_en.strip()[: 2 * LINE_LENGTH]
    if pitch.named_since is None:
        pitch.named_since, pitch.named_by_id = now, actor.user_id
    audit.record(actor, "pitch:name", pitch, line=pitch.public_line)


@writes
def unname_firm(pitch: Pitch, *, actor: Actor) -> None:
    """The firm takes that back: the page names it no more from the next request on. Raises Forbidden."""
    POLICY.check(Permission.SPEAK_FOR_FIRM, actor, pitch)
    hold(pitch)
    pitch.named_since = None
    audit.record(actor, "pitch:unname", pitch)
