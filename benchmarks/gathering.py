"""What pages show that a demo city does not have: meetings one to one (one roadshow collects wishes, one is planned and
published, one not open), and trials of weights (one done, one waiting), and a series."""

from datetime import datetime, timedelta

from sqlalchemy import select

from benchmarks import walking
from matchhub.accounts.enums import MembershipState, OrganizationKind, OrganizationStatus, Role
from matchhub.accounts.models import Membership, Organization
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.policy import Actor
from matchhub.core.web import App
from matchhub.events import queries, services
from matchhub.events.enums import EventType, HolidayRule, RegistrationState, Rhythm, SeatRole, WishKind
from matchhub.events.models import Event, MeetingGuest
from matchhub.events.services import Applicant, EventFacts, RhythmFacts, RoundFacts
from matchhub.listings.enums import PairingKind
from matchhub.matches.engine import default_spec
from matchhub.matches.services import models
from matchhub.matches.services.trials import run_next_trial

PER_SIDE = 4
SIDES = {OrganizationKind.INVESTOR: SeatRole.INVESTOR, OrganizationKind.ENTERPRISE: SeatRole.ENTERPRISE}


def lay_out(app: App) -> dict[str, tuple[str, ...]]:
    """Role → the addresses where that role meets what was laid out here."""
    with app.app_context():
        of_role = walking.members()
        host, now = actor(of_role[OrganizationKind.CARRIER.value]), utcnow()
        people = {
            kind: [actor(identity) for identity in first_of(kind, of_role[kind.value])] for kind in SIDES
        }  # fmt: skip
        series, tries = repeat(host, now=now), try_out(actor(of_role[Role.CITY_OFFICER.value]), now=now)
        places: dict[str, list[str]] = {kind.value: [] for kind in SIDES}
        events = []
        for days, stage in ((30, "published"), (33, "collecting"), (36, "closed")):
            event, own = gather(host, people, now + timedelta(days=days), stage, now=now)
            events.append(event)
            for kind, registration in own.items():
                places[kind].append(f"/registrations/{registration}/meetings")
    published, collecting, closed = (f"/events/{event}/cockpit/meetings" for event in events)
    return {
        OrganizationKind.CARRIER.value: (
            published,
            f"{published}/preview",
            f"{published}/cards",
            collecting,
            closed,
            series,
        ),
        Role.CITY_OFFICER.value: tries,
        **{kind: tuple(addresses) for kind, addresses in places.items()},
    }


def repeat(host: Actor, *, now: datetime) -> str:
    """A weekly salon; the address of its series."""
    with unit_of_work():
        facts = EventFacts("每周沙龙", now + timedelta(days=40), title_en="Weekly salon", place="滨江路 1 号")
        event = services.create(EventType.SALON, facts, actor=host, now=now)
        rhythm = RhythmFacts(Rhythm.WEEKLY, 1, HolidayRule.SKIP, count=3, title="每周沙龙")
        identity = services.make_series(event, rhythm, actor=host, now=now).id
    return f"/event-series/{identity}"


def try_out(officer: Actor, *, now: datetime) -> tuple[str, ...]:
    """A trial that is done and one that waits."""
    made = []
    for strength in (0.4, 0.2):
        with unit_of_work():
            exposure = {**default_spec(PairingKind.EQUITY)["exposure"], "strength": strength}
            made.append(models.try_out(PairingKind.EQUITY, {"exposure": exposure}, actor=officer, now=now).id)
        if len(made) == 1:
            run_next_trial(now=now)
    return tuple(f"/matching-models/trials/{trial}" for trial in made)


def actor(membership_id: int) -> Actor:
    """Who acts with this membership."""
    row = db.session.get_one(Membership, membership_id)
    return Actor(
        user_id=row.user_id, membership_id=row.id, organization_id=row.organization_id,
        organization_kind=row.organization.kind.value, organization_verified=row.organization.is_verified,
        role=row.role.value, region_code=row.region_code, name=row.user.name,
    )  # fmt: skip


def first_of(kind: OrganizationKind, own: int) -> list[int]:
    """The membership that walks, then owners of other organizations of its kind."""
    statement = (
        select(Membership.id)
        .join(Organization)
        .where(
            Organization.kind == kind,
            Organization.status == OrganizationStatus.VERIFIED,
            Membership.role == Role.OWNER,
            Membership.state == MembershipState.ACTIVE,
            Membership.id != own,
        )
        .order_by(Membership.id)
        .limit(PER_SIDE - 1)
    )
    return [own, *db.session.scalars(statement)]


def gather(
    host: Actor, people: dict[OrganizationKind, list[Actor]], starts_at: datetime, stage: str, *, now: datetime
) -> tuple[int, dict[str, int]]:
    """A roadshow with guests of both sides, as far as `stage`; its id, and the place of the first of each side."""
    with unit_of_work():
        facts = EventFacts("会谈路演", starts_at, title_en="Roadshow with meetings", place="滨江路 1 号")
        event = services.create(EventType.ROADSHOW, facts, actor=host, now=now)
        services.publish(event, actor=host, now=now)
        if stage != "closed":
            services.open_meetings(event, RoundFacts(3, now + timedelta(days=20)), actor=host, now=now)
        own: dict[str, int] = {}
        sides: list[list[tuple[Actor, MeetingGuest]]] = []
        for kind, actors in people.items():
            rows = [(person, *take_part(event, SIDES[kind], person, host, stage, now=now)) for person in actors]
            own[kind.value] = rows[0][1]
            sides.append([(person, guest) for person, _, guest in rows if guest is not None])
        for person, guest in sides[0]:
            said = dict(zip((other.id for _, other in sides[1]), (WishKind.MUST, WishKind.GLADLY), strict=False))
            services.set_wishes(guest, said, actor=person, now=now)
        identity = event.id
    if stage == "published":
        plan(identity, host, now=now)
    return identity, own


def take_part(
    event: Event, role: SeatRole, person: Actor, host: Actor, stage: str, *, now: datetime
) -> tuple[int, MeetingGuest | None]:
    """A seat, and where the meetings are open a part in them."""
    place = services.register(event, role, Applicant.of(person), actor=person, now=now)
    if place.state is RegistrationState.PENDING:
        services.approve(place, actor=host, now=now)
    db.session.flush()
    return place.id, None if stage == "closed" else services.join(place, [], actor=person, now=now)


def plan(event_id: int, host: Actor, *, now: datetime) -> None:
    """The plan made, adopted, and told."""
    found = queries.round_of(db.session(), event_id)
    assert found is not None
    made = services.draft(found, now=now)
    with unit_of_work():
        services.adopt(found, made, actor=host, now=now)
        db.session.flush()
        services.publish_meetings(found, actor=host, now=now)
