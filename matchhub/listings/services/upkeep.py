"""What time and other features do to listings: expiry, reminders, a firm that moves, closes or is merged."""

from datetime import datetime, timedelta

from sqlalchemy import select

from matchhub.accounts.news import OrganizationClosed, OrganizationMerged
from matchhub.core import audit, news
from matchhub.core.db import db, writes
from matchhub.core.policy import SYSTEM
from matchhub.listings.enums import LIVE_NEEDS, LIVE_OFFERS, NeedState, NOTICE_DAYS, OfferState
from matchhub.listings.models import Need, Offer
from matchhub.listings.news import (
    NeedExpired,
    NeedExpiring,
    NeedUnavailable,
    OfferExpired,
    OfferExpiring,
    OfferUnavailable,
)
from matchhub.listings.workflow import NEEDS, OFFERS
from matchhub.profiles.news import ResidencyChanged

AT_ONCE = 200  # rows in one write transaction: the worker must not hold the lock for long
ENDED_NEEDS = (NeedState.MET, NeedState.CLOSED)


@writes
def expire_due(now: datetime) -> int:
    """End what has outlived its time, at most some hundred rows; how many. Safe to repeat."""
    needs = db.session.scalars(
        select(Need).where(Need.state.in_(LIVE_NEEDS), Need.expires_at <= now).order_by(Need.id).limit(AT_ONCE)
    ).all()
    for need in needs:
        NEEDS.advance(need, "expire", actor=SYSTEM)
        news.publish(NeedUnavailable(need), now=now)
        news.publish(NeedExpired(need), now=now)
    offers = db.session.scalars(
        select(Offer).where(Offer.state.in_(LIVE_OFFERS), Offer.expires_at <= now).order_by(Offer.id).limit(AT_ONCE)
    ).all()
    for offer in offers:
        OFFERS.advance(offer, "expire", actor=SYSTEM)
        news.publish(OfferUnavailable(offer), now=now)
        news.publish(OfferExpired(offer), now=now)
    return len(needs) + len(offers)


@writes
def remind_expiring(now: datetime) -> int:
    """Tell once that a listing expires within the notice time; how many were told about. Safe to repeat."""
    soon = now + timedelta(days=NOTICE_DAYS)
    needs = db.session.scalars(
        select(Need)
        .where(Need.state.in_(LIVE_NEEDS), Need.expires_at.between(now, soon), Need.reminded_at.is_(None))
        .limit(AT_ONCE)
    ).all()
    for need in needs:
        need.reminded_at = now
        news.publish(NeedExpiring(need), now=now)
    offers = db.session.scalars(
        select(Offer)
        .where(
            Offer.state.in_(LIVE_OFFERS),
            Offer.expires_at.between(now, soon),
            Offer.reminded_at.is_(None),
        )
        .limit(AT_ONCE)
    ).all()
    for offer in offers:
        offer.reminded_at = now
        news.publish(OfferExpiring(offer), now=now)
    return len(needs) + len(offers)


@writes
def follow_residency(item: ResidencyChanged, *, now: datetime) -> None:
    """A firm moved: its needs come under the new carrier and district, and leave the old ones."""
    for need in _needs_of(item.enterprise_id):
        if need.state is NeedState.DRAFT or (need.carrier_id, need.district_code) == (
            item.carrier_id,
            item.district_code,
        ):
            continue
        need.carrier_id, need.district_code = item.carrier_id, item.district_code
        audit.record(SYSTEM, "need:scope", need, carrier_id=item.carrier_id, district_code=item.district_code)


@writes
def follow_closure(item: OrganizationClosed, *, now: datetime) -> None:
    """An organization left: nothing of it stays open."""
    for need in _needs_of(item.organization.id):
        was_live = need.state in LIVE_NEEDS
        NEEDS.advance(need, "shut", actor=SYSTEM)
        need.closed_at, need.closing_reason = now, "firm_left"
        if was_live:
            news.publish(NeedUnavailable(need), now=now)
    for offer in _offers_of(item.organization.id):
        was_live = offer.state in LIVE_OFFERS
        OFFERS.advance(offer, "shut", actor=SYSTEM)
        offer.closed_at = now
        if was_live:
            news.publish(OfferUnavailable(offer), now=now)


@writes
def follow_merge(item: OrganizationMerged, *, now: datetime) -> None:
    """Two rows were one organization: the listings of the dropped one belong to the kept one."""
    needs = db.session.scalars(select(Need).where(Need.organization_id == item.dropped.id)).all()
    offers = db.session.scalars(select(Offer).where(Offer.organization_id == item.dropped.id)).all()
    rows: list[Need | Offer] = [*needs, *offers]
    for row in rows:
        row.organization_id = item.kept.id
        audit.record(SYSTEM, f"{'need' if isinstance(row, Need) else 'offer'}:scope", row, owner=item.kept.id)


def _needs_of(organization_id: int) -> list[Need]:
    return list(
        db.session.scalars(select(Need).where(Need.organization_id == organization_id, Need.state.notin_(ENDED_NEEDS)))
    )


def _offers_of(organization_id: int) -> list[Offer]:
    return list(
        db.session.scalars(
            select(Offer).where(Offer.organization_id == organization_id, Offer.state != OfferState.CLOSED)
        )
    )
