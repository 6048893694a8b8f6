"""Both sides of a contact are asked what became of it: at the day, once, until there is a result or a no."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from matchhub.accounts.models import Membership
from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.outbox import KINDS, Notice
from matchhub.core.policy import Actor, SYSTEM
from matchhub.core.web import App
from matchhub.events import jobs, services
from matchhub.events.enums import (
    ContactEnd,
    ContactSource,
    EventState,
    EventType,
    MeetingOutcome,
    MeetingSide,
    PitchState,
    RegistrationState,
    RoundState,
    SeatRole,
)
from matchhub.events.models import (
    Event,
    EventContact,
    FollowUp,
    MeetingGuest,
    MeetingRound,
    Pitch,
    PitchInterest,
    PlannedMeeting,
    Registration,
)
from matchhub.events.services import Applicant, EventFacts, RoundFacts
from matchhub.pipelines import services as pipelines
from matchhub.pipelines.enums import DealStage
from matchhub.pipelines.models import Deal
from matchhub.pipelines.services import Result
from tests.cast import Browser, Cast
from tests.integration.pairs import actor, agreed, Scene, stage

TALKS = {"answer": "talking"}


@dataclass
class Held:
    """A roadshow that ended an hour ago, with 远山资本 and 星河科技 at a table; ids only."""

    event_id: int
    ended_at: datetime
    host: Actor
    places: dict[str, int]
    scene: Scene

    def gather(self) -> list[EventContact]:
        with unit_of_work() as session:
            services.gather(session.get_one(Event, self.event_id), now=self.ended_at + timedelta(hours=2))
        db.session.expire_all()
        return list(db.session.scalars(select(EventContact).order_by(EventContact.id)))

    def ask(self, day: int, *, hours: int = 1) -> list[FollowUp]:
        jobs.follow_up(self.ended_at + timedelta(days=day, hours=hours))
        db.session.expire_all()
        return list(db.session.scalars(select(FollowUp).order_by(FollowUp.id)))


def setting(people: Cast, *, outcome: MeetingOutcome = MeetingOutcome.MET) -> Held:
    host, now = actor(people.binjiang), utcnow()
    past, starts_at, ended_at = now - timedelta(days=20), now - timedelta(hours=4), now - timedelta(hours=1)
    persons = {"fund": actor(people.yuanshan), "firm": actor(people.xinghe)}
    with unit_of_work() as session:
        facts = EventFacts("路演", starts_at, place="滨江路 1 号")
        event = services.create(EventType.ROADSHOW, facts, actor=host, now=past)
        services.publish(event, actor=host, now=past)
        places, guests = {}, {}
        found = services.open_meetings(event, RoundFacts(2, past + timedelta(days=10)), actor=host, now=past)
        for name, person in persons.items():
            role = SeatRole.INVESTOR if name == "fund" else SeatRole.ENTERPRISE
            place = services.register(event, role, Applicant.of(person), actor=person, now=past)
            session.flush()
            place.state, places[name] = RegistrationState.ATTENDED, place.id
            guests[name] = MeetingGuest(
                round=found, registration=place, side=MeetingSide("giver" if name == "fund" else "firm"), joined_at=past
            )
        session.add_all(guests.values())
        session.flush()
        session.add(
            PlannedMeeting(
                round_id=found.id,
                giver_id=guests["fund"].id,
                firm_id=guests["firm"].id,
                slot=0,
                seat=0,
                outcome=outcome,
            )
        )
        event.ends_at = ended_at
        services.mark_held(event, actor=SYSTEM, now=now)
        event_id = event.id
    return Held(event_id, ended_at, host, places, stage(people))


@pytest.fixture
def held(people: Cast) -> Held:
    return setting(people)


def browser(app: App) -> FlaskClient:
    return Browser(app, app.response_class, use_cookies=True)


def link(row: FollowUp) -> str:
    return f"/follow-ups/{services.follow_up_code(row)}"


def test_both_are_asked_at_each_day_once_and_never_for_the_past(held: Held) -> None:
    assert [contact.source for contact in held.gather()] == [ContactSource.MEETING]
    assert len(held.gather()) == 1

    assert held.ask(6) == []
    for _ in range(2):
        assert [(row.side.value, row.day) for row in held.ask(7)] == [("giver", 7), ("firm", 7)]
    assert len(held.ask(40)) == 2  # the thirtieth day is long past: the ninetieth is next
    rows = held.ask(91)

    assert [(row.side.value, row.day) for row in rows] == [("giver", 7), ("firm", 7), ("giver", 90), ("firm", 90)]
    told = db.session.scalars(select(Notice).where(Notice.kind == "event_follow_up")).all()
    assert len(told) == 4 == len({(notice.recipient_user_id, notice.object_id) for notice in told})
    assert {notice.values["who"] for notice in told} == {"星河科技", "远山资本"}
    mail_path = KINDS.kinds["event_follow_up"].mail_path
    assert mail_path is not None
    assert {mail_path(notice) for notice in told} == {link(row) for row in rows}


def test_a_no_of_one_side_ends_the_questions_to_both(app: App, held: Held) -> None:
    held.gather()
    fund, firm = held.ask(7)

    assert browser(app).post(link(fund), data={"answer": "perhaps"}).status_code == 422
    assert browser(app).post(link(fund), data={"answer": "nothing"}).status_code == 302
    assert "不再问" in browser(app).get(link(fund)).text
    assert browser(app).post(link(fund), data=TALKS).status_code == 409
    assert browser(app).post(link(firm), data=TALKS).status_code == 409
    assert browser(app).get("/follow-ups/NOBODYKNOWSTHIS").status_code == 404

    assert len(held.ask(30)) == 2
    assert db.session.scalars(select(EventContact.ended_as)).all() == [ContactEnd.DECLINED]


def test_talks_move_the_deal_and_a_result_that_both_confirm_ends_the_questions(app: App, held: Held) -> None:
    introduction_id = agreed(held.scene)
    held.gather()
    fund, firm = held.ask(7)
    deal = db.session.scalars(select(Deal)).one()
    assert deal.stage is DealStage.CONTACTED

    browser(app).post(link(firm), data=TALKS)
    db.session.expire_all()
    assert db.session.scalars(select(Deal)).one().stage is DealStage.IN_TALKS
    browser(app).post(link(fund), data={"answer": "agreed"})
    assert f"/introductions/{introduction_id}" in browser(app).get(link(fund)).text
    assert len(held.ask(30)) == 4  # a word is no result yet
    now = utcnow()
    with unit_of_work() as session:
        result = Result(5_000_000, "equity", city_date(now))
        outcome = pipelines.enter(session.scalars(select(Deal)).one(), result, actor=held.scene.fund, now=now)
        pipelines.confirm(outcome, actor=held.scene.firm, now=now)

    assert len(held.ask(90)) == 4
    assert db.session.scalars(select(EventContact.ended_as)).all() == [ContactEnd.RESULT]


def test_who_has_no_introduction_yet_is_led_to_one_and_a_firm_is_never_unveiled(app: App, held: Held) -> None:
    held.gather()
    fund, firm = held.ask(7)
    for row in (fund, firm):
        browser(app).post(link(row), data=TALKS)

    asking = f"/introductions/new?need={held.scene.need_id}&amp;offer={held.scene.offer_id}"
    assert asking in browser(app).get(link(firm)).text
    assert "/introductions/new" not in browser(app).get(link(fund)).text


def test_interest_asks_the_investor_alone_until_the_two_have_agreed(people: Cast) -> None:
    held = setting(people, outcome=MeetingOutcome.MISSED)
    with unit_of_work() as session:
        pitch = Pitch(
            event_id=held.event_id, organization_id=people.xinghe.organization_id, need_id=held.scene.need_id,
            state=PitchState.PRESENTED, minutes=12,
        )  # fmt: skip
        session.add(pitch)
        session.flush()
        said_at = held.ended_at - timedelta(hours=1)
        session.add(PitchInterest(pitch_id=pitch.id, registration_id=held.places["fund"], said_at=said_at))
    assert [contact.source for contact in held.gather()] == [ContactSource.INTEREST]

    assert [row.side for row in held.ask(7)] == [MeetingSide.GIVER]
    introduction_id = agreed(held.scene)
    assert [contact.introduction_id for contact in held.gather()] == [introduction_id]
    assert [row.side.value for row in held.ask(30)] == ["giver", "giver", "firm"]


def test_an_introduction_soon_after_the_event_counts_and_a_missed_meeting_does_not(people: Cast) -> None:
    held = setting(people, outcome=MeetingOutcome.MISSED)
    assert held.gather() == []
    agreed(held.scene)
    assert [contact.source for contact in held.gather()] == [ContactSource.INTRODUCTION]


def test_a_meeting_that_nobody_spoke_of_counts_where_both_came(people: Cast) -> None:
    held = setting(people, outcome=MeetingOutcome.PLANNED)
    assert held.gather() == []  # the plan was never published
    with unit_of_work() as session:
        session.scalars(select(MeetingRound)).one().state = RoundState.PUBLISHED
    assert len(held.gather()) == 1


def test_an_event_without_open_contacts_is_followed_up_and_one_put_away_asks_nobody(held: Held) -> None:
    held.gather()
    held.ask(31, hours=2)
    assert db.session.get_one(Event, held.event_id).state is EventState.HELD
    with unit_of_work() as session:
        services.finish_follow_up(session.get_one(Event, held.event_id), actor=held.host, now=held.ended_at)
    before = len(held.ask(90))
    assert before == len(held.ask(180)) == 2
    with unit_of_work() as session:
        event = session.get_one(Event, held.event_id)
        event.state = EventState.HELD
        services.end_contact(session.scalars(select(EventContact)).one(), ContactEnd.DECLINED, now=held.ended_at)
    held.ask(31)
    assert db.session.get_one(Event, held.event_id).state is EventState.FOLLOWED_UP


def test_todays_page_asks_with_one_button(
    held: Held, people: Cast, sign_in: Callable[[Membership], FlaskClient]
) -> None:
    held.gather()
    now = utcnow()
    with unit_of_work() as session:
        contact = session.scalars(select(EventContact)).one()
        contact.met_at = now - timedelta(days=7, hours=1)
    jobs.follow_up(now)
    row = db.session.scalars(select(FollowUp).where(FollowUp.side == MeetingSide.GIVER)).one()
    fund = sign_in(people.yuanshan)

    assert link(row) in fund.get("/").text
    fund.post(link(row), data=TALKS)
    assert link(row) not in fund.get("/").text
    assert db.session.get_one(FollowUp, row.id).answered_by_id == people.yuanshan.user_id
    assert db.session.get_one(Registration, held.places["fund"]).user_id == people.yuanshan.user_id
