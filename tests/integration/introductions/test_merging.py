"""Organizations are merged or leave, listings end: what stands between two parties follows."""

from datetime import timedelta

import pytest
from sqlalchemy import func, or_, select

from matchhub.accounts import services as accounts
from matchhub.accounts.enums import OrganizationKind, Role
from matchhub.accounts.models import Organization
from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.outbox import Notice
from matchhub.core.policy import SYSTEM
from matchhub.disclosure.models import Consent
from matchhub.introductions import services
from matchhub.introductions.enums import IntroductionState
from matchhub.introductions.models import Introduction, Meeting, Message
from matchhub.listings import services as listings
from matchhub.listings.models import Need, Offer
from matchhub.matches.models import Exclusion
from matchhub.pipelines import services as pipelines
from matchhub.pipelines.models import Deal, Outcome
from matchhub.pipelines.services import Result
from matchhub.profiles.models import PastRound
from tests import cast
from tests.cast import stored
from tests.integration.pairs import actor, agreed, asked, met, need_of, offer_of


def state_of(introduction_id: int) -> IntroductionState:
    return stored(Introduction, introduction_id, lambda i: i.state)


def told(kind: str) -> set[int]:
    """Who was told."""
    db.session.rollback()
    return set(db.session.scalars(select(Notice.recipient_user_id).where(Notice.kind == kind)))


def count(model: type, *conditions: object) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


def merge(people: cast.Cast, keep: int, drop: int) -> None:
    with unit_of_work() as session:
        accounts.merge_organizations(
            session.get_one(Organization, keep),
            session.get_one(Organization, drop),
            actor=actor(people.administrator),
            now=utcnow(),
        )


@pytest.fixture
def twin(people) -> int:
    """A second row for 星河科技."""
    with unit_of_work():
        made = cast.member("twin", OrganizationKind.ENTERPRISE, "星河科技（重复）", "星河二", "420704", Role.OWNER)
        return made.organization_id


@pytest.fixture
def fund_twin(people) -> int:
    """A second row for 远山资本."""
    with unit_of_work():
        made = cast.member("fundtwin", OrganizationKind.INVESTOR, "远山资本（重复）", "远山二", "420704", Role.OWNER)
        return made.organization_id


@pytest.fixture
def funded(scene) -> int:
    """An introduction with a thread, a meeting and a confirmed result."""
    introduction_id = agreed(scene, now=utcnow().replace(microsecond=0) - timedelta(days=4))
    met(introduction_id, scene)
    with unit_of_work() as session:
        introduction = session.get_one(Introduction, introduction_id)
        services.write(introduction, "谈得不错", actor=scene.fund, now=utcnow())
        deal = session.scalars(select(Deal)).one()
        outcome = pipelines.enter(
            deal, Result(5_000_000, "equity", city_date(utcnow())), actor=scene.fund, now=utcnow()
        )
        session.flush()
        pipelines.confirm(outcome, actor=scene.firm, now=utcnow())
    return introduction_id


@pytest.mark.parametrize("side", ["firm", "fund"])
def test_everything_between_the_two_follows_a_merge(people, scene, sign_in, funded, twin, fund_twin, side):
    dropped = (scene.firm if side == "firm" else scene.fund).organization_id
    kept = twin if side == "firm" else fund_twin

    merge(people, kept, dropped)

    for model, columns in {
        Introduction: ("enterprise_id", "investor_id", "requester_id", "recipient_id", "ended_by_id"),
        Message: ("organization_id",), Meeting: ("proposed_by_id",), Consent: ("subject_id", "recipient_id"),
        Deal: ("enterprise_id", "investor_id"), Outcome: ("entered_by_id",), PastRound: ("enterprise_id", "investor_id"),
    }.items():  # fmt: skip
        assert count(model) > 0
        assert count(model, or_(*(getattr(model, name) == dropped for name in columns))) == 0, model
    member = people.xinghe if side == "firm" else people.yuanshan
    assert sign_in(member).get(f"/introductions/{funded}").status_code == 200
    assert state_of(funded) is IntroductionState.CLOSED


def test_of_two_requests_to_the_same_fund_the_newer_is_withdrawn(people, scene, sign_in, twin):
    older = asked(scene)
    with unit_of_work() as session:
        need = need_of(twin, "新材料-0099")
        session.add(need)
        session.flush()
        newer = request_row(need.id, scene, requester=twin)
    merge(people, scene.firm.organization_id, twin)

    assert state_of(older) is IntroductionState.REQUESTED
    assert state_of(newer) is IntroductionState.WITHDRAWN
    assert people.yuanshan.user_id in told("introduction_withdrawn")


def test_what_is_agreed_stands_before_what_is_asked(people, scene, twin):
    with unit_of_work() as session:
        need = need_of(twin, "新材料-0099")
        session.add(need)
        session.flush()
        waiting = request_row(need.id, scene, requester=twin)
    standing = agreed(scene)

    merge(people, twin, scene.firm.organization_id)

    assert state_of(standing) is IntroductionState.ACCEPTED
    assert state_of(waiting) is IntroductionState.WITHDRAWN


