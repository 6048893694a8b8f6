"""Introductions about loans and mentoring read right on both sides, open only what they have, and count apart."""

import pytest
from sqlalchemy import select

from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.outbox import Notice
from matchhub.disclosure.models import Consent
from matchhub.introductions import services
from matchhub.introductions.enums import IntroductionState
from matchhub.introductions.models import Introduction
from matchhub.introductions.queries import Pair
from matchhub.introductions.services.limits import check_limits
from matchhub.listings.enums import PairingKind
from matchhub.listings.models import Mentorship, Need, Offer
from matchhub.mentoring.models import Engagement
from tests.cast import stored
from tests.integration.pairs import actor, agreed, asked, mentoring_need_of, product_of, stage

KINDS = [PairingKind.CREDIT, PairingKind.MENTORING]
WORDS = {PairingKind.CREDIT: "仅用于本次贷款对接", PairingKind.MENTORING: "仅用于本次辅导对接"}
GIVER = {PairingKind.CREDIT: "bank", PairingKind.MENTORING: "mentor"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_firm_asks_and_the_other_side_agrees(people, sign_in, kind):
    scene = stage(people, kind)
    firm, giver = sign_in(people.xinghe), sign_in(getattr(people, GIVER[kind]))
    screen = firm.get(f"/introductions/new?need={scene.need_id}&offer={scene.offer_id}").text
    assert WORDS[kind] in screen and "出让股份" not in screen and "融资" not in screen.split("<main")[1]

    assert firm.post("/introductions", data=scene.form()).status_code == 302
    with unit_of_work() as session:
        session.get_one(Introduction, 1).requested_at = utcnow()
    page = giver.get("/introductions/1/acceptance").text
    assert WORDS[kind] in page and "星河科技" in page and "已投同类" not in page
    assert giver.post("/introductions/1/acceptance", data=scene.form()).status_code == 302

    assert stored(Introduction, 1, lambda i: i.state) is IntroductionState.ACCEPTED
    for client in (firm, giver):
        shown = client.get("/introductions/1").text
        assert "看交易" not in shown and "投资" not in shown.split("<main")[1]
        assert client.get("/introductions?tab=active").status_code == 200
        assert client.get("/introductions/export.xlsx?tab=active").data[:2] == b"PK"
    assert {c.purpose for c in db.session.scalars(select(Consent))} == {WORDS[kind]}


@pytest.mark.parametrize(("kind", "shown"), [(PairingKind.CREDIT, True), (PairingKind.MENTORING, False)])
def test_the_amount_is_opened_with_consent_where_there_is_one(people, sign_in, kind, shown):
    scene = stage(people, kind)
    page = sign_in(people.xinghe).get(f"/introductions/new?need={scene.need_id}&offer={scene.offer_id}").text
    assert ('name="terms"' in page) is shown

    agreed(scene)

    seen = sign_in(getattr(people, GIVER[kind])).get("/introductions/1").text
    assert ("7,654.32" in seen) is shown
    assert stored(Introduction, 1, lambda i: "terms" in i.requester_consent.groups) is shown


def test_a_bank_without_consent_to_the_terms_sees_a_band(people, sign_in):
    scene = stage(people, PairingKind.CREDIT)
    agreed(scene, firm_opens=False)

    page = sign_in(people.bank).get("/introductions/1").text

    assert "7,654.32" not in page and "金额区间" in page


def test_each_kind_refuses_for_its_own_reasons(people, sign_in):
    scene = stage(people, PairingKind.MENTORING)
    asked(scene)
    mentor = sign_in(people.mentor)

    assert mentor.post("/introductions/1/refusal", data={"reason": "amount"}).status_code == 422
    with unit_of_work() as session:
        services.decline(session.get_one(Introduction, 1), reason="capacity_full", actor=scene.fund, now=utcnow())
    told = db.session.scalars(select(Notice).where(Notice.kind.startswith("introduction_declined"))).all()
    assert [notice.values["reason"] for notice in told] == [{"zh": "名额已满", "en": "No places left"}]


def test_a_bank_that_refused_one_product_may_be_asked_for_another(people):
    scene = stage(people, PairingKind.CREDIT)
    asked(scene)
    with unit_of_work() as session:
        services.decline(session.get_one(Introduction, 1), reason="amount", actor=scene.fund, now=utcnow())
        other = product_of(people.bank.organization_id)
        session.add(other)
        session.flush()
        other_id = other.id
    same = scene.pair(scene.firm)
    another = Pair(same.need, db.session.get_one(Offer, other_id), same.own_id)

    with pytest.raises(errors.LimitReached):
        check_limits(same, now=utcnow())
    check_limits(another, now=utcnow())


def test_requests_of_one_kind_do_not_fill_the_cap_of_another(people):
    loans, advice = stage(people, PairingKind.CREDIT), None
    asked(loans)
    with unit_of_work() as session:
        from matchhub.core.installation import required  # noqa: PLC0415

        required(session).in_flight_per_enterprise = 1
        need = mentoring_need_of(people.xinghe.organization_id, "新材料-0009")
        from tests.integration.pairs import mentorship_of  # noqa: PLC0415

        offer = mentorship_of(people.mentor.organization_id)
        session.add_all([need, offer])
        session.flush()
        advice = need.id, offer.id
    pair = Pair(
        db.session.get_one(Need, advice[0]), db.session.get_one(Offer, advice[1]), people.xinghe.organization_id
    )

    check_limits(pair, now=utcnow())
    with unit_of_work() as session:
        third = product_of(people.bank.organization_id)
        session.add(third)
        session.flush()
        third_id = third.id
    with pytest.raises(errors.LimitReached):  # the control: loans are at their cap
        check_limits(
            Pair(db.session.get_one(Need, loans.need_id), db.session.get_one(Offer, third_id), pair.own_id),
            now=utcnow(),
        )


def test_a_full_mentor_is_not_asked_and_does_not_ask(people):
    scene = stage(people, PairingKind.MENTORING)
    agreed(scene)
    with unit_of_work() as session:
        session.get_one(Mentorship, scene.offer_id).firms_at_most = 1
        need = mentoring_need_of(people.qingtian.organization_id, "高端装备-0011")
        session.add(need)
        session.flush()
        need_id = need.id
    mentor, other = scene.fund, actor(people.qingtian)

    for own in (mentor, other):
        pair = Pair(db.session.get_one(Need, need_id), db.session.get_one(Offer, scene.offer_id), own.organization_id)
        with pytest.raises(errors.LimitReached, match="最多辅导"):
            check_limits(pair, now=utcnow())
    with unit_of_work() as session:
        session.get_one(Mentorship, scene.offer_id).firms_at_most = 2
    check_limits(pair, now=utcnow())  # the control
    assert db.session.scalars(select(Engagement)).one().mentor_id == people.mentor.organization_id
