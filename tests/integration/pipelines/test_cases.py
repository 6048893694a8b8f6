"""A loan: the bank's stages and papers, what the firm may know of them, the payout that both confirm."""

import pytest
from sqlalchemy import func, select

from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.outbox import Notice
from matchhub.introductions.enums import IntroductionState
from matchhub.introductions.models import Introduction
from matchhub.listings.enums import NeedState, PairingKind
from matchhub.listings.models import Need
from matchhub.pipelines import services
from matchhub.pipelines.enums import CaseStage, OutcomeState
from matchhub.pipelines.models import CreditCase, Deal, Outcome
from tests.cast import Cast, stored
from tests.integration.pairs import agreed, Scene, stage

NOTE = "金丝雀：老板的征信要再看"


@pytest.fixture
def scene(people: Cast) -> Scene:
    return stage(people, PairingKind.CREDIT)


@pytest.fixture
def case_id(scene: Scene) -> int:
    introduction_id = agreed(scene)
    return db.session.scalars(select(CreditCase.id).where(CreditCase.introduction_id == introduction_id)).one()


def stage_of(case_id: int) -> CaseStage:
    return stored(CreditCase, case_id, lambda c: c.stage)


@pytest.fixture
def approved(scene: Scene, case_id: int) -> int:
    """The bank has granted 500 万元 at 3.85 %."""
    with unit_of_work() as session:
        case = session.get_one(CreditCase, case_id)
        for action in ("collect", "survey", "submit"):
            services.move_case(case, action, actor=scene.fund, now=utcnow())
        services.grant(case, amount_yuan=5_000_000, rate_bp=385, actor=scene.fund, now=utcnow())
    return case_id


def payout(**more):
    return {"amount_wan": "500", "received_on": f"{city_date(utcnow())}"} | more


@pytest.fixture
def payout_id(scene: Scene, approved: int) -> int:
    result = services.Result(5_000_000, "", city_date(utcnow()))
    with unit_of_work() as session:
        made = services.report_payout(session.get_one(CreditCase, approved), result, actor=scene.fund, now=utcnow())
        session.flush()
        return made.id


def test_an_agreement_about_a_loan_opens_a_case_with_the_products_papers(people, sign_in, case_id):
    assert stage_of(case_id) is CaseStage.CLAIMED
    assert db.session.scalar(select(func.count()).select_from(Deal)) == 0

    bank, firm = (
        sign_in(people.bank).get("/credit-cases").text,
        sign_in(people.xinghe).get(f"/credit-cases/{case_id}").text,
    )

    assert "星河科技" in bank and "3 份" in bank
    assert "江城银行" in firm and "近一年纳税证明" in firm


def test_the_bank_moves_its_case_and_nobody_else(people, sign_in, case_id):
    bank, address = sign_in(people.bank), f"/credit-cases/{case_id}/stage"

    assert sign_in(people.xinghe).post(address, data={"action": "collect"}).status_code == 403
    for stranger in ("qingtian", "yuanshan", "city", "mentor"):
        assert sign_in(getattr(people, stranger)).post(address, data={"action": "collect"}).status_code == 404
    assert bank.post(address, data={"action": "sign"}).status_code == 409
    assert bank.post(address, data={"action": "grant"}).status_code == 422
    assert bank.post(address, data={"action": "disburse"}).status_code == 422
    assert stage_of(case_id) is CaseStage.CLAIMED
    assert bank.post(address, data={"action": "collect"}).status_code == 302
    assert stage_of(case_id) is CaseStage.DOCUMENTS
    told = db.session.scalars(select(Notice).where(Notice.kind == "case_documents_missing")).one()
    assert (told.recipient_user_id, told.values["count"]) == (people.xinghe.user_id, "3")


def test_papers_are_ticked_off_by_the_bank_and_seen_by_the_firm(people, sign_in, case_id):
    bank, firm, address = sign_in(people.bank), sign_in(people.xinghe), f"/credit-cases/{case_id}/documents"

    assert firm.post(address, data={"received": ["licence"]}).status_code == 403
    assert bank.post(address, data={"received": ["nonsense"]}).status_code == 422
    assert bank.post(address, data={"received": ["licence", "tax"]}).status_code == 302

    page = firm.get(f"/credit-cases/{case_id}").text
    assert "近两年财务报表" in page and "营业执照" not in page and "近一年纳税证明" not in page
    assert stored(CreditCase, case_id, lambda c: c.missing) == ["statements"]
    bank.post(address, data={"received": []})
    assert len(stored(CreditCase, case_id, lambda c: c.missing)) == 3


