"""Offers: one's own, and the open ones that verified members may look through."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import cast, or_, Select, select, String

from matchhub.accounts.enums import OrganizationStatus
from matchhub.accounts.models import Organization
from matchhub.core.db import db
from matchhub.core.policy import Actor
from matchhub.listings.enums import OfferState
from matchhub.listings.models import InvestmentMandate
from matchhub.listings.policy import Permission, POLICY


@dataclass(frozen=True, slots=True)
class OfferFilter:
    """What the list of open mandates is narrowed to."""

    industry: str | None = None
    round_code: str | None = None
    text: str = ""


def own_offer(actor: Actor, offer_id: int, **ids: Any) -> InvestmentMandate | None:
    """An offer of the actor's own organization."""
    if actor.organization_id is None:
        return None
    return db.session.scalar(
        select(InvestmentMandate).where(
            InvestmentMandate.id == offer_id, InvestmentMandate.organization_id == actor.organization_id
        )
    )


def visible_offer(actor: Actor, offer_id: int, **ids: Any) -> InvestmentMandate | None:
    """One's own in any state; an open one for verified members and officers."""
    offer = db.session.scalar(select(InvestmentMandate).where(InvestmentMandate.id == offer_id))
    if offer is None or not POLICY.allows(Permission.SEE_OFFER, actor, offer):
        return None
    if offer.organization_id == actor.organization_id:
        return offer
    return offer if offer.state is OfferState.OPEN and offer.organization.is_open else None


def own_offers(actor: Actor) -> Select[InvestmentMandate]:
    """The offers of the actor's organization, newest first."""
    return (
        select(InvestmentMandate)
        .where(InvestmentMandate.organization_id == actor.organization_id)
        .order_by(InvestmentMandate.id.desc())
    )


def listed_offers(chosen: OfferFilter) -> Select[InvestmentMandate]:
    """Open mandates of organizations that are there, by name."""
    gone = (OrganizationStatus.CLOSED, OrganizationStatus.MERGED)
    found = (
        select(InvestmentMandate)
        .join(Organization, Organization.id == InvestmentMandate.organization_id)
        .where(InvestmentMandate.state == OfferState.OPEN, Organization.status.notin_(gone))
    )
    if chosen.industry:
        found = found.where(_holds(InvestmentMandate.industries, chosen.industry, deeper=True))
    if chosen.round_code:
        found = found.where(_holds(InvestmentMandate.rounds, chosen.round_code))
    if words := chosen.text.strip()[:60]:
        found = found.where(
            or_(*(column.icontains(words, autoescape=True) for column in (
                Organization.name, Organization.short_name, Organization.sort_key, InvestmentMandate.title,
            )))
        )  # fmt: skip
    return found.order_by(Organization.sort_key, InvestmentMandate.id)


def _holds(column: Any, code: str, *, deeper: bool = False) -> Any:
    """Whether a JSON list of codes holds `code` (or one below it): codes are plain words, quoted in the stored text."""
    text = cast(column, String)
    exact = text.contains(f'"{code}"', autoescape=True)
    return or_(exact, text.contains(f'"{code}.', autoescape=True)) if deeper else exact
