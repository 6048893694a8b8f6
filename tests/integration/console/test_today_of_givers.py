"""今日 of a bank, of a mentor, and of the firm that works with them."""

import pytest
from sqlalchemy import select

from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.listings.enums import PairingKind
from matchhub.mentoring import services as mentoring
from matchhub.mentoring.models import Engagement, MentoringSession
from matchhub.pipelines import services as pipelines
from matchhub.pipelines.models import CreditCase
from tests.integration.mentoring.conftest import logged
from tests.integration.pairs import agreed, stage

PLACES = {"bank": ["今日", "推荐", "案件", "产品", "活动"], "mentor": ["今日", "推荐", "辅导", "时间", "活动"]}


@pytest.mark.parametrize(("who", "places"), PLACES.items())
def test_a_giver_has_its_five_places_and_each_opens(people, sign_in, who, places):
    client = sign_in(getattr(people, who))
    page = client.get("/").text

    assert [place for place in places if f">{place}<" not in page] == []
    for path in ("/suggestions", "/offers", "/introductions", "/credit-cases" if who == "bank" else "/engagements"):
        assert client.get(path).status_code == 200, path


def test_a_bank_is_told_to_begin_and_to_report_the_payout(people, sign_in):
    scene = stage(people, PairingKind.CREDIT)
    agreed(scene)
    bank, firm = sign_in(people.bank), sign_in(people.xinghe)
    assert "开始办理贷款" in bank.get("/").text
    with unit_of_work() as session:
        case = session.scalars(select(CreditCase)).one()
        pipelines.move_case(case, "collect", actor=scene.fund, now=utcnow())
    assert "补交贷款材料" in firm.get("/").text and "开始办理贷款" not in bank.get("/").text
    with unit_of_work() as session:
        case = session.scalars(select(CreditCase)).one()
        pipelines.tick_documents(case, [d.code for d in case.documents], actor=scene.fund, now=utcnow())
        pipelines.move_case(case, "submit", actor=scene.fund, now=utcnow())
        pipelines.grant(case, amount_yuan=5_000_000, rate_bp=385, actor=scene.fund, now=utcnow())
    assert "登记放款" in bank.get("/").text and "补交贷款材料" not in firm.get("/").text
    with unit_of_work() as session:
        case = session.scalars(select(CreditCase)).one()
        result = pipelines.Result(5_000_000, "", utcnow().date())
        pipelines.report_payout(case, result, actor=scene.fund, now=utcnow())
    assert "登记放款" not in bank.get("/").text
    assert "确认成果" in firm.get("/").text and "/introductions/1/credit-case" in firm.get("/").text


def test_a_firm_confirms_sessions_and_a_mentor_mends_them(people, sign_in):
    scene = stage(people, PairingKind.MENTORING)
    agreed(scene)
    engagement_id = db.session.scalars(select(Engagement.id)).one()
    session_id = logged(scene, engagement_id)
    mentor, firm = sign_in(people.mentor), sign_in(people.xinghe)

    assert "确认辅导" in firm.get("/").text and f"/mentoring-sessions/{session_id}" in firm.get("/").text
    with unit_of_work() as session:
        row = session.get_one(MentoringSession, session_id)
        mentoring.dispute(row, reason="只谈了半小时", actor=scene.firm, now=utcnow())
    assert "更正有异议的辅导记录" in mentor.get("/").text and "确认辅导" not in firm.get("/").text
