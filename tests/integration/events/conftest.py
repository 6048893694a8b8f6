"""A salon of 滨江孵化器 with few seats, and people who want one."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from matchhub.accounts.enums import OrganizationKind, Role
from matchhub.accounts.models import Membership
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.policy import Actor
from matchhub.events import services
from matchhub.events.enums import EventType, SeatRole
from matchhub.events.models import Event, Registration, SeatPool
from matchhub.events.services import Applicant, EventFacts
from tests import cast
from tests.cast import Cast
from tests.integration.pairs import actor

LEAD = timedelta(days=20)


def salon(host: Actor, *, seats: int = 2, starts_at: datetime | None = None, now: datetime | None = None) -> int:
    """A published salon with so many seats for firms; its id."""
    now = now or utcnow()
    with unit_of_work():
        facts = EventFacts("创业沙龙", starts_at or now + LEAD, place="滨江路 1 号")
        event = services.create(EventType.SALON, facts, actor=host, now=now)
        services.set_capacity(pool(event.id), seats, actor=host, now=now)
        services.publish(event, actor=host, now=now)
        return event.id


def pool(event_id: int, role: SeatRole = SeatRole.ENTERPRISE) -> SeatPool:
    return db.session.query(SeatPool).filter_by(event_id=event_id, role=role).one()


def counts(event_id: int) -> tuple[int, int, int, int]:
    """Capacity, ceiling, taken, waiting, as stored."""
    db.session.expire_all()
    row = pool(event_id)
    return row.capacity, row.ceiling, row.taken, row.waiting


@pytest.fixture
def firms(people: Cast) -> Callable[[int], list[Actor]]:
    """So many people of so many firms."""

    def made(number: int) -> list[Actor]:
        with unit_of_work():
            ids = [_firm(index).id for index in range(number)]
        return [actor(db.session.get_one(Membership, found)) for found in ids]

    return made


def _firm(index: int) -> Membership:
    name = f"来客{index:03d}"
    return cast.member(f"guest{index}", OrganizationKind.ENTERPRISE, name, name, "420704", Role.OWNER)


def register(event_id: int, person: Actor, *, now: datetime | None = None) -> int:
    """Registers for a firm's seat; the registration's id."""
    now = now or utcnow()
    with unit_of_work():
        event = db.session.get_one(Event, event_id)
        return services.register(event, SeatRole.ENTERPRISE, Applicant.of(person), actor=person, now=now).id


def states(event_id: int) -> list[str]:
    """The states in the order of the rows."""
    db.session.expire_all()
    rows = db.session.query(Registration).filter_by(event_id=event_id).order_by(Registration.id)
    return [row.state.value for row in rows]
