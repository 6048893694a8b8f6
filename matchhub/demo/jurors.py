"""The city's stages: a jury scores what was pitched, and a guest or two wants to hear more."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select

from matchhub.core.db import db
from matchhub.core.policy import Actor
from matchhub.demo.stage import Stage
from matchhub.events import queries, services
from matchhub.events.enums import GIVER_ROLES, JuryState, OVER_STATES, RegistrationState
from matchhub.events.models import Event, JuryMember, Pitch, Registration, SeatPool

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
    here = _givers(event_id)
    if not pitches or not here or event.state in OVER_STATES:
        return
    for place in here[:2]:
        services.say_interest(stage.rng.choice(pitches), place, actor=_person(place), now=now)
    if not (event.template.content.get("pitches") or {}).get("criteria"):
        return
    host = stage.actor(host_key)
    jury = services.open_jury(event, drop_extremes=len(here) >= MOST_JURORS, actor=host)
    for place in here[:MOST_JURORS]:
        services.name_member(jury, place.user_id or 0, actor=host, now=now)
    for member in queries.members_of(session, jury.id):
        tied = queries.tied_pitches(session, member, pitches)
        for pitch in pitches:
            if pitch.id not in tied and jury.state is JuryState.SCORING:
                _score(stage, member, pitch, now=now)


def _score(stage: Stage, member: JuryMember, pitch: Pitch, *, now: datetime) -> None:
    points = {item["code"]: stage.rng.randint(5, int(item["most"])) for item in member.jury.criteria}
    remark = stage.rng.choice(REMARKS)
    actor = Actor(user_id=member.user_id, name=member.user.name, organization_id=member.organization_id)
    services.hand_in(member, pitch, points, remark, actor=actor, now=now)


def _givers(event_id: int) -> list[Registration]:
    """Who came and gives money or advice, with an account, by name."""
    statement = (
        select(Registration)
        .join(SeatPool, SeatPool.id == Registration.pool_id)
        .where(
            Registration.event_id == event_id,
            Registration.state == RegistrationState.ATTENDED,
            Registration.user_id.is_not(None),
            SeatPool.role.in_(GIVER_ROLES),
        )
        .order_by(Registration.name, Registration.id)
    )
    return list(db.session.scalars(statement))


def _person(place: Registration) -> Actor:
    return Actor(user_id=place.user_id, name=place.name, organization_id=place.organization_id)
