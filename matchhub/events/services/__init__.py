"""What people do with events."""

from matchhub.events.services.answers import checked
from matchhub.events.services.changes import (
    cancel,
    change,
    close,
    copy,
    discard,
    mark_held,
    move,
    Parts,
    reopen,
)
from matchhub.events.services.feeds import feed_token, renew_feed
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
from matchhub.events.services.telling import due_reminder, remind, tell_change
from matchhub.events.services.tickets import issue, ticket_code

__all__ = [
    "Applicant", "EventFacts", "Parts", "accept_offer", "approve", "cancel", "change", "checked", "close", "copy",
    "create", "decline_offer", "discard", "due_reminder", "feed_token", "fill", "issue", "lapse_offers", "leave",
    "mark_held", "move", "publish", "refuse", "register", "remind", "renew_feed", "reopen", "roles_for", "set_capacity",
    "tell_change", "ticket_code",
]  # fmt: skip
