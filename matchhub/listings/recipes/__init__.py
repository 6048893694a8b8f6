"""The kinds of pairing that there are."""

from typing import Any

from matchhub.accounts.enums import OrganizationKind
from matchhub.listings.enums import PairingKind
from matchhub.listings.models import Offer
from matchhub.listings.recipes import credit, equity, mentoring
from matchhub.listings.recipes.recipe import (
    Audience,
    Fact,
    Form,
    Gap,
    is_blank,
    NeedRecipe,
    OfferRecipe,
    Words,
)

NEED_RECIPES: dict[PairingKind, NeedRecipe] = {part.NEED.kind: part.NEED for part in (equity, credit, mentoring)}
OFFER_RECIPES: dict[PairingKind, OfferRecipe] = {part.OFFER.kind: part.OFFER for part in (equity, credit, mentoring)}
KIND_OF_OWNER: dict[OrganizationKind, PairingKind] = {recipe.owner: kind for kind, recipe in OFFER_RECIPES.items()}


def recipe_of_need(need: Any) -> NeedRecipe:
    """The recipe of a need, whole or as a list shows it."""
    return NEED_RECIPES[need.kind]


def recipe_of_offer(offer: Offer) -> OfferRecipe:
    """The recipe of an offer."""
    return OFFER_RECIPES[offer.kind]


__all__ = [
    "KIND_OF_OWNER",
    "NEED_RECIPES",
    "OFFER_RECIPES",
    "Audience",
    "Fact",
    "Form",
    "Gap",
    "NeedRecipe",
    "OfferRecipe",
    "Words",
    "is_blank",
    "recipe_of_need",
    "recipe_of_offer",
]
