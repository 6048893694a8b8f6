"""An offer from its first line to its end."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from matchhub.accounts.enums import OrganizationKind
from matchhub.core import audit, errors, news
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.listings.enums import EDITABLE_OFFERS, LIVE_OFFERS, OFFER_DAYS, OfferState
from matchhub.listings.models import Offer
from matchhub.listings.news import OfferChanged, OfferPublished, OfferUnavailable
from matchhub.listings.policy import Permission, POLICY
from matchhub.listings.queries import gaps_of_offer, obstacles_to_offer
from matchhub.listings.recipes import KIND_OF_OWNER, OFFER_RECIPES, recipe_of_offer
from matchhub.listings.services.contents import _check_range, _check_version, _refuse, _write
from matchhub.listings.workflow import OFFERS
from matchhub.profiles.queries import profile_of


@writes
def start_offer(*, actor: Actor, now: datetime) -> Offer:
    """A draft of the kind that the actor's organization makes, filled from the profile; the one without a title if any."""
    POLICY.check(Permission.START_OFFER, actor)
    recipe = OFFER_RECIPES[KIND_OF_OWNER[OrganizationKind(actor.organization_kind)]]
    begun = db.session.scalar(
        select(recipe.model)
        .where(
            recipe.model.organization_id == actor.organization_id,
            recipe.model.state == OfferState.DRAFT,
            recipe.model.title == "",
        )
        .limit(1)
    )
    if begun is not None:
        return begun
    values = recipe.start(profile_of(db.session(), actor.organization_id))
    offer = recipe.model(organization_id=actor.organization_id, **values)
    db.session.add(offer)
    audit.record(actor, "offer:start", offer)
    return offer


@writes
def save_offer(
    offer: Offer,
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
    _check_version(offer, version, values)
    if offer.state in LIVE_OFFERS:
        _change(offer, values, actor=actor, now=now)
    else:
        _fill(offer, values)
    if publish and offer.state is OfferState.DRAFT:
        _publish(offer, actor=actor, now=now)
    db.session.flush()


@writes
def change_offer(offer: Offer, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    """Say something else in a published offer; it must stay complete."""
    POLICY.check(Permission.EDIT_OFFER, actor, offer)
    if offer.state not in LIVE_OFFERS:
        raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=offer.state)
    _change(offer, values, actor=actor, now=now)
    db.session.flush()


def _change(offer: Offer, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    changed = _fill(offer, values)
    _refuse(gaps_of_offer(offer))
    if not changed:
        return
    offer.is_inferred = False
    audit.record(actor, "offer:change", offer, fields=changed)
    if offer.state is OfferState.OPEN:
        news.publish(OfferChanged(offer), now=now)


def _fill(offer: Offer, values: Mapping[str, Any]) -> list[str]:
    recipe = recipe_of_offer(offer)
    changed = _write(offer, values, recipe.fields)
    for low, high in recipe.ranges:
        _check_range(getattr(offer, low), getattr(offer, high), high)
    for field, message in recipe.check(offer).items():
        raise errors.Invalid(message, field=field)
    return changed


@writes
def publish_offer(offer: Offer, *, actor: Actor, now: datetime) -> None:
    """Open a draft. Raises Invalid with the first obstacle."""
    _publish(offer, actor=actor, now=now)


def _publish(offer: Offer, *, actor: Actor, now: datetime) -> None:
    OFFERS.advance(offer, "publish", actor=actor)
    _refuse(obstacles_to_offer(offer))
    offer.published_at = offer.published_at or now
    offer.expires_at, offer.reminded_at = now + timedelta(days=OFFER_DAYS), None
    news.publish(OfferPublished(offer), now=now)


@writes
def pause_offer(offer: Offer, *, actor: Actor, now: datetime) -> None:
    """See no new projects for a while."""
    OFFERS.advance(offer, "pause", actor=actor)
    news.publish(OfferUnavailable(offer), now=now)


@writes
def resume_offer(offer: Offer, *, actor: Actor, now: datetime) -> None:
    """See projects again."""
    OFFERS.advance(offer, "resume", actor=actor)
    _refuse(gaps_of_offer(offer))
    news.publish(OfferPublished(offer), now=now)


@writes
def renew_offer(offer: Offer, *, actor: Actor, now: datetime) -> None:
    """Extend the offer by its full time from now; an expired one is open again."""
    was_expired = offer.state is OfferState.EXPIRED
    OFFERS.advance(offer, "renew", actor=actor)
    offer.expires_at, offer.reminded_at, offer.closed_at = now + timedelta(days=OFFER_DAYS), None, None
    if was_expired:
        _refuse(obstacles_to_offer(offer))
        news.publish(OfferPublished(offer), now=now)


@writes
def close_offer(offer: Offer, *, actor: Actor, now: datetime) -> None:
    """End the offer for good."""
    was_live = offer.state in LIVE_OFFERS
    OFFERS.advance(offer, "close", actor=actor)
    offer.closed_at = now
    if was_live:
        news.publish(OfferUnavailable(offer), now=now)
