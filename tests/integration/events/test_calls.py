"""Calling firms to pitch: who may apply until when, what it opens, what a recommendation needs, and what blind hides."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import select

from matchhub.accounts.models import Membership, Organization
from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.outbox import Notice
from matchhub.core.policy import Actor
from matchhub.disclosure import services as disclosure
from matchhub.disclosure.models import Consent
from matchhub.disclosure.queries import visible_of
from matchhub.events import jobs, queries, services
from matchhub.events.enums import ApplicationState, EventType, PitchState
from matchhub.events.models import Event, Pitch, PitchApplication, PitchCall
from matchhub.events.services import CallFacts, EventFacts
from matchhub.profiles.queries import profile_of, subject_of
from tests.cast import Cast
from tests.integration.pairs import actor, need_of, Scene, stage

LEAD = timedelta(days=30)
CRITERIA = (
    {"code": "team", "label": "团队", "label_en": "Team", "weight": 60, "most": 10},
    {"code": "plan", "label": "计划", "label_en": "Plan", "weight": 40, "most": 10},
)


@dataclass
class Called:
    """A roadshow of 滨江孵化器 that calls; 星河科技 has a need. Ids only."""

    event_id: int
    host: Actor
    scene: Scene

    def call(self) -> PitchCall:
        db.session.expire_all()
        found = queries.call_of(db.session(), self.event_id)
        assert found is not None
        return found

    def apply(self, **more: object) -> int:
        with unit_of_work():
            choice = self.scene.choice(deck=True)
            need_id = int(str(more.pop("need_id", self.scene.need_id)))
            now = more.pop("now", utcnow())
            by = more.pop("by", self.scene.firm)
            return services.apply(self.call(), need_id, choice, "请看样件", actor=by, now=now).id  # type: ignore[arg-type]


def calling(host: Actor, *, blind: bool = False) -> int:
    """A published roadshow whose call is open for ten days; its id."""
    now = utcnow()
    with unit_of_work():
        facts = EventFacts("新材料路演", now + LEAD, place="滨江路 1 号")
        event = services.create(EventType.ROADSHOW, facts, actor=host, now=now)
        services.publish(event, actor=host, now=now)
        rules = CallFacts(now + timedelta(days=10), 2, 1, 12, CRITERIA, blind=blind)
        services.open_call(event, rules, actor=host, now=now)
        return event.id


@pytest.fixture
def called(people: Cast) -> Called:
    host = actor(people.binjiang)
    return Called(calling(host), host, stage(people))


def state_of(application_id: int) -> ApplicationState:
    db.session.expire_all()
    return db.session.get_one(PitchApplication, application_id).state


def test_a_firm_applies_with_a_need_it_has_and_opens_what_it_ticked_to_the_organizer(
    called: Called, people: Cast
) -> None:
    before = seen_by(called.host, people)

    made = called.apply()

    after = seen_by(called.host, people)
    assert not before.contact
    assert after.contact
    assert after.material(called.scene.deck_id)
    assert not after.terms  # its box stayed empty
    assert state_of(made) is ApplicationState.SUBMITTED
    assert db.session.scalars(select(Notice.kind).where(Notice.kind == "pitch_applied")).all() == ["pitch_applied"]


def seen_by(viewer: Actor, people: Cast):  # type: ignore[no-untyped-def]
    db.session.expire_all()
    firm = db.session.get_one(Organization, people.xinghe.organization_id)
    return visible_of(db.session(), viewer, subject_of(firm, profile_of(db.session(), firm.id)), now=utcnow())


def test_withdrawing_closes_what_was_opened_and_makes_room_for_another_try(called: Called, people: Cast) -> None:
    made = called.apply()
    with pytest.raises(errors.Conflict):
        called.apply()

    with unit_of_work():
        row = db.session.get_one(PitchApplication, made)
        services.withdraw_application(row, actor=called.scene.firm, now=utcnow())

    assert state_of(made) is ApplicationState.WITHDRAWN
    assert not seen_by(called.host, people).contact
    assert called.apply() != made


def test_taking_the_consent_back_takes_the_application_back(called: Called) -> None:
    made = called.apply()
    with unit_of_work():
        consent = db.session.scalars(select(Consent).where(Consent.about_type == "pitch_application")).one()
        disclosure.withdraw(consent, actor=called.scene.firm, now=utcnow())

    assert state_of(made) is ApplicationState.WITHDRAWN


def test_the_server_keeps_the_deadline_and_other_firms_needs_out(called: Called, people: Cast) -> None:
    late = utcnow() + timedelta(days=10, minutes=1)
    with pytest.raises(errors.Conflict):
        called.apply(now=late)
    with pytest.raises(errors.Invalid) as wrong:
        called.apply(by=actor(people.qingtian))  # with a need of 星河科技
    with pytest.raises(errors.Forbidden):
        called.apply(by=actor(people.yuanshan))
    with unit_of_work():
        services.close_call(called.call(), actor=called.host, now=utcnow())
    with pytest.raises(errors.Conflict):
        called.apply(now=utcnow() + timedelta(seconds=2))
    assert wrong.value.field == "need"
    assert db.session.scalars(select(PitchApplication)).all() == []


def test_what_a_carrier_recommends_is_the_firms_to_agree_and_nobody_elses_to_see(called: Called, people: Cast) -> None:
    with unit_of_work() as session:
        need = queries.needs_to_pitch(session, people.xinghe.organization_id)[0]
        need.carrier_id = people.gedian.organization_id  # a carrier that does not hold the event
    carrier = actor(people.gedian)
    with pytest.raises(errors.Invalid), unit_of_work():
        services.recommend(called.call(), called.scene.need_id, actor=called.host, now=utcnow())  # not its firm

    with unit_of_work():
        made = services.recommend(called.call(), called.scene.need_id, "样件已量产", actor=carrier, now=utcnow()).id

    assert queries.applications_of(db.session(), called.event_id) == []
    assert queries.visible_application(called.host, made) is None
    told = db.session.scalars(select(Notice).where(Notice.kind == "pitch_recommended")).all()
    assert [notice.recipient_user_id for notice in told] == [people.xinghe.user_id]
    assert called.apply() == made  # the firm agrees: the very same row
    row = db.session.get_one(PitchApplication, made)
    assert (row.state, row.recommended_by_id) == (ApplicationState.SUBMITTED, people.gedian.organization_id)


def test_opening_says_what_cannot_be(people: Cast, sign_in: Callable[[Membership], FlaskClient]) -> None:
    host, now = actor(people.binjiang), utcnow()
    with unit_of_work():
        draft = services.create(
            EventType.SALON, EventFacts("沙龙", now + LEAD, place="滨江路 1 号"), actor=host, now=now
        )
        rules = CallFacts(now + timedelta(days=10), 2, 1, 12, CRITERIA)
        event_id = draft.id
    with pytest.raises(errors.Conflict), unit_of_work():
        services.open_call(db.session.get_one(Event, event_id), rules, actor=host, now=now)
    organizer = sign_in(people.binjiang)
    roadshow = calling(host)

    page = organizer.post(f"/events/{roadshow}/call/rules", data={"places": "0", "criteria": "团队"})

    assert page.status_code == 422
    assert "每行写成" in page.text
    assert queries.call_of(db.session(), roadshow).places == 2  # type: ignore[union-attr]


def test_the_pages_of_firm_carrier_and_organizer(
    called: Called, people: Cast, sign_in: Callable[[Membership], FlaskClient]
) -> None:
    organizer, firm, fund = sign_in(people.binjiang), sign_in(people.xinghe), sign_in(people.yuanshan)
    scene, event_id = called.scene, called.event_id

    assert "申请路演" in firm.get(f"/events/{event_id}").text
    assert "碳纤维部件" in firm.get(f"/events/{event_id}/applications/new").text
    empty = firm.post(f"/events/{event_id}/applications", data={"need": scene.need_id})
    assert empty.status_code == 422
    sent = firm.post(f"/events/{event_id}/applications", data=scene.form(words="请看样件"))
    assert sent.status_code == 302
    assert "评审中" in firm.get(sent.location).text
    assert "新材料路演" in firm.get("/pitch-applications").text
    assert "星河科技" in organizer.get(f"/events/{event_id}/cockpit/call").text
    assert "请看样件" in organizer.get(sent.location).text
    assert organizer.get(f"/events/{event_id}/recommendations/new").status_code == 200
    assert fund.get(f"/events/{event_id}/applications/new").status_code == 403
    assert fund.get(sent.location).status_code == 404
    assert fund.get(f"/events/{event_id}/cockpit/call").status_code == 404
    assert firm.post(f"{sent.location}/withdrawal").status_code == 302
    assert organizer.get(sent.location).status_code == 404


def test_the_list_of_applications_costs_the_same_for_one_and_three(
    called: Called, firms: Callable[[int], list[Actor]]
) -> None:
    called.apply()

    def read() -> None:
        db.session.expire_all()
        rows = queries.applications_of(db.session(), called.event_id)
        queries.scores_for(db.session(), called.host, rows, CRITERIA)
        assert [row.need.teaser + row.organization.label for row in rows]

    one = counted(read)
    for number, person in enumerate(firms(2)):
        applied(called.event_id, person, f"新材料-1{number}")

    assert counted(read) == one


def counted(read: Callable[[], object]) -> int:
    seen: list[str] = []

    def note(*args: object) -> None:
        seen.append(str(args[2]))

    sqlalchemy_event.listen(db.engine, "before_cursor_execute", note)
    try:
        read()
    finally:
        sqlalchemy_event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def applied(event_id: int, person: Actor, code: str) -> int:
    """A firm with a need that has applied, without the consent screen; the application's id."""
    with unit_of_work() as session:
        need = need_of(person.organization_id or 0, code)
        session.add(need)
        session.flush()
        row = PitchApplication(
            event_id=event_id, organization_id=person.organization_id, need_id=need.id, applied_by_id=person.user_id,
            applied_at=utcnow(), state=ApplicationState.SUBMITTED,
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


def told_of_calls() -> list[tuple[int | None, int]]:
    """(organization, event) of each notice that a call is open."""
    db.session.expire_all()
    rows = db.session.scalars(select(Notice).where(Notice.kind == "pitch_call").order_by(Notice.id))
    return [(row.organization_id, db.session.get_one(PitchCall, row.object_id).event_id) for row in rows]


def test_a_call_is_told_once_to_the_firms_that_could_apply_and_to_none_more_than_twice_a_month(
    called: Called, people: Cast
) -> None:
    own = people.xinghe.organization_id
    jobs.tell_changes(utcnow())
    jobs.tell_changes(utcnow())
    assert told_of_calls() == [(own, called.event_id)]

    called.apply()
    second, third = calling(called.host), calling(called.host)
    jobs.tell_changes(utcnow())

    assert told_of_calls() == [(own, called.event_id), (own, second)]
    assert third not in {event_id for _, event_id in told_of_calls()}
    with unit_of_work() as session:
        fresh = [row.id for row in session.scalars(select(Notice).where(Notice.kind == "pitch_call"))]
        for one in fresh:
            session.delete(session.get_one(Notice, one))
    late = calling(called.host)
    with unit_of_work() as session:
        call = queries.call_of(session, late)
        assert call is not None
        services.close_call(call, actor=called.host, now=utcnow())
    jobs.tell_changes(utcnow() + timedelta(seconds=5))
    assert told_of_calls() == []  # over before anybody was told


def test_what_a_firm_is_asked_stands_on_its_home_and_in_its_tracker(
    called: Called, people: Cast, sign_in: Callable[[Membership], FlaskClient]
) -> None:
    firm = sign_in(people.xinghe)
    with unit_of_work():
        called.call().closes_at = utcnow() + timedelta(days=3)
    asks = f"/events/{called.event_id}/applications/new"
    for locale, words in (("zh", "路演征集快截止"), ("en", "A call to pitch closes soon")):
        firm.set_cookie("locale", locale)
        home = firm.get("/").text
        assert words in home
        assert asks in home

    application = called.apply()

    assert asks not in firm.get("/").text
    tracker = firm.get("/tracker").text
    assert f"/pitch-applications/{application}" in tracker
    assert "In review" in tracker
    with unit_of_work() as session:
        row = session.get_one(PitchApplication, application)
        row.state = ApplicationState.SELECTED
        session.add(
            Pitch(event_id=called.event_id, organization_id=row.organization_id, need_id=row.need_id, minutes=12,
                  application_id=application, offset_minutes=10, state=PitchState.CONFIRMED)
        )  # fmt: skip
    assert "Decide whether to be named" in firm.get("/").text
    with unit_of_work():
        pitch = queries.pitch_for(db.session(), application)
        assert pitch is not None
        services.name_firm(pitch, "", actor=called.scene.firm, now=utcnow())
    assert "Decide whether to be named" not in firm.get("/").text


def test_a_reviewer_finds_what_waits_on_the_own_home(
    called: Called, people: Cast, sign_in: Callable[[Membership], FlaskClient]
) -> None:
    application = called.apply()
    with unit_of_work():
        services.name_reviewer(called.call().event, people.mentor.user_id, actor=called.host, now=utcnow())
    client, desk = sign_in(people.mentor), f"/events/{called.event_id}/reviewing"
    assert desk in client.get("/").text

    with unit_of_work():
        task = queries.own_task(actor(people.mentor), application)
        assert task is not None
        services.save_review(task, {"team": 8, "plan": 7}, "", hand_in=True, actor=actor(people.mentor), now=utcnow())

    assert desk not in client.get("/").text
