"""Deals and outcomes: stages, the fund's own plan, the result that both confirm."""

import pytest
from sqlalchemy import func, select

from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.introductions.enums import IntroductionState
from matchhub.introductions.models import Introduction
from matchhub.listings.enums import NeedState
from matchhub.listings.models import Need
from matchhub.pipelines import services
from matchhub.pipelines.enums import DealStage, OutcomeState
from matchhub.pipelines.models import Deal, Outcome
from matchhub.profiles.models import PastRound
from tests.cast import stored
from tests.integration.pairs import agreed, Scene


@pytest.fixture
def deal_id(scene: Scene) -> int:
    introduction_id = agreed(scene)
    return db.session.scalar(select(Deal.id).where(Deal.introduction_id == introduction_id))


@pytest.fixture
def outcome_id(scene: Scene, deal_id: int) -> int:
    result = services.Result(5_550_000, "equity", city_date(utcnow()))
    with unit_of_work() as session:
        outcome = services.enter(session.get_one(Deal, deal_id), result, actor=scene.fund, now=utcnow())
        session.flush()
        return outcome.id


def stage_of(deal_id: int) -> DealStage:
    return stored(Deal, deal_id, lambda d: d.stage)


def outcome_state(outcome_id: int) -> OutcomeState:
    return stored(Outcome, outcome_id, lambda o: o.state)


def result(**more):
    return {"amount_wan": "555", "instrument": "equity", "received_on": f"{city_date(utcnow())}", "note": ""} | more


def test_the_fund_moves_its_deal(people, scene, sign_in, deal_id):
    address, move = f"/deals/{deal_id}/stage", {"to": "due_diligence", "seen": "0"}
    fund = sign_in(people.yuanshan)

    assert sign_in(people.xinghe).post(address, data=move).status_code == 403
    assert sign_in(people.beidou).post(address, data=move).status_code == 404
    assert fund.post(address, data=move | {"to": "funded"}).status_code == 422
    assert fund.post(address, data=move | {"seen": "x"}).status_code == 422
    assert fund.post(address, data=move).status_code == 302
    assert stage_of(deal_id) is DealStage.DUE_DILIGENCE


def test_ending_a_deal_asks_why_and_ends_the_introduction(people, scene, sign_in, deal_id):
    fund, address = sign_in(people.yuanshan), f"/deals/{deal_id}/closure"

    assert sign_in(people.xinghe).post(address, data={"exit_reason": "valuation"}).status_code == 403
    assert fund.post(address, data={"exit_reason": ""}).status_code == 422
    assert fund.post(address, data={"exit_reason": "valuation"}).status_code == 302
    assert fund.post(address, data={"exit_reason": "valuation"}).status_code == 409
    assert fund.post(f"/deals/{deal_id}/stage", data={"to": "in_talks", "seen": "1"}).status_code == 409

    assert stage_of(deal_id) is DealStage.ENDED
    assert stored(Introduction, 1, lambda i: i.state) is IntroductionState.CLOSED
    assert "估值未谈拢" in fund.get(f"/deals/{deal_id}").text
    assert "估值未谈拢" not in sign_in(people.xinghe).get(f"/deals/{deal_id}").text


def test_the_next_step_is_the_funds_own(people, scene, sign_in, deal_id):
    address, data = f"/deals/{deal_id}/next-step", {"next_step": "约财务负责人", "next_step_on": "2099-01-01"}

    assert sign_in(people.xinghe).post(address, data=data).status_code == 403
    assert sign_in(people.yuanshan).post(address, data=data | {"next_step_on": "2020-01-01"}).status_code == 422
    assert sign_in(people.yuanshan).post(address, data=data).status_code == 302
    assert "约财务负责人" in sign_in(people.yuanshan).get("/deals").text
    for path in (f"/deals/{deal_id}", "/tracker", "/introductions/1"):
        assert "约财务负责人" not in sign_in(people.xinghe).get(path).text


