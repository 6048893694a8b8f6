"""Answering: both open, or no; two at once; ending closes everything at the next request."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm.exc import StaleDataError

from matchhub.core import errors
from matchhub.core.audit import AuditEvent
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.disclosure.models import Consent
from matchhub.introductions import services
from matchhub.introductions.enums import IntroductionState
from matchhub.introductions.jobs import close_silent
from matchhub.introductions.models import Introduction
from matchhub.listings.enums import PairingKind
from matchhub.matches.enums import Side, Verdict
from matchhub.matches.models import MatchRun, PublishedRun, Suggestion
from matchhub.pipelines.enums import DealStage
from matchhub.pipelines.models import Deal
from tests.cast import stored
from tests.integration.pairs import agreed, asked, FUND_CANARIES, NEED_CANARIES, need_of, offer_of


def state_of(introduction_id: int) -> IntroductionState:
    return stored(Introduction, introduction_id, lambda i: i.state)


def active_consents() -> int:
    db.session.rollback()
    return db.session.scalar(
        select(func.count()).where(Consent.active_from.is_not(None), Consent.withdrawn_at.is_(None))
    )


def test_accepting_opens_both_sides_and_starts_a_deal(people, scene, sign_in):
    introduction_id = asked(scene, deck=True, terms=True)

    response = sign_in(people.yuanshan).post(f"/introductions/{introduction_id}/acceptance", data=scene.form())

    assert response.status_code == 302
    assert state_of(introduction_id) is IntroductionState.ACCEPTED
    assert active_consents() == 2
    assert db.session.scalar(select(func.count()).select_from(Deal)) == 1
    page = sign_in(people.yuanshan).get(f"/introductions/{introduction_id}").text
    assert "金丝雀商业计划书" in page and "7,654.32" in page
    assert "13900001111" not in page and "139****1111" in page


def test_revealing_a_contact_is_on_record(people, scene, sign_in):
    introduction_id = agreed(scene)

    page = sign_in(people.yuanshan).get(f"/introductions/{introduction_id}/contact").text

    assert "13900001111" in page
    reading = db.session.scalar(select(AuditEvent).where(AuditEvent.action == "contact:read"))
    assert reading.actor_organization_id == people.yuanshan.organization_id
    assert "还没有查看" not in sign_in(people.xinghe).get("/disclosures").text


@pytest.mark.parametrize("data", [{"contact": ""}, {"contact_text_id": 0}])
def test_accepting_without_a_box_or_with_an_old_text_records_nothing(people, scene, sign_in, data):
    introduction_id = asked(scene)
    sent = {k: v for k, v in (scene.form() | data).items() if v != ""}

    assert sign_in(people.yuanshan).post(f"/introductions/{introduction_id}/acceptance", data=sent).status_code == 422
    assert state_of(introduction_id) is IntroductionState.REQUESTED
    assert active_consents() == 0


@pytest.mark.parametrize("noun", ["acceptance", "refusal"])
def test_only_the_recipient_answers(people, scene, sign_in, noun):
    introduction_id = asked(scene)
    data = scene.form(reason="stage", party="recipient", state="accepted")

    assert sign_in(people.xinghe).post(f"/introductions/{introduction_id}/{noun}", data=data).status_code == 403
    assert sign_in(people.beidou).post(f"/introductions/{introduction_id}/{noun}", data=data).status_code == 404
    assert sign_in(people.city).post(f"/introductions/{introduction_id}/{noun}", data=data).status_code == 404
    assert state_of(introduction_id) is IntroductionState.REQUESTED


def test_declining_takes_one_tap_and_shows_only_the_reason(people, scene, sign_in):
    introduction_id = asked(scene)
    fund = sign_in(people.yuanshan)
    assert "阶段不符" in fund.get(f"/introductions/{introduction_id}/acceptance").text

    assert fund.post(f"/introductions/{introduction_id}/refusal", data={"reason": "stage"}).status_code == 302

    assert state_of(introduction_id) is IntroductionState.DECLINED
    page = sign_in(people.xinghe).get(f"/introductions/{introduction_id}").text
    assert "阶段不符" in page and "起可再次申请" in page
    assert not any(canary in page for canary in FUND_CANARIES)


@pytest.mark.parametrize("reason", ["", "terms", "x" * 50])
def test_declining_without_a_reason_of_ones_kind_changes_nothing(people, scene, sign_in, reason):
    introduction_id = asked(scene)

    response = sign_in(people.yuanshan).post(f"/introductions/{introduction_id}/refusal", data={"reason": reason})

    assert response.status_code == 422
    assert state_of(introduction_id) is IntroductionState.REQUESTED


def test_a_second_answer_is_told_politely(people, scene, sign_in):
    introduction_id = asked(scene)
    fund = sign_in(people.yuanshan)
    fund.post(f"/introductions/{introduction_id}/refusal", data={"reason": "stage"})

    response = fund.post(f"/introductions/{introduction_id}/acceptance", data=scene.form())

    assert response.status_code == 409
    assert "已经处理过了" in response.text and "已婉拒" in response.text
    assert fund.get(f"/introductions/{introduction_id}/acceptance").status_code == 409


def test_two_answers_at_once_become_one(app, scene):
    introduction_id = asked(scene)
    start, results = threading.Barrier(2), []

    def answer(accepts: bool) -> None:
        with app.app_context():
            try:
                introduction = db.session.get_one(Introduction, introduction_id)
                start.wait(10)
                with unit_of_work():
                    if accepts:
                        services.accept(introduction, scene.choice(), actor=scene.fund, now=utcnow())
                    else:
                        services.decline(introduction, reason="stage", actor=scene.fund, now=utcnow())
                results.append("done")
            except (errors.Conflict, StaleDataError):
                results.append("late")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=answer, args=(accepts,)) for accepts in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == ["done", "late"]
    assert active_consents() == (2 if state_of(introduction_id) is IntroductionState.ACCEPTED else 0)


def test_a_request_past_its_time_cannot_be_accepted(scene):
    introduction_id = asked(scene, now=utcnow() - timedelta(days=15))

    with pytest.raises(errors.Conflict), unit_of_work() as session:
        services.accept(session.get_one(Introduction, introduction_id), scene.choice(), actor=scene.fund, now=utcnow())


@pytest.mark.parametrize("how", ["revocation", "closure", "consent"])
def test_after_the_end_everything_is_closed_at_the_next_request(people, scene, sign_in, how):
    introduction_id = agreed(scene)
    fund, firm = sign_in(people.yuanshan), sign_in(people.xinghe)
    before = fund.get(f"/introductions/{introduction_id}/contact").text
    assert all(canary in before for canary in NEED_CANARIES[:4])  # the control: it was open

    if how == "consent":
        consent_id = stored(Introduction, introduction_id, lambda i: i.requester_consent_id)
        assert fund.post(f"/disclosures/{consent_id}/withdrawal").status_code == 403
        assert firm.post(f"/disclosures/{consent_id}/withdrawal").status_code == 302
    else:
        assert firm.post(f"/introductions/{introduction_id}/{how}", data={"reason": "plan_changed"}).status_code == 302

    assert fund.get(f"/introductions/{introduction_id}/contact").status_code == 404
    for path in (f"/introductions/{introduction_id}", "/introductions?tab=ended", "/deals?stage=all", "/disclosures"):
        page = fund.get(path).text
        assert not any(canary in page for canary in (*NEED_CANARIES, "139****1111"))
        assert "星河科技" not in page
    assert firm.get(f"/introductions/{introduction_id}/contact").status_code == 404
    assert active_consents() == 0
    assert stored(Deal, 1, lambda d: d.stage) is DealStage.ENDED


@pytest.mark.parametrize(("noun", "data"), [("revocation", {}), ("closure", {"reason": "plan_changed"})])
def test_ending_needs_a_party_and_an_agreed_introduction(people, scene, sign_in, noun, data):
    introduction_id = asked(scene)
    address = f"/introductions/{introduction_id}/{noun}"

    assert sign_in(people.xinghe).post(address, data=data).status_code == 409
    assert sign_in(people.beidou).post(address, data=data).status_code == 404
    assert state_of(introduction_id) is IntroductionState.REQUESTED


@pytest.mark.parametrize("reason", ["", "met_here", "nonsense"])
def test_closing_asks_for_a_listed_reason(people, scene, sign_in, reason):
    introduction_id = agreed(scene)

    response = sign_in(people.xinghe).post(f"/introductions/{introduction_id}/closure", data={"reason": reason})

    assert response.status_code == 422
    assert state_of(introduction_id) is IntroductionState.ACCEPTED


def test_silence_closes_an_introduction(scene):
    introduction_id = agreed(scene)

    assert close_silent(utcnow() + timedelta(days=179)) == 0
    assert close_silent(utcnow() + timedelta(days=181)) == 1
    assert state_of(introduction_id) is IntroductionState.CLOSED


def test_a_contact_that_another_introduction_opened_is_on_record_under_that_consent(people, scene, sign_in):
    first = agreed(scene)
    with unit_of_work() as session:
        need = need_of(scene.firm.organization_id, "新材料-0100")
        session.add(need)
        session.flush()
        need_id = need.id
    second = asked(replace(scene, need_id=need_id))
    fund = sign_in(people.yuanshan)

    assert "13900001111" in fund.get(f"/introductions/{second}/contact").text

    reading = db.session.scalar(select(AuditEvent).where(AuditEvent.action == "contact:read"))
    assert reading.object_id == stored(Introduction, first, lambda i: i.requester_consent_id)


def test_the_name_and_title_are_plain_once_the_contact_is_open(people, scene, sign_in):
    page = sign_in(people.yuanshan).get(f"/introductions/{agreed(scene)}").text

    assert "周金丝" in page and "139****1111" in page and "13900001111" not in page
    assert "wx-canary-firm" not in page and "canary-firm@" not in page


def test_after_the_consents_have_run_out_the_page_says_so(people, scene, sign_in):
    introduction_id = agreed(scene)
    with unit_of_work() as session:
        for consent in session.scalars(select(Consent)):
            consent.expires_at = utcnow()

    page = sign_in(people.yuanshan).get(f"/introductions/{introduction_id}").text

    assert "授权已到期" in page and "周金丝" not in page and "星河科技" not in page


def test_a_refusal_names_how_many_other_funds_are_near(people, scene, sign_in):
    introduction_id = asked(scene)
    with unit_of_work() as session:
        other = offer_of(people.beidou.organization_id)
        run = MatchRun(kind=PairingKind.EQUITY, queued_at=utcnow())
        session.add_all([other, run])
        session.flush()
        session.add(PublishedRun(side=Side.NEED, subject_id=scene.need_id, run_id=run.id, at=utcnow()))
        for position, offer_id in enumerate((scene.offer_id, other.id), start=1):
            session.add(
                Suggestion(
                    run_id=run.id, side=Side.NEED, kind=PairingKind.EQUITY, need_id=scene.need_id, offer_id=offer_id,
                    position=position, score=0.8, coverage=0.9, verdict=Verdict.FITS, created_at=utcnow(),
                )
            )  # fmt: skip

    sign_in(people.yuanshan).post(f"/introductions/{introduction_id}/refusal", data={"reason": "stage"})

    assert "另有 1 家接近的机构" in sign_in(people.xinghe).get("/notices").text
