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
from matchhub.events.services.meetings import (
    adopt,
    change_meetings,
    Draft,
    draft,
    join,
    leave_meetings,
    mend,
    open_meetings,
    present_slot,
    publish_meetings,
    record_outcome,
    RoundFacts,
    set_lock,
    set_wishes,
    side_of,
)
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
    "Applicant", "Draft", "EventFacts", "Parts", "RoundFacts", "accept_offer", "adopt", "approve", "cancel", "change",
    "change_meetings", "checked", "close", "copy", "create", "decline_offer", "discard", "draft", "due_reminder",
    "feed_token", "fill", "issue", "join", "lapse_offers", "leave", "leave_meetings", "mark_held", "mend", "move",
    "open_meetings", "present_slot", "publish", "publish_meetings", "record_outcome", "refuse", "register", "remind",
    "renew_feed", "reopen", "roles_for", "set_capacity", "set_lock", "set_wishes", "side_of", "tell_change",
    "ticket_code",
]  # fmt: skip
