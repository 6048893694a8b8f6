"""An engagement from the agreement to its end: goals, pauses, places, the result that both confirm."""

import pytest
from sqlalchemy import event, func, select

from matchhub.accounts.enums import OrganizationKind, Role
from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.introductions import services as introductions
from matchhub.introductions.enums import IntroductionState
from matchhub.introductions.models import Introduction
from matchhub.introductions.queries import Pair
from matchhub.listings.enums import NeedState, PairingKind
from matchhub.listings.models import Mentorship, Need, Offer
from matchhub.matches.queries.columns import engaged_now
from matchhub.mentoring import services
from matchhub.mentoring.enums import EngagementState
from matchhub.mentoring.models import Engagement, Goal, MentoringSession
from matchhub.pipelines.enums import OutcomeState
from matchhub.pipelines.models import Deal, Outcome
from matchhub.profiles.models import EnterpriseProfile
from tests import cast
from tests.cast import stored
from tests.integration.mentoring.conftest import logged
from tests.integration.pairs import actor, mentoring_need_of


def state_of(engagement_id: int) -> EngagementState:
    return stored(Engagement, engagement_id, lambda e: e.state)


@pytest.fixture
def confirmed_id(scene, engagement_id) -> int:
    """A session that the firm has confirmed."""
    session_id = logged(scene, engagement_id, minutes=90)
    with unit_of_work() as session:
        row = session.get_one(MentoringSession, session_id)
        services.confirm(row, seen=row.version, actor=scene.firm, now=utcnow())
    return session_id


@pytest.fixture
def result_id(scene, engagement_id, confirmed_id) -> int:
    with unit_of_work() as session:
        made = services.enter_result(
            session.get_one(Engagement, engagement_id), "签下第一家大客户", actor=scene.fund, now=utcnow()
        )
        session.flush()
        return made.id


def test_an_agreement_about_advice_opens_an_engagement_with_its_goal(people, scene, sign_in, engagement_id):
    assert db.session.scalar(select(func.count()).select_from(Deal)) == 0
    assert engaged_now(db.session()) == {scene.offer_id: 1}

    mentor, firm = sign_in(people.mentor), sign_in(people.xinghe)

    assert "星河科技" in mentor.get("/engagements").text and "顾川" in firm.get("/engagements").text
    for client in (mentor, firm):
        assert "三个月内谈成第一个大客户" in client.get(f"/engagements/{engagement_id}").text
    assert sign_in(people.bank).get("/engagements").status_code == 403


@pytest.mark.parametrize(
    "who", ["qingtian", "yuanshan", "bank", "binjiang", "echeng", "city", "administrator", "auditor"]
)
def test_nobody_else_sees_an_engagement(people, sign_in, engagement_id, who):
    client = sign_in(getattr(people, who))

    for method, path in (
        ("GET", f"/engagements/{engagement_id}"), ("POST", f"/engagements/{engagement_id}/pause"),
        ("POST", f"/engagements/{engagement_id}/goals"), ("POST", f"/engagements/{engagement_id}/closure"),
        ("POST", f"/engagements/{engagement_id}/result"), ("POST", "/goals/1/mark"),
    ):  # fmt: skip
        assert client.open(path, method=method).status_code == 404, path
    assert state_of(engagement_id) is EngagementState.ACTIVE


def test_goals_are_set_and_ticked_off_by_both(people, sign_in, engagement_id):
    mentor, firm, address = sign_in(people.mentor), sign_in(people.xinghe), f"/engagements/{engagement_id}/goals"

    assert firm.post(address, data={"words": " "}).status_code == 422
    assert firm.post(address, data={"words": "见十家客户"}).status_code == 302
    assert mentor.post("/goals/2/mark", data={"reached": "y"}).status_code == 302
    assert stored(Goal, 2, lambda g: (g.words, g.reached_on is not None)) == ("见十家客户", True)
    assert firm.post("/goals/2/mark").status_code == 302
    assert stored(Goal, 2, lambda g: g.reached_on) is None
    for number in range(8):
        mentor.post(address, data={"words": f"目标 {number}"})
    assert mentor.post(address, data={"words": "第十一个"}).status_code == 422


