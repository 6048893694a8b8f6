"""Pages of events."""

from matchhub.events.views import (
    after,
    applying,
    attendance,
    calendars,
    calls,
    dates,
    doors,
    editing,
    feedback,
    following,
    guests,
    inviting,
    judging,
    lineup,
    lists,
    meetings,
    participation,
    planning,
    registering,
    reporting,
    reviewing,
    seating,
    series,
    stage,
    templates,
    venues,
    wishing,
)
from matchhub.events.views.blueprint import bp

__all__ = [
    "after", "applying", "attendance", "bp", "calendars", "calls", "dates", "doors", "editing", "feedback",
    "following", "guests", "inviting", "judging", "lineup", "lists", "meetings", "participation", "planning",
    "registering", "reporting", "reviewing", "seating", "series", "stage", "templates", "venues", "wishing",
]  # fmt: skip
