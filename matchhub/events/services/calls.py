"""Calling firms to pitch: opened, changed, closed; a firm applies, its carrier recommends, either takes it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from matchhub.core import audit, errors, news
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor, SYSTEM
from matchhub.disclosure import services as disclosure
from matchhub.disclosure.models import Consent
from matchhub.disclosure.services import Choice, Purpose
from matchhub.events import queries
from matchhub.events.enums import AgendaKind, AHEAD_STATES, AnnouncementKind, ApplicationState, Audience
from matchhub.events.models import Event, PitchApplication, PitchCall
from matchhub.events.news import ApplicationChanged
from matchhub.events.policy import Permission, POLICY
from matchhub.events.services.changes import announce
from matchhub.events.services.lineup import drop_pitch
from matchhub.events.workflow import APPLICATIONS
from matchhub.introductions.services import consents
from matchhub.listings.models import Need

WORDS_LENGTH = 500
CONSENT_AFTER = timedelta(days=30)
"""How long after the event the organizer may still read what a firm opened."""


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What an organizer says of a call. `criteria`: code, label, label_en, weight, most."""

    closes_at: datetime
    places: int
    reserves: int
    pitch_minutes: int
    criteria: Sequence[dict[str, Any]]
    blind: bool = False
    words: str = ""


@writes
def open_call(event: Event, facts: CallFacts, *, actor: Actor, now: datetime) -> PitchCall:
    """Begin to take applications; the worker tells the firms that could apply.

    Raises Forbidden, Invalid, Conflict (no place in the agenda, open already).
    """
    POLICY.check(Permission.ORGANIZE, actor, event)
    hold(event)
    if event.state not in AHEAD_STATES:
        raise errors.Conflict(N_("活动发布后才能征集项目"))
    if not any(item.kind is AgendaKind.PITCHES for item in event.agenda):
        raise errors.Conflict(N_("日程里还没有「路演」，先加上"))
    if queries.call_of(db.session(), event.id) is not None:
        raise errors.Conflict(N_("已经开放了"))
    call = PitchCall(event=event, opens_at=now, closes_at=facts.closes_at)
    _set(call, facts, now=now)
    db.session.add(call)
    db.session.flush()
    audit.record(actor, "pitch_call:open", call, closes_at=facts.closes_at.isoformat())
    if event.audience is not Audience.INVITED:
        announce(event, AnnouncementKind.CALL, {}, actor=actor, now=now)
    return call


@writes
def change_call(call: PitchCall, facts: CallFacts, *, actor: Actor, now: datetime) -> None:
    """Another deadline, number, or words; criteria and anonymity only while nobody has handed in a review.

    Raises Forbidden, Invalid, Conflict.
    """
    POLICY.check(Permission.ORGANIZE, actor, call)
    hold(call)
    fixed = (list(facts.criteria), facts.blind) != (call.criteria, call.blind)
    if fixed and queries.is_reviewed(db.session(), call.event_id):
        raise errors.Conflict(N_("已经有人交了评审，评分标准和是否匿名不能再改"))
    _set(call, facts, now=now)
    audit.record(actor, "pitch_call:change", call, closes_at=facts.closes_at.isoformat())


def _set(call: PitchCall, facts: CallFacts, *, now: datetime) -> None:
    if not now < facts.closes_at < call.event.starts_at:
        raise errors.Invalid(N_("截止时间要在现在之后、活动开始之前"), field="closes_on")
    if not 1 <= facts.places <= 40 or not 0 <= facts.reserves <= 20:
        raise errors.Invalid(N_("路演 1 到 40 个，候补不超过 20 个"), field="places")
    if not 3 <= facts.pitch_minutes <= 60:
        raise errors.Invalid(N_("每个项目 3 到 60 分钟"), field="pitch_minutes")
    if not facts.criteria or sum(item["weight"] for item in facts.criteria) <= 0:
        raise errors.Invalid(N_("至少写一条评分标准"), field="criteria")
    call.closes_at, call.places, call.reserves = facts.closes_at, facts.places, facts.reserves
    call.pitch_minutes, call.blind, call.words = facts.pitch_minutes, facts.blind, facts.words.strip()
    call.criteria = [dict(item) for item in facts.criteria]


@writes
def close_call(call: PitchCall, *, actor: Actor, now: datetime) -> None:
    """No more applications from now on. Raises Forbidden, Conflict (over already)."""
    POLICY.check(Permission.ORGANIZE, actor, call)
    hold(call)
    if now >= call.closes_at:
        raise errors.Conflict(N_("征集已经截止"))
    call.closes_at = max(now, call.opens_at + timedelta(seconds=1))
    audit.record(actor, "pitch_call:close", call)


# --- firms and their carriers -------------------------------------------------------------------------------------


