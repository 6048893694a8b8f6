"""An offer from its first line to its end."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from matchhub.core import audit, errors, news
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.listings.enums import EDITABLE_OFFERS, LIVE_OFFERS, OFFER_DAYS, OfferState
from matchhub.listings.models import InvestmentMandate
from matchhub.listings.news import OfferChanged, OfferPublished, OfferUnavailable
from matchhub.listings.policy import Permission, POLICY
from matchhub.listings.queries import gaps_of_offer, obstacles_to_offer
from matchhub.listings.services.contents import _check_range, _check_version, _refuse, _write, OFFER_FIELDS
from matchhub.listings.workflow import OFFERS
from matchhub.profiles.queries import profile_of


@writes
def start_offer(*, actor: Actor, now: datetime) -> InvestmentMandate:
    """A draft filled from the profile; the one that is still without a title where there is one."""
    POLICY.check(Permission.START_OFFER, actor)
    begun = db.session.scalar(
        select(InvestmentMandate)
        .where(
            InvestmentMandate.organization_id == actor.organization_id,
            InvestmentMandate.state == OfferState.DRAFT,
            InvestmentMandate.title == "",
        )
        .limit(1)
    )
    if begun is not None:
        return begun
    offer = InvestmentMandate(
        organization_id=actor.organization_id, instruments=["equity"], capacity_per_month=4, reply_days=7
    )
    if (profile := profile_of(db.session(), actor.organization_id)) is not None:
        offer.industries, offer.statement = list(profile.industries), profile.summary
    db.session.add(offer)
    audit.record(actor, "offer:start", offer)
    return offer


@writes
def save_offer(
    offer: InvestmentMandate,
    values: Mapping[str, Any],
    *,
    version: int,
    publish: bool = False,
    actor: Actor,
    now: datetime,
) -> None:
    """Keep what was typed, and publish a draft where `publish` is set. Raises as `save_step` of a need does."""
    POLICY.check(Permission.EDIT_OFFER, actor, offer)
    if offer.state not in EDITABLE_OFFERS:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=offer.state)
    _check_version(offer, version)
    if offer.state in LIVE_OFFERS:
        _change(offer, values, actor=actor, now=now)
    else:
        _fill(offer, values)
    if publish and offer.state is OfferState.DRAFT:
        _publish(offer, actor=actor, now=now)
    db.session.flush()


@writes
def change_offer(offer: InvestmentMandate, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    """Say something else in a published offer; it must stay complete."""
    POLICY.check(Permission.EDIT_OFFER, actor, offer)
    if offer.state not in LIVE_OFFERS:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=offer.state)
    _change(offer, values, actor=actor, now=now)
    db.session.flush()


def _change(offer: InvestmentMandate, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    changed = _fill(offer, values)
    _refuse(gaps_of_offer(offer))
    if not changed:
        return
    offer.is_inferred = False
    audit.record(actor, "offer:change", offer, fields=changed)
    if offer.state is OfferState.OPEN:
        news.publish(OfferChanged(offer), now=now)


def _fill(offer: InvestmentMandate, values: Mapping[str, Any]) -> list[str]:
    changed = _write(offer, values, OFFER_FIELDS)
    _check_range(offer.ticket_min_yuan, offer.ticket_max_yuan, "ticket_max_yuan")
    if set(offer.industries) & set(offer.exclusions):
        raise errors.Invalid(N_("同一个行业不能既看又不看"), field="exclusions")
    return changed


@writes
def publish_offer(offer: InvestmentMandate, *, actor: Actor, now: datetime) -> None:
    """Open a draft. Raises Invalid with the first obstacle."""
    _publish(offer, actor=actor, now=now)


def _publish(offer: InvestmentMandate, *, actor: Actor, now: datetime) -> None:
    OFFERS.advance(offer, "publish", actor=actor)
    _refuse(obstacles_to_offer(offer))
    offer.published_at = offer.published_at or now
    offer.expires_at, offer.reminded_at = now + timedelta(days=OFFER_DAYS), None
    news.publish(OfferPublished(offer), now=now)


@writes
def pause_offer(offer: InvestmentMandate, *, actor: Actor, now: datetime) -> None:
    """See no new projects for a while."""
    OFFERS.advance(offer, "pause", actor=actor)
    news.publish(OfferUnavailable(offer), now=now)


@writes
def resume_offer(offer: InvestmentMandate, *, actor: Actor, now: datetime) -> None:
    """See projects again."""
    OFFERS.advance(offer, "resume", actor=actor)
    _refuse(gaps_of_offer(offer))
    news.publish(OfferPublished(offer), now=now)


@writes
def renew_offer(offer: InvestmentMandate, *, actor: Actor, now: datetime) -> None:
    """Extend the offer by its full time from now; an expired one is open again."""
    was_expired = offer.state is OfferState.EXPIRED
    OFFERS.advance(offer, "renew", actor=actor)
    offer.expires_at, offer.reminded_at, offer.closed_at = now + timedelta(days=OFFER_DAYS), None, None
    if was_expired:
        _refuse(obstacles_to_offer(offer))
        news.publish(OfferPublished(offer), now=now)


@writes
def close_offer(offer: InvestmentMandate, *, actor: Actor, now: datetime) -> None:
    """End the offer for good."""
    was_live = offer.state in LIVE_OFFERS
    OFFERS.advance(offer, "close", actor=actor)
    offer.closed_at = now
    if was_live:
        news.publish(OfferUnavailable(offer), now=now)
