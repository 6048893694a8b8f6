"""Loans and mentoring beside equity: the same forms, lists and states, from their recipes."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchhub.accounts.models import Membership
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.listings.enums import NeedState, OfferState, PairingKind
from matchhub.listings.models import CreditNeed, LoanProduct, MentoringNeed, Mentorship, Need, Offer
from matchhub.profiles.models import BankProfile
from tests.cast import Cast, stored
from tests.integration.listings.conftest import MandateMaker, NeedMaker, unmarked
from tests.integration.listings.test_need_lists import queries_of
from tests.integration.matches import kinds as matching
from tests.integration.pairs import reachable

SignIn = Callable[[Membership], FlaskClient]
STORY = {
    "industries": ["new_materials.carbon_fibre"],
    "teaser": "订单排到明年，要补流动资金",
    "statement": "订单排到明年六月。",
}
LOAN = {"amount_min_yuan": "220", "amount_max_yuan": "280", "term_months": "12", "needed_by": "2027-03-31"}
LOAN_STORY = STORY | {
    "purposes": ["working_capital"], "guarantees": ["unsecured", "ip"], "ip_types": ["invention"], "is_first_loan": "yes",
    "has_clean_record": "yes", "rate_max_bp": "4.5",
}  # fmt: skip
ADVICE = {
    "topics": ["fundraising", "legal"],
    "urgency": "one_month",
    "meeting_modes": ["online"],
    "sessions_wanted": "3",
}
PRODUCT: dict[str, Any] = {
    "title": "科创信用贷", "instrument": "credit", "amount_min_yuan": "50", "amount_max_yuan": "500", "rate_min_bp": "3.45",
    "rate_max_bp": "4.35", "term_min_months": "6", "term_max_months": "36", "guarantees": ["unsecured"],
    "repayments": ["interest_first"], "payout_days": "3", "months_old_min": "12", "revenue_min_yuan": "100",
    "qualifications": ["tech_sme", "hnte"], "seats": ["420700"], "flags": ["has_clean_record"],
    "soft": ["revenue_yuan"], "stages": ["startup", "growth"], "welcomes_first_loan": "yes", "preference_1": "hnte",
    "preference_1_rate_bp": "3.2", "materials": ["licence", "tax"], "capacity_per_month": "20", "reply_days": "2",
}  # fmt: skip
RULES = [
    {"field": "months_old", "op": "at_least", "value": 12, "hard": True, "note": ""},
    {"field": "revenue_yuan", "op": "at_least", "value": 1_000_000, "hard": False, "note": ""},
    {"field": "qualifications", "op": "any_of", "value": ["tech_sme", "hnte"], "hard": True, "note": ""},
    {"field": "regions", "op": "any_of", "value": ["420700"], "hard": True, "note": ""},
    {"field": "has_clean_record", "op": "is", "value": True, "hard": True, "note": ""},
]
HOURS: dict[str, Any] = {
    "title": "帮硬科技团队打磨融资故事", "topics": ["fundraising"], "stages": ["seed", "startup"], "firms_at_most": "3",
    "meeting_modes": ["online", "on_site"], "weekly": ["3-14:00-17:00", "1-19:00-21:00"], "capacity_per_month": "2",
}  # fmt: skip


def only(model: type[Any]) -> int:
    with Session(db.engine) as session:
        return session.scalars(select(model.id)).one()


def version(model: type[Any], row_id: int) -> str:
    return str(stored(model, row_id, lambda row: row.version))


def publish_need(client: FlaskClient, kind: str, model: type[Any], first: Any, second: Any) -> tuple[int, Any]:
    """Walk through the three steps; the id and the answer to the publication."""
    address = client.post("/needs", data={"kind": kind}).location
    need_id = only(model)
    for values in (first, second):
        answer = client.post(address, data=values | {"version": version(model, need_id)})
        assert answer.status_code == 302, answer.text
        address = answer.location
    assert client.get(address).status_code == 200
    return need_id, client.post(f"/needs/{need_id}/publication")


def publish_offer(client: FlaskClient, model: type[Any], values: Any) -> tuple[int, Any]:
    """Fill in the one screen and publish."""
    address = client.post("/offers").location
    offer_id = only(model)
    return offer_id, client.post(address, data=values | {"version": version(model, offer_id)})


def test_a_loan_is_asked_for_in_three_steps(people: Cast, profile: int, sign_in: SignIn) -> None:
    need_id, published = publish_need(sign_in(people.xinghe), "credit", CreditNeed, LOAN, LOAN_STORY)

    assert published.status_code == 302
    facts = stored(
        CreditNeed,
        need_id,
        lambda n: (n.kind, n.state, n.amount_max_yuan, n.term_months, n.rate_max_bp, n.guarantees, n.is_first_loan),
    )
    assert facts == (PairingKind.CREDIT, NeedState.OPEN, 2_800_000, 12, 450, ["unsecured", "ip"], True)


def test_advice_is_asked_for_in_three_steps(people: Cast, profile: int, sign_in: SignIn) -> None:
    need_id, published = publish_need(sign_in(people.xinghe), "mentoring", MentoringNeed, ADVICE, STORY)

    assert published.status_code == 302
    facts = stored(MentoringNeed, need_id, lambda n: (n.kind, n.state, n.topics, n.urgency, n.sessions_wanted))
    assert facts == (PairingKind.MENTORING, NeedState.OPEN, ["fundraising", "legal"], "one_month", 3)


@pytest.mark.parametrize(
    ("kind", "model", "first", "second", "missing"),
    [
        ("credit", CreditNeed, LOAN | {"term_months": ""}, LOAN_STORY, "填写期限"),
        ("credit", CreditNeed, LOAN | {"amount_min_yuan": "900"}, LOAN_STORY, "上限应不低于下限"),
        ("mentoring", MentoringNeed, ADVICE | {"topics": []}, STORY, "选择想请教的话题"),
        ("mentoring", MentoringNeed, ADVICE | {"urgency": "yesterday"}, STORY, "请从列表里选"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_lost(
    people: Cast, profile: int, sign_in: SignIn, kind: str, model: type[Any], first: Any, second: Any, missing: str
) -> None:
    client = sign_in(people.xinghe)
    address = client.post("/needs", data={"kind": kind}).location

    answer = client.post(address, data=first | {"version": version(model, only(model))})

    assert answer.status_code == 422
    assert missing in answer.text


def test_a_kind_that_there_is_not_is_not_found(people: Cast, sign_in: SignIn) -> None:
    assert sign_in(people.xinghe).post("/needs", data={"kind": "barter"}).status_code == 404


def test_a_draft_that_was_only_opened_is_opened_again_and_another_kind_is_another_draft(
    people: Cast, sign_in: SignIn
) -> None:
    client = sign_in(people.xinghe)
    first, second = (client.post("/needs", data={"kind": "credit"}).location for _ in range(2))

    assert first == second
    assert client.post("/needs", data={"kind": "mentoring"}).location != first


def test_a_product_keeps_its_rules_as_they_were_typed(people: Cast, sign_in: SignIn) -> None:
    client = sign_in(people.bank)
    offer_id, published = publish_offer(client, LoanProduct, PRODUCT)

    assert published.status_code == 302, published.text
    assert stored(LoanProduct, offer_id, lambda o: (o.state, o.kind)) == (OfferState.OPEN, PairingKind.CREDIT)
    assert stored(LoanProduct, offer_id, lambda o: o.rules) == RULES
    assert stored(LoanProduct, offer_id, lambda o: o.preferences) == [
        {"qualification": "hnte", "rate_bp": 320, "note": ""}
    ]

    again = client.get(f"/offers/{offer_id}/form").text
    page = client.get(f"/offers/{offer_id}").text
    unchanged = client.post(f"/offers/{offer_id}/form", data=PRODUCT | {"version": version(LoanProduct, offer_id)})

    assert 'value="3.45"' in again and 'value="hnte" id="preference_1"' not in again
    assert "上年营业收入不少于 100 万元（优先）" in page and "高新技术企业：3.2%" in page and "3.45%–4.35%" in page
    assert unchanged.status_code == 302
    assert stored(LoanProduct, offer_id, lambda o: o.rules) == RULES


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"rate_min_bp": "免息"}, "填写百分数，例如 3.85"),
        ({"rate_min_bp": "0"}, "不超过 36 的百分数"),
        ({"rate_max_bp": "3"}, "上限应不低于下限"),
        ({"term_max_months": "3"}, "上限应不低于下限"),
        ({"revenue_max_yuan": "50"}, "上限应不低于下限"),
        ({"instrument": "equity"}, "请从列表里选"),
        ({"flags": ["is_rich"]}, "请从列表里选"),
    ],
)
def test_a_product_that_cannot_be_is_refused(
    people: Cast, sign_in: SignIn, wrong: dict[str, Any], message: str
) -> None:
    _offer_id, answer = publish_offer(sign_in(people.bank), LoanProduct, PRODUCT | wrong)

    assert answer.status_code == 422
    assert message in answer.text


def test_a_mentor_offers_hours_and_pauses_with_one_switch(people: Cast, sign_in: SignIn) -> None:
    client = sign_in(people.mentor)
    offer_id, published = publish_offer(client, Mentorship, HOURS)

    assert published.status_code == 302, published.text
    assert stored(Mentorship, offer_id, lambda o: o.slots) == [
        {"weekday": 1, "from": "19:00", "to": "21:00"},
        {"weekday": 3, "from": "14:00", "to": "17:00"},
    ]
    assert 'value="3-14:00-17:00" id="weekly-' in client.get(f"/offers/{offer_id}/form").text
    assert "周四 14:00–17:00" in client.get(f"/offers/{offer_id}").text
    assert client.post(f"/offers/{offer_id}/pause").status_code == 302
    assert stored(Mentorship, offer_id, lambda o: o.state) is OfferState.PAUSED
    assert client.post(f"/offers/{offer_id}/resumption").status_code == 302


@pytest.mark.parametrize(("who", "model"), [("yuanshan", "investment_mandate"), ("bank", "loan_product")])
def test_each_makes_the_offers_of_its_kind(people: Cast, sign_in: SignIn, who: str, model: str) -> None:
    sign_in(getattr(people, who)).post("/offers")

    assert stored(Offer, only(Offer), lambda o: type(o).__tablename__) == model


@pytest.mark.parametrize("who", ["xinghe", "binjiang", "city"])
def test_who_offers_nothing_starts_no_offer(people: Cast, sign_in: SignIn, who: str) -> None:
    assert sign_in(getattr(people, who)).post("/offers").status_code == 403


def test_another_bank_sees_neither_the_form_nor_a_draft(people: Cast, sign_in: SignIn) -> None:
    sign_in(people.bank).post("/offers")
    offer_id, stranger = only(LoanProduct), sign_in(people.mentor)

    assert stranger.get(f"/offers/{offer_id}").status_code == 404
    assert stranger.get(f"/offers/{offer_id}/form").status_code == 404
    assert stranger.post(f"/offers/{offer_id}/form", data=PRODUCT).status_code == 404


def test_two_tabs_of_a_product_show_both_versions(people: Cast, sign_in: SignIn) -> None:
    client = sign_in(people.bank)
    offer_id, _published = publish_offer(client, LoanProduct, PRODUCT)
    seen = version(LoanProduct, offer_id)
    client.post(f"/offers/{offer_id}/form", data=PRODUCT | {"version": seen, "payout_days": "5"})

    late = client.post(f"/offers/{offer_id}/form", data=PRODUCT | {"version": seen, "months_old_min": "24"})

    assert late.status_code == 409
    shown = unmarked(late.text)
    assert "5 个工作日" in shown and "成立月数不少于 24 个月" in shown


def open_offer(owner: Membership, model: type[Any], **values: Any) -> int:
    now = utcnow()
    with unit_of_work():
        row = model(
            organization_id=owner.organization_id, state=OfferState.OPEN, published_at=now,
            expires_at=now + timedelta(days=90), **values,
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        return row.id


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("?kind=credit", {"科创贷"}),
        ("?kind=credit&code=ip", {"科创贷"}),
        ("?kind=credit&code=property", set()),
        ("?kind=mentoring", {"讲融资"}),
        ("?kind=mentoring&code=fundraising", {"讲融资"}),
        ("?kind=equity", {"早期硬科技"}),
        ("?kind=nonsense", {"早期硬科技"}),
    ],
)
def test_open_offers_are_listed_by_kind(
    people: Cast, mandate_of: MandateMaker, sign_in: SignIn, address: str, seen: set[str]
) -> None:
    mandate_of(people.yuanshan)
    open_offer(people.bank, LoanProduct, title="科创贷", guarantees=["ip"], instrument="ip_pledge")
    open_offer(people.mentor, Mentorship, title="讲融资", topics=["fundraising"])
    client = sign_in(people.xinghe)

    page = client.get(f"/offers{address}").text
    content = client.get(f"/offers/export.xlsx{address}").data
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()

    assert {title for title in ("科创贷", "讲融资", "早期硬科技") if title in page} == seen
    assert {row[1] for row in rows[1:]} == seen


def test_needs_of_all_kinds_stand_in_one_list(people: Cast, profile: int, need_of: NeedMaker, sign_in: SignIn) -> None:
    client = sign_in(people.xinghe)
    need_of(people.xinghe, NeedState.OPEN, district_code="420704")
    publish_need(client, "credit", CreditNeed, LOAN, LOAN_STORY)
    publish_need(client, "mentoring", MentoringNeed, ADVICE, STORY)

    own, managed = client.get("/needs").text, sign_in(people.city).get("/needs").text
    only_credit = sign_in(people.city).get("/needs?kind=credit").text

    assert all(word in own for word in ("A 轮", "12 个月", "融资与路演、法务", "220–280 万元"))
    assert "220–280 万元" not in managed and "200–300 万元" in managed  # a band
    assert "融资与路演" in managed and "融资与路演" not in only_credit
    with Session(db.engine) as session:
        ids = session.scalars(select(Need.id)).all()
    for need_id in ids:
        for address in ("", "/steps/1", "/steps/2", "/steps/3", "/preview", "/print"):
            assert client.get(f"/needs/{need_id}{address}").status_code == 200


def test_a_list_of_mixed_kinds_costs_the_same_for_one_row_of_each_and_for_three(people: Cast, sign_in: SignIn) -> None:
    def add() -> None:
        with unit_of_work():
            for model in (CreditNeed, MentoringNeed):
                db.session.add(model(organization_id=people.xinghe.organization_id, teaser="借款"))

    client = sign_in(people.xinghe)
    add()
    few = queries_of(client, "/needs")
    add()
    add()

    assert queries_of(client, "/needs") == few


def test_the_shelf_shows_what_is_open_at_each_stage(
    people: Cast, profile: int, mandate_of: MandateMaker, sign_in: SignIn
) -> None:
    mandate_of(people.yuanshan, rounds=["seed"])
    open_offer(people.bank, LoanProduct, title="科创贷", instrument="ip_pledge", stages=["mature"])
    open_offer(people.mentor, Mentorship, title="讲融资")  # names no stage: serves all
    mandate_of(people.yuanshan, OfferState.PAUSED, rounds=["b"])

    page = sign_in(people.xinghe).get("/offers/shelf").text
    stages = page.split("<li")  # each stage is an item, its tools are items in it
    with_pledge = [part for part in stages if "知识产权质押" in part]

    assert page.count("创业辅导</a>") == 6
    assert len(with_pledge) == 1
    assert page.count('aria-current="step"') == 1 and "你在这里" in page
    assert sign_in(people.city).get("/offers/shelf").status_code == 200


def test_the_page_of_a_bank_loads_its_open_products(people: Cast, sign_in: SignIn) -> None:
    with unit_of_work() as session:
        reachable(session, BankProfile, people.bank.organization_id, contact_name="林江", contact_mobile="15400010002")
        matching.add_product(people.bank.organization_id, title="科创快贷")
    reader = sign_in(people.xinghe)

    page = reader.get(f"/banks/{people.bank.organization_id}").text

    (address,) = re.findall(r'data-hx-get="(/offers[^"]+)" data-hx-trigger="load" data-hx-select="#open-offers"', page)
    listed = reader.get(address.replace("&amp;", "&")).text
    assert 'id="open-offers"' in listed and "科创快贷" in listed
