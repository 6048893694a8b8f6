"""The pages of needs and offers."""

from matchhub.listings.views import need_form, need_states, needs, offer_form, offer_states, offers, shelf
from matchhub.listings.views.blueprint import bp

__all__ = ["bp", "need_form", "need_states", "needs", "offer_form", "offer_states", "offers", "shelf"]
