"""Mandates: one screen, the live list that verified members see, the switch, the end."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchhub.accounts.enums import OrganizationStatus
from matchhub.accounts.models import Membership, Organization
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.listings import jobs
from matchhub.listings.enums import OfferState
from matchhub.listings.models import InvestmentMandate
from tests.cast import Cast, stored
from tests.integration.listings.conftest import MandateMaker, unmarked
from tests.integration.listings.test_need_lists import queries_of

SignIn = Callable[[Membership], FlaskClient]
TYPED: dict[str, Any] = {
    "title": "早期硬科技", "rounds": ["pre_a", "a"], "industries": ["new_materials"], "regions": ["420000"],
    "ticket_min_yuan": "300", "ticket_max_yuan": "2,000", "instruments": ["equity"], "must": ["round"],
    "capacity_per_month": "4", "reply_days": "5", "leads": "yes",
}  # fmt: skip


def state(offer_id: int) -> OfferState:
    return stored(InvestmentMandate, offer_id, lambda o: o.state)


def version(offer_id: int) -> str:
    return str(stored(InvestmentMandate, offer_id, lambda o: o.version))


def only_offer() -> int:
    with Session(db.engine) as session:
        return session.scalars(select(InvestmentMandate.id)).one()


def test_a_mandate_is_published_from_one_screen(people: Cast, sign_in: SignIn) -> None:
    client = sign_in(people.yuanshan)
    form = client.post("/offers").location
    offer_id = only_offer()
    page = client.get(form)

    response = client.post(form, data=TYPED | {"version": version(offer_id)})

    assert (page.status_code, response.status_code) == (200, 302)
    facts = stored(InvestmentMandate, offer_id, lambda o: (o.state, o.ticket_max_yuan, o.rounds, o.must, o.leads))
    assert facts == (OfferState.OPEN, 20_000_000, ["pre_a", "a"], ["round"], True)
    assert stored(InvestmentMandate, offer_id, lambda o: (o.expires_at - o.published_at).days) == 365


def test_a_mandate_can_be_left_as_a_draft(people: Cast, sign_in: SignIn) -> None:
    client = sign_in(people.yuanshan)
    form = client.post("/offers").location
    offer_id = only_offer()

    client.post(form, data={"title": "写了一半", "later": "1", "version": version(offer_id)})

    assert stored(InvestmentMandate, offer_id, lambda o: (o.state, o.title)) == (OfferState.DRAFT, "写了一半")
    assert "写了一半" in client.get("/offers/new").text


def test_an_enterprise_cannot_start_a_mandate(people: Cast, sign_in: SignIn) -> None:
    assert sign_in(people.xinghe).post("/offers").status_code == 403


def test_wrong_input_keeps_what_was_typed(people: Cast, mandate_of: MandateMaker, sign_in: SignIn) -> None:
    offer_id = mandate_of(people.yuanshan, OfferState.DRAFT)
    typed = TYPED | {"ticket_min_yuan": "3000", "title": "", "capacity_per_month": "500", "version": version(offer_id)}

    response = sign_in(people.yuanshan).post(f"/offers/{offer_id}/form", data=typed)

    assert response.status_code == 422
    assert all(words in response.text for words in ("填写名称", "上限应不低于下限", 'value="500"', 'value="3000"'))
    assert state(offer_id) is OfferState.DRAFT


def test_an_industry_cannot_be_wanted_and_excluded(people: Cast, mandate_of: MandateMaker, sign_in: SignIn) -> None:
    offer_id = mandate_of(people.yuanshan, OfferState.DRAFT)
    typed = TYPED | {"exclusions": ["new_materials"], "version": version(offer_id)}

    response = sign_in(people.yuanshan).post(f"/offers/{offer_id}/form", data=typed)

    assert response.status_code == 422
    assert "不能既看又不看" in response.text


def test_an_unverified_investor_cannot_publish(people: Cast, mandate_of: MandateMaker, sign_in: SignIn) -> None:
    offer_id = mandate_of(people.yuanshan, OfferState.DRAFT)
    with unit_of_work() as session:
        session.get_one(Organization, people.yuanshan.organization_id).status = OrganizationStatus.PENDING

    response = sign_in(people.yuanshan).post(f"/offers/{offer_id}/form", data=TYPED | {"version": version(offer_id)})

    assert response.status_code == 422
    assert "机构核验通过后才能发布" in response.text
    assert state(offer_id) is OfferState.DRAFT


def test_two_tabs_show_both_versions(people: Cast, mandate_of: MandateMaker, sign_in: SignIn) -> None:
    offer_id = mandate_of(people.yuanshan)
    client = sign_in(people.yuanshan)
    opened = version(offer_id)
    client.post(f"/offers/{offer_id}/form", data=TYPED | {"title": "先保存的", "version": opened})

    late = client.post(f"/offers/{offer_id}/form", data=TYPED | {"title": "后保存的", "version": opened})

    assert late.status_code == 409
    assert "先保存的" in unmarked(late.text) and 'value="后保存的"' in late.text
    assert stored(InvestmentMandate, offer_id, lambda o: o.title) == "先保存的"


def test_a_mandate_draft_saves_itself(people: Cast, mandate_of: MandateMaker, sign_in: SignIn) -> None:
    offer_id = mandate_of(people.yuanshan, OfferState.DRAFT)
    client = sign_in(people.yuanshan)

    saved = client.post(f"/offers/{offer_id}/draft", data={"title": "新的名称", "version": version(offer_id)})
    stale = client.post(f"/offers/{offer_id}/draft", data={"title": "旧的", "version": "1"})

    assert (saved.status_code, stale.status_code) == (200, 409)
    assert stored(InvestmentMandate, offer_id, lambda o: o.title) == "新的名称"


@pytest.mark.parametrize(
    ("action", "source", "target"),
    [
        ("pause", OfferState.OPEN, OfferState.PAUSED),
        ("resumption", OfferState.PAUSED, OfferState.OPEN),
        ("renewal", OfferState.EXPIRED, OfferState.OPEN),
        ("closure", OfferState.OPEN, OfferState.CLOSED),
        ("publication", OfferState.DRAFT, OfferState.OPEN),
    ],
)
def test_the_owner_moves_a_mandate(
    people: Cast, mandate_of: MandateMaker, sign_in: SignIn, action: str, source: OfferState, target: OfferState
) -> None:
    offer_id = mandate_of(people.yuanshan, source)

    assert sign_in(people.beidou).post(f"/offers/{offer_id}/{action}").status_code == 404
    assert sign_in(people.yuanshan).post(f"/offers/{offer_id}/{action}").status_code == 302
    assert state(offer_id) is target


@pytest.mark.parametrize("action", ["pause", "resumption", "renewal", "closure", "publication"])
def test_a_closed_mandate_does_not_move(people: Cast, mandate_of: MandateMaker, sign_in: SignIn, action: str) -> None:
    offer_id = mandate_of(people.yuanshan, OfferState.CLOSED)

    assert sign_in(people.yuanshan).post(f"/offers/{offer_id}/{action}").status_code == 409


def test_open_mandates_are_listed_for_verified_members(people: Cast, mandate_of: MandateMaker, sign_in: SignIn) -> None:
    offer_id = mandate_of(people.yuanshan, title="远山的意向")
    hidden = mandate_of(people.beidou, OfferState.PAUSED, title="北渡的意向")

    for member in (people.xinghe, people.echeng, people.beidou):
        client = sign_in(member)
        page = client.get("/offers?all=1").text
        assert "远山的意向" in page
        assert client.get(f"/offers/{offer_id}").status_code == 200
    assert "北渡的意向" not in sign_in(people.xinghe).get("/offers").text
    assert sign_in(people.xinghe).get(f"/offers/{hidden}").status_code == 404


def test_an_unverified_enterprise_sees_no_mandates(people: Cast, mandate_of: MandateMaker, sign_in: SignIn) -> None:
    offer_id = mandate_of(people.yuanshan)
    with unit_of_work() as session:
        session.get_one(Organization, people.xinghe.organization_id).status = OrganizationStatus.PENDING
    client = sign_in(people.xinghe)

    assert client.get("/offers").status_code == 403
    assert client.get(f"/offers/{offer_id}").status_code == 404


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("?industry=new_materials", True),
        ("?industry=new", False),
        ("?industry=health", False),
        ("?code=a", True),
        ("?code=pre_a", False),
        ("?q=远山", True),
        ("?q=yuanshan", True),
        ("?q=%25", False),
    ],
)
def test_the_list_is_narrowed_by_its_address(
    people: Cast, mandate_of: MandateMaker, sign_in: SignIn, address: str, found: bool
) -> None:
    mandate_of(people.yuanshan, title="甲意向")

    assert ("甲意向" in sign_in(people.xinghe).get(f"/offers{address}").text) is found


@pytest.mark.parametrize("address", ["/offers", "/offers?all=1"])
def test_three_mandates_cost_as_many_queries_as_one(
    people: Cast, mandate_of: MandateMaker, sign_in: SignIn, address: str
) -> None:
    client = sign_in(people.yuanshan)
    mandate_of(people.yuanshan)
    one = queries_of(client, address)
    mandate_of(people.yuanshan)
    mandate_of(people.yuanshan)

    assert queries_of(client, address) == one


def test_a_mandate_expires_and_is_exported(people: Cast, mandate_of: MandateMaker, sign_in: SignIn) -> None:
    offer_id = mandate_of(people.yuanshan, expires_at=utcnow() - timedelta(seconds=1))

    assert jobs.expire(utcnow()) == 1
    assert state(offer_id) is OfferState.EXPIRED
    assert sign_in(people.yuanshan).get("/offers/export.xlsx").status_code == 200
