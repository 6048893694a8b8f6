"""Who sees whom nobody answers: needs without introductions, requests that wait, offers that are full or silent."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from matchhub.accounts.models import Membership
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.introductions.enums import IntroductionState
from matchhub.introductions.models import Introduction
from matchhub.listings.models import Need, Offer
from matchhub.oversight.queries import unanswered
from matchhub.oversight.queries.unanswered import Narrowed
from tests.cast import Cast, take
from tests.integration import pairs
from tests.integration.console.test_funnel import actor_as, counted
from tests.integration.pairs import Scene

SignIn = Callable[[Membership], FlaskClient]
ALL = Narrowed()


def old_need(scene: Scene, days: int = 20) -> None:
    with unit_of_work() as session:
        session.get_one(Need, scene.need_id).published_at = utcnow() - timedelta(days=days)


def asked_ago(scene: Scene, days: float) -> int:
    """A request that waits since then and has not run out."""
    introduction_id = pairs.asked(scene)
    with unit_of_work() as session:
        session.get_one(Introduction, introduction_id).requested_at = utcnow() - timedelta(days=days)
    return introduction_id


def lonely(membership: Membership, narrowed: Narrowed = ALL, days: int = 14) -> list[int]:
    page = unanswered.lonely_needs(db.session(), actor_as(membership), narrowed, days=days, now=utcnow())
    return [row.need_id for row in page.items]


def test_a_need_that_nobody_was_asked_about_is_listed_in_its_scope(scene: Scene, people: Cast) -> None:
    old_need(scene)

    for membership in (people.city, people.echeng, people.binjiang):
        assert lonely(membership) == [scene.need_id]
    for membership in (people.gedian_officer, people.gedian):
        assert lonely(membership) == []


def test_a_fresh_need_or_one_with_an_introduction_is_not(scene: Scene, people: Cast) -> None:
    assert lonely(people.city) == []
    old_need(scene)
    pairs.asked(scene)
    assert lonely(people.city) == []


def test_filters_narrow_and_cannot_widen(scene: Scene, people: Cast) -> None:
    old_need(scene)

    assert lonely(people.city, Narrowed(district="420704", kind="equity")) == [scene.need_id]
    assert lonely(people.city, Narrowed(district="EZ-GD")) == []
    assert lonely(people.city, Narrowed(kind="credit")) == []
    assert lonely(people.city, Narrowed(carrier_id=people.binjiang.organization_id)) == [scene.need_id]
    assert lonely(people.gedian_officer, Narrowed(district="420704")) == []


def test_who_has_to_answer_is_listed_with_how_long_it_takes_usually(scene: Scene, people: Cast) -> None:
    asked_ago(scene, 3)
    with unit_of_work() as session:
        for days in (2, 4, 12):
            at = utcnow() - timedelta(days=30)
            session.add(
                Introduction(
                    kind="equity", need_id=scene.need_id, offer_id=scene.offer_id,
                    enterprise_id=people.xinghe.organization_id, investor_id=people.yuanshan.organization_id,
                    requester_id=people.xinghe.organization_id, recipient_id=people.yuanshan.organization_id,
                    requested_by_id=people.xinghe.user_id, requested_at=at, answered_at=at + timedelta(days=days),
                    state=IntroductionState.DECLINED, expires_at=at, last_activity_at=at,
                )
            )  # fmt: skip
    page = unanswered.waiting_organizations(db.session(), actor_as(people.echeng), ALL, now=utcnow())

    assert [(row.organization.label, row.count, row.median_days) for row in page.items] == [("远山资本", 1, 4.0)]
    assert unanswered.waiting_organizations(db.session(), actor_as(people.gedian_officer), ALL, now=utcnow()).total == 0


def test_an_offer_is_full_when_its_month_is_taken(scene: Scene, people: Cast) -> None:
    def full() -> list[bool]:
        page = unanswered.stuck_offers(db.session(), actor_as(people.city), ALL, days=14, now=utcnow())
        return [row.is_full for row in page.items]

    with unit_of_work() as session:
        session.get_one(Offer, scene.offer_id).capacity_per_month = 2
    pairs.asked(scene)
    assert full() == []
    with unit_of_work() as session:
        session.get_one(Offer, scene.offer_id).capacity_per_month = 1
    assert full() == [True]


def test_an_offer_is_silent_when_a_request_waits_too_long(scene: Scene, people: Cast) -> None:
    asked_ago(scene, 20)
    rows = unanswered.stuck_offers(db.session(), actor_as(people.binjiang), ALL, days=14, now=utcnow()).items

    assert [(row.offer.id, row.is_full, row.waiting) for row in rows] == [(scene.offer_id, False, 1)]
    assert unanswered.stuck_offers(db.session(), actor_as(people.gedian), ALL, days=14, now=utcnow()).total == 0
    assert unanswered.stuck_offers(db.session(), actor_as(people.binjiang), ALL, days=30, now=utcnow()).total == 0


@pytest.mark.parametrize("tab", ["needs", "answers", "offers"])
def test_every_list_has_a_page_and_a_workbook(scene: Scene, people: Cast, sign_in: SignIn, tab: str) -> None:
    old_need(scene)
    if tab != "needs":
        asked_ago(scene, 20)
    client = sign_in(people.echeng)
    page = client.get(f"/unanswered?tab={tab}")
    book = CalamineWorkbook.from_filelike(BytesIO(take(client, f"/unanswered/export.xlsx?tab={tab}").data))

    assert page.status_code == 200
    assert ("星河科技" if tab == "needs" else "远山资本") in page.text
    assert len(book.get_sheet_by_index(0).to_python()) == 2


@pytest.mark.parametrize(
    "query", ["tab=x&days=-1", "days=9999&carrier=x", "carrier=99999999999999", "kind=x", "page=0"]
)
def test_nonsense_in_the_address_is_no_error(people: Cast, sign_in: SignIn, query: str) -> None:
    assert sign_in(people.city).get(f"/unanswered?{query}").status_code == 200


def test_parties_do_not_see_it(people: Cast, sign_in: SignIn) -> None:
    for membership in (people.xinghe, people.yuanshan, people.auditor, people.administrator):
        assert sign_in(membership).get("/unanswered").status_code == 403
        assert sign_in(membership).get("/unanswered/export.xlsx").status_code == 403


def test_the_lists_cost_the_same_for_one_row_and_for_three(scene: Scene, people: Cast) -> None:
    actor, now = actor_as(people.city), utcnow()

    def queries() -> int:
        db.session.rollback()
        with counted() as seen:
            unanswered.lonely_needs(db.session(), actor, ALL, days=14, now=now)
            unanswered.waiting_organizations(db.session(), actor, ALL, now=now)
            unanswered.stuck_offers(db.session(), actor, ALL, days=14, now=now)
        return len(seen)

    asked_ago(scene, 20)
    with unit_of_work() as session:
        need = pairs.need_of(people.qingtian.organization_id, "n-0")
        need.published_at = now - timedelta(days=30)
        session.add(need)
    few = queries()
    with unit_of_work() as session:
        for number in range(2):
            need = pairs.need_of(people.qingtian.organization_id, f"m-{number}")
            need.published_at = now - timedelta(days=30)
            session.add(need)
    assert queries() == few
