"""The cast's bank and mentor, taken from the crowd, and what they have going on with the cast's firm these weeks."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from matchhub.accounts.enums import OrganizationKind
from matchhub.accounts.models import Membership, User
from matchhub.core.clock import city_date
from matchhub.core.db import db, unit_of_work
from matchhub.demo.stage import Stage
from matchhub.demo.talks import choice
from matchhub.demo.timeline import Timeline
from matchhub.introductions import services as introductions
from matchhub.introductions.enums import IntroductionState, MeetingMode
from matchhub.introductions.models import Introduction
from matchhub.introductions.queries import askable_pair
from matchhub.listings import services as listings
from matchhub.listings.enums import OfferState, PairingKind
from matchhub.listings.models import Offer, OFFER_MODELS
from matchhub.listings.recipes import KIND_OF_OWNER
from matchhub.mentoring import services as mentoring
from matchhub.mentoring.models import Engagement
from matchhub.pipelines import services as pipelines
from matchhub.pipelines.models import CreditCase

FIRM = "xinghe"
ROLES: tuple[tuple[str, OrganizationKind, str], ...] = (("bank", OrganizationKind.BANK, "jiangjingli@bank.example"),)
ROLES += (("mentor", OrganizationKind.MENTOR, "gudaoshi@mentor.example"),)
LOAN: dict[str, Any] = {
    "amount_max_yuan": 3_000_000, "term_months": 12, "purposes": ["working_capital"], "guarantees": ["unsecured", "ip"],
    "ip_types": ["invention"], "is_first_loan": True, "has_clean_record": True, "rate_max_bp": 450,
    "teaser": "订单排到明年，补 300 万周转", "teaser_en": "Orders into next year; working capital of ¥3m",
    "statement": "在手订单来自 14 家整机厂，账期 90 天，回款后归还。",
}  # fmt: skip
ADVICE: dict[str, Any] = {
    "topics": ["fundraising", "strategy"], "urgency": "one_month", "meeting_modes": ["online", "carrier"],
    "sessions_wanted": 4, "teaser": "A 轮材料改了三版，请人当面指点",
    "teaser_en": "Three versions of our pitch; we want a second opinion",
    "statement": "路演讲不清第三条产线为什么值得投，想请做过制造业投资的导师看一遍材料和财务模型。",
}  # fmt: skip


def play(stage: Stage) -> None:
    """Give the two their keys, and play the last weeks on a line of their own."""
    with unit_of_work():
        for key, kind, address in ROLES:
            _appear(stage, key, kind, address)
    stage.timeline = Timeline()
    line = stage.timeline
    line.at(stage.ago(58), ask_for, stage, PairingKind.MENTORING, ADVICE, "mentor")
    line.at(stage.ago(41), ask_for, stage, PairingKind.CREDIT, LOAN, "bank")
    line.play(until=stage.now)


def _appear(stage: Stage, key: str, kind: OrganizationKind, address: str) -> None:
    """The one of its kind that has most going on and can take one more; its person may sign in."""
    pairing = KIND_OF_OWNER[kind]
    table = OFFER_MODELS[pairing].__table__
    busiest = db.session.execute(
        select(Offer.organization_id, func.max(Offer.id))
        .join(table, table.c.id == Offer.id)
        .outerjoin(Introduction, Introduction.offer_id == Offer.id)
        .where(Offer.state == OfferState.OPEN, _room(kind))
        .group_by(Offer.organization_id)
        .order_by(func.count(Introduction.id).desc(), Offer.organization_id)
    ).first()
    assert busiest is not None, f"no {kind.value} in the crowd"
    stage.organizations[key], stage.offers[key] = busiest
    membership = db.session.scalars(select(Membership).where(Membership.organization_id == busiest[0])).one()
    stage.members[key] = membership.id
    user = db.session.get_one(User, membership.user_id)
    user.email, user.password_hash = address, stage.password_hash


def _room(kind: OrganizationKind) -> Any:
    """Mentors that could take a firm more."""
    if kind is OrganizationKind.BANK:
        return True
    engaged = (
        select(func.count(Engagement.id))
        .where(Engagement.mentorship_id == Offer.id, Engagement.closed_at.is_(None))
        .scalar_subquery()
    )
    return engaged < OFFER_MODELS[PairingKind.MENTORING].__table__.c.firms_at_most


def ask_for(stage: Stage, kind: PairingKind, values: dict[str, Any], other: str, *, now: datetime) -> None:
    """The firm writes a need of this kind, publishes it, and asks the other some days later."""
    actor = stage.actor(FIRM)
    need = listings.start_need(kind, actor=actor, now=now)
    db.session.flush()
    values = values | {"needed_by": city_date(now) + timedelta(days=120)}
    listings.save_step(need, values, version=need.version, actor=actor, now=now)
    listings.publish_need(need, actor=actor, now=now)
    db.session.flush()
    if need.state.value == "submitted":
        carrier_id = need.carrier_id
        operator = next(key for key, held in stage.organizations.items() if held == carrier_id)
        listings.approve_need(need, actor=stage.actor(f"op_{operator}"), now=now)
    stage.timeline.at(stage.after(now, 2, 4), ask, stage, need.id, other)


def ask(stage: Stage, need_id: int, other: str, *, now: datetime) -> None:
    """The request, and the yes to it."""
    actor = stage.actor(FIRM)
    pair = askable_pair(actor, need_id, stage.offers[other])
    if pair is None:
        return
    row = introductions.ask(pair, choice(stage, FIRM, now), purpose=PURPOSES[other], actor=actor, now=now)
    stage.timeline.at(stage.after(now, 1, 3), agree, stage, row.id, other)


PURPOSES = {
    "bank": "看到你们的产品不要抵押，想了解我们这样的订单能不能做。",
    "mentor": "想请你看看我们的 A 轮材料，第一次线上谈一小时就很好。",
}


def agree(stage: Stage, introduction_id: int, other: str, *, now: datetime) -> None:
    """Yes; then the bank's steps, or the mentor's sessions."""
    row = stage.get(Introduction, introduction_id)
    if row.state is not IntroductionState.REQUESTED:
        return
    introductions.accept(row, choice(stage, other, now), actor=stage.actor(other), now=now)
    if other == "bank":
        stage.timeline.at(stage.after(now, 1, 2), collect, stage, introduction_id)
        return
    for place, (low, high) in enumerate(((4, 6), (18, 22), (38, 42))):
        stage.timeline.at(stage.after(now, low, high), log, stage, introduction_id, place)


def collect(stage: Stage, introduction_id: int, *, now: datetime) -> None:
    """The bank asks for the papers; some are in, some are still missing."""
    case = db.session.scalars(select(CreditCase).where(CreditCase.introduction_id == introduction_id)).one()
    actor = stage.actor("bank")
    pipelines.move_case(case, "collect", actor=actor, now=now)
    pipelines.tick_documents(case, [document.code for document in case.documents[:2]], actor=actor, now=now)


SESSIONS = (
    (60, ("fundraising",), "把故事线从设备改成客户：先讲 14 家整机厂为什么复购。", "企业改第四版材料"),
    (90, ("fundraising", "strategy"), "过了财务模型，产能爬坡的假设要给依据。", "补三家客户的排产计划"),
    (60, ("strategy",), "演练了一遍路演，控制在八分钟。", "下周见两家机构"),
)


def log(stage: Stage, introduction_id: int, place: int, *, now: datetime) -> None:
    """A session; all but the newest have been confirmed."""
    engagement = db.session.scalars(select(Engagement).where(Engagement.introduction_id == introduction_id)).one()
    minutes, topics, summary, next_step = SESSIONS[place]
    entry = mentoring.Entry(city_date(now), minutes, MeetingMode.ONLINE, topics, summary, next_step)
    session = mentoring.log_session(engagement, entry, actor=stage.actor("mentor"), now=now)
    db.session.flush()
    if place < len(SESSIONS) - 1:
        mentoring.confirm(session, seen=session.version, actor=stage.actor(FIRM), now=now)
