"""Calls to pitch, who applied, what reviewers said, the line-ups and invitations of the city's events."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from matchhub.core.db import db, unit_of_work
from matchhub.core.policy import Actor
from matchhub.core.texts import TextKind
from matchhub.demo.stage import Stage
from matchhub.disclosure.services import Choice
from matchhub.events import queries, services
from matchhub.events.enums import AgendaKind, PitchState
from matchhub.events.models import Event, PitchCall
from matchhub.events.services import CallFacts, Wanted
from matchhub.listings.enums import PairingKind
from matchhub.matches.engine import store
from matchhub.profiles.queries import profile_of

APPLICANTS, REVIEWED_DAYS, INVITED = 12, 40, 12
REMARKS = ("样件已量产，客户说得清", "团队完整，市场还要验证", "财务预测偏乐观", "技术领先，融资用途清楚", "")
CHANCE = Random(20262)  # of its own: who else draws lots in the city is not disturbed


def lay_down(stage: Stage, event: Event, host_key: str, *, now: datetime) -> None:
    """The call of an event with pitches, from its template; who applies until it closes, and what follows."""
    pitches = event.template.content.get("pitches")
    if pitches is None or not any(item.kind is AgendaKind.PITCHES for item in event.agenda):
        return
    lead = timedelta(days=event.template.content["lead_days"].get("call_closes") or 14)
    closes_at = max(event.starts_at - lead, now + timedelta(days=3))
    left = sum(item.minutes for item in event.agenda if item.kind is AgendaKind.PITCHES)
    minutes = min(pitches["minutes"], max(5, left // pitches["places"]))
    facts = CallFacts(
        closes_at, pitches["places"], pitches["reserves"], minutes, pitches["criteria"], blind=pitches["blind"]
    )
    services.open_call(event, facts, actor=stage.actor(host_key), now=now)
    keys = sorted(key for key in stage.needs if key in stage.members)
    for key in CHANCE.sample(keys, min(APPLICANTS, len(keys))):
        moment = now + (min(closes_at, stage.now) - now) * CHANCE.uniform(0.05, 0.95)
        stage.timeline.at(moment, _apply, stage, event.id, key)
    if event.starts_at > stage.now - timedelta(days=REVIEWED_DAYS):
        stage.timeline.at(closes_at + timedelta(hours=20), _review, stage, event.id, host_key)
    if event.starts_at < stage.now:
        stage.timeline.at(closes_at + timedelta(days=2), _decide, stage, event.id, host_key)


def _call(event_id: int) -> PitchCall:
    found = queries.call_of(db.session(), event_id)
    assert found is not None
    return found


def _apply(stage: Stage, event_id: int, key: str, *, now: datetime) -> None:
    """A firm with an open need and somebody to call applies; others let it pass."""
    call, firm = _call(event_id), stage.actor(key)
    needs = queries.needs_to_pitch(db.session(), firm.organization_id)
    profile = profile_of(db.session(), firm.organization_id)
    reachable = profile is not None and bool(profile.contact_mobile or profile.contact_email)
    if not needs or not reachable or not call.is_open(now) or not firm.organization_verified:
        return
    contact, materials = stage.texts(TextKind.CONTACT_CONSENT, TextKind.MATERIALS_CONSENT, now=now)
    choice = Choice(contact=True, contact_text_id=contact, materials_text_id=materials)
    services.apply(call, needs[0].id, choice, "欢迎现场看样件", actor=firm, now=now)


def _review(stage: Stage, event_id: int, host_key: str, *, now: datetime) -> None:
    """The organizer and a mentor score what they may."""
    host, event = stage.actor(host_key), stage.get(Event, event_id)
    reviewers = [host] + [stage.actor(key) for key in ("mentor",) if key in stage.members]
    for person in reviewers:
        found = [one for one in queries.reviewer_candidates(db.session(), event) if one.user_id == person.user_id]
        if found:
            services.name_reviewer(event, person.user_id, actor=host, now=now)
            db.session.flush()
            _score(event_id, person, now=now)


def _score(event_id: int, person: Actor, *, now: datetime) -> None:
    call, reviewer = _call(event_id), queries.own_desk(person, event_id)
    if reviewer is None:
        return
    for task in queries.tasks_of(db.session(), reviewer, queries.applications_of(db.session(), event_id)):
        points = {item["code"]: CHANCE.randint(4, int(item["most"])) for item in call.criteria}
        remark = CHANCE.choice(REMARKS)
        services.save_review(task, points, remark, hand_in=True, actor=person, now=now)


def _decide(stage: Stage, event_id: int, host_key: str, *, now: datetime) -> None:
    """The proposal is taken as it is; half of the firms let the page name them."""
    call, host = _call(event_id), stage.actor(host_key)
    if call.is_open(now) or not queries.applications_of(db.session(), event_id) or not call.event.is_ahead(now):
        return
    services.adopt_lineup(call, services.propose(call, Wanted(), {}, now=now), actor=host, now=now)
    services.publish_lineup(call, actor=host, now=now)
    people: dict[Any, Actor] = {actor.organization_id: actor for actor in map(stage.actor, sorted(stage.needs))}
    for number, pitch in enumerate(queries.lineup_of(db.session(), event_id)):
        if pitch.state is PitchState.CONFIRMED and number % 2 == 0 and pitch.organization_id in people:
            need = pitch.need
            services.name_firm(pitch, need.teaser, need.teaser_en, actor=people[pitch.organization_id], now=now)


def play_ahead(stage: Stage) -> None:
    """With the matcher at hand: the line-ups of what is near, and whom they invite."""
    for kind in PairingKind:
        store(db.session(), kind).load()
    hosts = {stage.actor(key).organization_id: key for key in sorted(stage.members) if key.startswith("op_")}
    coming = [event.id for event in queries.coming_public(db.session(), now=stage.now, limit=8)]
    for event_id in coming:
        call = queries.call_of(db.session(), event_id)
        if call is None or call.event.host_id not in hosts or call.is_open(stage.now):
            continue
        host_key, decided_at = hosts[call.event.host_id], stage.now - timedelta(days=2)
        with unit_of_work():
            _decide(stage, event_id, host_key, now=decided_at)
        with unit_of_work():
            _invite(stage, event_id, host_key, now=stage.now - timedelta(hours=26))


def _invite(stage: Stage, event_id: int, host_key: str, *, now: datetime) -> None:
    """A first wave; some come, some cannot, most have not answered yet."""
    event = stage.get(Event, event_id)
    people = queries.suggested_invitees(db.session(), event, now=now)[:INVITED]
    if not people or not event.takes_registrations(now):
        return
    services.send_wave(event, people, actor=stage.actor(host_key), now=now)
    for number, row in enumerate(queries.invitations_of(db.session(), event_id)):
        answered_at = now + timedelta(hours=1 + number)
        if number % 3 == 0:
            services.accept_invitation(row, now=answered_at)
        elif number % 5 == 1:
            services.decline_invitation(row, now=answered_at)
