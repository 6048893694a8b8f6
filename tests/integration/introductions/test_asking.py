"""Asking for an introduction: the consent screen, the limits, and what stays closed."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from matchhub.accounts.models import Organization
from matchhub.accounts.news import OrganizationClaimed
from matchhub.core import errors, news
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.installation import Installation
from matchhub.core.outbox import Notice
from matchhub.core.texts import LegalText, TextKind
from matchhub.disclosure.models import Consent
from matchhub.introductions import services
from matchhub.introductions.enums import IntroductionState
from matchhub.introductions.jobs import expire_due
from matchhub.introductions.models import Introduction
from matchhub.listings.enums import NeedState
from matchhub.listings.models import Need, Offer
from matchhub.matches.models import Exclusion
from matchhub.profiles.enums import RelationKind
from matchhub.profiles.models import OrganizationRelation
from tests.cast import stored
from tests.integration.pairs import asked, FUND_CANARIES, NEED_CANARIES, need_of, offer_of


def count(model) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model))


def state_of(introduction_id: int) -> IntroductionState:
    return stored(Introduction, introduction_id, lambda i: i.state)


def test_the_screen_shows_the_own_values_and_two_empty_boxes(people, scene, sign_in):
    page = sign_in(people.xinghe).get(f"/introductions/new?need={scene.need_id}&offer={scene.offer_id}").text

    for words in (
        "接收方",
        "联系方式",
        "用途",
        "方式",
        "信息种类",
        "远山资本",
        "13900001111",
        "金丝雀商业计划书",
        "可随时撤回",
    ):
        assert words in page
    boxes = page[page.index("consent-shown") : page.index("consent-hidden")]
    assert boxes.count("checked") == 1 and 'value="view" id="access" checked' in boxes, "nothing but the narrower way"
    assert not any(canary in page for canary in FUND_CANARIES)


def test_asking_records_the_consent_which_opens_nothing_yet(people, scene, sign_in):
    response = sign_in(people.xinghe).post("/introductions", data=scene.opening())

    assert response.status_code == 302
    introduction_id = int(response.location.rsplit("/", 1)[1])
    assert state_of(introduction_id) is IntroductionState.REQUESTED
    consent_id = stored(Introduction, introduction_id, lambda i: i.requester_consent_id)
    assert stored(Consent, consent_id, lambda c: (c.active_from, sorted(c.groups), c.file_ids)) == (
        None, ["contact", "identity", "materials", "terms"], [scene.deck_id],
    )  # fmt: skip
    assert count(Exclusion) == 1


@pytest.mark.parametrize(
    "change",
    [{"contact": ""}, {"materials": "y", "files": []}, {"materials": "y", "files": [999]}, {"purpose": "长" * 301}],
)
def test_a_wrong_box_keeps_what_was_typed_and_records_nothing(people, scene, sign_in, change):
    data = {k: v for k, v in scene.form(**{"purpose": "想谈谈", **change}).items() if v != ""}

    response = sign_in(people.xinghe).post("/introductions", data=data)

    assert response.status_code == 422
    assert "还有内容要改" in response.text
    assert count(Introduction) == count(Consent) == 0


def test_a_text_that_changed_is_shown_again_and_nothing_is_recorded(people, scene, sign_in):
    with unit_of_work() as session:
        session.add(
            LegalText(kind=TextKind.CONTACT_CONSENT, version="2026-12", body="全新的授权文本", effective_at=utcnow())
        )

    client = sign_in(people.xinghe)
    response = client.post("/introductions", data=scene.form())

    assert response.status_code == 422
    assert "全新的授权文本" in response.text and "授权文本有更新" in response.text
    assert count(Introduction) == 0
    newest = db.session.scalar(select(func.max(LegalText.id)))
    assert client.post("/introductions", data=scene.form(contact_text_id=newest)).status_code == 302


def test_neither_a_stranger_nor_an_officer_asks_for_others(people, scene, sign_in):
    assert sign_in(people.qingtian).post("/introductions", data=scene.form()).status_code == 404
    assert sign_in(people.beidou).post("/introductions", data=scene.form()).status_code == 404
    assert sign_in(people.city).post("/introductions", data=scene.form()).status_code == 403
    assert count(Introduction) == 0


@pytest.mark.parametrize("ids", [{"need": "x"}, {"need": 999}, {"offer": "-1"}, {"offer": "9" * 40}])
def test_nonsense_in_the_pair_is_not_found(people, scene, sign_in, ids):
    assert sign_in(people.xinghe).post("/introductions", data=scene.form() | ids).status_code == 404


def test_before_both_agree_the_recipient_sees_the_name_and_nothing_else(people, scene, sign_in):
    introduction_id = asked(scene, deck=True, terms=True)
    fund = sign_in(people.yuanshan)

    page = fund.get(f"/introductions/{introduction_id}").text
    told = [str(n.values) for n in db.session.scalars(select(Notice))]

    assert "星河科技" in page
    for shown in (page, fund.get("/introductions").text, fund.get("/disclosures").text, *told):
        assert not any(canary in shown for canary in NEED_CANARIES)
    assert fund.get(f"/introductions/{introduction_id}/contact").status_code == 404
    assert fund.get(f"/introductions/{introduction_id}/acceptance").status_code == 200


def test_a_fund_that_asks_learns_neither_name_nor_contact_of_the_firm(people, scene, sign_in):
    introduction_id = asked(scene, by=scene.fund)
    fund = sign_in(people.yuanshan)

    for path in (f"/introductions/{introduction_id}", "/introductions", "/disclosures", "/disclosures/1/receipt"):
        page = fund.get(path).text
        assert "星河科技" not in page.replace("星河科技的人", "")
        assert not any(canary in page for canary in NEED_CANARIES)


def test_the_limit_in_flight_says_until_when(people, scene, sign_in):
    with unit_of_work() as session:
        session.get_one(Installation, 1).in_flight_per_enterprise = 1
        other = offer_of(people.beidou.organization_id)
        session.add(other)
        session.flush()
        other_id = other.id
    asked(scene)

    response = sign_in(people.xinghe).post("/introductions", data=scene.form(offer=other_id))

    assert response.status_code == 409
    assert "上限 1 个" in response.text and "月" in response.text
    assert count(Introduction) == 1


def test_capacity_counts_requests_of_the_month_and_not_the_refused(people, scene, sign_in):
    with unit_of_work() as session:
        session.get_one(Offer, scene.offer_id).capacity_per_month = 1
        need = need_of(people.qingtian.organization_id, "装备-0001")
        session.add(need)
    introduction_id = asked(scene)
    need_id = db.session.scalar(select(Need.id).where(Need.code_name == "装备-0001"))
    address = f"/introductions/new?need={need_id}&offer={scene.offer_id}"

    assert "名额已满" in sign_in(people.qingtian).get(address).text
    with unit_of_work() as session:
        services.decline(session.get_one(Introduction, introduction_id), reason="stage", actor=scene.fund, now=utcnow())
    assert sign_in(people.qingtian).get(address).status_code == 200


def test_after_a_refusal_only_the_decliner_may_ask_again(people, scene, sign_in):
    introduction_id = asked(scene)
    with unit_of_work() as session:
        services.decline(session.get_one(Introduction, introduction_id), reason="stage", actor=scene.fund, now=utcnow())

    refused = sign_in(people.xinghe).post("/introductions", data=scene.form())

    assert refused.status_code == 409 and "起可再次申请" in refused.text
    assert sign_in(people.yuanshan).post("/introductions", data=scene.form()).status_code == 302


def test_after_the_cool_down_the_asker_may_ask_again(scene):
    introduction_id = asked(scene)
    with unit_of_work() as session:
        services.decline(session.get_one(Introduction, introduction_id), reason="stage", actor=scene.fund, now=utcnow())

    assert asked(scene, now=utcnow() + timedelta(days=91))


def test_one_open_introduction_per_pair(people, scene, sign_in):
    asked(scene)

    assert sign_in(people.xinghe).post("/introductions", data=scene.form()).status_code == 409
    assert sign_in(people.yuanshan).post("/introductions", data=scene.form()).status_code == 409
    assert count(Introduction) == 1


def test_a_blocked_organization_cannot_ask(people, scene, sign_in):
    with unit_of_work() as session:
        session.add(
            OrganizationRelation(
                from_id=people.yuanshan.organization_id, to_id=people.xinghe.organization_id, kind=RelationKind.BLOCKED
            )
        )

    assert sign_in(people.xinghe).post("/introductions", data=scene.form()).status_code == 409
    assert count(Introduction) == 0


def test_a_need_that_is_not_published_cannot_ask_and_is_hidden_from_funds(people, scene, sign_in):
    with unit_of_work() as session:
        session.get_one(Need, scene.need_id).state = NeedState.PAUSED

    assert sign_in(people.xinghe).post("/introductions", data=scene.form()).status_code == 409
    assert sign_in(people.yuanshan).post("/introductions", data=scene.form()).status_code == 404


def test_an_unclaimed_recipient_is_asked_when_it_arrives(people, scene, sign_in):
    with unit_of_work() as session:
        session.get_one(Organization, people.yuanshan.organization_id).is_claimed = False
    introduction_id = asked(scene)
    later = utcnow() + timedelta(days=60)

    assert expire_due(later) == 0
    assert count(Notice) == 0
    with unit_of_work() as session:
        organization = session.get_one(Organization, people.yuanshan.organization_id)
        organization.is_claimed = True
        news.publish(OrganizationClaimed(organization), now=later)

    assert stored(Introduction, introduction_id, lambda i: (i.awaits_claim, i.expires_at - later)) == (
        False, timedelta(days=14),
    )  # fmt: skip
    assert count(Notice) == 1


def test_withdrawing_takes_the_name_back(people, scene, sign_in):
    introduction_id = asked(scene)
    fund = sign_in(people.yuanshan)
    assert "星河科技" in fund.get("/introductions?tab=mine").text

    assert fund.post(f"/introductions/{introduction_id}/withdrawal").status_code == 403
    assert sign_in(people.qingtian).post(f"/introductions/{introduction_id}/withdrawal").status_code == 404
    assert sign_in(people.xinghe).post(f"/introductions/{introduction_id}/withdrawal").status_code == 302

    assert state_of(introduction_id) is IntroductionState.WITHDRAWN
    assert "星河科技" not in fund.get("/introductions?tab=ended").text
    assert sign_in(people.xinghe).post(f"/introductions/{introduction_id}/withdrawal").status_code == 409


def test_a_request_expires_after_a_fortnight(scene):
    introduction_id = asked(scene)

    assert expire_due(utcnow() + timedelta(days=13)) == 0
    assert expire_due(utcnow() + timedelta(days=15)) == 1

    assert state_of(introduction_id) is IntroductionState.EXPIRED
    assert count(Exclusion) == 0


def test_nobody_asks_a_thousand(scene, people):
    now = utcnow()
    with unit_of_work() as session:
        session.get_one(Installation, 1).in_flight_per_enterprise = 100
        offers = [offer_of(people.beidou.organization_id) for _ in range(21)]
        session.add_all(offers)
        session.flush()
        ids = [offer.id for offer in offers]
    for offer_id in ids[:20]:
        scene.offer_id = offer_id
        asked(scene, now=now)
    scene.offer_id = ids[20]

    with pytest.raises(errors.LimitReached):
        asked(scene, now=now)