def test_the_banks_notes_and_stages_are_its_own(people, sign_in, case_id):
    bank, firm = sign_in(people.bank), sign_in(people.xinghe)
    assert bank.post(f"/credit-cases/{case_id}/notes", data={"note": " "}).status_code == 422
    assert firm.post(f"/credit-cases/{case_id}/notes", data={"note": NOTE}).status_code == 403
    assert bank.post(f"/credit-cases/{case_id}/notes", data={"note": NOTE}).status_code == 302
    for action in ("collect", "survey"):
        bank.post(f"/credit-cases/{case_id}/stage", data={"action": action})

    assert NOTE in bank.get(f"/credit-cases/{case_id}").text  # the control
    for path in (f"/credit-cases/{case_id}", "/tracker", "/introductions/1", "/notices", "/"):
        page = firm.get(path).text
        assert NOTE not in page and "尽调" not in page, path
    for who in ("city", "echeng", "binjiang", "administrator", "auditor", "yuanshan"):
        assert sign_in(getattr(people, who)).get(f"/credit-cases/{case_id}").status_code == 404


@pytest.mark.parametrize(
    "change",
    [{"amount_yuan": ""}, {"amount_yuan": "0"}, {"amount_yuan": "x"}, {"rate": ""}, {"rate": "99"}, {"rate": "-1"}],
)
def test_an_approval_needs_an_amount_and_a_rate(people, sign_in, case_id, change):
    bank = sign_in(people.bank)
    for action in ("collect", "submit"):
        bank.post(f"/credit-cases/{case_id}/stage", data={"action": action})

    assert (
        bank.post(f"/credit-cases/{case_id}/approval", data={"amount_yuan": "500", "rate": "3.85"} | change).status_code
        == 422
    )
    assert stage_of(case_id) is CaseStage.APPROVAL
    assert (
        bank.post(f"/credit-cases/{case_id}/approval", data={"amount_yuan": "500", "rate": "3.85"}).status_code == 302
    )
    assert stored(CreditCase, case_id, lambda c: (c.granted_yuan, c.rate_bp)) == (5_000_000, 385)
    page = sign_in(people.xinghe).get(f"/credit-cases/{case_id}").text
    assert "500 万元" in page and "3.85%" in page and "已批复" in page


def test_a_refusal_tells_the_firm_why_and_what_to_improve(people, sign_in, case_id):
    bank, firm, address = sign_in(people.bank), sign_in(people.xinghe), f"/credit-cases/{case_id}/refusal"

    assert firm.post(address, data={"refusal": "collateral"}).status_code == 403
    for wrong in ("", "nonsense", "firm_withdrew"):
        assert bank.post(address, data={"refusal": wrong, "words": "金丝雀"}).status_code == 422
    assert bank.post(address, data={"refusal": "collateral", "words": "明年三月再来"}).status_code == 302
    assert bank.post(address, data={"refusal": "collateral"}).status_code == 409

    page = firm.get(f"/credit-cases/{case_id}").text
    assert "未获批" in page and "增信不足" in page and "可增加担保公司或知识产权质押" in page and "明年三月再来" in page
    assert stored(Introduction, 1, lambda i: i.state) is IntroductionState.CLOSED
    assert not db.session.scalars(select(Notice).where(Notice.kind == "introduction_closed")).all()  # told once
    told = db.session.scalars(select(Notice).where(Notice.kind == "case_refused")).one()
    assert told.values["reason"] == {"zh": "增信不足", "en": "Too little security"}


def test_a_returned_case_says_what_to_mend_and_goes_on(people, sign_in, case_id):
    bank, firm = sign_in(people.bank), sign_in(people.xinghe)

    assert bank.post(f"/credit-cases/{case_id}/return", data={"reason": ""}).status_code == 422
    assert bank.post(f"/credit-cases/{case_id}/return", data={"reason": "补一份合同"}).status_code == 302
    page = firm.get(f"/credit-cases/{case_id}").text
    assert "待补正" in page and "补一份合同" in page
    assert bank.post(f"/credit-cases/{case_id}/stage", data={"action": "resume"}).status_code == 302
    assert stage_of(case_id) is CaseStage.DOCUMENTS


def test_the_firm_may_withdraw_until_a_payout_waits(people, sign_in, approved, payout_id):
    firm, address = sign_in(people.xinghe), f"/credit-cases/{approved}/withdrawal"

    assert sign_in(people.bank).post(address).status_code == 403
    assert firm.post(address).status_code == 409
    firm.post(f"/payouts/{payout_id}/dispute", data={"reason": "没有收到"})
    assert firm.post(address).status_code == 302

    assert stage_of(approved) is CaseStage.WITHDRAWN
    assert stored(Introduction, 1, lambda i: i.state) is IntroductionState.CLOSED


def test_revoking_the_introduction_ends_the_case(people, sign_in, case_id):
    sign_in(people.xinghe).post("/introductions/1/revocation")

    assert stage_of(case_id) is CaseStage.WITHDRAWN
    assert "星河科技" not in sign_in(people.bank).get("/credit-cases?stage=all").text


