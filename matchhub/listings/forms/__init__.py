"""The forms of needs and offers, by kind: they check shape; the services check truth."""

from collections.abc import Sequence

from matchhub.listings.enums import PairingKind
from matchhub.listings.forms import credit, equity, mentoring
from matchhub.listings.forms.shared import Card, ListingForm, OfferForm
from matchhub.listings.forms.small import ClosureForm, kind_choices, ReturnForm, state_choices

NEED_FORMS: dict[PairingKind, Sequence[type[ListingForm]]] = {
    PairingKind.EQUITY: (equity.WhatStep, equity.StoryStep),
    PairingKind.CREDIT: (credit.WhatStep, credit.StoryStep),
    PairingKind.MENTORING: (mentoring.WhatStep, mentoring.StoryStep),
}
OFFER_FORMS: dict[PairingKind, type[OfferForm]] = {
    PairingKind.EQUITY: equity.MandateForm,
    PairingKind.CREDIT: credit.ProductForm,
    PairingKind.MENTORING: mentoring.MentorshipForm,
}

__all__ = [
    "NEED_FORMS",
    "OFFER_FORMS",
    "Card",
    "ClosureForm",
    "ListingForm",
    "OfferForm",
    "ReturnForm",
    "kind_choices",
    "state_choices",
]
