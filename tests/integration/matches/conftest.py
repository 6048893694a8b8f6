"""A small market: needs of the cast's firms, mandates of its investors, and a matcher that has learned it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.web import App
from matchhub.listings.enums import NeedState, OfferState, PairingKind
from matchhub.listings.models import EquityNeed, InvestmentMandate
from matchhub.matches import engine
from matchhub.matches.services.runs import request_run, run_next
from matchhub.matches.views import counters
from tests.cast import Cast

SECRET_LOW, SECRET_HIGH = 5_630_000, 7_310_000


@dataclass
class Market:
    """Ids of what is open, and the moment of the last run."""

    need: int
    other_need: int
    offer: int
    other_offer: int
    now: datetime


@pytest.fixture(autouse=True)
def _fresh_engine(app: App, tmp_path: Any) -> Iterator[None]:
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    engine.keep_at(url, tmp_path)
    counters._asked.clear()
    yield
    engine.keep_at(url, tmp_path)


def add_need(organization_id: int, **more: Any) -> int:
    """An open need for 563 to 731 万元, which nobody may learn exactly."""
    facts: dict[str, Any] = {
        "code_name": "新材料-0001", "teaser": "碳纤维预浸料产线扩建", "industries": ["new_materials.carbon_fibre"],
        "lead_industry": "new_materials", "region_code": "420704", "amount_min_yuan": SECRET_LOW,
        "amount_max_yuan": SECRET_HIGH, "round_code": "a", "instruments": ["equity"], "state": NeedState.OPEN,
    } | more  # fmt: skip
    need = EquityNeed(kind=PairingKind.EQUITY, organization_id=organization_id, **facts)
    need.published_at, need.expires_at = utcnow(), utcnow() + timedelta(days=90)
    db.session.add(need)
    db.session.flush()
    return need.id


def add_offer(organization_id: int, **more: Any) -> int:
    """An open mandate that fits the need."""
    facts: dict[str, Any] = {
        "title": "碳纤维和复合材料", "industries": ["new_materials"], "regions": ["420000"], "rounds": ["a", "b"],
        "ticket_min_yuan": 3_000_000, "ticket_max_yuan": 20_000_000, "instruments": ["equity"], "reply_days": 4,
        "capacity_per_month": 5,
    } | more  # fmt: skip
    offer = InvestmentMandate(kind=PairingKind.EQUITY, organization_id=organization_id, state=OfferState.OPEN, **facts)
    offer.published_at = utcnow()
    db.session.add(offer)
    db.session.flush()
    return offer.id


@pytest.fixture
def compare() -> Callable[[], None]:
    """Compute everything now and hold the new matcher."""

    def run(**subject: Any) -> None:
        with unit_of_work():
            request_run(**subject, now=utcnow())
        while run_next(now=utcnow()) is not None:
            pass
        engine.store(db.session(), PairingKind.EQUITY).load()

    return run


@pytest.fixture
def market(people: Cast, compare: Callable[[], None]) -> Market:
    """Two needs and two mandates, compared."""
    with unit_of_work():
        ids = (
            add_need(people.xinghe.organization_id),
            add_need(people.qingtian.organization_id, code_name="新材料-0002", teaser="陶瓷基复合材料零件"),
            add_offer(people.yuanshan.organization_id),
            add_offer(people.beidou.organization_id, rounds=["seed"], title="早期项目"),
        )
    compare()
    return Market(*ids, utcnow())
