"""Houses and rooms."""

from datetime import datetime

from matchhub.core import audit, errors
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.events.models import Room, Venue
from matchhub.events.policy import Permission, POLICY


@writes
def add_venue(
    *, name: str, address: str, name_en: str = "", transport: str = "", actor: Actor, now: datetime
) -> Venue:  # fmt: skip
    """Enter a house of the own organization."""
    POLICY.check(Permission.KEEP_VENUE, actor)
    venue = Venue(
        organization_id=actor.organization_id, name=name, name_en=name_en, address=address, transport=transport,
        region_code=actor.district_code,
    )  # fmt: skip
    db.session.add(venue)
    audit.record(actor, "venue:add", venue)
    return venue


@writes
def add_room(venue: Venue, *, name: str, capacity: int, name_en: str = "", actor: Actor, now: datetime) -> Room:
    """Enter a room of one's house. Raises Invalid (there is one of that name)."""
    POLICY.check(Permission.KEEP_VENUE, actor, venue)
    if any(room.name == name for room in venue.rooms):
        raise errors.Invalid(N_("已经有这个名字的房间"), field="name")
    room = Room(venue=venue, name=name, name_en=name_en, capacity=capacity)
    db.session.add(room)
    audit.record(actor, "room:add", room)
    return room
