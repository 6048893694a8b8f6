"""What people do with events."""

from matchhub.events.services.planning import create, EventFacts, publish
from matchhub.events.services.registrations import (
    accept_offer,
    Applicant,
    approve,
    decline_offer,
    lapse_offers,
    leave,
    refuse,
    register,
    roles_for,
)
from matchhub.events.services.seats import fill, set_capacity
from matchhub.events.services.tickets import issue, ticket_code

__all__ = [
    "Applicant", "EventFacts", "accept_offer", "approve", "create", "decline_offer", "fill", "issue", "lapse_offers",
    "leave", "publish", "refuse", "register", "roles_for", "set_capacity", "ticket_code",
]  # fmt: skip
