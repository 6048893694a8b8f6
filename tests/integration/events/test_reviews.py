"""Reviewing, as an enemy: peeking before one's own word, scoring one's friends, learning a name that is hidden."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from matchhub.accounts.enums import Role
from matchhub.accounts.models import Membership
from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.policy import Actor
from matchhub.events import queries, services
from matchhub.events.enums import TieKind
from matchhub.events.models import Event, PitchApplication, PitchReview, PitchReviewer
from matchhub.events.queries import ReviewTask
from matchhub.listings.enums import PairingKind
from matchhub.listings.models import Need
from matchhub.mentoring.models import Engagement
from matchhub.profiles.enums import RelationKind
from matchhub.profiles.models import OrganizationRelation, PastRound
from tests.cast import Cast
from tests.integration.events.test_calls import applied, calling, CRITERIA
from tests.integration.pairs import actor, agreed, stage

GOOD, POOR = {"team": 9, "plan": 8}, {"team": 2, "plan": 1}


@dataclass
class Jury:
    """A call with one application of 星河科技, reviewed by a colleague of the host and by the mentor 顾川."""

    event_id: int
    application_id: int
    host: Actor
    mentor: Actor
    fund: Actor

    def task(self, reviewer: Actor) -> ReviewTask:
        db.session.expire_all()
        found = queries.own_task(reviewer, self.application_id)
        assert found is not None
        return found

    def say(self, reviewer: Actor, scores: dict[str, int], *, hand_in: bool = True) -> None:
        with unit_of_work():
            services.save_review(self.task(reviewer), scores, "好", hand_in=hand_in, actor=reviewer, now=utcnow())

    def may_review(self, reviewer: Actor) -> bool:
        db.session.expire_all()
        return queries.own_task(reviewer, self.application_id) is not None


def jury_of(people: Cast, *, blind: bool = False) -> Jury:
    host, mentor, fund = actor(people.binjiang), actor(people.mentor), actor(people.yuanshan)
    event_id = calling(host, blind=blind)
    application_id = applied(event_id, actor(people.xinghe), "新材料-0001")
    with unit_of_work() as session:
        event = session.get_one(Event, event_id)
        for person in (host, mentor):
            services.name_reviewer(event, person.user_id, actor=host, now=utcnow())
        session.add(  # a fund has no seat yet: named by hand
            PitchReviewer(
                event_id=event_id, user_id=fund.user_id, organization_id=fund.organization_id, named_by_id=host.user_id
            )
        )
    return Jury(event_id, application_id, host, mentor, fund)


@pytest.fixture
def jury(people: Cast) -> Jury:
    return jury_of(people)


def test_scores_count_by_weight_once_they_are_handed_in(jury: Jury) -> None:
    jury.say(jury.mentor, GOOD, hand_in=False)
    row = db.session.get_one(PitchApplication, jury.application_id)
    assert queries.scores_for(db.session(), jury.mentor, [row], CRITERIA)[row.id].is_hidden

    jury.say(jury.mentor, GOOD)
    jury.say(jury.host, POOR)

    row = db.session.get_one(PitchApplication, jury.application_id)
    scored = queries.scores_for(db.session(), jury.host, [row], CRITERIA)[row.id]
    assert scored.percent == pytest.approx((86 + 16) / 2)
    assert queries.percent_of(GOOD, CRITERIA) == pytest.approx(86)


def test_others_scores_are_read_only_after_ones_own_are_handed_in_for_good(jury: Jury) -> None:
    jury.say(jury.mentor, GOOD)

    assert queries.others_of(db.session(), jury.task(jury.host)) == []
    jury.say(jury.host, POOR, hand_in=False)
    assert queries.others_of(db.session(), jury.task(jury.host)) == []
    row = db.session.get_one(PitchApplication, jury.application_id)
    assert queries.scores_for(db.session(), jury.host, [row], CRITERIA)[row.id].is_hidden  # though it is the organizer
    jury.say(jury.host, POOR)
    assert [review.scores for review in queries.others_of(db.session(), jury.task(jury.host))] == [GOOD]
    with pytest.raises(errors.Conflict):
        jury.say(jury.host, GOOD)  # having read the other's


def test_the_control_a_peek_without_the_guard_reads_the_others(jury: Jury) -> None:
    jury.say(jury.mentor, GOOD)

    rows = db.session.scalars(select(PitchReview).where(PitchReview.reviewer_id == jury.mentor.user_id)).all()

    assert [row.scores for row in rows] == [GOOD]


@pytest.mark.parametrize("kind", [RelationKind.PORTFOLIO, RelationKind.SHAREHOLDER, RelationKind.BLOCKED])
@pytest.mark.parametrize("reverse", [False, True])
def test_a_known_relation_keeps_a_reviewer_out(jury: Jury, people: Cast, kind: RelationKind, reverse: bool) -> None:
    ends = (jury.fund.organization_id, people.xinghe.organization_id)
    assert jury.may_review(jury.fund)  # the control
    with unit_of_work() as session:
        from_id, to_id = reversed(ends) if reverse else ends
        session.add(OrganizationRelation(from_id=from_id, to_id=to_id, kind=kind))

    assert not jury.may_review(jury.fund)


def test_a_past_investment_and_a_mentors_work_keep_a_reviewer_out(jury: Jury, people: Cast) -> None:
    with unit_of_work() as session:
        session.add(
            PastRound(
                investor_id=jury.fund.organization_id,
                enterprise_id=people.xinghe.organization_id,
                closed_on=date(2025, 3, 1),
            )
        )
    agreed(stage(people, PairingKind.MENTORING))
    assert db.session.scalars(select(Engagement.mentor_id)).all() == [jury.mentor.organization_id]

    assert not jury.may_review(jury.fund)
    assert not jury.may_review(jury.mentor)
    assert jury.may_review(jury.host)


def test_somebody_of_the_firm_is_kept_out_through_any_membership_whatever_the_role(jury: Jury, people: Cast) -> None:
    administrator = actor(people.administrator)
    with unit_of_work() as session:
        session.add_all([
            PitchReviewer(
                event_id=jury.event_id, user_id=administrator.user_id, organization_id=administrator.organization_id,
                named_by_id=jury.host.user_id,
            ),
            Membership(  # the administrator also works for the firm, and acts as administrator now
                user_id=administrator.user_id, organization_id=people.xinghe.organization_id, role=Role.EDITOR
            ),
        ])  # fmt: skip

    assert not jury.may_review(administrator)
    row = db.session.get_one(PitchApplication, jury.application_id)
    jury.say(jury.mentor, GOOD)
    row = db.session.get_one(PitchApplication, jury.application_id)
    assert queries.scores_for(db.session(), administrator, [row], CRITERIA)[row.id].is_hidden
    assert queries.ties_of(db.session(), administrator.user_id, [row]) == {row.id: TieKind.SAME}


def test_a_carrier_that_recommended_does_not_score(jury: Jury, people: Cast) -> None:
    with unit_of_work() as session:
        session.get_one(PitchApplication, jury.application_id).recommended_by_id = jury.host.organization_id

    assert not jury.may_review(jury.host)


def test_a_tie_that_comes_meanwhile_stops_what_is_being_written(jury: Jury, people: Cast) -> None:
    task = jury.task(jury.fund)
    with unit_of_work() as session:
        ends = {"from_id": jury.fund.organization_id, "to_id": people.xinghe.organization_id}
        session.add(OrganizationRelation(kind=RelationKind.PORTFOLIO, **ends))

    with pytest.raises(errors.NotFound), unit_of_work():
        services.save_review(task, GOOD, "", hand_in=True, actor=jury.fund, now=utcnow())
    assert db.session.scalars(select(PitchReview)).all() == []


def test_whoever_declares_an_interest_sees_nothing_of_the_firm_any_more(jury: Jury) -> None:
    jury.say(jury.mentor, GOOD, hand_in=False)
    with unit_of_work():
        services.declare_interest(jury.task(jury.mentor), "创始人是我学生", actor=jury.mentor, now=utcnow())

    assert not jury.may_review(jury.mentor)
    assert db.session.scalars(select(PitchReview.scores)).all() == [{}]
    row = db.session.get_one(PitchApplication, jury.application_id)
    jury.say(jury.fund, POOR)
    row = db.session.get_one(PitchApplication, jury.application_id)
    assert queries.scores_for(db.session(), jury.mentor, [row], CRITERIA)[row.id].is_hidden


def test_an_unfinished_or_impossible_score_is_not_handed_in(jury: Jury) -> None:
    for scores in ({"team": 5}, {"team": 11, "plan": 3}, {"team": -1, "plan": 3}):
        with pytest.raises(errors.Invalid):
            jury.say(jury.mentor, scores)
    with pytest.raises(errors.Forbidden), unit_of_work():
        services.save_review(jury.task(jury.mentor), GOOD, "", hand_in=True, actor=jury.host, now=utcnow())


def test_a_blind_review_shows_no_name_anywhere(people: Cast, sign_in: Callable[[Membership], FlaskClient]) -> None:
    jury = jury_of(people, blind=True)
    with unit_of_work() as session:
        row = session.get_one(PitchApplication, jury.application_id)
        row.words = "鄂州星河科技有限公司和星河科技的样件"
        session.get_one(Need, row.need_id).teaser = "星河科技的碳纤维部件"
    organizer, mentor = sign_in(people.binjiang), sign_in(people.mentor)

    pages = [
        mentor.get(f"/events/{jury.event_id}/reviewing").text,
        mentor.get(f"/pitch-applications/{jury.application_id}/review").text,
        organizer.get(f"/events/{jury.event_id}/cockpit/call").text,  # the organizer reviews too
    ]

    assert [page for page in pages if "星河" in page] == []
    assert "■■" in pages[1]
    assert organizer.get(f"/pitch-applications/{jury.application_id}").status_code == 404
    jury.say(jury.host, GOOD)
    assert "星河科技" in organizer.get(f"/events/{jury.event_id}/cockpit/call").text


def test_the_pages_of_a_reviewer(jury: Jury, people: Cast, sign_in: Callable[[Membership], FlaskClient]) -> None:
    mentor, firm, administrator = sign_in(people.mentor), sign_in(people.xinghe), sign_in(people.administrator)
    address = f"/pitch-applications/{jury.application_id}/review"

    assert "星河科技" in mentor.get(f"/events/{jury.event_id}/reviewing").text
    unfinished = mentor.post(address, data={"score_team": "9", "hand_in": "y"})
    assert unfinished.status_code == 422
    assert 'value="9"' in unfinished.text
    kept = mentor.post(address, data={"score_team": "9"})
    assert kept.status_code == 302
    assert mentor.post(address, data={"score_team": "9", "score_plan": "8", "hand_in": "y"}).status_code == 302
    assert "86" in mentor.get(address).text
    for client in (firm, administrator):  # not asked
        assert client.get(address).status_code == 404
        assert client.get(f"/events/{jury.event_id}/reviewing").status_code == 404
    organizer = sign_in(people.binjiang)
    reviewer_id = queries.reviewers_at(db.session(), jury.event_id)[1].id
    assert organizer.post(f"/events/{jury.event_id}/reviewers", data={"reviewer": "999999"}).status_code == 422
    assert organizer.post(f"/pitch-reviewers/{reviewer_id}/dismissal").status_code == 302
    assert mentor.get(address).status_code == 404
