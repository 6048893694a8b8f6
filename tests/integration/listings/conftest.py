"""Profiles and listings that the tests of this folder start from."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from matchhub.accounts.models import Membership
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.web import App
from matchhub.listings.enums import NeedState, OfferState
from matchhub.listings.models import EquityNeed, InvestmentMandate
from matchhub.profiles.enums import ProfileState
from matchhub.profiles.models import EnterpriseProfile
from tests.cast import Cast

COMPLETE: dict[str, Any] = {
    "amount_min_yuan": 5_000_000, "amount_max_yuan": 8_000_000, "needed_by": date(2027, 6, 30), "purposes": ["equipment"],
    "round_code": "a", "industries": ["new_materials.carbon_fibre"], "lead_industry": "new_materials",
    "teaser": "碳纤维预浸料，拟建第三条产线", "statement": "两条产线已满，客户复购七成。", "instruments": ["equity"],
}  # fmt: skip
MandateMaker = Callable[..., int]
NeedMaker = Callable[..., int]


@pytest.fixture
def profile(app: App, people: Cast) -> int:
    """星河科技's published profile, in 滨江孵化器."""
    with unit_of_work():
        row = EnterpriseProfile(
            organization_id=people.xinghe.organization_id, state=ProfileState.PUBLISHED, region_code="420704",
            industries=["new_materials.carbon_fibre", "equipment.drones"], lead_industry="new_materials", stage="growth",
            one_liner="给无人机做碳纤维预浸料", summary="公司生产碳纤维预浸料，供 14 家整机厂。",
            contact_name="林牧野", contact_mobile="15400010001", contact_email="lin@xinghe.example",
            carrier_id=people.binjiang.organization_id,
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        return row.id


@pytest.fixture
def need_of(app: App) -> NeedMaker:
    """Store a complete need of a member's organization, a draft by default; answers its id."""

    def make(owner: Membership, state: NeedState = NeedState.DRAFT, **more: Any) -> int:
        now = utcnow()
        with unit_of_work():
            row = EquityNeed(organization_id=owner.organization_id, state=state, **(COMPLETE | more))
            if state is not NeedState.DRAFT:
                row.code_name, row.region_code = row.code_name or "新材料-0001", "420704"
                row.published_at = row.published_at or now
                row.expires_at = row.expires_at or now + timedelta(days=100)
            db.session.add(row)
            db.session.flush()
            return row.id

    return make


@pytest.fixture
def mandate_of(app: App) -> MandateMaker:
    """Store a complete mandate of a member's organization, open by default; answers its id."""

    def make(owner: Membership, state: OfferState = OfferState.OPEN, **more: Any) -> int:
        now = utcnow()
        values: dict[str, Any] = {
            "title": "早期硬科技", "rounds": ["a"], "industries": ["new_materials"], "regions": ["420000"],
            "ticket_min_yuan": 3_000_000, "ticket_max_yuan": 20_000_000, "instruments": ["equity"],
            "published_at": now, "expires_at": now + timedelta(days=200),
        }  # fmt: skip
        with unit_of_work():
            row = InvestmentMandate(organization_id=owner.organization_id, state=state, **(values | more))
            db.session.add(row)
            db.session.flush()
            return row.id

    return make


def unmarked(page: str) -> str:
    """A page's text without tags and without the hidden words that mark what was changed."""
    return re.sub(r"<span class=\"visually-hidden\">[^<]*</span>|<[^>]+>", "", page)
