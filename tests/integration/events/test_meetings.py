"""Meetings one to one: wishes, the plan, what is told, what is never told, who is missing on the day."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from matchhub.accounts.enums import OrganizationKind, Role
from matchhub.accounts.models import Membership
from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.outbox import Notice
from matchhub.core.policy import Actor
from matchhub.events import queries, services
from matchhub.events.enums import EventType, MeetingOutcome, RoundState, SeatRole, WishKind
from matchhub.events.models import Event, MeetingGuest, MeetingRound, MeetingWish, PlannedMeeting, Registration
from matchhub.events.services import Applicant, EventFacts, RoundFacts
from matchhub.profiles.enums import RelationKind
from matchhub.profiles.models import OrganizationRelation
from tests import cast
from tests.cast import Cast
from tests.integration.pairs import actor

LEAD = timedelta(days=20)


@dataclass
class Table:
    """A roadshow with two funds and two firms in its meetings; ids only."""

    event_id: int
    host: Actor
    people: dict[str, Actor]
    places: dict[str, int]
    guests: dict[str, int]

    def guest(self, name: str) -> MeetingGuest:
        return db.session.get_one(MeetingGuest, self.guests[name])

    def round(self) -> MeetingRound:
        db.session.expire_all()
        found = queries.round_of(db.session(), self.event_id)
        assert found is not None
        return found

    def wish(self, name: str, **others: WishKind | None) -> None:
        with unit_of_work():
            said = {self.guests[other]: kind for other, kind in others.items()}
            services.set_wishes(self.guest(name), said, actor=self.people[name], now=utcnow())

    def plan(self, **more: object) -> services.Draft:
        made = services.draft(self.round(), now=utcnow(), **more)  # type: ignore[arg-type]
        with unit_of_work():
            services.adopt(self.round(), made, lock=more.get("lock"), actor=self.host, now=utcnow())  # type: ignore[arg-type]
        return made

    def publish(self) -> int:
        with unit_of_work():
            return services.publish_meetings(self.round(), actor=self.host, now=utcnow())

    def pairs(self) -> set[tuple[str, str]]:
        names = {identity: name for name, identity in self.guests.items()}
        rows = queries.meetings_of(db.session(), self.round().id)
        return {(names[row.giver_id], names[row.firm_id]) for row in rows if row.slot is not None}


@pytest.fixture
def table(people: Cast) -> Table:
    host, now = actor(people.binjiang), utcnow()
    with unit_of_work():
        members = {
            "fund": people.yuanshan.id,
            "bank": cast.member("bank1", OrganizationKind.INVESTOR, "东湖创投", "东湖创投", "420704", Role.OWNER).id,
            "firm": people.xinghe.id,
            "other": cast.member("firm1", OrganizationKind.ENTERPRISE, "来客科技", "来客科技", "420704", Role.OWNER).id,
        }
    actors = {name: actor(db.session.get_one(Membership, identity)) for name, identity in members.items()}
    with unit_of_work():
        event = services.create(
            EventType.ROADSHOW, EventFacts("路演", now + LEAD, place="滨江路 1 号"), actor=host, now=now
        )
        services.publish(event, actor=host, now=now)
        event_id = event.id
    places, guests = {}, {}
    with unit_of_work():
        event = db.session.get_one(Event, event_id)
        services.open_meetings(event, RoundFacts(2, now + timedelta(days=10)), actor=host, now=now)
        for name, person in actors.items():
            role = SeatRole.INVESTOR if name in ("fund", "bank") else SeatRole.ENTERPRISE
            place = services.register(event, role, Applicant.of(person), actor=person, now=now)
            if place.state.value == "pending":
                services.approve(place, actor=host, now=now)
            db.session.flush()
            guests[name] = services.join(place, [], actor=person, now=now).id
            places[name] = place.id
    return Table(event_id, host, actors, places, guests)


def test_wishes_make_the_plan_and_everybody_is_told_once(table: Table) -> None:
    table.wish("fund", firm=WishKind.MUST)
    table.wish("other", bank=WishKind.GLADLY)

    made = table.plan()

    assert table.pairs() == {("fund", "firm"), ("bank", "other")}
    assert (made.musts, made.musts_met) == (1, 1)
    assert told() == 0
    assert table.publish() == 4
    assert told() == 4
    assert table.publish() == 0
    assert table.round().state is RoundState.PUBLISHED


def told() -> int:
    db.session.expire_all()
    return len(db.session.scalars(select(Notice.id).where(Notice.kind == "event_meetings")).all())


def test_a_no_is_final_and_told_to_nobody(table: Table) -> None:
    table.wish("fund", firm=WishKind.MUST)
    table.wish("firm", fund=WishKind.NO)

    table.plan()

    assert ("fund", "firm") not in table.pairs()
    with pytest.raises(errors.Conflict) as refused:
        services.draft(table.round(), lock=(table.guests["fund"], table.guests["firm"]), now=utcnow())
    with pytest.raises(errors.Conflict) as never_together:
        services.draft(table.round(), lock=(table.guests["bank"], table.guests["firm"]), now=utcnow())
    assert refused.value.message == never_together.value.message  # a no, and two whom nothing brings together


def test_known_ties_and_former_meetings_are_left_out_unless_somebody_must(table: Table) -> None:
    table.wish("fund", firm=WishKind.GLADLY, other=WishKind.GLADLY)
    ids = {name: table.people[name].organization_id for name in ("fund", "firm")}
    with unit_of_work() as session:
        session.add(OrganizationRelation(from_id=ids["fund"], to_id=ids["firm"], kind=RelationKind.PORTFOLIO))

    table.plan()

    assert table.pairs() == {("fund", "other")}


def test_a_plan_made_from_an_older_state_is_not_adopted(table: Table) -> None:
    table.wish("fund", firm=WishKind.MUST)
    stale = services.draft(table.round(), now=utcnow())
    table.plan()

    with pytest.raises(errors.Conflict), unit_of_work():
        services.adopt(table.round(), stale, actor=table.host, now=utcnow())


def test_a_locked_meeting_stays_where_it_is(table: Table) -> None:
    table.wish("fund", firm=WishKind.GLADLY, other=WishKind.GLADLY)
    table.plan()
    row = queries.meetings_of(db.session(), table.round().id)[0]
    kept = (row.giver_id, row.firm_id, row.slot, row.seat)
    with unit_of_work():
        services.set_lock(db.session.get_one(PlannedMeeting, row.id), True, actor=table.host)
    table.wish("bank", firm=WishKind.MUST, other=WishKind.MUST)

    table.plan()

    rows = queries.meetings_of(db.session(), table.round().id)
    assert kept in {(row.giver_id, row.firm_id, row.slot, row.seat) for row in rows}
    assert [row.locked for row in rows if (row.giver_id, row.firm_id) == kept[:2]] == [True]


def test_whoever_is_missing_is_replanned_and_only_those_concerned_hear(table: Table) -> None:
    table.wish("fund", firm=WishKind.MUST)
    table.wish("bank", other=WishKind.MUST)
    table.plan()
    table.publish()
    before = told()
    guest = table.guest("bank")

    made = services.draft(table.round(), missing={guest.id: 0}, now=utcnow())
    with unit_of_work():
        heard = services.mend(table.guest("bank"), 0, made, actor=table.host, now=utcnow())

    assert table.pairs() == {("fund", "firm")}
    assert heard == 2
    assert told() == before + 2


def test_meetings_are_recorded_and_do_not_happen_twice(table: Table) -> None:
    table.wish("fund", firm=WishKind.GLADLY)
    table.plan()
    row = queries.meetings_of(db.session(), table.round().id)[0]
    with unit_of_work():
        services.record_outcome(db.session.get_one(PlannedMeeting, row.id), MeetingOutcome.MET, actor=table.host)
        event = db.session.get_one(Event, table.event_id)
        other = services.copy(
            event, utcnow() + LEAD * 2, services.Parts(True, True, True), actor=table.host, now=utcnow()
        )
        db.session.flush()
        guests = queries.guests_of(db.session(), table.round().id)
        met = queries.meetings._met(db.session(), guests, other)

    assert (table.people["fund"].organization_id, table.people["firm"].organization_id) in met


def test_wishes_are_closed_in_time_and_only_across_the_table(table: Table) -> None:
    with pytest.raises(errors.NotFound), unit_of_work():
        said = {table.guests["bank"]: WishKind.MUST}
        services.set_wishes(table.guest("fund"), said, actor=table.people["fund"], now=utcnow())
    late = utcnow() + timedelta(days=11)
    with pytest.raises(errors.Conflict), unit_of_work():
        said = {table.guests["firm"]: WishKind.MUST}
        services.set_wishes(table.guest("fund"), said, actor=table.people["fund"], now=late)
    assert db.session.scalars(select(MeetingWish)).all() == []


def test_the_pages_of_organizer_and_guest(
    table: Table, sign_in: Callable[[Membership], FlaskClient], people: Cast
) -> None:
    organizer, fund = sign_in(people.binjiang), sign_in(people.yuanshan)
    own = f"/registrations/{table.places['fund']}/meetings"

    assert "星河科技" in fund.get(own).text
    said = {f"wish-{table.guests['firm']}": "must", f"wish-{table.guests['other']}": ""}
    assert fund.post(f"/meeting-guests/{table.guests['fund']}/wishes", data=said).status_code == 302
    assert organizer.post(f"/events/{table.event_id}/meetings/plan").status_code == 302
    grid = organizer.get(f"/events/{table.event_id}/cockpit/meetings").text
    assert "1 号桌" in grid
    assert "已是最优" in grid
    assert "我的安排" not in fund.get(own).text  # nothing is told before it is published
    assert organizer.post(f"/events/{table.event_id}/meetings/publication").status_code == 302
    assert "我的安排" in fund.get(own).text
    assert organizer.get(f"/events/{table.event_id}/cockpit/meetings/preview").status_code == 200
    assert "1 号桌" in organizer.get(f"/events/{table.event_id}/cockpit/meetings/cards").text
    assert fund.get(f"/events/{table.event_id}/cockpit/meetings").status_code == 404
    gone = organizer.post(f"/meeting-guests/{table.guests['firm']}/absence", data={})
    assert gone.status_code == 302
    assert table.pairs() == set()


def test_opening_says_what_cannot_be(people: Cast, sign_in: Callable[[Membership], FlaskClient]) -> None:
    host, now = actor(people.binjiang), utcnow()
    with unit_of_work():
        event = services.create(
            EventType.ROADSHOW, EventFacts("路演", now + LEAD, place="滨江路 1 号"), actor=host, now=now
        )
        services.publish(event, actor=host, now=now)
        event_id = event.id
    organizer = sign_in(people.binjiang)

    page = organizer.post(f"/events/{event_id}/meetings", data={"tables": "0", "slot_minutes": "15"})

    assert page.status_code == 422
    assert 'value="15"' in page.text
    assert db.session.scalars(select(MeetingRound)).all() == []


def test_a_registration_that_is_given_back_sits_at_no_table(table: Table) -> None:
    table.wish("fund", firm=WishKind.MUST)
    with unit_of_work():
        place = db.session.get_one(Registration, table.places["firm"])
        services.leave(place, actor=table.people["firm"], now=utcnow())

    table.plan()

    assert table.pairs() == set()
