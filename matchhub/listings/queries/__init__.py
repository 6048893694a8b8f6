"""What others ask of the listings."""

from matchhub.listings.queries.differences import differences, snapshot_of
from matchhub.listings.queries.needs import (
    history_of,
    LISTED,
    MANAGED,
    managed_needs,
    ManagedNeed,
    NeedFilter,
    own_need,
    own_needs,
    visible_need,
)
from matchhub.listings.queries.offers import (
    listed_offers,
    OfferFilter,
    on_the_shelf,
    own_offer,
    own_offers,
    recipe_for,
    shown_of_offers,
    visible_offer,
)
from matchhub.listings.queries.readiness import (
    gaps_of_need,
    gaps_of_offer,
    Obstacle,
    obstacles_to_need,
    obstacles_to_offer,
)
from matchhub.listings.queries.tiers import amount_of, CODE_NAME, Line, sheet, Tier, tiers
from matchhub.listings.queries.wording import rule_in_words, spoken

__all__ = [
    "CODE_NAME",
    "LISTED",
    "MANAGED",
    "Line",
    "ManagedNeed",
    "NeedFilter",
    "Obstacle",
    "OfferFilter",
    "Tier",
    "amount_of",
    "differences",
    "gaps_of_need",
    "gaps_of_offer",
    "history_of",
    "listed_offers",
    "managed_needs",
    "obstacles_to_need",
    "obstacles_to_offer",
    "on_the_shelf",
    "own_need",
    "own_needs",
    "own_offer",
    "own_offers",
    "recipe_for",
    "rule_in_words",
    "sheet",
    "shown_of_offers",
    "snapshot_of",
    "spoken",
    "tiers",
    "visible_need",
    "visible_offer",
]
