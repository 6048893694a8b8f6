"""Who came to events: of a carrier its firms, of a mentor oneself, of a district or the city by carrier. By quarter.

Only who was checked in counts. A firm counts for the carrier in which it was resident on the day.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, case, ColumnElement, func, literal, or_, Select, select, true
from sqlalchemy.orm import aliased, joinedload, selectinload, Session

from matchhub.accounts.enums import Role
from matchhub.accounts.models import Organization
from matchhub.core.clock import city_date, CITY_ZONE
from matchhub.core.policy import Actor
from matchhub.events.enums import OVER_STATES, RegistrationState, SeatRole
from matchhub.events.models import Event, Registration, SeatPool
from matchhub.profiles.models import Residency

FEW = 5  # a count of firms below it is not told of a carrier that is not one's own
QUARTER = re.compile(r"(20\d\d)-([1-4])")
CAME = Registration.state == RegistrationState.ATTENDED


@dataclass(frozen=True, slots=True)
class Quarter:
    """Three months; `name` as 2026-4."""

    year: int
    number: int

    @property
    def name(self) -> str:
        return f"{self.year}-{self.number}"

    @property
    def begins(self) -> datetime:
        return datetime(self.year, 3 * self.number - 2, 1, tzinfo=CITY_ZONE)

    @property
    def ends(self) -> datetime:
        return self.after().begins

    def after(self) -> "Quarter":
        return Quarter(self.year + 1, 1) if self.number == 4 else Quarter(self.year, self.number + 1)

    def before(self) -> "Quarter":
        return Quarter(self.year - 1, 4) if self.number == 1 else Quarter(self.year, self.number - 1)


def quarter_of(day: date) -> Quarter:
    """The quarter that a day lies in."""
    return Quarter(day.year, (day.month + 2) // 3)


def read_quarter(text: str, *, now: datetime) -> Quarter:
    """A quarter as written in an address; the present one for nonsense."""
    found = QUARTER.fullmatch(text)
    return Quarter(int(found[1]), int(found[2])) if found else quarter_of(city_date(now))


def last_quarters(now: datetime, number: int = 6) -> list[Quarter]:
    """The present quarter and those before it."""
    found = [quarter_of(city_date(now))]
    while len(found) < number:
        found.append(found[-1].before())
    return found


def _during(quarter: Quarter) -> ColumnElement[bool]:
    return and_(Event.starts_at >= quarter.begins, Event.starts_at < quarter.ends, Event.state.in_(OVER_STATES))


def _resident(firm: ColumnElement[int] | int, carrier: ColumnElement[int] | int) -> ColumnElement[bool]:
    """Whether a firm was in a carrier's house on the day of the event."""
    day = func.date(Event.starts_at)
    return and_(
        Residency.enterprise_id == firm,
        Residency.carrier_id == carrier,
        Residency.entered_on.is_not(None),
        func.date(Residency.entered_on) <= day,
        or_(Residency.left_on.is_(None), func.date(Residency.left_on) >= day),
    )


def came_of_ours(session: Session, carrier_id: int, quarter: Quarter) -> list[Registration]:
    """Who of a carrier's firms came to which event of a quarter, the latest event first; three queries."""
    in_house = select(Residency.id).where(
        _resident(Registration.organization_id, literal(carrier_id))  # type: ignore[arg-type]
    )
    return list(session.scalars(_came(quarter).where(in_house.correlate(Registration, Event).exists())))


def came_oneself(session: Session, organization_id: int, quarter: Quarter) -> list[Registration]:
    """The events of a quarter to which an organization's people came."""
    return list(session.scalars(_came(quarter).where(Registration.organization_id == organization_id)))


def _came(quarter: Quarter) -> Select[Registration]:
    return (
        select(Registration)
        .join(Event, Event.id == Registration.event_id)
        .options(
            joinedload(Registration.event, innerjoin=True).joinedload(Event.host, innerjoin=True),
            selectinload(Registration.organization),
        )
        .where(CAME, _during(quarter))
        .order_by(Event.starts_at.desc(), Event.id, Registration.name, Registration.id)
    )


@dataclass(frozen=True, slots=True)
class OfCarrier:
    """A carrier's quarter: events held, who came to them, and how many of its own firms went out to events."""

    carrier: Organization
    events: int
    came: int
    own_firms: int | None  # None: too few to be told


def by_carrier(session: Session, actor: Actor, quarter: Quarter) -> list[OfCarrier]:
    """The carriers of an officer's scope that held events or whose firms came, the busiest first; three queries."""
    mine = true() if actor.role == Role.CITY_OFFICER.value else Organization.district_code == actor.region_code
    held = {
        host: (events, came)
        for host, events, came in session.execute(
            select(Event.host_id, func.count(Event.id.distinct()), func.count(case((CAME, Registration.id))))
            .select_from(Event)
            .outerjoin(Registration, Registration.event_id == Event.id)
            .where(_during(quarter))
            .group_by(Event.host_id)
        )
    }
    firm = aliased(Registration)
    of_carrier = (
        select(Residency.carrier_id, func.count(firm.organization_id.distinct()))
        .select_from(firm)
        .join(Event, Event.id == firm.event_id)
        .join(SeatPool, SeatPool.id == firm.pool_id)
        .join(Residency, _resident(firm.organization_id, Residency.carrier_id))  # type: ignore[arg-type]
        .where(firm.state == RegistrationState.ATTENDED, SeatPool.role == SeatRole.ENTERPRISE, _during(quarter))
        .group_by(Residency.carrier_id)
    )
    sent = {row[0]: row[1] for row in session.execute(of_carrier)}
    carriers = session.scalars(
        select(Organization).where(Organization.id.in_(held.keys() | sent.keys()), mine).order_by(Organization.id)
    )
    found = [OfCarrier(row, *held.get(row.id, (0, 0)), _told(sent.get(row.id, 0))) for row in carriers]
    return sorted(found, key=lambda line: (-line.came, -line.events, line.carrier.id))


def _told(number: int) -> int | None:
    return number if number == 0 or number >= FEW else None
