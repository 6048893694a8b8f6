"""The audit trail of the seats read again from the beginning, step by step: what is wrong with it."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from benchmarks.seats_crowd import Scene, SEATS
from matchhub.core.audit import AuditEvent
from matchhub.core.db import db
from matchhub.events.enums import RegistrationState, SEATED_STATES
from matchhub.events.models import Registration, SeatPool


def faults_of(scene: Scene) -> tuple[list[str], dict[str, int]]:
    """What the database and the trail say is wrong; and how many steps of which kind there were."""
    with scene.app.app_context():
        db.session.rollback()
        pool = db.session.get_one(SeatPool, scene.pool_id)
        rows = db.session.execute(
            select(Registration.id, Registration.user_id, Registration.state, Registration.rank, Registration.waiting_since)
            .where(Registration.event_id == scene.event_id)
        ).all()  # fmt: skip
        trail = db.session.execute(
            select(AuditEvent.action, AuditEvent.object_type, AuditEvent.object_id, AuditEvent.details)
            .where(AuditEvent.object_type.in_(("registration", "seat_pool")))
            .order_by(AuditEvent.id)
        ).all()
        seated = sum(row.state in SEATED_STATES for row in rows)
        waiting = sum(row.state is RegistrationState.WAITLISTED for row in rows)
        faults = []
        if not (pool.taken == seated == pool.capacity == pool.ceiling == SEATS):
            faults.append(f"{pool.taken} counted, {seated} seated, {pool.capacity} seats, ceiling {pool.ceiling}")
        if pool.waiting != waiting:
            faults.append(f"{pool.waiting} counted in line, {waiting} wait")
        if len({row.user_id for row in rows}) != len(rows):
            faults.append("somebody stands on the list twice")
        db.session.rollback()
    more, steps = replay([tuple(row) for row in trail])
    return faults + more, steps


def replay(trail: list[tuple[Any, ...]]) -> tuple[list[str], dict[str, int]]:
    """Go through the trail again from the first row: who held, who waited, what was free at each step."""
    room, steps = Room(), Counter[str]()
    for action, _, object_id, details in trail:
        verb = action.partition(":")[2]
        steps[verb] += 1
        if action == "seat_pool:capacity":
            room.capacity_changed(details)
        else:
            getattr(room, verb, room.passed)(object_id, details)
        if len(room.held) > room.ceiling:
            room.faults.append(f"{len(room.held)} held under a ceiling of {room.ceiling} after {action} {object_id}")
    return room.faults[:20], dict(steps)


@dataclass
class Room:
    """The seats as the trail tells of them; each verb of the trail is a method. One rank: first come, first served."""

    capacity: int = SEATS
    ceiling: int = SEATS
    held: set[int] = field(default_factory=set)
    line: dict[int, str] = field(default_factory=dict)  # who waits → since when
    faults: list[str] = field(default_factory=list)

    def passed(self, who: int, details: dict[str, Any]) -> None:
        """Changes no number: an offer that is accepted keeps its seat."""

    def capacity_changed(self, details: dict[str, Any]) -> None:
        self.capacity = details["after"]
        self.ceiling = max(self.capacity, len(self.held))

    def register(self, who: int, details: dict[str, Any]) -> None:
        seated = details["after"] == "registered"
        free = not self.line and len(self.held) < self.capacity
        if seated != free:
            self.faults.append(
                f"{who} {details['after']}: {len(self.line)} waited, {len(self.held)} of {self.capacity} held"
            )
        if seated:
            self.held.add(who)
        else:
            self.line[who] = details["since"]

    def offer(self, who: int, details: dict[str, Any]) -> None:
        first = min(self.line, key=lambda one: (self.line[one], one), default=None)
        if who != first or len(self.held) >= self.capacity:
            self.faults.append(f"offered to {who}, first was {first}; {len(self.held)} of {self.capacity} held")
        self.line.pop(who, None)
        self.held.add(who)

    def leave(self, who: int, details: dict[str, Any]) -> None:
        if who in self.held:
            self.held.discard(who)
            self.ceiling = max(self.capacity, len(self.held))
        self.line.pop(who, None)

    decline = lapse = leave
