"""What others ask of the listings."""

from matchhub.listings.queries.differences import differences, snapshot_of
from matchhub.listings.queries.needs import (
    history_of,
    managed_needs,
    NeedFilter,
    own_need,
    own_needs,
    visible_need,
)
from matchhub.listings.queries.offers import listed_offers, OfferFilter, own_offer, own_offers, visible_offer
from matchhub.listings.queries.readiness import (
    gaps_of_need,
    gaps_of_offer,
    Obstacle,
    obstacles_to_need,
    obstacles_to_offer,
)
from matchhub.listings.queries.tiers import Line, sheet, Tier, tiers

__all__ = [
    "Line",
    "NeedFilter",
    "Obstacle",
    "OfferFilter",
    "Tier",
    "differences",
    "gaps_of_need",
    "gaps_of_offer",
    "history_of",
    "listed_offers",
    "managed_needs",
    "obstacles_to_need",
    "obstacles_to_offer",
    "own_need",
    "own_needs",
    "own_offer",
    "own_offers",
    "sheet",
    "snapshot_of",
    "tiers",
    "visible_need",
    "visible_offer",
]
