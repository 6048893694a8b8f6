"""Who came: the list of one event, and counts by carrier and quarter."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, Session

from matchhub.accounts.enums import Role
from matchhub.core.clock import city_date
from matchhub.core.policy import Actor
from matchhub.events.enums import EventState, OVER_STATES, RegistrationState
from matchhub.events.models import CheckIn, Event, Registration
from matchhub.events.queries.doors import EXPECTED, standing_check_ins
from matchhub.profiles.models import Residency

OFFICERS = (Role.CITY_OFFICER.value, Role.DISTRICT_OFFICER.value)


def people_at(session: Session, event_id: int) -> list[tuple[Registration, CheckIn | None]]:
    """Who holds a seat, by role and name, each with the entry."""
    entries = standing_check_ins(session, event_id)
    statement = (
        select(Registration)
        .options(joinedload(Registration.organization))
        .where(Registration.event_id == event_id, Registration.state.in_(EXPECTED))
    )
    rows = sorted(session.scalars(statement), key=lambda row: (row.pool.position, row.name, row.id))
    return [(row, entries.get(row.id)) for row in rows]


@dataclass
class Attendance:
    """What one carrier's events, or one event, came to in people. `firms`: organizations that somebody came from."""

    held: int = 0
    registered: int = 0
    attended: int = 0
    organizations: set[int] = field(default_factory=set)
    residents: set[int] = field(default_factory=set)  # of them firms that lived with the carrier that held it

    def add(self, places: Iterable[tuple[RegistrationState, int | None]], residents: set[int]) -> None:
        """Count one event in; `residents` lived with its host on the day."""
        self.held += 1
        for state, organization_id in places:
            self.registered += 1
            if state is RegistrationState.ATTENDED:
                self.attended += 1
                if organization_id is not None:
                    self.organizations.add(organization_id)
        self.residents |= self.organizations & residents

    def join(self, other: "Attendance") -> None:
        """Count the events of another in as well."""
        self.held += other.held
        self.registered += other.registered
        self.attended += other.attended
        self.organizations |= other.organizations
        self.residents |= other.residents


def quarter_of(moment: datetime) -> str:
    """2026Q4, by the city's calendar."""
    day = city_date(moment)
    return f"{day.year}Q{(day.month + 2) // 3}"


def attended_events(session: Session, actor: Actor, *, now: datetime) -> list[Event]:
    """Events that are over, of one's own organization; an officer's whole scope. The earliest first."""
    statement = (
        select(Event)
        .options(joinedload(Event.host, innerjoin=True))
        .where(Event.ends_at <= now, Event.state.in_((*OVER_STATES, EventState.CLOSED, EventState.PUBLISHED)))
        .order_by(Event.starts_at, Event.id)
    )
    if actor.role not in OFFICERS:
        statement = statement.where(Event.host_id == actor.organization_id)
    elif actor.role == Role.DISTRICT_OFFICER.value:
        statement = statement.where(Event.district_code == actor.region_code)
    return list(session.scalars(statement))


def attendance_of(session: Session, events: list[Event]) -> dict[int, Attendance]:
    """event id → who came: three queries, however many events."""
    found = {event.id: list[tuple[RegistrationState, int | None]]() for event in events}
    places = select(Registration.event_id, Registration.state, Registration.organization_id).where(
        Registration.event_id.in_(found), Registration.state.in_(EXPECTED)
    )
    for event_id, state, organization_id in session.execute(places):
        found[event_id].append((state, organization_id))
    homes = _homes(session, {event.host_id for event in events})
    made: dict[int, Attendance] = {}
    for event in events:
        made[event.id], day = Attendance(), city_date(event.starts_at)
        stays = homes.get(event.host_id, ())
        residents = {stay.enterprise_id for stay in stays if _lived(stay, day)}
        made[event.id].add(found[event.id], residents)
    return made


def _lived(stay: Residency, day: date) -> bool:
    begun = stay.entered_on or stay.incubation_from
    return begun is not None and begun <= day and (stay.left_on is None or day <= stay.left_on)


def _homes(session: Session, carriers: set[int]) -> dict[int, list[Residency]]:
    found: dict[int, list[Residency]] = {}
    for stay in session.scalars(select(Residency).where(Residency.carrier_id.in_(carriers))):
        found.setdefault(stay.carrier_id, []).append(stay)
    return found


def by_carrier_and_quarter(events: list[Event], counted: dict[int, Attendance]) -> dict[tuple[str, int], Attendance]:
    """(quarter, host's id) → the sum of its events; an organization counts once in a quarter."""
    found: dict[tuple[str, int], Attendance] = {}
    for event in events:
        total = found.setdefault((quarter_of(event.starts_at), event.host_id), Attendance())
        total.join(counted[event.id])
    return found
