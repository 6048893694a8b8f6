"""Pages of events."""

from matchhub.events.views import (
    calendars,
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
    "bp", "calendars", "lists", "meetings", "planning", "registering", "seating", "series", "templates", "venues", "wishing",
]  # fmt: skip