@pytest.mark.parametrize(
    "change",
    [{"amount_wan": "0"}, {"amount_wan": "x"}, {"amount_wan": "NaN"}, {"amount_wan": ""},
     {"received_on": "2999-01-01"}, {"received_on": ""}, {"instrument": "credit"}],
)  # fmt: skip
def test_a_result_must_make_sense(people, scene, sign_in, deal_id, change):
    assert sign_in(people.yuanshan).post(f"/deals/{deal_id}/outcome", data=result(**change)).status_code == 422
    assert db.session.scalar(select(func.count()).select_from(Outcome)) == 0


def test_one_side_enters_and_only_the_other_confirms(people, scene, sign_in, deal_id):
    fund, firm = sign_in(people.yuanshan), sign_in(people.xinghe)
    assert fund.post(f"/deals/{deal_id}/outcome", data=result()).status_code == 302
    assert firm.post(f"/deals/{deal_id}/outcome", data=result()).status_code == 409

    assert fund.post("/outcomes/1/confirmation").status_code == 403
    assert sign_in(people.beidou).post("/outcomes/1/confirmation").status_code == 404
    assert firm.post("/outcomes/1/confirmation", data={"meets_need": "y"}).status_code == 302

    assert outcome_state(1) is OutcomeState.CONFIRMED
    assert stage_of(deal_id) is DealStage.FUNDED
    assert stored(Introduction, 1, lambda i: (i.state, i.closing_reason)) == (IntroductionState.CLOSED, "met_here")
    assert stored(Need, scene.need_id, lambda n: n.state) is NeedState.MET
    assert stored(PastRound, 1, lambda r: (r.company_name, r.amount_yuan)) == ("", None)
    assert firm.post("/outcomes/1/confirmation").status_code == 409


def test_without_the_firms_word_the_need_stays_open(people, scene, sign_in, outcome_id):
    sign_in(people.xinghe).post(f"/outcomes/{outcome_id}/confirmation")

    assert stored(Need, scene.need_id, lambda n: n.state) is NeedState.OPEN


def test_a_disputed_result_can_be_entered_anew(people, scene, sign_in, deal_id, outcome_id):
    firm = sign_in(people.xinghe)
    assert firm.post(f"/outcomes/{outcome_id}/dispute", data={"reason": ""}).status_code == 422
    assert sign_in(people.yuanshan).post(f"/outcomes/{outcome_id}/dispute", data={"reason": "x"}).status_code == 403
    assert firm.post(f"/outcomes/{outcome_id}/dispute", data={"reason": "金额不对"}).status_code == 302
    assert firm.post(f"/outcomes/{outcome_id}/dispute", data={"reason": "金额不对"}).status_code == 409

    assert outcome_state(outcome_id) is OutcomeState.DISPUTED
    assert "金额不对" in sign_in(people.yuanshan).get(f"/deals/{deal_id}").text
    assert sign_in(people.yuanshan).post(f"/deals/{deal_id}/outcome", data=result()).status_code == 302


def test_a_result_can_be_corrected_before_the_other_answers(people, scene, sign_in, outcome_id):
    address = f"/outcomes/{outcome_id}/correction"

    assert sign_in(people.xinghe).post(address, data=result(amount_wan="600")).status_code == 403
    assert sign_in(people.yuanshan).post(address, data=result(amount_wan="0")).status_code == 422
    assert sign_in(people.yuanshan).post(address, data=result(amount_wan="600")).status_code == 302
    assert outcome_state(outcome_id) is OutcomeState.WITHDRAWN
    assert stored(Outcome, outcome_id + 1, lambda o: o.amount_yuan) == 6_000_000
    assert sign_in(people.yuanshan).post(address, data=result()).status_code == 409


@pytest.mark.parametrize(("who", "rows"), [("city", 1), ("echeng", 1), ("binjiang", 1), ("gedian_officer", 0)])
def test_stewards_see_a_confirmed_result_as_a_band(people, scene, sign_in, outcome_id, who, rows):
    steward = sign_in(getattr(people, who))
    assert "共 0 条" in steward.get("/outcomes").text
    sign_in(people.xinghe).post(f"/outcomes/{outcome_id}/confirmation")

    page = steward.get("/outcomes").text

    assert f"共 {rows} 条" in page
    assert "555 万元" not in page and "星河科技" not in page and "远山资本" not in page
    assert ("500–1,000 万元" in page) is bool(rows)