@writes
def apply(
    call: PitchCall, need_id: int | None, choice: Choice, words: str = "", *, actor: Actor, now: datetime
) -> PitchApplication:
    """A firm applies with a need of its own and opens what it ticked to the organizer; a recommendation becomes an application.

    Raises Forbidden, Invalid (no such need, nothing ticked), Conflict (closed, applied already).
    """
    POLICY.check(Permission.APPLY, actor, call)
    check_open(call, now=now)
    need = _own_need(need_id, actor)
    row = queries.application_of(db.session(), call.event_id, actor.organization_id)
    if row is not None and row.state is not ApplicationState.RECOMMENDED:
        raise errors.Conflict(N_("已经申请过了，现在是「%(state)s」"), state=row.state)
    if row is None:
        row = PitchApplication(
            event_id=call.event_id, organization_id=actor.organization_id, need_id=need.id, applied_by_id=actor.user_id,
            applied_at=now, state=ApplicationState.SUBMITTED,
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        audit.record(actor, "pitch_application:apply", row, event=call.event_id)
    else:
        APPLICATIONS.advance(row, "agree", actor=actor)
        row.need_id, row.applied_by_id, row.applied_at = need.id, actor.user_id, now  # type: ignore[assignment]
    row.words = words.strip()[:WORDS_LENGTH]
    row.consent = _opened(call.event, need, choice, row.id, actor=actor, now=now)
    news.publish(ApplicationChanged(row), now=now)
    return row


def check_open(call: PitchCall, *, now: datetime) -> None:
    """Raise Conflict once the deadline is over, or the event is not ahead any more."""
    if not call.is_open(now):
        raise errors.Conflict(N_("征集已经截止"))


def _own_need(need_id: int | None, actor: Actor) -> Need:
    """Raise Invalid for a need that is not the firm's or not open."""
    found = {need.id: need for need in queries.needs_to_pitch(db.session(), actor.organization_id)}
    if need_id not in found:
        raise errors.Invalid(N_("选一条已发布的需求"), field="need")
    return found[need_id]


def _opened(event: Event, need: Need, choice: Choice, application_id: int, *, actor: Actor, now: datetime) -> Consent:
    """What the firm opens to the organizer, at once: the call was the organizer's side of it."""
    own_id = actor.organization_id or 0
    consents.check_choice(choice, own_id=own_id, asking=True, now=now)
    purpose = Purpose(
        subject_id=own_id, recipient_id=event.host_id, words=N_("仅用于这场活动的评审和路演安排"),
        about_type=PitchApplication.__tablename__, about_id=application_id, until=event.ends_at + CONSENT_AFTER,
        shown=consents.shown(choice, own_id),
    )  # fmt: skip
    consent = disclosure.give(consents.fitting(choice, need, own_id=own_id), purpose, actor=actor, now=now)
    disclosure.activate([consent], now=now)
    return consent


@writes
def recommend(
    call: PitchCall, need_id: int | None, words: str = "", *, actor: Actor, now: datetime
) -> PitchApplication:
    """A carrier recommends a firm of its own with a need that is out; the firm is asked, and nobody else learns of it.

    Raises Forbidden, Invalid (not a firm of this carrier), Conflict (closed).
    """
    POLICY.check(Permission.RECOMMEND, actor, call)
    check_open(call, now=now)
    found = {need.id: need for need in queries.needs_to_recommend(db.session(), actor.organization_id, call.event_id)}
    if need_id not in found:
        raise errors.Invalid(N_("选一家还没有申请的在园企业"), field="need")
    need = found[need_id]
    row = PitchApplication(
        event_id=call.event_id, organization_id=need.organization_id, need_id=need.id, applied_by_id=actor.user_id,
        applied_at=now, recommended_by_id=actor.organization_id, state=ApplicationState.RECOMMENDED,
        words=words.strip()[:WORDS_LENGTH],
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record(actor, "pitch_application:recommend", row, event=call.event_id)
    news.publish(ApplicationChanged(row), now=now)
    return row


@writes
def withdraw_application(row: PitchApplication, *, actor: Actor, now: datetime) -> None:
    """The firm is out, at whatever point: nothing of it stays open to the organizer. Raises Forbidden, Conflict."""
    hold(row.event)  # before its applications, as whoever changes the line-up does
    hold(row)
    if actor is not SYSTEM and not row.event.is_ahead(now):
        raise errors.Conflict(N_("活动已经开始或结束"))
    APPLICATIONS.advance(row, "withdraw", actor=actor)
    row.decided_at = now
    disclosure.end([row.consent], actor=actor, now=now)
    pitch = queries.pitch_for(db.session(), row.id)
    if pitch is not None:
        drop_pitch(pitch, actor=actor, now=now)
    news.publish(ApplicationChanged(row), now=now)


@writes
def end_for_consent(consent: Consent, *, now: datetime) -> None:
    """A firm took back what it had opened: without it there is nothing to review."""
    for row in queries.with_consent(db.session(), consent.id):
        if row.state is not ApplicationState.WITHDRAWN and row.event.is_ahead(now):
            withdraw_application(row, actor=SYSTEM, now=now)
