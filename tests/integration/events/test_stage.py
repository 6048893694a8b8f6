"""On the day: what is on and how late, interest that leads to an introduction, a jury that is sealed until it is closed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from matchhub.accounts.enums import OrganizationKind, Role
from matchhub.accounts.models import Membership
from matchhub.core import errors
from matchhub.core.audit import AuditEvent
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.outbox import Notice
from matchhub.core.policy import Actor
from matchhub.events import queries, services
from matchhub.events.enums import EventType, JuryState, PitchState, RegistrationState, SeatRole
from matchhub.events.models import Event, Jury, JuryMember, Pitch, PitchInterest, Registration
from matchhub.events.queries.jury import mean_of, ranks_of
from matchhub.events.services import Applicant, EventFacts
from matchhub.introductions import services as introductions
from matchhub.introductions.models import Introduction
from matchhub.introductions.queries import askable_pair
from matchhub.profiles.enums import RelationKind
from matchhub.profiles.models import OrganizationRelation
from tests import cast
from tests.cast import Cast
from tests.integration.pairs import actor, need_of, Scene
from tests.integration.pairs import stage as scene_of

ALL_TEN = {"team": 10, "product": 10, "market": 10, "plan": 10}


@dataclass
class Show:
    """A roadshow that begins in half an hour: 星河科技 and two more pitch, 远山资本 and two more sit in the room; ids only."""

    event_id: int
    host: Actor
    scene: Scene
    people: dict[str, Actor]
    places: dict[str, int]
    pitches: list[int]

    def event(self) -> Event:
        return db.session.get_one(Event, self.event_id)

    def jury(self) -> Jury:
        db.session.expire_all()
        found = queries.jury_of(db.session(), self.event_id)
        assert found is not None
        return found

    def member(self, name: str) -> JuryMember:
        found = queries.member_of(db.session(), self.jury().id, self.people[name].user_id or 0)
        assert found is not None
        return found

    def open_jury(self, *names: str, drop: bool = False) -> None:
        with unit_of_work():
            jury = services.open_jury(self.event(), drop_extremes=drop, actor=self.host)
            for name in names:
                services.name_member(jury, self.people[name].user_id or 0, actor=self.host, now=utcnow())

    def score(self, name: str, pitch: int, **points: int | None) -> None:
        with unit_of_work():
            row = db.session.get_one(Pitch, self.pitches[pitch])
            given = {**ALL_TEN, **points}
            services.hand_in(self.member(name), row, given, "", actor=self.people[name], now=utcnow())


@pytest.fixture
def show(people: Cast) -> Show:
    scene, host, now = scene_of(people), actor(people.binjiang), utcnow()
    before = now - timedelta(days=9)
    with unit_of_work():
        ids = {"fund": people.yuanshan.id}
        for name in ("east", "west"):
            ids[name] = cast.member(name, OrganizationKind.INVESTOR, name, name, "420704", Role.OWNER).id
        firms = [
            cast.member(f"firm{n}", OrganizationKind.ENTERPRISE, f"来客{n}", f"来客{n}", "420704", Role.OWNER)
            for n in (1, 2)
        ]
        facts = EventFacts("路演", now + timedelta(minutes=30), place="滨江路 1 号")
        event = services.create(EventType.ROADSHOW, facts, actor=host, now=before)
        services.publish(event, actor=host, now=before)
        needs = [need_of(firm.organization_id, f"代号-{firm.id}") for firm in firms]
        db.session.add_all(needs)
        db.session.flush()
        owners = [(people.xinghe.organization_id, scene.need_id), *((need.organization_id, need.id) for need in needs)]
        rows = [
            Pitch(event_id=event.id, organization_id=firm, need_id=need, minutes=12, position=place,
                  offset_minutes=10 + 12 * place, state=PitchState.CONFIRMED)
            for place, (firm, need) in enumerate(owners)
        ]  # fmt: skip
        db.session.add_all(rows)
        db.session.flush()
        event_id, pitches = event.id, [row.id for row in rows]
    actors = {name: actor(db.session.get_one(Membership, identity)) for name, identity in ids.items()}
    places = {}
    with unit_of_work():
        event = db.session.get_one(Event, event_id)
        for name, person in actors.items():
            place = services.register(event, SeatRole.INVESTOR, Applicant.of(person), actor=person, now=before)
            db.session.flush()
            if place.state.value == "pending":
                services.approve(place, actor=host, now=before)
            places[name] = place.id
    return Show(event_id, host, scene, actors, places, pitches)


def test_the_agenda_follows_what_is_put_on_and_its_delay(show: Show) -> None:
    begins, session = show.event().starts_at, db.session()
    pitches = queries.staged(session, show.event_id)

    def states(now: object) -> list[tuple[str, str]]:
        slots = queries.slots_of(show.event(), pitches, queries.clock_of(session, show.event_id), now=now)  # type: ignore[arg-type]
        return [(f"{int((slot.starts_at - begins).total_seconds() // 60)}", slot.state) for slot in slots[:4]]

    by_plan = states(begins + timedelta(minutes=11))
    with unit_of_work():
        late = begins + timedelta(minutes=19)
        services.put_on(show.event(), pitch_id=show.pitches[0], actor=show.host, now=late)
    pitches = queries.staged(session, show.event_id)

    assert by_plan == [("0", "over"), ("10", "on"), ("22", "ahead"), ("34", "ahead")]
    assert states(late) == [("0", "over"), ("19", "on"), ("31", "ahead"), ("43", "ahead")]
    assert db.session.get_one(Pitch, show.pitches[0]).state is PitchState.PRESENTED
    with pytest.raises(errors.Conflict), unit_of_work():
        services.put_on(show.event(), pitch_id=show.pitches[1], actor=show.host, now=begins - timedelta(days=3))
    with pytest.raises(errors.Forbidden), unit_of_work():
        services.set_delay(show.event(), 5, actor=show.people["fund"])


def test_whoever_goes_on_before_its_turn_passes_the_others_their_new_times(show: Show) -> None:
    begins = show.event().starts_at
    with unit_of_work():
        services.put_on(show.event(), pitch_id=show.pitches[0], actor=show.host, now=begins + timedelta(minutes=10))
    with unit_of_work():
        services.put_on(show.event(), pitch_id=show.pitches[2], actor=show.host, now=begins + timedelta(minutes=21))

    rows = queries.staged(db.session(), show.event_id)
    assert [(show.pitches.index(row.id), row.offset_minutes, row.state.value) for row in rows] == [
        (0, 10, "presented"), (2, 22, "presented"), (1, 34, "confirmed"),
    ]  # fmt: skip
    slots = queries.slots_of(show.event(), rows, queries.clock_of(db.session(), show.event_id), now=begins)
    assert [(slot.pitch.id, slot.state) for slot in slots if slot.pitch] == [
        (show.pitches[0], "over"), (show.pitches[2], "on"), (show.pitches[1], "ahead"),
    ]  # fmt: skip
    passed = next(slot for slot in slots if slot.pitch and slot.pitch.id == show.pitches[1])
    assert passed.starts_at == begins + timedelta(minutes=33)  # a minute early, as the one before it
    told = db.session.scalars(select(Notice).where(Notice.kind == "pitch_timed")).all()
    assert {row.object_id for row in told} == {show.pitches[1], show.pitches[2]}


def test_who_was_on_by_the_plan_alone_is_not_passed_over_and_has_presented_once_the_event_is_held(show: Show) -> None:
    begins, ends = show.event().starts_at, show.event().ends_at
    with unit_of_work():
        services.put_on(show.event(), pitch_id=show.pitches[2], actor=show.host, now=begins + timedelta(minutes=34))
    order = [row.id for row in queries.staged(db.session(), show.event_id)]

    with unit_of_work():
        services.mark_held(show.event(), actor=show.host, now=ends)

    assert order == show.pitches
    db.session.expire_all()
    assert {db.session.get_one(Pitch, one).state for one in show.pitches} == {PitchState.PRESENTED}


def test_interest_leads_to_an_introduction_and_is_told_only_in_fives(
    show: Show, people: Cast, sign_in: Callable[[Membership], FlaskClient]
) -> None:
    fund, organizer, url = sign_in(people.yuanshan), sign_in(people.binjiang), f"/pitches/{show.pitches[0]}/interests"
    with unit_of_work():
        services.put_on(show.event(), pitch_id=show.pitches[0], actor=show.host, now=utcnow())

    live = fund.get(f"/events/{show.event_id}/live").text
    pressed = fund.post(url)

    assert url in live
    assert "星河科技" not in live  # it has not let itself be named
    assert f"/introductions/new?need={show.scene.need_id}&offer={show.scene.offer_id}" in pressed.location
    assert fund.post(url).status_code == 302
    stage = organizer.get(f"/events/{show.event_id}/cockpit/stage").text
    assert "感兴趣不足 5 人" in stage
    assert "远山" not in stage.split("<main")[1]
    with unit_of_work():
        pair = askable_pair(show.scene.fund, show.scene.need_id, show.scene.offer_id)
        assert pair is not None
        introductions.ask(pair, show.scene.choice(), purpose="听了路演", actor=show.scene.fund, now=utcnow())
    db.session.expire_all()
    row = db.session.scalars(select(PitchInterest)).one()
    assert row.introduction_id == db.session.scalars(select(Introduction.id)).one()
    assert fund.post(f"/pitch-interests/{row.id}/withdrawal").status_code == 409
    assert sign_in(people.xinghe).post(url).status_code == 404  # no seat in the room


def test_interest_can_be_taken_back(show: Show) -> None:
    with unit_of_work():
        pitch, place = db.session.get_one(Pitch, show.pitches[1]), db.session.get_one(Registration, show.places["east"])
        made = services.say_interest(pitch, place, actor=show.people["east"], now=utcnow())
        services.take_interest_back(made, actor=show.people["east"], now=utcnow())
        assert queries.own_interests(db.session(), place.id) == {}
        services.say_interest(pitch, place, actor=show.people["east"], now=utcnow())

    assert queries.interest_counts(db.session(), show.event_id) == {show.pitches[1]: 0}
    with pytest.raises(errors.Forbidden), unit_of_work():
        services.say_interest(pitch, place, actor=show.people["west"], now=utcnow())


def test_nobody_reads_a_score_before_all_are_in(
    show: Show, people: Cast, sign_in: Callable[[Membership], FlaskClient]
) -> None:
    show.open_jury("fund", "east")
    organizer, fund = sign_in(people.binjiang), sign_in(people.yuanshan)
    result = f"/events/{show.event_id}/jury-result"
    for pitch in range(3):
        show.score("east", pitch, team=pitch + 3)
    sealed = organizer.get(f"/events/{show.event_id}/cockpit/jury").text
    assert "还差 3 个" in sealed
    for client in (organizer, fund):
        assert client.get(result).status_code == 404
    trail = [
        row.details or {}
        for row in db.session.scalars(select(AuditEvent).where(AuditEvent.action == "jury_score:hand_in"))
    ]
    assert trail
    assert all("points" not in str(row) for row in trail)

    mine = f"/jury-members/{show.member('fund').id}"
    data = {
        "pitch_id": show.pitches[0],
        "score_team": "7",
        "score_product": "11",
        "score_market": "5",
        "score_plan": "5",
    }
    refused = fund.post(f"{mine}/scores", data=data)
    assert refused.status_code == 422
    assert 'value="7"' in refused.text
    for pitch_id in show.pitches:
        assert fund.post(f"{mine}/scores", data={**data, "pitch_id": pitch_id, "score_product": "5"}).status_code == 302

    assert show.jury().state is JuryState.CLOSED
    assert organizer.get(result).status_code == fund.get(result).status_code == 200
    assert sign_in(people.xinghe).get(result).status_code == 404
    assert fund.post(f"{mine}/scores", data=data).status_code in (409, 422)


def test_the_organizer_closes_early_only_with_a_reason_that_all_read(
    show: Show, people: Cast, sign_in: Callable[[Membership], FlaskClient]
) -> None:
    show.open_jury("fund", "east")
    show.score("east", 0)
    organizer = sign_in(people.binjiang)
    where = f"/events/{show.event_id}/jury/closing"

    assert organizer.post(where, data={"reason": " "}).status_code == 422
    assert show.jury().state is JuryState.SCORING
    assert organizer.post(where, data={"reason": "一位评委临时离开"}).status_code == 302
    assert "一位评委临时离开" in sign_in(people.yuanshan).get(f"/events/{show.event_id}/jury-result").text
    assert [row.rank for row in queries.result_of(db.session(), show.jury())] == [1, None, None]


def test_who_is_tied_to_a_firm_does_not_score_it_and_is_not_waited_for(show: Show, people: Cast) -> None:
    with unit_of_work() as session:
        session.add(
            OrganizationRelation(
                from_id=people.yuanshan.organization_id,
                to_id=people.xinghe.organization_id,
                kind=RelationKind.PORTFOLIO,
            )
        )
    show.open_jury("fund")
    with pytest.raises(errors.NotFound):
        show.score("fund", 0)
    show.score("fund", 1)
    with unit_of_work():
        pitch = db.session.get_one(Pitch, show.pitches[2])
        services.declare_tie(show.member("fund"), pitch, "亲属在这家公司", actor=show.people["fund"], now=utcnow())

    assert show.jury().state is JuryState.CLOSED
    assert [(row.rank, row.counted) for row in queries.result_of(db.session(), show.jury())] == [
        (1, 1),
        (None, 0),
        (None, 0),
    ]


def test_means_drop_the_extremes_only_where_three_are_there_and_ties_stay_ties() -> None:
    assert mean_of([10, 50, 60], drop=True) == (50, 1)
    assert mean_of([10, 50], drop=True) == (30, 2)
    assert mean_of([10, 50, 60], drop=False) == (40, 3)
    assert mean_of([], drop=True) == (None, 0)
    assert ranks_of({1: 80.0, 2: 90.0, 3: 80.0, 4: 70.0}) == {2: 1, 1: 2, 3: 2, 4: 4}


def test_the_pages_of_the_day_answer_in_both_languages(
    show: Show, people: Cast, sign_in: Callable[[Membership], FlaskClient]
) -> None:
    organizer, fund = sign_in(people.binjiang), sign_in(people.yuanshan)
    base = f"/events/{show.event_id}"
    assert organizer.post(f"{base}/jury", data={"drop_extremes": "y"}).status_code == 302
    assert organizer.post(f"{base}/jury-members", data={"user_id": people.yuanshan.user_id}).status_code == 302
    assert organizer.post(f"{base}/jury-members", data={"user_id": "x"}).status_code == 422
    assert organizer.post(f"{base}/delay", data={"minutes": "7"}).status_code == 302
    assert organizer.post(f"{base}/delay", data={"minutes": "9999"}).status_code == 422
    assert organizer.post(f"{base}/stage", data={"pitch_id": show.pitches[0]}).status_code == 302
    assert organizer.post(f"{base}/stage", data={"pitch_id": "424242"}).status_code == 404
    for locale in ("zh", "en"):
        organizer.set_cookie("locale", locale)
        fund.set_cookie("locale", locale)
        for page in ("cockpit/stage", "cockpit/jury", "cockpit/presenter", "live", "live/now"):
            assert organizer.get(f"{base}/{page}").status_code == 200
        assert fund.get(f"/jury-members/{show.member('fund').id}").status_code == 200
        assert fund.get(f"{base}/cockpit/stage").status_code == 404
    gone = organizer.post(f"/jury-members/{show.member('fund').id}/departure")
    assert gone.status_code == 302
    assert fund.get(f"/jury-members/{show.member('fund').id}").status_code == 404


def test_who_came_in_may_still_be_asked_to_judge(show: Show) -> None:
    with unit_of_work() as session:
        jury = services.open_jury(show.event(), drop_extremes=False, actor=show.host)
        session.get_one(Registration, show.places["east"]).state = RegistrationState.ATTENDED
        services.name_member(jury, show.people["east"].user_id or 0, actor=show.host, now=utcnow())

    assert show.member("east").organization_id == show.people["east"].organization_id


def test_a_member_of_the_jury_needs_no_seat_is_told_and_finds_the_way_on_the_own_home(
    show: Show, people: Cast, sign_in: Callable[[Membership], FlaskClient]
) -> None:
    mentor = actor(people.mentor)
    with unit_of_work():
        jury = services.open_jury(show.event(), drop_extremes=False, actor=show.host)
        member = services.name_member(jury, people.mentor.user_id, actor=show.host, now=utcnow())
        member_id = member.id
        with pytest.raises(errors.Invalid):  # a firm's people judge no projects
            services.name_member(jury, people.xinghe.user_id, actor=show.host, now=utcnow())
    client = sign_in(people.mentor)

    told = db.session.scalars(select(Notice).where(Notice.kind == "jury_member")).one()
    assert (told.recipient_user_id, told.path) == (people.mentor.user_id, f"/jury-members/{member_id}")
    for locale, words in (("zh", "当路演评委"), ("en", "Score pitches")):
        client.set_cookie("locale", locale)
        home = client.get("/").text
        assert words in home
        assert f"/jury-members/{member_id}" in home
    assert client.get(f"/jury-members/{member_id}").status_code == 200
    assert sign_in(people.yuanshan).get(f"/jury-members/{member_id}").status_code == 404
    for number in range(3):
        with unit_of_work():
            row = db.session.get_one(Pitch, show.pitches[number])
            found = db.session.get_one(JuryMember, member_id)
            services.hand_in(found, row, ALL_TEN, "", actor=mentor, now=utcnow())
    assert f"/jury-members/{member_id}" not in client.get("/").text
    assert show.jury().state is JuryState.CLOSED
    assert client.get(f"/events/{show.event_id}/jury-result").status_code == 200
