"""Offers: one's own, and the open ones that verified members may look through."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import cast, func, or_, Select, select, String
from sqlalchemy.orm import joinedload, load_only, selectin_polymorphic, Session

from matchhub.accounts.enums import OrganizationStatus
from matchhub.accounts.models import Organization
from matchhub.accounts.queries import NAMED
from matchhub.core.db import db
from matchhub.core.policy import Actor
from matchhub.listings.enums import OfferState, PairingKind
from matchhub.listings.models import InvestmentMandate, LoanProduct, Mentorship, Offer, OFFER_MODELS
from matchhub.listings.policy import Permission, POLICY
from matchhub.listings.recipes import OFFER_RECIPES, OfferRecipe

EVERY_KIND = selectin_polymorphic(Offer, list(OFFER_MODELS.values()))
OFFER: Any = Offer.__table__
GONE = (OrganizationStatus.CLOSED, OrganizationStatus.MERGED)


@dataclass(frozen=True, slots=True)
class OfferFilter:
    """What the list of open offers of one kind is narrowed to; `code` is of the kind's own dictionary (`narrowed_by`)."""

    industry: str | None = None
    code: str | None = None
    text: str = ""


def own_offer(actor: Actor, offer_id: int, **ids: Any) -> Offer | None:
    """An offer of the actor's own organization."""
    if actor.organization_id is None:
        return None
    return db.session.scalar(
        select(Offer).where(Offer.id == offer_id, Offer.organization_id == actor.organization_id).options(EVERY_KIND)
    )


def visible_offer(actor: Actor, offer_id: int, **ids: Any) -> Offer | None:
    """One's own in any state; an open one for verified members and officers."""
    offer = db.session.scalar(select(Offer).where(Offer.id == offer_id).options(EVERY_KIND))
    if offer is None or not POLICY.allows(Permission.SEE_OFFER, actor, offer):
        return None
    if offer.organization_id == actor.organization_id:
        return offer
    return offer if offer.state is OfferState.OPEN and offer.organization.is_open else None


def own_offers(actor: Actor) -> Select[Offer]:
    """The offers of the actor's organization, newest first."""
    return (
        select(Offer)
        .where(Offer.organization_id == actor.organization_id)
        .options(EVERY_KIND)
        .order_by(Offer.id.desc())
    )


def listed_offers(kind: PairingKind, chosen: OfferFilter) -> Select[Offer]:
    """Open offers of one kind of organizations that are there, by name."""
    recipe = OFFER_RECIPES[kind]
    model: Any = recipe.model
    found = (
        select(model)
        .join(Organization, Organization.id == model.organization_id)
        .where(model.kind == kind, model.state == OfferState.OPEN, Organization.status.notin_(GONE))
    )
    if chosen.industry:
        found = found.where(_holds(model.industries, chosen.industry, deeper=True))
    if chosen.code and recipe.narrowed_by:
        found = found.where(_holds(getattr(model, recipe.narrowed_by), chosen.code))
    if words := chosen.text.strip()[:60]:
        found = found.where(
            or_(*(column.icontains(words, autoescape=True) for column in (
                Organization.name, Organization.short_name, Organization.sort_key, model.title,
            )))
        )  # fmt: skip
    return found.order_by(Organization.sort_key, model.id)


@cache
def shown_of_offers(kind: PairingKind) -> tuple[Any, ...]:
    """Of open offers only what a list shows of them: half of an offer is text that stands on its own page."""
    recipe = OFFER_RECIPES[kind]
    model: Any = recipe.model
    facts = (getattr(model, column) for key in recipe.listed for column in recipe.fact(key).columns)
    own = (model.kind, model.organization_id, model.state, model.title, model.reply_days, model.is_inferred)
    return load_only(*own, *facts), joinedload(model.organization, innerjoin=True).load_only(*NAMED)


@dataclass(frozen=True, slots=True)
class OnShelf:
    """What is counted of open offers that say the same: the rounds or stages that they name (none: all), their instruments,
    and how many they are."""

    kind: PairingKind
    offers: int
    rounds: Sequence[str] = ()
    stages: Sequence[str] = ()
    instruments: Sequence[str | None] = ()


def on_the_shelf(session: Session) -> list[OnShelf]:
    """The open offers of every kind, for the shelf of instruments: those that say the same are counted by the database, for
    they are thousands and say a few hundred things."""

    gone = select(Organization.id).where(
        Organization.status.in_(GONE)
    )  # few: to look up the owner of each offer takes longer

    def rows(kind: PairingKind, *columns: Any) -> Iterable[Any]:
        model: Any = OFFER_MODELS[kind].__table__
        said = [cast(column, String) for column in columns]
        return session.execute(
            select(func.count(), *said)
            .select_from(OFFER)
            .join(model, model.c.id == OFFER.c.id)
            .where(OFFER.c.kind == kind, OFFER.c.state == OfferState.OPEN, OFFER.c.organization_id.not_in(gone))
            .group_by(*said)
        )

    mandates = rows(PairingKind.EQUITY, InvestmentMandate.rounds, InvestmentMandate.instruments)
    products = rows(PairingKind.CREDIT, LoanProduct.stages, LoanProduct.instrument)
    return [
        *(
            OnShelf(PairingKind.EQUITY, count, rounds=_read(rounds), instruments=_read(kinds) or ["equity"])
            for count, rounds, kinds in mandates
        ),
        *(OnShelf(PairingKind.CREDIT, count, stages=_read(said), instruments=[tool]) for count, said, tool in products),
        *(
            OnShelf(PairingKind.MENTORING, count, stages=_read(said))
            for count, said in rows(PairingKind.MENTORING, Mentorship.stages)
        ),
    ]


def _read(text: str | None) -> list[str]:
    """A list of codes as the database stores it."""
    found: list[str] | None = json.loads(text) if text else None
    return found or []


def recipe_for(actor: Actor) -> OfferRecipe | None:
    """The kind of offer that the actor's organization makes."""
    return next((r for r in OFFER_RECIPES.values() if r.owner.value == actor.organization_kind), None)


def _holds(column: Any, code: str, *, deeper: bool = False) -> Any:
    """Whether a JSON list of codes holds `code` (or one below it): codes are plain words, quoted in the stored text."""
    text = cast(column, String)
    exact = text.contains(f'"{code}"', autoescape=True)
    return or_(exact, text.contains(f'"{code}.', autoescape=True)) if deeper else exact
