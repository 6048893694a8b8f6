"""The city's stages: a jury scores what was pitched, and a guest or two wants to hear more."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from matchhub.core.db import db
from matchhub.core.policy import Actor
from matchhub.demo.stage import Stage
from matchhub.events import queries, services
from matchhub.events.enums import GIVER_ROLES, JuryState, OVER_STATES, RegistrationState
from matchhub.events.models import Event, JuryMember, Pitch, Registration

MOST_JURORS = 3
REMARKS = ("团队完整，落地快。", "市场空间说得清楚。", "融资用途再细一点。", "")


def lay_down(common: Stage, event: Event, host_key: str) -> None:
    """Shortly before the end of an event that lies behind."""
    if event.starts_at < common.now:
        stage = replace(common, rng=Random(f"jury {event.title} {event.starts_at}"))
        stage.timeline.at(event.ends_at - timedelta(minutes=4), _judge, stage, event.id, host_key)


def _judge(stage: Stage, event_id: int, host_key: str, *, now: datetime) -> None:
    """Up to three who came and give score every pitch; the jury closes by itself."""
    event, session = stage.get(Event, event_id), db.session()
    pitches = queries.staged(session, event_id)
    here = [
        row
        for row in queries.jury_candidates(session, event_id)
        if row.state is RegistrationState.ATTENDED and row.pool.role in GIVER_ROLES
    ]
    if not pitches or not here or event.state in OVER_STATES:
        return
    for place in here[:2]:
        services.say_interest(stage.rng.choice(pitches), place, actor=_person(place), now=now)
    if not (event.template.content.get("pitches") or {}).get("criteria"):
        return
    host = stage.actor(host_key)
    jury = services.open_jury(event, drop_extremes=len(here) >= MOST_JURORS, actor=host)
    members = [services.name_member(jury, place.id, actor=host) for place in here[:MOST_JURORS]]
    for member in members:
        tied = queries.tied_pitches(session, member, pitches)
        for pitch in pitches:
            if pitch.id not in tied and jury.state is JuryState.SCORING:
                _score(stage, member, pitch, now=now)


def _score(stage: Stage, member: JuryMember, pitch: Pitch, *, now: datetime) -> None:
    points = {item["code"]: stage.rng.randint(5, int(item["most"])) for item in member.jury.criteria}
    remark = stage.rng.choice(REMARKS)
    services.hand_in(member, pitch, points, remark, actor=_person(member.registration), now=now)


def _person(place: Registration) -> Actor:
    return Actor(user_id=place.user_id, name=place.name, organization_id=place.organization_id)
