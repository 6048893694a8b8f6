"""What they ask for and what they offer."""

from matchhub.listings.models.needs import CreditNeed, EquityNeed, MentoringNeed, Need, NEED_MODELS
from matchhub.listings.models.offers import InvestmentMandate, LoanProduct, Mentorship, Offer, OFFER_MODELS

__all__ = [
    "NEED_MODELS",
    "OFFER_MODELS",
    "CreditNeed",
    "EquityNeed",
    "InvestmentMandate",
    "LoanProduct",
    "MentoringNeed",
    "Mentorship",
    "Need",
    "Offer",
]