def test_requests_to_different_funds_both_stay(people, scene, twin):
    first = asked(scene)
    with unit_of_work() as session:
        need, offer = need_of(twin, "新材料-0099"), offer_of(people.beidou.organization_id)
        session.add_all([need, offer])
        session.flush()
        other = request_row(need.id, scene, requester=twin, offer=offer)
    merge(people, scene.firm.organization_id, twin)

    assert state_of(first) is state_of(other) is IntroductionState.REQUESTED


def request_row(need_id: int, scene, *, requester: int, offer: Offer | None = None) -> int:
    """Inside a unit of work: a request as it stands in the table."""
    now = utcnow()
    found = offer or db.session.get_one(Offer, scene.offer_id)
    row = Introduction(
        kind=found.kind, need_id=need_id, offer_id=found.id, enterprise_id=requester,
        investor_id=found.organization_id, requester_id=requester, recipient_id=found.organization_id,
        requested_by_id=scene.firm.user_id, requested_at=now, expires_at=now + timedelta(days=14),
        last_activity_at=now,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row.id


def test_a_firm_that_leaves_ends_its_introductions_and_consents(people, scene, sign_in):
    introduction_id = agreed(scene)
    with unit_of_work() as session:
        firm = session.get_one(Organization, scene.firm.organization_id)
        accounts.close_organization(firm, actor=scene.firm, now=utcnow())

    assert state_of(introduction_id) is IntroductionState.REVOKED
    assert count(Consent, Consent.withdrawn_at.is_(None)) == 0
    assert people.yuanshan.user_id in told("introduction_revoked")
    fund = sign_in(people.yuanshan)
    assert fund.get(f"/introductions/{introduction_id}/contact").status_code == 404
    assert "13900001111" not in fund.get(f"/introductions/{introduction_id}").text


def test_after_a_result_a_firm_that_leaves_takes_its_consents_along(people, scene, funded):
    assert count(Consent, Consent.withdrawn_at.is_(None)) == 2  # the control: a result alone leaves them open
    with unit_of_work() as session:
        firm = session.get_one(Organization, scene.firm.organization_id)
        accounts.close_organization(firm, actor=scene.firm, now=utcnow())

    assert count(Consent, Consent.withdrawn_at.is_(None)) == 0


def end_need(scene, how: str) -> None:
    with unit_of_work() as session:
        need = session.get_one(Need, scene.need_id)
        if how == "met":
            listings.meet_need(need, actor=SYSTEM, now=utcnow())
        elif how == "closed":
            listings.close_need(need, reason="plan_changed", actor=scene.firm, now=utcnow())
        elif how == "paused":
            listings.pause_need(need, actor=scene.firm, now=utcnow())
        else:
            need.expires_at = utcnow()
            session.flush()
            listings.expire_due(utcnow())


@pytest.mark.parametrize("how", ["met", "closed", "expired"])
@pytest.mark.parametrize("by", ["firm", "fund"])
def test_a_need_that_ends_ends_what_waits_for_it(people, scene, sign_in, how, by):
    introduction_id = asked(scene, by=getattr(scene, by))

    end_need(scene, how)

    ending = IntroductionState.WITHDRAWN if by == "firm" else IntroductionState.EXPIRED
    assert state_of(introduction_id) is ending
    assert told("introduction_lapsed") == {people.xinghe.user_id, people.yuanshan.user_id}
    assert count(Consent, Consent.withdrawn_at.is_(None)) == 0
    assert count(Exclusion, Exclusion.reason == "in_progress") == 0
    assert "相关的发布已经结束" in sign_in(people.yuanshan).get(f"/introductions/{introduction_id}").text


def test_a_paused_need_leaves_what_waits(scene):
    introduction_id = asked(scene)

    end_need(scene, "paused")

    assert state_of(introduction_id) is IntroductionState.REQUESTED
    assert told("introduction_lapsed") == set()


def test_a_need_that_ends_leaves_what_is_agreed(scene):
    introduction_id = agreed(scene)

    end_need(scene, "closed")

    assert state_of(introduction_id) is IntroductionState.ACCEPTED


def test_an_offer_that_is_closed_ends_what_waits_for_it(people, scene):
    introduction_id = asked(scene)
    with unit_of_work() as session:
        offer = session.get_one(Offer, scene.offer_id)
        listings.pause_offer(offer, actor=scene.fund, now=utcnow())
    assert state_of(introduction_id) is IntroductionState.REQUESTED
    with unit_of_work() as session:
        listings.close_offer(session.get_one(Offer, scene.offer_id), actor=scene.fund, now=utcnow())

    assert state_of(introduction_id) is IntroductionState.EXPIRED
    assert people.xinghe.user_id in told("introduction_lapsed")