def test_either_side_pauses_and_resumes(people, sign_in, engagement_id):
    firm, mentor = sign_in(people.xinghe), sign_in(people.mentor)

    assert firm.post(f"/engagements/{engagement_id}/resumption").status_code == 409
    assert firm.post(f"/engagements/{engagement_id}/pause").status_code == 302
    assert state_of(engagement_id) is EngagementState.PAUSED
    assert mentor.post(f"/engagements/{engagement_id}/pause").status_code == 409
    assert mentor.post(f"/engagements/{engagement_id}/resumption").status_code == 302


def test_ending_without_a_result_asks_why_and_frees_the_place(people, scene, sign_in, engagement_id):
    firm, address = sign_in(people.xinghe), f"/engagements/{engagement_id}/closure"

    for wrong in ("", "nonsense", "goal_reached"):
        assert firm.post(address, data={"reason": wrong}).status_code == 422
    assert firm.post(address, data={"reason": "no_time"}).status_code == 302
    assert firm.post(address, data={"reason": "no_time"}).status_code == 409

    assert stored(Engagement, engagement_id, lambda e: (e.state, e.exit_reason)) == (EngagementState.ENDED, "no_time")
    assert stored(Introduction, 1, lambda i: i.state) is IntroductionState.CLOSED
    assert engaged_now(db.session()) == {}


def test_withdrawing_consent_ends_the_engagement_and_frees_the_place(people, scene, sign_in, engagement_id):
    sign_in(people.xinghe).post("/introductions/1/revocation")

    assert state_of(engagement_id) is EngagementState.ENDED
    assert engaged_now(db.session()) == {}
    assert "星河科技" not in sign_in(people.mentor).get("/engagements?state=all").text


def test_a_result_needs_a_confirmed_session_and_words(people, scene, sign_in, engagement_id, session_id):
    mentor, address = sign_in(people.mentor), f"/engagements/{engagement_id}/result"

    assert mentor.post(address, data={"words": "谈成了"}).status_code == 422
    sign_in(people.xinghe).post(f"/mentoring-sessions/{session_id}/confirmation", data={"seen": "1"})
    assert mentor.post(address, data={"words": " "}).status_code == 422
    assert db.session.scalar(select(func.count()).select_from(Outcome)) == 0
    assert mentor.post(address, data={"words": "谈成了"}).status_code == 302
    assert mentor.post(address, data={"words": "谈成了"}).status_code == 409


def test_a_result_that_both_confirm_finishes_the_engagement_and_counts(
    people, scene, sign_in, engagement_id, result_id
):
    mentor, firm = sign_in(people.mentor), sign_in(people.xinghe)

    assert mentor.post(f"/mentoring-results/{result_id}/confirmation").status_code == 403
    assert sign_in(people.qingtian).post(f"/mentoring-results/{result_id}/confirmation").status_code == 404
    assert mentor.post(f"/engagements/{engagement_id}/closure", data={"reason": "no_time"}).status_code == 409
    assert firm.post(f"/mentoring-results/{result_id}/confirmation", data={"meets_need": "y"}).status_code == 302
    assert firm.post(f"/mentoring-results/{result_id}/confirmation").status_code == 409

    assert state_of(engagement_id) is EngagementState.FINISHED
    assert stored(Outcome, result_id, lambda o: (o.state, o.kind, o.sessions, o.minutes, o.amount_yuan)) == (
        OutcomeState.CONFIRMED, PairingKind.MENTORING, 1, 90, None,
    )  # fmt: skip
    assert stored(Introduction, 1, lambda i: (i.state, i.closing_reason)) == (IntroductionState.CLOSED, "met_here")
    assert stored(Need, scene.need_id, lambda n: n.state) is NeedState.MET
    assert engaged_now(db.session()) == {}
    assert "星河科技" in mentor.get("/engagements?state=finished").text
    figures = sign_in(people.city).get("/outcomes?kind=mentoring").text
    assert "共 1 条" in figures and "1 次 · 1.5 小时" in figures and "顾川" not in figures
    assert "共 0 条" in sign_in(people.city).get("/outcomes?kind=credit").text
    assert sign_in(people.city).get("/outcomes/export.xlsx").data[:2] == b"PK"


