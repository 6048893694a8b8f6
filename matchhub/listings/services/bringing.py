"""Listings that come in from a table: drafts that a firm confirms, offers of one's own or of organizations nobody has joined."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from matchhub.accounts.models import Organization
from matchhub.core import audit, errors, news
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.listings.enums import PairingKind
from matchhub.listings.models import Need, Offer
from matchhub.listings.news import NeedBrought
from matchhub.listings.policy import Permission, POLICY
from matchhub.listings.queries import obstacles_to_offer
from matchhub.listings.queries.needs import BROUGHT, untouched
from matchhub.listings.recipes import NEED_RECIPES, OFFER_RECIPES
from matchhub.listings.services.needs import _fill as _fill_need
from matchhub.listings.services.offers import _fill as _fill_offer
from matchhub.listings.services.offers import _publish
from matchhub.profiles.queries.residencies import carriers_of


@writes
def bring_need(
    organization: Organization, kind: PairingKind, values: Mapping[str, Any], *, actor: Actor, now: datetime
) -> Need:
    """A draft for a firm of the actor's carrier. Nobody but the firm sees or publishes it; the firm is told.

    Raises Forbidden where the firm is in another carrier or in none, Invalid for a range upside down.
    """
    carrier_id = carriers_of(db.session(), [organization.id]).get(organization.id)
    need = NEED_RECIPES[kind].model(organization=organization, organization_id=organization.id, carrier_id=carrier_id)
    with db.session.no_autoflush:
        POLICY.check(Permission.BRING_NEED, actor, need)
        _fill_need(need, values)
    db.session.add(need)
    db.session.flush()
    audit.record(actor, BROUGHT, need, version=need.version)
    news.publish(NeedBrought(need), now=now)
    return need


@writes
def bring_need_again(need: Need, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    """Change a draft that the actor's carrier brought, while the firm has left it alone.

    Raises Forbidden for a need of another carrier's firm, Conflict once the firm has taken it up, Invalid.
    """
    POLICY.check(Permission.BRING_NEED, actor, need)
    if need.id not in untouched(db.session(), actor.organization_id, [need.id]):
        raise errors.Conflict(N_("企业已经动过这条需求，要改请企业自己改"))
    if _fill_need(need, values):
        db.session.flush()
        audit.record(actor, BROUGHT, need, version=need.version)


@writes
def bring_offer(
    organization: Organization,
    kind: PairingKind,
    values: Mapping[str, Any],
    *,
    publish: bool = False,
    actor: Actor,
    now: datetime,
) -> Offer:
    """A new offer, published where `publish` is set and nothing is missing, else a draft. Raises Forbidden, Invalid."""
    offer = OFFER_RECIPES[kind].model(organization=organization, organization_id=organization.id)
    with db.session.no_autoflush:
        POLICY.check(Permission.EDIT_OFFER, actor, offer)
        _fill_offer(offer, values)
    db.session.add(offer)
    db.session.flush()
    audit.record(actor, "offer:bring", offer)
    if publish and not obstacles_to_offer(offer):
        _publish(offer, actor=actor, now=now)
    return offer
