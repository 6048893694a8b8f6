"""Open needs and offers for loans and advice, with figures that nobody may learn exactly."""

from datetime import date, timedelta
from typing import Any

from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import db
from matchhub.listings.enums import NeedState, OfferState, PairingKind
from matchhub.listings.models import CreditNeed, LoanProduct, MentoringNeed, Mentorship
from matchhub.profiles.enums import ProfileState
from matchhub.profiles.models import EnterpriseProfile, MentorProfile

REVENUE, RD_EXPENSE, RATE_MAX = 8_460_000, 1_370_000, 412


def add_firm(organization_id: int, **more: Any) -> int:
    """The profile of a firm in 鄂城区, three years old, a high-tech enterprise."""
    today = city_date(utcnow())
    facts: dict[str, Any] = {
        "stage": "growth", "established_on": date(today.year - 3, today.month, 1), "staff": 26, "revenue_yuan": REVENUE,
        "rd_expense_yuan": RD_EXPENSE, "invention_patents": 4, "qualifications": ["hnte"], "region_code": "420704",
        "industries": ["new_materials"], "state": ProfileState.PUBLISHED,
    } | more  # fmt: skip
    return _stored(EnterpriseProfile(organization_id=organization_id, **facts))


def add_credit_need(organization_id: int, **more: Any) -> int:
    """600 to 750 万元 for a year, at 4.12 % at most."""
    facts: dict[str, Any] = {
        "code_name": "新材料-0003", "teaser": "碳纤维订单备料", "industries": ["new_materials.carbon_fibre"],
        "lead_industry": "new_materials", "region_code": "420704", "amount_min_yuan": 6_010_000,
        "amount_max_yuan": 7_310_000, "term_months": 12, "rate_max_bp": RATE_MAX, "guarantees": ["property"],
        "is_first_loan": True, "has_clean_record": True,
    } | more  # fmt: skip
    need = CreditNeed(kind=PairingKind.CREDIT, organization_id=organization_id, state=NeedState.OPEN, **facts)
    return _opened(need)


def add_product(organization_id: int, **more: Any) -> int:
    """Up to 1,000 万元 from 4.35 %, 3.85 % for high-tech enterprises, for firms of a year with a clean record."""
    facts: dict[str, Any] = {
        "title": "科技贷", "regions": ["420700"], "instrument": "credit", "amount_min_yuan": 500_000,
        "amount_max_yuan": 10_000_000, "rate_min_bp": 435, "rate_max_bp": 600, "term_max_months": 36,
        "guarantees": ["unsecured"], "payout_days": 5, "welcomes_first_loan": True, "capacity_per_month": 20,
        "stages": ["startup", "growth"], "industries": ["new_materials"], "statement": "给碳纤维等新材料企业备料用",
        "rules": [rule("months_old", "at_least", 12), rule("has_clean_record", "is", True)],
        "preferences": [{"qualification": "hnte", "rate_bp": 385, "note": ""}],
    } | more  # fmt: skip
    offer = LoanProduct(kind=PairingKind.CREDIT, organization_id=organization_id, state=OfferState.OPEN, **facts)
    return _opened(offer)


def rule(field: str, op: str, value: Any, *, hard: bool = True) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value, "hard": hard, "note": ""}


def add_mentoring_need(organization_id: int, **more: Any) -> int:
    facts: dict[str, Any] = {
        "code_name": "新材料-0004", "teaser": "想理清专利布局", "industries": ["new_materials"], "region_code": "420704",
        "lead_industry": "new_materials", "topics": ["ip", "fundraising"], "meeting_modes": ["online"],
        "statement": "碳纤维专利怎么布局",
    } | more  # fmt: skip
    need = MentoringNeed(kind=PairingKind.MENTORING, organization_id=organization_id, state=NeedState.OPEN, **facts)
    return _opened(need)


def add_mentorship(organization_id: int, **more: Any) -> int:
    facts: dict[str, Any] = {
        "title": "专利和融资", "industries": ["new_materials"], "regions": ["420700"], "topics": ["ip"],
        "stages": ["startup", "growth"], "meeting_modes": ["online", "on_site"], "firms_at_most": 3, "reply_days": 3,
        "statement": "做过十年碳纤维专利",
    } | more  # fmt: skip
    offer = Mentorship(kind=PairingKind.MENTORING, organization_id=organization_id, state=OfferState.OPEN, **facts)
    return _opened(offer)


def add_mentor(organization_id: int, **more: Any) -> int:
    """The profile of a mentor whose registration is in date."""
    facts: dict[str, Any] = {"registered_until": city_date(utcnow()) + timedelta(days=200)} | more
    return _stored(MentorProfile(organization_id=organization_id, state=ProfileState.PUBLISHED, **facts))


def _opened(row: Any) -> int:
    row.published_at, row.expires_at = utcnow(), utcnow() + timedelta(days=90)
    return _stored(row)


def _stored(row: Any) -> int:
    db.session.add(row)
    db.session.flush()
    return int(row.id)