def test_a_result_is_corrected_or_disputed_before_it_counts(people, sign_in, engagement_id, result_id):
    mentor, firm = sign_in(people.mentor), sign_in(people.xinghe)

    assert firm.post(f"/mentoring-results/{result_id}/correction", data={"words": "x"}).status_code == 403
    assert mentor.post(f"/mentoring-results/{result_id}/correction", data={"words": ""}).status_code == 422
    assert mentor.post(f"/mentoring-results/{result_id}/correction", data={"words": "签下两家"}).status_code == 302
    second = result_id + 1
    assert firm.post(f"/mentoring-results/{second}/dispute", data={"reason": ""}).status_code == 422
    assert firm.post(f"/mentoring-results/{second}/dispute", data={"reason": "只有一家"}).status_code == 302
    assert "只有一家" in mentor.get(f"/engagements/{engagement_id}").text
    assert [stored(Outcome, result_id + n, lambda o: o.state) for n in range(2)] == [
        OutcomeState.WITHDRAWN, OutcomeState.DISPUTED,
    ]  # fmt: skip
    assert state_of(engagement_id) is EngagementState.ACTIVE


def request_of(scene, number: int) -> int:
    """Another firm asks the mentor; the introduction's id."""
    with unit_of_work() as session:
        name = f"新企{number:04d}"
        firm = cast.member(f"firm{number}", OrganizationKind.ENTERPRISE, name, name, "420704", Role.OWNER)
        profile = EnterpriseProfile(
            organization_id=firm.organization_id, contact_name="周", contact_mobile="13900003333"
        )
        need = mentoring_need_of(firm.organization_id, f"新材料-{6000 + number}")
        session.add_all([profile, need])
        session.flush()
        pair = Pair(need, session.get_one(Offer, scene.offer_id), firm.organization_id)
        return introductions.ask(pair, scene.choice(), purpose="", actor=actor(firm), now=utcnow()).id


def test_a_mentor_takes_no_more_firms_than_it_said(scene, engagement_id):
    waiting = [request_of(scene, number) for number in range(2)]
    with unit_of_work() as session:
        session.get_one(Mentorship, scene.offer_id).firms_at_most = 2

    def accept(introduction_id: int) -> None:
        with unit_of_work() as session:
            introductions.accept(
                session.get_one(Introduction, introduction_id), scene.choice(), actor=scene.fund, now=utcnow()
            )

    accept(waiting[0])
    with pytest.raises(errors.Conflict, match="最多辅导"):
        accept(waiting[1])
    assert stored(Introduction, waiting[1], lambda i: i.state) is IntroductionState.REQUESTED
    with unit_of_work() as session:
        services.end(session.get_one(Engagement, engagement_id), reason="other", actor=scene.fund, now=utcnow())
    accept(waiting[1])  # a place is free

    assert engaged_now(db.session()) == {scene.offer_id: 2}


def test_the_list_costs_the_same_for_one_row_and_for_three(scene, people, sign_in, engagement_id):
    mentor = sign_in(people.mentor)

    def queries() -> int:
        counted = []
        listen = lambda *args: counted.append(args[2])  # noqa: E731
        event.listen(db.engine, "before_cursor_execute", listen)
        assert mentor.get("/engagements").status_code == 200
        event.remove(db.engine, "before_cursor_execute", listen)
        return len(counted)

    queries()
    one = queries()
    for number in range(2):
        with unit_of_work() as session:
            introduction = session.get_one(Introduction, request_of(scene, number))
            introductions.accept(introduction, scene.choice(), actor=scene.fund, now=utcnow())

    assert queries() == one
    assert mentor.get("/engagements/export.xlsx").data[:2] == b"PK"
