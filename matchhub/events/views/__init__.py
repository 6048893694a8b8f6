"""Pages of events."""

from matchhub.events.views import calendars, lists, planning, registering, seating
from matchhub.events.views.blueprint import bp

__all__ = ["bp", "calendars", "lists", "planning", "registering", "seating"]
