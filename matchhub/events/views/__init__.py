"""Pages of events."""

from matchhub.events.views import (
    after,
    calendars,
    feedback,
    following,
    lists,
    meetings,
    planning,
    registering,
    seating,
    series,
    templates,
    venues,
    wishing,
)
from matchhub.events.views.blueprint import bp

__all__ = [
    "after", "bp", "calendars", "feedback", "following", "lists", "meetings", "planning", "registering", "seating", "series",
    "templates", "venues", "wishing",
]  # fmt: skip
