"""The jury: named by the organizer, scoring sealed, closed by itself when all are in, or by the organizer with a reason."""

from collections.abc import Mapping
from datetime import datetime

from matchhub.core import audit, errors, news, outbox
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.events import queries
from matchhub.events.enums import JuryState
from matchhub.events.models import Event, Jury, JuryMember, JuryScore, Pitch
from matchhub.events.news import JurorNamed
from matchhub.events.policy import Permission, POLICY

REASON_LENGTH = 300


@writes
def open_jury(event: Event, *, drop_extremes: bool, actor: Actor) -> Jury:
    """Scores by the criteria of the event's template. Raises Forbidden, Conflict (there is one, or no criteria)."""
    POLICY.check(Permission.ORGANIZE, actor, event)
    hold(event)
    criteria = (event.template.content.get("pitches") or {}).get("criteria") or []
    if not criteria:
        raise errors.Conflict(N_("这类活动的模板没有评分标准"))
    if queries.jury_of(db.session(), event.id) is not None:
        raise errors.Conflict(N_("已经有评委打分了"))
    jury = Jury(event=event, criteria=[dict(item) for item in criteria], drop_extremes=drop_extremes)
    db.session.add(jury)
    db.session.flush()
    audit.record(actor, "jury:open", jury, drop_extremes=drop_extremes)
    return jury


@writes
def name_member(jury: Jury, user_id: int, *, actor: Actor, now: datetime) -> JuryMember:
    """Somebody of `jury_candidates` scores, and is told. Raises Forbidden, Invalid (anybody else), Conflict (closed)."""
    POLICY.check(Permission.ORGANIZE, actor, jury)
    _held(jury)
    session = db.session()
    chosen = next((one for one in queries.jury_candidates(session, jury.event) if one.user_id == user_id), None)
    if chosen is None:
        raise errors.Invalid(N_("请从列表里选"), field="user_id")
    member = queries.member_of(session, jury.id, user_id)
    if member is None:
        member = JuryMember(jury=jury, user_id=user_id)
        session.add(member)
    member.dismissed_at, member.organization_id = None, chosen.organization_id
    session.flush()
    audit.record(actor, "jury_member:name", member)
    news.publish(JurorNamed(member), now=now)
    return member


@writes
def dismiss_member(member: JuryMember, *, actor: Actor, now: datetime) -> None:
    """Somebody scores no more (and is not asked any more, where the mail has not left). What was handed in counts; if only
    that was waited for, the jury closes."""
    POLICY.check(Permission.ORGANIZE, actor, member)
    jury = _held(member.jury)
    member.dismissed_at = member.dismissed_at or now
    db.session.flush()
    outbox.cancel(member)
    audit.record(actor, "jury_member:dismiss", member)
    _close_when_all_are_in(jury, actor=actor, now=now)


@writes
def hand_in(
    member: JuryMember, pitch: Pitch, points: Mapping[str, int | None], remark: str, *, actor: Actor, now: datetime
) -> JuryScore:
    """Score one pitch, or change that while the jury is open. Raises Forbidden, NotFound (tied), Invalid, Conflict."""
    jury = _judged(member, pitch, actor)
    checked = {item["code"]: _points(item, points.get(item["code"])) for item in jury.criteria}
    score = _score(member, pitch)
    score.points, score.remark, score.conflict, score.handed_in_at = checked, remark.strip()[:REASON_LENGTH], "", now
    return _kept(score, jury, "jury_score:hand_in", actor=actor, now=now)


@writes
def declare_tie(member: JuryMember, pitch: Pitch, reason: str, *, actor: Actor, now: datetime) -> JuryScore:
    """Not impartial: this pitch is not scored by this member. Raises Forbidden, NotFound, Invalid, Conflict."""
    jury = _judged(member, pitch, actor)
    if not reason.strip():
        raise errors.Invalid(N_("请写明原因"), field="conflict")
    score = _score(member, pitch)
    score.points, score.remark, score.conflict, score.handed_in_at = {}, "", reason.strip()[:REASON_LENGTH], now
    return _kept(score, jury, "jury_score:tie", actor=actor, now=now)


@writes
def close_jury(jury: Jury, *, reason: str, actor: Actor, now: datetime) -> None:
    """Close before all are in, for a reason that stays on record. Raises Forbidden, Invalid, Conflict."""
    POLICY.check(Permission.ORGANIZE, actor, jury)
    _held(jury)
    if not reason.strip():
        raise errors.Invalid(N_("请写明原因"), field="reason")
    _close(jury, reason.strip()[:REASON_LENGTH], actor=actor, now=now)


def _judged(member: JuryMember, pitch: Pitch, actor: Actor) -> Jury:
    POLICY.check(Permission.REVIEW, actor, member)
    jury = _held(member.jury)
    session = db.session()
    pitches = queries.staged(session, jury.event_id)
    if pitch.id not in {row.id for row in pitches} or pitch.id in queries.tied_pitches(session, member, pitches):
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    return jury


def _held(jury: Jury) -> Jury:
    hold(jury)
    if jury.state is not JuryState.SCORING:
        raise errors.Conflict(N_("评分已经结束"))
    return jury


def _points(item: Mapping[str, object], given: int | None) -> int:
    most = int(str(item["most"]))
    if given is None or not 0 <= given <= most:
        raise errors.Invalid(
            N_("请填写 %(low)s 到 %(high)s 之间的整数"), field=f"score_{item['code']}", low=0, high=most
        )
    return given


def _score(member: JuryMember, pitch: Pitch) -> JuryScore:
    found = queries.scores_by(db.session(), member.id).get(pitch.id)
    if found is None:
        found = JuryScore(member_id=member.id, pitch_id=pitch.id)
        db.session.add(found)
    return found


def _kept(score: JuryScore, jury: Jury, action: str, *, actor: Actor, now: datetime) -> JuryScore:
    db.session.flush()
    audit.record(actor, action, score)  # never the points: the audit is read before the jury is closed
    _close_when_all_are_in(jury, actor=actor, now=now)
    return score


def _close_when_all_are_in(jury: Jury, *, actor: Actor, now: datetime) -> None:
    left = queries.handed_in(db.session(), jury)
    if left and not any(left.values()) and queries.staged(db.session(), jury.event_id):
        _close(jury, "", actor=actor, now=now)


def _close(jury: Jury, reason: str, *, actor: Actor, now: datetime) -> None:
    jury.state, jury.closed_at, jury.closed_by_id, jury.closing_reason = JuryState.CLOSED, now, actor.user_id, reason
    audit.record(actor, "jury:close", jury, reason=reason)