@pytest.mark.parametrize(
    "change",
    [
        {"amount_wan": ""},
        {"amount_wan": "0"},
        {"amount_wan": "501"},
        {"received_on": ""},
        {"received_on": "2999-01-01"},
    ],
)
def test_a_payout_must_make_sense(people, sign_in, approved, change):
    assert sign_in(people.bank).post(f"/credit-cases/{approved}/payout", data=payout(**change)).status_code == 422
    assert db.session.scalar(select(func.count()).select_from(Outcome)) == 0


def test_nothing_is_paid_out_before_the_approval(people, sign_in, case_id):
    assert sign_in(people.bank).post(f"/credit-cases/{case_id}/payout", data=payout()).status_code == 409


def test_the_bank_reports_the_payout_and_the_firm_confirms_it(people, scene, sign_in, approved):
    bank, firm = sign_in(people.bank), sign_in(people.xinghe)
    page = bank.get(f"/credit-cases/{approved}").text
    assert 'name="amount_wan"' in page and 'value="500"' in page  # nothing left to type

    assert firm.post(f"/credit-cases/{approved}/payout", data=payout()).status_code == 403
    assert bank.post(f"/credit-cases/{approved}/payout", data=payout()).status_code == 302
    assert bank.post(f"/credit-cases/{approved}/payout", data=payout()).status_code == 409
    assert bank.post("/payouts/1/confirmation").status_code == 403
    assert sign_in(people.yuanshan).post("/payouts/1/confirmation").status_code == 404
    assert firm.post("/payouts/1/confirmation", data={"meets_need": "y"}).status_code == 302
    assert firm.post("/payouts/1/confirmation").status_code == 409

    assert stage_of(approved) is CaseStage.DISBURSED
    assert stored(Outcome, 1, lambda o: (o.state, o.kind, o.amount_yuan, o.instrument)) == (
        OutcomeState.CONFIRMED, PairingKind.CREDIT, 5_000_000, "credit",
    )  # fmt: skip
    assert stored(Introduction, 1, lambda i: (i.state, i.closing_reason)) == (IntroductionState.CLOSED, "met_here")
    assert stored(Need, scene.need_id, lambda n: n.state) is NeedState.MET


def test_a_disputed_payout_is_reported_anew_and_a_waiting_one_corrected(people, sign_in, approved, payout_id):
    bank, firm = sign_in(people.bank), sign_in(people.xinghe)
    assert firm.post(f"/payouts/{payout_id}/dispute", data={"reason": ""}).status_code == 422
    assert bank.post(f"/payouts/{payout_id}/dispute", data={"reason": "x"}).status_code == 403
    assert firm.post(f"/payouts/{payout_id}/correction", data=payout()).status_code == 403
    assert bank.post(f"/payouts/{payout_id}/correction", data=payout(amount_wan="0")).status_code == 422
    assert bank.post(f"/payouts/{payout_id}/correction", data=payout(amount_wan="450")).status_code == 302
    second = payout_id + 1
    assert firm.post(f"/payouts/{second}/dispute", data={"reason": "只到了 440"}).status_code == 302
    assert "只到了 440" in bank.get(f"/credit-cases/{approved}").text
    assert bank.post(f"/credit-cases/{approved}/payout", data=payout(amount_wan="440")).status_code == 302
    assert [stored(Outcome, payout_id + n, lambda o: o.state) for n in range(3)] == [
        OutcomeState.WITHDRAWN, OutcomeState.DISPUTED, OutcomeState.ENTERED,
    ]  # fmt: skip


def test_stewards_see_a_payout_as_a_band_with_its_kind(people, sign_in, payout_id):
    sign_in(people.xinghe).post(f"/payouts/{payout_id}/confirmation")

    page = sign_in(people.city).get("/outcomes").text

    assert "共 1 条" in page and "银行贷款" in page and "500–1,000 万元" in page
    assert "江城银行" not in page and "星河科技" not in page


def test_one_result_at_a_time_and_of_its_own_kind_in_the_database(scene, approved, payout_id):
    from sqlalchemy.exc import IntegrityError  # noqa: PLC0415

    for wrong in ({"kind": "mentoring"}, {"case_id": None}, {"amount_yuan": None}, {"sessions": 3}):
        with pytest.raises(IntegrityError), unit_of_work() as session:
            row = session.get_one(Outcome, payout_id)
            for name, value in wrong.items():
                setattr(row, name, PairingKind(value) if name == "kind" else value)
            session.flush()


@pytest.mark.parametrize("stage_name", ["", "all", "claimed", "nonsense"])
def test_the_list_filters_sorts_and_leaves_as_excel(people, sign_in, case_id, stage_name):
    bank = sign_in(people.bank)

    assert bank.get(f"/credit-cases?stage={stage_name}&sort=-opened").status_code == 200
    assert bank.get(f"/credit-cases/export.xlsx?stage={stage_name}").data[:2] == b"PK"
    assert sign_in(people.xinghe).get("/credit-cases").status_code == 403
